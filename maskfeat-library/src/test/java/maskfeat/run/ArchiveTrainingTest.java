package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.archive.ArchiveFiles;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** A run on an archive is the run on the folder that was packed. */
class ArchiveTrainingTest {
    private static final String[] SMALL = {
        "model.dim=8", "model.heads=1", "train.epochs=2", "train.accumulate=1", "train.batch=4", "seed=5"
    };

    @TempDir
    Path temp;

    private Path images = Path.of("");
    private Map<String, byte[]> members = Map.of();

    @BeforeEach
    void write() throws IOException {
        PatternData.write(temp);
        images = temp.resolve("images");
        members = ArchiveFiles.of(images);
    }

    private Path archive(String kind) throws IOException {
        Path file = temp.resolve("images." + (kind.equals("tar") ? "tar" : "zip"));
        return kind.equals("tar")
                ? ArchiveFiles.tar(file, members)
                : ArchiveFiles.zip(file, members, kind.equals("stored"));
    }

    private Settings<Run> settings(String recipe, Path data, String... more) {
        List<String> all = new ArrayList<>(List.of(SMALL));
        all.add("data.path=" + data);
        all.addAll(List.of(more));
        return Runs.settings(recipe, all.toArray(String[]::new));
    }

    private byte[] weights(String name, Settings<Run> settings) throws Exception {
        RunJob.begin(temp.resolve(name), settings).run();
        return Files.readAllBytes(temp.resolve(name).resolve("model.safetensors"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-image-ft"})
    void theSameWeightsComeOut(String recipe) throws Exception {
        byte[] there = weights("folder", settings(recipe, images));
        for (String kind : List.of("tar", "stored", "deflated")) {
            assertThat(weights(kind, settings(recipe, archive(kind)))).as(kind).isEqualTo(there);
        }
    }

    @Test
    void whatTheRunWasTrainedOnIsKnownAgain() throws Exception {
        Path tar = archive("tar");
        Path place = temp.resolve("run");
        RunJob.begin(place, settings("tiny-image", tar)).run();
        assertThat(place.resolve("data.tsv")).content().contains("train\trings/0.png\t0\t");
        Files.delete(place.resolve("DONE"));
        RunJob.resume(place).run();
        members.put("train/rings/9.png", members.get("train/rings/0.png"));
        archive("tar");
        Files.delete(place.resolve("DONE"));
        assertThatThrownBy(() -> RunJob.resume(place).run()).hasMessageContainingAll("1 added", "rings/9.png");
    }

    @Test
    void badMembersAreKnownToBeBadWhenTheRunGoesOn() throws Exception {
        members.put("train/rings/0.png", "no picture".getBytes(StandardCharsets.UTF_8));
        Path tar = archive("tar");
        Path place = temp.resolve("run");
        RunJob.begin(place, settings("tiny-image", tar)).run();
        List<String> lines = Files.readAllLines(place.resolve("bad-files.jsonl"));
        assertThat(lines).hasSize(1);
        String file = JsonMapper.shared().readTree(lines.get(0)).get("file").asString();
        assertThat(file).isEqualTo(tar + "!/train/rings/0.png");
        assertThat(new BadFilesLog(place.resolve("bad-files.jsonl")).entries())
                .singleElement()
                .satisfies(entry -> assertThat(Files.exists(entry.file())).isTrue());
    }
}
