package maskfeat.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import maskfeat.feature.FeaturesTarget.Distance;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.model.PredictionHead;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Losses of the other targets and their gradients against torch's, and several targets at once against PySlowFast's loss. */
@Tag("golden")
class TargetLossGoldenTest {
    private static final Path DIR = GoldenDir.path().resolve("targets");
    private static final GoldenTensors GOLDEN = GoldenTensors.open(DIR.resolve("targets.safetensors"));
    private static final Tolerance TOLERANCE = new Tolerance(GOLDEN, DIR.resolve("tolerance.json"));

    private static Tensor tensor(String name) {
        return Arrays.tensor(GOLDEN.values(name), GOLDEN.shape(name));
    }

    /** Checks the loss and its gradient; returns the measures. */
    private static Objective.Compared check(String prediction, String name, Function<Tensor, Objective.Compared> loss) {
        Tensor predicted = tensor(prediction).set_requires_grad(true);
        Objective.Compared compared = loss.apply(predicted);
        TOLERANCE.assertClose(name + ".loss", Arrays.floats(compared.loss()));
        compared.loss().backward();
        TOLERANCE.assertClose(name + ".grad", Arrays.floats(predicted.grad()));
        return compared;
    }

    @ParameterizedTest
    @EnumSource(Distance.class)
    void featuresAreComparedByDirection(Distance distance) {
        try (PointerScope scope = new PointerScope()) {
            Objective.Compared compared = check(
                    "feature.pred",
                    "feature." + distance.name().toLowerCase(Locale.ROOT),
                    predicted -> TeacherLoss.features(predicted, tensor("feature.teacher"), distance));
            double cosine = 1 - GOLDEN.values("feature.cosine.loss")[0];
            assertThat(compared.measures().get("cosine")).isCloseTo(cosine, within(1e-6));
        }
    }

    @ParameterizedTest
    @EnumSource(Distance.class)
    void theBaselineOfFeaturesIsTheLossOfTheBestConstant(Distance distance) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor teacher = tensor("feature.teacher");
            Tensor mean = torch.normalize(teacher).mean(0).unsqueeze(0);
            double baseline = TeacherLoss.features(mean.expand_as(teacher), teacher, distance)
                    .baseline();
            double reached = TeacherLoss.features(mean.expand_as(teacher), teacher, distance)
                    .loss()
                    .item_float();
            assertThat(baseline).isCloseTo(reached, within(1e-6));
            for (int seed = 0; seed < 20; seed++) {
                Tensor other = mean.add(maskfeat.torch.RandomTensors.normal(seed, 1, teacher.size(1))
                        .mul(new Scalar(0.05)));
                assertThat((double) TeacherLoss.features(other.expand_as(teacher), teacher, distance)
                                .loss()
                                .item_float())
                        .isGreaterThan(baseline - 1e-6);
            }
        }
    }

    @Test
    void tokensHaveCrossEntropy() {
        try (PointerScope scope = new PointerScope()) {
            float[] labels = GOLDEN.values("token.label");
            long[] tokens = new long[labels.length];
            for (int i = 0; i < labels.length; i++) {
                tokens[i] = (long) labels[i];
            }
            Objective.Compared compared = check(
                    "token.pred",
                    "token",
                    predicted -> TeacherLoss.tokens(predicted, Arrays.tensor(tokens, tokens.length)));
            assertThat(compared.measures().get("token_accuracy"))
                    .isCloseTo(GOLDEN.values("token.accuracy")[0], within(1e-6));
        }
    }

    @Test
    void theBaselineOfTokensIsTheEntropyOfThoseOfTheBatch() {
        try (PointerScope scope = new PointerScope()) {
            Tensor logits = Arrays.zeros(tensor("token.pred"), 4, 8);
            double baseline = TeacherLoss.tokens(logits, Arrays.tensor(new long[] {5, 5, 1, 2}, 4))
                    .baseline();
            assertThat(baseline).isCloseTo(-(0.5 * Math.log(0.5) + 0.5 * Math.log(0.25)), within(1e-12));
        }
    }

    @Test
    void pseudoLabelsHaveSoftCrossEntropy() {
        try (PointerScope scope = new PointerScope()) {
            check("soft.pred", "soft", predicted -> TeacherLoss.labels(predicted, tensor("soft.target")));
        }
    }

    /** One LayerNorm and Linear for each target, by the official names; the losses are weighted and added. */
    @ParameterizedTest
    @ValueSource(strings = {"equal", "weighted"})
    void severalTargetsHaveAHeadAndALossEach(String weights) {
        JsonNode config =
                JsonMapper.shared().readTree(DIR.resolve("config.json").toFile());
        try (PointerScope scope = new PointerScope();
                Init init = new Init(0)) {
            Tensor x = tensor("multi.x").set_requires_grad(true);
            List<Tensor> losses = new ArrayList<>();
            List<PredictionHead> heads = new ArrayList<>();
            for (int k = 0; k < 2; k++) {
                Tensor target = tensor("multi.target." + k);
                PredictionHead head = new PredictionHead(k, (int) x.size(1), (int) target.size(1), init);
                heads.add(head);
                try (NoGradGuard guard = new NoGradGuard()) {
                    head.parameters()
                            .forEach((name, parameter) -> parameter.copy_(tensor("multi.w.pred_head." + name)));
                }
                Tensor predicted = head.forward(x);
                TOLERANCE.assertClose("multi." + weights + ".pred." + k, Arrays.floats(predicted));
                Tensor loss = torch.mse_loss(predicted, target);
                TOLERANCE.assertClose("multi." + weights + ".loss." + k, Arrays.floats(loss));
                double weight = config.get("multi_weights").get(weights).get(k).asDouble();
                losses.add(loss.mul(new Scalar(weight)));
            }
            Tensor sum = losses.get(0).add(losses.get(1));
            TOLERANCE.assertClose("multi." + weights + ".loss", Arrays.floats(sum));
            sum.backward();
            TOLERANCE.assertClose("multi." + weights + ".g.x", Arrays.floats(x.grad()));
            for (PredictionHead head : heads) {
                for (Map.Entry<String, Tensor> parameter : head.parameters().entrySet()) {
                    TOLERANCE.assertClose(
                            "multi." + weights + ".g.pred_head." + parameter.getKey(),
                            Arrays.floats(parameter.getValue().grad()));
                }
                head.close();
            }
        }
    }
}
