package maskfeat.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How far our numbers may be from the golden ones. The one measure is what rounding to float32 did to the official run: its
 * distance from the same run in float64, which the sets hold for each tensor as {@code err64_max}.
 */
public final class Tolerance {
    /**
     * How many times the official float32 run's own error ours may be away from it. Sums are made in another order by each
     * processor: 8 numbers at a time with AVX2, 16 with AVX-512, in tiles of 16 by 32 with AMX, and by another number of
     * threads. Each order has an error of its own of that size, and the largest of a small tensor's errors is small by luck at
     * times; 6 times was seen (AVX-512 with AMX). Rounding is some 5e-7 of the largest value, so 10 times it is 5e-6. A wrong
     * formula is far away: even an epsilon of 1e-5 in place of 1e-6 in LayerNorm fails activations, losses and gradients.
     */
    public static final double FACTOR = 10;

    /** Of the largest value: half a step of float32 and a little more, where the error is 0 by luck. */
    public static final double ROUNDING = 1e-7;

    /** Gradients below it, once clipped, are rounding noise to AdamW, which divides them by their own size. */
    private static final double SIGNIFICANT_GRADIENT = 1e-6;

    /**
     * Of histograms of gradients, whose values lie between 0 and 1: the official float32 result is within 1.2e-7 of the recipe
     * in the sets' README; the rest is for another arctangent's last bits.
     */
    public static final double HISTOGRAM = 1e-6;

    private final GoldenTensors golden;
    private final JsonNode errors;

    /** @param errors file of the errors, of this set or of one with the same weights */
    public Tolerance(GoldenTensors golden, Path errors) {
        this.golden = golden;
        this.errors = Files.exists(errors)
                ? JsonMapper.shared().readTree(errors.toFile())
                : JsonMapper.shared().createObjectNode();
    }

    /**
     * What a number may differ by.
     *
     * @param error64 largest distance of the official float32 numbers from float64
     * @param largest of the numbers' sizes
     */
    public static double limit(double error64, double largest) {
        return FACTOR * Math.abs(error64) + ROUNDING * Math.abs(largest);
    }

    /** Of one number that is known in both precisions. */
    public static Offset<Double> around(double official, double official64) {
        return Offset.offset(limit(official - official64, official));
    }

    /** Within the error of the official run, {@link #FACTOR} times: another order of summation. */
    public void assertClose(String name, float[] actual) {
        assertWithin(name, actual, FACTOR);
    }

    /** Within the error of the official run: what a float64 run must keep to, whatever the processor. */
    public void assertExact(String name, float[] actual) {
        assertWithin(name, actual, 1);
    }

    /** Within so many times the error of the official run. */
    public void assertWithin(String name, float[] actual, double times) {
        float[] expected = golden.values(name);
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) actual[i] - expected[i]);
            worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        double limit = (times * share(name) + ROUNDING) * largest;
        assertThat(worst).as("largest difference in " + name).isLessThanOrEqualTo(limit);
    }

    /** The error of a tensor as a share of its largest value; what is usual in the set where its own is not known. */
    private double share(String name) {
        JsonNode error = errors.get(name);
        return error == null ? usualShare() : share(error);
    }

    /** The official run's own error of a tensor, as a share of its largest value. */
    public double errorShare(String name) {
        return share(name);
    }

    private static double share(JsonNode error) {
        double largest = error.get("max_abs").asDouble();
        return largest == 0 ? 0 : error.get("err64_max").asDouble() / largest;
    }

    /** The median of all gradients, which no single one decides. */
    private double usualShare() {
        List<Double> shares = errors.properties().stream()
                .filter(entry -> entry.getKey().startsWith("g."))
                .map(entry -> share(entry.getValue()))
                .sorted()
                .toList();
        assertThat(shares).as("errors of gradients").isNotEmpty();
        return shares.get(shares.size() / 2);
    }

    /**
     * A number of a training step, by the largest of all steps' errors: one that is 0 by luck says little.
     *
     * @param name {@code loss_steps} or {@code grad_norm_steps}
     * @param step counted from 0
     */
    public void assertStep(String name, int step, double actual) {
        double share = 0;
        for (String sequence : List.of("loss_steps", "grad_norm_steps")) {
            JsonNode error = errors.get(sequence);
            for (int i = 0; i < error.get("f32").size(); i++) {
                double exact = error.get("f64").get(i).asDouble();
                share = Math.max(share, Math.abs(error.get("f32").get(i).asDouble() / exact - 1));
            }
        }
        double expected = golden.values(name)[step];
        assertThat(actual)
                .as(name + " " + (step + 1))
                .isCloseTo(expected, Offset.offset(limit(share * expected, expected)));
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
        double largest = error.get("max_abs").asDouble();
        double loose = limit(error.get("err64_max").asDouble(), largest);
        // Sets leave it out of tensors of which no gradient is significant.
        JsonNode whereSignificant = error.path("err64_max_where_grad_significant");
        double strict = whereSignificant.isNumber() ? limit(whereSignificant.asDouble(), largest) : loose;
        for (int i = 0; i < actual.length; i++) {
            boolean significant = Math.abs(gradient[i]) * clip > SIGNIFICANT_GRADIENT;
            assertThat(Math.abs((double) actual[i] - expected[i]))
                    .as("difference in " + prefix + name + "[" + i + "]")
                    .isLessThanOrEqualTo(significant ? strict : loose);
        }
    }
}
