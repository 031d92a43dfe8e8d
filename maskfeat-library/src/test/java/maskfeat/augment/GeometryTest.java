package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import maskfeat.augment.Geometry.Point;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each augmentation says where it moves places to: a bright dot must be found there among the pixels. */
class GeometryTest {
    private static final int CASES = 300;
    private static final int DARK = 70;
    private static final int BRIGHT = 230;
    private static final List<Integer> FILL = List.of(DARK, DARK, DARK);
    private static final int DOT = 7; // pixels; large enough to survive being made smaller

    /** In pixels of the result. A coordinate that is off by half a pixel of source or result is off by more. */
    private static final double CLOSE = 0.12;

    /** An augmentation with a name to show. */
    private record Named(String name, BiFunction<Frames, Long, Augmented> of) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Named of(Augment augment) {
        return new Named(augment.toString(), (frames, seed) -> augment.apply(frames, new SplittableRandom(seed)));
    }

    static List<Named> everyAugmentation() {
        List<Named> all = new ArrayList<>();
        // Box, Hamming and Lanczos put a dot on whole pixels, which tells less of where it is.
        for (Resize.Filter filter : List.of(Resize.Filter.BILINEAR, Resize.Filter.BICUBIC)) {
            Augment crop = new RandomResizedCrop(0.4, 1, 0.7, 1.4, 111, filter);
            all.add(of(crop));
            all.add(of(new RandomResizedCrop(0.3, 0.5, 0.6, 1.6, 260, filter)));
            all.add(of(new CenterCrop(90, 84, filter)));
            all.add(of(new CenterCrop(171, 150, filter)));
            all.add(of(new ShortSideJitter(100, 170, true, 91, filter)));
            all.add(of(Pipeline.of(crop, new HorizontalFlip(0.5))));
            for (int views : new int[] {1, 3}) {
                ViewCrop view = new ViewCrop(103, 95, views, filter);
                all.add(new Named(view.toString(), (frames, seed) -> view.apply(frames, (int) (seed % views))));
            }
        }
        all.add(of(new HorizontalFlip(1)));
        all.add(of(new HorizontalFlip(0)));
        all.add(of(new RandAugment(1, 9, 2, 1, FILL)));
        all.add(of(new RandAugment(1, 4, 2, 1, FILL)));
        all.add(of(Pipeline.of(
                new RandAugment(1, 3, 2, 1, FILL),
                new RandomResizedCrop(0.5, 1, 0.75, 1.3333, 96, Resize.Filter.BICUBIC),
                new HorizontalFlip(0.5))));
        all.add(of(Pipeline.of()));
        return all;
    }

    /**
     * Two images that differ in where their dot is have the same histogram, so colour changes act on both alike: their
     * results differ at the two dots and nowhere else.
     */
    @ParameterizedTest
    @MethodSource("everyAugmentation")
    void aDotIsWhereTheGeometrySays(Named augmentation) {
        int found = 0;
        double sumX = 0;
        double sumY = 0;
        for (long seed = 0; seed < CASES; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            int height = 110 + random.nextInt(90);
            int width = 110 + random.nextInt(90);
            Point first = place(height, width, random);
            Point second = place(height, width, random);
            Augmented one = augmentation.of.apply(dotted(height, width, first), seed);
            Augmented other = augmentation.of.apply(dotted(height, width, second), seed);
            assertThat(other.geometry()).isEqualTo(one.geometry());
            Point here = one.geometry().apply(first.x(), first.y());
            Point there = one.geometry().apply(second.x(), second.y());
            if (!inside(here, one) || !inside(there, one) || distance(here, there) < 2 * reach(one)) {
                continue;
            }
            double[] difference = difference(one.frames(), other.frames());
            if (Arrays.stream(difference).sum() == 0) {
                continue; // a change of colour made the dot as dark as the rest
            }
            Point dot = centre(difference, one, here);
            assertThat(distance(dot, here))
                    .as("%s, case %d: %s, expected %s", augmentation, seed, dot, here)
                    .isLessThan(CLOSE);
            assertThat(outside(difference, one, here, there))
                    .as("differs elsewhere")
                    .isZero();
            sumX += dot.x() - here.x();
            sumY += dot.y() - here.y();
            found++;
        }
        assertThat(found).as("cases in which the dots are seen").isGreaterThan(20);
        assertThat(sumX / found).as("mean deviation along x").isCloseTo(0, within(0.02));
        assertThat(sumY / found).as("mean deviation along y").isCloseTo(0, within(0.02));
    }

    /** Those that move something, each at strengths of its own, where the general test sees each but a few times. */
    @ParameterizedTest
    @EnumSource(Distortion.class)
    void everyDistortionSaysWhereItMovesTo(Distortion distortion) {
        double moved = 0;
        int found = 0;
        for (long seed = 0; seed < CASES; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            int height = 110 + random.nextInt(90);
            int width = 110 + random.nextInt(90);
            double strength = random.nextDouble(distortion.signed() ? -1 : 0, 1);
            Point from = place(height, width, random);
            Augmented result = distortion.apply(dotted(height, width, from), strength, FILL);
            Frames rest = distortion
                    .apply(dotted(height, width, mirrored(from, height, width)), strength, FILL)
                    .frames();
            Point to = result.geometry().apply(from.x(), from.y());
            Point elsewhere = result.geometry().apply(width - from.x(), height - from.y());
            double[] difference = difference(result.frames(), rest);
            if (!inside(to, result)
                    || !inside(elsewhere, result)
                    || distance(to, elsewhere) < 2 * reach(result)
                    || Arrays.stream(difference).sum() == 0) {
                continue;
            }
            assertThat(distance(centre(difference, result, to), to))
                    .as("case %d", seed)
                    .isLessThan(CLOSE);
            moved += distance(from, to);
            found++;
        }
        assertThat(found).isGreaterThan(20);
        boolean moves = distortion.name().matches("ROTATE|SHEAR.*|TRANSLATE.*");
        assertThat(moved / found).satisfies(mean -> {
            if (moves) {
                assertThat(mean).isGreaterThan(3);
            } else {
                assertThat(mean).isZero();
            }
        });
    }

    private static Point mirrored(Point place, int height, int width) {
        return new Point(width - place.x(), height - place.y());
    }

    /** The centre of a pixel, not near the border. */
    private static Point place(int height, int width, RandomGenerator random) {
        return new Point(DOT + random.nextInt(width - 2 * DOT) + 0.5, DOT + random.nextInt(height - 2 * DOT) + 0.5);
    }

    private static Frames dotted(int height, int width, Point centre) {
        byte[] rgb = new byte[height * width * Frames.CHANNELS];
        Arrays.fill(rgb, (byte) DARK);
        Frames frames = new Frames(1, height, width, rgb);
        int half = DOT / 2;
        for (int y = (int) centre.y() - half; y <= (int) centre.y() + half; y++) {
            for (int x = (int) centre.x() - half; x <= (int) centre.x() + half; x++) {
                Arrays.fill(rgb, frames.at(0, y, x), frames.at(0, y, x) + Frames.CHANNELS, (byte) BRIGHT);
            }
        }
        return frames;
    }

    /** Pixels of the result around a place that a dot and the filters of one or two resamplings may reach. */
    private static double reach(Augmented result) {
        Geometry geometry = result.geometry();
        double scale = Math.max(Math.hypot(geometry.xx(), geometry.yx()), Math.hypot(geometry.xy(), geometry.yy()));
        return (DOT / 2.0 * Math.sqrt(2) + 2) * scale + 3;
    }

    private static boolean inside(Point place, Augmented result) {
        double reach = reach(result);
        return place.x() > reach
                && place.y() > reach
                && place.x() < result.frames().width() - reach
                && place.y() < result.frames().height() - reach;
    }

    private static double distance(Point a, Point b) {
        return Math.hypot(a.x() - b.x(), a.y() - b.y());
    }

    /** [H, W], how much two images differ in their first channel. */
    private static double[] difference(Frames a, Frames b) {
        double[] difference = new double[a.height() * a.width()];
        for (int i = 0; i < difference.length; i++) {
            int at = i * Frames.CHANNELS;
            difference[i] = Math.abs((a.rgb()[at] & 0xff) - (b.rgb()[at] & 0xff));
        }
        return difference;
    }

    /** Centre of gravity of what lies near a place. */
    private static Point centre(double[] weights, Augmented result, Point near) {
        double sum = 0;
        double x = 0;
        double y = 0;
        for (int i = 0; i < weights.length; i++) {
            Point pixel = pixel(i, result.frames());
            if (distance(pixel, near) < reach(result)) {
                sum += weights[i];
                x += weights[i] * pixel.x();
                y += weights[i] * pixel.y();
            }
        }
        return new Point(x / sum, y / sum);
    }

    private static long outside(double[] weights, Augmented result, Point one, Point other) {
        long count = 0;
        for (int i = 0; i < weights.length; i++) {
            Point pixel = pixel(i, result.frames());
            count += weights[i] > 0 && distance(pixel, one) >= reach(result) && distance(pixel, other) >= reach(result)
                    ? 1
                    : 0;
        }
        return count;
    }

    private static Point pixel(int i, Frames frames) {
        return new Point(i % frames.width() + 0.5, i / frames.width() + 0.5);
    }

    // ---- boxes -------------------------------------------------------------------------------------------------

    /** Where no place is rotated, the image of a box is a box: its four sides are looked for among the pixels. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBoxIsWhereTheGeometrySays(boolean enlarged) {
        Augment augment = Pipeline.of(
                new RandomResizedCrop(0.6, 1, 0.8, 1.25, enlarged ? 320 : 80, Resize.Filter.BILINEAR),
                new HorizontalFlip(0.5));
        for (long seed = 0; seed < CASES; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            Rectangle box = new Rectangle(
                    random.nextInt(20, 50), random.nextInt(20, 50), random.nextInt(70, 120), random.nextInt(70, 120));
            byte[] rgb = new byte[140 * 150 * Frames.CHANNELS];
            Frames frames = new Frames(1, 140, 150, rgb);
            for (int y = (int) box.top(); y < box.bottom(); y++) {
                Arrays.fill(rgb, frames.at(0, y, (int) box.left()), frames.at(0, y, (int) box.right()), (byte) 200);
            }
            Augmented result = augment.apply(frames, new SplittableRandom(seed));
            Rectangle image = result.geometry().apply(box);
            Rectangle seen =
                    image.clipped(result.frames().width(), result.frames().height());
            double[] brightness = difference(
                    result.frames(),
                    new Frames(
                            1,
                            result.frames().height(),
                            result.frames().width(),
                            new byte[result.frames().rgb().length]));
            // Bright pixels cover as much as the box, and lie around its middle.
            assertThat(Arrays.stream(brightness).sum() / 200).isCloseTo(seen.area(), within(0.01 * seen.area()));
            double x = 0;
            double y = 0;
            for (int i = 0; i < brightness.length; i++) {
                x += brightness[i] * pixel(i, result.frames()).x();
                y += brightness[i] * pixel(i, result.frames()).y();
            }
            double sum = Arrays.stream(brightness).sum();
            assertThat(x / sum).isCloseTo((seen.left() + seen.right()) / 2, within(CLOSE));
            assertThat(y / sum).isCloseTo((seen.top() + seen.bottom()) / 2, within(CLOSE));
        }
    }

    @Test
    void theImageOfABoxIsTheHullOfTheImagesOfItsCorners() {
        Random random = new Random(5);
        for (int trial = 0; trial < CASES; trial++) {
            Geometry geometry = random(random);
            Rectangle box = new Rectangle(
                    random.nextDouble(), random.nextDouble(), 1 + random.nextDouble(), 1 + random.nextDouble());
            List<Point> corners = List.of(
                    geometry.apply(box.left(), box.top()),
                    geometry.apply(box.right(), box.top()),
                    geometry.apply(box.left(), box.bottom()),
                    geometry.apply(box.right(), box.bottom()));
            Rectangle hull = geometry.apply(box);
            assertThat(hull.left())
                    .isCloseTo(corners.stream().mapToDouble(Point::x).min().orElseThrow(), within(1e-9));
            assertThat(hull.right())
                    .isCloseTo(corners.stream().mapToDouble(Point::x).max().orElseThrow(), within(1e-9));
            assertThat(hull.top())
                    .isCloseTo(corners.stream().mapToDouble(Point::y).min().orElseThrow(), within(1e-9));
            assertThat(hull.bottom())
                    .isCloseTo(corners.stream().mapToDouble(Point::y).max().orElseThrow(), within(1e-9));
        }
    }

    @Test
    void oneAfterTheOtherIsOneOfTheOtherAndTheInverseGoesBack() {
        Random random = new Random(6);
        for (int trial = 0; trial < CASES; trial++) {
            Geometry first = random(random);
            Geometry second = random(random);
            Point place = new Point(random.nextDouble(-9, 9), random.nextDouble(-9, 9));
            Point between = first.apply(place.x(), place.y());
            Point after = second.apply(between.x(), between.y());
            Point both = first.then(second).apply(place.x(), place.y());
            assertThat(distance(both, after)).isLessThan(1e-9);
            Point back = first.then(second).inverse().apply(after.x(), after.y());
            assertThat(distance(back, place)).isLessThan(1e-6);
        }
    }

    private static Geometry random(Random random) {
        return new Geometry(
                1 + random.nextDouble(),
                random.nextDouble(-0.9, 0.9),
                random.nextDouble(-9, 9),
                random.nextDouble(-0.9, 0.9),
                -1 - random.nextDouble(),
                random.nextDouble(-9, 9));
    }

    @Test
    void fractionsOfAFrameBecomePixelsAndWhatLiesOutsideIsCutOff() {
        Rectangle pixels = new Rectangle(0.25, 0.5, 0.5, 1).scaled(200, 100);
        assertThat(pixels).isEqualTo(new Rectangle(50, 50, 100, 100));
        assertThat(pixels.clipped(80, 60)).isEqualTo(new Rectangle(50, 50, 80, 60));
        assertThat(pixels.clipped(20, 60)).isEqualTo(new Rectangle(20, 50, 20, 60));
        assertThat(pixels.clipped(20, 60).area()).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Rectangle(2, 0, 1, 1))
                .withMessageContaining("from (2.0, 0.0) to (1.0, 1.0)");
    }
}
