package maskfeat.people;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import maskfeat.people.Session.Port;
import org.jspecify.annotations.Nullable;

/**
 * What the inputs and outputs of a detector are.
 *
 * @param picture [B, 3, H, W] or, as torchvision has it, [3, H, W]
 * @param sizes width and height of the original picture; null where the model does not ask
 * @param mask which pixels are no padding; null where the model does not ask
 * @param boxes of all candidates
 * @param logits of all candidates, DETR's way; null where there are scores and labels
 * @param scores of what was found; null where there are logits
 * @param labels of what was found; null where there are logits
 */
record Signature(
        Port picture,
        @Nullable Port sizes,
        @Nullable Port mask,
        Port boxes,
        @Nullable Port logits,
        @Nullable Port scores,
        @Nullable Port labels) {

    /** @throws IllegalArgumentException naming what was found, if it is no known form */
    static Signature of(Path file, Map<String, Port> inputs, Map<String, Port> outputs) {
        Port picture = null;
        Port sizes = null;
        Port mask = null;
        for (Port input : inputs.values()) {
            String name = input.name().toLowerCase(Locale.ROOT);
            boolean number = input.isFloat() || input.isInteger();
            if (number && sizes == null && name.contains("size") && input.shape().length == 2) {
                sizes = input;
            } else if (number && mask == null && name.contains("mask") && input.shape().length == 3) {
                mask = input;
            } else if (picture == null && isPicture(input)) {
                picture = input;
            } else {
                throw unknown(file, inputs, outputs, "the input " + input + " is not known");
            }
        }
        if (picture == null) {
            throw unknown(file, inputs, outputs, "none of its inputs is a picture of float32 numbers, channels first");
        }
        Port boxes = named(outputs, "pred_boxes", "boxes", "dets");
        Port logits = named(outputs, "logits", "pred_logits");
        Port labels = named(outputs, "labels");
        if (logits == null && labels != null && labels.isFloat() && labels.shape().length == 3) {
            logits = labels; // RF-DETR calls its logits so
        }
        Port scores = named(outputs, "scores");
        if (boxes == null && logits == null && scores == null && labels == null && outputs.size() == 3) {
            // torchvision's files give their outputs numbers for names
            boxes = only(outputs.values().stream()
                    .filter(port -> port.isFloat() && port.axis(-1) == 4)
                    .toList());
            scores = only(outputs.values().stream()
                    .filter(port -> port.isFloat() && port.shape().length == 1)
                    .toList());
            labels = only(outputs.values().stream()
                    .filter(port -> port.isInteger() && port.shape().length == 1)
                    .toList());
        }
        if (boxes != null && boxes.axis(-1) != 4 && boxes.axis(-1) != -1) {
            throw unknown(
                    file, inputs, outputs, "a box in " + boxes + " has " + boxes.axis(-1) + " numbers instead of 4");
        }
        if (boxes != null && logits != null) {
            return new Signature(picture, sizes, mask, boxes, logits, null, null);
        }
        if (boxes != null && scores != null && labels != null) {
            return new Signature(picture, sizes, mask, boxes, null, scores, labels);
        }
        throw unknown(file, inputs, outputs, "its outputs are not known");
    }

    /** The names of the outputs that are read. */
    Set<String> read() {
        Set<String> names = new HashSet<>(Set.of(boxes.name()));
        for (Port port : new @Nullable Port[] {logits, scores, labels}) {
            if (port != null) {
                names.add(port.name());
            }
        }
        return names;
    }

    private static boolean isPicture(Port input) {
        int axes = input.shape().length;
        if (!input.isFloat() || axes < 3 || axes > 4) {
            return false;
        }
        long channels = input.axis(-3);
        return (channels == 3 || channels == -1) && (axes == 3 || input.axis(0) == 1 || input.axis(0) == -1);
    }

    private static @Nullable Port named(Map<String, Port> outputs, String... names) {
        for (String name : names) {
            for (Port port : outputs.values()) {
                if (port.name().toLowerCase(Locale.ROOT).equals(name)) {
                    return port;
                }
            }
        }
        return null;
    }

    private static @Nullable Port only(List<Port> ports) {
        return ports.size() == 1 ? ports.get(0) : null;
    }

    private static IllegalArgumentException unknown(
            Path file, Map<String, Port> inputs, Map<String, Port> outputs, String why) {
        return new IllegalArgumentException(file + " cannot be used to find people: " + why + ". It has the inputs "
                + list(inputs.values()) + " and the outputs " + list(outputs.values()) + "; what is known is a picture"
                + " (float32, one at a time, 3 channels first), with orig_target_sizes or not, that gives logits and"
                + " pred_boxes as DETR does, or boxes, scores and labels");
    }

    private static String list(Collection<Port> ports) {
        return ports.stream().map(Port::toString).collect(Collectors.joining(", "));
    }
}
