package maskfeat.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A job on a master and workers with executors in processes of their own, one of which dies. */
class SparkClusterTest {
    @TempDir
    private static Path folder = Path.of("");

    @Test
    @DisabledOnOs(OS.WINDOWS) // where Spark's executors need Hadoop's own natives
    void aCrashOfNativeCodeIsATaskThatIsDoneAgainApart() throws IOException {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        Path clips = Files.createDirectory(folder.resolve("clips"));
        Clips.write(clips);
        Path weights = Clips.weights(folder.resolve("model.safetensors"), 5);
        Map<String, List<Integer>> wanted = Clips.embedded(weights, clips);
        SparkSession spark = SparkSession.builder()
                .config("spark.sql.artifact.isolation.enabled", false)
                .master("local-cluster[1,1,1024]")
                .config("spark.ui.enabled", false)
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.sql.codegen.wholeStage", false)
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config(
                        "spark.executor.extraJavaOptions",
                        "-XX:-CreateCoredumpOnCrash -XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
                .config("spark.hadoop.fs.crash.impl", CrashingFiles.class.getName())
                .getOrCreate();
        Queue<String> lost = new ConcurrentLinkedQueue<>();
        Queue<Integer> attempts = new ConcurrentLinkedQueue<>();
        spark.sparkContext().addSparkListener(new SparkListener() {
            @Override
            public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
                lost.add(removed.reason());
            }

            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                attempts.add(end.taskInfo().attemptNumber());
            }
        });
        try {
            Path table = folder.resolve("table");
            Clips.Ran ran = Clips.run(
                    "embed", weights, "crash://" + clips, "--out", table, "--device", "cpu", "--files-per-task", "3");
            assertThat(ran.code()).as(ran.err()).isZero();
            Map<String, List<Integer>> found = new HashMap<>();
            Map<String, String> bad = new HashMap<>();
            for (Row row : spark.read().parquet(table.toString()).collectAsList()) {
                String verdict = row.getAs("verdict");
                if (verdict.equals("ok")) {
                    found.put(Clips.name(row), Clips.bits(row, "vector"));
                } else {
                    bad.put(Clips.name(row), verdict);
                    assertThat(row.<String>getAs("error")).startsWith("crash:/").contains(Clips.name(row) + " is ");
                }
            }
            assertThat(found).hasSize(6).isEqualTo(wanted);
            assertThat(bad).isEqualTo(Map.of("cut.mp4", "truncated", "empty.mp4", "empty", "words.mp4", "not a video"));
            assertThat(lost).as("executors that died").isNotEmpty();
            assertThat(attempts).contains(0, 1);
        } finally {
            spark.stop();
        }
    }
}
