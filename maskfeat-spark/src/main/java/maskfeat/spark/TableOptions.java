package maskfeat.spark;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import maskfeat.disk.Plural;
import maskfeat.disk.Printable;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Where rows are written, and how files are shared out. */
final class TableOptions {
    @Option(
            names = "--out",
            required = true,
            paramLabel = "TABLE",
            description =
                    "Folder of a Parquet table, in any file system that Hadoop reaches. Rows are added to a table that is"
                            + " there, and files that have one for their path, size and network are left out.")
    private String out = "";

    @Option(
            names = "--files-per-task",
            paramLabel = "N",
            description =
                    "The most files of a task: what is done again if an executor dies. Default: ${DEFAULT-VALUE}.")
    private int filesPerTask = 64;

    void check() {
        if (filesPerTask < 1) {
            throw new IllegalArgumentException("--files-per-task " + filesPerTask + " must be at least 1");
        }
    }

    String out() {
        return out;
    }

    /** Does the files that have no row yet, and says how many of each verdict the table has then. */
    void run(SparkSession spark, Table table, List<RemoteFile> files, Work.Maker maker, Table.Job job, CommandSpec spec)
            throws JobFailed {
        PrintWriter err = spec.commandLine().getErr();
        List<RemoteFile> rest = table.rest(spark, files, job.model());
        err.println(Plural.of(files.size(), "file")
                + (rest.size() == files.size() ? "" : ", " + (files.size() - rest.size()) + " of them done before"));
        err.flush();
        if (!rest.isEmpty()) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
            int tasks = tasks(spark.sparkContext(), rest.size());
            Work work =
                    new Work(context.broadcast(new SerializableConfiguration(context.hadoopConfiguration())), maker);
            long began = System.nanoTime();
            try {
                table.add(spark.createDataFrame(context.parallelize(rest, tasks).mapPartitions(work), maker.schema()));
            } catch (Exception failed) { // Scala throws what is not declared
                if (failed instanceof RuntimeException ours && !(failed.getCause() instanceof SparkException)) {
                    throw ours;
                }
                throw new JobFailed(failed);
            }
            err.println(Plural.of(rest.size(), "row") + " added by " + Plural.of(tasks, "task") + " in "
                    + String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - began) / 1e9));
        }
        PrintWriter to = spec.commandLine().getOut();
        for (Row verdict : table.rows(spark, job.model())
                .groupBy(Rows.VERDICT)
                .count()
                .orderBy(Rows.VERDICT)
                .collectAsList()) {
            to.printf(Locale.ROOT, "%8d %s%n", verdict.getLong(1), verdict.getString(0));
        }
        to.println(Printable.text(table.place()));
        to.flush();
    }

    /** As many as are wanted, but all cores have one where there are files enough. */
    private int tasks(SparkContext context, int files) {
        int cores = Math.max(1, context.defaultParallelism());
        return Math.max((files + filesPerTask - 1) / filesPerTask, Math.min(files, cores));
    }
}
