package maskfeat.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Golden tensors with the error that the official float32 run itself has against float64. */
public final class Tolerance {
    private final GoldenTensors golden;
    private final JsonNode errors;

    /** @param errors file of the errors; where there is none, or none of a tensor, 2e-6 of its largest value counts */
    public Tolerance(GoldenTensors golden, Path errors) {
        this.golden = golden;
        this.errors = Files.exists(errors)
                ? JsonMapper.shared().readTree(errors.toFile())
                : JsonMapper.shared().createObjectNode();
    }

    /** Within five times the error: another order of summation. */
    public void assertClose(String name, float[] actual) {
        float[] expected = golden.values(name);
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double worst = 0;
        double absMax = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) actual[i] - expected[i]);
            worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
            absMax = Math.max(absMax, Math.abs(expected[i]));
        }
        JsonNode error = errors.get(name);
        double limit =
                error == null ? 2e-6 * absMax : 5 * error.get("err64_max").asDouble() + 1e-7 * absMax;
        assertThat(worst).as("largest difference in " + name).isLessThanOrEqualTo(limit);
    }

    /**
     * A parameter after steps of an optimizer that divides a gradient by its own size: one that is rounding noise moves it
     * anywhere.
     *
     * @param prefix of the name of the tensor
     * @param clip factor that the gradients, {@code g.} and the name, were clipped by
     */
    public void assertMoved(String prefix, String name, float[] actual, double clip) {
        float[] expected = golden.values(prefix + name);
        float[] gradient = golden.values("g." + name);
        assertThat(actual).as(name).hasSameSizeAs(expected);
        JsonNode error = errors.get(prefix + name);
        double strict = error.get("err64_max_where_grad_significant").asDouble();
        double loose = error.get("err64_max").asDouble();
        double rounding = 1e-7 * error.get("max_abs").asDouble();
        for (int i = 0; i < actual.length; i++) {
            boolean significant = Math.abs(gradient[i]) * clip > 1e-6;
            double limit = significant ? 5 * strict + rounding : 10 * loose + rounding;
            assertThat(Math.abs((double) actual[i] - expected[i]))
                    .as("difference in " + prefix + name + "[" + i + "]")
                    .isLessThanOrEqualTo(limit);
        }
    }
}
