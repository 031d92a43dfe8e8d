package maskfeat.network;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.Detector;
import maskfeat.nn.Init;
import tools.jackson.databind.json.JsonMapper;

/**
 * Scores of actions in given boxes.
 *
 * @param dropout share of a box's features that are zeroed in training before the last layer, 0 to 1
 * @param names of the actions by number
 * @param ids of the actions by number, as annotations have them
 */
@JsonTypeName("actions")
public record ActionHead(double dropout, List<String> names, List<Integer> ids) implements Head {
    public ActionHead {
        names = List.copyOf(names);
        ids = List.copyOf(ids);
        if (names.isEmpty() || names.size() != ids.size() || new HashSet<>(ids).size() != ids.size()) {
            throw new IllegalArgumentException("actions " + names + " with the ids " + ids
                    + ": there must be at least one, and an id of its own for each");
        }
        checkDropout(dropout);
    }

    /** @throws IllegalArgumentException unless it lies from 0 to below 1 */
    public static void checkDropout(double dropout) {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout " + dropout + " must be at least 0 and below 1");
        }
    }

    @Override
    public int blocks(Backbone.Config backbone) {
        return backbone.depth();
    }

    @Override
    public void check(Input input, Backbone.Config backbone) {
        backbone.embedGrid(input.size());
        if (input.ofImages()) {
            throw new IllegalArgumentException(
                    "actions are found in clips; set data.clip.kind=timed or strided instead of still");
        }
    }

    @Override
    public boolean sameWeights(Head other) {
        return other instanceof ActionHead same && same.names.equals(names) && same.ids.equals(ids);
    }

    /** The norm of a classifier that takes the mean of the tokens sees what this one's does. */
    @Override
    public boolean takes(Head other, String tensor) {
        return sameWeights(other)
                || other instanceof Head.Classes classes
                        && classes.pooling() == Classifier.Pooling.MEAN
                        && tensor.startsWith("norm.");
    }

    @Override
    public Detector build(Input input, Backbone.Config backbone, Init init) {
        check(input, backbone);
        return new Detector(backbone.build(input.size(), init), dropout, names.size(), init);
    }

    /** {@code labels}: the names of the actions as a JSON array. */
    @Override
    public Map<String, String> description() {
        return Map.of("labels", JsonMapper.shared().writeValueAsString(names));
    }
}
