package maskfeat.cli;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import maskfeat.data.DatasetException;
import maskfeat.data.Item;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.PathText;
import maskfeat.shard.ShardResults;
import tools.jackson.databind.JsonNode;

/**
 * Files that are written of each video, such as its film: in the folder of {@code --out}, where the file of a shard lies too, which
 * names them.
 */
final class FilesBeside {
    private static final String KEY = "files";

    private final Map<Path, String> names = new HashMap<>();

    /**
     * Names for all videos of a command: those of the videos. Of files of one name, from several folders, the later ones get a number.
     * So a name depends on the list alone, and is the same in all shards.
     */
    FilesBeside(List<Item> items) {
        Set<String> taken = new HashSet<>();
        for (Item item : items) {
            if (names.containsKey(item.file())) {
                continue;
            }
            String name = PathText.of(item.file().getFileName());
            String own = name;
            for (int number = 2; !taken.add(own); number++) {
                own = number + "-" + name;
            }
            names.put(item.file(), own);
        }
    }

    /** What the files of a video are called, but for their endings. */
    String name(Path file) {
        String name = names.get(file);
        if (name == null) {
            throw new IllegalStateException(file + " is not of the list");
        }
        return name;
    }

    /** As they stand in the file of a shard. */
    static Map<String, Object> result(List<String> files) {
        return Map.of(KEY, files);
    }

    /** Whether a result that is there names these files, and all are in the folder. */
    static boolean stand(Path folder, List<String> files, JsonNode result) {
        return named(result).equals(files)
                && files.stream().allMatch(name -> Files.isRegularFile(PathText.in(folder, name)));
    }

    /** The names of the files that a result has; none for one without. */
    static List<String> named(JsonNode result) {
        List<String> files = new ArrayList<>();
        result.path(KEY).forEach(each -> {
            String name = each.asString();
            // Whoever merges does not write elsewhere because a damaged file says so.
            if (name.isEmpty() || name.equals(".") || name.equals("..") || name.matches("(?s).*[/\\\\].*")) {
                throw new IllegalArgumentException("'" + name + "' is no name of a file");
            }
            files.add(name);
        });
        return files;
    }

    /** What a result says of files, with where they are. */
    record Found(Path shard, List<String> names) {
        static Found of(ShardResults.Row row, JsonNode result) {
            return new Found(row.shard(), named(result));
        }

        /** Copies them into a folder, unless it is theirs. */
        void into(Path folder) throws IOException {
            for (String name : names) {
                Path from = PathText.beside(shard, name);
                Path to = PathText.in(folder, name);
                if (!Files.isRegularFile(from)) {
                    throw new DatasetException(from + " is missing, which " + shard
                            + " names; give the command that made that again, which writes what is missing");
                }
                if (!Files.exists(to) || !Files.isSameFile(from, to)) {
                    AtomicFile.writeAnywhere(to, file -> Files.copy(from, Channels.newOutputStream(file)));
                }
            }
        }
    }
}
