package maskfeat.onnx;

import java.util.List;

/**
 * An input or an output of a model.
 *
 * @param name that a runtime knows it by
 * @param type {@code float32} or {@code uint8}
 * @param shape numbers, but for a batch of any length, which is a name
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
