package maskfeat.model;

import java.util.Map;

/**
 * The oracle: a vision transformer for images (Dosovitskiy et al. 2021, equations 1 to 3) in plain arrays of float64, with
 * weights by official name. Shares no code with {@code Vit}, the layers or libtorch.
 */
final class PlainVit {
    private static final double EPS = 1e-6;

    private final int patch;
    private final int heads;
    private final int depth;
    private final Map<String, double[]> weights;

    /** @param weights by official name, in row-major order */
    PlainVit(int patch, int heads, int depth, Map<String, double[]> weights) {
        this.patch = patch;
        this.heads = heads;
        this.depth = depth;
        this.weights = weights;
    }

    /**
     * What comes out of the last block: [1 + N][C], class token first.
     *
     * @param image [3 * side * side], channel by channel
     */
    double[][] encode(double[] image, int side) {
        double[][] patches = linear("patch_embed.proj", patches(image, side));
        double[][] x = new double[1 + patches.length][];
        x[0] = weight("cls_token").clone();
        System.arraycopy(patches, 0, x, 1, patches.length);
        double[] positions = weight("pos_embed");
        for (int n = 0; n < x.length; n++) {
            for (int c = 0; c < x[n].length; c++) {
                x[n][c] += positions[n * x[n].length + c];
            }
        }
        for (int i = 0; i < depth; i++) {
            String block = "blocks." + i + ".";
            x = sum(x, attention(block + "attn.", norm(block + "norm1", x)));
            double[][] hidden = linear(block + "mlp.fc1", norm(block + "norm2", x));
            for (double[] row : hidden) {
                for (int c = 0; c < row.length; c++) {
                    row[c] = row[c] * 0.5 * (1 + erf(row[c] / Math.sqrt(2))); // GELU
                }
            }
            x = sum(x, linear(block + "mlp.fc2", hidden));
        }
        return x;
    }

    /** [N][3 * patch * patch], row by row of patches. */
    private double[][] patches(double[] image, int side) {
        int across = side / patch;
        double[][] patches = new double[across * across][3 * patch * patch];
        for (int colour = 0; colour < 3; colour++) {
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    patches[y / patch * across + x / patch][(colour * patch + y % patch) * patch + x % patch] =
                            image[(colour * side + y) * side + x];
                }
            }
        }
        return patches;
    }

    private double[][] attention(String name, double[][] x) {
        int dim = x[0].length;
        int headDim = dim / heads;
        double[][] qkv = linear(name + "qkv", x); // [N][q of all heads, k of all heads, v of all heads]
        double[][] mixed = new double[x.length][dim];
        for (int head = 0; head < heads; head++) {
            int q = head * headDim;
            int k = dim + q;
            int v = 2 * dim + q;
            for (int i = 0; i < x.length; i++) {
                double[] share = new double[x.length];
                double total = 0;
                for (int j = 0; j < x.length; j++) {
                    double score = 0;
                    for (int c = 0; c < headDim; c++) {
                        score += qkv[i][q + c] * qkv[j][k + c];
                    }
                    share[j] = Math.exp(score / Math.sqrt(headDim));
                    total += share[j];
                }
                for (int j = 0; j < x.length; j++) {
                    for (int c = 0; c < headDim; c++) {
                        mixed[i][q + c] += share[j] / total * qkv[j][v + c];
                    }
                }
            }
        }
        return linear(name + "proj", mixed);
    }

    private double[][] norm(String name, double[][] x) {
        double[] weight = weight(name + ".weight");
        double[] bias = weight(name + ".bias");
        double[][] y = new double[x.length][weight.length];
        for (int n = 0; n < x.length; n++) {
            double mean = 0;
            for (double value : x[n]) {
                mean += value / weight.length;
            }
            double variance = 0;
            for (double value : x[n]) {
                variance += (value - mean) * (value - mean) / weight.length;
            }
            for (int c = 0; c < weight.length; c++) {
                y[n][c] = (x[n][c] - mean) / Math.sqrt(variance + EPS) * weight[c] + bias[c];
            }
        }
        return y;
    }

    private double[][] linear(String name, double[][] x) {
        double[] weight = weight(name + ".weight"); // [out, in]
        double[] bias = weight(name + ".bias");
        int in = weight.length / bias.length;
        double[][] y = new double[x.length][];
        for (int n = 0; n < x.length; n++) {
            if (x[n].length != in) {
                throw new IllegalArgumentException(name + " reads " + in + " channels, not " + x[n].length);
            }
            y[n] = bias.clone();
            for (int o = 0; o < bias.length; o++) {
                for (int i = 0; i < in; i++) {
                    y[n][o] += weight[o * in + i] * x[n][i];
                }
            }
        }
        return y;
    }

    private static double[][] sum(double[][] a, double[][] b) {
        double[][] sum = new double[a.length][a[0].length];
        for (int n = 0; n < a.length; n++) {
            for (int c = 0; c < sum[n].length; c++) {
                sum[n][c] = a[n][c] + b[n][c];
            }
        }
        return sum;
    }

    /** By Abramowitz and Stegun 7.1.6, whose terms all have one sign, so that none cancel. */
    private static double erf(double x) {
        double term = x;
        double sum = 0;
        for (int n = 0; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            sum += term;
            term *= 2 * x * x / (2 * n + 3);
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    private double[] weight(String name) {
        double[] weight = weights.get(name);
        if (weight == null) {
            throw new IllegalArgumentException("no parameter " + name + " among " + weights.keySet());
        }
        return weight;
    }
}
