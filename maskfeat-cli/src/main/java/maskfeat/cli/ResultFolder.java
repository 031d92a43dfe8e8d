package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.run.RunResult;

/**
 * A folder that results are written to.
 *
 * @param path may be there or not
 * @param kind of the results, as {@link RunResult#kind} has it
 */
record ResultFolder(Path path, String kind) {
    /**
     * Results may be written again into their own folder, but the report of a run would be lost if another took its place.
     *
     * @throws IllegalArgumentException if it is a file, or the folder of a run or of other results
     */
    void check() throws IOException {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new IllegalArgumentException(path + " is a file; give another --out");
        }
        Path result = path.resolve(RunResult.FILE);
        boolean ofRun = Files.exists(path.resolve("config.yaml"))
                || Files.exists(result) && !RunResult.read(result).kind().equals(kind);
        if (ofRun) {
            throw new IllegalArgumentException("--out " + path
                    + " is the folder of a run, whose report and result would be lost; give another one");
        }
    }
}
