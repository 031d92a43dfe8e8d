package maskfeat.people;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import maskfeat.disk.AtomicFile;
import maskfeat.wire.ProtoMessage;

/** Writes a detector as an ONNX file that finds the same boxes in every picture. */
public final class FixedDetector {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    private final ProtoMessage graph = new ProtoMessage().text(2, "fixed");

    /** A file in the form of transformers' RT-DETR and D-FINE: {@code pixel_values} to {@code logits}, {@code pred_boxes}. */
    public static void detr(Path file, int side, float[][] logits, float[][] boxes) throws IOException {
        new FixedDetector()
                .input("pixel_values", FLOAT, 1, 3, side, side)
                .output("logits", FLOAT, logits, 1, logits.length, logits[0].length)
                .output("pred_boxes", FLOAT, boxes, 1, boxes.length, 4)
                .write(file);
    }

    /**
     * A file in the form of D-FINE's own: {@code images}, {@code orig_target_sizes} to {@code labels}, {@code boxes},
     * {@code scores}.
     *
     * @param boxes in fractions, which the file multiplies by the sizes
     */
    public static void dfine(Path file, int side, float[] labels, float[][] boxes, float[] scores) throws IOException {
        FixedDetector made = new FixedDetector()
                .input("images", FLOAT, 1, 3, side, side)
                .input("orig_target_sizes", INT64, 1, 2)
                .output("labels", INT64, new float[][] {labels}, 1, labels.length)
                .output("scores", FLOAT, new float[][] {scores}, 1, scores.length);
        made.constant("fractions", FLOAT, boxes, 1, boxes.length, 4);
        made.node(
                        "Cast",
                        List.of("orig_target_sizes"),
                        "sizes",
                        new ProtoMessage().text(1, "to").integer(3, FLOAT).integer(20, 2))
                .node(
                        "Concat",
                        List.of("sizes", "sizes"),
                        "all",
                        new ProtoMessage().text(1, "axis").integer(3, 1).integer(20, 2))
                .node("Mul", List.of("fractions", "all"), "boxes");
        made.port(12, "boxes", FLOAT, 1, boxes.length, 4).write(file);
    }

    /** A file in the form of torchvision's, whose outputs are called by numbers. */
    public static void torchvision(Path file, float[] labels, float[][] boxes, float[] scores) throws IOException {
        new FixedDetector()
                .input("images", FLOAT, 3, -1, -1)
                .output("2774", FLOAT, boxes, boxes.length, 4)
                .output("2776", INT64, new float[][] {labels}, labels.length)
                .output("2775", FLOAT, new float[][] {scores}, scores.length)
                .write(file);
    }

    /** One float that is the mean of the picture's numbers, as a logit of one box in the middle. */
    public static void mean(Path file, int classes) throws IOException {
        float[][] zeros = new float[1][classes];
        FixedDetector made = new FixedDetector()
                .input("input", FLOAT, 1, 3, -1, -1)
                .output("dets", FLOAT, new float[][] {{0.5f, 0.5f, 0.2f, 0.2f}}, 1, 1, 4);
        made.constant("zeros", FLOAT, zeros, 1, 1, classes);
        made.node(
                        "ReduceMean",
                        List.of("input"),
                        "mean",
                        new ProtoMessage().text(1, "keepdims").integer(3, 0).integer(20, 2))
                .node("Add", List.of("zeros", "mean"), "labels");
        made.port(12, "labels", FLOAT, 1, 1, classes).write(file);
    }

    /** @param sides -1 for any length */
    FixedDetector input(String name, int type, long... sides) {
        return port(11, name, type, sides);
    }

    FixedDetector output(String name, int type, float[][] values, long... shape) {
        constant(name + ".values", type, values, shape);
        return node("Identity", List.of(name + ".values"), name).port(12, name, type, shape);
    }

    private FixedDetector node(String type, List<String> from, String to, ProtoMessage... attributes) {
        ProtoMessage node = new ProtoMessage();
        from.forEach(name -> node.text(1, name));
        node.text(2, to).text(3, type + "_" + to).text(4, type);
        for (ProtoMessage attribute : attributes) {
            node.message(5, attribute);
        }
        graph.message(1, node);
        return this;
    }

    private void constant(String name, int type, float[][] values, long... shape) {
        int width = type == FLOAT ? Float.BYTES : Long.BYTES;
        long size = width;
        ProtoMessage tensor = new ProtoMessage();
        for (long side : shape) {
            tensor.integer(1, side);
            size *= side;
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
        for (float[] row : values) {
            for (float value : row) {
                if (type == FLOAT) {
                    bytes.putFloat(value);
                } else {
                    bytes.putLong((long) value);
                }
            }
        }
        bytes.flip();
        graph.message(5, tensor.integer(2, type).text(8, name).bytes(9, size, out -> out.write(bytes.duplicate())));
    }

    private FixedDetector port(int field, String name, int type, long... sides) {
        ProtoMessage shape = new ProtoMessage();
        for (long side : sides) {
            shape.message(1, side < 0 ? new ProtoMessage().text(2, "any") : new ProtoMessage().integer(1, side));
        }
        ProtoMessage tensor = new ProtoMessage().integer(1, type).message(2, shape);
        graph.message(field, new ProtoMessage().text(1, name).message(2, new ProtoMessage().message(1, tensor)));
        return this;
    }

    void write(Path file) throws IOException {
        ProtoMessage model = new ProtoMessage()
                .integer(1, 8)
                .message(7, graph)
                .message(8, new ProtoMessage().text(1, "").integer(2, 17));
        AtomicFile.write(file, model::writeTo);
    }
}
