package maskfeat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Temporary folders of ranks that do not lead. Each has the number of its process in its name, so that those of killed ones go. */
final class RankFolders {
    private static final String NAME = "maskfeat-rank-";
    private static final Pattern OF_PROCESS = Pattern.compile(NAME + "\\d+-(\\d+)-.*");

    private RankFolders() {}

    /** A new folder; those of processes that are gone are deleted. */
    static Path create(int rank) throws IOException {
        Path made = Files.createTempDirectory(
                NAME + rank + "-" + ProcessHandle.current().pid() + "-");
        Path parent = made.getParent();
        if (parent != null) {
            sweep(parent);
        }
        return made;
    }

    /** What cannot be deleted, such as the folders of another user, stays. */
    static void sweep(Path temporary) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, NAME + "*")) {
            for (Path folder : folders) {
                Matcher matcher = OF_PROCESS.matcher(folder.getFileName().toString());
                if (matcher.matches()
                        && Files.isDirectory(folder)
                        && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
                    delete(folder);
                }
            }
        } catch (IOException | UncheckedIOException | DirectoryIteratorException stays) {
            return; // another may be deleting the same, and nothing depends on it
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(folder)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.deleteIfExists(each);
        }
    }
}
