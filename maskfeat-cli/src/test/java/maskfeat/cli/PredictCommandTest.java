package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PredictCommandTest {
    @TempDir
    private static Path folder = Path.of("");

    private static Path videos = Path.of("");
    private static String classifier = "";
    private static String video = "";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    /** A classifier that has seen each training clip once. */
    @BeforeAll
    static void trainOne() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.clipsOnly());
        videos = folder.resolve("set/clips/val");
        video = files(videos).get(0).toString();
        classifier = folder.resolve("run").toString();
        String data = folder.resolve("set/clips").toString();
        assertThat(Commands.line()
                        .execute(
                                "finetune",
                                "tiny-video-ft",
                                "--from",
                                "none",
                                "--data",
                                data,
                                "--out",
                                classifier,
                                "--set",
                                "train.epochs=1",
                                "--set",
                                "optim.warmup-epochs=0"))
                .isZero();
    }

    private static List<Path> files(Path in) throws IOException {
        try (Stream<Path> all = Files.walk(in)) {
            return all.filter(file -> file.toString().endsWith(".mp4")).sorted().toList();
        }
    }

    private List<JsonNode> rows() {
        return out.toString().lines().map(JsonMapper.shared()::readTree).toList();
    }

    @Test
    void namesTheBestClassesOfEachFile() {
        assertThat(run("predict", classifier, video, "--top", "3")).isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).isEqualTo(video);
        assertThat(lines.subList(1, 4)).allMatch(line -> line.matches(" +\\d+\\.\\d %  [# ]{20}  [a-z]+-[a-z]+"));
    }

    @Test
    void takesFoldersAndPrintsAnObjectALine() throws IOException {
        assertThat(run("predict", classifier, videos.toString(), "--json", "--top", "99", "--views", "2x3"))
                .isZero();
        assertThat(rows().stream().map(row -> Path.of(row.path("file").asString())))
                .isEqualTo(files(videos));
        assertThat(rows()).allSatisfy(row -> {
            assertThat(row.path("top")).hasSize(SampleSet.clipClasses().size());
            double sum = 0;
            for (JsonNode one : row.path("top")) {
                assertThat(SampleSet.clipClasses()).contains(one.path("label").asString());
                sum += one.path("score").asDouble();
            }
            assertThat(sum).isBetween(0.999, 1.001);
        });
    }

    private List<String> shards(int count, Path into, String... more) {
        List<String> words =
                new ArrayList<>(List.of("predict", classifier, "--device", "cpu", "--out", into.toString(), "--shard"));
        List<String> files = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            List<String> all = new ArrayList<>(words);
            all.add(number + "/" + count);
            all.addAll(List.of(more));
            assertThat(run(all.toArray(String[]::new))).as(err.toString()).isIn(Exit.OK, Exit.BAD_FILES);
            files.add(out.toString().strip());
        }
        return files;
    }

    private int merge(Path out, List<String> shards) {
        List<String> words = new ArrayList<>(List.of("merge", out.toString()));
        words.addAll(shards);
        return run(words.toArray(String[]::new));
    }

    @Test
    void windowsOfShardsAreMergedToThoseOfOneProcess() throws IOException {
        Path clips = Files.createDirectories(folder.resolve("several"));
        for (String place : List.of("a/1.mp4", "b/1.mp4", "b/2.mp4", "c/1.mp4")) {
            Files.createDirectories(clips.resolve(place).getParent());
            Files.copy(Path.of(video), clips.resolve(place));
        }
        Files.writeString(clips.resolve("b/1.mp4"), "no video");
        Path whole = folder.resolve("sliding");
        String[] how = {clips.toString(), "--windows", "0.1"};
        assertThat(run("predict", classifier, "--device", "cpu", "--out", whole.toString(), how[0], how[1], how[2]))
                .isEqualTo(Exit.BAD_FILES);
        assertThat(SameFiles.in(whole)).contains("1.mp4.timeline.png", "3-1.mp4.timeline.png", "predictions.csv");

        Path parts = folder.resolve("sliding-parts");
        List<String> shards = shards(3, parts, how);
        Path elsewhere = folder.resolve("sliding-merged");
        assertThat(merge(elsewhere, shards)).as(err.toString()).isEqualTo(Exit.BAD_FILES);
        SameFiles.check(elsewhere, whole);
        assertThat(merge(parts, shards)).isEqualTo(Exit.BAD_FILES);
        SameFiles.check(parts, whole);

        // What is there is kept; a picture that is missing is drawn again.
        assertThat(shards(3, parts, how)).isEqualTo(shards);
        assertThat(err.toString()).contains("1 of 4 files, 1 of them done before");
        Files.delete(parts.resolve("1.mp4.timeline.png"));
        assertThat(merge(elsewhere, shards)).isEqualTo(Exit.INPUT);
        assertThat(err.toString()).contains("1.mp4.timeline.png is missing, which " + shards.get(0) + " names");
        shards(3, parts, how);
        Path picture = parts.resolve("3-1.mp4.timeline.png");
        byte[] damaged = Files.readAllBytes(picture);
        damaged[damaged.length / 2] ^= 1;
        Files.write(picture, damaged);
        assertThat(merge(elsewhere, shards)).isEqualTo(Exit.INPUT);
        assertThat(err.toString()).contains("3-1.mp4.timeline.png has CRC32C ", ", as " + shards.get(0) + " has it");
        shards(3, parts, how);
        assertThat(merge(elsewhere, shards)).isEqualTo(Exit.BAD_FILES);
        SameFiles.check(elsewhere, whole);
    }

    /** A name has a number or not, depending on the files before it. */
    @Test
    void whereTheListChangesPicturesHaveTheNamesOfTheNewOne() throws IOException {
        Path clips = Files.createDirectories(folder.resolve("growing"));
        Files.createDirectories(clips.resolve("b"));
        Files.copy(Path.of(video), clips.resolve("b/1.mp4"));
        Path parts = folder.resolve("growing-parts");
        String[] how = {clips.toString(), "--windows", "0.2"};
        shards(1, parts, how);
        Files.createDirectories(clips.resolve("a"));
        Files.copy(files(videos).get(1), clips.resolve("a/1.mp4"));
        List<String> shards = shards(1, parts, how);
        assertThat(err.toString()).contains("2 of 2 files").doesNotContain("done before");
        assertThat(merge(parts, shards)).isZero();
        Path whole = folder.resolve("grown");
        assertThat(run("predict", classifier, "--device", "cpu", "--out", whole.toString(), how[0], how[1], how[2]))
                .isZero();
        SameFiles.check(parts, whole);
    }

    @Test
    void aShardThatNamesAFileElsewhereIsNotMerged() throws IOException {
        Path parts = folder.resolve("hostile");
        Path shard = Path.of(shards(1, parts, video, "--windows", "0.2").get(0));
        List<String> lines = Files.readAllLines(shard);
        Files.writeString(
                shard,
                lines.get(0) + "\n" + lines.get(1).replaceFirst("\"[^\"]*\\.timeline\\.png\"", "\"../predictions.csv\"")
                        + "\n");
        assertThat(merge(folder.resolve("hostile-merged"), List.of(shard.toString())))
                .isEqualTo(Exit.INPUT);
        assertThat(err.toString()).contains("'../predictions.csv' is no name of a file");
    }

    @Test
    void windowsSayWhatItIsWhen() throws IOException {
        Path pictures = folder.resolve("pictures");
        Path copies = Files.createDirectories(folder.resolve("copies"));
        Path same = Files.copy(Path.of(video), copies.resolve(Path.of(video).getFileName()));
        assertThat(run("predict", classifier, "--out", pictures.toString(), "--windows", "0.1", video, same.toString()))
                .isZero();
        assertThat(out.toString())
                .contains("  0:00.6 in ", " windows of 0.")
                .containsPattern("(?m)^ {5}0:00\\.0 - {4}0:00\\.\\d +\\d+\\.\\d %  [a-z]")
                .contains("  overall");
        assertThat(out.toString().lines().filter(line -> !line.startsWith("/"))).allMatch(line -> line.length() <= 80);
        String name = same.getFileName().toString();
        assertThat(ImageIO.read(pictures.resolve(name + ".timeline.png").toFile())
                        .getWidth())
                .isGreaterThan(800);
        assertThat(pictures.resolve("2-" + name + ".timeline.png")).exists();
        List<String> table = Files.readAllLines(pictures.resolve(name + ".timeline.csv"));
        assertThat(table.get(0)).isEqualTo("start,end,label,score");
        assertThat(table.get(1)).startsWith("0.000,0.");
        assertThat(table.get(2)).startsWith("0.100,0.");
        assertThat(table.get(table.size() - 1)).contains(",0.640,");
        assertThat(Files.readAllLines(pictures.resolve("predictions.csv"))).hasSize(3);
        assertThat(JsonMapper.shared()
                        .readTree(Files.readString(pictures.resolve("predictions.json")))
                        .path("predictions"))
                .hasSize(2);

        // Without a number the word after --windows is a file.
        assertThat(run("predict", classifier, "--json", "--windows", video)).isZero();
        JsonNode row = rows().get(0);
        assertThat(row.path("seconds").asDouble()).isEqualTo(0.64);
        assertThat(row.path("windows").get(0).path("start").asDouble()).isZero();
        assertThat(row.path("segments").get(0).path("label").asString())
                .isEqualTo(row.path("windows").get(0).path("label").asString());
        assertThat(run("predict", classifier, video, "--windows=0.1", "--json")).isZero();
        assertThat(rows().get(0).path("windows")).hasSize(table.size() - 1);
    }

    @Test
    void anUnreadableFileIsNamedAndTheRestIsDone() throws IOException {
        String text = Files.writeString(folder.resolve("text.mp4"), "no video").toString();
        String none = folder.resolve("none.mp4").toString();
        for (List<String> how : List.of(List.<String>of(), List.of("--windows"))) {
            List<String> args = Stream.of(List.of("predict", classifier, text, none, video), how)
                    .flatMap(List::stream)
                    .toList();
            assertThat(run(args.toArray(String[]::new))).isEqualTo(Exit.BAD_FILES);
            assertThat(err.toString()).contains(text, none + " does not exist").doesNotContain("\tat ");
            assertThat(out.toString()).contains(video).doesNotContain("text.mp4");
        }
        assertThat(run("predict", classifier, "--json", text, video)).isEqualTo(Exit.BAD_FILES);
        assertThat(rows().get(0).path("error").asString()).contains("text.mp4");
        assertThat(rows().get(1).path("top")).isNotEmpty();
    }

    @Test
    void whatWouldDoNothingIsRefused() {
        assertThat(run("predict", classifier, video, "--views", "2x1", "--windows"))
                .isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains("--views would do nothing");
        assertThat(run("predict", classifier, video, "--window", "2")).isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains("--window would do nothing");
        assertThat(run("predict", classifier, video, "--window", "2", "--windows"))
                .isEqualTo(Exit.USAGE);
        assertThat(err.toString())
                .contains("length of their own, ", " frames over ")
                .doesNotContain("Clip[");
        assertThat(run("predict", classifier, video, "--top", "0")).isEqualTo(Exit.USAGE);
    }

    @Test
    void preTrainedWeightsAreNoClassifier() {
        String run = folder.resolve("pretrained").toString();
        String data = folder.resolve("set/clips/val").toString();
        assertThat(run(
                        "pretrain",
                        "tiny-video",
                        "--data",
                        data,
                        "--out",
                        run,
                        "--set",
                        "train.epochs=1",
                        "--set",
                        "optim.warmup-epochs=0",
                        "--set",
                        "report.pictures-every=0"))
                .isZero();
        assertThat(run("predict", run, video)).isEqualTo(Exit.INPUT);
        assertThat(err.toString()).contains("is no classifier", "maskfeat finetune");
    }

    @Test
    void helpFitsEightyColumns() {
        assertThat(run("predict", "--help")).isZero();
        assertThat(out.toString().lines()).allMatch(text -> text.length() <= 80).isNotEmpty();
        assertThat(out.toString()).contains("--windows[=SECONDS]");
    }
}
