package maskfeat.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Paths in texts that name files in a folder from the root on, made to name those in its copy. Relative ones need nothing. */
final class MovedPaths {
    /** What may stand before a path; other characters would be a part of it. */
    private static final String NO_PATH_BEFORE = "(?<![^\\s,;:\"'=\\[<>(|])";

    private MovedPaths() {}

    /**
     * The text with the paths of the copy; empty if it names none of the folder.
     *
     * @param text in an encoding that leaves ASCII alone, as UTF-8 does
     */
    static Optional<byte[]> in(byte[] text, Path folder, Path copy) throws IOException {
        return in(text, folder, slashed(copy.toAbsolutePath().normalize()));
    }

    /** As {@link #in(byte[], Path, Path)}. @param before what stands before the paths in the copy, with a slash behind it */
    static Optional<byte[]> in(byte[] text, Path folder, String before) throws IOException {
        String original = bytes(text);
        String moved = original;
        String to = bytes(before.getBytes(StandardCharsets.UTF_8));
        List<Path> names = Stream.of(folder.toAbsolutePath().normalize(), folder.toRealPath())
                .distinct()
                .toList();
        for (Path each : names) {
            String from = bytes(slashed(each).getBytes(StandardCharsets.UTF_8));
            moved = Pattern.compile(NO_PATH_BEFORE + Pattern.quote(from))
                    .matcher(moved)
                    .replaceAll(Matcher.quoteReplacement(to));
        }
        return moved.equals(original) ? Optional.empty() : Optional.of(moved.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String slashed(Path folder) {
        String text = FolderWalk.slashed(folder);
        return text.endsWith("/") ? text : text + "/";
    }

    /** A character a byte, so that whatever the encoding nothing else changes. */
    private static String bytes(byte[] text) {
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
