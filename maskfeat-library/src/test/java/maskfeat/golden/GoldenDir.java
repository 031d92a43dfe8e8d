package maskfeat.golden;

import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the golden vectors lie: results of the official implementation that ours must equal.
 *
 * <p>The folder named by the system property {@code golden.dir}, or else the copy on the test class path. Another set
 * of the same layout, with other sizes, ratios and seeds, is checked by {@code -Dgolden.dir=DIR}.
 */
public final class GoldenDir {
    private static final String PROPERTY = "golden.dir";

    private GoldenDir() {}

    /**
     * The folder.
     *
     * @throws UncheckedIOException if the property names no folder, or it is not set and the copy is not on the class
     *     path
     */
    public static Path path() {
        String named = System.getProperty(PROPERTY, "");
        if (named.isBlank()) {
            return bundled();
        }
        Path folder = Path.of(named);
        if (!Files.isDirectory(folder)) {
            throw missing("-D" + PROPERTY + "=" + named + " names no folder (read from "
                    + Path.of("").toAbsolutePath() + ")");
        }
        return folder;
    }

    /** Whether the set holds a file or folder of this name, such as {@code "masks/stats.json"}. */
    public static boolean has(String relative) {
        return Files.exists(path().resolve(relative));
    }

    private static Path bundled() {
        if (GoldenDir.class.getResource("/golden") == null) {
            throw missing("no folder golden among the test resources, and -D" + PROPERTY + " is not set");
        }
        return resource("/golden");
    }

    /** A file or folder among the test resources. */
    public static Path resource(String name) {
        URL folder = GoldenDir.class.getResource(name);
        if (folder == null) {
            throw missing("no " + name + " among the test resources");
        }
        try {
            return Path.of(folder.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(folder + " is not a path", e);
        }
    }

    private static UncheckedIOException missing(String what) {
        return new UncheckedIOException(new FileNotFoundException(what));
    }
}
