package maskfeat.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Fingerprint;

/**
 * A checkpoint that is whole: when it was opened, each file had the size and the CRC32C that its manifest says.
 *
 * @param step optimizer steps done when it was written
 * @param folder that holds the files
 * @param files what each file must be, by name
 */
public record Checkpoint(long step, Path folder, SortedMap<String, Fingerprint> files) {
    /**
     * Opens the checkpoint in this folder and reads all of it once.
     *
     * @throws DamagedFile if a file is missing or is not what the manifest says
     */
    public static Checkpoint open(Path folder) throws IOException {
        Manifest manifest = Manifest.read(present(folder.resolve(Manifest.NAME)));
        for (Map.Entry<String, Fingerprint> file : manifest.files().entrySet()) {
            file.getValue().check(present(folder.resolve(file.getKey())));
        }
        return new Checkpoint(manifest.step(), folder, manifest.files());
    }

    /** Compares each file's SHA-256 too: for a checkpoint that comes from elsewhere. */
    public void checkAll() throws IOException {
        for (Map.Entry<String, Fingerprint> file : files.entrySet()) {
            file.getValue().checkAll(present(file(file.getKey())));
        }
    }

    /**
     * Where the file of this name lies.
     *
     * @throws NoSuchFileException if the checkpoint was written without one
     */
    public Path file(String name) throws NoSuchFileException {
        if (!files.containsKey(name)) {
            throw new NoSuchFileException(
                    folder.resolve(name).toString(), null, "the checkpoint has " + files.keySet());
        }
        return folder.resolve(name);
    }

    private static Path present(Path file) throws DamagedFile {
        if (!Files.isRegularFile(file)) {
            throw new DamagedFile(file, "is missing");
        }
        return file;
    }
}
