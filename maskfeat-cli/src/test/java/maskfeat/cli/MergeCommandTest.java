package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.cli.TinyRuns.Ran;
import maskfeat.disk.AtomicFile;
import maskfeat.model.Classifier;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.nn.Layer;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.sample.SampleSet;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Three processes that do a third of the files each, and what is made of their results. */
class MergeCommandTest {
    @TempDir
    private static Path folder = Path.of("");

    private static Path model = Path.of("");
    private static Path images = Path.of("");

    @TempDir
    private Path here = Path.of("");

    @BeforeAll
    static void make() throws IOException, InterruptedException {
        images = TinyRuns.images(folder.resolve("set")).resolve("val");
        model = TinyRuns.weights(folder.resolve("tiny-image.safetensors"), Recipes.named("tiny-image"));
    }

    private Path data = Path.of("");

    /** Its own copy, with a file that cannot be read in the middle of the list. */
    @BeforeEach
    void copy() throws IOException {
        data = here.resolve("data");
        try (Stream<Path> files = Files.walk(images)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = data.resolve(images.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        Files.writeString(data.resolve("heart-dots/00.jpg"), "no picture");
    }

    private static Path classifier(Path file, String... names) throws IOException {
        Run run = Recipes.named("tiny-image");
        Head head = new Head.Classes(Classifier.Pooling.MEAN, 0, List.of(names), 1e-6);
        NetworkSpec spec = new NetworkSpec(run.data().input(), run.model(), head);
        try (Layer network = spec.build(5, new Device("cpu"))) {
            AtomicFile.write(file, TensorFile.content(spec.metadata(), network.parameters()));
        }
        return file;
    }

    private static Ran with(List<Object> command, Object... more) {
        List<Object> words = new ArrayList<>(command);
        Collections.addAll(words, more);
        return TinyRuns.run(words.toArray());
    }

    /** Does all shards of a command. @return their files, not in order */
    private static List<Object> shards(int count, List<Object> command) {
        List<Object> files = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            Ran ran = with(command, "--shard", number + "/" + count);
            assertThat(ran.code()).as(ran.err()).isIn(Exit.OK, Exit.BAD_FILES);
            files.add(ran.out().strip());
        }
        Collections.reverse(files);
        return files;
    }

    private Ran merge(Path out, List<Object> shards, Object... more) {
        List<Object> words = new ArrayList<>(List.of("merge", out));
        words.addAll(shards);
        return with(words, more);
    }

    private List<Object> embed(Object... more) {
        List<Object> words = new ArrayList<>(List.of(
                "embed", model, data, "--device", "cpu", "--batch", "1", "--out", here.resolve("features.npy")));
        Collections.addAll(words, more);
        return words;
    }

    /** A row of a network is the same to the bit only where it is computed with as many others: here, alone. */
    @Test
    void mergedFeaturesAreThoseOfOneProcess() throws IOException {
        List<Object> shards = shards(3, embed());
        assertThat(shards).contains(here.resolve("features.shard-2-of-3.jsonl").toString());
        assertThat(here.resolve("features.npy")).doesNotExist();
        for (String ending : List.of("npy", "csv", "safetensors")) {
            Path whole = here.resolve("whole." + ending);
            List<Object> alone = List.of("embed", model, data, "--device", "cpu", "--batch", "1", "--out", whole);
            assertThat(with(alone).code()).isEqualTo(Exit.BAD_FILES);
            Path merged = here.resolve("merged." + ending);
            Ran ran = merge(merged, shards);
            assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.BAD_FILES);
            assertThat(ran.err()).contains("20 vectors", "1 file was left out");
            assertThat(merged).hasSameBinaryContentAs(whole);
        }
        assertThat(here.resolve("merged.names.csv")).hasSameBinaryContentAs(here.resolve("whole.names.csv"));
    }

    @Test
    void mergedWindowsAreThoseOfOneProcess() throws IOException {
        SampleSet.write(here.resolve("set"), SampleSet.Size.TINY.clipsOnly());
        Path clips = here.resolve("set/clips/val");
        Path video = TinyRuns.weights(here.resolve("video.safetensors"), Recipes.named("tiny-video"));
        List<Object> command = List.of("embed", video, clips, "--device", "cpu", "--windows", "0.1", "--out");
        Path whole = here.resolve("whole.csv");
        assertThat(with(command, whole).code()).isZero();
        List<Object> sharded = new ArrayList<>(command);
        sharded.add(here.resolve("w.csv"));
        Path merged = here.resolve("merged.csv");
        assertThat(merge(merged, shards(5, sharded)).code()).isZero();
        assertThat(merged).hasSameBinaryContentAs(whole);
    }

    @Test
    void mergedPredictionsAreThoseOfOneProcess() throws IOException {
        Path classifier = classifier(here.resolve("c.safetensors"), "cat", "dog", "a, b");
        List<Object> command = List.of("predict", classifier, data, "--device", "cpu", "--batch", "1", "--out");
        Path whole = here.resolve("whole");
        assertThat(with(command, whole).code()).isEqualTo(Exit.BAD_FILES);
        List<Object> sharded = new ArrayList<>(command);
        sharded.add(here.resolve("parts"));
        List<Object> shards = shards(3, sharded);
        assertThat(here.resolve("parts")).isDirectoryNotContaining("glob:**/predictions.{csv,json}");
        Path merged = here.resolve("merged");
        assertThat(merge(merged, shards).code()).isEqualTo(Exit.BAD_FILES);
        assertThat(merged.resolve("predictions.csv")).hasSameBinaryContentAs(whole.resolve("predictions.csv"));
        assertThat(merged.resolve("predictions.json")).hasSameBinaryContentAs(whole.resolve("predictions.json"));
    }

    @Test
    void mergedVerdictsAreThoseOfOneProcess() throws IOException {
        Files.writeString(data.resolve("notes.md"), "passed over");
        Path wholeList = here.resolve("whole.txt");
        Ran whole = TinyRuns.run("data", "scan", data, "--json", "--write-list", wholeList);
        Ran shown = TinyRuns.run("data", "scan", data);
        List<Object> command = List.of("data", "scan", data, "--out", here.resolve("verdicts.jsonl"));
        assertThat(with(command, "--shard", "1/3").err()
                        + with(command, "--shard", "2/3").err()
                        + with(command, "--shard", "3/3").err())
                .containsOnlyOnce("00.jpg is not an image");
        Path merged = here.resolve("merged.jsonl");
        Path list = here.resolve("merged.txt");
        Ran ran = merge(merged, shards(3, command), "--write-list", list);
        assertThat(ran.code()).isEqualTo(whole.code()).isEqualTo(Exit.BAD_FILES);
        assertThat(merged).content().isEqualTo(whole.out());
        assertThat(list).hasSameBinaryContentAs(wholeList);
        assertThat(shown.out()).endsWith(ran.out());
        assertThat(ran.out()).startsWith("22 files, 20 usable");
    }

    @Test
    void aShardSaysOfWhichItIs() throws IOException {
        String file = with(embed(), "--shard", "2/3").out().strip();
        List<String> lines = Files.readAllLines(Path.of(file));
        JsonNode header = JsonMapper.shared().readTree(lines.get(0));
        assertThat(header.path("kind").asString()).isEqualTo("maskfeat shard");
        assertThat(header.path("version").asInt()).isEqualTo(1);
        assertThat(header.path("command").asString()).isEqualTo("embed");
        assertThat(header.path("shard").asInt()).isEqualTo(2);
        assertThat(header.path("of").asInt()).isEqualTo(3);
        assertThat(header.path("files").asInt()).isEqualTo(21);
        assertThat(lines.subList(1, 8).stream()
                        .map(line ->
                                JsonMapper.shared().readTree(line).path("at").asInt()))
                .containsExactlyInAnyOrder(1, 4, 7, 10, 13, 16, 19);
        assertThat(lines).hasSize(9);
    }

    @Test
    void moreShardsThanFilesAreMergedToo() throws IOException {
        Path one = here.resolve("one.csv");
        String file = data.resolve("heart-dots/0000.jpg").toString();
        List<Object> command = List.of("embed", model, file, "--device", "cpu", "--out", one);
        assertThat(merge(here.resolve("merged.csv"), shards(3, command)).code()).isZero();
        assertThat(with(command).code()).isZero();
        assertThat(here.resolve("merged.csv")).hasSameBinaryContentAs(one);
    }

    @ParameterizedTest
    @CsvSource({
        "3/2, counted from 1 to 2",
        "0/2, counted from 1 to 2",
        "1/0, at least one",
        "2, write I/N",
        "-1/2, write I/N",
        "1/2/3, write I/N",
        "a/b, write I/N",
        "99999999999/3, write I/N",
    })
    void whatIsNoShardIsRefused(String shard, String hint) throws IOException {
        for (List<Object> command : List.of(
                embed(),
                List.<Object>of("predict", model, data, "--out", here.resolve("p")),
                List.<Object>of("data", "scan", data, "--out", here.resolve("v.jsonl")))) {
            Ran ran = with(command, "--shard=" + shard);
            assertThat(ran.code()).isEqualTo(Exit.USAGE);
            assertThat(ran.err()).contains("--shard " + shard, hint).doesNotContain("Exception");
        }
        try (Stream<Path> left = Files.list(here)) {
            assertThat(left).containsExactly(data);
        }
    }

    @Test
    void aMergeNeedsEachShardOnce() throws IOException {
        List<Object> shards = shards(3, embed());
        Path out = here.resolve("out.npy");
        Ran missing = merge(out, List.of(shards.get(1)));
        assertThat(missing.code()).isEqualTo(Exit.USAGE);
        assertThat(missing.err()).contains("2 are missing: 1/3, 3/3", "features.shard-1-of-3.jsonl too, and so on");
        Path renamed = Files.move(Path.of(shards.get(0).toString()), here.resolve("elsewhere.jsonl"));
        Ran absent = merge(out, shards.subList(1, 3));
        assertThat(absent.code()).isEqualTo(Exit.USAGE);
        assertThat(absent.err())
                .contains("one is missing: ", "give the command that made " + shards.get(1) + " again with --shard ");
        Files.move(renamed, Path.of(shards.get(0).toString()));
        Ran doubled = merge(out, List.of(shards.get(0), shards.get(1), shards.get(2), shards.get(1)));
        assertThat(doubled.code()).isEqualTo(Exit.USAGE);
        assertThat(doubled.err()).contains("are both shard 2/3", shards.get(1).toString());
        List<Object> two = shards(2, embed());
        Ran mixed = merge(out, List.of(shards.get(2), two.get(0)));
        assertThat(mixed.code()).isEqualTo(Exit.USAGE);
        assertThat(mixed.err()).contains("is shard 2/2, and", "is 1/3");
        assertThat(out).doesNotExist();
    }

    @Test
    void aMergeIsOfOneJob() throws IOException {
        List<Object> shards = shards(2, embed());
        Path out = here.resolve("out.npy");
        Path elsewhere = Files.createDirectories(here.resolve("b")).resolve("features.npy");
        Path other = classifier(here.resolve("c.safetensors"), "cat", "dog");
        String network = with(List.of("embed", other, data, "--out", elsewhere), "--shard", "1/2")
                .out()
                .strip();
        refuses(out, List.of(network, shards.get(0)), "another network");
        Files.delete(Path.of(network));
        String option = with(List.of("embed", model, data, "--out", elsewhere, "--block", "0"), "--shard", "1/2")
                .out()
                .strip();
        refuses(out, List.of(option, shards.get(0)), "with --block 1, not 0");
        String command = with(List.of("data", "scan", data, "--out", here.resolve("v.jsonl")), "--shard", "1/2")
                .out()
                .strip();
        refuses(out, List.of(command, shards.get(0)), "are of embed, not of data scan");
        Files.delete(data.resolve("heart-dots/00.jpg"));
        Files.delete(Path.of(option));
        String list = with(List.of("embed", model, data, "--batch", "1", "--out", elsewhere), "--shard", "1/2")
                .out()
                .strip();
        refuses(out, List.of(list, shards.get(0)), "different lists of files, of 21 and 20");
        refuses(out, List.of(shards.get(0), shards.get(1), "--write-list", "x.txt"), "--write-list would do nothing");
        assertThat(out).doesNotExist();
    }

    private void refuses(Path out, List<Object> shards, String why) {
        Ran ran = merge(out, shards);
        assertThat(ran.err()).contains(why);
        assertThat(ran.code()).isEqualTo(Exit.USAGE);
    }

    @Test
    void whatIsUnfinishedOrDamagedIsNotMerged() throws IOException {
        List<Object> shards = shards(2, embed());
        Path second = Path.of(shards.get(0).toString());
        List<String> lines = Files.readAllLines(second);
        Path out = here.resolve("out.npy");

        Files.writeString(
                second,
                String.join("\n", lines.subList(0, 4)) + "\n" + lines.get(4).substring(0, 20));
        Ran unfinished = merge(out, shards);
        assertThat(unfinished.code()).isEqualTo(Exit.INPUT);
        assertThat(unfinished.err()).contains(second.toString(), "3 of 10 results", "--shard 2/2");

        List<String> without = new ArrayList<>(lines);
        without.remove(3);
        Files.write(second, without);
        assertThat(merge(out, shards).err()).contains(second.toString(), "are not those that were written");

        Files.writeString(second, lines.get(0) + "\nnothing\n");
        assertThat(merge(out, shards).err()).contains("has a line 2 that is no JSON");
        Files.writeString(second, lines.get(0).replace("\"version\":1", "\"version\":2") + "\n");
        assertThat(merge(out, shards).err()).contains("version 2");
        Files.writeString(second, "file,start,end,f0\n");
        Ran other = merge(out, shards);
        assertThat(other.code()).isEqualTo(Exit.INPUT);
        assertThat(other.err()).contains(second.toString(), "holds no results of a shard");
        assertThat(out).doesNotExist();
    }

    @Test
    void aMergeDoesNotWriteOverAShard() throws IOException {
        List<Object> shards = shards(1, List.of("data", "scan", data, "--out", here.resolve("v.jsonl")));
        Path shard = Path.of(shards.get(0).toString());
        String before = Files.readString(shard);
        assertThat(merge(shard, shards).code()).isEqualTo(Exit.USAGE);
        assertThat(shard).content().isEqualTo(before);
    }

    @Test
    void aSecondRunDoesWhatIsNewOrChanged() throws IOException {
        Path shard = Path.of(with(embed(), "--shard", "1/1").out().strip());
        Ran again = with(embed(), "--shard", "1/1");
        assertThat(again.err()).contains("20 of them done before");
        assertThat(again.code()).as("the unreadable one is tried again").isEqualTo(Exit.BAD_FILES);

        Path changed = data.resolve("heart-dots/0000.jpg");
        Files.copy(data.resolve("heart-dots/0001.jpg"), changed, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(changed, FileTime.fromMillis(1));
        Files.copy(changed, data.resolve("heart-dots/00.jpg"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(changed, data.resolve("heart-dots/00000.jpg"));
        Ran more = with(embed(), "--shard", "1/1");
        assertThat(more.err()).contains("22 files, 19 of them done before");
        assertThat(more.code()).isZero();
        assertThat(merge(here.resolve("merged.npy"), List.of(shard)).code()).isZero();
        assertThat(with(List.of(
                                "embed",
                                model,
                                data,
                                "--device",
                                "cpu",
                                "--batch",
                                "1",
                                "--out",
                                here.resolve("w.npy")))
                        .code())
                .isZero();
        assertThat(here.resolve("merged.npy")).hasSameBinaryContentAs(here.resolve("w.npy"));
        assertThat(here.resolve("merged.names.csv")).hasSameBinaryContentAs(here.resolve("w.names.csv"));
    }

    /** Results that are kept are taken from the file, not computed. */
    @Test
    void whatIsKeptIsNotComputed() throws IOException {
        Path shard = Path.of(with(embed(), "--shard", "2/3").out().strip());
        String before = Files.readString(shard);
        String features = JsonMapper.shared()
                .readTree(before.lines().skip(1).findFirst().orElseThrow())
                .at("/result/vectors/0/features")
                .asString();
        String marked = "AAAA" + features.substring(4);
        // Without the end, as a killed process leaves it: the checksum is in its line.
        Files.writeString(shard, before.replace(features, marked).replaceFirst("\\{\"end\".*\\n", ""));
        assertThat(with(embed(), "--shard", "2/3").err()).contains("7 of 21 files, 7 of them done before");
        assertThat(shard).content().contains(marked).contains("\"end\":7");
    }

    @Test
    void resultsOfAnotherJobAreNotReplaced() throws IOException {
        Path shard = Path.of(with(embed(), "--shard", "2/3").out().strip());
        String before = Files.readString(shard);
        Ran option = with(embed("--block", "0"), "--shard", "2/3");
        assertThat(option.code()).isEqualTo(Exit.USAGE);
        assertThat(option.err()).contains(shard.toString(), "--block 1, not 0", "another --out");
        Path other = classifier(here.resolve("c.safetensors"), "cat", "dog");
        Ran network = with(List.of("embed", other, data, "--out", here.resolve("features.npy")), "--shard", "2/3");
        assertThat(network.err()).contains("another network");
        Files.move(shard, here.resolve("features.shard-1-of-3.jsonl"));
        assertThat(with(embed(), "--shard", "1/3").err()).contains("holds results of shard 2/3, not 1/3");
        assertThat(here.resolve("features.shard-1-of-3.jsonl")).content().isEqualTo(before);
        Files.writeString(shard, "my own notes\n");
        assertThat(with(embed(), "--shard", "2/3").err()).contains("holds no results of a shard");
        assertThat(shard).content().isEqualTo("my own notes\n");
    }

    @Test
    void whatDoesNotGoWithShardsIsRefused() throws IOException {
        Path classifier = classifier(here.resolve("c.safetensors"), "cat", "dog");
        assertThat(TinyRuns.run("predict", classifier, data, "--shard", "1/2").err())
                .contains("needs --out DIR");
        for (Object option : List.of("--json", "--top=3")) {
            Ran ran = TinyRuns.run("predict", classifier, data, "--out", here.resolve("p"), "--shard", "1/2", option);
            assertThat(ran.code()).isEqualTo(Exit.USAGE);
            assertThat(ran.err()).contains("would do nothing");
        }
        assertThat(TinyRuns.run("data", "scan", data, "--shard", "1/2").err()).contains("needs --out");
        assertThat(TinyRuns.run("data", "scan", data, "--out", "x.jsonl").err()).contains("--out is for --shard");
        Ran all = TinyRuns.run("data", "scan", data, "--shard", "1/2", "--out", here.resolve("v.jsonl"), "--all");
        assertThat(all.code()).isEqualTo(Exit.USAGE);
        assertThat(all.err()).contains("--all would do nothing");
    }
}
