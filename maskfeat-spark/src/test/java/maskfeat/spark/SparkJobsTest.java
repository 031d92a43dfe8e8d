package maskfeat.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import maskfeat.cli.Program;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Jobs in one process with two tasks at a time. */
class SparkJobsTest {
    @TempDir
    private static Path folder = Path.of("");

    private static Path clips = Path.of("");
    private static Path weights = Path.of("");
    private static Clips.Ran embedded = new Clips.Ran(1, "", "");
    private static SparkSession spark = SparkJobsTest.session();

    private static SparkSession session() {
        return SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", false)
                .config("spark.sql.artifact.isolation.enabled", false)
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.sql.codegen.wholeStage", false)
                .getOrCreate();
    }

    @BeforeAll
    static void make() throws IOException {
        clips = Files.createDirectory(folder.resolve("clips"));
        Clips.write(clips);
        weights = Clips.weights(folder.resolve("model.safetensors"), 5);
        embedded = embed(table("embed"));
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static Path table(String name) {
        return folder.resolve("tables " + name);
    }

    private static Clips.Ran embed(Path table, Object... more) {
        List<Object> args = new ArrayList<>(List.of("embed", weights, clips, "--out", table, "--device", "cpu"));
        args.addAll(List.of(more));
        return Clips.run(args.toArray());
    }

    private static List<Row> rows(Path table) {
        return spark.read().parquet(table.toString()).orderBy("path").collectAsList();
    }

    @Test
    void vectorsAreThoseOfEmbedToTheBit() throws IOException {
        Path table = table("embed");
        Clips.Ran ran = embedded;
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out().replaceAll(" +", " "))
                .contains(
                        " 1 empty\n 1 not a video\n 6 ok\n 1 truncated\n",
                        table.getFileName().toString());
        assertThat(ran.err()).contains("9 files\n", "9 rows added by 2 tasks");
        Map<String, List<Integer>> wanted = Clips.embedded(weights, clips);
        assertThat(wanted).hasSize(6);
        Map<String, List<Integer>> found = new HashMap<>();
        for (Row row : rows(table)) {
            assertThat(row.<String>getAs("model")).matches("[0-9a-f]{64}");
            assertThat(row.<Long>getAs("bytes"))
                    .isEqualTo(Files.size(Path.of(row.<String>getAs("path").replaceFirst("file:/*", "/"))));
            if (row.<String>getAs("verdict").equals("ok")) {
                assertThat(row.<Double>getAs("seconds")).isGreaterThan(0.5);
                assertThat(row.<String>getAs("error")).isNull();
                found.put(Clips.name(row), Clips.bits(row, "vector"));
            } else {
                assertThat(row.<Object>getAs("vector")).isNull();
                assertThat(row.<Object>getAs("seconds")).isNull();
                assertThat(row.<String>getAs("error")).startsWith("file:/").contains(Clips.name(row) + " is ");
            }
        }
        assertThat(found).isEqualTo(wanted);
    }

    @Test
    void whatIsDoneIsLeftOut() throws IOException {
        Path some = Files.createDirectory(folder.resolve("some"));
        Path table = table("again");
        for (String name : List.of("clip 0.mp4", "clip 2.mp4", "cut.mp4")) {
            Files.copy(clips.resolve(name), some.resolve(name));
        }
        Object[] job = {"embed", weights, some, "--out", table, "--device", "cpu"};
        assertThat(Clips.run(job).err()).contains("3 files\n", "3 rows added");
        assertThat(Clips.run(job).err())
                .contains("3 files, 3 of them done before")
                .doesNotContain("added");
        Files.copy(clips.resolve("clip 4.mp4"), some.resolve("clip 4.mp4"));
        Files.copy(clips.resolve("empty.mp4"), some.resolve("cut.mp4"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(Clips.run(job).err()).contains("4 files, 2 of them done before", "2 rows added");
        assertThat(rows(table)).hasSize(5);
        Path other = Clips.weights(folder.resolve("other.safetensors"), 6);
        job[1] = other;
        assertThat(Clips.run(job).err()).contains("4 files\n", "4 rows added");
        assertThat(rows(table)).hasSize(9);
        JsonNode record = new JsonMapper().readTree(Files.readString(table.resolve("_maskfeat.json")));
        assertThat(record.path("networks").propertyNames()).hasSize(2);
        assertThat(record.path("version").intValue()).isEqualTo(1);
    }

    /** The disk or the network may have failed for a moment. */
    @Test
    void whatMayHaveBeenAPassingFaultIsDoneAgain() throws IOException {
        Path one = Files.createDirectory(folder.resolve("one"));
        Path file = Files.copy(clips.resolve("clip 0.mp4"), one.resolve("clip.mp4"));
        Path table = table("passing");
        Listing listing = new Listing(spark.sparkContext().hadoopConfiguration());
        List<RemoteFile> files = listing.files(List.of(one.toString()), ending -> true, "file");
        Table.Job job = new Table.Job("embed", new TreeMap<>(), "m", List.of());
        Table rows =
                Table.open(spark.sparkContext().hadoopConfiguration(), table.toString(), Rows.ofVectors(false), job);
        assertThat(rows.rest(spark, files, "m")).hasSize(1);
        rows.add(spark.createDataFrame(
                Verdicts.PASSING.stream()
                        .map(passing -> Rows.bad(files.get(0), passing, "why", "m", 7))
                        .toList(),
                Rows.ofVectors(false)));
        assertThat(rows.rest(spark, files, "m")).hasSize(1);
        rows.add(spark.createDataFrame(
                List.of(Rows.bad(files.get(0), "damaged", "why", "m", 7)), Rows.ofVectors(false)));
        assertThat(rows.rest(spark, files, "m")).isEmpty();
        assertThat(rows.rest(spark, files, "another")).hasSize(1);
        assertThat(file).exists();
    }

    @Test
    void findingsAreThoseOfDataScan() throws IOException {
        Path table = table("scan");
        Clips.Ran ran = Clips.run("scan", clips, "--out", table);
        assertThat(ran.code()).as(ran.err()).isZero();
        Map<String, List<String>> wanted = new HashMap<>();
        for (String line :
                Program.run(4, "data", "scan", clips.toString(), "--json").split("\n")) {
            JsonNode json = new JsonMapper().readTree(line);
            wanted.put(
                    Path.of(json.path("file").asString()).getFileName().toString(),
                    List.of(
                            json.path("verdict").asString(),
                            json.path("kind").asString(),
                            json.path("frames").asString(),
                            json.path("seconds").asString(),
                            json.path("codec").asString()));
        }
        Map<String, List<String>> found = new HashMap<>();
        for (Row row : rows(table)) {
            boolean known = row.getAs("width") != null;
            found.put(
                    Clips.name(row),
                    List.of(
                            row.getAs("verdict"),
                            row.getAs("kind"),
                            known ? row.getAs("frames").toString() : "0",
                            known ? row.getAs("seconds").toString() : "0.0",
                            known ? row.getAs("codec") : ""));
        }
        assertThat(found).hasSize(10).isEqualTo(wanted);
    }

    @Test
    void scoresAreThoseOfPredictToTheBit() throws IOException {
        Path classifier = Clips.classifier(folder.resolve("classifier.safetensors"));
        Path table = table("predict");
        Clips.Ran ran = Clips.run(
                "predict", classifier, clips, "--out", table, "--device", "cpu", "--views", "2x3", "--batch", "6");
        assertThat(ran.code()).as(ran.err()).isZero();
        Path out = folder.resolve("scores");
        Program.run(
                4,
                "predict",
                classifier.toString(),
                clips.toString(),
                "--out",
                out.toString(),
                "--device",
                "cpu",
                "--threads",
                "1",
                "--views",
                "2x3",
                "--batch",
                "6");
        Map<String, List<Float>> wanted = new HashMap<>();
        for (JsonNode each : new JsonMapper()
                .readTree(Files.readString(out.resolve("predictions.json")))
                .path("predictions")) {
            List<Float> scores = new ArrayList<>();
            each.path("scores").forEach(score -> scores.add(score.floatValue()));
            wanted.put(Path.of(each.path("name").asString()).getFileName().toString(), scores);
        }
        Map<String, List<Float>> found = new HashMap<>();
        for (Row row : rows(table)) {
            if (row.<String>getAs("verdict").equals("ok")) {
                found.put(Clips.name(row), row.getList(row.fieldIndex("scores")));
            }
        }
        assertThat(found).hasSize(6).isEqualTo(wanted);
        JsonNode record = new JsonMapper().readTree(Files.readString(table.resolve("_maskfeat.json")));
        assertThat(record.toString()).contains("[\"one\",\"two\",\"three\"]");
    }

    @Test
    void windowsAreThoseOfEmbed() throws IOException {
        Path table = table("windows");
        Clips.Ran ran = embed(table, "--windows", "0.2");
        assertThat(ran.code()).as(ran.err()).isZero();
        Map<String, List<Integer>> last = Clips.embedded(weights, clips, "--windows", "0.2");
        int seen = 0;
        for (Row row : rows(table)) {
            if (row.<String>getAs("verdict").equals("ok")) {
                List<Row> windows = row.getList(row.fieldIndex("windows"));
                assertThat(windows).hasSizeGreaterThan(1);
                assertThat(windows.get(1).<Double>getAs("start")).isGreaterThan(0);
                assertThat(Clips.bits(windows.get(windows.size() - 1), "vector"))
                        .isEqualTo(last.get(Clips.name(row)));
                seen++;
            }
        }
        assertThat(seen).isEqualTo(6);
    }

    /** The queries of the page on Spark, on a table that was made here. */
    @Test
    void theQueriesOfThePageRun() throws IOException {
        Path table = table("embed");
        Path root = Path.of("").toAbsolutePath(); // the project's, or the module's
        Path page = Stream.of(root, root.resolve(".."))
                .map(above -> above.resolve("docs/spark.md"))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
        List<List<Row>> answers = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(page))
                .results()
                .map(block -> spark.sql(block.group(1)
                                .replace("hdfs:///tables/features", table.toString())
                                .replace("clips/match.mp4", "clip 0.mp4")
                                .replaceFirst(";\\s*$", ""))
                        .collectAsList())
                .toList();
        assertThat(answers).hasSize(2);
        assertThat(answers.get(0)).hasSize(4);
        List<Row> nearest = answers.get(1);
        assertThat(nearest).hasSize(5);
        assertThat(nearest).noneMatch(row -> row.getString(0).endsWith("clip 0.mp4"));
        List<Double> cosines = nearest.stream().map(row -> row.getDouble(1)).toList();
        assertThat(cosines).isSortedAccordingTo((a, b) -> Double.compare(b, a)).allMatch(cosine -> cosine <= 1.0001);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --views 1x3                  | made with --views 1x1, not 1x3
                    --block 0                    | made with --block
                    --precision bfloat16         | made with --precision float32, not bfloat16
                    --precision auto             | say float32 or bfloat16
                    --block 0,1                  | names several
                    --batch 0                    | --batch 0 must be at least 1
                    --files-per-task 0           | --files-per-task 0 must be at least 1
                    """)
    void whatDoesNotGoIsRefused(String options, String said) {
        Path table = table("embed");
        Clips.Ran ran = embed(table, (Object[]) options.split(" "));
        assertThat(ran.err()).contains("error: ", said);
        assertThat(ran.code()).isEqualTo(2);
        assertThat(rows(table)).hasSize(9);
    }

    @Test
    void whatIsNotThereIsNamed() throws IOException {
        assertThat(Clips.run("embed", weights, folder.resolve("none"), "--out", table("none")))
                .satisfies(ran -> assertThat(ran.err()).contains("none: there is no such file or folder in file:///"))
                .extracting(Clips.Ran::code)
                .isEqualTo(3);
        Path texts = Files.createDirectory(folder.resolve("texts"));
        Files.writeString(texts.resolve("a.txt"), "words");
        assertThat(Clips.run("embed", weights, texts, "--out", table("none")).err())
                .contains("texts holds no video");
        assertThat(Clips.run("embed", weights, texts.resolve("a.txt"), "--out", table("none"))
                        .err())
                .contains("is an archive or a list");
        assertThat(Clips.run("embed", weights, clips, "--out", texts))
                .satisfies(ran -> assertThat(ran.err()).contains("is there and is no table of this program"))
                .extracting(Clips.Ran::code)
                .isEqualTo(2);
        assertThat(Clips.run("predict", weights, clips, "--out", table("none")).code())
                .isNotZero();
        assertThat(Clips.run("scan", clips, "--out", table("embed")).err())
                .contains("holds rows of embed, not of scan");
    }

    @Test
    void patternsNameFiles() throws IOException {
        Path table = table("patterns");
        assertThat(Clips.run("scan", clips + "/clip*", clips + "/*/clip 1.mp4", "--out", table)
                        .code())
                .isZero();
        assertThat(rows(table))
                .extracting(Clips::name)
                .containsExactlyInAnyOrder("clip 0.mp4", "clip 2.mp4", "clip 4.mp4", "clip 1.mp4");
        try (Stream<Path> parts = Files.list(table)) {
            assertThat(parts.filter(part -> part.toString().endsWith(".parquet")))
                    .hasSizeLessThanOrEqualTo(2);
        }
    }
}
