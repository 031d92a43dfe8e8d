package maskfeat.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import maskfeat.augment.Normalize;
import maskfeat.data.MaskedClip;
import maskfeat.feature.FeatureTarget;
import maskfeat.feature.FeatureView;
import maskfeat.feature.HogTarget;
import maskfeat.mask.Grid;
import maskfeat.model.ClipSize;
import maskfeat.model.MaskFeat;
import maskfeat.model.Vit;
import maskfeat.network.Targets;
import maskfeat.nn.Init;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.Test;

class ReconstructionTest {
    private static final Grid GRID = Grid.of(3, 3);
    private static final int SIDE = 24;

    @Test
    void theLossIsThatOfTrainingAndTheViewsAreOfTheWholePicture() {
        FeatureTarget target = HogTarget.Config.paper().build(Normalize.IMAGENET, 8);
        try (Init init = new Init(1);
                MaskFeat model = new MaskFeat(
                        new Vit.Config(8, 1, 8, 2, 2, 4, 0).build(ClipSize.image(SIDE), init), target.dim(), init)) {
            RandomTensors.addNoise(model.parameters(), 0.2, 3);
            MaskedPrediction task =
                    new MaskedPrediction(model, Normalize.IMAGENET, Targets.single(1, GRID, target), new Device("cpu"));
            List<MaskedClip> samples = new ArrayList<>();
            for (int seed = 0; seed < 3; seed++) {
                MaskedClip noise = Samplings.sample(SIDE, GRID.size(), target.dim(), seed);
                float[] targets = new float[noise.targets().get(0).length];
                target.of(noise.frames(), GRID, noise.hidden(), targets, 0);
                samples.add(new MaskedClip(noise.frames(), noise.hidden(), List.of(targets)));
            }

            List<Reconstruction> reconstructions = Reconstruction.of(task, samples).stream()
                    .map(targets -> targets.get(0))
                    .toList();

            assertThat(reconstructions).extracting(Reconstruction::clip).isEqualTo(samples);
            List<float[]> predictions = task.predict(samples);
            for (int i = 0; i < samples.size(); i++) {
                Reconstruction reconstruction = reconstructions.get(i);
                try (PointerScope scope = new PointerScope()) {
                    double loss = task.loss(Samplings.batch(List.of(samples.get(i))))
                            .loss()
                            .item_float();
                    assertThat(reconstruction.loss()).isCloseTo(loss, within(1e-6 * Math.max(1, loss)));
                }
                FeatureView.Histograms view =
                        (FeatureView.Histograms) reconstruction.prediction().get(0);
                assertThat(List.of(view.rows(), view.columns(), view.bins())).containsExactly(3, 3, 9);
                assertThat(view.values())
                        .isEqualTo(((FeatureView.Histograms) target.view(predictions.get(i), GRID, 0)).values());
                boolean[] all = {true, true, true, true, true, true, true, true, true};
                float[] truth = new float[GRID.size() * target.dim()];
                target.of(samples.get(i).frames(), GRID, all, truth, 0);
                assertThat(((FeatureView.Histograms) reconstruction.target().get(0)).values())
                        .isEqualTo(((FeatureView.Histograms) target.view(truth, GRID, 0)).values());
            }
        }
    }
}
