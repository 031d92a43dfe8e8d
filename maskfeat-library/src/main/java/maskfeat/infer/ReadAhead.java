package maskfeat.infer;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import maskfeat.augment.ViewCrop;
import maskfeat.data.Item;
import maskfeat.data.Views;
import maskfeat.media.Frames;
import maskfeat.network.Input;
import maskfeat.torch.Ranks;

/**
 * Runs items through a network. Background threads read each item in parts of one or more views; batches may mix views
 * of several items. Results are delivered on the calling thread, in the order of the items.
 *
 * <p>Memory holds the views of one item, a batch of earlier views, and read ahead two parts for each thread and another
 * batch, however many views an item has.
 *
 * @param <T> what is read: an item, or a part of one
 * @param <V> a view of it, which the network is given: frames, and what else it needs
 */
final class ReadAhead<T, V> {
    /** Reads the views of a part, counted from 0, of an item; called by many threads. */
    interface Reading<T, V> {
        List<V> views(T item, int part) throws IOException;
    }

    /** Receives the network's results for the views of an item. */
    interface Taker<T, R> {
        void take(T item, List<R> ofViews) throws IOException;
    }

    /** Receives an item that cannot be read. Returns to leave it out, or throws to give up. */
    interface Unreadable<T> {
        void at(T item, IOException why) throws IOException;
    }

    /** An item that was read: its number of views, or why there are none. */
    private record Read<T>(T item, int views, Optional<IOException> failed) {}

    private final List<T> items;
    private final Reading<T, V> reading;
    private final int parts;
    private final int viewsOfPart;
    private final int batch;
    private final int threads;
    private final int ahead;

    /**
     * @param parts number of parts of each item, each read separately
     * @param viewsOfPart approximate number of views in a part
     * @param batch number of views computed together
     * @param threads number of reading threads
     */
    ReadAhead(List<T> items, Reading<T, V> reading, int parts, int viewsOfPart, int batch, int threads) {
        if (batch < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "a batch of " + batch + " views on " + threads + " threads: both must be at least 1");
        }
        this.items = items;
        this.reading = reading;
        this.parts = parts;
        this.viewsOfPart = viewsOfPart;
        this.batch = batch;
        this.threads = threads;
        ahead = 2 * threads + Math.max(1, batch / viewsOfPart);
    }

    /** Reads the views of each item whose results are averaged: clips, then the crops of each. */
    static ReadAhead<Item, Frames> ofViews(List<Item> items, ViewSource source, Input input, Batching batching) {
        Views views = batching.views();
        views.check(input.clip());
        ViewCrop crop = input.crop(views.spatial());
        Reading<Item, Frames> reading = (item, t) -> {
            Frames clip = source.readView(item, t, views.temporal());
            List<Frames> crops = new ArrayList<>();
            for (int s = 0; s < views.spatial(); s++) {
                crops.add(crop.apply(clip, s).frames());
            }
            return crops;
        };
        return new ReadAhead<>(items, reading, views.temporal(), views.spatial(), batching.batch(), batching.threads());
    }

    /**
     * Runs all items through the network. Several ranks run a share each, and all of them are given the results of all.
     *
     * @param ranks that make the same call, of the same items
     * @param packing of the results of a view
     * @param network gives one result for each view
     * @param stopRequested checked between batches; true stops
     * @return whether all results were delivered
     */
    <R> boolean through(
            Ranks ranks,
            SharedItems.Packing<R> packing,
            Function<List<V>, List<R>> network,
            Taker<T, R> taker,
            Unreadable<T> unreadable,
            BooleanSupplier stopRequested)
            throws IOException, InterruptedException {
        if (ranks.isAlone()) {
            return through(network, taker, unreadable, stopRequested);
        }
        SharedItems<T, R> shared =
                new SharedItems<>(ranks, items, batch, parts * viewsOfPart, packing, taker, unreadable);
        boolean whole = new ReadAhead<>(shared.own(), reading, parts, viewsOfPart, batch, threads)
                .through(
                        network,
                        (item, ofViews) -> shared.take(ofViews),
                        (item, why) -> shared.unreadable(why),
                        () -> shared.isStopped() || stopRequested.getAsBoolean());
        return shared.end(whole);
    }

    /** The same in one process. */
    <R> boolean through(
            Function<List<V>, List<R>> network,
            Taker<T, R> taker,
            Unreadable<T> unreadable,
            BooleanSupplier stopRequested)
            throws IOException, InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "read-ahead");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Parts<T, V> ahead = new Parts<>(this, pool);
            Deque<Read<T>> read = new ArrayDeque<>();
            List<V> waiting = new ArrayList<>();
            List<R> results = new ArrayList<>();
            for (int taken = 0; taken < items.size(); taken++) {
                T item = items.get(taken);
                try {
                    List<V> views = ahead.next();
                    waiting.addAll(views);
                    read.add(new Read<>(item, views.size(), Optional.empty()));
                } catch (IOException why) {
                    read.add(new Read<>(item, 0, Optional.of(why)));
                }
                boolean last = taken == items.size() - 1;
                while (waiting.size() >= batch || last && !waiting.isEmpty()) {
                    if (stopRequested.getAsBoolean()) {
                        return false;
                    }
                    List<V> part = waiting.subList(0, Math.min(batch, waiting.size()));
                    results.addAll(network.apply(part));
                    part.clear();
                }
                while (!read.isEmpty() && results.size() >= read.element().views()) {
                    Read<T> first = read.remove();
                    if (first.failed().isPresent()) {
                        unreadable.at(first.item(), first.failed().get());
                        continue;
                    }
                    List<R> own = results.subList(0, first.views());
                    taker.take(first.item(), List.copyOf(own));
                    own.clear();
                }
            }
            return true;
        } finally {
            pool.shutdownNow();
        }
    }

    /** The parts of the items in order, read ahead. */
    private static final class Parts<T, V> {
        private final ReadAhead<T, V> of;
        private final ExecutorService pool;
        private final Deque<Future<List<V>>> pending = new ArrayDeque<>();
        private long submitted;
        private long taken;

        Parts(ReadAhead<T, V> of, ExecutorService pool) {
            this.of = of;
            this.pool = pool;
        }

        /** All views of the next item; if a part cannot be read, its other parts are skipped. */
        List<V> next() throws IOException, InterruptedException {
            List<V> views = new ArrayList<>();
            long end = taken + of.parts;
            try {
                while (taken < end) {
                    submit();
                    taken++;
                    views.addAll(done(pending.remove()));
                }
                return views;
            } finally {
                for (; taken < end; taken++) {
                    if (taken < submitted) {
                        pending.remove().cancel(false);
                    } else {
                        submitted++;
                    }
                }
            }
        }

        private void submit() {
            long all = (long) of.items.size() * of.parts;
            while (submitted < all && pending.size() < of.ahead) {
                T item = of.items.get((int) (submitted / of.parts));
                int part = (int) (submitted % of.parts);
                submitted++;
                pending.add(pool.submit(() -> of.reading.views(item, part)));
            }
        }
    }

    private static <V> List<V> done(Future<List<V>> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof IOException unreadable) {
                throw unreadable;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("reading a view failed: " + cause, cause);
        }
    }
}
