package maskfeat.sample;

import java.util.Random;

/**
 * A texture with a size, a direction and two colours.
 *
 * @param texture the pattern
 * @param period length of one repetition, in short sides of the image
 * @param alongX cosine of the direction in which the pattern repeats
 * @param alongY sine of the direction in which the pattern repeats
 * @param phaseU offset of the pattern along u, in repetitions
 * @param phaseV offset of the pattern along v, in repetitions
 * @param wobble how far the pattern is bent, in repetitions
 * @param paint its colours
 */
record Surface(
        Texture texture,
        double period,
        double alongX,
        double alongY,
        double phaseU,
        double phaseV,
        double wobble,
        Paint paint) {

    /**
     * Two colours, red, green, blue in 0 to 1.
     *
     * @param red of the first, red of the second minus red of the first
     * @param green likewise
     * @param blue likewise
     */
    record Paint(Ramp red, Ramp green, Ramp blue) {
        /** Draws two colours, independent of the class, that differ enough in brightness to show the pattern. */
        static Paint draw(Random random, double minContrast, double maxContrast) {
            double contrast = SampleNoise.between(random, minContrast, maxContrast) * SampleNoise.sign(random);
            double mean = SampleNoise.between(random, 0.3, 0.7);
            double[] first = colour(random, mean - contrast / 2);
            double[] second = colour(random, mean + contrast / 2);
            return new Paint(
                    new Ramp(first[0], second[0] - first[0]),
                    new Ramp(first[1], second[1] - first[1]),
                    new Ramp(first[2], second[2] - first[2]));
        }

        private static double[] colour(Random random, double brightness) {
            double hue = SampleNoise.between(random, 0, 2 * Math.PI);
            double strength = SampleNoise.between(random, 0.02, 0.24);
            double[] colour = new double[3];
            for (int channel = 0; channel < 3; channel++) {
                colour[channel] = brightness + strength * Math.cos(hue - channel * 2 * Math.PI / 3);
            }
            return colour;
        }
    }

    /** A straight line between two values of a colour channel. */
    record Ramp(double from, double rise) {
        double at(double share) {
            return from + rise * share;
        }
    }

    /** Draws a surface in any direction. */
    static Surface draw(Random random, Texture texture, Paint paint) {
        return draw(random, texture, Math.PI, paint);
    }

    /** Draws a surface turned by at most {@code maxTurn} radians in either direction. */
    static Surface draw(Random random, Texture texture, double maxTurn, Paint paint) {
        double angle = SampleNoise.between(random, -maxTurn, maxTurn);
        return new Surface(
                texture,
                SampleNoise.between(random, 0.07, 0.13),
                Math.cos(angle),
                Math.sin(angle),
                SampleNoise.between(random, 0, 64),
                SampleNoise.between(random, 0, 64),
                SampleNoise.between(random, 0, 0.25),
                paint);
    }

    /** The same pattern with repetitions longer by a factor. */
    Surface coarser(double times) {
        return new Surface(texture, period * times, alongX, alongY, phaseU, phaseV, wobble, paint);
    }

    /**
     * The share of the second colour at a position.
     *
     * @param x in short sides of the image
     * @param y in short sides of the image
     * @param pixel side of a pixel, in the same units
     * @return 0 to 1
     */
    double at(double x, double y, double pixel) {
        double u = (alongX * x + alongY * y) / period + phaseU;
        double v = (alongX * y - alongY * x) / period + phaseV;
        double bent = u + wobble * Math.sin(0.9 * v + phaseU);
        return texture.at(bent, v, 1.2 * pixel / period);
    }
}
