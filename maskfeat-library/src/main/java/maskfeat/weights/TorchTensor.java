package maskfeat.weights;

import java.util.ArrayList;
import java.util.List;
import maskfeat.disk.Shown;
import maskfeat.pickle.Pickled;
import org.jspecify.annotations.Nullable;

/** A view of a storage: what PyTorch's {@code _rebuild_tensor_v2} would make. Every element lies within the storage. */
final class TorchTensor implements Pickled.Named {
    private static final int MAX_DIMENSIONS = 64; // libtorch's limit

    private final TorchStorage storage;
    private final TorchType type;
    private final long offset;
    private final Pickled.Tuple sizes;
    private final Pickled.Tuple strides;

    private TorchTensor(TorchStorage storage, TorchType type, long offset, Pickled.Tuple sizes, Pickled.Tuple strides) {
        this.storage = storage;
        this.type = type;
        this.offset = offset;
        this.sizes = sizes;
        this.strides = strides;
    }

    /**
     * Makes one of the arguments in the pickle.
     *
     * @param type the storage's, or another in which its bytes are to be read
     * @throws Unfit saying which does not fit
     */
    static TorchTensor of(Object storage, @Nullable TorchType type, Object offset, Object sizes, Object strides)
            throws Unfit {
        if (!(storage instanceof TorchStorage of)) {
            throw new Unfit("makes a tensor of " + Pickled.kind(storage) + " instead of a storage");
        }
        if (!(offset instanceof Long first) || first < 0) {
            throw new Unfit("makes a tensor that begins at " + said(offset));
        }
        TorchTensor tensor = new TorchTensor(
                of, type == null ? of.type() : type, first, numbers(sizes, "sizes"), numbers(strides, "strides"));
        tensor.check();
        return tensor;
    }

    /** The pickle asks for something that cannot be. */
    static final class Unfit extends Exception {
        final String found;

        Unfit(String found) {
            super(found);
            this.found = found;
        }
    }

    private static Pickled.Tuple numbers(Object value, String what) throws Unfit {
        if (!(value instanceof Pickled.Tuple numbers) || numbers.size() > MAX_DIMENSIONS) {
            throw new Unfit("makes a tensor whose " + what + " are " + Pickled.kind(value) + ", no tuple of up to "
                    + MAX_DIMENSIONS);
        }
        for (int i = 0; i < numbers.size(); i++) {
            if (!(numbers.get(i) instanceof Long number) || number < 0) {
                throw new Unfit("makes a tensor with " + said(numbers.get(i)) + " among its " + what);
            }
        }
        return numbers;
    }

    private static String said(Object value) {
        return value instanceof Long ? value.toString() : Pickled.kind(value);
    }

    private void check() throws Unfit {
        if (sizes.size() != strides.size()) {
            throw new Unfit("makes a tensor of " + sizes.size() + " sizes and " + strides.size() + " strides");
        }
        long last = offset;
        boolean empty = false;
        try {
            long count = 1;
            for (int i = 0; i < sizes.size(); i++) {
                long size = (Long) sizes.get(i);
                empty |= size == 0;
                count = Math.multiplyExact(count, Math.max(1, size));
                last = Math.addExact(last, Math.multiplyExact(Math.max(1, size) - 1, (Long) strides.get(i)));
            }
            Math.multiplyExact(count, type.bytes());
        } catch (ArithmeticException e) {
            throw new Unfit("makes a tensor of more than 2^63 bytes");
        }
        long capacity = storage.length() * storage.type().bytes() / type.bytes();
        if (!empty && last >= capacity) {
            throw new Unfit("makes a tensor that reaches element " + last + " of storage '" + Shown.text(storage.key())
                    + "', which has " + capacity);
        }
    }

    @Override
    public String kind() {
        return "a tensor";
    }

    TorchStorage storage() {
        return storage;
    }

    TorchType type() {
        return type;
    }

    /** A fresh list. */
    List<Long> shape() {
        return longs(sizes);
    }

    /** How its elements lie in the whole storage's bytes; of a tensor that has elements. */
    StridedView view() {
        long start = storage.first() * storage.type().bytes() + offset * type.bytes();
        return new StridedView(type.bytes(), start, longs(sizes), longs(strides));
    }

    private static List<Long> longs(Pickled.Tuple numbers) {
        List<Long> longs = new ArrayList<>(numbers.size());
        for (int i = 0; i < numbers.size(); i++) {
            longs.add((Long) numbers.get(i));
        }
        return longs;
    }
}
