package maskfeat.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import maskfeat.augment.Normalize;
import maskfeat.foreign.Told;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.torch.Arrays;
import maskfeat.torch.Devices;
import maskfeat.torch.Ops;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Vision transformers as teachers against DINO's own. */
@Tag("golden")
class VitTeacherGoldenTest {
    @TempDir
    Path folder;

    @Test
    void tokensOfPicturesOfAnySizeEqualDinos() throws IOException {
        assumeThat(GoldenDir.has("teacher_vit/teacher_vit.safetensors")).isTrue();
        Path set = GoldenDir.path().resolve("teacher_vit");
        GoldenTensors golden = GoldenTensors.open(set.resolve("teacher_vit.safetensors"));
        Tolerance tolerance = new Tolerance(golden, set.resolve("tolerance.json"));
        JsonNode config =
                JsonMapper.shared().readTree(set.resolve("config.json").toFile());
        Path file = TeacherFiles.of(golden, folder.resolve("dino.safetensors"), name -> name);
        Told heads = Told.heads(OptionalInt.of(config.get("heads").asInt()));

        try (Teacher teacher = Teachers.open(file, heads, Devices.named("cpu"));
                PointerScope scope = new PointerScope()) {
            assertThat(teacher.normalize()).isEqualTo(Normalize.IMAGENET);
            assertThat(teacher.dim()).isEqualTo(config.get("dim").asInt());
            assertThat(teacher.cellSide()).isEqualTo(config.get("patch").asInt());
            assertThat(teacher.classes()).isEmpty();
            for (String name : config.get("cases").propertyNames()) {
                Tensor frames = Arrays.tensor(golden.values(name + ".input"), golden.shape(name + ".input"));
                Tensor positions = ((VitTeacher) teacher).positions(frames.size(2), frames.size(3));
                tolerance.assertWithin(name + ".pos", Arrays.floats(positions), Fingerprint.FACTOR);
                Tensor tokens = CellMap.NEAREST.map(
                        teacher.cells(frames),
                        (int) frames.size(2) / teacher.cellSide(),
                        (int) frames.size(3) / teacher.cellSide());
                tolerance.assertWithin(name + ".tokens", Arrays.floats(tokens), Fingerprint.FACTOR);
            }
            Tensor clip = Arrays.tensor(golden.values("clip.input"), golden.shape("clip.input"));
            JsonNode used = config.get("clip").get("frames_used");
            Tensor[] tokens = new Tensor[used.size()];
            for (int t = 0; t < tokens.length; t++) {
                Tensor cells = teacher.cells(clip.select(2, used.get(t).asInt()));
                tokens[t] = CellMap.NEAREST.map(cells, (int) cells.size(2), (int) cells.size(3));
            }
            tolerance.assertWithin("clip.tokens", Arrays.floats(Ops.cat(1, tokens)), Fingerprint.FACTOR);
        }
    }

    /** As DINO's own checkpoints have it: the student is in the same file. */
    @Test
    void theTeacherOfAFullCheckpointIsTaken() throws IOException {
        assumeThat(GoldenDir.has("teacher_vit/teacher_vit.safetensors")).isTrue();
        Path set = GoldenDir.path().resolve("teacher_vit");
        GoldenTensors golden = GoldenTensors.open(set.resolve("teacher_vit.safetensors"));
        Path bare = TeacherFiles.of(golden, folder.resolve("bare.safetensors"), name -> name);
        Path full = TeacherFiles.twice(
                golden,
                folder.resolve("full.safetensors"),
                name -> "student.module.backbone." + name,
                name -> "teacher.backbone." + name);
        Told heads = Told.heads(OptionalInt.of(JsonMapper.shared()
                .readTree(set.resolve("config.json").toFile())
                .get("heads")
                .asInt()));
        Told student = new Told(heads.heads(), Optional.of("student"));

        float[] first = cells(bare, heads, golden);
        assertThat(cells(full, heads, golden)).containsExactly(first);
        // The student of this file has other weights.
        assertThat(cells(full, student, golden)).isNotEqualTo(first);
    }

    private static float[] cells(Path file, Told told, GoldenTensors golden) throws IOException {
        try (Teacher teacher = Teachers.open(file, told, Devices.named("cpu"));
                PointerScope scope = new PointerScope()) {
            return Arrays.floats(
                    teacher.cells(Arrays.tensor(golden.values("native.input"), golden.shape("native.input"))));
        }
    }

    @Test
    void theUnreducedOneEqualsItsFingerprint() throws IOException {
        assumeThat(GoldenDir.has("full_teachers/dino_vits16.json")).isTrue();
        JsonNode full = JsonMapper.shared()
                .readTree(GoldenDir.path()
                        .resolve("full_teachers/dino_vits16.json")
                        .toFile());
        int side = full.get("input_shape").get(2).asInt();
        Path file = TeacherFiles.of(full, folder.resolve("dino_deitsmall16_pretrain.safetensors"));

        try (Teacher teacher = Teachers.open(file, Devices.named("cpu"));
                PointerScope scope = new PointerScope()) {
            assertThat(teacher.description())
                    .isEqualTo("ViT, 12 blocks of width 384, 6 heads, patches of 16 px, 21,665,664 parameters");
            Tensor cells = teacher.cells(Arrays.tensor(TeacherFiles.picture(side, side), 1, 3, side, side));
            Tensor tokens = CellMap.NEAREST.map(cells, (int) cells.size(2), (int) cells.size(3));
            Fingerprint.check(full, "tokens", Arrays.floats(tokens));
        }
    }
}
