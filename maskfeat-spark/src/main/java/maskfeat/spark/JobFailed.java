package maskfeat.spark;

import java.io.IOException;

/** Executors could not do a job. Nothing of it is in the table. */
final class JobFailed extends IOException {
    private static final long serialVersionUID = 1;

    JobFailed(Exception failed) {
        super(
                "the job failed, and nothing of it was written; the executors' logs have more: "
                        + String.valueOf(failed.getMessage())
                                .lines()
                                .findFirst()
                                .orElse("no reason was given"),
                failed);
    }
}
