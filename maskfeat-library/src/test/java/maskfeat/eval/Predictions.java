package maskfeat.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Predictions drawn at random. */
final class Predictions {
    private Predictions() {}

    static List<String> classes(int count) {
        return IntStream.range(0, count).mapToObj(c -> "class " + c).toList();
    }

    /** A distribution of few levels, so that ties are frequent. */
    static float[] scores(Random random, int classes) {
        float[] scores = new float[classes];
        float sum = 0;
        for (int c = 0; c < classes; c++) {
            scores[c] = random.nextInt(4);
            sum += scores[c];
        }
        if (sum == 0) {
            scores[random.nextInt(classes)] = 1;
            return scores;
        }
        for (int c = 0; c < classes; c++) {
            scores[c] /= sum;
        }
        return scores;
    }

    static List<Prediction> draw(Random random, int count, int classes) {
        List<Prediction> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            drawn.add(new Prediction("item " + i, random.nextInt(classes), scores(random, classes)));
        }
        return drawn;
    }
}
