package maskfeat.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import maskfeat.augment.Normalize;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.torch.Arrays;
import maskfeat.torch.Devices;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** ResNets as teachers against torchvision's. */
@Tag("golden")
class ResNetGoldenTest {
    @TempDir
    Path folder;

    @Test
    void everyStageAndTheScoresEqualTorchvisions() throws IOException {
        assumeThat(GoldenDir.has("teacher_resnet/teacher_resnet.safetensors")).isTrue();
        Path set = GoldenDir.path().resolve("teacher_resnet");
        GoldenTensors golden = GoldenTensors.open(set.resolve("teacher_resnet.safetensors"));
        Tolerance tolerance = new Tolerance(golden, set.resolve("tolerance.json"));
        JsonNode config =
                JsonMapper.shared().readTree(set.resolve("config.json").toFile());
        Path file = TeacherFiles.of(golden, folder.resolve("resnet.safetensors"), name -> name);

        try (Teacher teacher = Teachers.open(file, Devices.named("cpu"));
                PointerScope scope = new PointerScope()) {
            ResNetTeacher network = (ResNetTeacher) teacher;
            assertThat(teacher.normalize()).isEqualTo(Normalize.IMAGENET);
            assertThat(teacher.cellSide()).isEqualTo(32);
            assertThat(teacher.dim())
                    .isEqualTo(config.get("stage_channels").get(3).asInt());
            assertThat(teacher.classes()).hasValue(config.get("classes").asInt());
            for (String name : config.get("cases").propertyNames()) {
                Tensor frames = Arrays.tensor(golden.values(name + ".input"), golden.shape(name + ".input"));
                Tensor x = network.stem(frames);
                tolerance.assertWithin(name + ".act.stem", Arrays.floats(x), Fingerprint.FACTOR);
                for (int stage = 0; stage < 4; stage++) {
                    x = network.stage(x, stage);
                    tolerance.assertWithin(name + ".act.layer" + (stage + 1), Arrays.floats(x), Fingerprint.FACTOR);
                }
                Tensor cells = teacher.cells(frames);
                assertThat(cells.shape()).containsExactly(golden.shape(name + ".act.layer4"));
                tolerance.assertWithin(name + ".act.layer4", Arrays.floats(cells), Fingerprint.FACTOR);
                long[] all = {2, 3};
                tolerance.assertWithin(
                        name + ".pooled", Arrays.floats(cells.mean(all, false, null)), Fingerprint.FACTOR);
                // The mean of the cells' scores is the score of their mean.
                Tensor scores = teacher.scores(frames);
                tolerance.assertWithin(
                        name + ".logits", Arrays.floats(scores.mean(all, false, null)), Fingerprint.FACTOR);
            }
        }
    }

    @Test
    void theUnreducedOneEqualsItsFingerprint() throws IOException {
        assumeThat(GoldenDir.has("full_teachers/resnet50.json")).isTrue();
        JsonNode full = JsonMapper.shared()
                .readTree(
                        GoldenDir.path().resolve("full_teachers/resnet50.json").toFile());
        int side = full.get("input_shape").get(2).asInt();
        Path file = TeacherFiles.of(full, folder.resolve("resnet50.safetensors"));

        try (Teacher teacher = Teachers.open(file, Devices.named("cpu"));
                PointerScope scope = new PointerScope()) {
            ResNetTeacher network = (ResNetTeacher) teacher;
            assertThat(teacher.description())
                    .isEqualTo("ResNet-50 (bottlenecks 3, 4, 6, 3 of width 256, 512, 1024, 2048),"
                            + " 25,557,032 parameters");
            Tensor frames = Arrays.tensor(TeacherFiles.picture(side, side), 1, 3, side, side);
            Tensor x = network.stem(frames);
            Fingerprint.check(full, "stem", Arrays.floats(x));
            for (int stage = 0; stage < 4; stage++) {
                x = network.stage(x, stage);
                Fingerprint.check(full, "layer" + (stage + 1), Arrays.floats(x));
            }
            Fingerprint.check(full, "layer4", Arrays.floats(teacher.cells(frames)));
            Tensor scores = teacher.scores(frames).mean(new long[] {2, 3}, false, null);
            Fingerprint.check(full, "logits", Arrays.floats(scores));
        }
    }
}
