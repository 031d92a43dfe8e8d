package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where generated data is kept between runs: {@code $XDG_CACHE_HOME/maskfeat}, else {@code ~/.cache/maskfeat}. */
final class Cache {
    private Cache() {}

    /** The folder, made if need be; one for temporary files where the home cannot be written. */
    static Path folder() throws IOException {
        return folder(
                System.getenv(),
                Path.of(System.getProperty("user.home", "")),
                Path.of(System.getProperty("java.io.tmpdir")));
    }

    static Path folder(Map<String, String> environment, Path home, Path temporary) throws IOException {
        String cacheHome = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path base = cacheHome.isEmpty() ? home.resolve(".cache") : Path.of(cacheHome);
        Path folder = base.resolve("maskfeat");
        try {
            return Files.createDirectories(folder);
        } catch (IOException readOnlyHome) {
            return Files.createDirectories(temporary.resolve("maskfeat-" + System.getProperty("user.name", "cache")));
        }
    }
}
