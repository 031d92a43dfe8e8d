package maskfeat.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import maskfeat.wire.ProtoMessage;

/**
 * Builds a graph of operators (onnx.proto, GraphProto; opset 17, or 16 without
 * LayerNormalization). Each method adds an operator and returns the name of
 * its output.
 *
 * <p>The first axis of every value that depends on the input is the batch, or the boxes. The batch's length is free unless
 * given, that of the boxes always, and no shape in the graph contains either.
 */
final class Graph {
    /** Stands for the batch in reshapes: keeps the axis. */
    static final long BATCH = 0;

    private static final String BATCH_NAME = "batch";
    private static final String BOXES_NAME = "boxes";

    private final ProtoMessage message = new ProtoMessage();
    private final int batch;
    private final boolean layerNormalization;
    private final List<Port> inputs = new ArrayList<>();
    private final List<Port> outputs = new ArrayList<>();
    private final Set<String> constants = new HashSet<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private String part = "";

    /**
     * An empty graph.
     *
     * @param batch number of samples; 0 for any
     * @param layerNormalization whether the operator set has it
     */
    Graph(String name, int batch, boolean layerNormalization) {
        message.text(2, name);
        this.batch = batch;
        this.layerNormalization = layerNormalization;
    }

    ProtoMessage message() {
        return message;
    }

    List<Port> inputs() {
        return inputs;
    }

    List<Port> outputs() {
        return outputs;
    }

    /** Prefixes the names of everything added from now on, so that viewers show what it belongs to. */
    void part(String name) {
        part = name;
    }

    /** @param ofEach axes after the batch */
    String input(String name, ElementType type, long... ofEach) {
        inputs.add(port(11, name, type, batchAxis(), ofEach));
        return name;
    }

    /** An input whose first axis are boxes, as many as there are. */
    String inputOfBoxes(String name, ElementType type, long... ofEach) {
        inputs.add(port(11, name, type, BOXES_NAME, ofEach));
        return name;
    }

    /** @param ofEach axes after the batch */
    void output(String name, String value, long... ofEach) {
        output(batchAxis(), name, value, ofEach);
    }

    /** An output whose first axis are the boxes of the input. */
    void outputOfBoxes(String name, String value, long... ofEach) {
        output(BOXES_NAME, name, value, ofEach);
    }

    private void output(String first, String name, String value, long... ofEach) {
        message.message(1, operator("Identity", name, List.of(value), List.of(name)));
        outputs.add(port(12, name, ElementType.FLOAT32, first, ofEach));
    }

    private String batchAxis() {
        return batch == 0 ? BATCH_NAME : String.valueOf(batch);
    }

    /** @param first length of the first axis, or a name where any length does */
    private Port port(int field, String name, ElementType type, String first, long... ofEach) {
        ProtoMessage shape = new ProtoMessage();
        shape.message(
                1,
                first.equals(BATCH_NAME) || first.equals(BOXES_NAME)
                        ? new ProtoMessage().text(2, first)
                        : new ProtoMessage().integer(1, Long.parseLong(first)));
        for (long side : ofEach) {
            shape.message(1, new ProtoMessage().integer(1, side));
        }
        ProtoMessage tensor = new ProtoMessage().integer(1, type.code).message(2, shape);
        message.message(field, new ProtoMessage().text(1, name).message(2, new ProtoMessage().message(1, tensor)));
        List<String> shown = new ArrayList<>(List.of(first));
        LongStream.of(ofEach).mapToObj(String::valueOf).forEach(shown::add);
        return new Port(name, type.name().toLowerCase(Locale.ROOT), shown);
    }

    // Constants

    /** A tensor whose values are produced when the file is written. */
    String constant(String name, ProtoMessage.Body values, long... shape) {
        return constant(name, ElementType.FLOAT32, values, shape);
    }

    private String constant(String name, ElementType type, ProtoMessage.Body values, long... shape) {
        if (constants.add(name)) {
            ProtoMessage tensor = new ProtoMessage();
            long size = type.bytes;
            for (long side : shape) {
                tensor.integer(1, side);
                size = Math.multiplyExact(size, side);
            }
            message.message(5, tensor.integer(2, type.code).text(8, name).bytes(9, size, values));
        }
        return name;
    }

    /** A small float tensor. */
    String floats(String name, float[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return constant(name, ElementType.FLOAT32, out -> out.write(bytes.duplicate()), shape);
    }

    private String scalar(double value) {
        return floats("float_" + (float) value, new float[] {(float) value});
    }

    private String longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        String name = LongStream.of(values).mapToObj(String::valueOf).collect(Collectors.joining("_", "longs_", ""));
        return constant(name, ElementType.INT64, out -> out.write(bytes.duplicate()), values.length);
    }

    // Operators

    private String one(String type, List<String> from, Attribute... attributes) {
        return several(type, 1, from, attributes).get(0);
    }

    private List<String> several(String type, int count, List<String> from, Attribute... attributes) {
        String name = part + (part.isEmpty() ? "" : "/") + type;
        int before = counts.merge(name, 1, Integer::sum) - 1;
        String unique = before == 0 ? name : name + "_" + before;
        List<String> to = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            to.add(count == 1 ? unique : unique + ":" + i);
        }
        message.message(1, operator(type, unique, from, to, attributes));
        return to;
    }

    private static ProtoMessage operator(
            String type, String name, List<String> from, List<String> to, Attribute... attributes) {
        ProtoMessage node = new ProtoMessage();
        from.forEach(value -> node.text(1, value));
        to.forEach(value -> node.text(2, value));
        node.text(3, name).text(4, type);
        Arrays.stream(attributes).forEach(attribute -> node.message(5, attribute.message()));
        return node;
    }

    String add(String a, String b) {
        return one("Add", List.of(a, b));
    }

    String subtract(String a, String b) {
        return one("Sub", List.of(a, b));
    }

    String divide(String a, String b) {
        return one("Div", List.of(a, b));
    }

    String divide(String a, double b) {
        return divide(a, scalar(b));
    }

    String multiply(String a, double b) {
        return one("Mul", List.of(a, scalar(b)));
    }

    String matMul(String a, String b) {
        return one("MatMul", List.of(a, b));
    }

    String toFloat(String x) {
        return one("Cast", List.of(x), Attribute.integer("to", ElementType.FLOAT32.code));
    }

    String toInteger(String x) {
        return one("Cast", List.of(x), Attribute.integer("to", ElementType.INT64.code));
    }

    /** @param shape {@link #BATCH} first, or one -1 */
    String reshape(String x, long... shape) {
        return one("Reshape", List.of(x, longs(shape)));
    }

    String transpose(String x, long... axes) {
        return one("Transpose", List.of(x), Attribute.integers("perm", axes));
    }

    String concat(int axis, String... values) {
        return one("Concat", List.of(values), Attribute.integer("axis", axis));
    }

    List<String> split(String x, int axis, long... sizes) {
        return several("Split", sizes.length, List.of(x, longs(sizes)), Attribute.integer("axis", axis));
    }

    /** One position along an axis; removes the axis. */
    String select(String x, int axis, int place) {
        return one("Squeeze", List.of(slice(x, axis, place, place + 1), longs(axis)));
    }

    /** The positions from {@code from} (inclusive) to {@code to} (exclusive) along an axis. */
    String slice(String x, int axis, long from, long to) {
        return one("Slice", List.of(x, longs(from), longs(to), longs(axis)));
    }

    /** Adds zeros before and after along an axis. */
    String pad(String x, int axis, int rank, long before, long after) {
        long[] pads = new long[2 * rank];
        pads[axis] = before;
        pads[rank + axis] = after;
        return one("Pad", List.of(x, longs(pads)));
    }

    /** Repeats x, which has batch 1, to the batch of {@code like}. */
    String perSample(String x, String like, long... ofEach) {
        String shape;
        if (batch == 0) {
            String length = one("Shape", List.of(like), Attribute.integer("start", 0), Attribute.integer("end", 1));
            shape = concat(0, length, longs(ofEach));
        } else {
            shape = longs(LongStream.concat(LongStream.of(batch), LongStream.of(ofEach))
                    .toArray());
        }
        return one("Expand", List.of(x, shape));
    }

    /** The mean over an axis; removes the axis. */
    String mean(String x, int axis) {
        return one("ReduceMean", List.of(x), Attribute.integers("axes", axis), Attribute.integer("keepdims", 0));
    }

    /** The maximum over some axes; removes them. */
    String max(String x, long... axes) {
        return one("ReduceMax", List.of(x), Attribute.integers("axes", axes), Attribute.integer("keepdims", 0));
    }

    String sigmoid(String x) {
        return one("Sigmoid", List.of(x));
    }

    /**
     * The means in the bins of each region, with pixels' centres at halves and as many samples as a bin is cells wide.
     *
     * @param map [B, C, h, w]
     * @param regions [K, 4], x1, y1, x2, y2
     * @param numbers [K] of the maps that they lie in
     * @param scale cells to a unit of the regions
     * @return [K, C, bins, bins]
     */
    String roiAlign(String map, String regions, String numbers, int bins, double scale) {
        return one(
                "RoiAlign",
                List.of(map, regions, numbers),
                Attribute.text("mode", "avg"),
                Attribute.text("coordinate_transformation_mode", "half_pixel"),
                Attribute.integer("output_height", bins),
                Attribute.integer("output_width", bins),
                Attribute.integer("sampling_ratio", 0),
                Attribute.real("spatial_scale", (float) scale));
    }

    /** Softmax over the last axis. */
    String softmax(String x) {
        return one("Softmax", List.of(x), Attribute.integer("axis", -1));
    }

    /** Layer normalisation over the last axis. */
    String layerNorm(String x, String weight, String bias, double eps) {
        if (!layerNormalization) {
            String centred = subtract(x, meanOfLast(x));
            String variance = meanOfLast(one("Mul", List.of(centred, centred)));
            String deviation = one("Sqrt", List.of(add(variance, scalar(eps))));
            return add(one("Mul", List.of(divide(centred, deviation), weight)), bias);
        }
        return one(
                "LayerNormalization",
                List.of(x, weight, bias),
                Attribute.integer("axis", -1),
                Attribute.real("epsilon", (float) eps));
    }

    private String meanOfLast(String x) {
        return one("ReduceMean", List.of(x), Attribute.integers("axes", -1), Attribute.integer("keepdims", 1));
    }

    /** Exact GELU, in the order of operations that runtimes recognise and fuse. */
    String gelu(String x) {
        String erf = one("Erf", List.of(divide(x, Math.sqrt(2))));
        return multiply(one("Mul", List.of(x, add(erf, scalar(1)))), 0.5);
    }

    /** @param weightAndBias the bias is optional */
    String conv(String x, List<String> weightAndBias, long[] kernel, long[] strides, long[] padding, long groups) {
        List<String> from = new ArrayList<>(List.of(x));
        from.addAll(weightAndBias);
        return one(
                "Conv",
                from,
                Attribute.integers("kernel_shape", kernel),
                Attribute.integers("strides", strides),
                Attribute.integers("pads", bothSides(padding)),
                Attribute.integer("group", groups));
    }

    /** Max pooling, where padding never wins. */
    String maxPool(String x, long[] kernel, long[] strides, long[] padding) {
        return one(
                "MaxPool",
                List.of(x),
                Attribute.integers("kernel_shape", kernel),
                Attribute.integers("strides", strides),
                Attribute.integers("pads", bothSides(padding)));
    }

    private static long[] bothSides(long[] padding) {
        return LongStream.concat(LongStream.of(padding), LongStream.of(padding)).toArray();
    }
}
