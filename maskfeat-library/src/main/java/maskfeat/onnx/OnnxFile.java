package maskfeat.onnx;

import java.util.List;

/**
 * Describes an exported model.
 *
 * @param inputs of the model
 * @param outputs of the model
 * @param bytes size of the file
 */
public record OnnxFile(List<Port> inputs, List<Port> outputs, long bytes) {
    public OnnxFile {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
