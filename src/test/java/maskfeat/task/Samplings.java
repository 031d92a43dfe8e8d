package maskfeat.task;

import java.util.Random;
import maskfeat.data.Item;
import maskfeat.data.Sample;
import maskfeat.media.Frames;

/** Samples of noise. */
final class Samplings {
    private Samplings() {}

    static Frames noise(int height, int width, long seed) {
        byte[] rgb = new byte[height * width * Frames.CHANNELS];
        new Random(seed).nextBytes(rgb);
        return Frames.image(height, width, rgb);
    }

    /** A square of noise, about half of it hidden and at least one token, with targets of noise. */
    static Sample sample(int side, int tokens, int dim, long seed) {
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
        return new Sample((int) seed, noise(side, side, seed), hidden, targets, Item.UNLABELLED);
    }
}
