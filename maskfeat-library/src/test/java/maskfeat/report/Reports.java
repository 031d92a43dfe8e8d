package maskfeat.report;

import java.util.Map;
import maskfeat.train.StepReport;

/** Step reports for the tests. */
final class Reports {
    private Reports() {}

    static StepReport at(long step) {
        return of(step, 0.0812, 0.0931, Map.of());
    }

    static StepReport of(long step, double loss, double baseline, Map<String, Double> extra) {
        return new StepReport(
                step,
                15600,
                step / 52.0,
                300,
                loss,
                baseline,
                1.334e-4,
                0.75,
                412.4,
                0.031,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                0.5,
                130,
                extra);
    }

    /** Of a run whose steps reached this share of the rate of a large product. */
    static StepReport utilised(double mfu) {
        return new StepReport(
                13,
                15600,
                0.25,
                300,
                0.08,
                0.1,
                1.334e-4,
                0.75,
                412.4,
                0.031,
                Double.NaN,
                Double.NaN,
                mfu,
                0.5,
                130,
                Map.of());
    }

    /** Of a run in which frozen networks took this share of the time. */
    static StepReport taught(double teacherShare) {
        return new StepReport(
                13,
                15600,
                0.25,
                300,
                0.08,
                0.1,
                1.334e-4,
                0.75,
                412.4,
                0.031,
                teacherShare,
                Double.NaN,
                Double.NaN,
                0.5,
                130,
                Map.of());
    }

    /** Of a run of several ranks, which took this share of the time. */
    static StepReport shared(double ranksShare) {
        return new StepReport(
                13, 15600, 0.25, 300, 0.08, 0.1, 1e-3, 0.75, 412.4, 0.03, Double.NaN, ranksShare, 0.5, 1, 2, Map.of());
    }
}
