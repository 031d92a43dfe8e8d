package maskfeat.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.train.StepReport;

/** The values of a step report by TensorBoard tag. Only {@code time/...} differs between equal runs. */
public final class Scalars {
    static final String STEP = "step";
    static final String EPOCH = "epoch";
    static final String LOSS = "train/loss";
    static final String BASELINE = "train/baseline";
    static final String LOSS_VS_BASELINE = "train/loss_vs_baseline";
    static final String LEARNING_RATE = "train/lr";
    static final String GRAD_NORM = "train/grad_norm";
    static final String STEP_SECONDS = "time/step_s";
    static final String DATA_SECONDS = "time/data_s";
    static final String DATA_SHARE = "time/data_share";
    static final String TEACHER_SHARE = "time/teacher_share";
    static final String RANKS_SHARE = "time/ranks_share";
    static final String MFU = "time/mfu";
    static final String SAMPLES_PER_SECOND = "time/samples_per_s";

    private Scalars() {}

    /** The values in a fixed order, whatever the order of {@link StepReport#extra}. */
    public static Map<String, Double> of(StepReport report) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(EPOCH, report.epoch());
        values.put(LOSS, report.loss());
        values.put(BASELINE, report.baseline());
        values.put(LOSS_VS_BASELINE, report.loss() / report.baseline());
        values.put(LEARNING_RATE, report.learningRate());
        values.put(GRAD_NORM, report.gradNorm());
        values.putAll(new TreeMap<>(report.extra()));
        values.put(STEP_SECONDS, report.stepSeconds());
        values.put(DATA_SECONDS, report.stepSeconds() * report.dataShare());
        values.put(DATA_SHARE, report.dataShare());
        if (!Double.isNaN(report.teacherShare())) {
            values.put(TEACHER_SHARE, report.teacherShare());
        }
        if (!Double.isNaN(report.ranksShare())) {
            values.put(RANKS_SHARE, report.ranksShare());
        }
        if (!Double.isNaN(report.mfu())) {
            values.put(MFU, report.mfu());
        }
        values.put(SAMPLES_PER_SECOND, report.samplesPerSecond());
        return values;
    }
}
