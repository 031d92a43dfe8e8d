package maskfeat.feature;

import maskfeat.media.Frames;

/**
 * The values from which a target is computed, read in parts of rows: bytes mapped by a table, or floats.
 *
 * <p>Not thread-safe: an instance may have scratch space.
 */
interface PixelSource {
    /** Number of frames, T. */
    int frames();

    /** Number of colours: 3, or 1 for luma. */
    int colours();

    /** Height in pixels, H. */
    int height();

    /** Width in pixels, W. */
    int width();

    /** Copies {@code count} values of one colour, from (y, x) to the right, to {@code out} starting at {@code at}. */
    void read(int frame, int colour, int y, int x, int count, float[] out, int at);

    /** 8-bit frames, each value mapped by the table of its colour, [3, 256]. */
    final class Bytes implements PixelSource {
        private final Frames clip;
        private final float[][] table;

        Bytes(Frames clip, float[][] table) {
            this.clip = clip;
            this.table = table;
        }

        @Override
        public int frames() {
            return clip.count();
        }

        @Override
        public int colours() {
            return Frames.CHANNELS;
        }

        @Override
        public int height() {
            return clip.height();
        }

        @Override
        public int width() {
            return clip.width();
        }

        @Override
        public void read(int frame, int colour, int y, int x, int count, float[] out, int at) {
            byte[] rgb = clip.rgb();
            float[] value = table[colour];
            int from = clip.at(frame, y, x) + colour;
            for (int i = 0; i < count; i++) {
                out[at + i] = value[rgb[from + i * Frames.CHANNELS] & 0xff];
            }
        }
    }

    /** Floats [3, T, H, W], the layout of the network's input. */
    final class Floats implements PixelSource {
        private final float[] values;
        private final int frames;
        private final int height;
        private final int width;

        Floats(float[] values, int frames, int height, int width) {
            if (values.length != 3L * frames * height * width) {
                throw new IllegalArgumentException(values.length + " values are not 3 colours of " + frames
                        + " frames of " + height + " x " + width + " px");
            }
            this.values = values;
            this.frames = frames;
            this.height = height;
            this.width = width;
        }

        @Override
        public int frames() {
            return frames;
        }

        @Override
        public int height() {
            return height;
        }

        @Override
        public int width() {
            return width;
        }

        @Override
        public int colours() {
            return 3;
        }

        @Override
        public void read(int frame, int colour, int y, int x, int count, float[] out, int at) {
            System.arraycopy(values, ((colour * frames + frame) * height + y) * width + x, out, at, count);
        }
    }

    /** Luma of ITU-R BT.601, {@code .299 r + .587 g + .114 b}, of another source with three colours. */
    final class Luma implements PixelSource {
        private final PixelSource rgb;
        private final float[] green;
        private final float[] blue;

        Luma(PixelSource rgb) {
            this.rgb = rgb;
            green = new float[rgb.width()];
            blue = new float[rgb.width()];
        }

        @Override
        public int frames() {
            return rgb.frames();
        }

        @Override
        public int colours() {
            return 1;
        }

        @Override
        public int height() {
            return rgb.height();
        }

        @Override
        public int width() {
            return rgb.width();
        }

        @Override
        public void read(int frame, int colour, int y, int x, int count, float[] out, int at) {
            rgb.read(frame, 0, y, x, count, out, at);
            rgb.read(frame, 1, y, x, count, green, 0);
            rgb.read(frame, 2, y, x, count, blue, 0);
            for (int i = 0; i < count; i++) {
                out[at + i] = .299f * out[at + i] + .587f * green[i] + .114f * blue[i];
            }
        }
    }

    /** Opponent colours of another source with three colours, see {@link HogTarget.Channels#OPPONENT}. */
    final class Opponent implements PixelSource {
        private static final float[][] WEIGHTS = {weights(1, -1, 0), weights(1, 1, -2), weights(1, 1, 1)};

        private final PixelSource rgb;
        private final float[] line;

        Opponent(PixelSource rgb) {
            this.rgb = rgb;
            line = new float[rgb.width()];
        }

        private static float[] weights(int red, int green, int blue) {
            double length = Math.sqrt(red * red + green * green + blue * blue);
            return new float[] {(float) (red / length), (float) (green / length), (float) (blue / length)};
        }

        @Override
        public int frames() {
            return rgb.frames();
        }

        @Override
        public int colours() {
            return 3;
        }

        @Override
        public int height() {
            return rgb.height();
        }

        @Override
        public int width() {
            return rgb.width();
        }

        @Override
        public void read(int frame, int colour, int y, int x, int count, float[] out, int at) {
            float[] weights = WEIGHTS[colour];
            rgb.read(frame, 0, y, x, count, line, 0);
            for (int i = 0; i < count; i++) {
                out[at + i] = weights[0] * line[i];
            }
            for (int other = 1; other < 3; other++) {
                rgb.read(frame, other, y, x, count, line, 0);
                for (int i = 0; i < count; i++) {
                    out[at + i] += weights[other] * line[i];
                }
            }
        }
    }
}
