package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import maskfeat.data.Batch;
import maskfeat.data.MaskedClip;
import maskfeat.data.Sample;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.model.MaskFeat;
import maskfeat.network.Targets;
import maskfeat.task.MaskedPrediction;
import maskfeat.torch.Arrays;
import maskfeat.torch.Devices;
import maskfeat.train.Task;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.Test;

/** Prediction after several blocks of a multiscale network, each with a grid of its own. */
class SeveralDepthsTest {
    private static Run run(String depths) {
        return Runs.run("tiny-video", "task.depths=" + depths, "task.target.cell=4", "model.drop-path=0");
    }

    private static List<MaskedClip> samples(Run run, Targets targets) {
        List<MaskedClip> samples = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            byte[] rgb = new byte[4 * 32 * 32 * 3];
            new Random(i).nextBytes(rgb);
            Frames frames = new Frames(4, 32, 32, rgb);
            boolean[] hidden = ((MaskedConfig) run.task()).mask().draw(targets.maskGrid(), new SplittableRandom(i));
            samples.add(new MaskedClip(frames, hidden, targets.of(frames, hidden)));
        }
        return samples;
    }

    private static double loss(Run run, List<MaskedClip> samples, int depth) {
        Device cpu = Devices.named("cpu");
        try (MaskFeat model = (MaskFeat) Runs.spec(run).build(1, cpu);
                PointerScope scope = new PointerScope()) {
            Targets targets = Runs.targets(run);
            List<Sample<MaskedClip>> own = samples.stream()
                    .map(each -> depth < 0
                            ? each
                            : new MaskedClip(
                                    each.frames(),
                                    each.hidden(),
                                    List.of(each.targets().get(depth))))
                    .map(each -> new Sample<>(0, each))
                    .toList();
            Task.Outcome outcome =
                    new MaskedPrediction(model, run.data().normalize(), targets, cpu).loss(new Batch<>(0, own));
            outcome.loss().backward();
            model.parameters()
                    .forEach((name, parameter) ->
                            assertThat(parameter.grad().defined()).as(name).isTrue());
            return Arrays.floats(outcome.loss())[0];
        }
    }

    @Test
    void eachDepthHasTheGridThatComesOutOfItsBlock() {
        Targets targets = Runs.targets(run("[0, 1]"));
        assertThat(targets.depths())
                .extracting(Targets.Depth::grid)
                .containsExactly(new Grid(2, 8, 8), new Grid(2, 4, 4));
        assertThat(targets.depths()).extracting(depth -> depth.target().dim()).containsExactly(27, 108);
        assertThat(targets.maskGrid()).isEqualTo(new Grid(2, 4, 4));
    }

    /** A hidden token of the coarse grid hides the four of the fine one that lie in it, and each has its target. */
    @Test
    void whatIsHiddenIsTheSameOnBothGrids() {
        Run run = run("[0, 1]");
        Targets targets = Runs.targets(run);
        for (MaskedClip sample : samples(run, targets)) {
            assertThat(sample.targets().get(0)).hasSize(4 * sample.hiddenCount() * 27);
            assertThat(sample.targets().get(1)).hasSize(sample.hiddenCount() * 108);
        }
    }

    /** The network of both depths has the blocks of the one; where heads begin at zero bias and random weights, sums hold. */
    @Test
    void theFirstDepthAloneIsANetworkWithoutTheBlocksBehindIt() {
        Run both = run("[0, 1]");
        List<MaskedClip> samples = samples(both, Runs.targets(both));
        double sum = loss(both, samples, -1);
        double last = loss(run("[1]"), samples, 1);
        assertThat(sum).isGreaterThan(last);
        // Another block 0 head is drawn between; what the last head predicts of random features is all but its mean.
        assertThat(sum - last).isCloseTo(meanSquare(samples, 0), within(0.02));
    }

    private static double meanSquare(List<MaskedClip> samples, int depth) {
        double squares = 0;
        long count = 0;
        for (MaskedClip sample : samples) {
            for (float value : sample.targets().get(depth)) {
                squares += value * value;
                count++;
            }
        }
        return squares / count;
    }
}
