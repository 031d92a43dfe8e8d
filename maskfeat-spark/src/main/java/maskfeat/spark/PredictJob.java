package maskfeat.spark;

import java.io.IOException;
import java.util.Map;
import maskfeat.network.OpenedWeights;
import picocli.CommandLine.Command;

/** Scores of images or videos. */
@Command(
        name = "predict",
        description =
                "Writes the scores of images or videos, one row a file. A file that cannot be read is a row that says so.",
        mixinStandardHelpOptions = true)
final class PredictJob extends NetworkJob {
    @Override
    Product product(OpenedWeights weights, boolean ofWindows) throws IOException {
        return new Product(
                Map.of(),
                weights.classes().names(), // refuses what is no classifier
                NetworkWork.SCORES,
                Rows.ofScores(ofWindows));
    }
}
