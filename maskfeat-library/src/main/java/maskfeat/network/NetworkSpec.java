package maskfeat.network;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import maskfeat.model.Backbone;
import maskfeat.model.ClassTokens;
import maskfeat.model.ClipSize;
import maskfeat.model.Network;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;

/**
 * What a file of weights says of itself: enough to build the network again and to feed it. Every {@code model.safetensors}
 * carries it, so that the file is usable by itself.
 *
 * @param input what the network reads
 * @param backbone how tokens are encoded
 * @param head what stands on the backbone
 */
public record NetworkSpec(Input input, Backbone.Config backbone, Head head) {
    /** The clips must divide into tokens; whether the head fits is asked by {@link #check} and by building. */
    public NetworkSpec {
        backbone.embedGrid(input.size());
    }

    /**
     * Checks that the head fits, without building anything.
     *
     * @throws IllegalArgumentException if it does not, naming the setting and what would do
     */
    public void check() {
        head.check(input, backbone);
    }

    /** What goes into the file beside the weights. */
    public Map<String, String> metadata() {
        return Map.of("format", "pt", SpecFormat.KEY, SpecFormat.write(this));
    }

    /** For other programs: what {@link Input#description} and {@link Head#description} have. */
    public Map<String, String> description() {
        Map<String, String> description = new LinkedHashMap<>(input.description());
        description.putAll(head.description());
        return Collections.unmodifiableMap(description);
    }

    /** Size of the clips that the network reads. */
    public ClipSize size() {
        return input.size();
    }

    /** How many blocks of the backbone the network has. */
    public int blocks() {
        return head.blocks(backbone);
    }

    /**
     * The network with its first values.
     *
     * @return to be closed by the caller
     */
    public Network build(long seed, Device device) {
        return on(device, seed, init -> head.build(input, backbone, init));
    }

    /** The backbone alone with its first values, the same as in {@link #build}. */
    public Backbone buildBackbone(long seed, Device device) {
        return on(device, seed, init -> backbone.build(input.size(), blocks(), init));
    }

    /**
     * The backbone with the norm of its class token, with first values, those of the backbone the same as in {@link #build}.
     *
     * @throws IllegalArgumentException if it has no class token
     */
    public ClassTokens buildClassTokens(long seed, Device device) {
        return on(device, seed, init -> new ClassTokens(backbone.build(input.size(), init), init));
    }

    /** Shapes of the network's parameters by name, in their order, found without taking memory for them. */
    public Map<String, List<Long>> shapes() {
        return shapes(init -> head.build(input, backbone, init));
    }

    /** Those of {@link #shapes} that a file of its weights cannot do without. */
    Map<String, List<Long>> essentialShapes() {
        return shapes(init -> head.buildEssential(input, backbone, init));
    }

    /** Those of {@link #shapes} that are the backbone's. */
    Map<String, List<Long>> backboneShapes() {
        return shapes(init -> backbone.build(input.size(), blocks(), init));
    }

    private static Map<String, List<Long>> shapes(Function<Init, ? extends Layer> parts) {
        try (PointerScope scope = new PointerScope();
                Init init = Init.shapesOnly();
                Layer network = parts.apply(init)) {
            return network.shapes();
        }
    }

    /** Puts together a network whose first values are drawn by a seed, on a device. */
    public static <L extends Layer> L on(Device device, long seed, Function<Init, L> parts) {
        // Without a scope, the handles that values were drawn into hold the weights until they are collected.
        try (PointerScope scope = new PointerScope();
                Init init = new Init(seed)) {
            L built = parts.apply(init);
            built.to(device);
            return built;
        }
    }
}
