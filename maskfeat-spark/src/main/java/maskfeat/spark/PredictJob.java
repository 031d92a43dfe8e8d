package maskfeat.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import maskfeat.cli.Exit;
import maskfeat.network.OpenedWeights;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Scores of images or videos. */
@Command(
        name = "predict",
        description =
                "Writes the scores of images or videos, one row a file. A file that cannot be read is a row that says so.",
        mixinStandardHelpOptions = true)
final class PredictJob implements Callable<Integer> {
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

    @Override
    public Integer call() throws IOException {
        network.check();
        table.check();
        SparkSession spark = Jobs.session("maskfeat predict");
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        try (OpenedWeights weights = network.open(hadoop)) {
            List<String> classes = weights.classes().names(); // refuses what is no classifier
            List<RemoteFile> all =
                    new Listing(hadoop).files(files, NetworkOptions.endings(weights), NetworkOptions.noun(weights));
            String identity = weights.identity();
            Decoding decoding = network.decoding(weights);
            StructType schema = Rows.ofScores(decoding.isOfWindows());
            Table.Job job = new Table.Job("predict", network.said(Map.of()), identity, classes);
            Table rows = Table.open(hadoop, table.out(), schema, job);
            NetworkWork work =
                    new NetworkWork(network.send(spark, weights, identity), decoding, NetworkWork.SCORES, schema);
            table.run(spark, rows, all, work, job, spec);
        }
        return Exit.OK;
    }
}
