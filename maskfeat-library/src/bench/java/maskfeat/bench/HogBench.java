package maskfeat.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import maskfeat.augment.Normalize;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.feature.FeatureTarget;
import maskfeat.feature.HogTarget;
import maskfeat.feature.PlainHog;
import maskfeat.torch.Threads;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * What the HOG of one picture of 224 x 224 costs: hidden tokens only, all tokens, the plain form in
 * Java, and the same as a composition of tensor operators.
 *
 * <p>In processor time of the one thread, so that other work on the machine counts little.
 */
public final class HogBench {
    private static final int SIDE = 224;
    private static final int ROUNDS = 41;
    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();
    private static final double WARM_UP_SECONDS = 3;

    private HogBench() {}

    public static void main(String[] args) {
        Threads.use(1);
        Frames picture = picture();
        Grid grid = Grid.of(14, 14);
        FeatureTarget target = HogTarget.Config.paper().build(Normalize.IMAGENET, 16);
        boolean[] all = new boolean[196];
        Arrays.fill(all, true);
        boolean[] block = new boolean[196]; // 6 x 13, in one piece, as the masks of the recipes nearly are
        boolean[] scattered = new boolean[196];
        Random random = new Random(1);
        for (int i = 0; i < 78; i++) {
            block[grid.index(0, 3 + i / 13, i % 13)] = true;
        }
        for (int left = 78; left > 0; ) {
            int token = random.nextInt(196);
            left -= scattered[token] ? 0 : 1;
            scattered[token] = true;
        }
        float[] out = new float[196 * target.dim()];
        float[][] table = Normalize.IMAGENET.table();

        Map<String, Runnable> ways = new LinkedHashMap<>();
        ways.put("one pass, 78 hidden in a block", () -> target.of(picture, grid, block, out, 0));
        ways.put("one pass, 78 hidden anywhere", () -> target.of(picture, grid, scattered, out, 0));
        ways.put("one pass, all 196", () -> target.of(picture, grid, all, out, 0));
        ways.put(
                "plain Java, whole picture",
                () -> out[0] = PlainHog.of(HogTarget.Config.paper(), PlainHog.planes(picture, 0, table))[0][0][0][0]);

        Tensor normalised = TensorHog.picture(picture);
        ways.put("tensor operators, whole picture", () -> {
            try (PointerScope scope = new PointerScope()) {
                TensorHog.of(normalised);
            }
        });
        System.out.printf(
                "largest difference of the tensor operators from the plain form: %.1e%n", difference(picture, normalised));

        Map<String, double[]> seconds = new LinkedHashMap<>();
        ways.forEach((name, way) -> {
            long end = System.nanoTime() + (long) (WARM_UP_SECONDS * 1e9);
            while (System.nanoTime() < end) {
                way.run();
            }
            seconds.put(name, new double[ROUNDS]);
        });
        for (int round = 0; round < ROUNDS; round++) { // in turn, so that a busy moment hits all alike
            for (Map.Entry<String, Runnable> way : ways.entrySet()) {
                long start = THREAD.getCurrentThreadCpuTime();
                for (int i = 0; i < 5; i++) {
                    way.getValue().run();
                }
                seconds.get(way.getKey())[round] = (THREAD.getCurrentThreadCpuTime() - start) / 5e9;
            }
        }
        double plain = median(seconds.get("plain Java, whole picture"));
        seconds.forEach((name, times) -> System.out.printf(
                "%-32s %8.3f ms  %6.1f x the plain form's speed%n", name, 1e3 * median(times), plain / median(times)));
    }

    private static double difference(Frames picture, Tensor normalised) {
        float[][][][] plain = PlainHog.of(
                HogTarget.Config.paper(),
                PlainHog.planes(picture, 0, Normalize.IMAGENET.table()));
        float[] tensors;
        try (PointerScope scope = new PointerScope()) {
            tensors = maskfeat.torch.Arrays.floats(TensorHog.of(normalised));
        }
        double worst = 0;
        int at = 0;
        for (float[][][] colour : plain) {
            for (float[][] bin : colour) {
                for (float[] row : bin) {
                    for (float value : row) {
                        worst = Math.max(worst, Math.abs(value - tensors[at++]));
                    }
                }
            }
        }
        return worst;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** Waves, noise and a flat part: directions of every kind, and a share of gradients that are exactly 0. */
    private static Frames picture() {
        Random random = new Random(0);
        byte[] rgb = new byte[SIDE * SIDE * 3];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % SIDE;
            int y = i / 3 / SIDE;
            double wave = Math.sin(.05 * x * (1 + i % 3) + .03 * y) * Math.cos(.02 * y);
            rgb[i] = (byte) (y < 30 ? 0 : 128 + 90 * wave + 6 * random.nextGaussian());
        }
        return Frames.image(SIDE, SIDE, rgb);
    }
}
