package maskfeat.task;

/** A colour for each number, far from those of its neighbours; the same number has the same colour everywhere. */
final class NumberColours {
    /** Multiples of the golden ratio come near no earlier one for long. */
    private static final double TURN = (Math.sqrt(5) - 1) / 2;

    private NumberColours() {}

    /** @return [numbers, 3], 0 to 1 */
    static float[] of(long[] numbers) {
        float[] colours = new float[numbers.length * 3];
        for (int i = 0; i < numbers.length; i++) {
            double hue = 2 * Math.PI * (numbers[i] * TURN % 1);
            double light = 0.35 + 0.3 * (numbers[i] * TURN * TURN % 1);
            for (int colour = 0; colour < 3; colour++) {
                colours[3 * i + colour] = (float) (light * (1 + 0.5 * Math.cos(hue - 2 * Math.PI * colour / 3)));
            }
        }
        return colours;
    }
}
