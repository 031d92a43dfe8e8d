package maskfeat.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import maskfeat.augment.Normalize;
import maskfeat.data.Batch;
import maskfeat.data.MaskedClip;
import maskfeat.data.Sample;
import maskfeat.feature.HogTarget;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.network.Targets;

/** Samples of noise. */
public final class Samplings {
    private Samplings() {}

    /** HOG of one cell a patch for the second of two blocks: 27 numbers a token. */
    public static Targets targets(Grid grid, int patch) {
        return Targets.single(1, grid, hog(patch));
    }

    /** HOG of one cell a patch. */
    public static HogTarget hog(int patch) {
        return new HogTarget.Config(9, patch, HogTarget.Channels.RGB, 0, HogTarget.Norm.L2)
                .build(Normalize.IMAGENET, patch);
    }

    public static Frames noise(int height, int width, long seed) {
        return noise(1, height, width, seed);
    }

    private static Frames noise(int count, int height, int width, long seed) {
        byte[] rgb = new byte[count * height * width * Frames.CHANNELS];
        new Random(seed).nextBytes(rgb);
        return new Frames(count, height, width, rgb);
    }

    /** A square of noise, about half of it hidden and at least one token, with targets of noise. */
    public static MaskedClip sample(int side, int tokens, int dim, long seed) {
        return sample(1, side, tokens, dim, seed);
    }

    /** The same as a clip. */
    public static MaskedClip sample(int frames, int side, int tokens, int dim, long seed) {
        Random random = new Random(seed + 1000);
        boolean[] hidden = new boolean[tokens];
        int count = 1;
        hidden[random.nextInt(tokens)] = true;
        for (int i = 0; i < tokens; i++) {
            if (!hidden[i] && random.nextBoolean()) {
                hidden[i] = true;
                count++;
            }
        }
        float[] targets = new float[count * dim];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = (float) (0.3 * random.nextGaussian() + i % dim);
        }
        return new MaskedClip(noise(frames, side, side, seed), hidden, List.of(targets));
    }

    /** The first step, of these samples. */
    public static <S> Batch<S> batch(List<S> contents) {
        return batch(0, 0, contents);
    }

    /** A micro-batch of these samples. */
    public static <S> Batch<S> batch(long step, int microBatch, List<S> contents) {
        List<Sample<S>> samples = new ArrayList<>();
        contents.forEach(content -> samples.add(new Sample<>(samples.size(), content)));
        return new Batch<>(step, microBatch, samples);
    }
}
