package maskfeat.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import maskfeat.data.ClipSampler;
import maskfeat.data.StillImage;
import maskfeat.sample.SampleSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The generated sample set on this machine: in {@code $XDG_CACHE_HOME/maskfeat}, else {@code ~/.cache/maskfeat}, made when
 * it is first asked for.
 */
public final class SampleData {
    private static final Logger LOG = LoggerFactory.getLogger("maskfeat");

    private SampleData() {}

    /**
     * A part of the sample set.
     *
     * @param clip whether images or clips are wanted
     * @param part {@code train} or {@code val}; empty for the folder of both
     */
    public static Path path(ClipSampler clip, String part) throws IOException {
        Path cache = cache();
        boolean images = clip instanceof StillImage;
        SampleSet.Size all = SampleSet.Size.DEFAULT;
        String kind = images ? "images" : "clips";
        return ensure(cache, images ? all.imagesOnly() : all.clipsOnly(), kind)
                .resolve(kind)
                .resolve(part);
    }

    /** The folder of the generated clips with boxes. */
    static Path scenes() throws IOException {
        Path cache = cache();
        return ensure(cache, SampleSet.Size.DEFAULT.scenesOnly(), "scenes").resolve("scenes");
    }

    private static Path ensure(Path cache, SampleSet.Size size, String kind) throws IOException {
        LOG.info(
                "no data.path: using the generated sample {} in {}{}",
                kind,
                cache,
                SampleSet.isReady(cache, size) ? "" : ", which are generated now, once");
        return SampleSet.ensure(cache, size);
    }

    /** Where generated data is kept between runs; a temporary folder where the home cannot be written. */
    public static Path cache() throws IOException {
        return cache(
                System.getenv(),
                Path.of(System.getProperty("user.home", "")),
                Path.of(System.getProperty("java.io.tmpdir")));
    }

    static Path cache(Map<String, String> environment, Path home, Path temporary) throws IOException {
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
