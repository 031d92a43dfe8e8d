package maskfeat.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import maskfeat.data.Dataset;
import maskfeat.data.Splits;
import maskfeat.disk.PathText;

/**
 * The data of a run, opened.
 *
 * @param train what is trained on
 * @param validation what is measured on; empty if there is nothing
 * @param classes names by label, of both; empty for a task that uses no labels
 * @param notices what a person should know, a sentence each, to be shown once
 */
public record RunData(Dataset train, Optional<Dataset> validation, List<String> classes, List<String> notices) {
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
        return new RunData(train, Optional.empty(), List.of(), notices);
    }

    /** Labelled data. */
    public static RunData of(Splits splits) {
        return new RunData(splits.train(), splits.validation(), splits.classes(), splits.notices());
    }

    /** Where the data lie: as the run says, or the part of the sample set. */
    static Path source(Run run, String samplePart) throws IOException {
        return run.data().path() == null
                ? SampleData.path(run.data().clip(), samplePart)
                : PathText.path(run.data().path());
    }
}
