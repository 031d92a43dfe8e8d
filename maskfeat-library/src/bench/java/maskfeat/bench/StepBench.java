package maskfeat.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import maskfeat.data.BadFiles;
import maskfeat.data.Batch;
import maskfeat.data.Dataset;
import maskfeat.data.Loader;
import maskfeat.data.MaskedClip;
import maskfeat.sample.SampleSet;
import maskfeat.data.Order;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.mask.Grid;
import maskfeat.model.MaskFeat;
import maskfeat.network.Head;
import maskfeat.network.Targets;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.run.RunData;
import maskfeat.run.TaskPlan;
import maskfeat.torch.Devices;
import maskfeat.torch.Natives;
import maskfeat.torch.Threads;
import maskfeat.train.AdamW;
import maskfeat.train.Task;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A training step and its parts: forward, backward, optimizer, target, waiting for data; and the last block for hidden
 * tokens only against all tokens, in turn, for plain transformers. Arguments: {@code batch=4 threads=2 steps=9 images=1
 * clips=1}.
 */
public final class StepBench {
    private static final int WARM_UP = 2;

    private StepBench() {}

    public static void main(String[] args) throws Exception {
        int threads = Timings.argument(args, "threads", 2);
        int steps = Timings.argument(args, "steps", 9);
        Threads.use(threads);
        System.out.println(Natives.load().summary());
        Path data = Files.createTempDirectory("maskfeat-bench");
        try {
            SampleSet.Images images = new SampleSet.Images(8, 0, 280, 400);
            SampleSet.Clips clips = new SampleSet.Clips(3, 0, 100, 256);
            SampleSet.write(data.resolve("set"), new SampleSet.Size(images, clips));
            Path ofImages = data.resolve("set/images/train");
            Path ofClips = data.resolve("set/clips/train");
            if (Timings.argument(args, "images", 1) == 1) {
                step("in1k-vit-b-pt", Timings.argument(args, "batch", 4), steps, ofImages);
                step("sample-image", 32, 10 * steps, ofImages);
            }
            if (Timings.argument(args, "clips", 1) == 1) {
                step("k400-mvitv2-s-16x4-pt", 1, steps, ofClips);
                step("sample-video", 16, 5 * steps, ofClips);
            }
        } finally {
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Network and task of pre-training. */
    private static final class Parts implements AutoCloseable {
        private final TaskPlan<MaskedClip> plan;

        @SuppressWarnings("unchecked") // a recipe of pre-training
        Parts(TaskPlan<?> plan) {
            this.plan = (TaskPlan<MaskedClip>) plan;
        }

        Targets targets() {
            Head.Prediction head = (Head.Prediction) plan.spec().head();
            return head.targets(plan.spec().input(), plan.spec().backbone());
        }

        @Override
        public void close() {
            plan.close();
        }
    }

    private static void step(String recipe, int batchSize, int steps, Path data) throws Exception {
        Run run = Recipes.BOOK.settings(recipe)
                .set("train.batch=" + batchSize)
                .set("train.accumulate=1")
                .set("train.device=cpu")
                .set("optim.warmup-epochs=0")
                .value();
        Dataset dataset = Dataset.open(data, run.data().clip());
        System.out.printf("%n%s, batch %d%n", recipe, batchSize);
        Timings timings = new Timings();
        RunData opened = RunData.unlabelled(dataset, List.of());
        try (Parts parts = new Parts(run.task().plan(run, opened, Devices.named("cpu")));
                AdamW optimizer = new AdamW(parts.plan.network().parameters(), run.optim().adamw())) {
            BadFiles badFiles = new BadFiles(dataset.size(), run.data().maxBadShare(), List.of(), (file, reason) -> {});
            Samples<MaskedClip> samples =
                    new Samples<>(dataset, new Seeds(run.seed()), parts.plan.maker(), badFiles);
            Batch<MaskedClip> last;
            try (Loader<MaskedClip> loader = new Loader<>(
                    samples, Order.shuffled(new Seeds(0), dataset.size()), batchSize, 1, run.loader().threadCount(), 2, 0, 1L << 40)) {
                for (int i = -WARM_UP; i < steps; i++) {
                    step(timings, i >= 0, parts, optimizer, loader);
                }
                last = loader.next();
            }
            Grid maskGrid = parts.targets().maskGrid();
            boolean oneGrid = maskGrid.equals(parts.targets().embedGrid());
            for (int i = -1; oneGrid && i < steps; i++) { // with the loader at rest
                lastBlock(timings, i >= 0, parts, last, i % 2 == 0);
            }
        }
        timings.print("whole step");
    }

    private static void step(
            Timings timings, boolean counts, Parts parts, AdamW optimizer, Loader<MaskedClip> loader)
            throws Exception {
        double waitedBefore = loader.waitedSeconds();
        long start = System.nanoTime();
        Batch<MaskedClip> batch = loader.next();
        double waited = loader.waitedSeconds() - waitedBefore;
        try (PointerScope scope = new PointerScope()) {
            Task.Outcome[] outcome = new Task.Outcome[1];
            timings.time("forward", counts, () -> outcome[0] = parts.plan.task().loss(batch));
            timings.time("backward", counts, () -> outcome[0].loss().backward());
            timings.time("optimizer", counts, () -> optimizer.step(1e-4).item_float());
        }
        if (counts) {
            timings.add("waiting for data", waited);
            timings.add("whole step", (System.nanoTime() - start) * 1e-9);
        }
        // On the loader's threads in a run; here by itself, after the step.
        timings.time("(target of the batch, on one loader thread)", counts, () -> target(parts, batch));
    }

    private static void target(Parts parts, Batch<MaskedClip> batch) {
        for (MaskedClip sample : batch.contents()) {
            parts.targets().of(sample.frames(), sample.hidden());
        }
    }

    /** Forward and backward with what follows attention in the last block, and the head, for hidden tokens or for all. */
    private static void lastBlock(
            Timings timings, boolean counts, Parts parts, Batch<MaskedClip> batch, boolean hiddenFirst) {
        Grid grid = parts.targets().maskGrid();
        int side = batch.contents().get(0).frames().height();
        MaskFeat model = (MaskFeat) parts.plan.network();
        boolean[] mask = new boolean[batch.size() * grid.size()];
        for (int b = 0; b < batch.size(); b++) {
            System.arraycopy(batch.contents().get(b).hidden(), 0, mask, b * grid.size(), grid.size());
        }
        float[] noise = new float[batch.size() * 3 * side * side];
        Random random = new Random(0);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) random.nextGaussian();
        }
        for (boolean hiddenOnly : List.of(hiddenFirst, !hiddenFirst)) {
            try (PointerScope scope = new PointerScope()) {
                Tensor frames = maskfeat.torch.Arrays.tensor(noise, batch.size(), 3, 1, side, side);
                Tensor hidden = maskfeat.torch.Arrays.tensor(mask, batch.size(), grid.size());
                Tensor rows = torch.nonzero(hidden.flatten()).squeeze(1);
                String name = hiddenOnly
                        ? "forward + backward, hidden rows only"
                        : "forward + backward, all rows to the end";
                timings.time(name, counts, () -> {
                    Tensor predictions = hiddenOnly
                            ? model.forward(frames, hidden, List.of(rows)).get(0)
                            : model.predictAll(frames, hidden).flatten(0, 1).index_select(0, rows);
                    predictions.square().mean().backward();
                });
            }
            for (Tensor parameter : model.parameters().values()) {
                parameter.mutable_grad().reset();
            }
        }
    }
}
