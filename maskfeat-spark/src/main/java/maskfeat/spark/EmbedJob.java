package maskfeat.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import maskfeat.cli.Blocks;
import maskfeat.cli.Exit;
import maskfeat.network.OpenedWeights;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Features of images or videos. */
@Command(
        name = "embed",
        description =
                "Writes the features of images or videos, one row a file. A file that cannot be read is a row that says so.",
        mixinStandardHelpOptions = true)
final class EmbedJob implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private NetworkOptions network = new NetworkOptions();

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description =
                    "Images or videos, depending on the network, folders or patterns of them, in any file system that"
                            + " Hadoop reaches.")
    private List<String> files = new ArrayList<>();

    @Mixin
    private TableOptions table = new TableOptions();

    @Option(
            names = "--block",
            paramLabel = "N",
            description = "Block after which to take features, counted from 0. Default: the last.")
    private @Nullable String block;

    @Override
    public Integer call() throws IOException {
        network.check();
        table.check();
        SparkSession spark = Jobs.session("maskfeat embed");
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        try (OpenedWeights weights = network.open(hadoop)) {
            List<Integer> blocks = Blocks.parse(block, weights.spec().backbone().depth());
            if (blocks.size() > 1) {
                throw new IllegalArgumentException(
                        "--block " + block + " names several; features of one alone can be written into a table");
            }
            List<RemoteFile> all =
                    new Listing(hadoop).files(files, NetworkOptions.endings(weights), NetworkOptions.noun(weights));
            String identity = weights.identity();
            Decoding decoding = network.decoding(weights);
            StructType schema = Rows.ofVectors(decoding.isOfWindows());
            Table.Job job = new Table.Job(
                    "embed", network.said(Map.of("--block", blocks.get(0).toString())), identity, List.of());
            Table rows = Table.open(hadoop, table.out(), schema, job);
            NetworkWork work = new NetworkWork(network.send(spark, weights, identity), decoding, blocks.get(0), schema);
            table.run(spark, rows, all, work, job, spec);
        }
        return Exit.OK;
    }
}
