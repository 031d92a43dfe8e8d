package maskfeat.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.Fingerprint;

/**
 * Writes named tensors as {@code torch.save} does since PyTorch 1.6: a zip archive of a pickle and one stored file for
 * each tensor. It names nothing that {@code torch.load(weights_only=True)} does not know.
 */
public final class TorchWriter {
    private static final String ROOT = "archive/";
    private static final LocalDateTime NO_TIME =
            LocalDateTime.of(1980, 2, 1, 0, 0); // Java notes January's elsewhere too

    /** Tensors begin at multiples of it, so that PyTorch can map them into memory. */
    private static final int ALIGNMENT = 64;

    private static final int LOCAL_HEADER = 30;
    private static final int EXTRA_HEADER = 4;

    private TorchWriter() {}

    /**
     * Writes a file that is there whole or not at all. The same tensors and texts give the same bytes.
     *
     * @param key under which the tensors stand in the outer dictionary, such as {@code model_state}; empty where they are
     *     the outer dictionary
     * @param beside texts beside them in the outer dictionary; none where {@code key} is empty
     * @param tensors in this order; the data of each is asked for twice
     * @throws IOException naming the file, which is then as it was before
     * @throws IllegalArgumentException if two tensors have the same name, or texts stand among them
     */
    public static Fingerprint write(
            Path file, String key, Map<String, String> beside, Collection<Safetensors.Source> tensors)
            throws IOException {
        if (key.isEmpty() && !beside.isEmpty()) {
            throw new IllegalArgumentException("texts " + beside.keySet() + " would stand among the tensors");
        }
        Set<String> names = new HashSet<>();
        for (Safetensors.Source tensor : tensors) {
            if (!names.add(tensor.entry().name())) {
                throw new IllegalArgumentException(
                        "two tensors named '" + tensor.entry().name() + "'");
            }
        }
        List<Safetensors.Source> order = List.copyOf(tensors);
        byte[] pickle = pickle(key, beside, order);
        return AtomicFile.write(file, out -> {
            Counted counted = new Counted(Channels.newOutputStream(out));
            // Not closed: the channel is its owner's.
            ZipOutputStream zip = new ZipOutputStream(counted);
            store(zip, counted, "data.pkl", Content.of(pickle));
            store(zip, counted, "byteorder", Content.of("little".getBytes(StandardCharsets.US_ASCII)));
            for (int i = 0; i < order.size(); i++) {
                store(zip, counted, "data/" + i, order.get(i).data());
            }
            store(zip, counted, "version", Content.of("3\n".getBytes(StandardCharsets.US_ASCII)));
            zip.finish();
            zip.flush();
        });
    }

    private static void store(ZipOutputStream zip, Counted counted, String name, Content content) throws IOException {
        Summed sum = new Summed();
        content.writeTo(sum);
        ZipEntry entry = new ZipEntry(ROOT + name);
        entry.setTimeLocal(NO_TIME);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(sum.size);
        entry.setCompressedSize(sum.size);
        entry.setCrc(sum.crc.getValue());
        zip.flush();
        long start = counted.count + LOCAL_HEADER + entry.getName().length() + EXTRA_HEADER;
        entry.setExtra(padding((int) Math.floorMod(-start, (long) ALIGNMENT)));
        zip.putNextEntry(entry);
        content.writeTo(Channels.newChannel(zip));
        zip.closeEntry();
    }

    /** An extra field of zeros, which readers pass over: id "FB", as PyTorch's own. */
    private static byte[] padding(int bytes) {
        byte[] extra = new byte[EXTRA_HEADER + bytes];
        extra[0] = 'F';
        extra[1] = 'B';
        extra[2] = (byte) bytes;
        return extra;
    }

    private static byte[] pickle(String key, Map<String, String> beside, List<Safetensors.Source> tensors) {
        Pickler to = new Pickler();
        if (!key.isEmpty()) {
            to.op('}').op('(');
            beside.forEach((name, text) -> to.text(name).text(text));
            to.text(key);
        }
        to.op('}').op('(');
        for (int i = 0; i < tensors.size(); i++) {
            to.text(tensors.get(i).entry().name()).tensor(tensors.get(i).entry(), Integer.toString(i));
        }
        to.op('u');
        if (!key.isEmpty()) {
            to.op('u');
        }
        return to.end();
    }

    private static String storage(TensorEntry entry) {
        return switch (entry.type()) {
            case F32 -> "FloatStorage";
            case F64 -> "DoubleStorage";
            case F16 -> "HalfStorage";
            case BF16 -> "BFloat16Storage";
            case I64 -> "LongStorage";
            case I32 -> "IntStorage";
            case I16 -> "ShortStorage";
            case I8 -> "CharStorage";
            case U8 -> "ByteStorage";
            case BOOL -> "BoolStorage";
            default ->
                throw new IllegalArgumentException("tensor '" + entry.name() + "' is of " + entry.type()
                        + ", for which PyTorch has no storage of its own; write safetensors");
        };
    }

    /** Protocol 2, without a memo: nothing is referred to twice. */
    private static final class Pickler {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickler() {
            op(0x80).op(2);
        }

        Pickler op(int code) {
            out.write(code);
            return this;
        }

        Pickler text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            op('X');
            littleEndian(bytes.length, 4);
            out.writeBytes(bytes);
            return this;
        }

        private void global(String module, String name) {
            op('c');
            out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
        }

        private void integer(long value) {
            if (value == (int) value) {
                op('J');
                littleEndian(value, 4);
            } else {
                op(0x8a).op(8); // a long of eight bytes
                littleEndian(value, 8);
            }
        }

        private void tuple(List<Long> values) {
            op('(');
            values.forEach(this::integer);
            op('t');
        }

        void tensor(TensorEntry entry, String key) {
            global("torch._utils", "_rebuild_tensor_v2");
            op('(').op('(');
            text("storage");
            global("torch", storage(entry));
            text(key).text("cpu");
            integer(entry.count());
            op('t').op('Q'); // what stands in the file "data/" + key
            integer(0);
            tuple(entry.shape());
            tuple(rowMajor(entry.shape()));
            op(0x89); // needs no gradient
            global("collections", "OrderedDict"); // and has no hooks
            op(')').op('R').op('t').op('R');
        }

        byte[] end() {
            return op('.').out.toByteArray();
        }

        private static List<Long> rowMajor(List<Long> shape) {
            Long[] strides = new Long[shape.size()];
            long stride = 1;
            for (int i = shape.size() - 1; i >= 0; i--) {
                strides[i] = stride;
                stride *= Math.max(1, shape.get(i));
            }
            return List.of(strides);
        }

        private void littleEndian(long value, int bytes) {
            for (int i = 0; i < bytes; i++) {
                out.write((int) (value >>> (8 * i)));
            }
        }
    }

    /** Size and CRC-32 of what is written, which a stored zip entry begins with. */
    private static final class Summed implements WritableByteChannel {
        private final CRC32 crc = new CRC32();
        private long size;

        @Override
        public int write(ByteBuffer bytes) {
            int count = bytes.remaining();
            crc.update(bytes);
            size += count;
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static final class Counted extends OutputStream {
        private final OutputStream out;
        private long count;

        Counted(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            count += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
