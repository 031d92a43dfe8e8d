package maskfeat.teacher;

import java.util.List;
import java.util.OptionalInt;
import maskfeat.augment.Normalize;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * A network of images that is never trained: what it makes of the cells of a picture is what another network learns to predict.
 * It computes in evaluation mode, in float32, without gradients; results live in the caller's scope.
 *
 * <p>For one thread at a time.
 */
public interface Teacher extends AutoCloseable {
    /** How pictures are normalised for it, whatever the network that learns from it sees. */
    Normalize normalize();

    /**
     * The feature of each cell; of a tokenizer the logits of its tokens.
     *
     * @param frames [B, 3, H, W], normalised as {@link #normalize} says
     * @return [B, dim, h, w]
     * @throws IllegalArgumentException if the network does not read pictures of this size, saying which it reads
     */
    Tensor cells(Tensor frames);

    /** Numbers of a cell's feature. */
    int dim();

    /** Side of a cell in pixels. */
    int cellSide();

    /** How many classes it has scores for; empty if it is no classifier. */
    OptionalInt classes();

    /**
     * The scores of the classes in each cell, before softmax: the classifier's last layer, applied to every cell instead of the
     * pooled feature.
     *
     * @param frames as those of {@link #cells}
     * @return [B, classes, h, w]
     * @throws IllegalStateException if {@link #classes} is empty
     */
    Tensor scores(Tensor frames);

    /**
     * The number of the highest of a cell's values, of equal ones the first: a tokenizer's token.
     *
     * @param frames as those of {@link #cells}
     * @return [B, h, w], whole numbers below {@link #dim}
     */
    default Tensor tokens(Tensor frames) {
        return Frozen.compute(() -> Ops.argmax(cells(frames), 1));
    }

    /** Whether its cells are logits of tokens, of which the highest counts. */
    default boolean isTokenizer() {
        return false;
    }

    /** In a line, such as "ResNet-50 (...), 25,557,032 parameters". */
    String description();

    /** What must be said of its weights: where they are from, what was assumed. */
    List<String> notes();

    /** Frees the weights. */
    @Override
    void close();
}
