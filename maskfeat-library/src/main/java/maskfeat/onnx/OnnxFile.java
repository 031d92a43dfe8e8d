package maskfeat.onnx;

import java.util.List;

/**
 * A model that was written.
 *
 * @param inputs what a runtime gives it
 * @param outputs what a runtime gets
 * @param bytes size of the file
 */
public record OnnxFile(List<Port> inputs, List<Port> outputs, long bytes) {
    public OnnxFile {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
