package maskfeat.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.Seeds;
import maskfeat.data.Seeds.Purpose;
import maskfeat.media.Frames;
import maskfeat.model.Backbone;
import maskfeat.model.ClipSize;
import maskfeat.model.Vit;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.torch.Handles;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmbeddingTest {
    private static final int SIDE = 28;
    private static final int DIM = 8;

    private Backbone backbone;
    private Embedding embedding;

    @BeforeEach
    void build() {
        try (Init init = new Init(1)) {
            backbone = new Vit.Config(4, 1, DIM, 2, 2, 0.5).build(ClipSize.image(SIDE), init);
        }
        RandomTensors.addNoise(backbone.parameters(), 0.2, 3);
        embedding = new Embedding(backbone, SIDE, Resize.Filter.BICUBIC, Normalize.IMAGENET, new Device("cpu"));
    }

    @AfterEach
    void close() {
        backbone.close();
    }

    @Test
    void theSameImageHasTheSameFeaturesAndAnotherHasOthers() {
        Frames image = Samplings.noise(40, 60, 1);
        float[] features = embedding.of(image);
        assertThat(features).hasSize(DIM);
        for (float feature : features) {
            assertThat(feature).isFinite();
        }
        assertThat(embedding.of(image)).isEqualTo(features);
        assertThat(embedding.of(Samplings.noise(40, 60, 2))).isNotEqualTo(features);
    }

    @Test
    void imagesOfAnySizeAndShapeHaveFeatures() {
        for (int[] size : new int[][] {{1, 1}, {1, 300}, {300, 2}, {28, 28}, {31, 500}}) {
            float[] features = embedding.of(Samplings.noise(size[0], size[1], 1));
            assertThat(features).hasSize(DIM);
            for (float feature : features) {
                assertThat(feature).isFinite();
            }
        }
    }

    @Test
    void featuresAreTheMeanOfThePatchTokensOfTheMiddle() {
        Frames image = Samplings.noise(40, 60, 1);
        Frames middle = Embedding.centerCrop(SIDE, Resize.Filter.BICUBIC)
                .apply(image, new Seeds(9).of(Purpose.AUGMENT, 9, 9))
                .frames();
        assertThat(List.of(middle.height(), middle.width())).containsExactly(SIDE, SIDE);
        backbone.train(false);
        float[] expected = new float[DIM];
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor frames = new Pixels(Normalize.IMAGENET, new Device("cpu")).of(List.of(middle));
            float[] tokens =
                    Arrays.floats(backbone.encode(backbone.embed(frames)).x()); // class token first
            int count = tokens.length / DIM - 1;
            for (int i = DIM; i < tokens.length; i++) {
                expected[i % DIM] += tokens[i] / count;
            }
        }
        assertThat(embedding.of(image)).containsExactly(expected, within(1e-5f));
    }

    @Test
    void leavesTheModeAsItWasAndNothingBehind() throws InterruptedException {
        Frames image = Samplings.noise(40, 60, 1);
        embedding.of(image);
        assertThat(backbone.training()).isTrue();
        long before = Handles.settled();
        for (int i = 0; i < 10; i++) {
            embedding.of(image);
        }
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
        backbone.train(false);
        embedding.of(image);
        assertThat(backbone.training()).isFalse();
    }
}
