package maskfeat.report;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.feature.FeatureView;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/**
 * A clip and the network's predictions for it.
 *
 * @param name of the file
 * @param clip its frames, as cropped for the network
 * @param grid its tokens; each step of time covers equally many frames
 * @param hidden [grid], true = hidden from the network
 * @param targets features of the whole frame, for each step of time
 * @param predictions in the layout of {@code targets}; used only in hidden tokens
 * @param loss of this clip; NaN to leave it out
 */
@SuppressWarnings("ArrayRecordComponent") // a mask to draw, never compared
public record ClipSample(
        String name,
        Frames clip,
        Grid grid,
        boolean[] hidden,
        List<FeatureView> targets,
        List<FeatureView> predictions,
        double loss) {
    public ClipSample {
        targets = List.copyOf(targets);
        predictions = List.copyOf(predictions);
        if (clip.count() % grid.t() != 0) {
            throw new IllegalArgumentException(
                    "a clip of " + clip.count() + " frames does not divide into the steps of time of the grid " + grid);
        }
        if (hidden.length != grid.size()) {
            throw new IllegalArgumentException(
                    "the grid " + grid + " needs " + grid.size() + " mask entries, got " + hidden.length);
        }
        if (targets.size() != grid.t() || predictions.size() != grid.t()) {
            throw new IllegalArgumentException("the grid " + grid + " needs " + grid.t()
                    + " targets and as many predictions, got " + targets.size() + " and " + predictions.size());
        }
        List<String> layouts = Stream.concat(targets.stream(), predictions.stream())
                .map(FeaturePainter::layout)
                .distinct()
                .toList();
        if (layouts.size() > 1) {
            throw new IllegalArgumentException(
                    "targets and predictions must have the same layout, got " + String.join(" and ", layouts));
        }
    }

    int framesPerStep() {
        return clip.count() / grid.t();
    }

    /** The step of time with most hidden tokens, the first of several, as a picture that says which frame it shows. */
    public PictureSample mostHidden() {
        int most = 0;
        int found = 0;
        for (int time = 0; time < grid.t(); time++) {
            int count = 0;
            for (int token = grid.index(time, 0, 0); token < grid.index(time + 1, 0, 0); token++) {
                count += hidden[token] ? 1 : 0;
            }
            if (count > most) {
                most = count;
                found = time;
            }
        }
        int frame = found * framesPerStep();
        PictureSample shown = at(frame);
        return new PictureSample(
                name + ", frame " + frame,
                shown.image(),
                shown.grid(),
                shown.hidden(),
                shown.target(),
                shown.prediction(),
                loss);
    }

    /** A frame with the mask, the target and the prediction of its step of time. */
    PictureSample at(int frame) {
        int time = frame / framesPerStep();
        byte[] rgb = Arrays.copyOfRange(clip.rgb(), clip.at(frame, 0, 0), clip.at(frame + 1, 0, 0));
        return new PictureSample(
                name,
                Frames.image(clip.height(), clip.width(), rgb),
                Grid.of(grid.h(), grid.w()),
                Arrays.copyOfRange(hidden, grid.index(time, 0, 0), grid.index(time + 1, 0, 0)),
                targets.get(time),
                predictions.get(time),
                loss);
    }

    /** Draws all steps of time in one scale, so that changes of brightness are those of the clip. */
    FeaturePainter painter(PanelSize size) {
        return FeaturePainter.scaledTo(targets, size);
    }

    String caption() {
        return Caption.of(name, hidden, loss);
    }
}
