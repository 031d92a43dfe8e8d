package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Folders compared file by file. */
final class SameFiles {
    private SameFiles() {}

    /** Names of what a command wrote; files of shards and hidden ones are left out. */
    static List<String> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.contains(".shard-"))
                    .sorted()
                    .toList();
        }
    }

    /** Checks that two folders have the same files, to the byte. */
    static void check(Path folder, Path expected) throws IOException {
        assertThat(in(folder)).isEqualTo(in(expected)).isNotEmpty();
        for (String name : in(expected)) {
            assertThat(folder.resolve(name)).as(name).hasSameBinaryContentAs(expected.resolve(name));
        }
    }
}
