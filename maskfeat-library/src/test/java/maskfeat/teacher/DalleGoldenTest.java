package maskfeat.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.augment.Box;
import maskfeat.augment.Resize;
import maskfeat.disk.DamagedFile;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.media.Frames;
import maskfeat.torch.Arrays;
import maskfeat.torch.Devices;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** DALL-E's encoder as a teacher against its own program. */
@Tag("golden")
class DalleGoldenTest {
    @TempDir
    Path folder;

    private Path set;
    private GoldenTensors golden;
    private Tolerance tolerance;
    private JsonNode config;

    @BeforeEach
    void openSet() {
        assumeThat(GoldenDir.has("dvae/dvae.safetensors")).isTrue();
        set = GoldenDir.path().resolve("dvae");
        golden = GoldenTensors.open(set.resolve("dvae.safetensors"));
        tolerance = new Tolerance(golden, set.resolve("tolerance.json"));
        config = JsonMapper.shared().readTree(set.resolve("config.json").toFile());
    }

    @Test
    void everyGroupTheLogitsAndTheTokensEqualDalles() throws IOException {
        Path file = TeacherFiles.of(golden, folder.resolve("encoder.safetensors"), name -> name);

        try (Teacher teacher = Teachers.open(file, Devices.named("cpu"));
                PointerScope scope = new PointerScope()) {
            DalleTeacher network = (DalleTeacher) teacher;
            assertThat(teacher.dim()).isEqualTo(config.get("vocab_size").asInt());
            assertThat(teacher.cellSide()).isEqualTo(config.get("stride").asInt());
            assertThat(teacher.classes()).isEmpty();
            for (String name : cases()) {
                Tensor frames = Arrays.tensor(golden.values(name + ".mapped"), golden.shape(name + ".mapped"));
                Tensor x = network.input(frames);
                tolerance.assertWithin(name + ".act.input", Arrays.floats(x), Fingerprint.FACTOR);
                for (int group = 1; group <= config.get("group_count").asInt(); group++) {
                    x = network.group(x, group);
                    tolerance.assertWithin(name + ".act.group_" + group, Arrays.floats(x), Fingerprint.FACTOR);
                }
                tolerance.assertWithin(name + ".logits", Arrays.floats(teacher.cells(frames)), Fingerprint.FACTOR);
                assertThat(Arrays.floats(teacher.tokens(frames))).containsExactly(golden.values(name + ".tokens"));
            }
        }
    }

    private List<String> cases() {
        List<String> cases = new ArrayList<>(config.get("cases").propertyNames());
        cases.addAll(config.get("crops").propertyNames());
        return cases;
    }

    /**
     * From bytes to its input in one table, as all networks here read pictures. Its own program multiplies and adds, the table
     * subtracts and divides: they differ by rounding of numbers up to 1.125, and no token does.
     */
    @Test
    void theTableOfBytesIsItsMapOfPixels() throws IOException {
        Path file = TeacherFiles.of(golden, folder.resolve("encoder.safetensors"), name -> name);
        try (Teacher teacher = Teachers.open(file, Devices.named("cpu"));
                PointerScope scope = new PointerScope()) {
            float[][] table = teacher.normalize().table();
            for (String name : config.get("crops").propertyNames()) {
                float[] bytes = golden.values(name + ".resized"); // [H, W, 3]
                float[] mapped = new float[bytes.length];
                int area = bytes.length / 3;
                for (int i = 0; i < bytes.length; i++) {
                    mapped[i % 3 * area + i / 3] = table[i % 3][(int) bytes[i]];
                }
                assertThat(mapped).as(name).containsExactly(golden.values(name + ".mapped"), within(2e-7f));
                Tensor tokens = teacher.tokens(Arrays.tensor(mapped, golden.shape(name + ".mapped")));
                assertThat(Arrays.floats(tokens)).containsExactly(golden.values(name + ".tokens"));
            }
        }
    }

    /** Its view is cut out of the original picture with Pillow's Lanczos, to the byte. */
    @Test
    void cropsEqualPillowsLanczos() {
        for (String name : config.get("crops").propertyNames()) {
            long[] shape = golden.shape(name + ".source");
            Frames source = new Frames(1, (int) shape[0], (int) shape[1], bytes(golden.values(name + ".source")));
            JsonNode box = config.get("crops").get(name).get("box_top_left_height_width");
            int side = config.get("crops").get(name).get("size").asInt();
            Frames resized = Resize.of(
                    source,
                    new Box(
                            box.get(0).asInt(),
                            box.get(1).asInt(),
                            box.get(2).asInt(),
                            box.get(3).asInt()),
                    side,
                    side,
                    Resize.Filter.LANCZOS);
            assertThat(resized.rgb()).as(name).containsExactly(bytes(golden.values(name + ".resized")));
        }
    }

    private static byte[] bytes(float[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (int) values[i];
        }
        return bytes;
    }

    /** The network was pickled whole, its classes by name. Nothing is called: the same tensors come out. */
    @ParameterizedTest
    @ValueSource(strings = {"encoder_zip.pkl", "encoder_legacy.pkl"})
    void thePickledNetworkIsReadWithoutRunningIt(String pickled) throws IOException {
        Path plain = TeacherFiles.of(golden, folder.resolve("encoder.safetensors"), name -> name);
        float[] first;
        try (Teacher teacher = Teachers.open(plain, Devices.named("cpu"))) {
            first = cells(teacher);
        }
        try (Teacher teacher = Teachers.open(set.resolve(pickled), Devices.named("cpu"))) {
            assertThat(cells(teacher)).containsExactly(first);
        }
    }

    /** One of its attributes would call the shell. */
    @Test
    void aPickledNetworkThatRunsACommandIsRefusedByItsName() {
        Path hostile = set.resolve("MALICIOUS_encoder.pkl");
        assumeThat(hostile).exists();
        assertThatThrownBy(() -> Teachers.open(hostile, Devices.named("cpu")))
                .isInstanceOf(DamagedFile.class)
                .hasMessageStartingWith(hostile + " names posix.system, which is no part of a checkpoint");
        assertThat(Path.of(System.getProperty("java.io.tmpdir"), "pwned")).doesNotExist();
    }

    /** FLAVA's codebook is the same network by other names. */
    @ParameterizedTest
    @ValueSource(strings = {"", "image_codebook."})
    void flavasCodebookIsTheSame(String prefix) throws IOException {
        Path plain = TeacherFiles.of(golden, folder.resolve("encoder.safetensors"), name -> name);
        Path flava = TeacherFiles.of(
                golden,
                folder.resolve("flava.safetensors"),
                name -> prefix
                        + name.replaceFirst("(group_\\d)\\.", "$1.group.")
                                .replace("res_path.", "res_path.path.")
                                .replaceFirst("\\.w$", ".weight")
                                .replaceFirst("\\.b$", ".bias"));
        try (Teacher first = Teachers.open(plain, Devices.named("cpu"));
                Teacher second = Teachers.open(flava, Devices.named("cpu"))) {
            assertThat(cells(second)).containsExactly(cells(first));
            assertThat(second.notes().get(0)).contains("FLAVA");
        }
    }

    private float[] cells(Teacher teacher) {
        try (PointerScope scope = new PointerScope()) {
            return Arrays.floats(
                    teacher.cells(Arrays.tensor(golden.values("square.mapped"), golden.shape("square.mapped"))));
        }
    }

    /** As the fingerprint's file says: a third, around the middle, between the map's ends. */
    private static float[] mapped(float[] picture) {
        float[] mapped = new float[picture.length];
        for (int i = 0; i < picture.length; i++) {
            mapped[i] = Math.max(0.1f, Math.min(0.9f, picture[i] / 3 + 0.5f));
        }
        return mapped;
    }

    @Test
    void theUnreducedOneEqualsItsFingerprint() throws IOException {
        assumeThat(GoldenDir.has("full_teachers/dalle_encoder.json")).isTrue();
        JsonNode full = JsonMapper.shared()
                .readTree(GoldenDir.path()
                        .resolve("full_teachers/dalle_encoder.json")
                        .toFile());
        int side = full.get("input_shape").get(2).asInt();
        Path file = TeacherFiles.of(full, folder.resolve("encoder.safetensors"));

        try (Teacher teacher = Teachers.open(file, Devices.named("cpu"));
                PointerScope scope = new PointerScope()) {
            DalleTeacher network = (DalleTeacher) teacher;
            assertThat(teacher.description())
                    .isEqualTo("DALL-E's encoder (4 groups of 2 blocks, width 256 to 2048, 8,192 tokens),"
                            + " 53,786,240 parameters");
            Tensor frames = Arrays.tensor(mapped(TeacherFiles.picture(side, side)), 1, 3, side, side);
            Tensor x = network.input(frames);
            Fingerprint.check(full, "input", Arrays.floats(x));
            for (int group = 1; group <= 4; group++) {
                x = network.group(x, group);
                Fingerprint.check(full, "group_" + group, Arrays.floats(x));
            }
            Fingerprint.check(full, "logits", Arrays.floats(teacher.cells(frames)));
            assertThat(Arrays.floats(teacher.tokens(frames))).containsExactly(Fingerprint.floats(full.get("tokens")));
        }
    }
}
