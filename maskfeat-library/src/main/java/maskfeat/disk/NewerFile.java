package maskfeat.disk;

import java.io.IOException;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/** A file's format version is newer than this program. The message names both versions. */
public final class NewerFile extends IOException {
    /** Key of the version in our JSON files. Files without it have version 1. */
    public static final String VERSION = "version";

    private NewerFile(Path file, long version, int newest) {
        super(file + " has version " + version + " of its format; this program reads versions up to " + newest
                + ": use the release of maskfeat that wrote it, or a newer one");
    }

    /**
     * Checks a version that was read.
     *
     * @param newest version that this program knows
     * @throws NewerFile if the file's version is newer
     */
    public static void refuse(Path file, long version, int newest) throws NewerFile {
        if (version > newest) {
            throw new NewerFile(file, version, newest);
        }
    }

    /**
     * Checks the version that a JSON object has under {@link #VERSION}.
     *
     * @param newest version that this program knows
     * @throws NewerFile if the file's version is newer
     * @throws DamagedFile if the version is not a whole number above 0
     */
    public static void refuse(Path file, JsonNode object, int newest) throws IOException {
        JsonNode version = object.path(VERSION);
        if (version.isMissingNode()) {
            return;
        }
        if (!version.isIntegralNumber() || version.longValue() < 1) {
            throw new DamagedFile(file, "has version " + version + ", which is not a whole number above 0");
        }
        refuse(file, version.longValue(), newest);
    }
}
