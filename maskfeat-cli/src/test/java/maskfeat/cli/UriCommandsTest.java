package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.archive.ArchiveFiles;
import maskfeat.cli.TinyRuns.Ran;
import maskfeat.disk.PathText;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.train.Trainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Data and weights that lie in another file system than the disk's. */
class UriCommandsTest {
    private static final String HOST = "jimfs://store";

    private static FileSystem store = Jimfs.newFileSystem("unused");

    @TempDir
    private static Path folder = Path.of("");

    private static Path set = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        store = Jimfs.newFileSystem("store", Configuration.unix());
        set = folder.resolve("set");
        SampleSet.write(set, SampleSet.Size.TINY);
        copy(set, store.getPath("/my data"));
        ArchiveFiles.tar(folder.resolve("clips.tar"), ArchiveFiles.of(set.resolve("clips/train")));
        Files.copy(folder.resolve("clips.tar"), store.getPath("/clips-0.tar"));
        ArchiveFiles.tar(folder.resolve("more.tar"), ArchiveFiles.of(set.resolve("clips/val")));
        Files.copy(folder.resolve("more.tar"), store.getPath("/clips-1.tar"));
        Files.copy(
                TinyRuns.weights(folder.resolve("tiny.safetensors"), Recipes.named("tiny-video")),
                store.getPath("/tiny.safetensors"));
    }

    @AfterAll
    static void close() throws IOException {
        store.close();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Path there = to.resolve(from.relativize(each).toString());
                if (Files.isDirectory(each)) {
                    Files.createDirectories(there);
                } else {
                    Files.copy(each, there);
                }
            }
        }
    }

    private static Ran pretrain(String data, Path out, String... more) {
        List<Object> words = new ArrayList<>(
                List.of("pretrain", "tiny-video", "--data", data, "--out", out, "--set", "train.epochs=1"));
        words.addAll(List.of("--set", "report.pictures-every=0"));
        words.addAll(List.of(more));
        return TinyRuns.run(words.toArray());
    }

    private static byte[] weights(Path run) throws IOException {
        return Files.readAllBytes(run.resolve("model.safetensors"));
    }

    @Test
    void trainingFromAUriGivesTheWeightsOfTheDisk() throws IOException {
        Ran there = pretrain(HOST + "/my%20data/clips/train", folder.resolve("there"));
        assertThat(there.code()).as(there.err()).isZero();
        Ran here = pretrain(set.resolve("clips/train").toString(), folder.resolve("here"));
        assertThat(here.code()).as(here.err()).isZero();
        assertThat(weights(folder.resolve("there"))).isEqualTo(weights(folder.resolve("here")));
        assertThat(folder.resolve("there/config.yaml")).content().contains("\"" + HOST + "/my%20data/clips/train/\"");
        assertThat(there.err() + there.out()).doesNotContain(" /my data");
    }

    @Test
    void aStoppedRunGoesOnWithItsDataElsewhere() throws Exception {
        String data = HOST + "/my data/clips/train";
        Path whole = folder.resolve("whole");
        assertThat(pretrain(data, whole, "--set", "train.epochs=2").code()).isZero();
        Path out = folder.resolve("resumed");
        Settings<Run> settings = TinyRuns.settingsOf("tiny-video", "train.epochs=2", "report.pictures-every=0");
        assertThat(TinyRuns.train(out, PathText.path(data), settings, 3)).isEqualTo(Trainer.Ending.STOPPED);
        Ran on = TinyRuns.run("pretrain", "--resume", "--out", out);
        assertThat(on.code()).as(on.err()).isZero();
        assertThat(weights(out)).isEqualTo(weights(whole));
    }

    @Test
    void shardsAndListsElsewhereAreReadToo() throws IOException {
        Ran shards = pretrain(HOST + "/clips-{0..1}.tar", folder.resolve("shards"));
        assertThat(shards.code()).as(shards.err()).isZero();
        Path first = firstClip(set);
        Path list = Files.writeString(
                folder.resolve("list.txt"),
                HOST + "/my%20data/" + set.relativize(first) + "\n" + HOST + "/clips-0.tar!/"
                        + set.resolve("clips/train").relativize(first) + "\n" + first + "\n");
        Ran scan = TinyRuns.run("data", "scan", list, "--json");
        assertThat(scan.code()).as(scan.err()).isZero();
        List<JsonNode> rows =
                scan.out().lines().map(JsonMapper.shared()::readTree).toList();
        assertThat(rows).hasSize(3).allSatisfy(row -> {
            assertThat(row.path("verdict").asString()).isEqualTo("ok");
            assertThat(row.path("frames")).isEqualTo(rows.get(2).path("frames"));
        });
        assertThat(rows.get(0).path("file").asString()).startsWith(HOST + "/my%20data/clips/train/");
        assertThat(rows.get(1).path("file").asString()).startsWith(HOST + "/clips-0.tar!/");
    }

    private static Path firstClip(Path data) throws IOException {
        try (Stream<Path> all = Files.walk(data.resolve("clips/train"))) {
            return all.filter(Files::isRegularFile).sorted().findFirst().orElseThrow();
        }
    }

    @Test
    void vectorsAreThoseOfTheDiskAndTheirRowsNameTheUris() throws IOException {
        Path there = folder.resolve("there.csv");
        Path here = folder.resolve("here.csv");
        Ran elsewhere = TinyRuns.run("embed", HOST + "/tiny.safetensors", HOST + "/my data/clips/val", "--out", there);
        assertThat(elsewhere.code()).as(elsewhere.err()).isZero();
        Ran onDisk = TinyRuns.run("embed", folder.resolve("tiny.safetensors"), set.resolve("clips/val"), "--out", here);
        assertThat(onDisk.code()).as(onDisk.err()).isZero();
        String expected = Files.readString(here).replace(set.toString(), HOST + "/my%20data");
        assertThat(Files.readString(there)).isEqualTo(expected).contains(HOST);
    }

    @Test
    void dataElsewhereArePreparedOntoADisk() throws IOException {
        Path there = folder.resolve("prepared-there");
        Path here = folder.resolve("prepared-here");
        Ran elsewhere = TinyRuns.run(
                "data", "prepare", HOST + "/my data/images/val", there, "--short-side", "32", "--recipe", "none");
        assertThat(elsewhere.code()).as(elsewhere.err()).isZero();
        Ran onDisk = TinyRuns.run(
                "data", "prepare", set.resolve("images/val"), here, "--short-side", "32", "--recipe", "none");
        assertThat(onDisk.code()).as(onDisk.err()).isZero();
        assertThat(ArchiveFiles.of(there).keySet())
                .isEqualTo(ArchiveFiles.of(here).keySet());
        ArchiveFiles.of(here).forEach((name, bytes) -> {
            if (name.endsWith(".jpg") || name.endsWith(".png")) {
                assertThat(there.resolve(name)).as(name).hasBinaryContent(bytes);
            }
        });
    }

    @Test
    void whatIsWrittenNeedsNoProviderToBeRefused() {
        Ran ran = TinyRuns.run("embed", folder.resolve("tiny.safetensors"), set, "--out", "s3://bucket/e.npy");
        assertThat(ran.code()).isEqualTo(Exit.USAGE);
        assertThat(ran.err()).contains("must lie on a disk").doesNotContain("provider");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tiny.safetensors", "/my data"})
    void whatIsWrittenGoesToADisk(String out) {
        Map<String, Ran> all = Map.of(
                "pretrain", TinyRuns.run("pretrain", "tiny-video", "--out", HOST + out),
                "embed", TinyRuns.run("embed", folder.resolve("tiny.safetensors"), set, "--out", HOST + out),
                "convert", TinyRuns.run("weights", "convert", folder.resolve("tiny.safetensors"), HOST + out),
                "prepare", TinyRuns.run("data", "prepare", set.resolve("clips"), HOST + out));
        all.forEach((command, ran) -> {
            assertThat(ran.code()).as(command).isEqualTo(Exit.USAGE);
            assertThat(ran.err()).as(command).contains("must lie on a disk", HOST);
        });
    }

    @Test
    void aProviderThatIsNotHereIsNamedWithTheOptionAndTheSetting() {
        Ran option = pretrain("s3://bucket/clips", folder.resolve("no"));
        assertThat(option.code()).isEqualTo(Exit.USAGE);
        assertThat(option.err()).contains("--data: 's3:", "s3://bucket/clips", "no provider of s3:", "MASKFEAT_LIB");
        Ran setting = TinyRuns.run(
                "pretrain", "tiny-video", "--out", folder.resolve("no"), "--set", "data.path=s3://bucket/clips");
        assertThat(setting.code()).isEqualTo(Exit.USAGE);
        assertThat(setting.err()).contains("s3://bucket/clips", "no provider of s3:");
        assertThat(folder.resolve("no")).doesNotExist();
    }

    @Test
    void nothingThereIsSaidOfTheUri() {
        Ran ran = pretrain(HOST + "/clipz", folder.resolve("no"));
        assertThat(ran.code()).isEqualTo(Exit.INPUT);
        assertThat(ran.err()).contains(HOST + "/clipz");
    }
}
