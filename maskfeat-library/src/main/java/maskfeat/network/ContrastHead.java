package maskfeat.network;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;
import maskfeat.model.Backbone;
import maskfeat.model.Contrast;
import maskfeat.model.Vit;
import maskfeat.nn.Init;

/**
 * A final norm, a projector and a predictor: contrastive pre-training. Of these only the norm stays in the file of a finished
 * run, where it is the class token's.
 *
 * @param hidden width of the hidden layers of projector and predictor
 * @param out width of what is compared
 */
@JsonTypeName("contrast")
public record ContrastHead(int hidden, int out) implements Head {
    static final List<String> TENSORS = List.of("norm.", "head.", "predictor.");

    private static final int AXES = 4; // sine and cosine of row and column

    public ContrastHead {
        new Contrast.Widths(hidden, out); // refuses
    }

    /** Whether a tensor is needed for training alone. */
    public static boolean isForTraining(String tensor) {
        return tensor.startsWith("head.") || tensor.startsWith("predictor.");
    }

    @Override
    public int blocks(Backbone.Config backbone) {
        return backbone.depth();
    }

    @Override
    public void check(Input input, Backbone.Config backbone) {
        vit(backbone);
        if (!input.ofImages()) {
            throw new IllegalArgumentException("contrastive learning is of images, and data.clip has "
                    + input.clip().frames() + " frames; set data.clip.kind=image, or take a recipe of kind masked for"
                    + " clips");
        }
        backbone.embedGrid(input.size());
    }

    private static Vit.Config vit(Backbone.Config backbone) {
        if (!(backbone instanceof Vit.Config vit)) {
            throw new IllegalArgumentException("contrastive learning is of vision transformers; set model.kind=vit");
        }
        if (!vit.classToken()) {
            throw new IllegalArgumentException(
                    "contrastive learning compares class tokens, and model.class-token is false; set it to true");
        }
        if (vit.positions() != Vit.PositionKind.LEARNED) {
            throw new IllegalArgumentException(
                    "model.positions is sinusoid, whose positions are in no file; set it to"
                            + " learned: contrastive learning gives them sines and cosines of rows and columns and leaves them so");
        }
        if (vit.cubeFrames() != 1) {
            throw new IllegalArgumentException("model.cube-frames " + vit.cubeFrames()
                    + " is for clips, and contrastive learning is of images; set it to 1");
        }
        if (vit.dim() % AXES != 0) {
            throw new IllegalArgumentException("model.dim " + vit.dim() + " must be a multiple of " + AXES
                    + " for the positions of contrastive learning");
        }
        if (vit.dropPath() > 0) {
            throw new IllegalArgumentException("model.drop-path " + vit.dropPath()
                    + " would change queries and keys each in its own way; set it to 0 for contrastive learning");
        }
        return vit;
    }

    @Override
    public boolean sameWeights(Head other) {
        return equals(other);
    }

    @Override
    public Contrast build(Input input, Backbone.Config backbone, Init init) {
        check(input, backbone);
        return new Contrast(vit(backbone), input.size(), widths(), init);
    }

    /** The momentum encoder, whose values are those of the other once it begins. */
    public Contrast.Encoder encoder(Input input, Backbone.Config backbone, Init init) {
        check(input, backbone);
        return new Contrast.Encoder(vit(backbone), input.size(), widths(), init);
    }

    private Contrast.Widths widths() {
        return new Contrast.Widths(hidden, out);
    }

    /** Projector and predictor are thrown away after pre-training. */
    @Override
    public Backbone buildEssential(Input input, Backbone.Config backbone, Init init) {
        return backbone.build(input.size(), blocks(backbone), init);
    }
}
