package maskfeat.onnx;

import java.util.List;
import java.util.Optional;
import maskfeat.model.Backbone;
import maskfeat.model.Positions;
import maskfeat.model.Vit;

/** Exports the blocks of a vision transformer. */
final class VitGraph extends BackboneGraph {
    private final Vit.Config config;
    private final int patches;
    private final long tokens;
    private final int depth;

    /** The graph; empty for other backbones. */
    static Optional<BackboneGraph> ifKnown(Backbone backbone, Layers layers) {
        return backbone.config() instanceof Vit.Config config
                ? Optional.of(new VitGraph(backbone, config, layers))
                : Optional.empty();
    }

    private VitGraph(Backbone backbone, Vit.Config config, Layers layers) {
        super(backbone, layers);
        this.config = config;
        patches = config.embedGrid(backbone.size()).size();
        tokens = (config.classToken() ? 1 : 0) + patches;
        depth = backbone.depth();
    }

    @Override
    String encode(String embedded) {
        String x = switch (config.positions()) {
            case LEARNED -> placed(withClassToken(embedded), layers.parameter("pos_embed"));
            case SINUSOID -> withClassToken(placed(embedded, sinusoids()));
        };
        for (int i = 0; i < depth; i++) {
            x = block("blocks." + i, x);
        }
        return x;
    }

    private String withClassToken(String embedded) {
        return config.classToken() ? layers.withClassToken(embedded) : embedded;
    }

    private String placed(String x, String positions) {
        graph.part("pos_embed");
        return graph.add(x, positions);
    }

    private String sinusoids() {
        return layers.computed("pos_embed", () -> Positions.sinusoids(patches, config.dim()), 1, patches, config.dim());
    }

    private String block(String name, String x) {
        String mixed = attention(name + ".attn", layers.layerNorm(name + ".norm1", x, config.normEpsilon()));
        graph.part(name);
        String y = graph.add(x, mixed);
        String m = layers.mlp(name + ".mlp", layers.layerNorm(name + ".norm2", y, config.normEpsilon()));
        graph.part(name);
        return graph.add(y, m);
    }

    private String attention(String name, String x) {
        long C = config.dim();
        long heads = config.heads();
        long D = C / heads;
        String qkv = layers.linear(name + ".qkv", x); // [B, N, 3 C]
        graph.part(name);
        List<String> parts = graph.split(qkv, 2, C, C, C);
        String q = graph.transpose(graph.reshape(parts.get(0), Graph.BATCH, tokens, heads, D), 0, 2, 1, 3);
        String k = graph.transpose(graph.reshape(parts.get(1), Graph.BATCH, tokens, heads, D), 0, 2, 3, 1);
        String v = graph.transpose(graph.reshape(parts.get(2), Graph.BATCH, tokens, heads, D), 0, 2, 1, 3);
        String scores = graph.matMul(graph.multiply(q, 1 / Math.sqrt(D)), k); // [B, heads, N, N]
        String y = graph.matMul(graph.softmax(scores), v); // [B, heads, N, D]
        return layers.linear(name + ".proj", graph.reshape(graph.transpose(y, 0, 2, 1, 3), Graph.BATCH, tokens, C));
    }
}
