package maskfeat.spark;

import maskfeat.cli.Commands;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** All jobs. */
@Command(
        name = "maskfeat.spark.Main",
        description =
                "Embeds, classifies or checks images and videos on the executors of Apache Spark, and writes one row a"
                        + " file into a Parquet table.",
        subcommands = {EmbedJob.class, PredictJob.class, ScanJob.class, CommandLine.HelpCommand.class},
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(embed | predict | scan)",
        footer = {"", "Results go to standard output, what is said beside them to standard error."})
final class Jobs implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** The parser with all jobs. */
    static CommandLine line() {
        return Commands.likeThese(new CommandLine(new Jobs()));
    }

    /** The session of this process. */
    static SparkSession session(String name) {
        return SparkSession.builder()
                .appName(name)
                // Else an executor that takes the place of a dead one gets neither the jars nor the weights.
                .config("spark.sql.artifact.isolation.enabled", false)
                .getOrCreate();
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut(), CommandLine.Help.Ansi.OFF);
    }
}
