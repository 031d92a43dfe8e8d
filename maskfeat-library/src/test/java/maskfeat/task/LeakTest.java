package maskfeat.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import maskfeat.augment.Normalize;
import maskfeat.data.Batch;
import maskfeat.data.MaskedClip;
import maskfeat.model.Backbone;
import maskfeat.model.ClipSize;
import maskfeat.model.MaskFeat;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.network.Targets;
import maskfeat.nn.Init;
import maskfeat.torch.Handles;
import maskfeat.torch.Threads;
import maskfeat.train.AdamW;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.Test;

/** Training leaves no native memory behind, neither what JavaCPP counts nor what libtorch holds. */
class LeakTest {
    private static final int STEPS = 300;
    private static final int WARM_UP = 50;

    /** Tokens x width x blocks x some twenty activations of a block, 4 bytes each: what one step's graph holds. */
    private static final long GRAPH_BYTES = 8 * 17 * 32 * 2 * 20 * 4L;

    @Test
    void threeHundredStepsOfAPlainTransformerLeaveNothingBehind() throws InterruptedException {
        leavesNothingBehind(new Vit.Config(4, 1, 32, 2, 2, 4, 0.1), ClipSize.image(16));
    }

    @Test
    void threeHundredStepsOfAMultiscaleTransformerLeaveNothingBehind() throws InterruptedException {
        int threads = Threads.count();
        Threads.use(1); // so small a network spends its time waking threads
        try {
            leavesNothingBehind(
                    new Mvit.Config(16, 1, List.of(1, 1), 2, true, false, true, 4, 0.1), ClipSize.square(2, 16));
        } finally {
            Threads.use(threads);
        }
    }

    private static void leavesNothingBehind(Backbone.Config config, ClipSize size) throws InterruptedException {
        Targets targets = Targets.single(1, config.grid(size), Samplings.hog(config.patch()));
        targets = new Targets(config.embedGrid(size), targets.depths());
        try (Init init = new Init(1);
                MaskFeat model = new MaskFeat(config.build(size, init), targets.heads(), init);
                AdamW optimizer = new AdamW(model.parameters(), new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02))) {
            MaskedPrediction task = new MaskedPrediction(model, Normalize.IMAGENET, targets, new Device("cpu"));
            List<MaskedClip> samples = new ArrayList<>();
            for (int seed = 0; seed < 8; seed++) {
                samples.add(Samplings.sample(
                        size.frames(),
                        16,
                        targets.maskGrid().size(),
                        targets.last().target().dim(),
                        seed));
            }
            Batch<MaskedClip> batch = Samplings.batch(samples);
            train(task, optimizer, batch, WARM_UP);
            long handles = Handles.settled();
            long bytes = Pointer.physicalBytes();
            train(task, optimizer, batch, STEPS);
            assertThat(Handles.now()).as("native handles").isLessThanOrEqualTo(handles);
            // Half of what the graphs would take if they stayed: far above the noise of allocators and the Java heap.
            assertThat(Pointer.physicalBytes() - bytes)
                    .as("bytes of this process")
                    .isLessThan(STEPS * GRAPH_BYTES / 2);
        }
    }

    private static void train(MaskedPrediction task, AdamW optimizer, Batch<MaskedClip> batch, int steps) {
        for (int step = 0; step < steps; step++) {
            try (PointerScope scope = new PointerScope()) {
                task.loss(batch).loss().backward();
                assertThat(optimizer.step(1e-3).item_float()).isFinite();
            }
        }
    }
}
