package maskfeat.feature;

import maskfeat.media.Frames;

/**
 * The oracle: histograms of oriented gradients of a whole frame, formula by formula, each into an array of its own.
 *
 * <p>Shares no code with {@link HogTarget}. Public for the benchmark.
 */
public final class PlainHog {
    private PlainHog() {}

    /**
     * [colours, bins, H / cell, W / cell] of [3, H, W], in units of the network; luma is taken of {@code planes} as they are.
     */
    public static float[][][][] of(HogTarget.Config config, float[][][] planes) {
        int height = planes[0].length;
        int width = planes[0][0].length;
        float[][][] colours = switch (config.channels()) {
            case GRAY -> new float[][][] {luma(planes, height, width)};
            case OPPONENT -> opponent(planes, height, width);
            case RGB, STRONGEST -> planes;
        };
        float[][][] gx = new float[colours.length][height][width];
        float[][][] gy = new float[colours.length][height][width];
        float[][][] magnitude = new float[colours.length][height][width];
        int[][][] bin = new int[colours.length][height][width];
        for (int c = 0; c < colours.length; c++) {
            float[][] x = pad(colours[c], height, width);
            for (int i = 0; i < height; i++) {
                for (int j = 0; j < width; j++) {
                    gx[c][i][j] = correlate(x, i, j, new int[] {1, 0, -1, 2, 0, -2, 1, 0, -1});
                    gy[c][i][j] = correlate(x, i, j, new int[] {1, 2, 1, 0, 0, 0, -1, -2, -1});
                    magnitude[c][i][j] = (float) Math.sqrt(gx[c][i][j] * gx[c][i][j] + gy[c][i][j] * gy[c][i][j]);
                    bin[c][i][j] = bin(gx[c][i][j], gy[c][i][j], config.bins());
                }
            }
        }
        int side = config.gaussianWindow();
        float[][] window = gaussian(side);
        int histograms = config.colours();
        int rows = height / config.cell();
        int columns = width / config.cell();
        float[][][][] hog = new float[histograms][config.bins()][rows][columns];
        for (int c = 0; c < histograms; c++) {
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    double[] votes = new double[config.bins()];
                    for (int i = row * config.cell(); i < (row + 1) * config.cell(); i++) {
                        for (int j = column * config.cell(); j < (column + 1) * config.cell(); j++) {
                            int from = c;
                            if (config.channels() == HogTarget.Channels.STRONGEST) {
                                for (int other = 1; other < 3; other++) {
                                    from = magnitude[other][i][j] > magnitude[from][i][j] ? other : from;
                                }
                            }
                            float weight = side == 0 ? 1 : window[i % side][j % side];
                            votes[bin[from][i][j]] += magnitude[from][i][j] * weight;
                        }
                    }
                    for (int b = 0; b < config.bins(); b++) {
                        hog[c][b][row][column] = (float) votes[b] / norm(votes, config.norm());
                    }
                }
            }
        }
        return hog;
    }

    private static float[][][] opponent(float[][][] rgb, int height, int width) {
        float[][][] planes = new float[3][height][width];
        for (int i = 0; i < height; i++) {
            for (int j = 0; j < width; j++) {
                float r = rgb[0][i][j];
                float g = rgb[1][i][j];
                float b = rgb[2][i][j];
                planes[0][i][j] = (float) (1 / Math.sqrt(2)) * r + (float) (-1 / Math.sqrt(2)) * g;
                planes[1][i][j] = (float) (1 / Math.sqrt(6)) * r
                        + (float) (1 / Math.sqrt(6)) * g
                        + (float) (-2 / Math.sqrt(6)) * b;
                planes[2][i][j] = (float) (1 / Math.sqrt(3)) * r
                        + (float) (1 / Math.sqrt(3)) * g
                        + (float) (1 / Math.sqrt(3)) * b;
            }
        }
        return planes;
    }

    /** Rows of tokens, [grid.h * grid.w, dim], of {@link #of}. */
    static float[] tokens(float[][][][] hog, int cellsPerSide) {
        int u = cellsPerSide;
        int height = hog[0][0].length / u;
        int width = hog[0][0][0].length / u;
        float[] tokens = new float[hog.length * hog[0].length * height * u * width * u];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (float[][][] colour : hog) {
                    for (float[][] bin : colour) {
                        for (int p = 0; p < u; p++) {
                            for (int q = 0; q < u; q++) {
                                tokens[at++] = bin[y * u + p][x * u + q];
                            }
                        }
                    }
                }
            }
        }
        return tokens;
    }

    /** [3, H, W] of one frame, each byte through the table of its colour. */
    public static float[][][] planes(Frames frames, int frame, float[][] table) {
        float[][][] planes = new float[3][frames.height()][frames.width()];
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < frames.height(); y++) {
                for (int x = 0; x < frames.width(); x++) {
                    planes[c][y][x] = table[c][frames.rgb()[frames.at(frame, y, x) + c] & 0xff];
                }
            }
        }
        return planes;
    }

    private static float[][] luma(float[][][] planes, int height, int width) {
        float[][] luma = new float[height][width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                luma[y][x] = .299f * planes[0][y][x] + .587f * planes[1][y][x] + .114f * planes[2][y][x];
            }
        }
        return luma;
    }

    private static float[][] pad(float[][] plane, int height, int width) {
        float[][] padded = new float[height + 2][width + 2];
        for (int y = -1; y <= height; y++) {
            for (int x = -1; x <= width; x++) {
                padded[y + 1][x + 1] = plane[reflect(y, height)][reflect(x, width)];
            }
        }
        return padded;
    }

    private static int reflect(int i, int length) {
        return i < 0 ? -i : i >= length ? 2 * length - 2 - i : i;
    }

    private static float correlate(float[][] padded, int y, int x, int[] kernel) {
        float sum = 0;
        for (int tap = 0; tap < 9; tap++) {
            sum += kernel[tap] * padded[y + tap / 3][x + tap % 3];
        }
        return sum;
    }

    static int bin(float gx, float gy, int bins) {
        float phase = (float) Math.atan2((double) gx, (double) gy);
        phase = phase / 3.1415927f;
        phase = phase * bins;
        return Math.floorMod((int) Math.floor(phase), bins);
    }

    static float[][] gaussian(int side) {
        float[][] window = new float[side][side];
        double all = 0;
        for (int i = 0; i < side * side; i++) {
            all += gaussian(i / side, side) * gaussian(i % side, side);
        }
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                window[y][x] = (float) (gaussian(y, side) * gaussian(x, side) / all);
            }
        }
        return window;
    }

    private static double gaussian(int n, int side) {
        int deviation = side / 2;
        double z = (n - (side - 1) / 2.0) / deviation;
        return Math.exp(-0.5 * z * z);
    }

    private static float norm(double[] votes, HogTarget.Norm norm) {
        double sum = 0;
        for (double vote : votes) {
            float histogram = (float) vote;
            switch (norm) {
                case L2 -> sum += histogram * histogram;
                case L1 -> sum += histogram;
                case NONE -> sum = 1;
            }
        }
        float length = norm == HogTarget.Norm.L2 ? (float) Math.sqrt((float) sum) : (float) sum;
        return Math.max(length, 1e-12f);
    }
}
