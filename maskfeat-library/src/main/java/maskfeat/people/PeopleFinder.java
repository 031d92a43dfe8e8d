package maskfeat.people;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import maskfeat.augment.Box;
import maskfeat.augment.Resize;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Plural;
import maskfeat.disk.RegularFile;
import maskfeat.eval.Corners;
import maskfeat.media.Frames;
import maskfeat.people.Session.Numbers;
import maskfeat.people.Session.Port;
import org.jspecify.annotations.Nullable;

/**
 * Finds people in pictures with a detector in an ONNX file. Needs {@code com.microsoft.onnxruntime:onnxruntime} on the class
 * path, which the library does not bring. For one thread.
 *
 * <p>Known are files with DETR's outputs ({@code logits} and {@code pred_boxes}, {@code dets} and {@code labels} of RF-DETR) and
 * such with {@code boxes}, {@code scores} and {@code labels} (RT-DETR and D-FINE with {@code orig_target_sizes}, torchvision).
 * Pictures are stretched to the size that the file says, 640 x 640 where it takes any; torchvision's take pictures as they are.
 */
public final class PeopleFinder implements AutoCloseable {
    /** Side of a picture where the file takes any. */
    private static final int SIDE = 640;

    private static final float[] IMAGENET_MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] IMAGENET_STD = {0.229f, 0.224f, 0.225f};

    /** COCO's 80 classes, numbered from 0: RT-DETR, D-FINE. */
    private static final int COCO = 80;
    /** COCO's ids up to 90, counted from 0: RF-DETR, Deformable DETR. */
    private static final int COCO_IDS = 91;
    /** Those with one more for nothing: DETR, YOLOS. */
    private static final int COCO_IDS_OR_NOTHING = 92;

    /** What the numbers of a picture are. */
    public enum Pixels {
        /** 0 to 1. */
        UNIT,
        /** From 0 to 1, less ImageNet's mean, by its deviation. */
        IMAGENET
    }

    /** What makes a probability of a logit. */
    public enum Activation {
        SIGMOID,
        /** Over the classes; the last is nothing. */
        SOFTMAX
    }

    /**
     * What a file does not say; null for what its form tells.
     *
     * @param number of the class of people
     * @param pixels of the pictures
     * @param activation of its logits
     */
    public record Told(
            @Nullable Integer number,
            @Nullable Pixels pixels,
            @Nullable Activation activation) {
        public Told {
            if (number != null && number < 0) {
                throw new IllegalArgumentException("class " + number + " must be at least 0");
            }
        }
    }

    /**
     * Somebody.
     *
     * @param box in fractions of the picture, within it
     * @param score 0 to 1
     */
    public record Found(Corners box, double score) {}

    private record Known(int number, Pixels pixels, Activation activation) {}

    private final Path file;
    private final Session session;
    private final Signature signature;
    private final Known known;

    private PeopleFinder(Path file, Session session, Told told) throws IOException {
        this.file = file;
        this.session = session;
        signature = Signature.of(file, session.inputs(), session.outputs());
        // A grey picture shows what shapes come out, which files leave open.
        byte[] grey = new byte[SIDE * SIDE * Frames.CHANNELS];
        Arrays.fill(grey, (byte) 127);
        known = known(run(Frames.image(SIDE, SIDE, grey), Pixels.UNIT), told);
    }

    /** Whether ONNX Runtime is on the class path. */
    public static boolean runtimeIsThere() {
        try {
            Class.forName("ai.onnxruntime.OrtEnvironment", false, PeopleFinder.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    /**
     * Opens a file and tries it.
     *
     * @return to be closed by the caller
     * @throws UnsupportedOperationException if ONNX Runtime is not on the class path
     * @throws IllegalArgumentException naming the file and what was found, if it has other inputs or outputs than the known
     *     forms, or must be told something
     * @throws IOException naming the file, if it cannot be read or run
     */
    public static PeopleFinder open(Path file, Told told) throws IOException {
        return open(file, told, 0);
    }

    /**
     * As above, with a number of threads.
     *
     * @param threads of computing, 0 for as many as ONNX Runtime takes
     */
    public static PeopleFinder open(Path file, Told told, int threads) throws IOException {
        if (!runtimeIsThere()) {
            throw new UnsupportedOperationException(
                    "ONNX Runtime is not on the class path; add com.microsoft.onnxruntime:onnxruntime");
        }
        Session session = new Session(RegularFile.require(file), threads);
        try {
            return new PeopleFinder(file, session, told);
        } catch (Throwable failed) {
            session.close();
            throw failed;
        }
    }

    /** How the file is used, for people. */
    @Override
    public String toString() {
        Port picture = signature.picture();
        String size = picture.axis(-1) > 0 && picture.axis(-2) > 0
                ? picture.axis(-1) + " x " + picture.axis(-2)
                : isTorchvision() ? "their own size" : SIDE + " x " + SIDE;
        return file + ": class " + known.number + ", pictures of " + size + ", "
                + (known.pixels == Pixels.UNIT ? "values 0 to 1" : "ImageNet's mean and deviation")
                + (signature.logits() == null
                        ? ""
                        : ", " + known.activation.name().toLowerCase(Locale.ROOT));
    }

    /**
     * Finds people.
     *
     * @param picture one frame of any size
     * @param threshold score from which somebody counts
     * @return the highest score first
     */
    public List<Found> find(Frames picture, double threshold) throws IOException {
        Map<String, Numbers> outputs = run(picture, known.pixels);
        Numbers boxes = of(outputs, signature.boxes());
        int count = count(boxes);
        float[] scores = signature.logits() == null ? listed(outputs, count) : probabilities(outputs, count);
        List<Found> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (scores[i] >= threshold) {
                box(boxes.values(), 4 * i, picture).ifInside(found, scores[i]);
            }
        }
        found.sort((a, b) -> Double.compare(b.score, a.score));
        return found;
    }

    /** Four numbers that may be no box. */
    private record Edges(double x1, double y1, double x2, double y2) {
        void ifInside(List<Found> found, double score) {
            Edges within = new Edges(clip(x1), clip(y1), clip(x2), clip(y2));
            if (within.x1 < within.x2 && within.y1 < within.y2) { // false of what is not finite
                found.add(new Found(new Corners(within.x1, within.y1, within.x2, within.y2), score));
            }
        }

        private static double clip(double place) {
            return Math.max(0, Math.min(1, place));
        }
    }

    private Edges box(float[] values, int at, Frames picture) {
        double a = values[at];
        double b = values[at + 1];
        double c = values[at + 2];
        double d = values[at + 3];
        if (signature.logits() != null) {
            return new Edges(a - c / 2, b - d / 2, a + c / 2, b + d / 2);
        }
        double width = signature.sizes() == null ? width(picture) : picture.width();
        double height = signature.sizes() == null ? height(picture) : picture.height();
        return new Edges(a / width, b / height, c / width, d / height);
    }

    private float[] listed(Map<String, Numbers> outputs, int count) throws DamagedFile {
        float[] scores = of(outputs, signature.scores()).values().clone();
        float[] labels = of(outputs, signature.labels()).values();
        if (scores.length != count || labels.length != count) {
            throw new DamagedFile(
                    file,
                    "gives " + count + " boxes, " + scores.length + " scores and " + labels.length
                            + " labels; there must be as many of each");
        }
        for (int i = 0; i < count; i++) {
            if (labels[i] != known.number) {
                scores[i] = Float.NaN;
            }
        }
        return scores;
    }

    private float[] probabilities(Map<String, Numbers> outputs, int count) throws DamagedFile {
        Numbers logits = of(outputs, signature.logits());
        int classes = (int) logits.axis(-1);
        if (logits.values().length != (long) count * classes || known.number >= classes) {
            throw new DamagedFile(
                    file,
                    "gives " + count + " boxes and logits of the shape " + Arrays.toString(logits.shape())
                            + ", which do not fit class " + known.number);
        }
        float[] scores = new float[count];
        for (int i = 0; i < count; i++) {
            double own = logits.values()[i * classes + known.number];
            double sum = 0;
            if (known.activation == Activation.SIGMOID) {
                sum = 1 + Math.exp(-own);
            } else {
                for (int c = 0; c < classes; c++) {
                    sum += Math.exp(logits.values()[i * classes + c] - own);
                }
            }
            scores[i] = (float) (1 / sum);
        }
        return scores;
    }

    private int count(Numbers boxes) throws DamagedFile {
        long[] shape = boxes.shape();
        boolean one = shape.length == 2 || shape.length == 3 && shape[0] == 1;
        if (!one || boxes.axis(-1) != 4) {
            throw new DamagedFile(
                    file,
                    "gives '" + signature.boxes().name() + "' of the shape " + Arrays.toString(shape)
                            + ", where [1, N, 4] or [N, 4] is known");
        }
        return boxes.values().length / 4;
    }

    private static Numbers of(Map<String, Numbers> outputs, @Nullable Port port) {
        return Objects.requireNonNull(outputs.get(Objects.requireNonNull(port).name()));
    }

    // What goes in.

    private boolean isTorchvision() {
        return signature.logits() == null && signature.sizes() == null;
    }

    private int width(Frames picture) {
        return side(signature.picture().axis(-1), picture.width());
    }

    private int height(Frames picture) {
        return side(signature.picture().axis(-2), picture.height());
    }

    private int side(long said, int own) {
        if (said > 0) {
            return Math.toIntExact(said);
        }
        return isTorchvision() ? own : SIDE; // torchvision's files resize within
    }

    private Map<String, Numbers> run(Frames picture, Pixels pixels) throws IOException {
        int height = height(picture);
        int width = width(picture);
        Frames sized = picture.height() == height && picture.width() == width
                ? picture
                : Resize.bilinear(picture, new Box(0, 0, picture.height(), picture.width()), height, width);
        float[] values = new float[Frames.CHANNELS * height * width];
        for (int c = 0; c < Frames.CHANNELS; c++) {
            float mean = pixels == Pixels.UNIT ? 0 : IMAGENET_MEAN[c];
            float std = pixels == Pixels.UNIT ? 1 : IMAGENET_STD[c];
            for (int i = 0; i < height * width; i++) {
                values[c * height * width + i] = ((sized.rgb()[i * Frames.CHANNELS + c] & 0xFF) / 255f - mean) / std;
            }
        }
        boolean single = signature.picture().shape().length == 3;
        Map<Port, Numbers> inputs = new LinkedHashMap<>();
        inputs.put(
                signature.picture(),
                new Numbers(single ? new long[] {3, height, width} : new long[] {1, 3, height, width}, values));
        if (signature.sizes() != null) {
            inputs.put(
                    signature.sizes(), new Numbers(new long[] {1, 2}, new float[] {picture.width(), picture.height()}));
        }
        if (signature.mask() != null) {
            long[] shape = {1, sideOf(signature.mask(), 1, height), sideOf(signature.mask(), 2, width)};
            float[] all = new float[Math.toIntExact(shape[1] * shape[2])];
            Arrays.fill(all, 1);
            inputs.put(signature.mask(), new Numbers(shape, all));
        }
        return session.run(inputs, signature.read());
    }

    private static long sideOf(Port mask, int axis, int otherwise) {
        return mask.axis(axis) > 0 ? mask.axis(axis) : otherwise;
    }

    // What the file does not say.

    private Known known(Map<String, Numbers> outputs, Told told) throws DamagedFile {
        count(of(outputs, signature.boxes()));
        Known usual = usual(outputs);
        List<String> missing = new ArrayList<>();
        Integer number = told.number != null ? told.number : usual == null ? null : (Integer) usual.number;
        Pixels pixels = told.pixels != null ? told.pixels : usual == null ? null : usual.pixels;
        Activation activation = told.activation != null ? told.activation : usual == null ? null : usual.activation;
        if (signature.logits() == null) {
            pixels = pixels == null ? Pixels.UNIT : pixels;
            activation = Activation.SIGMOID; // not used
        }
        String classes = "unlike the forms that are known";
        if (signature.logits() != null) {
            long all = of(outputs, signature.logits()).axis(-1);
            classes = "of " + all + " classes, not of COCO's " + COCO + ", " + COCO_IDS + " or " + COCO_IDS_OR_NOTHING;
            if (number != null && number >= all) {
                throw new IllegalArgumentException(
                        file + " has " + Plural.of(all, "class", "classes") + ", from 0, and none " + number);
            }
        }
        if (number == null) {
            missing.add("which class people are (--detector-class)");
        }
        if (pixels == null) {
            missing.add(
                    "whether its pictures are of ImageNet's mean and deviation (--detector-pixels unit or imagenet)");
        }
        if (activation == null) {
            missing.add("what makes probabilities of its logits (--detector-activation sigmoid or softmax)");
        }
        if (number == null || pixels == null || activation == null) {
            throw new IllegalArgumentException(
                    file + " is a detector " + classes + ", and does not say " + String.join(", nor ", missing));
        }
        return new Known(number, pixels, activation);
    }

    /** What is usual for files of this form; null where nothing is. */
    private @Nullable Known usual(Map<String, Numbers> outputs) {
        if (signature.logits() == null) {
            if (signature.sizes() != null) {
                return new Known(0, Pixels.UNIT, Activation.SIGMOID); // RT-DETR, D-FINE
            }
            boolean single = of(outputs, signature.boxes()).shape().length == 2;
            return single ? new Known(1, Pixels.UNIT, Activation.SIGMOID) : null; // torchvision
        }
        return switch ((int) of(outputs, signature.logits()).axis(-1)) {
            case COCO -> new Known(0, Pixels.UNIT, Activation.SIGMOID);
            case COCO_IDS -> new Known(1, Pixels.IMAGENET, Activation.SIGMOID);
            case COCO_IDS_OR_NOTHING -> new Known(1, Pixels.IMAGENET, Activation.SOFTMAX);
            default -> null;
        };
    }

    @Override
    public void close() {
        session.close();
    }
}
