package maskfeat.augment;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import maskfeat.media.Frames;

/**
 * Moves pixels: each place of the result takes its colour from {@code (xx X + xy Y + x0, yx X + yy Y + y0)} of the
 * source, by the cubic of a = -1; the size stays.
 *
 * <p>Byte for byte as Pillow's {@code Image.transform} and {@code Image.rotate} with the bicubic filter, which is
 * neither antialiased nor the cubic of {@link Resize}, and which rounds down. X and Y are those of the pixels' centres.
 */
record Affine(double xx, double xy, double x0, double yx, double yy, double y0) {
    private static final int CHANNELS = Frames.CHANNELS;

    /** Moves each row by {@code factor} of its distance from the top, to the left where the factor is above 0. */
    static Affine shearX(double factor) {
        return new Affine(1, factor, 0, 0, 1, 0);
    }

    /** Moves each column by {@code factor} of its distance from the left, up where the factor is above 0. */
    static Affine shearY(double factor) {
        return new Affine(1, 0, 0, factor, 1, 0);
    }

    /** Moves to the left and up where the pixels are above 0. */
    static Affine translate(double pixelsX, double pixelsY) {
        return new Affine(1, 0, pixelsX, 0, 1, pixelsY);
    }

    /** Rotates around the middle of an image of this size, counterclockwise if the angle is above 0. */
    static Affine rotate(double degrees, int height, int width) {
        double turned = degrees % 360;
        // To one turn and back to radians as Pillow does it, for the last bit of the angle.
        double radians = -((turned < 0 ? turned + 360 : turned) * (Math.PI / 180));
        double cos = to15Places(StrictMath.cos(radians));
        double sin = to15Places(StrictMath.sin(radians));
        double middleX = width / 2.0;
        double middleY = height / 2.0;
        return new Affine(
                cos,
                sin,
                cos * -middleX + sin * -middleY + middleX,
                -sin,
                cos,
                -sin * -middleX + cos * -middleY + middleY);
    }

    private static double to15Places(double value) {
        return new BigDecimal(value).setScale(15, RoundingMode.HALF_EVEN).doubleValue();
    }

    /** Where pixels move to; this record says where they come from. */
    Geometry geometry() {
        return new Geometry(xx, xy, x0, yx, yy, y0).inverse();
    }

    /**
     * Applies this to every frame.
     *
     * @param fill red, green and blue of the places whose source lies outside the frame
     */
    Augmented apply(Frames frames, List<Integer> fill) {
        return new Augmented(pixels(frames, fill), geometry());
    }

    private Frames pixels(Frames frames, List<Integer> fill) {
        int height = frames.height();
        int width = frames.width();
        byte[] to = new byte[frames.rgb().length];
        byte red = fill.get(0).byteValue();
        byte green = fill.get(1).byteValue();
        byte blue = fill.get(2).byteValue();
        for (int frame = 0; frame < frames.count(); frame++) {
            Source source = new Source(frames, frame);
            int at = frames.at(frame, 0, 0);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++, at += CHANNELS) {
                    double sourceX = xx * (x + 0.5) + xy * (y + 0.5) + x0;
                    double sourceY = yx * (x + 0.5) + yy * (y + 0.5) + y0;
                    if (sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height) {
                        source.pixel(sourceX - 0.5, sourceY - 0.5, to, at);
                    } else {
                        to[at] = red;
                        to[at + 1] = green;
                        to[at + 2] = blue;
                    }
                }
            }
        }
        return new Frames(frames.count(), height, width, to);
    }

    /** One frame, read between its pixels. */
    private static final class Source {
        private final byte[] rgb;
        private final int start;
        private final int row;
        private final int lastX;
        private final int lastY;

        Source(Frames frames, int frame) {
            rgb = frames.rgb();
            start = frames.at(frame, 0, 0);
            row = frames.width() * CHANNELS;
            lastX = frames.width() - 1;
            lastY = frames.height() - 1;
        }

        /**
         * Writes one pixel. The cubic needs 4 x 4 pixels, of which those outside are those of the border; where a
         * coordinate is a whole number it gives exactly the pixel in the middle, so only one column or row is read.
         */
        void pixel(double x, double y, byte[] to, int at) {
            int left = (int) Math.floor(x);
            int top = (int) Math.floor(y);
            double dx = x - left;
            double dy = y - top;
            if (dy == 0) {
                int from = start + top * row;
                for (int channel = 0; channel < CHANNELS; channel++) {
                    to[at + channel] = toByte(across(from + channel, left, dx));
                }
                return;
            }
            int row0 = rowAt(top - 1);
            int row1 = rowAt(top);
            int row2 = rowAt(top + 1);
            int row3 = rowAt(top + 2);
            for (int channel = 0; channel < CHANNELS; channel++) {
                to[at + channel] = toByte(cubic(
                        across(row0 + channel, left, dx),
                        across(row1 + channel, left, dx),
                        across(row2 + channel, left, dx),
                        across(row3 + channel, left, dx),
                        dy));
            }
        }

        private int rowAt(int y) {
            return start + Math.max(0, Math.min(lastY, y)) * row;
        }

        private double across(int from, int left, double dx) {
            if (dx == 0) {
                return rgb[from + left * CHANNELS] & 0xFF;
            }
            return cubic(value(from, left - 1), value(from, left), value(from, left + 1), value(from, left + 2), dx);
        }

        private int value(int from, int x) {
            return rgb[from + Math.max(0, Math.min(lastX, x)) * CHANNELS] & 0xFF;
        }

        /** Keys' cubic with a = -1. The order of operations is Pillow's: bytes are cut, so the last bit can matter. */
        private static double cubic(double a, double b, double c, double d, double t) {
            return b + t * (-a + c + t * (2 * (a - b) + c - d + t * (-a + b - c + d)));
        }

        private static byte toByte(double value) {
            return (byte) (value <= 0 ? 0 : value >= 255 ? 255 : (int) value);
        }
    }
}
