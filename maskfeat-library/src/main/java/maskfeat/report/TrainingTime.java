package maskfeat.report;

import java.nio.file.Path;
import java.util.Map;

/** How long a training took. */
public final class TrainingTime {
    private TrainingTime() {}

    /**
     * Seconds of all steps, waiting for data included, without what lies between them: checkpoints, pictures, validation. The
     * same whether a run was interrupted or not.
     *
     * @param metrics file of {@link MetricsFile}; 0 if it is missing
     */
    public static double seconds(Path metrics) {
        double seconds = 0;
        long before = 0;
        for (Map.Entry<Long, Map<String, Double>> row :
                MetricsFile.read(metrics).entrySet()) {
            Double step = row.getValue().get(Scalars.STEP_SECONDS);
            if (step != null) {
                seconds += step * (row.getKey() - before);
                before = row.getKey();
            }
        }
        return seconds;
    }
}
