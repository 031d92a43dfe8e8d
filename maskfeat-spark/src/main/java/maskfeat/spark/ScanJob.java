package maskfeat.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import maskfeat.cli.Exit;
import maskfeat.cli.ScanKind;
import maskfeat.data.Scan;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Whether files can be used. */
@Command(
        name = "scan",
        description =
                "Reads every file to its last pixel and frame and says of each whether it can be used, one row a file.",
        mixinStandardHelpOptions = true)
final class ScanJob implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description =
                    "Folders, read with all files in them, files, or patterns of them, in any file system that Hadoop"
                            + " reaches.")
    private List<String> paths = new ArrayList<>();

    @Option(
            names = "--as",
            paramLabel = "KIND",
            converter = ScanKind.class,
            description = "How to read the files: auto (by content), images, or videos. Default: auto.")
    private Scan.As as = Scan.As.AUTO;

    @Option(
            names = "--deadline",
            paramLabel = "SECONDS",
            description = "Give up on a video after this time. Default: ${DEFAULT-VALUE}.")
    private int deadline = 600;

    @Mixin
    private TableOptions table = new TableOptions();

    @Override
    public Integer call() throws IOException {
        if (deadline < 1) {
            throw new IllegalArgumentException("--deadline " + deadline + " must be at least 1 second");
        }
        table.check();
        SparkSession spark = Jobs.session("maskfeat scan");
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        List<RemoteFile> all = new Listing(hadoop).files(paths, ending -> true, "file");
        StructType schema = Rows.ofFindings();
        Map<String, String> options =
                Map.of("--as", as.name().toLowerCase(Locale.ROOT), "--deadline", Integer.toString(deadline));
        Table.Job job = new Table.Job("scan", new TreeMap<>(options), null, List.of());
        Table rows = Table.open(hadoop, table.out(), schema, job);
        table.run(spark, rows, all, new ScanWork(Decoding.ofScan(as, deadline), schema), job, spec);
        return Exit.OK;
    }
}
