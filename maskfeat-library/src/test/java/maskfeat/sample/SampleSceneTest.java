package maskfeat.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SampleSceneTest {
    @ParameterizedTest
    @EnumSource(Outline.class)
    void shapeLiesWithinItsReachAndFarFromTheEdgeIsOutside(Outline shape) {
        int inside = 0;
        for (double y = -2; y <= 2; y += 0.02) {
            for (double x = -2; x <= 2; x += 0.02) {
                if (shape.distance(x, y) < 0) {
                    inside++;
                    assertThat(Math.hypot(x, y)).isLessThan(Outline.REACH);
                }
            }
        }
        assertThat(inside * 0.02 * 0.02).isBetween(0.9, 2.8); // comparable areas: size does not name the shape
    }

    @ParameterizedTest
    @EnumSource(Outline.class)
    void shapeMeasuresDistanceNearItsOutline(Outline shape) {
        Random random = new Random(3);
        int near = 0;
        for (int i = 0; i < 20_000; i++) {
            double x = SampleNoise.between(random, -1.4, 1.4);
            double y = SampleNoise.between(random, -1.4, 1.4);
            double distance = shape.distance(x, y);
            if (Math.abs(distance) > 0.05) {
                continue;
            }
            near++;
            double step = 1e-4;
            double slope = Math.hypot(
                    shape.distance(x + step, y) - shape.distance(x - step, y),
                    shape.distance(x, y + step) - shape.distance(x, y - step));
            // At a corner two sides are equally far and the slope between them is less than one.
            assertThat(slope / (2 * step)).isBetween(0.0, 1 + 1e-6);
        }
        assertThat(near).isGreaterThan(500);
    }

    @ParameterizedTest
    @EnumSource(Texture.class)
    void textureStaysBetweenItsTwoColoursAndShowsBoth(Texture texture) {
        Random random = new Random(5);
        double low = 1;
        double high = 0;
        double sum = 0;
        int count = 20_000;
        for (int i = 0; i < count; i++) {
            double share = texture.at(SampleNoise.between(random, -50, 50), SampleNoise.between(random, -50, 50), 0.1);
            low = Math.min(low, share);
            high = Math.max(high, share);
            sum += share;
        }
        assertThat(low).isBetween(0.0, 0.2);
        assertThat(high).isBetween(0.8, 1.0);
        assertThat(sum / count).isBetween(0.25, 0.75);
    }

    @ParameterizedTest
    @EnumSource(Motion.class)
    void motionMovesButStaysAbout(Motion motion) {
        Random random = new Random(7);
        for (int clip = 0; clip < 200; clip++) {
            Motion.Manner manner = Motion.Manner.draw(random);
            Pose before = motion.at(-0.48, manner);
            double way = 0;
            for (int frame = 1; frame <= 24; frame++) {
                Pose pose = motion.at(-0.48 + frame / 25.0, manner);
                way += Math.hypot(pose.x() - before.x(), pose.y() - before.y())
                        + 0.3 * Math.abs(pose.angle() - before.angle())
                        + 0.3 * Math.abs(pose.scale() / before.scale() - 1);
                assertThat(Math.hypot(pose.x(), pose.y())).isLessThan(0.4);
                assertThat(pose.scale()).isBetween(0.5, 2.0);
                before = pose;
            }
            assertThat(way).isGreaterThan(0.15);
        }
    }

    @Test
    void subjectStandsOutFromTheGroundWhereItIs() {
        // The subject's two colours differ more than the ground's ever do, so most of the contrast is in the middle.
        int more = 0;
        for (int seed = 0; seed < 60; seed++) {
            Frames frames = SampleScene.image(new Random(seed), 96, 96, Outline.SQUARE, Texture.CHECKS)
                    .draw(1);
            if (contrast(frames, 36, 60, 36, 60) > contrast(frames, 2, 14, 2, 94)) {
                more++;
            }
        }
        assertThat(more).isGreaterThan(45);
    }

    @Test
    void brightnessDoesNotTellTheClass() {
        int each = 150;
        for (Texture texture : Texture.values()) {
            double mean = 0;
            for (int seed = 0; seed < each; seed++) {
                Random random =
                        new Random(SampleNoise.seed(seed, texture.label().hashCode()));
                mean += brightness(SampleScene.image(random, 32, 32, Outline.DISC, texture)
                                .draw(1))
                        / each;
            }
            // One picture's brightness deviates by some 25 of 255, so the mean of 150 by some 2.
            assertThat(mean).as(texture.label()).isCloseTo(126, within(8.0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 9, 24})
    void clipHasTheFramesAskedForAndTheyDiffer(int frameCount) {
        Frames clip =
                SampleScene.clip(new Random(11), 48, Texture.DOTS, Motion.DRIFT).draw(frameCount);

        assertThat(clip.count()).isEqualTo(frameCount);
        assertThat(clip.height()).isEqualTo(48);
        assertThat(clip.width()).isEqualTo(48);
        int moved = 0;
        for (int i = clip.at(0, 0, 0); i < clip.at(1, 0, 0); i++) {
            int last = i + clip.at(frameCount - 1, 0, 0);
            if (Math.abs((clip.rgb()[i] & 0xFF) - (clip.rgb()[last] & 0xFF)) > 30) {
                moved++;
            }
        }
        assertThat(moved).isGreaterThan(50);
    }

    @Test
    void sameRandomnessDrawsTheSamePicture() {
        Frames one = SampleScene.image(new Random(1), 50, 40, Outline.HEART, Texture.WAVES)
                .draw(1);
        Frames two = SampleScene.image(new Random(1), 50, 40, Outline.HEART, Texture.WAVES)
                .draw(1);

        assertThat(one.rgb()).isEqualTo(two.rgb());
        assertThat(one.width()).isEqualTo(50);
        assertThat(one.height()).isEqualTo(40);
    }

    private static double brightness(Frames frames) {
        double sum = 0;
        for (byte value : frames.rgb()) {
            sum += value & 0xFF;
        }
        return sum / frames.rgb().length;
    }

    /** Mean difference of pixels four apart, which is about half a repetition. */
    private static double contrast(Frames frames, int top, int bottom, int left, int right) {
        double sum = 0;
        int count = 0;
        for (int y = top; y < bottom - 4; y++) {
            for (int x = left; x < right - 4; x++) {
                int here = frames.rgb()[frames.at(0, y, x) + 1] & 0xFF;
                sum += Math.abs(here - (frames.rgb()[frames.at(0, y, x + 4) + 1] & 0xFF));
                sum += Math.abs(here - (frames.rgb()[frames.at(0, y + 4, x) + 1] & 0xFF));
                count += 2;
            }
        }
        return sum / count;
    }
}
