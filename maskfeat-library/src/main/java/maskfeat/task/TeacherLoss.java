package maskfeat.task;

import java.util.HashMap;
import java.util.Map;
import maskfeat.feature.FeaturesTarget.Distance;
import maskfeat.task.Objective.Compared;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Losses of predictions against what a frozen network says, each a mean over the M hidden tokens. */
final class TeacherLoss {
    private TeacherLoss() {}

    /**
     * Of features; both are scaled to unit length, a row of zeros stays.
     *
     * @param predicted [M, C]
     * @param teacher [M, C]
     * @return measures {@code cosine}, the mean cosine of the two
     */
    static Compared features(Tensor predicted, Tensor teacher, Distance distance) {
        Tensor p = torch.normalize(predicted);
        Tensor t = torch.normalize(teacher);
        double width = teacher.size(1);
        // Of all constant directions the mean of the teacher's has the largest mean cosine, which is its length.
        double best = t.mean(0).norm().item_float();
        double squares = t.mul(t).sum(1).mean().item_float(); // 1 but for rows of zeros
        Tensor cosine = p.mul(t).sum(1).mean();
        Map<String, Double> measures = Map.of("cosine", (double) cosine.item_float());
        return switch (distance) {
            case SQUARED -> new Compared(torch.mse_loss(p, t).mul(new Scalar(width)), 1 + squares - 2 * best, measures);
            case COSINE -> new Compared(cosine.neg().add(new Scalar(1.0)), 1 - best, measures);
            case MSE -> new Compared(torch.mse_loss(p, t), (1 + squares - 2 * best) / width, measures);
            case MSE_TEACHER_ONLY ->
                new Compared(torch.mse_loss(predicted, t), (squares - best * best) / width, measures);
        };
    }

    /**
     * Of discrete tokens: cross-entropy.
     *
     * @param logits [M, vocabulary]
     * @param tokens [M], whole numbers
     * @return measures {@code token_accuracy}, the share of tokens whose highest logit is right
     */
    static Compared tokens(Tensor logits, Tensor tokens) {
        Map<Long, Integer> counts = new HashMap<>();
        for (long token : Arrays.longs(tokens)) {
            counts.merge(token, 1, Integer::sum);
        }
        double count = tokens.size(0);
        double entropy = 0; // of the tokens of this batch: the best constant prediction has their shares
        for (int each : counts.values()) {
            entropy -= each / count * Math.log(each / count);
        }
        double right = Ops.argmax(logits, 1)
                .eq(tokens)
                .to(torch.ScalarType.Float)
                .mean()
                .item_float();
        return new Compared(torch.cross_entropy_loss(logits, tokens), entropy, Map.of("token_accuracy", right));
    }

    /**
     * Of probabilities: cross-entropy, the rows as they are.
     *
     * @param logits [M, classes]
     * @param probabilities [M, classes]
     * @return measures {@code label_accuracy}, the share of tokens whose highest logit is the highest probability
     */
    static Compared labels(Tensor logits, Tensor probabilities) {
        double right = Ops.argmax(logits, 1)
                .eq(Ops.argmax(probabilities, 1))
                .to(torch.ScalarType.Float)
                .mean()
                .item_float();
        double entropy = 0;
        for (float share : Arrays.floats(probabilities.mean(0))) {
            entropy -= share > 0 ? share * Math.log(share) : 0;
        }
        return new Compared(torch.cross_entropy_loss(logits, probabilities), entropy, Map.of("label_accuracy", right));
    }
}
