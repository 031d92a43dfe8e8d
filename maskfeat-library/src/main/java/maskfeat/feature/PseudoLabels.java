package maskfeat.feature;

import com.fasterxml.jackson.annotation.JsonTypeName;
import maskfeat.settings.Added;

/**
 * The classes that a trained classifier sees in each cell, as probabilities: its last layer applied to each cell before
 * pooling, or what files say that another program's classifier saw.
 *
 * @param teacher the classifier
 * @param fit how its cells become tokens
 * @param maps files of scores instead of a classifier
 */
@JsonTypeName("pseudo-labels")
public record PseudoLabels(
        TeacherFile teacher,
        CellFit fit,

        @Added(in = 6, before = "{folder: null, classes: 1000, axes: picture}")
        LabelMaps maps)
        implements TeacherTarget {
    /** Defaults of {@code kind: pseudo-labels}. */
    public static PseudoLabels defaults() {
        return new PseudoLabels(TeacherFile.NONE, CellFit.NEAREST, LabelMaps.NONE);
    }

    @Override
    public boolean hasNetwork() {
        return maps.folder() == null;
    }

    @Override
    public PseudoLabels with(TeacherFile known) {
        return new PseudoLabels(known, fit, maps);
    }

    @Override
    public int dim() {
        return hasNetwork() ? TeacherTarget.super.dim() : maps.classes();
    }

    @Override
    public void check(int side, int patch) {
        if (hasNetwork()) {
            TeacherTarget.super.check(side, patch);
            if (!maps.equals(LabelMaps.NONE)) {
                throw new IllegalArgumentException("task.target.maps.classes and maps.axes are of files of maps, and"
                        + " task.target.maps.folder names none; name it, or leave them out");
            }
        } else if (!teacher.equals(TeacherFile.NONE)) {
            throw new IllegalArgumentException("task.target.teacher names a classifier (" + teacher.file()
                    + ") and task.target.maps.folder files of maps (" + maps.folder() + "); leave one of them out");
        } else if (fit != CellFit.NEAREST) {
            throw new IllegalArgumentException("task.target.fit does nothing for the maps of task.target.maps.folder,"
                    + " whose cells are always mixed; leave it out");
        }
    }

    @Override
    public String wants() {
        return "the classifier whose scores are predicted: a file of weights (ResNet-50, a vision transformer) or a run folder;"
                + " or name a folder of Token Labeling's maps by task.target.maps.folder";
    }
}
