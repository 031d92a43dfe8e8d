package maskfeat.onnx;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import maskfeat.mask.Grid;
import maskfeat.model.Backbone;
import maskfeat.model.Mvit;
import maskfeat.nn.MultiscaleBlock;
import maskfeat.nn.RelativePosition;

/** Exports the blocks of a multiscale vision transformer (Li et al. 2022, section 4), in their plain form. */
final class MvitGraph extends BackboneGraph {
    private final List<MultiscaleBlock.Sizes> shapes;

    /** The graph; empty for other backbones. */
    static Optional<BackboneGraph> ifKnown(Backbone backbone, Layers layers) {
        return backbone.config() instanceof Mvit.Config config
                ? Optional.of(new MvitGraph(backbone, config, layers))
                : Optional.empty();
    }

    private MvitGraph(Backbone backbone, Mvit.Config config, Layers layers) {
        super(backbone, layers);
        shapes = config.shapes(backbone.size()).subList(0, backbone.depth());
    }

    @Override
    String encode(String patches) {
        String x = shapes.get(0).classToken() ? layers.withClassToken(patches) : patches;
        for (int i = 0; i < shapes.size(); i++) {
            x = new BlockGraph("blocks." + i, shapes.get(i)).encode(x);
        }
        return x;
    }

    // B batch, N patches, C channels, D channels of a head, M keys

    /** One block. */
    private final class BlockGraph {
        private final String name;
        private final MultiscaleBlock.Sizes shape;
        private final int classTokens;
        private final long heads;
        private final long D;
        private final Grid q;
        private final Grid k;

        BlockGraph(String name, MultiscaleBlock.Sizes shape) {
            this.name = name;
            this.shape = shape;
            classTokens = shape.classToken() ? 1 : 0;
            heads = shape.heads();
            D = shape.attentionDim() / heads;
            q = shape.gridOut();
            k = shape.gridOfKeys();
        }

        String encode(String x) {
            String n = layers.layerNorm(name + ".norm1", x);
            String shortcut = shape.widens() && shape.widenInAttention() ? layers.linear(name + ".proj", n) : x;
            String mixed = attention(n);
            String pooled = maxPooled(shortcut);
            graph.part(name);
            String y = graph.add(pooled, mixed);
            n = layers.layerNorm(name + ".norm2", y);
            shortcut = shape.widens() && !shape.widenInAttention() ? layers.linear(name + ".proj", n) : y;
            String m = layers.mlp(name + ".mlp", n);
            graph.part(name);
            return graph.add(shortcut, m);
        }

        /** The shortcut where queries are pooled: patches are max-pooled, the class token stays as it is. */
        private String maxPooled(String x) {
            if (shape.qStride() == 1) {
                return x;
            }
            graph.part(name);
            Grid grid = shape.grid();
            long C = shape.attentionDim();
            List<String> parts = apart(x, 1, grid);
            // Time is not pooled, so it can be merged with the channels.
            String pictures = graph.reshape(
                    graph.transpose(parts.get(parts.size() - 1), 0, 2, 1),
                    Graph.BATCH,
                    C * grid.t(),
                    grid.h(),
                    grid.w());
            long[] strides = {shape.qStride(), shape.qStride()};
            String largest = graph.maxPool(pictures, new long[] {3, 3}, strides, new long[] {1, 1});
            String patches = graph.transpose(graph.reshape(largest, Graph.BATCH, C, q.size()), 0, 2, 1);
            return classTokens == 0 ? patches : graph.concat(1, parts.get(0), patches);
        }

        private String attention(String x) {
            String attn = name + ".attn";
            long C = shape.attentionDim();
            String qkv = layers.linear(attn + ".qkv", x); // [B, 1 + N, 3 C]
            graph.part(attn);
            List<String> parts = graph.split(qkv, 2, C, C, C);
            String queries = pooled("q", parts.get(0), q, shape.qStride()); // [B, heads, 1 + N', D]
            String keys = pooled("k", parts.get(1), k, shape.kvStride()); // [B, heads, 1 + M, D]
            String values = pooled("v", parts.get(2), k, shape.kvStride());
            graph.part(attn);
            String scaled = graph.transpose(graph.multiply(keys, 1 / Math.sqrt(D)), 0, 1, 3, 2);
            List<String> ofQueries = apart(queries, 2, q);
            String patches = ofQueries.get(ofQueries.size() - 1); // [B, heads, N', D]
            String scores = graph.add(graph.matMul(queries, scaled), positions(patches));
            String mixed = graph.matMul(graph.softmax(scores), values);
            // Residual pooling, for patches only
            String y = graph.add(mixed, afterClassToken(patches)); // [B, heads, 1 + N', D]
            String rows = graph.reshape(graph.transpose(y, 0, 2, 1, 3), Graph.BATCH, classTokens + q.size(), C);
            return layers.linear(attn + ".proj", rows);
        }

        /**
         * Depthwise convolution of patches, without the class token, then the norm of all tokens.
         *
         * @param x [B, 1 + N, C]
         * @return [B, heads, 1 + N', D]
         */
        private String pooled(String which, String x, Grid to, int stride) {
            String pool = name + ".attn.pool_" + which;
            Grid from = shape.grid();
            graph.part(pool);
            List<String> parts = apart(x, 1, from);
            String volumes = graph.reshape(
                    graph.transpose(parts.get(parts.size() - 1), 0, 2, 1), -1, D, from.t(), from.h(), from.w());
            String convolved = graph.conv(
                    volumes,
                    List.of(layers.parameter(pool + ".weight")),
                    new long[] {3, 3, 3},
                    new long[] {1, stride, stride},
                    new long[] {1, 1, 1},
                    D);
            String rows = graph.transpose(graph.reshape(convolved, -1, heads, D, to.size()), 0, 1, 3, 2);
            if (classTokens > 0) {
                String alone = graph.transpose(graph.reshape(parts.get(0), Graph.BATCH, 1, heads, D), 0, 2, 1, 3);
                rows = graph.concat(2, alone, rows);
            }
            return layers.layerNorm(name + ".attn.norm_" + which, rows);
        }

        /**
         * The relative position terms of the scores: a query's products with the vectors for each row, time and column
         * of the keys' grid, assigned to the keys by a matrix of 0 and 1.
         *
         * @param patches [B, heads, N', D], normalised, not scaled
         * @return [B, heads, 1 + N', 1 + M]
         */
        private String positions(String patches) {
            String rows = graph.reshape(patches, Graph.BATCH, heads * q.t(), q.h(), q.w(), D);
            String ofRows = graph.matMul(rows, vectors("rel_pos_h", q.h(), k.h())); // [B, heads * t, h, w, k.h]
            String columns = rowsAndColumnsSwapped(rows);
            String ofColumns = graph.matMul(columns, vectors("rel_pos_w", q.w(), k.w())); // [B, heads * t, w, h, k.w]
            String times = graph.reshape(patches, Graph.BATCH, heads, q.t(), (long) q.h() * q.w(), D);
            String ofTimes = graph.matMul(times, vectors("rel_pos_t", q.t(), k.t())); // [B, heads, t, h * w, k.t]
            String products = graph.concat(
                    3,
                    graph.reshape(ofRows, Graph.BATCH, heads, q.size(), k.h()),
                    graph.reshape(ofTimes, Graph.BATCH, heads, q.size(), k.t()),
                    graph.reshape(rowsAndColumnsSwapped(ofColumns), Graph.BATCH, heads, q.size(), k.w()));
            return graph.matMul(afterClassToken(products), places());
        }

        private String rowsAndColumnsSwapped(String x) {
            return graph.transpose(x, 0, 1, 3, 2, 4);
        }

        /** The vector for each query and key position, [q, D, k], computed as in the network. */
        private String vectors(String table, int queries, int keys) {
            String parameter = name + ".attn." + table;
            return layers.made(
                    parameter + ".vectors",
                    parameter,
                    whole -> RelativePosition.vectors(whole, queries, keys).transpose(1, 2),
                    queries,
                    D,
                    keys);
        }

        /** The row, time and column of each key, one-hot: [k.h + k.t + k.w, 1 + M], all 0 for the class token. */
        private String places() {
            int columns = classTokens + k.size();
            float[] places = new float[(k.h() + k.t() + k.w()) * columns];
            for (int t = 0; t < k.t(); t++) {
                for (int y = 0; y < k.h(); y++) {
                    for (int x = 0; x < k.w(); x++) {
                        int column = classTokens + k.index(t, y, x);
                        places[y * columns + column] = 1;
                        places[(k.h() + t) * columns + column] = 1;
                        places[(k.h() + k.t() + x) * columns + column] = 1;
                    }
                }
            }
            return graph.floats(
                    String.format(Locale.ROOT, "places_%d_%d_%d_after_%d", k.t(), k.h(), k.w(), classTokens),
                    places,
                    k.h() + k.t() + k.w(),
                    columns);
        }

        /** Splits into the class token, if there is one, and the patches. */
        private List<String> apart(String x, int axis, Grid grid) {
            return classTokens == 0 ? List.of(x) : graph.split(x, axis, 1, grid.size());
        }

        /** Adds zeros in place of the class token: [B, heads, N, ...] to [B, heads, 1 + N, ...]. */
        private String afterClassToken(String x) {
            return classTokens == 0 ? x : graph.pad(x, 2, 4, 1, 0);
        }
    }
}
