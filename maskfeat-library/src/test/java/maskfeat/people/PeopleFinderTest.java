package maskfeat.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import maskfeat.disk.DamagedFile;
import maskfeat.eval.Corners;
import maskfeat.media.Frames;
import maskfeat.people.PeopleFinder.Activation;
import maskfeat.people.PeopleFinder.Found;
import maskfeat.people.PeopleFinder.Pixels;
import maskfeat.people.PeopleFinder.Told;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Boxes of people from files in the forms that detectors have. */
class PeopleFinderTest {
    private static final Told NOTHING = new Told(null, null, null);
    private static final int WIDTH = 80;
    private static final int HEIGHT = 40;
    private static final double LOW = 0.5;

    @TempDir
    private Path folder = Path.of("");

    private static Frames white() {
        byte[] rgb = new byte[WIDTH * HEIGHT * 3];
        Arrays.fill(rgb, (byte) 255);
        return Frames.image(HEIGHT, WIDTH, rgb);
    }

    private static List<Found> find(Path file, Told told) throws IOException {
        try (PeopleFinder finder = PeopleFinder.open(file, told)) {
            return finder.find(white(), LOW);
        }
    }

    private static float[][] logits(int queries, int classes) {
        float[][] logits = new float[queries][classes];
        for (float[] row : logits) {
            Arrays.fill(row, -9);
        }
        return logits;
    }

    private static void assertBox(Corners box, double x1, double y1, double x2, double y2) {
        assertThat(new double[] {box.x1(), box.y1(), box.x2(), box.y2()})
                .containsExactly(new double[] {x1, y1, x2, y2}, within(1e-6));
    }

    @Test
    void detrsCandidatesAreThoseWithTheClassOfPeople() throws IOException {
        Path file = folder.resolve("rtdetr.onnx");
        float[][] logits = logits(4, 80);
        logits[0][0] = 1; // somebody
        logits[1][1] = 5; // a bicycle
        logits[2][0] = 3; // somebody surer, at the border
        logits[3][0] = -0.1f; // too unsure
        float[][] boxes = {{0.5f, 0.5f, 0.2f, 0.4f}, {0.5f, 0.5f, 1, 1}, {0.1f, 0.9f, 0.4f, 0.4f}, {0.5f, 0.5f, 1, 1}};
        FixedDetector.detr(file, 64, logits, boxes);
        List<Found> found = find(file, NOTHING);
        assertThat(found).hasSize(2);
        assertThat(found.get(0).score()).isCloseTo(1 / (1 + Math.exp(-3)), within(1e-6));
        assertBox(found.get(0).box(), 0, 0.7, 0.3, 1);
        assertBox(found.get(1).box(), 0.4, 0.3, 0.6, 0.7);
    }

    /** Opens a detector, as the first thing that a process does. */
    static final class Opening {
        private Opening() {}

        public static void main(String[] args) throws IOException {
            PeopleFinder.open(Path.of(args[0]), NOTHING).close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 20_000})
    void aLongCommandLineDoesNotEndTheProcess(int files) throws Exception {
        Path file = folder.resolve("detector.onnx");
        FixedDetector.detr(file, 64, logits(1, 80), new float[][] {{0.5f, 0.5f, 0.2f, 0.4f}});
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Opening.class.getName(),
                file.toString()));
        for (int i = 0; i < files; i++) {
            command.add("films/number-" + i + ".mp4");
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
        assertThat(process.waitFor()).as(() -> read(folder.resolve("said"))).isZero();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void withOneMoreClassForNothingItIsASoftmax() throws IOException {
        Path file = folder.resolve("detr.onnx");
        float[][] logits = logits(2, 92);
        logits[0][1] = 2;
        logits[0][91] = 1;
        logits[1][1] = 2;
        logits[1][91] = 4; // nothing
        FixedDetector.detr(file, 64, logits, new float[][] {{0.5f, 0.5f, 0.2f, 0.4f}, {0.5f, 0.5f, 0.2f, 0.4f}});
        List<Found> found = find(file, NOTHING);
        assertThat(found).hasSize(1);
        assertThat(found.get(0).score()).isCloseTo(1 / (1 + Math.exp(-1)), within(1e-3));
    }

    @Test
    void boxesInPixelsOfTheOriginalBecomeFractions() throws IOException {
        Path file = folder.resolve("dfine.onnx");
        float[][] boxes = {{0.1f, 0.2f, 0.3f, 0.9f}, {0, 0, 1, 1}, {0.5f, 0.5f, 0.6f, 0.6f}};
        FixedDetector.dfine(file, 32, new float[] {0, 1, 0}, boxes, new float[] {0.9f, 0.8f, 0.4f});
        List<Found> found = find(file, NOTHING);
        assertThat(found).hasSize(1);
        assertThat(found.get(0).score()).isCloseTo(0.9, within(1e-6));
        assertBox(found.get(0).box(), 0.1, 0.2, 0.3, 0.9);
        assertThat(find(file, new Told(1, null, null))).hasSize(1);
    }

    @Test
    void torchvisionsBoxesAreInPixelsOfThePicture() throws IOException {
        Path file = folder.resolve("torchvision.onnx");
        float[][] boxes = {{8, 10, 40, 30}, {0, 0, 8, 8}, {9, 9, 9, 12}};
        FixedDetector.torchvision(file, new float[] {1, 3, 1}, boxes, new float[] {0.7f, 0.9f, 0.95f});
        List<Found> found = find(file, NOTHING);
        assertThat(found).hasSize(1); // one box is empty
        assertBox(found.get(0).box(), 0.1, 0.25, 0.5, 0.75);
    }

    @Test
    void aPictureIsGivenAsTheFormWantsIt() throws IOException {
        Path file = folder.resolve("rfdetr.onnx");
        FixedDetector.mean(file, 91);
        double imagenet = ((1 - 0.485) / 0.229 + (1 - 0.456) / 0.224 + (1 - 0.406) / 0.225) / 3;
        assertThat(find(file, NOTHING).get(0).score()).isCloseTo(1 / (1 + Math.exp(-imagenet)), within(2e-3));
        assertThat(find(file, new Told(null, Pixels.UNIT, null)).get(0).score())
                .isCloseTo(1 / (1 + Math.exp(-1)), within(2e-3));
        try (PeopleFinder finder = PeopleFinder.open(file, NOTHING)) {
            assertThat(finder.toString())
                    .endsWith("class 1, pictures of 640 x 640, ImageNet's mean and deviation, sigmoid");
        }
    }

    @Test
    void whatCannotBeKnownIsAsked() throws IOException {
        Path file = folder.resolve("own.onnx");
        FixedDetector.mean(file, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> find(file, NOTHING))
                .withMessageContainingAll(
                        file.toString(), "4 classes", "--detector-class", "--detector-pixels", "--detector-activation");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> find(file, new Told(4, Pixels.UNIT, Activation.SIGMOID)))
                .withMessageContainingAll("has 4 classes, from 0, and none 4");
        assertThat(find(file, new Told(2, Pixels.UNIT, Activation.SIGMOID))).hasSize(1);
    }

    @Test
    void otherFormsAreRefusedWithWhatTheyHave() throws IOException {
        Path file = folder.resolve("other.onnx");
        new FixedDetector()
                .input("images", 1, 1, 3, 32, 32)
                .output("output0", 1, new float[6][3], 1, 6, 3)
                .write(file);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> find(file, NOTHING))
                .withMessageContainingAll(
                        file.toString(), "images (float [1, 3, 32, 32])", "output0 (float [1, 6, 3])", "pred_boxes");
        new FixedDetector()
                .input("images", 1, 1, 3, 32, 32)
                .input("prompt", 7, 1, 16)
                .output("logits", 1, new float[6][80], 1, 6, 80)
                .output("pred_boxes", 1, new float[6][4], 1, 6, 4)
                .write(file);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> find(file, NOTHING))
                .withMessageContaining("the input prompt (int64 [1, 16]) is not known");
        new FixedDetector()
                .input("images", 1, 8, 3, 32, 32)
                .output("logits", 1, new float[6][80], 1, 6, 80)
                .output("pred_boxes", 1, new float[6][4], 1, 6, 4)
                .write(file);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> find(file, NOTHING))
                .withMessageContaining("the input images (float [8, 3, 32, 32]) is not known");
    }

    @Test
    void whatIsNoModelIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("text.onnx"), "no model");
        assertThatThrownBy(() -> find(file, NOTHING))
                .isInstanceOf(DamagedFile.class)
                .hasMessageStartingWith(file + " cannot be opened by ONNX Runtime: ");
        assertThatThrownBy(() -> find(folder.resolve("absent.onnx"), NOTHING)).isInstanceOf(NoSuchFileException.class);
    }
}
