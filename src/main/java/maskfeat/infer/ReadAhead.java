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

/**
 * Takes things through a network: read ahead on threads of their own, each in parts of one or several views, which go
 * through in batches whatever thing they are of. What comes out is handed over on the calling thread, in the order of the
 * things.
 *
 * <p>In memory are the views of one thing, a batch of earlier ones, and of later ones what two parts for each thread and
 * another batch hold, however many views a thing has.
 *
 * @param <T> what is read: an item, or a part of one
 */
final class ReadAhead<T> {
    /** Reads the views of a part of a thing, counted from 0; called by many threads. */
    interface Reading<T> {
        List<Frames> views(T thing, int part) throws IOException;
    }

    /** Takes what the network made of the views of a thing. */
    interface Taker<T, R> {
        void take(T thing, List<R> ofViews) throws IOException;
    }

    /** Is told of a thing that cannot be read: to leave it out, it returns; to give up, it throws. */
    interface Unreadable<T> {
        void at(T thing, IOException why) throws IOException;
    }

    /** A thing that is read: so many of the views that go through the network, or why there are none. */
    private record Read<T>(T thing, int views, Optional<IOException> failed) {}

    private final List<T> things;
    private final Reading<T> reading;
    private final int parts;
    private final int batch;
    private final int threads;
    private final int ahead;

    /**
     * @param parts of each thing, read one by one
     * @param viewsOfPart about how many views a part has
     * @param batch views that go through the network together
     * @param threads that read
     */
    ReadAhead(List<T> things, Reading<T> reading, int parts, int viewsOfPart, int batch, int threads) {
        if (batch < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "a batch of " + batch + " views on " + threads + " threads: both must be at least 1");
        }
        this.things = things;
        this.reading = reading;
        this.parts = parts;
        this.batch = batch;
        this.threads = threads;
        ahead = 2 * threads + Math.max(1, batch / viewsOfPart);
    }

    /** The views of each item that an average is taken over: clips, then the crops of each. */
    static ReadAhead<Item> ofViews(List<Item> items, ViewSource source, Input input, Batching batching) {
        Views views = batching.views();
        views.check(input.clip());
        ViewCrop crop = input.crop(views.spatial());
        Reading<Item> reading = (item, t) -> {
            Frames clip = source.readView(item, t, views.temporal());
            List<Frames> crops = new ArrayList<>();
            for (int s = 0; s < views.spatial(); s++) {
                crops.add(crop.apply(clip, s));
            }
            return crops;
        };
        return new ReadAhead<>(items, reading, views.temporal(), views.spatial(), batching.batch(), batching.threads());
    }

    /**
     * Takes all of them through.
     *
     * @param network gives one result for each view
     * @param stopRequested asked between batches; true gives up
     * @return whether all were handed over
     */
    <R> boolean through(
            Function<List<Frames>, List<R>> network,
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
            Parts<T> ahead = new Parts<>(this, pool);
            Deque<Read<T>> read = new ArrayDeque<>();
            List<Frames> waiting = new ArrayList<>();
            List<R> results = new ArrayList<>();
            for (int taken = 0; taken < things.size(); taken++) {
                T thing = things.get(taken);
                try {
                    List<Frames> views = ahead.next();
                    waiting.addAll(views);
                    read.add(new Read<>(thing, views.size(), Optional.empty()));
                } catch (IOException why) {
                    read.add(new Read<>(thing, 0, Optional.of(why)));
                }
                boolean last = taken == things.size() - 1;
                while (waiting.size() >= batch || last && !waiting.isEmpty()) {
                    if (stopRequested.getAsBoolean()) {
                        return false;
                    }
                    List<Frames> part = waiting.subList(0, Math.min(batch, waiting.size()));
                    results.addAll(network.apply(part));
                    part.clear();
                }
                while (!read.isEmpty() && results.size() >= read.element().views()) {
                    Read<T> first = read.remove();
                    if (first.failed().isPresent()) {
                        unreadable.at(first.thing(), first.failed().get());
                        continue;
                    }
                    List<R> own = results.subList(0, first.views());
                    taker.take(first.thing(), List.copyOf(own));
                    own.clear();
                }
            }
            return true;
        } finally {
            pool.shutdownNow();
        }
    }

    /** Parts of things in their order, those ahead being read. */
    private static final class Parts<T> {
        private final ReadAhead<T> of;
        private final ExecutorService pool;
        private final Deque<Future<List<Frames>>> pending = new ArrayDeque<>();
        private long submitted;
        private long taken;

        Parts(ReadAhead<T> of, ExecutorService pool) {
            this.of = of;
            this.pool = pool;
        }

        /** All views of the next thing; where a part cannot be read, its others are passed over. */
        List<Frames> next() throws IOException, InterruptedException {
            List<Frames> views = new ArrayList<>();
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
            long all = (long) of.things.size() * of.parts;
            while (submitted < all && pending.size() < of.ahead) {
                T thing = of.things.get((int) (submitted / of.parts));
                int part = (int) (submitted % of.parts);
                submitted++;
                pending.add(pool.submit(() -> of.reading.views(thing, part)));
            }
        }
    }

    private static List<Frames> done(Future<List<Frames>> future) throws IOException, InterruptedException {
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
