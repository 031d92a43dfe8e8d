package maskfeat.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.disk.AtomicFile;
import maskfeat.mask.Grid;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.Detector;
import maskfeat.wire.ProtoMessage;
import org.jspecify.annotations.Nullable;

/**
 * Exports networks as ONNX files (IR version 8, opset 17 or 16) for other runtimes.
 *
 * <p>The input is {@code pixel_values} float32 [batch, 3, T, H, W], normalised, [batch, 3, H, W] for an image network;
 * or, with {@link Options#raw}, {@code rgb} uint8 [batch, T, H, W, 3] or [batch, H, W, 3]. A detector of actions has the
 * input {@code boxes} besides. Dropout and drop path are left out. The same network and options give the same bytes.
 *
 * <pre>
 * try (OpenedWeights weights = OpenedWeights.open(Path.of("runs/actions"));
 *         Classifier network = weights.classifier("cpu")) {
 *     OnnxExport.Options options = OnnxExport.Options.describedBy(weights.spec().description());
 *     OnnxExport.classifier(Path.of("actions.onnx"), network, options);
 * }
 * </pre>
 */
public final class OnnxExport {
    private static final int IR_VERSION = 8;
    private static final int WITH_LAYER_NORM = 17; // the first operator set that has LayerNormalization
    private static final String FORMAT_VERSION = "1";

    /** The size of a Protocol Buffers message has 31 bits. */
    private static final long LARGEST = Integer.MAX_VALUE;

    private OnnxExport() {}

    /**
     * The options of an export.
     *
     * @param batch number of samples per call; 0 for any number
     * @param raw normalisation of uint8 input within the model; null for normalised float32 input
     * @param metadata of the file by key
     * @param opset operator set: 17, or 16, in which LayerNormalization is made of simpler operators, for runtimes that lack
     *     it, such as TensorRT before 8.6
     */
    public record Options(int batch, @Nullable Colours raw, Map<String, String> metadata, int opset) {
        /** With the newest operator set. */
        public Options(int batch, @Nullable Colours raw, Map<String, String> metadata) {
            this(batch, raw, metadata, WITH_LAYER_NORM);
        }

        public Options {
            if (opset != WITH_LAYER_NORM && opset != WITH_LAYER_NORM - 1) {
                throw new IllegalArgumentException("opset " + opset + " must be 16 or 17");
            }
            metadata = Map.copyOf(metadata);
            if (batch < 0) {
                throw new IllegalArgumentException(
                        "batch " + batch + " must be at least 1, or 0 for any number of samples");
            }
        }

        /** Any number of samples, normalised by the caller. */
        public static Options describedBy(Map<String, String> metadata) {
            return new Options(0, null, metadata);
        }
    }

    /**
     * Normalisation of bytes: {@code (v / 255 - mean) / std}.
     *
     * @param mean of red, green and blue
     * @param std of red, green and blue
     */
    public record Colours(List<Float> mean, List<Float> std) {
        public Colours {
            mean = List.copyOf(mean);
            std = List.copyOf(std);
            if (mean.size() != 3 || std.size() != 3) {
                throw new IllegalArgumentException(
                        "there must be three means and three deviations, got " + mean + " and " + std);
            }
            if (std.stream().anyMatch(s -> !(s > 0)) || mean.stream().anyMatch(m -> !Float.isFinite(m))) {
                throw new IllegalArgumentException(
                        "means " + mean + " must be finite and deviations " + std + " above 0");
            }
        }
    }

    /**
     * Writes a classifier, with outputs {@code logits} and {@code probabilities}, both [batch, classes].
     *
     * @throws IllegalArgumentException if its kind of backbone cannot be exported, it pools a class token but has none,
     *     or it is too large for one file
     * @throws IOException naming the file, which is then as it was
     */
    public static OnnxFile classifier(Path file, Classifier network, Options options) throws IOException {
        Backbone backbone = network.backbone();
        Graph graph = graph("classifier", options);
        Layers layers = new Layers(graph, network.parameters());
        String x = encoded(backbone, layers, options);
        double epsilon = network.head().normEpsilon();
        String feature = switch (network.head().pooling()) {
            case MEAN -> layers.layerNorm("norm", mean(graph, patches(graph, x, backbone)), epsilon);
            case CLASS_TOKEN -> layers.layerNorm("norm", classToken(graph, x, backbone), epsilon);
            case FIRST_PATCH -> layers.layerNorm("norm", graph.select(patches(graph, x, backbone), 1, 0), epsilon);
            case NORM_MEAN -> mean(graph, layers.layerNorm("norm", patches(graph, x, backbone), epsilon));
        };
        String logits = layers.linear("head.projection", feature);
        long classes = layers.shape("head.projection.bias")[0];
        graph.part("head");
        String probabilities = graph.softmax(logits);
        graph.output("logits", logits, classes);
        graph.output("probabilities", probabilities, classes);
        return write(file, graph, "classification", options);
    }

    /**
     * Writes a detector of actions. Besides the frames it has the input {@code boxes} float32 [boxes, 5], any number of them:
     * the clip's number in the batch, from 0, then x1, y1, x2, y2 in pixels of the frames that are put in. The output is
     * {@code scores} [boxes, actions], a probability for each action by itself.
     *
     * @param network for frames of the size that the file is to take
     * @throws IllegalArgumentException if its kind of backbone cannot be exported, or it is too large for one file
     * @throws IOException naming the file, which is then as it was
     */
    public static OnnxFile detector(Path file, Detector network, Options options) throws IOException {
        Backbone backbone = network.backbone();
        Graph graph = graph("detector", options);
        Layers layers = new Layers(graph, network.parameters());
        String x = encoded(backbone, layers, options);
        String boxes = graph.inputOfBoxes("boxes", ElementType.FLOAT32, 5);
        String tokens = layers.layerNorm("norm", patches(graph, x, backbone));
        Grid grid = grid(backbone);
        graph.part("head");
        String time = graph.reshape(tokens, Graph.BATCH, grid.t(), (long) grid.h() * grid.w(), backbone.dim());
        String map = graph.reshape(
                graph.transpose(graph.mean(time, 1), 0, 2, 1), Graph.BATCH, backbone.dim(), grid.h(), grid.w());
        String clips = graph.toInteger(graph.select(boxes, 1, 0));
        String bins = graph.roiAlign(
                map,
                graph.slice(boxes, 1, 1, 5),
                clips,
                Detector.BINS,
                1.0 / backbone.config().patch());
        String logits = layers.linear("head.projection", graph.max(bins, 2, 3));
        graph.part("head");
        graph.outputOfBoxes("scores", graph.sigmoid(logits), layers.shape("head.projection.bias")[0]);
        return write(file, graph, "action detection", options);
    }

    /**
     * Writes a backbone, with outputs {@code features} [batch, C], the mean over the patch tokens of the last block,
     * and {@code tokens} [batch, N, C], the patch tokens, ordered by time, then row, then column.
     *
     * @throws IllegalArgumentException if its kind of backbone cannot be exported, or it is too large for one file
     * @throws IOException naming the file, which is then as it was
     */
    public static OnnxFile encoder(Path file, Backbone backbone, Options options) throws IOException {
        Graph graph = graph("encoder", options);
        String x = encoded(backbone, new Layers(graph, backbone.parameters()), options);
        String tokens = patches(graph, x, backbone);
        graph.output("features", mean(graph, tokens), backbone.dim());
        graph.output("tokens", tokens, grid(backbone).size(), backbone.dim());
        return write(file, graph, "features", options);
    }

    private static Graph graph(String name, Options options) {
        return new Graph(name, options.batch, options.opset >= WITH_LAYER_NORM);
    }

    /** The encoded tokens [B, 1 + N, C]; [B, N, C] without a class token. */
    private static String encoded(Backbone backbone, Layers layers, Options options) {
        String frames = frames(layers.graph, backbone.size(), options.raw);
        return BackboneGraph.of(backbone, layers).tokens(frames);
    }

    private static String frames(Graph graph, ClipSize size, @Nullable Colours raw) {
        boolean picture = size.frames() == 1;
        int h = size.height();
        int w = size.width();
        if (raw == null) {
            return picture
                    ? graph.input("pixel_values", ElementType.FLOAT32, 3, h, w)
                    : graph.input("pixel_values", ElementType.FLOAT32, 3, size.frames(), h, w);
        }
        String rgb = picture
                ? graph.input("rgb", ElementType.UINT8, h, w, 3)
                : graph.input("rgb", ElementType.UINT8, size.frames(), h, w, 3);
        graph.part("normalize");
        String colours =
                graph.toFloat(picture ? graph.transpose(rgb, 0, 3, 1, 2) : graph.transpose(rgb, 0, 4, 1, 2, 3));
        String mean = perColour(graph, "normalize.mean", raw.mean, picture);
        String std = perColour(graph, "normalize.std", raw.std, picture);
        return graph.divide(graph.subtract(graph.divide(colours, 255), mean), std);
    }

    private static String perColour(Graph graph, String name, List<Float> values, boolean picture) {
        float[] array = {values.get(0), values.get(1), values.get(2)};
        return picture ? graph.floats(name, array, 1, 3, 1, 1) : graph.floats(name, array, 1, 3, 1, 1, 1);
    }

    private static Grid grid(Backbone backbone) {
        return backbone.config().grid(backbone.size(), backbone.depth() - 1);
    }

    private static String patches(Graph graph, String x, Backbone backbone) {
        graph.part("pool");
        return backbone.config().classToken()
                ? graph.slice(x, 1, 1, 1L + grid(backbone).size())
                : x;
    }

    private static String classToken(Graph graph, String x, Backbone backbone) {
        if (!backbone.config().classToken()) {
            throw new IllegalArgumentException("this backbone has no class token for the head to pool");
        }
        graph.part("pool");
        return graph.select(x, 1, 0);
    }

    private static String mean(Graph graph, String tokens) {
        graph.part("pool");
        return graph.mean(tokens, 1);
    }

    private static OnnxFile write(Path file, Graph graph, String task, Options options) throws IOException {
        String ofJar = OnnxExport.class.getPackage().getImplementationVersion();
        String version = ofJar == null ? "development" : ofJar;
        ProtoMessage model = new ProtoMessage()
                .integer(1, IR_VERSION)
                .text(2, "maskfeat")
                .text(3, version)
                .message(7, graph.message())
                .message(8, new ProtoMessage().text(1, "").integer(2, options.opset));
        Map<String, String> metadata = new TreeMap<>(options.metadata);
        metadata.put("task", task);
        metadata.put("format_version", FORMAT_VERSION);
        metadata.put("source", "maskfeat " + version);
        metadata.forEach((key, value) ->
                model.message(14, new ProtoMessage().text(1, key).text(2, value)));
        check(model.size());
        AtomicFile.write(file, model::writeTo);
        return new OnnxFile(graph.inputs(), graph.outputs(), model.size());
    }

    /** @throws IllegalArgumentException if the file would be too large to be read */
    static void check(long bytes) {
        if (bytes > LARGEST) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "the network takes %.2f GiB, and an ONNX file holds less than 2; a smaller one can be exported",
                    (double) bytes / (1 << 30)));
        }
    }
}
