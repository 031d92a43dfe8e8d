package maskfeat.train;

import java.util.Map;

/**
 * How training went since the last report.
 *
 * @param step optimizer steps done
 * @param steps optimizer steps of the whole run
 * @param epoch epochs done, with a fraction
 * @param epochs epochs of the whole run
 * @param loss mean over the steps since the last report
 * @param baseline loss of the best constant prediction; NaN if the task has no such baseline
 * @param learningRate of the last step
 * @param gradNorm global L2 norm before clipping, mean over the steps since the last report
 * @param samplesPerSecond through the whole loop
 * @param dataShare part of the time that the step waited for data, 0 to 1
 * @param teacherShare part of the time that frozen networks took, 0 to 1; NaN without them
 * @param ranksShare part of the time spent in sums with other ranks and in waiting for them, 0 to 1; NaN in one process
 * @param mfu share that the operations of products and convolutions reach of the rate of a large product on the same device,
 *     0 to 1: model FLOPs utilisation; NaN where that rate is not known
 * @param stepSeconds mean
 * @param secondsLeft at this rate
 * @param extra further numbers of the task by TensorBoard tag, e.g. {@code train/mask_ratio}
 */
public record StepReport(
        long step,
        long steps,
        double epoch,
        int epochs,
        double loss,
        double baseline,
        double learningRate,
        double gradNorm,
        double samplesPerSecond,
        double dataShare,
        double teacherShare,
        double ranksShare,
        double mfu,
        double stepSeconds,
        double secondsLeft,
        Map<String, Double> extra) {}
