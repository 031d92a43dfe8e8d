package maskfeat.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import maskfeat.augment.Box;
import maskfeat.augment.PlainResize;
import maskfeat.augment.RandomResizedCrop;
import maskfeat.augment.Resize;
import maskfeat.media.Frames;

/**
 * Crop and resize of clips, the plain form and the one in use in turn, in processor time of one thread. Argument:
 * {@code rounds=200}.
 */
public final class ResizeBench {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private record Case(int frames, int height, int width, int side, Resize.Filter filter) {}

    private interface Form {
        Frames of(Frames in, Box crop, int height, int width, Resize.Filter filter);
    }

    private ResizeBench() {}

    public static void main(String[] args) {
        int rounds = Arrays.stream(args)
                .filter(arg -> arg.startsWith("rounds="))
                .mapToInt(arg -> Integer.parseInt(arg.substring(7)))
                .findFirst()
                .orElse(200);
        Case[] cases = {
            new Case(16, 144, 192, 224, Resize.Filter.BILINEAR),
            new Case(8, 144, 192, 48, Resize.Filter.BILINEAR),
            new Case(8, 144, 192, 64, Resize.Filter.BILINEAR),
            new Case(16, 144, 192, 224, Resize.Filter.BICUBIC),
            new Case(16, 256, 340, 224, Resize.Filter.BILINEAR),
            new Case(16, 512, 910, 224, Resize.Filter.BILINEAR),
            new Case(1, 375, 500, 224, Resize.Filter.BICUBIC),
        };
        for (Case each : cases) {
            Random random = new Random(1);
            byte[] rgb = new byte[each.frames * each.height * each.width * Frames.CHANNELS];
            random.nextBytes(rgb);
            Frames in = new Frames(each.frames, each.height, each.width, rgb);
            double[] plain = new double[rounds];
            double[] now = new double[rounds];
            RandomResizedCrop crops = new RandomResizedCrop(0.5, 1, 0.75, 4. / 3, each.side, each.filter);
            for (int round = -rounds / 2; round < rounds; round++) { // the first are for warming up
                Box crop = crops.draw(each.height, each.width, random);
                double one = millis(PlainResize::of, in, crop, each);
                double other = millis(Resize::of, in, crop, each);
                if (round >= 0) {
                    plain[round] = one;
                    now[round] = other;
                }
            }
            Arrays.sort(plain);
            Arrays.sort(now);
            System.out.printf(
                    Locale.ROOT,
                    "%2d x %d x %d to %d %-8s  plain %7.3f ms  now %7.3f ms  %.2f%n",
                    each.frames,
                    each.height,
                    each.width,
                    each.side,
                    each.filter,
                    plain[rounds / 2],
                    now[rounds / 2],
                    now[rounds / 2] / plain[rounds / 2]);
        }
    }

    private static double millis(Form form, Frames in, Box crop, Case each) {
        long start = THREADS.getCurrentThreadCpuTime();
        form.of(in, crop, each.side, each.side, each.filter);
        return (THREADS.getCurrentThreadCpuTime() - start) * 1e-6;
    }
}
