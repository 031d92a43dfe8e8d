package maskfeat.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A file as another program uses it: with ONNX Runtime. */
public final class OnnxModel implements AutoCloseable {
    private final OrtEnvironment environment =
            OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "test");
    private final OrtSession session;

    /** What comes out under one name. */
    @SuppressWarnings("ArrayRecordComponent") // compared number by number
    public record Output(long[] shape, float[] values) {}

    public OnnxModel(Path file) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            session = environment.createSession(file.toString(), options);
        }
    }

    /** The one input of normalised numbers. */
    public Map<String, Output> run(float[] values, long... shape) throws OrtException {
        try (OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape)) {
            return run(input);
        }
    }

    /** Clips and boxes. */
    public Map<String, Output> run(float[] frames, long[] shape, float[] boxes) throws OrtException {
        try (OnnxTensor clips = OnnxTensor.createTensor(environment, FloatBuffer.wrap(frames), shape);
                OnnxTensor regions = OnnxTensor.createTensor(
                        environment, FloatBuffer.wrap(boxes), new long[] {boxes.length / 5, 5})) {
            return run(Map.of("pixel_values", clips, "boxes", regions));
        }
    }

    /** The one input of bytes. */
    public Map<String, Output> run(byte[] values, long... shape) throws OrtException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(values.length).order(ByteOrder.nativeOrder());
        bytes.put(values).flip();
        try (OnnxTensor input = OnnxTensor.createTensor(environment, bytes, shape, ai.onnxruntime.OnnxJavaType.UINT8)) {
            return run(input);
        }
    }

    private Map<String, Output> run(OnnxTensor input) throws OrtException {
        return run(Map.of(session.getInputNames().iterator().next(), input));
    }

    private Map<String, Output> run(Map<String, OnnxTensor> inputs) throws OrtException {
        Map<String, Output> outputs = new LinkedHashMap<>();
        try (OrtSession.Result result = session.run(inputs)) {
            for (Map.Entry<String, OnnxValue> entry : result) {
                OnnxTensor tensor = (OnnxTensor) entry.getValue();
                FloatBuffer buffer = tensor.getFloatBuffer();
                float[] values = new float[buffer.remaining()];
                buffer.get(values);
                outputs.put(entry.getKey(), new Output(tensor.getInfo().getShape(), values));
            }
        }
        return outputs;
    }

    /** Shapes of inputs and outputs, by name; -1 where any length does. */
    public Map<String, String> ports() throws OrtException {
        Map<String, String> ports = new LinkedHashMap<>();
        session.getInputInfo().forEach((name, info) -> ports.put(name, shape((TensorInfo) info.getInfo())));
        session.getOutputInfo().forEach((name, info) -> ports.put(name, shape((TensorInfo) info.getInfo())));
        return ports;
    }

    private static String shape(TensorInfo info) {
        return info.type + " " + Arrays.toString(info.getShape());
    }

    public Map<String, String> metadata() throws OrtException {
        return session.getMetadata().getCustomMetadata();
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
