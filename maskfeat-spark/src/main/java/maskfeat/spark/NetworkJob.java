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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A job in which a network looks at images or videos, one row a file. */
abstract class NetworkJob implements Callable<Integer> {
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

    /**
     * What the network makes of files.
     *
     * @param options of this job alone that change it
     * @param classes of the scores; none for vectors
     * @param block after which vectors are taken; {@link NetworkWork#SCORES} for scores
     * @param schema of the table
     */
    record Product(Map<String, String> options, List<String> classes, int block, StructType schema) {}

    /**
     * What this job makes.
     *
     * @param ofWindows whether videos are looked at in windows
     * @throws IllegalArgumentException if the weights or options are not for it
     */
    abstract Product product(OpenedWeights weights, boolean ofWindows) throws IOException;

    @Override
    public final Integer call() throws IOException {
        network.check();
        table.check();
        SparkSession spark = Jobs.session("maskfeat " + spec.name());
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        try (OpenedWeights weights = network.open(hadoop)) {
            Decoding decoding = network.decoding(weights);
            Product product = product(weights, decoding.isOfWindows());
            List<RemoteFile> all =
                    new Listing(hadoop).files(files, NetworkOptions.endings(weights), NetworkOptions.noun(weights));
            String identity = weights.identity();
            Table.Job job = new Table.Job(spec.name(), network.said(product.options()), identity, product.classes());
            Table rows = Table.open(hadoop, table.out(), product.schema(), job);
            NetworkWork work = new NetworkWork(
                    network.send(spark, weights, identity), decoding, product.block(), product.schema());
            table.run(spark, rows, all, work, job, spec);
        }
        return Exit.OK;
    }
}
