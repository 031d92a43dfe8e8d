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

    /** As {@link #apply}, of frames that nobody else has and that may be changed. */
    Augmented applyInPlace(Frames frames, RandomGenerator random) {
        if (random.nextDouble() >= probability) {
            return Augmented.inPlace(frames);
        }
        mirrorInPlace(frames);
        return new Augmented(frames, Geometry.mirror(frames.width()));
    }

    static Frames mirror(Frames frames) {
        byte[] to = new byte[frames.rgb().length];
        for (int start = 0; start < to.length; start += frames.width() * Frames.CHANNELS) {
            PixelRows.mirror(frames.rgb(), start, to, start, frames.width());
        }
        return new Frames(frames.count(), frames.height(), frames.width(), to);
    }

    /** Mirrors frames that nobody else has, without the time and the garbage of a copy. */
    static void mirrorInPlace(Frames frames) {
        int row = frames.width() * Frames.CHANNELS;
        byte[] before = new byte[row];
        for (int start = 0; start < frames.rgb().length; start += row) {
            System.arraycopy(frames.rgb(), start, before, 0, row);
            PixelRows.mirror(before, 0, frames.rgb(), start, frames.width());
        }
    }
}
