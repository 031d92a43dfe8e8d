package maskfeat.spark;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import maskfeat.cli.Blocks;
import maskfeat.network.OpenedWeights;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Features of images or videos. */
@Command(
        name = "embed",
        description =
                "Writes the features of images or videos, one row a file. A file that cannot be read is a row that says so.",
        mixinStandardHelpOptions = true)
final class EmbedJob extends NetworkJob {
    @Option(
            names = "--block",
            paramLabel = "N",
            description = "Block after which to take features, counted from 0. Default: the last.")
    private @Nullable String block;

    @Override
    Product product(OpenedWeights weights, boolean ofWindows) throws IOException {
        List<Integer> blocks = Blocks.parse(block, weights.spec().backbone().depth());
        if (blocks.size() > 1) {
            throw new IllegalArgumentException(
                    "--block " + block + " names several; features of one alone can be written into a table");
        }
        int only = blocks.get(0);
        return new Product(Map.of("--block", Integer.toString(only)), List.of(), only, Rows.ofVectors(ofWindows));
    }
}
