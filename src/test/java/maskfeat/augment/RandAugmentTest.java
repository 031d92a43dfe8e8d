package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoublePredicate;
import java.util.stream.Stream;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The expected pictures are Pillow's; src/test/python/randaugment.py made them. */
class RandAugmentTest {
    record Case(String input, Distortion distortion, double magnitude, boolean negative, String sha256, String shown) {
        static Case of(String line) {
            List<String> cells = Arrays.asList(line.split(",", -1));
            return new Case(
                    cells.get(0),
                    Distortion.valueOf(cells.get(1)),
                    Double.parseDouble(cells.get(2)),
                    Boolean.parseBoolean(cells.get(3)),
                    cells.get(4),
                    cells.get(5));
        }

        Frames result(Frames frames) {
            double strength = magnitude / 10;
            return distortion
                    .apply(frames, negative ? -strength : strength, RandAugment.IMAGES.fill())
                    .frames();
        }
    }

    static Stream<Case> cases() throws IOException {
        return Pictures.lines("/randaugment/cases.csv").map(Case::of);
    }

    static Stream<Case> shown() throws IOException {
        return cases().filter(c -> !c.shown.isEmpty());
    }

    @ParameterizedTest
    @MethodSource("shown")
    void equalsPillowByteForByte(Case c) throws IOException {
        Frames result = c.result(picture(c.input));

        Frames expected = picture(c.shown);
        assertThat(result.height()).isEqualTo(expected.height());
        assertThat(result.width()).isEqualTo(expected.width());
        assertThat(result.rgb()).isEqualTo(expected.rgb());
    }

    @ParameterizedTest
    @EnumSource
    void equalsPillowAtAllMagnitudesAndBothSigns(Distortion distortion) throws IOException {
        Map<String, Frames> inputs = new HashMap<>();
        List<Case> different = new ArrayList<>();
        List<Case> cases = cases().filter(c -> c.distortion == distortion).toList();
        for (Case c : cases) {
            if (!inputs.containsKey(c.input)) {
                inputs.put(c.input, picture(c.input));
            }
            if (!sha256(c.result(inputs.get(c.input))).startsWith(c.sha256)) {
                different.add(c);
            }
        }

        assertThat(cases).hasSizeGreaterThanOrEqualTo(60);
        assertThat(cases.stream().anyMatch(Case::negative)).isEqualTo(distortion.signed());
        assertThat(different).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void treatsEachFrameByItselfAndLeavesTheInputAlone(Distortion distortion) {
        Frames clip = Pictures.noise(3, 19, 26, 5);
        // Another range of values for another frame, so that statistics of the whole clip would show.
        for (int i = clip.at(1, 0, 0); i < clip.at(2, 0, 0); i++) {
            clip.rgb()[i] = (byte) ((clip.rgb()[i] & 0xFF) / 3 + 40);
        }
        byte[] before = clip.rgb().clone();

        Frames result = distortion.apply(clip, 0.7, List.of(1, 2, 3)).frames();

        assertThat(clip.rgb()).as("the input is left alone").isEqualTo(before);
        assertThat(result.count()).isEqualTo(3);
        for (int frame = 0; frame < 3; frame++) {
            Frames alone = distortion
                    .apply(Pictures.frame(clip, frame), 0.7, List.of(1, 2, 3))
                    .frames();
            assertThat(Pictures.frame(result, frame).rgb()).isEqualTo(alone.rgb());
        }
    }

    @Test
    void emptyPlacesTakeTheFill() {
        Frames shifted = Distortion.TRANSLATE_X
                .apply(Pictures.noise(1, 10, 20, 6), 1, List.of(7, 128, 255))
                .frames();

        byte[] rgb = Pictures.cut(shifted, new Box(0, 11, 10, 9)).rgb();
        for (int i = 0; i < rgb.length; i += 3) {
            assertThat(rgb[i]).isEqualTo((byte) 7);
            assertThat(rgb[i + 1]).isEqualTo((byte) 128);
            assertThat(rgb[i + 2]).isEqualTo((byte) 255);
        }
    }

    @Test
    void drawsEveryOperationEquallyOftenAndAppliesTheAskedShare() {
        int samples = 30_000;
        RandAugment augment = new RandAugment(3, 9, 0.5, 0.4, List.of(0, 0, 0));
        SplittableRandom random = new SplittableRandom(1);
        Map<Distortion, Integer> counts = new HashMap<>();
        int[] applied = new int[4];
        for (int i = 0; i < samples; i++) {
            List<RandAugment.Drawn> drawn = augment.draw(random);
            applied[drawn.size()]++;
            drawn.forEach(d -> counts.merge(d.distortion(), 1, Integer::sum));
        }
        double share = 0.4 / 15;
        for (Distortion distortion : Distortion.values()) {
            assertThat(counts.getOrDefault(distortion, 0) / (3.0 * samples))
                    .as("%s", distortion)
                    .isCloseTo(share, within(fiveErrors(share, 3 * samples)));
        }
        // Three independent chances of 0.4: a binomial distribution.
        double[] binomial = {0.216, 0.432, 0.288, 0.064};
        for (int n = 0; n <= 3; n++) {
            assertThat(applied[n] / (double) samples).isCloseTo(binomial[n], within(fiveErrors(binomial[n], samples)));
        }
    }

    @Test
    void theSameOperationMayBeDrawnTwice() {
        SplittableRandom random = new SplittableRandom(2);
        RandAugment augment = new RandAugment(2, 9, 0.5, 1, List.of(0, 0, 0));
        int samples = 20_000;
        int twice = 0;
        for (int i = 0; i < samples; i++) {
            List<RandAugment.Drawn> drawn = augment.draw(random);
            twice += drawn.get(0).distortion() == drawn.get(1).distortion() ? 1 : 0;
        }
        assertThat(twice / (double) samples).isCloseTo(1 / 15.0, within(fiveErrors(1 / 15.0, samples)));
    }

    @Test
    void magnitudesAreNormalAndCutToTheRange() {
        List<Double> strengths = magnitudes(new RandAugment(1, 7, 0.5, 1, List.of(0, 0, 0)), 3);
        double mean = strengths.stream().mapToDouble(Math::abs).average().orElseThrow();
        double variance = strengths.stream()
                .mapToDouble(s -> (Math.abs(s) - mean) * (Math.abs(s) - mean))
                .average()
                .orElseThrow();
        double within = share(strengths, s -> Math.abs(Math.abs(s) - 0.7) < 0.05);
        assertThat(mean).isCloseTo(0.7, within(5 * 0.05 / Math.sqrt(strengths.size())));
        assertThat(Math.sqrt(variance)).isCloseTo(0.05, within(5 * 0.05 / Math.sqrt(2.0 * strengths.size())));
        assertThat(within).as("within a deviation").isCloseTo(0.6827, within(fiveErrors(0.6827, strengths.size())));

        List<Double> high = magnitudes(new RandAugment(1, 9, 1, 1, List.of(0, 0, 0)), 4);
        assertThat(high).allMatch(s -> Math.abs(s) <= 1);
        assertThat(share(high, s -> Math.abs(s) == 1)).isCloseTo(0.1587, within(fiveErrors(0.1587, high.size())));
        List<Double> low = magnitudes(new RandAugment(1, 0, 1, 1, List.of(0, 0, 0)), 5);
        assertThat(share(low, s -> s == 0)).isCloseTo(0.5, within(fiveErrors(0.5, low.size())));
        assertThat(magnitudes(new RandAugment(1, 7, 0, 1, List.of(0, 0, 0)), 6)).allMatch(s -> Math.abs(s) == 0.7);
    }

    @Test
    void halfOfTheSignedOperationsGoTheOtherWay() {
        RandAugment augment = new RandAugment(1, 9, 0.5, 1, List.of(0, 0, 0));
        SplittableRandom random = new SplittableRandom(7);
        Map<Distortion, int[]> signs = new HashMap<>();
        for (int i = 0; i < 60_000; i++) {
            RandAugment.Drawn drawn = augment.draw(random).get(0);
            signs.computeIfAbsent(drawn.distortion(), d -> new int[2])[drawn.strength() < 0 ? 1 : 0]++;
        }
        signs.forEach((distortion, count) -> {
            int draws = count[0] + count[1];
            if (distortion.signed()) {
                assertThat(count[1] / (double) draws)
                        .as("%s", distortion)
                        .isCloseTo(0.5, within(fiveErrors(0.5, draws)));
            } else {
                assertThat(count[1]).as("%s", distortion).isZero();
            }
        });
        assertThat(signs.keySet().stream().filter(Distortion::signed)).hasSize(9);
    }

    @Test
    void appliesWhatIsDrawnOneAfterTheOtherToAllFrames() {
        Frames clip = Pictures.noise(2, 15, 21, 8);
        byte[] before = clip.rgb().clone();
        RandAugment augment = new RandAugment(4, 8, 1, 0.7, List.of(9, 8, 7));
        int changed = 0;
        for (long seed = 0; seed < 100; seed++) {
            Frames byHand = clip;
            for (RandAugment.Drawn drawn : augment.draw(new SplittableRandom(seed))) {
                byHand = drawn.distortion()
                        .apply(byHand, drawn.strength(), augment.fill())
                        .frames();
            }

            Frames result = augment.apply(clip, new SplittableRandom(seed)).frames();

            assertThat(result.rgb()).isEqualTo(byHand.rgb());
            assertThat(result.rgb())
                    .as("same seed, same bytes")
                    .isEqualTo(augment.apply(clip, new SplittableRandom(seed))
                            .frames()
                            .rgb());
            changed += Arrays.equals(result.rgb(), before) ? 0 : 1;
        }
        assertThat(clip.rgb()).as("the input is left alone").isEqualTo(before);
        assertThat(changed).isGreaterThan(80);
    }

    @Test
    void framesThatAreAlikeStayAlike() {
        Frames image = Pictures.noise(1, 16, 16, 9);
        byte[] twice = new byte[2 * image.rgb().length];
        System.arraycopy(image.rgb(), 0, twice, 0, image.rgb().length);
        System.arraycopy(image.rgb(), 0, twice, image.rgb().length, image.rgb().length);
        Frames clip = new Frames(2, 16, 16, twice);
        for (long seed = 0; seed < 100; seed++) {
            Frames result =
                    RandAugment.CLIPS.apply(clip, new SplittableRandom(seed)).frames();

            assertThat(Pictures.frame(result, 0).rgb())
                    .isEqualTo(Pictures.frame(result, 1).rgb());
        }
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        List<Integer> grey = List.of(128, 128, 128);
        assertThatThrownBy(() -> new RandAugment(0, 9, 0.5, 0.5, grey)).hasMessageContaining("0 operations");
        assertThatThrownBy(() -> new RandAugment(2, 10.5, 0.5, 0.5, grey)).hasMessageContaining("magnitude 10.5");
        assertThatThrownBy(() -> new RandAugment(2, Double.NaN, 0.5, 0.5, grey)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> new RandAugment(2, 9, -1, 0.5, grey)).hasMessageContaining("deviation -1.0");
        assertThatThrownBy(() -> new RandAugment(2, 9, 0.5, 0, grey)).hasMessageContaining("probability 0.0");
        assertThatThrownBy(() -> new RandAugment(2, 9, 0.5, 0.5, List.of(1, 2))).hasMessageContaining("[1, 2]");
        assertThatThrownBy(() -> new RandAugment(2, 9, 0.5, 0.5, List.of(1, 2, 256)))
                .hasMessageContaining("256");
    }

    /** Five standard errors of a share. */
    private static double fiveErrors(double share, int draws) {
        return 5 * Math.sqrt(share * (1 - share) / draws);
    }

    private static List<Double> magnitudes(RandAugment augment, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Double> strengths = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            augment.draw(random).forEach(drawn -> strengths.add(drawn.strength()));
        }
        return strengths;
    }

    private static double share(List<Double> values, DoublePredicate condition) {
        return values.stream().mapToDouble(v -> v).filter(condition).count() / (double) values.size();
    }

    private static String sha256(Frames frames) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(frames.rgb()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Frames picture(String name) throws IOException {
        return Pictures.read("/randaugment/" + name);
    }
}
