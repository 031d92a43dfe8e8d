package maskfeat.augment;

import maskfeat.media.Frames;

/**
 * Changes the size of images as OpenCV's {@code resize} of bytes with {@code INTER_LINEAR} does: between the two nearest pixels
 * of each axis, with weights of 11 bits, rounded once.
 */
final class OpenCvResize {
    private static final int BITS = 11;
    private static final int ONE = 1 << BITS;

    private OpenCvResize() {}

    /** As {@link Resize#part}. */
    static Frames part(Frames in, Box crop, int height, int width, Box part) {
        Axis across = new Axis(crop.width(), width, part.left(), part.width());
        Axis down = new Axis(crop.height(), height, part.top(), part.height());
        byte[] out = new byte[Math.toIntExact((long) in.count() * part.height() * part.width() * Frames.CHANNELS)];
        byte[] rgb = in.rgb();
        int at = 0;
        for (int frame = 0; frame < in.count(); frame++) {
            for (int y = 0; y < part.height(); y++) {
                int upper = in.at(frame, crop.top() + down.first[y], crop.left());
                int lower = in.at(frame, crop.top() + down.second[y], crop.left());
                for (int x = 0; x < part.width(); x++) {
                    int left = across.first[x] * Frames.CHANNELS;
                    int right = across.second[x] * Frames.CHANNELS;
                    int weight = across.weight[x];
                    for (int c = 0; c < Frames.CHANNELS; c++) {
                        int above = between(rgb[upper + left + c], rgb[upper + right + c], weight);
                        int below = between(rgb[lower + left + c], rgb[lower + right + c], weight);
                        // Vectors of 16 bits: each term loses its lowest bits before the sum is rounded.
                        int sum = ((ONE - down.weight[y]) * (above >> 4) >> 16) + (down.weight[y] * (below >> 4) >> 16);
                        out[at++] = (byte) Math.min(255, sum + 2 >> 2);
                    }
                }
            }
        }
        return new Frames(in.count(), part.height(), part.width(), out);
    }

    private static int between(byte left, byte right, int weight) {
        return (left & 0xFF) * (ONE - weight) + (right & 0xFF) * weight;
    }

    /** For each place along one side of the result: the two places of the source, and the second one's weight. */
    private static final class Axis {
        final int[] first;
        final int[] second;
        final int[] weight;

        Axis(int from, int to, int offset, int places) {
            first = new int[places];
            second = new int[places];
            weight = new int[places];
            double scale = (double) from / to;
            for (int place = 0; place < places; place++) {
                float centre = (float) ((offset + place + 0.5) * scale - 0.5);
                int low = (int) Math.floor(centre);
                float part = centre - low;
                if (low < 0) {
                    low = 0;
                    part = 0;
                }
                if (low >= from - 1) {
                    low = from - 1;
                    part = 0;
                }
                first[place] = low;
                second[place] = Math.min(low + 1, from - 1);
                weight[place] = (int) Math.rint(part * ONE);
            }
        }
    }
}
