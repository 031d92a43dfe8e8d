package maskfeat.augment;

import maskfeat.media.Frames;

/**
 * Turns the hue of every pixel by way of Pillow's HSV, in which hue, saturation and value have 8 bits each. The way there
 * and back loses a little, also where the hue is not turned.
 *
 * <p>Byte for byte as Pillow's conversions, with single and double precision where it has them.
 */
final class Hue {
    private static final int TURN = 256;
    private static final int SECTORS = 6;

    private Hue() {}

    /** @param steps added to the hue, which has 256 of them; may be negative */
    static Frames turn(Frames frames, int steps) {
        byte[] rgb = frames.rgb();
        byte[] to = new byte[rgb.length];
        for (int i = 0; i < rgb.length; i += Frames.CHANNELS) {
            int hsv = hsv(rgb[i] & 0xFF, rgb[i + 1] & 0xFF, rgb[i + 2] & 0xFF);
            int hue = Math.floorMod((hsv >> 16) + steps, TURN);
            int turned = rgb(hue, hsv >> 8 & 0xFF, hsv & 0xFF);
            to[i] = (byte) (turned >> 16);
            to[i + 1] = (byte) (turned >> 8);
            to[i + 2] = (byte) turned;
        }
        return new Frames(frames.count(), frames.height(), frames.width(), to);
    }

    /** Hue, saturation and value of a colour, 8 bits each, rounded down, hue uppermost. */
    static int hsv(int red, int green, int blue) {
        int highest = Math.max(red, Math.max(green, blue));
        int lowest = Math.min(red, Math.min(green, blue));
        if (highest == lowest) {
            return highest;
        }
        float range = highest - lowest;
        float saturation = range / highest;
        float fromRed = (highest - red) / range;
        float fromGreen = (highest - green) / range;
        float fromBlue = (highest - blue) / range;
        float sector; // -1 to 5: red is at 0, green at 2, blue at 4
        if (highest == red) {
            sector = fromBlue - fromGreen;
        } else if (highest == green) {
            sector = (float) (2.0 + fromRed - fromBlue);
        } else {
            sector = (float) (4.0 + fromGreen - fromRed);
        }
        float hue = (float) ((sector / (double) SECTORS + 1) % 1);
        return (int) (hue * 255.0) << 16 | (int) (saturation * 255.0) << 8 | highest;
    }

    /** The colour of a hue, saturation and value of 8 bits each: red, green and blue, red uppermost, rounded. */
    static int rgb(int hue, int saturation, int value) {
        if (saturation == 0) {
            return value << 16 | value << 8 | value;
        }
        float purity = (float) (saturation / 255.0);
        float turned = (float) ((float) hue * 6.0 / 255.0);
        int sector = (int) turned;
        float within = turned - sector;
        int low = rounded(value * (1.0 - purity));
        int falling = rounded(value * (1.0 - purity * within));
        int rising = rounded(value * (1.0 - purity * (1.0 - within)));
        return switch (sector % SECTORS) {
            case 0 -> value << 16 | rising << 8 | low;
            case 1 -> falling << 16 | value << 8 | low;
            case 2 -> low << 16 | value << 8 | rising;
            case 3 -> low << 16 | falling << 8 | value;
            case 4 -> rising << 16 | low << 8 | value;
            default -> value << 16 | low << 8 | falling;
        };
    }

    private static int rounded(double value) {
        return (int) Math.floor(value + 0.5);
    }
}
