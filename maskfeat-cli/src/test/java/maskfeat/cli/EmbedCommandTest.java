package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import maskfeat.infer.Inference;
import maskfeat.media.ImageReader;
import maskfeat.run.Recipes;
import maskfeat.sample.SampleSet;
import maskfeat.torch.Bfloat16;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

class EmbedCommandTest {
    @TempDir
    private static Path folder = Path.of("");

    private static String model = "";
    private static List<Path> images = List.of();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY);
        model = TinyRuns.weights(folder.resolve("tiny-image.safetensors"), Recipes.named("tiny-image"))
                .toString();
        try (Stream<Path> files = Files.walk(folder.resolve("set/images/val"))) {
            images = files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private int run(String... args) {
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    /** Reads what NumPy would. */
    private static float[][] npy(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        String header = new String(bytes.array(), 10, bytes.getShort(8), StandardCharsets.US_ASCII);
        Matcher shape = Pattern.compile("'shape': \\((\\d+), (\\d+)\\)").matcher(header);
        assertThat(shape.find()).isTrue();
        float[][] rows = new float[Integer.parseInt(shape.group(1))][Integer.parseInt(shape.group(2))];
        bytes.position(10 + bytes.getShort(8));
        for (float[] row : rows) {
            for (int c = 0; c < row.length; c++) {
                row[c] = bytes.getFloat();
            }
        }
        assertThat(bytes.hasRemaining()).isFalse();
        return rows;
    }

    @Test
    void vectorsInBfloat16AreNearThoseInFloat32() throws IOException {
        String source = folder.resolve("set/images/val").toString();
        List<float[][]> all = new ArrayList<>();
        for (String precision : List.of("float32", "bfloat16", "auto")) {
            Path file = folder.resolve(precision + ".npy");
            assertThat(run(
                            "embed",
                            model,
                            source,
                            "--device",
                            "cpu",
                            "--precision",
                            precision,
                            "--out",
                            file.toString()))
                    .as(err.toString())
                    .isZero();
            all.add(npy(file));
        }
        Path plain = folder.resolve("plain.npy");
        assertThat(run("embed", model, source, "--device", "cpu", "--out", plain.toString()))
                .isZero();
        assertThat(all.get(0)).isDeepEqualTo(npy(plain));
        assertThat(all.get(2)).isDeepEqualTo(all.get(Bfloat16.ofProcessor().pays() ? 1 : 0));
        double off = 0;
        double length = 0;
        for (int i = 0; i < all.get(0).length; i++) {
            for (int j = 0; j < all.get(0)[i].length; j++) {
                off += Math.pow(all.get(1)[i][j] - all.get(0)[i][j], 2);
                length += Math.pow(all.get(0)[i][j], 2);
            }
        }
        assertThat(Math.sqrt(off / length)).isBetween(1e-5, 2e-2);
    }

    @Test
    void writesTheSameVectorsInAllFormats() throws IOException {
        Path npy = folder.resolve("all.npy");
        Path csv = folder.resolve("all.csv");
        Path tensors = folder.resolve("all.safetensors");
        String source = folder.resolve("set/images/val").toString();
        for (Path file : List.of(npy, csv, tensors)) {
            assertThat(run("embed", model, source, "--out", file.toString()))
                    .as(err.toString())
                    .isZero();
        }
        assertThat(out.toString().lines())
                .containsExactly(
                        npy.toString(), folder.resolve("all.names.csv").toString(), csv.toString(), tensors.toString());

        float[][] rows = npy(npy);
        assertThat(rows).hasNumberOfRows(20);
        List<String> names = Files.readAllLines(folder.resolve("all.names.csv"));
        assertThat(names).hasSize(21).startsWith("row,file,start,end", "0," + images.get(0) + ",,");
        List<String> table = Files.readAllLines(csv);
        assertThat(table).hasSize(21);
        assertThat(table.get(0)).startsWith("file,start,end,f0,f1,");
        try (Inference network = Inference.open(Path.of(model), "cpu");
                Safetensors.Reader reader = Safetensors.open(tensors)) {
            TensorEntry entry = reader.entries().values().iterator().next();
            assertThat(entry.name()).isEqualTo("features");
            assertThat(entry.shape()).containsExactly(20L, (long) rows[0].length);
            ByteBuffer data = ByteBuffer.allocate((int) entry.size()).order(ByteOrder.LITTLE_ENDIAN);
            reader.read(entry, data);
            data.flip();
            List<String> inMetadata = new ArrayList<>();
            JsonMapper.shared()
                    .readTree(reader.metadata().get("names"))
                    .forEach(node -> inMetadata.add(node.asString()));
            assertThat(inMetadata).isEqualTo(images.stream().map(Path::toString).toList());
            for (int i = 0; i < rows.length; i++) {
                String[] cells = table.get(i + 1).split(",");
                assertThat(cells[0]).isEqualTo(images.get(i).toString());
                for (int c = 0; c < rows[i].length; c++) {
                    assertThat(Float.parseFloat(cells[3 + c])).isEqualTo(rows[i][c]);
                    assertThat(data.getFloat()).isEqualTo(rows[i][c]);
                }
                assertThat(rows[i])
                        .containsExactly(network.features(new ImageReader().read(images.get(i))), within(1e-4f));
            }
        }
    }

    @Test
    void filesThatCannotBeReadAreNamedAndLeftOut() throws IOException {
        Path broken = Files.writeString(folder.resolve("broken, truly.png"), "no picture");
        Path file = folder.resolve("some.npy");
        assertThat(run(
                        "embed",
                        model,
                        images.get(3).toString(),
                        broken.toString(),
                        images.get(1).toString(),
                        "--out",
                        file.toString()))
                .isEqualTo(4);
        assertThat(err.toString()).contains("left out: ", broken.toString(), "1 file was left out");
        assertThat(npy(file)).hasNumberOfRows(2);
        assertThat(Files.readAllLines(folder.resolve("some.names.csv")))
                .containsExactly("row,file,start,end", "0," + images.get(3) + ",,", "1," + images.get(1) + ",,");

        Path none = folder.resolve("none.csv");
        assertThat(run("embed", model, broken.toString(), "--out", none.toString()))
                .isEqualTo(3);
        assertThat(none).doesNotExist();
    }

    @Test
    void clipsHaveFeaturesOverSeveralViewsAndAfterOtherBlocks() throws IOException {
        String ofVideo = TinyRuns.weights(folder.resolve("tiny-video.safetensors"), Recipes.named("tiny-video"))
                .toString();
        String clips = folder.resolve("set/clips/val").toString();
        List<float[][]> found = new ArrayList<>();
        for (String[] more : new String[][] {{}, {"--views", "3x1"}, {"--block", "0"}}) {
            Path file = folder.resolve("clips.npy");
            List<String> args = new ArrayList<>(List.of("embed", ofVideo, clips, "--out", file.toString()));
            args.addAll(List.of(more));
            assertThat(run(args.toArray(String[]::new))).as(err.toString()).isZero();
            found.add(npy(file));
        }
        assertThat(found).allMatch(rows -> rows.length == 12);
        assertThat(found.get(1)[0]).isNotEqualTo(found.get(0)[0]);
        assertThat(found.get(2)[0]).isNotEqualTo(found.get(0)[0]);
    }

    @ParameterizedTest
    @CsvSource({
        "x.txt, --views, 1x1, .npy",
        "x.npy, --views, 2x1, an image has one moment",
        "x.npy, --block, all, several",
        "x.npy, --block, 9, 0 to 1",
        "nowhere/x.npy, --views, 1x1, there is no folder",
    })
    void refusesWhatMakesNoSense(String name, String option, String value, String hint) {
        String file = folder.resolve(name).toString();
        assertThat(run("embed", model, images.get(0).toString(), "--out", file, option, value))
                .isEqualTo(2);
        assertThat(err.toString()).contains(hint).doesNotContain("Exception");
        assertThat(Path.of(file)).doesNotExist();
    }

    /** A window that is the whole clip has the features of the clip; others begin where they are said to. */
    @Test
    void windowsAreRowsWithTheirTimes() throws IOException {
        Path clips = folder.resolve("set/clips/val");
        String video = TinyRuns.weights(folder.resolve("tiny-video.safetensors"), Recipes.named("tiny-video"))
                .toString();
        Path whole = folder.resolve("whole.npy");
        Path sliding = folder.resolve("sliding.npy");
        assertThat(run("embed", video, clips.toString(), "--out", whole.toString()))
                .as(err.toString())
                .isZero();
        assertThat(run("embed", video, clips.toString(), "--windows", "0.1", "--out", sliding.toString()))
                .as(err.toString())
                .isZero();
        List<String> names = Files.readAllLines(folder.resolve("sliding.names.csv"));
        assertThat(names).hasSizeGreaterThan(2 * npy(whole).length).hasSize(npy(sliding).length + 1);
        assertThat(names.get(1)).matches("0,.*,0\\.000,0\\.\\d{3}");
        assertThat(names.get(2)).matches("1,.*,0\\.1\\d{2},0\\.\\d{3}");
        assertThat(run("embed", video, clips.toString(), "--windows", "1", "--views", "2x1", "--out", "x.npy"))
                .isEqualTo(Exit.USAGE);
        assertThat(run("embed", model, images.get(0).toString(), "--windows", "1", "--out", "x.npy"))
                .isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains("this network reads images");
    }
}
