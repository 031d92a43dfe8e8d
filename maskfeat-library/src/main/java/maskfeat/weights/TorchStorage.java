package maskfeat.weights;

import maskfeat.pickle.Pickled;

/**
 * A named run of elements that tensors are views of, or a part of one.
 *
 * @param key name of its bytes in the file
 * @param type of its elements
 * @param count elements of the whole
 * @param first element where the part begins; 0 unless a file of PyTorch 0.1 to 0.4 says otherwise
 * @param length elements of the part
 */
record TorchStorage(String key, TorchType type, long count, long first, long length) implements Pickled.Named {
    @Override
    public String kind() {
        return "a storage";
    }

    /** Bytes of the whole; fits, as {@link TorchGlobals} sees to. */
    long bytes() {
        return count * type.bytes();
    }
}
