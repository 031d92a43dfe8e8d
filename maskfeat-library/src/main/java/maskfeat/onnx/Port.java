package maskfeat.onnx;

import java.util.List;

/**
 * An input or an output of a model.
 *
 * @param name for runtimes
 * @param type {@code float32} or {@code uint8}
 * @param shape lengths of the axes; a batch of any length is a name instead
 */
public record Port(String name, String type, List<String> shape) {
    public Port {
        shape = List.copyOf(shape);
    }

    @Override
    public String toString() {
        return name + " " + type + " " + shape;
    }
}
