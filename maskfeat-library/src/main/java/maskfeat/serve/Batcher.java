package maskfeat.serve;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import maskfeat.eval.Corners;
import maskfeat.eval.Mean;
import maskfeat.media.Frames;
import maskfeat.torch.Threads;

/**
 * The one thread that runs a network, and what waits for it. Views of several requests go through the network together: those
 * that came while it computed, and those that come within the delay.
 */
final class Batcher implements AutoCloseable {
    /**
     * What is computed of one file.
     *
     * @param scores [classes], or empty if not wanted
     * @param features [C], or empty if not wanted
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Outputs(float[] scores, float[] features) {}

    /** A network, which tests hold up. */
    interface Network {
        /** For each view, [classes]. */
        List<float[]> scores(List<Frames> views);

        /** For each view, [C]. */
        List<float[]> features(List<Frames> views);

        /**
         * Of a detector.
         *
         * @param boxes in fractions of the frame
         * @return for each box, [actions]
         */
        List<float[]> actions(Frames clip, List<Corners> boxes);
    }

    private sealed interface Job {
        CompletableFuture<?> result();

        int size();
    }

    private record Views(List<Frames> views, boolean scores, boolean features, CompletableFuture<Outputs> result)
            implements Job {
        @Override
        public int size() {
            return views.size();
        }
    }

    /** Goes through the network by itself: clips of videos differ in size. */
    private record Boxes(Frames clip, List<Corners> boxes, CompletableFuture<List<float[]>> result) implements Job {
        @Override
        public int size() {
            return 1;
        }
    }

    private final BlockingQueue<Job> waiting = new LinkedBlockingQueue<>(); // as many as Service lets in
    private final Network network;
    private final int batch;
    private final long delayNanos;
    private final Consumer<Integer> sizes;
    private final Thread thread;
    private volatile boolean closed;

    /**
     * @param batch most views that are computed together
     * @param delayNanos how long a view waits for others
     * @param threads of computing, 0 for all cores
     * @param sizes receives the size of each batch
     */
    Batcher(String name, Network network, int batch, long delayNanos, int threads, Consumer<Integer> sizes) {
        this.network = network;
        this.batch = batch;
        this.delayNanos = delayNanos;
        this.sizes = sizes;
        this.thread = new Thread(
                () -> {
                    Threads.use(threads); // counts for the thread that says so
                    run();
                },
                "network " + name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Computes the mean over the views of one file.
     *
     * @return cancelled, it is not computed if it still waits
     */
    CompletableFuture<Outputs> submit(List<Frames> views, boolean scores, boolean features) {
        CompletableFuture<Outputs> result = new CompletableFuture<>();
        add(new Views(views, scores, features, result));
        return result;
    }

    /**
     * Computes what is done in boxes of a clip.
     *
     * @param boxes in fractions of the frame
     * @return for each box, [actions]; cancelled, it is not computed if it still waits
     */
    CompletableFuture<List<float[]>> submit(Frames clip, List<Corners> boxes) {
        CompletableFuture<List<float[]>> result = new CompletableFuture<>();
        add(new Boxes(clip, boxes, result));
        return result;
    }

    private void add(Job job) {
        waiting.add(job);
        if (closed) {
            abandon();
        }
    }

    /** Number of files that wait. */
    int length() {
        return waiting.size();
    }

    private void run() {
        while (!closed) {
            try {
                compute(gather());
            } catch (InterruptedException stop) {
                break; // only close() interrupts
            }
        }
        abandon();
    }

    private List<Job> gather() throws InterruptedException {
        List<Job> jobs = new ArrayList<>(List.of(waiting.take()));
        int views = jobs.get(0).size();
        long until = System.nanoTime() + delayNanos;
        while (views < batch) {
            Job next = waiting.poll(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (next == null) {
                break;
            }
            jobs.add(next);
            views += next.size();
        }
        jobs.removeIf(job -> job.result().isDone()); // nobody waits for it any more
        return jobs;
    }

    private void compute(List<Job> jobs) {
        computeViews(only(Views.class, jobs));
        only(Boxes.class, jobs).forEach(this::computeBoxes);
    }

    private static <J extends Job> List<J> only(Class<J> kind, List<Job> jobs) {
        return jobs.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private void computeBoxes(Boxes job) {
        if (job.result().isDone()) {
            return; // given up while others were computed
        }
        try {
            sizes.accept(1);
            job.result().complete(network.actions(job.clip(), job.boxes()));
        } catch (RuntimeException | Error failed) {
            job.result().completeExceptionally(failed);
        }
    }

    private void computeViews(List<Views> jobs) {
        try {
            Iterator<float[]> scores =
                    through(jobs.stream().filter(Views::scores).toList(), network::scores);
            Iterator<float[]> features =
                    through(jobs.stream().filter(Views::features).toList(), network::features);
            for (Views job : jobs) {
                job.result()
                        .complete(new Outputs(
                                job.scores() ? mean(job, scores) : new float[0],
                                job.features() ? mean(job, features) : new float[0]));
            }
        } catch (RuntimeException | Error failed) {
            jobs.forEach(job -> job.result().completeExceptionally(failed));
        }
    }

    private Iterator<float[]> through(List<Views> jobs, Function<List<Frames>, List<float[]>> pass) {
        List<Frames> all = jobs.stream().flatMap(job -> job.views().stream()).toList();
        List<float[]> results = new ArrayList<>();
        for (int from = 0; from < all.size(); from += batch) {
            List<Frames> part = all.subList(from, Math.min(from + batch, all.size()));
            sizes.accept(part.size());
            results.addAll(pass.apply(part));
        }
        return results.iterator();
    }

    /** The results of a job's views are the next ones. */
    private static float[] mean(Views job, Iterator<float[]> results) {
        List<float[]> own = new ArrayList<>();
        for (int view = 0; view < job.views().size(); view++) {
            own.add(results.next());
        }
        return own.size() == 1 ? own.get(0) : Mean.of(own);
    }

    private void abandon() {
        for (Job job = waiting.poll(); job != null; job = waiting.poll()) {
            job.result().completeExceptionally(new IllegalStateException("the service has stopped"));
        }
    }

    /** Ends when the batch at hand is done; what waits behind it fails. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
