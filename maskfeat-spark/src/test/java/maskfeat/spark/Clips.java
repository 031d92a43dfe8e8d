package maskfeat.spark;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.cli.Program;
import maskfeat.disk.AtomicFile;
import maskfeat.model.Classifier;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.nn.Layer;
import maskfeat.run.MaskedConfig;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.sample.SampleSet;
import maskfeat.weights.TensorFile;
import org.apache.spark.sql.Row;
import org.bytedeco.pytorch.Device;
import picocli.CommandLine;

/** A few clips, good ones and bad ones, small networks, and jobs on them. */
final class Clips {
    private Clips() {}

    /** A job that was run. */
    record Ran(int code, String out, String err) {}

    static Ran run(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Jobs.line().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = line.execute(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
        return new Ran(code, out.toString(), err.toString());
    }

    /** Six clips, one that is cut off, one that is empty and one of words, and a text that nobody asked for. */
    static void write(Path folder) throws IOException {
        Path set = folder.resolveSibling("set");
        SampleSet.write(set, SampleSet.Size.TINY);
        List<Path> clips;
        try (Stream<Path> all = Files.walk(set.resolve("clips/val"))) {
            clips = all.filter(Files::isRegularFile).sorted().toList();
        }
        Files.createDirectories(folder.resolve("a b"));
        for (int i = 0; i < 6; i++) {
            Files.copy(clips.get(i), folder.resolve((i % 2 == 0 ? "" : "a b/") + "clip " + i + ".mp4"));
        }
        byte[] whole = Files.readAllBytes(clips.get(6));
        Files.write(folder.resolve("cut.mp4"), Arrays.copyOf(whole, whole.length / 3));
        Files.write(folder.resolve("empty.mp4"), new byte[0]);
        Files.writeString(folder.resolve("words.mp4"), "no clip at all");
        Files.writeString(folder.resolve("read me.txt"), "what these are");
        Files.writeString(Files.createDirectory(folder.resolve(".hidden")).resolve("clip.mp4"), "hidden");
    }

    /** Weights of a run of pre-training that never trained: first values of a seed. */
    static Path weights(Path file, long seed) throws IOException {
        Run run = Recipes.named("tiny-video");
        MaskedConfig task = (MaskedConfig) run.task();
        return save(
                file,
                new NetworkSpec(
                        run.data().input(),
                        run.model(),
                        new Head.Prediction(task.depths(), task.mask(), task.target())),
                seed);
    }

    /** As {@link #weights}, of a classifier. */
    static Path classifier(Path file) throws IOException {
        Run run = Recipes.named("tiny-video-ft");
        Head head = new Head.Classes(Classifier.Pooling.values()[0], 0, List.of("one", "two", "three"));
        return save(file, new NetworkSpec(run.data().input(), run.model(), head), 7);
    }

    private static Path save(Path file, NetworkSpec spec, long seed) throws IOException {
        try (Layer network = spec.build(seed, new Device("cpu"))) {
            AtomicFile.write(file, TensorFile.content(spec.metadata(), network.parameters()));
        }
        return file;
    }

    /** What {@code embed} gives for each file, by name, as bits. */
    static Map<String, List<Integer>> embedded(Path weights, Path clips, String... more) throws IOException {
        Path csv = Files.createTempDirectory("embedded").resolve("features.csv");
        List<String> args = new ArrayList<>(
                List.of("embed", weights.toString(), clips.toString(), "--out", csv.toString(), "--batch", "1"));
        args.addAll(List.of("--threads", "1", "--device", "cpu"));
        args.addAll(List.of(more));
        Program.run(4, args.toArray(String[]::new));
        Map<String, List<Integer>> bits = new HashMap<>();
        List<String> lines = Files.readAllLines(csv);
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",");
            List<Integer> row = new ArrayList<>();
            for (int i = 3; i < fields.length; i++) {
                row.add(Float.floatToRawIntBits(Float.parseFloat(fields[i])));
            }
            bits.put(Path.of(fields[0].replace("\"", "")).getFileName().toString(), row);
        }
        return bits;
    }

    /** The floats of a row, as bits. */
    static List<Integer> bits(Row row, String column) {
        return row.<Float>getList(row.fieldIndex(column)).stream()
                .map(Float::floatToRawIntBits)
                .toList();
    }

    /** The name of the file that a row is of. */
    static String name(Row row) {
        String path = row.getString(row.fieldIndex(Rows.PATH));
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
