package maskfeat.teacher;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import maskfeat.foreign.FrozenWeights;
import maskfeat.torch.Scopes;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The weights of a network that is never trained, by name: float32 on a device, outside all scopes until they are closed. */
final class Frozen implements AutoCloseable {
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /**
     * Reads all tensors that a network computes with.
     *
     * @throws maskfeat.disk.DamagedFile if they are not whole, or have numbers that are not finite
     */
    static Frozen read(FrozenWeights weights, Device device) throws IOException {
        Frozen frozen = new Frozen();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Map<String, Tensor> read = TensorFile.read(weights);
            TensorFile.checkFinite(weights, read);
            read.forEach((name, tensor) -> frozen.put(name, tensor.to(device, ScalarType.Float)));
        } catch (Throwable failed) {
            frozen.close();
            throw failed;
        }
        return frozen;
    }

    /** Runs {@code body} without recording gradients. Only the result survives, in the caller's scope. */
    static Tensor compute(Supplier<Tensor> body) {
        return Scopes.tidy(() -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                return body.get();
            }
        });
    }

    Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException("no tensor '" + name + "' was read");
        }
        return tensor;
    }

    /** Adds one, or replaces it. */
    void put(String name, Tensor tensor) {
        remove(name);
        tensors.put(name, Scopes.keep(tensor));
    }

    /** Frees one that is not needed any more. */
    void remove(String name) {
        Tensor before = tensors.remove(name);
        if (before != null) {
            Scopes.release(before);
        }
    }

    @Override
    public void close() {
        tensors.values().forEach(Scopes::release);
        tensors.clear();
    }
}
