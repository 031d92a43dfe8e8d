package maskfeat.task;

import java.util.Random;

/**
 * Features as colours: the three directions in which the target's features of a picture differ most become red, green and
 * blue. Predictions are shown in the same directions, so that equal colours are equal features.
 */
final class PrincipalColours {
    private static final int STEPS = 100;
    private static final int COLOURS = 3;

    private PrincipalColours() {}

    /**
     * @param target [tokens, width]
     * @param prediction [tokens, width]
     * @return of the target and of the prediction, [2][tokens * 3], in deviations of the target
     */
    static float[][] of(float[] target, float[] prediction, int width) {
        int tokens = target.length / width;
        double[][] wanted = unit(target, width);
        double[][] said = unit(prediction, width);
        double[] mean = new double[width];
        for (double[] row : wanted) {
            for (int i = 0; i < width; i++) {
                mean[i] += row[i] / tokens;
            }
        }
        subtract(wanted, mean);
        subtract(said, mean);
        float[][] colours = new float[2][tokens * COLOURS];
        double[][] left = copy(wanted);
        for (int colour = 0; colour < COLOURS; colour++) {
            double[] direction = strongest(left, width);
            double squares = 0;
            for (double[] row : wanted) {
                double along = dot(row, direction);
                squares += along * along;
            }
            double deviation = Math.sqrt(squares / tokens);
            double scale = deviation > 0 ? 1 / deviation : 0;
            for (int token = 0; token < tokens; token++) {
                colours[0][token * COLOURS + colour] = (float) (scale * dot(wanted[token], direction));
                colours[1][token * COLOURS + colour] = (float) (scale * dot(said[token], direction));
                double along = dot(left[token], direction);
                for (int i = 0; i < width; i++) {
                    left[token][i] -= along * direction[i];
                }
            }
        }
        return colours;
    }

    /** The direction of largest variance, by repeated multiplication from a fixed start; zeros if the rows are all equal. */
    private static double[] strongest(double[][] rows, int width) {
        double[] direction = new Random(0).doubles(width, -1, 1).toArray();
        for (int step = 0; step < STEPS; step++) {
            double[] next = new double[width];
            for (double[] row : rows) {
                double along = dot(row, direction);
                for (int i = 0; i < width; i++) {
                    next[i] += along * row[i];
                }
            }
            double length = Math.sqrt(dot(next, next));
            if (length == 0) {
                return new double[width];
            }
            for (int i = 0; i < width; i++) {
                direction[i] = next[i] / length;
            }
        }
        return direction;
    }

    private static double[][] unit(float[] values, int width) {
        double[][] rows = new double[values.length / width][width];
        for (int row = 0; row < rows.length; row++) {
            double squares = 0;
            for (int i = 0; i < width; i++) {
                double value = values[row * width + i];
                squares += value * value;
            }
            double length = Math.max(1e-12, Math.sqrt(squares));
            for (int i = 0; i < width; i++) {
                rows[row][i] = values[row * width + i] / length;
            }
        }
        return rows;
    }

    private static void subtract(double[][] rows, double[] mean) {
        for (double[] row : rows) {
            for (int i = 0; i < mean.length; i++) {
                row[i] -= mean[i];
            }
        }
    }

    private static double[][] copy(double[][] rows) {
        double[][] copy = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            copy[i] = rows[i].clone();
        }
        return copy;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
