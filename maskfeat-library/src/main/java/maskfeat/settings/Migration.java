package maskfeat.settings;

import java.util.function.Consumer;

/**
 * Brings a file from one version of its {@link Format} to the next, by renaming, moving, adding and removing keys. A key
 * that is new and stands alone needs none: {@link Added} says its earlier value.
 *
 * <pre>{@code
 * new Migration(1, file -> {
 *     file.move("depths", "task.depths");
 *     file.add("task.kind", "masked");
 * })
 * }</pre>
 *
 * @param from version that it reads; it makes the next one
 * @param change what becomes of the keys
 */
public record Migration(int from, Consumer<Document> change) {
    public Migration {
        if (from < 1) {
            throw new IllegalArgumentException("versions count from 1, there is no version " + from);
        }
    }
}
