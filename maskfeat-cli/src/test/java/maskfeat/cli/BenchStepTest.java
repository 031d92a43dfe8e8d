package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a step costs: figures that fit together, and operations as counted by hand. */
class BenchStepTest {
    @TempDir
    private static Path folder = Path.of("");

    private static Path images = Path.of("");

    @BeforeAll
    static void make() throws Exception {
        images = TinyRuns.images(folder.resolve("set")).resolve("train");
    }

    private static TinyRuns.Ran run(String... more) {
        List<Object> words = new ArrayList<>(List.of("bench", "step", "tiny-image", "--data", images));
        words.addAll(List.of(more));
        return TinyRuns.run(words.toArray());
    }

    private static JsonNode measured(String precision) {
        TinyRuns.Ran ran = run("--steps=3", "--json", "--set=model.drop-path=0", "--set=train.precision=" + precision);
        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.OK);
        return JsonMapper.shared().readTree(ran.out());
    }

    /** Two micro-batches of 8 pictures of 4 x 4 patches of 8 px; 2 blocks of width 32; 6 of 16 tokens are hidden. */
    private static double gflop() {
        double batch = 8;
        double tokens = 17;
        double hidden = 6;
        double dim = 32;
        double embed = 2 * 16 * dim * 3 * 8 * 8;
        double qkv = 2 * tokens * dim * 3 * dim;
        double attention = 2 * 2 * tokens * tokens * dim;
        double ofAToken = 2 * dim * dim + 2 * 2 * dim * 4 * dim; // projection and MLP
        double blocks = 2 * (qkv + attention) + (tokens + hidden) * ofAToken;
        double head = 2 * hidden * dim * 27;
        return 2 * batch * (2 * embed + 3 * (blocks + head)) / 1e9;
    }

    @Test
    void operationsAreThoseOfTheShapesAndRatesFollow() {
        for (String precision : new String[] {"float32", "bfloat16"}) {
            JsonNode figures = measured(precision);
            assertThat(figures.get("precision").asString()).isEqualTo(precision);
            double gflop = figures.get("gflop").asDouble();
            assertThat(gflop).isCloseTo(gflop(), within(1e-9));
            double seconds = figures.get("seconds_per_step").asDouble();
            double rate = figures.get("gflops_per_second").asDouble();
            assertThat(seconds).isPositive();
            assertThat(rate * seconds).isCloseTo(gflop, within(1e-6 * gflop));
            assertThat(figures.get("mfu").asDouble() * figures.get("gemm_rate").asDouble())
                    .isCloseTo(rate, within(1e-6 * rate));
            for (String part : new String[] {"data", "forward", "backward", "optimizer"}) {
                assertThat(figures.get(part + "_seconds").asDouble()).as(part).isNotNegative();
            }
            assertThat(figures.get("forward_seconds").asDouble()).isPositive();
            assertThat(figures.path("peak_rss").asLong(1L << 30)).isGreaterThan(1L << 25);
        }
    }

    @Test
    void saysItInWordsToo() {
        TinyRuns.Ran ran = run("--steps=1");
        assertThat(ran.code()).isEqualTo(Exit.OK);
        assertThat(ran.out())
                .contains("tiny-image: steps of 16 images on cpu, float32", "seconds a step", "GFLOP a step", "(MFU)");
    }

    @Test
    void whatCannotBeMeasuredIsRefused() {
        TinyRuns.Ran many = run("--steps=100000");
        assertThat(many.code()).isEqualTo(Exit.USAGE);
        assertThat(many.err()).contains("steps 100000", "at most", "train.epochs");
        TinyRuns.Ran none = TinyRuns.run("bench", "step", "tiny-imag");
        assertThat(none.code()).isEqualTo(Exit.USAGE);
        assertThat(none.err()).contains("tiny-imag", "tiny-image");
    }
}
