package maskfeat.run;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import maskfeat.data.ClipSampler;
import maskfeat.data.Dataset;
import maskfeat.data.Splits;
import maskfeat.disk.PathText;

/**
 * The data of a run, opened.
 *
 * @param train what is trained on
 * @param validation what is measured on; empty if there is nothing
 * @param features what features are measured on while they are learned; empty for items that are trained on. Its classes are those
 *     of {@code train} where its labels mean the same
 * @param classes names by label, of training and validation; empty for a task that uses no labels
 * @param notices what a person should know, a sentence each, to be shown once
 */
public record RunData(
        Dataset train,
        Optional<Dataset> validation,
        Optional<Dataset> features,
        List<String> classes,
        List<String> notices) {
    public RunData {
        classes = List.copyOf(classes);
        notices = List.copyOf(notices);
    }

    /**
     * Opens the data that the run names; where it names none, the generated sample set, which is made if need be.
     *
     * @throws IOException if there is none, or it is not what the task needs
     */
    public static RunData open(Run run) throws IOException {
        return run.task().open(run);
    }

    /** Data without labels, and what a person should know of them. */
    public static RunData unlabelled(Dataset train, List<String> notices) {
        return new RunData(train, Optional.empty(), Optional.empty(), List.of(), notices);
    }

    /** What a run without labels names. */
    static RunData unlabelled(Run run) throws IOException {
        List<String> notices = new ArrayList<>();
        ClipSampler clip = run.data().clip();
        Dataset train = Splits.unlabelled(source(run, "train"), clip, notices::add);
        String other = run.report().featuresVal();
        Optional<Dataset> features = other == null || run.report().featuresEvery() == 0
                ? Optional.empty()
                : Optional.of(beside(train, other, clip, notices));
        return new RunData(train, Optional.empty(), features, List.of(), notices);
    }

    private static Dataset beside(Dataset train, String other, ClipSampler clip, List<String> notices)
            throws IOException {
        try {
            return Splits.beside(train, PathText.path(other), clip, notices::add);
        } catch (NoSuchFileException gone) {
            throw new NoSuchFileException(
                    gone.getFile(),
                    null,
                    gone.getReason()
                            + " (report.features-val); name where the data are now with --val NEWPLACE, or leave them away"
                            + " with --set report.features-val=null");
        }
    }

    /** Labelled data. */
    public static RunData of(Splits splits) {
        return new RunData(splits.train(), splits.validation(), Optional.empty(), splits.classes(), splits.notices());
    }

    /** Where the data lie: as the run says, or the part of the sample set. */
    static Path source(Run run, String samplePart) throws IOException {
        return run.data().path() == null
                ? SampleData.path(run.data().clip(), samplePart)
                : PathText.path(run.data().path());
    }
}
