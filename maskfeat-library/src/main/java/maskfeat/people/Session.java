package maskfeat.people;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import maskfeat.disk.DamagedFile;

/** A model file in ONNX Runtime. The only class that knows the runtime. */
final class Session implements AutoCloseable {
    private static final long LEAST_STACK = 16 << 20;
    private static final long STACK_PER_CHARACTER = 1 << 10;

    private final Path file;
    private final OrtEnvironment environment;
    private final OrtSession session;

    /**
     * An input or an output.
     *
     * @param type {@code float}, {@code int64} and so on
     * @param shape -1 where any length does; empty where it is not known
     */
    @SuppressWarnings("ArrayRecordComponent") // read axis by axis
    record Port(String name, String type, long[] shape) {
        boolean isFloat() {
            return type.equals("float");
        }

        boolean isInteger() {
            return type.equals("int64") || type.equals("int32");
        }

        /** Length of an axis, counted from the end where negative; -1 where any length does or none is known. */
        long axis(int number) {
            int at = number < 0 ? shape.length + number : number;
            return at >= 0 && at < shape.length ? shape[at] : -1;
        }

        @Override
        public String toString() {
            return name + " (" + type + " " + Arrays.toString(shape).replace("-1", "any") + ")";
        }
    }

    /** Numbers in a shape, of an input or an output. */
    @SuppressWarnings("ArrayRecordComponent") // on its way between the runtime and who reads it
    record Numbers(long[] shape, float[] values) {
        long axis(int fromEnd) {
            return shape[shape.length + fromEnd];
        }
    }

    /** @param threads of computing, 0 for as many as the runtime takes */
    Session(Path file, int threads) throws IOException {
        this.file = file;
        environment = environment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            if (threads > 0) {
                options.setIntraOpNumThreads(threads);
            }
            session = environment.createSession(file.toString(), options);
        } catch (OrtException refused) {
            throw new DamagedFile(file, "cannot be opened by ONNX Runtime: " + line(refused), refused);
        }
    }

    /**
     * The runtime, made in a thread with room enough: its first call matches the process's command line with a regular
     * expression that takes some 300 bytes of stack for each character, and ends the process at 4,000 of them in a usual thread.
     */
    private static OrtEnvironment environment() throws IOException {
        FutureTask<OrtEnvironment> made = new FutureTask<>(OrtEnvironment::getEnvironment);
        new Thread(null, made, "onnxruntime", stackBytes()).start();
        try {
            return made.get();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stopped while ONNX Runtime was loaded");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("ONNX Runtime cannot be loaded: " + failed.getCause(), failed);
        }
    }

    /** Only what is used of it takes memory. */
    private static long stackBytes() throws IOException {
        Path words = Path.of("/proc/self/cmdline");
        long length = Files.isReadable(words) ? Files.readAllBytes(words).length : 0;
        return LEAST_STACK + length * STACK_PER_CHARACTER;
    }

    Map<String, Port> inputs() throws IOException {
        try {
            return ports(session.getInputInfo());
        } catch (OrtException failed) {
            throw new DamagedFile(file, "does not say its inputs: " + line(failed), failed);
        }
    }

    Map<String, Port> outputs() throws IOException {
        try {
            return ports(session.getOutputInfo());
        } catch (OrtException failed) {
            throw new DamagedFile(file, "does not say its outputs: " + line(failed), failed);
        }
    }

    private static Map<String, Port> ports(Map<String, NodeInfo> infos) {
        Map<String, Port> ports = new LinkedHashMap<>();
        infos.forEach((name, info) -> ports.put(
                name,
                info.getInfo() instanceof TensorInfo tensor
                        ? new Port(name, tensor.type.toString().toLowerCase(Locale.ROOT), tensor.getShape())
                        : new Port(name, "no tensor", new long[0])));
        return ports;
    }

    /**
     * Runs the model.
     *
     * @param inputs by port, whose types they are given
     * @param wanted names of outputs
     */
    Map<String, Numbers> run(Map<Port, Numbers> inputs, Set<String> wanted) throws IOException {
        Map<String, OnnxTensorLike> given = new LinkedHashMap<>();
        try {
            for (Map.Entry<Port, Numbers> input : inputs.entrySet()) {
                given.put(input.getKey().name(), tensor(input.getKey(), input.getValue()));
            }
            Map<String, Numbers> outputs = new LinkedHashMap<>();
            try (OrtSession.Result result = session.run(given, wanted)) {
                for (Map.Entry<String, OnnxValue> entry : result) {
                    outputs.put(entry.getKey(), numbers(entry.getKey(), entry.getValue()));
                }
            }
            return outputs;
        } catch (OrtException failed) {
            throw new DamagedFile(file, "cannot be run by ONNX Runtime: " + line(failed), failed);
        } finally {
            given.values().forEach(OnnxTensorLike::close);
        }
    }

    private OnnxTensor tensor(Port port, Numbers numbers) throws OrtException {
        float[] values = numbers.values;
        return switch (port.type()) {
            case "int64" -> {
                LongBuffer longs = LongBuffer.allocate(values.length);
                for (float value : values) {
                    longs.put((long) value);
                }
                yield OnnxTensor.createTensor(environment, longs.flip(), numbers.shape);
            }
            case "int32" -> {
                IntBuffer ints = IntBuffer.allocate(values.length);
                for (float value : values) {
                    ints.put((int) value);
                }
                yield OnnxTensor.createTensor(environment, ints.flip(), numbers.shape);
            }
            case "float" -> OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), numbers.shape);
            default -> throw new IllegalStateException("an input of type " + port.type());
        };
    }

    private Numbers numbers(String name, OnnxValue value) throws IOException {
        if (!(value instanceof OnnxTensor tensor)) {
            throw new DamagedFile(file, "gives no tensor as '" + name + "'");
        }
        TensorInfo info = tensor.getInfo();
        float[] values;
        if (info.type == OnnxJavaType.FLOAT) {
            FloatBuffer floats = tensor.getFloatBuffer();
            values = new float[floats.remaining()];
            floats.get(values);
        } else if (info.type == OnnxJavaType.INT64) {
            LongBuffer longs = tensor.getLongBuffer();
            values = new float[longs.remaining()];
            for (int i = 0; i < values.length; i++) {
                values[i] = longs.get(i);
            }
        } else if (info.type == OnnxJavaType.INT32) {
            IntBuffer ints = tensor.getIntBuffer();
            values = new float[ints.remaining()];
            for (int i = 0; i < values.length; i++) {
                values[i] = ints.get(i);
            }
        } else {
            throw new DamagedFile(file, "gives '" + name + "' as " + info.type + "; export it with float32 numbers");
        }
        return new Numbers(info.getShape(), values);
    }

    private static String line(OrtException failed) {
        return String.valueOf(failed.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException failed) {
            throw new IllegalStateException("ONNX Runtime does not close " + file, failed);
        }
    }
}
