package maskfeat.recipe;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import maskfeat.data.Item;
import maskfeat.media.Frames;

/**
 * Takes things through a network: read ahead on threads of their own, each as one or several views, which go through in
 * batches whatever thing they are of. What comes out is handed over on the calling thread, in the order of the things.
 *
 * @param <T> what is read: an item, or a part of one
 */
final class ReadAhead<T> {
    /** Reads the views of a thing; called by many threads. */
    interface Reading<T> {
        List<Frames> viewsOf(T thing) throws IOException;
    }

    /** Takes what the network made of the views of a thing. */
    interface Taker<T, R> {
        void take(T thing, List<R> ofViews);
    }

    /** Is told of a thing that cannot be read: to leave it out, it returns; to give up, it throws. */
    interface Unreadable<T> {
        void at(T thing, IOException why) throws IOException;
    }

    private record Read<T>(T thing, int views) {}

    private final List<T> things;
    private final Reading<T> reading;
    private final int batch;
    private final int threads;
    private final int ahead;

    /**
     * @param batch views that go through the network together
     * @param threads that read
     * @param viewsOfOne about how many views a thing has
     */
    ReadAhead(List<T> things, Reading<T> reading, int batch, int threads, int viewsOfOne) {
        if (batch < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "a batch of " + batch + " views on " + threads + " threads: both must be at least 1");
        }
        this.things = things;
        this.reading = reading;
        this.batch = batch;
        this.threads = threads;
        ahead = 2 * threads + Math.max(1, batch / viewsOfOne);
    }

    /** Of each item the views that an average is taken over: clips, then the crops of each. */
    static ReadAhead<Item> ofViews(
            List<Item> items,
            ViewSource source,
            ClassifierBlueprint.Input input,
            Finetune.Views views,
            int batch,
            int threads) {
        views.check(input.clip());
        Reading<Item> reading = item -> {
            List<Frames> all = new ArrayList<>();
            for (int t = 0; t < views.temporal(); t++) {
                Frames clip = source.readView(item, t, views.temporal());
                for (int s = 0; s < views.spatial(); s++) {
                    all.add(input.crop(views.spatial()).apply(clip, s));
                }
            }
            return all;
        };
        return new ReadAhead<>(items, reading, batch, threads, views.count());
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
            Deque<Future<List<Frames>>> pending = new ArrayDeque<>();
            Deque<Read<T>> read = new ArrayDeque<>();
            List<Frames> waiting = new ArrayList<>();
            List<R> results = new ArrayList<>();
            int submitted = 0;
            for (int taken = 0; taken < things.size(); taken++) {
                while (submitted < things.size() && pending.size() < ahead) {
                    T next = things.get(submitted++);
                    pending.add(pool.submit(() -> reading.viewsOf(next)));
                }
                T thing = things.get(taken);
                try {
                    List<Frames> views = done(pending.remove());
                    waiting.addAll(views);
                    read.add(new Read<>(thing, views.size()));
                } catch (IOException why) {
                    unreadable.at(thing, why);
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
