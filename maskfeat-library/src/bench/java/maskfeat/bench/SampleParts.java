package maskfeat.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import maskfeat.augment.Augment;
import maskfeat.augment.Pipeline;
import maskfeat.data.Item;
import maskfeat.data.VideoDataset;
import maskfeat.mask.Grid;
import maskfeat.media.Conversion;
import maskfeat.media.Frames;
import maskfeat.network.Head;
import maskfeat.network.Targets;
import maskfeat.run.MaskedConfig;
import maskfeat.run.Recipes;
import maskfeat.run.Run;

/**
 * The parts of a training sample, in processor time of the one thread that makes it, and the bytes that it allocates. Arguments:
 * {@code recipe=sample-video clips=300 data=FOLDER}.
 */
public final class SampleParts {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final class Part {
        private final String name;
        private final List<Double> millis = new ArrayList<>();
        private long bytes;

        Part(String name) {
            this.name = name;
        }

        double mean() {
            return millis.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private static boolean counts;

    private SampleParts() {}

    private static <T> T timed(Part part, Work<T> work) throws IOException {
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long start = THREADS.getCurrentThreadCpuTime();
        T made = work.run();
        if (counts) {
            part.millis.add((THREADS.getCurrentThreadCpuTime() - start) * 1e-6);
            part.bytes += THREADS.getCurrentThreadAllocatedBytes() - bytes;
        }
        return made;
    }

    private static String argument(String[] args, String name, String otherwise) {
        return Arrays.stream(args)
                .filter(arg -> arg.startsWith(name + "="))
                .map(arg -> arg.substring(name.length() + 1))
                .findFirst()
                .orElse(otherwise);
    }

    public static void main(String[] args) throws IOException {
        int clips = Timings.argument(args, "clips", 300);
        Run run = Recipes.named(argument(args, "recipe", "sample-video"));
        VideoDataset data = VideoDataset.open(Path.of(argument(args, "data", "")), run.data().clip());
        MaskedConfig masked = (MaskedConfig) run.task();
        Targets targets = new Head.Prediction(masked.depths(), masked.mask(), masked.target())
                .targets(run.data().input(), run.model());
        Grid grid = targets.maskGrid();
        List<Augment> steps = ((Pipeline) run.augment().of(run.data())).steps();

        Part read = new Part("open, decode, convert");
        List<Part> augments = steps.stream()
                .map(step -> new Part(step.getClass().getSimpleName()))
                .toList();
        Part mask = new Part("mask");
        Part target = new Part("target");
        Random random = new Random(1);
        int warmUp = clips / 2;
        int frames = 1;
        for (int i = -warmUp; i < clips; i++) {
            counts = i >= 0;
            Item item = data.items().get(random.nextInt(data.size()));
            Frames clip = timed(read, () -> data.read(item, random));
            frames = clip.count();
            for (int step = 0; step < steps.size(); step++) {
                Augment each = steps.get(step);
                Frames before = clip;
                clip = timed(augments.get(step), () -> each.apply(before, random).frames());
            }
            Frames seen = clip;
            boolean[] hidden = timed(mask, () -> masked.mask().draw(grid, random));
            timed(target, () -> targets.of(seen, hidden));
        }
        List<Part> parts = new ArrayList<>();
        parts.add(read);
        parts.addAll(augments);
        parts.add(mask);
        parts.add(target);
        double all = parts.stream().mapToDouble(Part::mean).sum();
        for (Part part : parts) {
            double[] sorted = part.millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            System.out.printf(
                    Locale.ROOT,
                    "%-24s mean %7.3f ms  median %7.3f ms  %5.1f %%  %8.0f KiB%n",
                    part.name,
                    part.mean(),
                    sorted[sorted.length / 2],
                    100 * part.mean() / all,
                    part.bytes / 1024. / clips);
        }
        System.out.printf(Locale.ROOT, "%-24s mean %7.3f ms%n", "all", all);
        System.out.printf(
                Locale.ROOT,
                "of which conversion to RGB %.3f ms (%d frames)%n",
                frames * convertingMillis(data, Math.min(clips / 4, 40)),
                frames);
    }

    /** For one frame, over some of the files. */
    private static double convertingMillis(VideoDataset data, int files) throws IOException {
        long decoding = 0;
        long both = 0;
        int frames = 0;
        for (int i = -files; i < files; i++) {
            Path file = data.items().get(Math.floorMod(i * 7, data.size())).file();
            long start = THREADS.getCurrentThreadCpuTime();
            int count = Conversion.decoded(file, VideoDataset.SHORT_SIDE);
            long between = THREADS.getCurrentThreadCpuTime();
            Conversion.converted(file, VideoDataset.SHORT_SIDE);
            if (i >= 0) {
                frames += count;
                decoding += between - start;
                both += THREADS.getCurrentThreadCpuTime() - between;
            }
        }
        return (both - decoding) * 1e-6 / frames;
    }
}
