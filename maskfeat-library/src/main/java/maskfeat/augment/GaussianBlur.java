package maskfeat.augment;

import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * Blurs by chance, all frames of a clip alike: Pillow's approximation of a Gaussian by three means over a box along each
 * axis (Gwosdek et al. 2011, extended box filters), byte for byte. Beyond an edge its last pixel is repeated.
 *
 * @param probability of blurring, 0 to 1
 * @param minSigma smallest deviation of the Gaussian, in pixels
 * @param maxSigma largest deviation of the Gaussian, in pixels
 */
public record GaussianBlur(double probability, double minSigma, double maxSigma) implements Augment {
    private static final int PASSES = 3;
    private static final int PRECISION_BITS = 24;
    private static final int ONE = 1 << PRECISION_BITS;
    private static final double MOST_SIGMA = 1000;

    public GaussianBlur {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("blur probability " + probability + " must lie in 0 to 1");
        }
        if (!(minSigma > 0 && minSigma <= maxSigma && maxSigma <= MOST_SIGMA)) {
            throw new IllegalArgumentException("blur sigma " + minSigma + " to " + maxSigma
                    + " must be a range of pixels above 0 and at most " + MOST_SIGMA);
        }
    }

    @Override
    public Augmented apply(Frames frames, RandomGenerator random) {
        if (random.nextDouble() >= probability) {
            return Augmented.inPlace(frames);
        }
        return Augmented.inPlace(blurred(frames, minSigma + (maxSigma - minSigma) * random.nextDouble()));
    }

    /** @param sigma deviation of the Gaussian, in pixels */
    static Frames blurred(Frames frames, double sigma) {
        Box3 box = Box3.of((float) sigma);
        byte[] rgb = frames.rgb().clone();
        int height = frames.height();
        int width = frames.width();
        int row = width * Frames.CHANNELS;
        byte[] line = new byte[Math.max(height, width)];
        byte[] next = new byte[line.length];
        for (int frame = 0; frame < frames.count(); frame++) {
            for (int y = 0; y < height; y++) {
                for (int c = 0; c < Frames.CHANNELS; c++) {
                    box.along(rgb, frames.at(frame, y, 0) + c, Frames.CHANNELS, width, line, next);
                }
            }
            for (int i = 0; i < row; i++) {
                box.along(rgb, frames.at(frame, 0, 0) + i, row, height, line, next);
            }
        }
        return new Frames(frames.count(), height, width, rgb);
    }

    /**
     * The mean over a box of fractional width, three times.
     *
     * @param reach whole pixels to each side that count fully
     * @param inner weight of those, in units of 2^-24
     * @param outer weight of the next pixel on each side
     */
    private record Box3(int reach, long inner, long outer) {
        /** The box of which three passes have the variance of the Gaussian. In single precision, as Pillow has it. */
        static Box3 of(float sigma) {
            float variance = sigma * sigma / PASSES;
            float length = (float) Math.sqrt(12.0 * variance + 1.0);
            float whole = (float) Math.floor((length - 1.0) / 2.0);
            float part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
            part /= 6 * (variance - (whole + 1) * (whole + 1));
            float radius = whole + part;
            int reach = (int) radius;
            long inner = (long) (ONE / (radius * 2 + 1));
            return new Box3(reach, inner, (ONE - (2L * reach + 1) * inner) / 2);
        }

        /** All passes along one line of {@code count} values, {@code stride} apart, in place. */
        void along(byte[] values, int from, int stride, int count, byte[] line, byte[] next) {
            for (int i = 0; i < count; i++) {
                line[i] = values[from + i * stride];
            }
            byte[] read = line;
            byte[] write = next;
            for (int pass = 0; pass < PASSES; pass++) {
                pass(read, write, count);
                byte[] swap = read;
                read = write;
                write = swap;
            }
            for (int i = 0; i < count; i++) {
                values[from + i * stride] = read[i];
            }
        }

        private void pass(byte[] line, byte[] to, int count) {
            long sum = 0;
            for (int i = -reach; i <= reach; i++) {
                sum += at(line, i, count);
            }
            for (int i = 0; i < count; i++) {
                int ends = at(line, i - reach - 1, count) + at(line, i + reach + 1, count);
                to[i] = (byte) ((sum * inner + ends * outer + ONE / 2) >> PRECISION_BITS);
                sum += at(line, i + reach + 1, count) - at(line, i - reach, count);
            }
        }

        private static int at(byte[] line, int i, int count) {
            return line[Math.max(0, Math.min(count - 1, i))] & 0xFF;
        }
    }
}
