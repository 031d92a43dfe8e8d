package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import maskfeat.disk.Content;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Plural;
import maskfeat.disk.Shown;
import maskfeat.torch.Natives;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** libtorch's tensors in safetensors files. */
public final class TensorFile {
    private static final long SLICE = 1L << 30; // a Java buffer ends at 2 GiB

    static {
        Natives.ready();
    }

    private TensorFile() {}

    /** What a file of these tensors holds, copied from the device one tensor at a time. */
    public static Content content(Map<String, String> metadata, Map<String, Tensor> tensors) {
        List<Safetensors.Source> sources = new ArrayList<>();
        tensors.forEach(
                (name, tensor) -> sources.add(new Safetensors.Source(entry(name, tensor), out -> write(tensor, out))));
        return Safetensors.content(metadata, sources);
    }

    /** Writes the elements alone, row-major, little-endian. */
    public static void write(Tensor tensor, WritableByteChannel out) throws IOException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor cpu =
                    tensor.detach().to(new Device("cpu"), tensor.scalar_type()).contiguous();
            for (long at = 0; at < cpu.nbytes(); at += SLICE) {
                out.write(slice(cpu, at));
            }
        }
    }

    private static TensorEntry entry(String name, Tensor tensor) {
        return new TensorEntry(
                name,
                type(tensor.scalar_type().intern()),
                Arrays.stream(tensor.shape()).boxed().toList());
    }

    // Interned: what a native call returns is not the constant itself, and a switch on it goes astray.
    private static DType type(ScalarType type) {
        return switch (type) {
            case Float -> DType.F32;
            case Double -> DType.F64;
            case Half -> DType.F16;
            case BFloat16 -> DType.BF16;
            case Long -> DType.I64;
            case Int -> DType.I32;
            case Byte -> DType.U8;
            case Bool -> DType.BOOL;
            default -> throw new IllegalArgumentException("tensors of " + type + " are not written to files");
        };
    }

    private static ScalarType type(DType type, Path file, String name) throws DamagedFile {
        return switch (type) {
            case F32 -> ScalarType.Float;
            case F64 -> ScalarType.Double;
            case F16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            case I64 -> ScalarType.Long;
            case I32 -> ScalarType.Int;
            case U8 -> ScalarType.Byte;
            case BOOL -> ScalarType.Bool;
            default ->
                throw new DamagedFile(file, "has tensor '" + name + "' of type " + type + ", which is not for weights");
        };
    }

    /**
     * Puts the tensors of a file into these, name by name, converting their type. All must fit before any is changed.
     *
     * @throws WeightsMismatch if names are missing or left over, or shapes differ, naming each
     * @throws DamagedFile if the file is not whole, or has a tensor of a type that is not for weights, or numbers that are
     *     not finite
     */
    public static void load(Path file, Map<String, Tensor> into) throws IOException {
        try (TensorReader reader = Safetensors.open(file)) {
            load(reader, into, name -> false);
        }
    }

    /**
     * As {@link #load(Path, Map)}, for what an optimizer keeps: its numbers may be infinite where a gradient was huge, and
     * training goes on with them as it would have gone on.
     */
    public static void loadMoments(Path file, Map<String, Tensor> into) throws IOException {
        try (TensorReader reader = Safetensors.open(file)) {
            load(reader, into, name -> false, new NotFinite());
        }
    }

    /**
     * Puts the tensors of an open file into these, name by name, converting their type. All must fit before any is changed.
     *
     * @param mayBeLeft whether a tensor of the file that is not asked for is no mistake
     * @throws WeightsMismatch if names are missing or left over, or shapes differ, naming each
     * @throws DamagedFile if the file has a tensor of a type that is not for weights, or numbers that are not finite, naming
     *     each tensor; the others have changed then
     */
    public static void load(TensorReader reader, Map<String, Tensor> into, Predicate<String> mayBeLeft)
            throws IOException {
        NotFinite bad = new NotFinite();
        load(reader, into, mayBeLeft, bad);
        bad.refuse(reader);
    }

    private static void load(
            TensorReader reader, Map<String, Tensor> into, Predicate<String> mayBeLeft, NotFinite notFinite)
            throws IOException {
        compare(reader, into, mayBeLeft);
        for (Map.Entry<String, Tensor> target : into.entrySet()) {
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                // In the type that it will have: a number of 64 bits may be too large for 32.
                Tensor value = read(reader, target.getKey())
                        .to(target.getValue().scalar_type().intern());
                notFinite.count(target.getKey(), value);
                target.getValue().copy_(value);
            }
        }
    }

    /**
     * Makes sure that weights which were read are numbers that a network can compute with.
     *
     * @param tensors of the file, by the reader's names
     * @throws DamagedFile if some are infinite or no numbers, naming each tensor
     */
    public static void checkFinite(TensorReader reader, Map<String, Tensor> tensors) throws DamagedFile {
        NotFinite bad = new NotFinite();
        tensors.forEach(bad::count);
        bad.refuse(reader);
    }

    /** As {@link #checkFinite(TensorReader, Map)}, for all tensors of an open file, one after the other. */
    public static void checkFinite(TensorReader reader) throws IOException {
        NotFinite bad = new NotFinite();
        for (TensorEntry entry : reader.entries().values()) {
            if (entry.type().isReal()) {
                try (PointerScope scope = new PointerScope()) {
                    bad.count(entry.name(), read(reader, entry.name()));
                }
            }
        }
        bad.refuse(reader);
    }

    /** Counts numbers that are infinite or none, tensor by tensor. */
    private static final class NotFinite {
        private static final int NAMED = 3;

        private final Map<String, String> counts = new LinkedHashMap<>();

        void count(String name, Tensor tensor) {
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                Tensor finite = tensor.isfinite();
                if (!finite.all().item_bool()) {
                    counts.put(name, tensor.numel() - finite.sum().item_long() + " of " + tensor.numel());
                }
            }
        }

        void refuse(TensorReader reader) throws DamagedFile {
            if (counts.isEmpty()) {
                return;
            }
            List<String> named = new ArrayList<>();
            counts.forEach((name, count) -> {
                if (named.size() < NAMED) {
                    named.add(count + " in '" + Shown.text(reader.nameInFile(name)) + "'");
                }
            });
            int more = counts.size() - named.size();
            throw new DamagedFile(
                    reader.file(),
                    "has weights that are infinite or not a number: " + String.join(", ", named)
                            + (more == 0 ? "" : " and in " + Plural.of(more, "more tensor"))
                            + "; nothing can be computed with them, take an earlier checkpoint");
        }
    }

    /**
     * Reads all tensors of a file, by name, in the file's order, as they are, on the CPU.
     *
     * @throws DamagedFile if the file is not whole, or has a tensor of a type that is not for weights
     */
    public static Map<String, Tensor> read(Path file) throws IOException {
        try (TensorReader reader = Safetensors.open(file)) {
            return read(reader);
        }
    }

    /** Reads all tensors of an open file, by name, in the file's order, as they are, on the CPU. */
    public static Map<String, Tensor> read(TensorReader reader) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : reader.entries().keySet()) {
            tensors.put(name, read(reader, name));
        }
        return tensors;
    }

    private static void compare(TensorReader reader, Map<String, Tensor> into, Predicate<String> mayBeLeft)
            throws IOException {
        TreeSet<String> missing = new TreeSet<>(into.keySet());
        missing.removeAll(reader.entries().keySet());
        TreeSet<String> extra = new TreeSet<>(reader.entries().keySet());
        extra.removeAll(into.keySet());
        extra.removeIf(mayBeLeft);
        List<String> misshaped = new ArrayList<>();
        into.forEach((name, tensor) -> {
            TensorEntry entry = reader.entries().get(name);
            List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
            if (entry != null && !entry.shape().equals(shape)) {
                misshaped.add(name + " " + entry.shape() + " instead of " + shape);
            }
        });
        if (!missing.isEmpty() || !extra.isEmpty() || !misshaped.isEmpty()) {
            throw new WeightsMismatch(reader.file(), List.copyOf(missing), List.copyOf(extra), misshaped);
        }
        for (TensorEntry entry : reader.entries().values()) {
            if (into.containsKey(entry.name())) {
                type(entry.type(), reader.file(), entry.name());
            }
        }
    }

    private static Tensor read(TensorReader reader, String name) throws IOException {
        TensorEntry entry = reader.entries().get(name);
        if (entry == null) {
            throw new DamagedFile(reader.file(), "has no tensor '" + name + "'");
        }
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        Tensor tensor = torch.empty(shape, new TensorOptions(type(entry.type(), reader.file(), name)), null);
        for (long at = 0; at < tensor.nbytes(); at += SLICE) {
            reader.read(entry, at, slice(tensor, at));
        }
        return tensor;
    }

    private static ByteBuffer slice(Tensor tensor, long at) {
        BytePointer bytes = new BytePointer(tensor.data_ptr());
        long size = Math.min(SLICE, tensor.nbytes() - at);
        return bytes.position(at).limit(at + size).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
}
