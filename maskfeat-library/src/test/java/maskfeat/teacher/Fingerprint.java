package maskfeat.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import tools.jackson.databind.JsonNode;

/** What is known of an output of an unreduced network: its moments, its first and its last numbers. */
final class Fingerprint {
    /** As in the README of the golden sets. */
    static final double FACTOR = 5;

    private static final double ROUNDING = 1e-7;

    private Fingerprint() {}

    /** Compares within five times what rounding to float32 did to the official run. */
    static void check(JsonNode file, String name, float[] actual) {
        JsonNode expected = file.get("outputs").get(name);
        double largest = expected.get("absmax").asDouble();
        double limit = FACTOR * file.get("err64_max").get(name).asDouble() + ROUNDING * largest;
        int count = 1;
        for (JsonNode side : expected.get("shape")) {
            count *= side.asInt();
        }
        assertThat(actual).as(name).hasSize(count);
        double sum = 0;
        double squares = 0;
        double absMax = 0;
        for (float value : actual) {
            sum += value;
            squares += (double) value * value;
            absMax = Math.max(absMax, Math.abs(value));
        }
        double mean = sum / count;
        double std = Math.sqrt(squares / count - mean * mean);
        float[] first = floats(expected.get("first64"));
        float[] last = floats(expected.get("last8"));
        assertThat(Arrays.copyOf(actual, first.length)).as(name).containsExactly(first, within((float) limit));
        assertThat(Arrays.copyOfRange(actual, count - last.length, count))
                .as(name)
                .containsExactly(last, within((float) limit));
        assertThat(absMax).as("largest of " + name).isCloseTo(largest, within(limit));
        assertThat(mean).as("mean of " + name).isCloseTo(expected.get("mean").asDouble(), within(limit));
        assertThat(std).as("deviation of " + name).isCloseTo(expected.get("std").asDouble(), within(limit));
    }

    static float[] floats(JsonNode list) {
        float[] floats = new float[list.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) list.get(i).asDouble();
        }
        return floats;
    }
}
