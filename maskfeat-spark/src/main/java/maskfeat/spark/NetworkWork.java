package maskfeat.spark;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import maskfeat.augment.ViewCrop;
import maskfeat.eval.Mean;
import maskfeat.eval.PredictionTimeline;
import maskfeat.infer.Inference;
import maskfeat.media.Frames;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Makes vectors or scores of files.
 *
 * @param asked with the weights' name among the files of the job
 * @param block after which vectors are taken; {@link #SCORES} for scores
 * @param schema of the table
 */
record NetworkWork(Network network, Decoding asked, int block, StructType schema) implements Work.Maker {
    private static final long serialVersionUID = 1;

    static final int SCORES = -1;

    @Override
    public Decoding decoding() {
        return asked.at(network.weights().toString());
    }

    @Override
    public Iterator<Row> rows(Iterator<RemoteFile> files, Work.DecoderMaker decoders, Supplier<Boolean> stopped)
            throws IOException {
        Inference opened = network.open();
        return new Through(this, files, opened, decoders.of(opened.input().clip()), stopped);
    }

    /** A file whose views are in the network, or were. */
    private static final class Pending {
        private final RemoteFile file;
        private final List<float[]> results = new ArrayList<>();
        private final List<double[]> times = new ArrayList<>();
        private double seconds;
        private @Nullable IOException failed;

        Pending(RemoteFile file) {
            this.file = file;
        }

        boolean isDone() {
            return failed != null || results.size() == times.size();
        }
    }

    private record Waiting(Pending of, Frames square) {}

    /** Fills batches with the views of one file after the other; no more than one batch of them is in memory. */
    private static final class Through implements Iterator<Row> {
        private final NetworkWork work;
        private final Iterator<RemoteFile> files;
        private final Inference network;
        private final Decoder decoder;
        private final Supplier<Boolean> stopped;
        private final boolean ofWindows;
        private final ViewCrop crop;
        private final int crops;
        private final Deque<Pending> pending = new ArrayDeque<>();
        private final List<Waiting> waiting = new ArrayList<>();

        Through(
                NetworkWork work,
                Iterator<RemoteFile> files,
                Inference network,
                Decoder decoder,
                Supplier<Boolean> stopped) {
            this.work = work;
            this.files = files;
            this.network = network;
            this.decoder = decoder;
            this.stopped = stopped;
            this.ofWindows = work.asked.isOfWindows();
            this.crops = work.asked.parsedViews().spatial();
            this.crop = network.input().crop(crops);
        }

        @Override
        public boolean hasNext() {
            return !pending.isEmpty() || files.hasNext();
        }

        @Override
        public Row next() {
            while (pending.isEmpty() || !pending.element().isDone()) {
                if (stopped.get()) {
                    throw new TaskKilledException("while files were computed");
                }
                if (files.hasNext()) {
                    read(files.next());
                } else {
                    compute();
                }
            }
            return row(pending.remove());
        }

        private void read(RemoteFile file) {
            Pending own = new Pending(file);
            try {
                own.seconds = decoder.clips(file, clip -> {
                    for (int s = 0; s < crops; s++) {
                        own.times.add(new double[] {clip.start(), clip.end()});
                        waiting.add(
                                new Waiting(own, crop.apply(clip.frames(), s).frames()));
                        if (waiting.size() == work.network.batch()) {
                            compute();
                        }
                    }
                });
            } catch (IOException bad) {
                own.failed = bad;
                waiting.removeIf(each -> each.of == own);
            }
            pending.add(own);
        }

        private void compute() {
            List<Frames> squares = waiting.stream().map(Waiting::square).toList();
            List<float[]> results =
                    work.block == SCORES ? network.scores(squares) : network.features(squares, work.block);
            for (int i = 0; i < results.size(); i++) {
                waiting.get(i).of.results.add(results.get(i));
            }
            waiting.clear();
        }

        private Row row(Pending done) {
            String model = work.network.identity();
            if (done.failed != null) {
                return Rows.bad(
                        done.file, Verdicts.of(done.failed), done.failed.getMessage(), model, work.schema.length());
            }
            if (!ofWindows) {
                return Rows.ok(done.file, done.seconds, model, List.of(Mean.of(done.results)));
            }
            List<Row> windows = new ArrayList<>();
            for (int i = 0; i < done.results.size(); i++) {
                double[] time = done.times.get(i);
                windows.add(RowFactory.create(time[0], time[1], done.results.get(i)));
            }
            Row[] all = windows.toArray(Row[]::new);
            return Rows.ok(
                    done.file,
                    done.seconds,
                    model,
                    work.block == SCORES ? List.of(mean(done), all) : List.of((Object) all));
        }

        private static float[] mean(Pending done) {
            List<PredictionTimeline.ScoredWindow> windows = new ArrayList<>();
            for (int i = 0; i < done.results.size(); i++) {
                windows.add(new PredictionTimeline.ScoredWindow(
                        done.times.get(i)[0], done.times.get(i)[1], done.results.get(i)));
            }
            return PredictionTimeline.of(windows).scores();
        }
    }
}
