package maskfeat.onnx;

import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import maskfeat.mask.Grid;
import maskfeat.model.Backbone;
import maskfeat.model.PatchEmbed;

/** Exports a backbone's embedding and blocks as operators. */
abstract class BackboneGraph {
    private static final String WEIGHT = "patch_embed.proj.weight";
    private static final String BIAS = "patch_embed.proj.bias";

    final Layers layers;
    final Graph graph;
    private final Backbone backbone;

    BackboneGraph(Backbone backbone, Layers layers) {
        this.backbone = backbone;
        this.layers = layers;
        this.graph = layers.graph;
    }

    /** Makes the graphs of one kind of backbone. */
    interface Maker {
        /** The graph; empty for backbones of other kinds. */
        Optional<BackboneGraph> ifKnown(Backbone backbone, Layers layers);
    }

    /** The kinds that can be exported. A new one needs a file with its graph and an entry here. */
    private static final List<Maker> KNOWN = List.of(VitGraph::ifKnown, MvitGraph::ifKnown);

    /**
     * The graph of a backbone.
     *
     * @throws IllegalArgumentException if backbones of this kind cannot be exported
     */
    static BackboneGraph of(Backbone backbone, Layers layers) {
        return of(KNOWN, backbone, layers);
    }

    static BackboneGraph of(List<Maker> known, Backbone backbone, Layers layers) {
        return known.stream()
                .flatMap(maker -> maker.ifKnown(backbone, layers).stream())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a network with a backbone of the kind '"
                        + backbone.getClass().getSimpleName() + "' cannot be exported to ONNX: there is no graph for"
                        + " it"));
    }

    /**
     * Adds the whole backbone.
     *
     * @param frames [B, 3, T, H, W], normalised; [B, 3, H, W] for an image network
     * @return [B, 1 + N, C], class token first, without it if there is none
     */
    final String tokens(String frames) {
        return encode(embed(frames));
    }

    /**
     * Adds the blocks.
     *
     * @param patches [B, N, C], embedded
     * @return [B, 1 + N', C'], class token first, without it if there is none
     */
    abstract String encode(String patches);

    /** Adds the embedding: the result is [B, N, C]. */
    private String embed(String frames) {
        PatchEmbed.Kernel window = backbone.config().window();
        long[] shape = layers.shape(WEIGHT);
        // Clips need kernels with three axes even if a token covers one frame and the weight has only two.
        int axes = backbone.size().frames() == 1 ? 2 : 3;
        long[] kernel = last(axes, window.kernel());
        long[] channels = {shape[0], shape[1]};
        String kernels = layers.parameter(
                WEIGHT,
                LongStream.concat(LongStream.of(channels), LongStream.of(kernel))
                        .toArray());
        graph.part("patch_embed");
        String cubes = graph.conv(
                frames,
                List.of(kernels, layers.parameter(BIAS)),
                kernel,
                last(axes, window.stride()),
                last(axes, window.padding()),
                1);
        Grid grid = backbone.config().embedGrid(backbone.size());
        return graph.transpose(graph.reshape(cubes, Graph.BATCH, shape[0], grid.size()), 0, 2, 1);
    }

    private static long[] last(int count, long[] axes) {
        return LongStream.of(axes).skip(axes.length - count).toArray();
    }
}
