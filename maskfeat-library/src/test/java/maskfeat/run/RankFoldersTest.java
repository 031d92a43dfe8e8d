package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankFoldersTest {
    /** Greater than any number of a process that systems give. */
    private static final long NOBODY = 4_000_000_000_000L;

    @Test
    void thoseOfProcessesThatAreGoneAreDeleted(@TempDir Path temporary) throws Exception {
        Path gone = Files.createDirectories(temporary.resolve("maskfeat-rank-1-" + NOBODY + "-77/checkpoints"));
        Files.writeString(gone.resolve("file"), "left");
        Path ours = Files.createDirectory(
                temporary.resolve("maskfeat-rank-2-" + ProcessHandle.current().pid() + "-78"));
        Path other = Files.createDirectory(temporary.resolve("maskfeat-rank-notes"));
        RankFolders.sweep(temporary);
        assertThat(gone.getParent()).doesNotExist();
        assertThat(ours).exists();
        assertThat(other).exists();
    }

    @Test
    void eachIsNew() throws Exception {
        Path one = RankFolders.create(1);
        Path two = RankFolders.create(1);
        try {
            assertThat(one).isNotEqualTo(two).isEmptyDirectory();
        } finally {
            Files.delete(one);
            Files.delete(two);
        }
    }
}
