package maskfeat.model;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** The output of each block, class token and all: what the golden tests look at. */
final class EachBlock {
    private EachBlock() {}

    static List<Tensor> of(Backbone backbone, Tokens tokens) {
        List<Integer> blocks = IntStream.range(0, backbone.depth()).boxed().toList();
        return backbone.encode(tokens, blocks).stream().map(Features::x).toList();
    }
}
