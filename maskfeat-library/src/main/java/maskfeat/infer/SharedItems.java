package maskfeat.infer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import maskfeat.torch.Ranks;

/**
 * Items that several ranks run through the same network, each its share. What all have found is given to each of them, in the
 * order of the items, now and then while they run.
 *
 * <p>Shares are made of whole batches, so that as long as all items can be read a batch has the views that it has in one process.
 *
 * @param <T> items
 * @param <R> what the network makes of a view
 */
final class SharedItems<T, R> {
    /** Of each rank, between one exchange and the next: few enough to hear soon of a stop. */
    private static final int BATCHES = 8;

    /** How the results of a view travel. */
    interface Packing<R> {
        /** The numbers of each view. */
        Packing<float[]> FLOATS = new Packing<>() {
            @Override
            public void write(float[] result, DataOutputStream to) throws IOException {
                to.writeInt(result.length);
                for (float number : result) {
                    to.writeInt(Float.floatToRawIntBits(number));
                }
            }

            @Override
            public float[] read(DataInputStream from) throws IOException {
                float[] result = new float[from.readInt()];
                for (int i = 0; i < result.length; i++) {
                    result[i] = Float.intBitsToFloat(from.readInt());
                }
                return result;
            }
        };

        void write(R result, DataOutputStream to) throws IOException;

        R read(DataInputStream from) throws IOException;

        /** Of lists of such. */
        static <R> Packing<List<R>> list(Packing<R> each) {
            return new Packing<>() {
                @Override
                public void write(List<R> results, DataOutputStream to) throws IOException {
                    to.writeInt(results.size());
                    for (R result : results) {
                        each.write(result, to);
                    }
                }

                @Override
                public List<R> read(DataInputStream from) throws IOException {
                    int size = from.readInt();
                    List<R> results = new ArrayList<>();
                    for (int i = 0; i < size; i++) {
                        results.add(each.read(from));
                    }
                    return results;
                }
            };
        }
    }

    private final Ranks ranks;
    private final List<T> items;
    private final int chunk;
    private final int perRound;
    private final Packing<List<R>> packing;
    private final ReadAhead.Taker<T, R> taker;
    private final ReadAhead.Unreadable<T> unreadable;
    private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int done;
    private int delivered;
    private boolean stopped;

    /**
     * @param batch views that are computed together
     * @param views of an item
     * @param taker is given the results of all ranks, on each of them
     * @param unreadable is told of the items that any rank could not read, on each of them
     */
    SharedItems(
            Ranks ranks,
            List<T> items,
            int batch,
            int views,
            Packing<R> packing,
            ReadAhead.Taker<T, R> taker,
            ReadAhead.Unreadable<T> unreadable) {
        this.ranks = ranks;
        this.items = items;
        this.packing = Packing.list(packing);
        this.taker = taker;
        this.unreadable = unreadable;
        chunk = batch / greatestDivisor(batch, views); // items that fill whole batches
        perRound = chunk * Math.max(1, BATCHES * batch / (chunk * views));
    }

    private static int greatestDivisor(int a, int b) {
        return b == 0 ? a : greatestDivisor(b, a % b);
    }

    private int rankOf(int item) {
        return item / chunk % ranks.size();
    }

    /** The items of this rank. */
    List<T> own() {
        List<T> own = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            if (rankOf(i) == ranks.rank()) {
                own.add(items.get(i));
            }
        }
        return own;
    }

    /** Takes the results of the next of this rank's items. */
    void take(List<R> ofViews) throws IOException {
        DataOutputStream to = new DataOutputStream(bytes);
        to.writeBoolean(true);
        packing.write(ofViews, to);
        oneMore();
    }

    /** As {@link #take}, of an item that cannot be read. */
    void unreadable(IOException why) throws IOException {
        DataOutputStream to = new DataOutputStream(bytes);
        to.writeBoolean(false);
        byte[] reason = reason(why).getBytes(StandardCharsets.UTF_8);
        to.writeInt(reason.length);
        to.write(reason);
        oneMore();
    }

    private static String reason(IOException why) {
        return why.getMessage() == null ? why.toString() : why.getMessage();
    }

    private void oneMore() throws IOException {
        if (++done % perRound == 0) {
            exchange();
        }
    }

    /** Whether a stop was requested on any rank, as far as it has been heard. */
    boolean isStopped() {
        return stopped;
    }

    /**
     * Ends this rank's share.
     *
     * @param whole whether it has run all of its items
     * @return whether all ranks have
     */
    boolean end(boolean whole) throws IOException {
        if (!whole && !stopped) {
            stopped = true;
            exchange();
        }
        while (!stopped && delivered < items.size()) {
            exchange();
        }
        return !stopped;
    }

    /** All ranks come here equally often: where a share has ended, with nothing more to tell. */
    private void exchange() throws IOException {
        byte[] own = bytes.toByteArray();
        bytes = new ByteArrayOutputStream();
        stopped = ranks.any(stopped);
        if (stopped) {
            return;
        }
        List<DataInputStream> ofRanks = ranks.gather(own).stream()
                .map(each -> new DataInputStream(new ByteArrayInputStream(each)))
                .toList();
        int end = (int) Math.min(items.size(), delivered + (long) perRound * ranks.size());
        for (; delivered < end; delivered++) {
            T item = items.get(delivered);
            DataInputStream from = ofRanks.get(rankOf(delivered));
            if (from.readBoolean()) {
                taker.take(item, packing.read(from));
            } else {
                byte[] reason = from.readNBytes(from.readInt());
                unreadable.at(item, new IOException(new String(reason, StandardCharsets.UTF_8)));
            }
        }
    }
}
