package maskfeat.augment;

import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * Mirrors left and right by chance, all frames of a clip or none.
 *
 * @param probability of mirroring, 0 to 1
 */
public record HorizontalFlip(double probability) implements Augment {
    public HorizontalFlip {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("flip probability " + probability + " must lie in 0 to 1");
        }
    }

    @Override
    public Augmented apply(Frames frames, RandomGenerator random) {
        return random.nextDouble() < probability
                ? new Augmented(mirror(frames), Geometry.mirror(frames.width()))
                : Augmented.inPlace(frames);
    }

    static Frames mirror(Frames frames) {
        byte[] from = frames.rgb();
        byte[] to = new byte[from.length];
        int row = frames.width() * Frames.CHANNELS;
        for (int start = 0; start < from.length; start += row) {
            int mirrored = start + row - Frames.CHANNELS;
            for (int i = start; i < start + row; i += Frames.CHANNELS, mirrored -= Frames.CHANNELS) {
                to[mirrored] = from[i];
                to[mirrored + 1] = from[i + 1];
                to[mirrored + 2] = from[i + 2];
            }
        }
        return new Frames(frames.count(), frames.height(), frames.width(), to);
    }
}
