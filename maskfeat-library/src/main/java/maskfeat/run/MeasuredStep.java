package maskfeat.run;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import maskfeat.torch.ProductRate;
import maskfeat.train.TimedSteps;
import maskfeat.train.TimedSteps.Times;

/**
 * What a training step costs, and how near that is to what the machine can do.
 *
 * @param seconds of a step, median
 * @param data of it waiting for samples, median, as the others
 * @param gflop billions of operations of a step, mean: those of products and convolutions, forward and backward
 * @param productRate billions of operations a second in one large product, in the precision of the step and at the same time
 * @param product sizes of that product
 * @param peakBytes largest memory of this process so far; NaN where the system does not tell
 */
public record MeasuredStep(
        double seconds,
        double data,
        double forward,
        double backward,
        double optimizer,
        double gflop,
        double productRate,
        String product,
        double peakBytes) {
    private static final double GIGA = 1e9;

    static MeasuredStep of(TimedSteps steps, ProductRate rate) throws IOException {
        return new MeasuredStep(
                steps.median(Times::step),
                steps.median(Times::data),
                steps.median(Times::forward),
                steps.median(Times::backward),
                steps.median(Times::optimizer),
                steps.mean(Times::flops) / GIGA,
                rate.median() / GIGA,
                rate.sizes(),
                MachineMemory.now().peak());
    }

    /** Billions of operations a second. */
    public double gflopsPerSecond() {
        return gflop / seconds;
    }

    /** Share of the rate of a large product, 0 to 1: what is called model FLOPs utilisation. */
    public double mfu() {
        return gflopsPerSecond() / productRate;
    }

    /** By name, for programs. */
    public Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("seconds_per_step", seconds);
        figures.put("data_seconds", data);
        figures.put("forward_seconds", forward);
        figures.put("backward_seconds", backward);
        figures.put("optimizer_seconds", optimizer);
        figures.put("gflop", gflop);
        figures.put("gflops_per_second", gflopsPerSecond());
        figures.put("gemm_rate", productRate);
        figures.put("mfu", mfu());
        if (!Double.isNaN(peakBytes)) {
            figures.put("peak_rss", (long) peakBytes);
        }
        return figures;
    }

    /** By name in words, for people. */
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("seconds a step", text("%.4g", seconds));
        facts.put("  data", text("%.4g", data));
        facts.put("  forward", text("%.4g", forward));
        facts.put("  backward", text("%.4g", backward));
        facts.put("  optimizer", text("%.4g", optimizer));
        facts.put("GFLOP a step", text("%.4g", gflop));
        facts.put("GFLOP/s", text("%.4g", gflopsPerSecond()));
        facts.put("GFLOP/s of a product", text("%.4g", productRate) + " (" + product + ")");
        facts.put("share of that (MFU)", text("%.1f %%", 100 * mfu()));
        facts.put("peak memory", Double.isNaN(peakBytes) ? "unknown" : text("%.0f MiB", peakBytes / (1 << 20)));
        return facts;
    }

    private static String text(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
