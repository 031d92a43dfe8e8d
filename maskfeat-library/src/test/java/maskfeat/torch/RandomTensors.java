package maskfeat.torch;

import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Tensors of normal numbers that depend on a seed alone, and on no generator of libtorch's. */
public final class RandomTensors {
    private RandomTensors() {}

    /** Mean 0, deviation 1. */
    public static Tensor normal(long seed, long... shape) {
        Random random = new Random(seed);
        long count = 1;
        for (long side : shape) {
            count *= side;
        }
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Arrays.tensor(values, shape);
    }

    /** Adds such numbers to all parameters: first values are too regular to show mistakes. */
    public static void addNoise(Map<String, Tensor> parameters, double std, long seed) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            parameters.forEach((name, parameter) -> {
                float[] values = Arrays.floats(normal(seed + name.hashCode(), parameter.shape()));
                for (int i = 0; i < values.length; i++) {
                    values[i] *= (float) std;
                }
                parameter.add_(Arrays.tensor(values, parameter.shape()));
            });
        }
    }
}
