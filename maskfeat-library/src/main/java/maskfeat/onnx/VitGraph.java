package maskfeat.onnx;

import java.util.List;
import java.util.Optional;
import maskfeat.model.Backbone;
import maskfeat.model.Vit;

/** Exports the blocks of a vision transformer. */
final class VitGraph extends BackboneGraph {
    private final Vit.Config config;
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
        tokens = 1 + config.embedGrid(backbone.size()).size();
        depth = backbone.depth();
    }

    @Override
    String encode(String patches) {
        String x = layers.withClassToken(patches);
        graph.part("pos_embed");
        x = graph.add(x, layers.parameter("pos_embed"));
        for (int i = 0; i < depth; i++) {
            x = block("blocks." + i, x);
        }
        return x;
    }

    private String block(String name, String x) {
        String mixed = attention(name + ".attn", layers.layerNorm(name + ".norm1", x));
        graph.part(name);
        String y = graph.add(x, mixed);
        String m = layers.mlp(name + ".mlp", layers.layerNorm(name + ".norm2", y));
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
