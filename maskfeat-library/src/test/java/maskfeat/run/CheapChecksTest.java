package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.network.NetworkSpec;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

/** Settings are checked, and shapes are compared, without building a network or a target. */
class CheapChecksTest {
    /** Loads the classes of the program once more, and tells which. */
    private static final class Watched extends URLClassLoader {
        Watched() {
            super(classPath(), ClassLoader.getPlatformClassLoader());
        }

        private static URL[] classPath() {
            String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            return Stream.of(path.split(File.pathSeparator))
                    .map(entry -> {
                        try {
                            return Path.of(entry).toUri().toURL();
                        } catch (MalformedURLException e) {
                            throw new IllegalStateException(e);
                        }
                    })
                    .toArray(URL[]::new);
        }

        boolean hasLoaded(String name) {
            return findLoadedClass(name) != null;
        }
    }

    /** Classes without which nothing heavy was made; others may be loaded only because a signature names them. */
    private static final List<String> HEAVY = List.of(
            "maskfeat.feature.OrientationBins", // every HogTarget has one
            "maskfeat.torch.Natives$Loaded", // loads libtorch
            "org.bytedeco.javacpp.Loader", // of native code
            "org.bytedeco.pytorch.global.torch");

    @Test
    void readingEveryRecipeBuildsNothing() throws Exception {
        try (Watched program = new Watched()) {
            Class<?> recipes = program.loadClass("maskfeat.run.Recipes");
            Object commands = recipes.getMethod("commands").invoke(null); // reads all of them
            assertThat(commands).isEqualTo(List.of("pretrain", "finetune"));
            assertThat(HEAVY).noneMatch(program::hasLoaded);
            assertThat(program.hasLoaded("maskfeat.run.Run")).isTrue();
        }
    }

    /** 300 million weights would be 1.2 GB. */
    @Test
    void theShapesOfALargeNetworkTakeNoMemory() throws IOException {
        NetworkSpec large = Runs.spec(Recipes.named("in1k-vit-l-pt"));
        large.shapes();
        long before = Pointer.physicalBytes();
        Map<String, List<Long>> shapes = large.shapes();
        assertThat(Pointer.physicalBytes() - before).isLessThan(200L << 20);
        assertThat(shapes.values().stream()
                        .mapToLong(shape -> shape.stream().reduce(1L, (a, b) -> a * b))
                        .sum())
                .isEqualTo(303_413_356);
    }
}
