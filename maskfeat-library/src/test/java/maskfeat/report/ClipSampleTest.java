package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import maskfeat.feature.FeatureView;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipSampleTest {
    private static final ClipSample CLIP = ClipSamples.of("a.mp4", 16, new Grid(8, 4, 4));

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "2, 1", "7, 3", "15, 7"})
    void aFrameComesWithMaskAndFeaturesOfItsStep(int frame, int step) {
        PictureSample moment = CLIP.at(frame);
        assertThat(moment.image().rgb())
                .hasSize(ClipSamples.SIDE * ClipSamples.SIDE * Frames.CHANNELS)
                .containsOnly(7 * frame);
        for (int token = 0; token < 16; token++) {
            assertThat(moment.hidden()[token]).isEqualTo(token == step);
        }
        assertThat(moment.target()).isSameAs(CLIP.targets().get(step));
        assertThat(moment.prediction()).isSameAs(CLIP.predictions().get(step));
    }

    @Test
    void theCaptionCountsHiddenTokensOfTheWholeClip() {
        assertThat(CLIP.caption()).isEqualTo("a.mp4  \u00b7  6% hidden  \u00b7  loss 0.0800");
        assertThat(Caption.of("b.mp4", new boolean[] {true, false}, Double.NaN)).isEqualTo("b.mp4  \u00b7  50% hidden");
    }

    @Test
    void refusesWhatDoesNotFitTogether() {
        assertThatThrownBy(() -> ClipSamples.of("a.mp4", 15, new Grid(8, 4, 4)))
                .hasMessage("a clip of 15 frames does not divide into the steps of time of the grid 8x4x4");
        assertThatThrownBy(() -> with(new boolean[3], CLIP.predictions()))
                .hasMessage("the grid 8x4x4 needs 128 mask entries, got 3");
        assertThatThrownBy(() -> with(CLIP.hidden(), CLIP.predictions().subList(0, 7)))
                .hasMessage("the grid 8x4x4 needs 8 targets and as many predictions, got 8 and 7");
        List<FeatureView> other = new ArrayList<>(CLIP.predictions());
        other.set(5, new FeatureView.Pixels(32, 32, new float[32 * 32 * 3]));
        assertThatThrownBy(() -> with(CLIP.hidden(), other))
                .hasMessage(
                        "targets and predictions must have the same layout, got 4 x 4 cells of 9 bins and 32 x 32 pixels");
    }

    private static ClipSample with(boolean[] hidden, List<FeatureView> predictions) {
        return new ClipSample(CLIP.name(), CLIP.clip(), CLIP.grid(), hidden, CLIP.targets(), predictions, 0);
    }
}
