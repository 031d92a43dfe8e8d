package maskfeat.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes pickles, also such as no Python writes: values as they should be, or any step at all. */
final class PickleWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final int protocol;

    PickleWriter(int protocol) {
        this.protocol = protocol;
        if (protocol >= 2) {
            raw(0x80, protocol);
        }
    }

    /** What {@code torch.save} writes of a tensor. */
    record Tensor(
            String storageClass, String key, long elements, long offset, List<Integer> size, List<Integer> stride) {
        /** One that is all of its storage, in order. */
        static Tensor whole(String storageClass, String key, Integer... size) {
            int elements = 1;
            for (int side : size) {
                elements *= side;
            }
            Integer[] stride = new Integer[size.length];
            int step = 1;
            for (int i = size.length - 1; i >= 0; i--) {
                stride[i] = step;
                step *= size[i];
            }
            return new Tensor(storageClass, key, elements, 0, List.of(size), List.of(stride));
        }
    }

    /** A tuple, where a list would be a list. */
    record Tuple(List<?> items) {
        static Tuple of(Object... items) {
            return new Tuple(List.of(items));
        }
    }

    /** A name of Python. */
    record Global(String module, String name) {}

    /** A call of it. */
    record Call(Global global, List<?> arguments) {}

    PickleWriter raw(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    PickleWriter raw(String latin1) {
        out.writeBytes(latin1.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    PickleWriter times(int count, String latin1) {
        return raw(latin1.repeat(count));
    }

    PickleWriter little(int bytes, long number) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (number >>> (Byte.SIZE * i)));
        }
        return this;
    }

    PickleWriter global(String module, String name) {
        return protocol >= 4 ? value(module).value(name).raw(0x93) : raw("c" + module + "\n" + name + "\n");
    }

    PickleWriter value(@Nullable Object value) {
        if (value == null) {
            raw('N');
        } else if (value instanceof Boolean truth) {
            raw(protocol >= 2 ? truth ? "\u0088" : "\u0089" : truth ? "I01\n" : "I00\n");
        } else if (value instanceof String text) {
            text(text);
        } else if (value instanceof Double number) {
            if (protocol == 0) {
                raw("F" + number + "\n");
            } else {
                raw('G').little(8, Long.reverseBytes(Double.doubleToLongBits(number)));
            }
        } else if (value instanceof Number number) {
            integer(number.longValue());
        } else if (value instanceof Map<?, ?> map) {
            raw(protocol == 0 ? "(d" : "}");
            map.forEach((key, item) -> value(key).value(item).raw('s'));
        } else if (value instanceof List<?> list) {
            raw(protocol == 0 ? "(l" : "]");
            list.forEach(item -> value(item).raw('a'));
        } else if (value instanceof Tuple tuple) {
            raw('(');
            tuple.items().forEach(this::value);
            raw('t');
        } else if (value instanceof Global global) {
            global(global.module(), global.name());
        } else if (value instanceof Call call) {
            value(call.global()).value(new Tuple(call.arguments())).raw('R');
        } else if (value instanceof Tensor tensor) {
            tensor(tensor);
        } else {
            throw new IllegalArgumentException("no pickle of " + value);
        }
        return this;
    }

    /** A storage by its persistent id. */
    PickleWriter storage(Tensor of) {
        return value(Tuple.of("storage", new Global("torch", of.storageClass), of.key, "cpu", of.elements))
                .raw('Q');
    }

    private void tensor(Tensor tensor) {
        global("torch._utils", "_rebuild_tensor_v2").raw('(').storage(tensor);
        value(tensor.offset).value(new Tuple(tensor.size)).value(new Tuple(tensor.stride));
        value(false).value(new Call(new Global("collections", "OrderedDict"), List.of()));
        raw('t').raw('R');
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (protocol == 0) {
            raw('V').raw(text).raw('\n');
        } else if (protocol >= 4 && bytes.length < 256) {
            raw(0x8c, bytes.length);
            out.writeBytes(bytes);
        } else {
            raw('X').little(4, bytes.length);
            out.writeBytes(bytes);
        }
    }

    private void integer(long number) {
        if (protocol == 0) {
            raw("I" + number + "\n");
        } else if (number >= 0 && number < 256) {
            raw('K', (int) number);
        } else if (number == (int) number) {
            raw('J').little(4, number);
        } else if (protocol == 1) {
            raw("L" + number + "L\n");
        } else {
            raw(0x8a, 8).little(8, number);
        }
    }

    byte[] end() {
        out.write('.');
        return out.toByteArray();
    }

    /** A value as a pickle. */
    static byte[] of(int protocol, Object value) {
        return new PickleWriter(protocol).value(value).end();
    }

    /** A file of PyTorch before 1.6. */
    static byte[] legacy(byte[] root, Map<String, float[]> storages) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new PickleWriter(2)
                .raw("\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019")
                .end());
        file.writeBytes(of(2, 1001));
        file.writeBytes(of(2, Map.of("protocol_version", 1001, "little_endian", true)));
        file.writeBytes(root);
        file.writeBytes(of(2, List.copyOf(storages.keySet())));
        storages.values().forEach(values -> {
            file.writeBytes(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(values.length)
                    .array());
            file.writeBytes(floats(values));
        });
        return file.toByteArray();
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }
}
