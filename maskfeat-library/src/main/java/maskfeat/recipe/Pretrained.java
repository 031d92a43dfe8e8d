package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import maskfeat.augment.Normalize;
import maskfeat.data.ClipSampler;
import maskfeat.mask.Grid;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.MaskFeat;
import org.jspecify.annotations.Nullable;

/**
 * Weights to begin fine-tuning from: of pre-training, or of another classifier.
 *
 * @param weights the file
 * @param model its backbone
 * @param clip which frames of a video it read
 * @param side of its square input in pixels
 * @param normalize of its input
 * @param pooling how its classifier reads a feature off the tokens; null after pre-training
 * @param classes that it knows; none after pre-training
 */
public record Pretrained(
        Path weights,
        Backbone.Config model,
        ClipSampler clip,
        int side,
        Normalize normalize,
        Classifier.@Nullable Pooling pooling,
        List<String> classes) {
    public Pretrained {
        classes = List.copyOf(classes);
    }

    /**
     * Looks into a run folder, a checkpoint folder, or the file itself, of any origin that {@link KnownWeights} knows.
     *
     * @throws IOException if there are no weights or they do not say what network they are for
     */
    public static Pretrained open(Path from) throws IOException {
        try (KnownWeights known = KnownWeights.open(Blueprint.weights(from))) {
            if (known.isClassifier()) {
                ClassifierBlueprint found = known.classifier();
                ClassifierBlueprint.Input input = found.input();
                return new Pretrained(
                        known.file(),
                        found.model(),
                        input.clip(),
                        input.side(),
                        input.normalize(),
                        found.head().pooling(),
                        found.classes());
            }
            Blueprint found = known.pretraining();
            return new Pretrained(
                    known.file(), found.model(), found.clip(), found.side(), found.normalize(), null, List.of());
        }
    }

    /** Whether a fine-tuning run is for this network and its input. */
    public boolean fits(Finetune settings) {
        return settings.model().equals(model.likeForFineTuning(settings.model()))
                && settings.data().clip().frames() == clip.frames()
                && settings.data().side() == side;
    }

    /** Whether a pre-training run is for this network and its input. */
    public boolean fits(Run run) {
        return run.model().equals(model)
                && run.data().clip().frames() == clip.frames()
                && run.data().side() == side;
    }

    /**
     * The settings of a fine-tuning run with this network in place of theirs, but for what fine-tuning decides, and with
     * colours as it knows them.
     */
    public Finetune adoptedBy(Finetune settings) {
        return settings.with(model.likeForFineTuning(settings.model()), normalize);
    }

    /** Puts these weights into a classifier. */
    Transfer into(Classifier network, ClassifierBlueprint blueprint) throws IOException {
        Grid from = model.embedGrid(ClipSize.square(clip.frames(), side));
        Grid to = blueprint.model().embedGrid(blueprint.input().size());
        boolean sameHead =
                blueprint.classes().equals(classes) && blueprint.head().pooling() == pooling;
        return Transfer.into(network.parameters(), weights, from, to, sameHead);
    }

    /**
     * Puts these weights into a network to be pre-trained further. Mask token and prediction head are taken over where they
     * are there and for the same target, and begin anew where not.
     */
    Transfer into(MaskFeat network, Blueprint blueprint) throws IOException {
        boolean same = false;
        if (classes.isEmpty()) {
            Blueprint found = Blueprint.read(weights);
            same = found.target().equals(blueprint.target())
                    && found.depths().equals(blueprint.depths())
                    && found.model().equals(blueprint.model());
        }
        Grid from = model.embedGrid(ClipSize.square(clip.frames(), side));
        Grid to = blueprint.model().embedGrid(blueprint.size());
        return Transfer.into(network.parameters(), weights, from, to, same);
    }
}
