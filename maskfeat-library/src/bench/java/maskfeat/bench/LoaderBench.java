package maskfeat.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import maskfeat.augment.HorizontalFlip;
import maskfeat.augment.Normalize;
import maskfeat.augment.Pipeline;
import maskfeat.augment.RandomResizedCrop;
import maskfeat.augment.Resize;
import maskfeat.data.BadFiles;
import maskfeat.data.Item;
import maskfeat.data.MaskedClip;
import maskfeat.data.MaskedSamples;
import maskfeat.sample.SampleSet;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.data.TimedClip;
import maskfeat.data.VideoDataset;
import maskfeat.mask.CubeMask;
import maskfeat.mask.Grid;
import maskfeat.media.NotSkipping;
import maskfeat.media.Video;
import maskfeat.media.VideoReader;
import maskfeat.feature.HogTarget;
import maskfeat.network.Targets;

/**
 * What a loader thread does for one clip of 16 frames, on one core: opening; decoding the whole file, from the keyframe
 * before, and without packets that nobody refers to; and all of it with crop, mask and HOG for MViTv2's tokens. Arguments:
 * {@code clips=300 data=FOLDER}; without a folder, generated clips.
 */
public final class LoaderBench {
    private static final int SIDE = 224;

    private LoaderBench() {}

    public static void main(String[] args) throws IOException {
        int clips = Timings.argument(args, "clips", 300);
        String given = Arrays.stream(args)
                .filter(arg -> arg.startsWith("data="))
                .map(arg -> arg.substring("data=".length()))
                .findFirst()
                .orElse("");
        Path made = Files.createTempDirectory("maskfeat-bench");
        try {
            if (given.isEmpty()) {
                SampleSet.Clips size = new SampleSet.Clips(2, 0, 150, 256);
                SampleSet.write(made.resolve("set"), new SampleSet.Size(SampleSet.Images.NONE, size));
                given = made.resolve("set/clips/train").toString();
            }
            measure(VideoDataset.open(Path.of(given), TimedClip.defaults()), clips);
        } finally {
            try (Stream<Path> files = Files.walk(made)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void measure(VideoDataset dataset, int clips) throws IOException {
        Timings timings = new Timings();
        Random random = new Random(1);
        List<Item> items = new ArrayList<>(dataset.items());
        Grid grid = new Grid(8, 14, 14);
        Targets targets =
                Targets.single(0, grid, HogTarget.Config.paper().build(Normalize.KINETICS, SIDE / grid.h()));
        Samples<MaskedClip> samples = new Samples<>(
                dataset,
                new Seeds(1),
                new MaskedSamples(Pipeline.of(
                        new RandomResizedCrop(0.5, 1, 0.75, 1.3333, SIDE, Resize.Filter.BILINEAR),
                        new HorizontalFlip(0.5)),
                CubeMask.of(0.4),
                grid,
                targets),
                new BadFiles(dataset.size(), 1, Set.of(), (file, reason) -> {}));
        int warmUp = Math.min(50, clips / 4);
        for (int i = -warmUp; i < clips; i++) {
            int chosen = random.nextInt(items.size());
            one(timings, i >= 0, items.get(chosen), random);
            long start = System.nanoTime();
            samples.get(i + warmUp, chosen);
            if (i >= 0) {
                timings.add("sample: open, decode, crop, mask, HOG", (System.nanoTime() - start) * 1e-9);
            }
        }
        System.out.printf("%n%d clips of 16 frames, one thread; seconds a clip%n", clips);
        timings.print("open + whole file");
    }

    private static void one(Timings timings, boolean counts, Item item, Random random) throws IOException {
        VideoReader reader = new VideoReader();
        int[] wanted;
        int[] all;
        long start = System.nanoTime();
        try (Video video = reader.open(item.file())) {
            if (counts) {
                timings.add("open", (System.nanoTime() - start) * 1e-9);
            }
            wanted = TimedClip.defaults().draw(video.info().timeline(), random);
            all = IntStream.range(0, video.info().timeline().frames()).toArray();
        }
        read(timings, counts, "open + whole file", item, video -> NotSkipping.frames(video, all));
        read(timings, counts, "open + seek", item, video -> NotSkipping.frames(video, wanted));
        read(timings, counts, "open + seek + skip", item, video -> video.frames(wanted));
    }

    private interface Reading {
        void of(Video video) throws IOException;
    }

    private static void read(Timings timings, boolean counts, String name, Item item, Reading reading)
            throws IOException {
        long start = System.nanoTime();
        try (Video video = new VideoReader().open(item.file())) {
            reading.of(video);
        }
        if (counts) {
            timings.add(name, (System.nanoTime() - start) * 1e-9);
        }
    }
}
