package maskfeat.serve;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import maskfeat.data.Windows;
import maskfeat.data.Windows.WindowClip;
import maskfeat.eval.Prediction;
import maskfeat.eval.PredictionTimeline;
import maskfeat.eval.PredictionTimeline.ScoredWindow;
import maskfeat.media.MediaSource;
import maskfeat.report.PredictionText;
import org.jspecify.annotations.Nullable;

/** What a classifier says over the time of the video of a request. Its windows go through the network beside those of others. */
final class Timelines {
    private static final int MOST_AT_ONCE = Runtime.getRuntime().availableProcessors();

    /** Share of the heap that decoded frames may take, of all requests together. */
    private static final int HEAP_SHARE = 16;

    /** Of a request: more brings no more speed. */
    private static final long MOST_MEMORY = 100L << 20;

    private final ExecutorService readers;
    private final int batch;
    private final Semaphore places = new Semaphore(MOST_AT_ONCE, true);
    private final long memory = Math.min(MOST_MEMORY, Runtime.getRuntime().maxMemory() / HEAP_SHARE / MOST_AT_ONCE);

    /**
     * @param readers stays its owner's
     * @param batch most windows of a request that are read before they are computed
     */
    Timelines(ExecutorService readers, int batch) {
        this.readers = readers;
        this.batch = batch;
    }

    /**
     * How windows lie, as the address of a request says it.
     *
     * @param stride {@code windows}, which may be empty
     * @param length {@code window}; null if it is not there
     * @throws Refusal if they are no lengths, or do not go with what the network reads
     */
    static Windows.Sliding sliding(ServedModel model, String stride, @Nullable String length) throws Refusal {
        try {
            Windows.Sliding sliding = new Windows.Sliding(
                    stride.isEmpty() ? OptionalDouble.empty() : seconds("windows", stride),
                    length == null ? OptionalDouble.empty() : seconds("window", length));
            model.check(sliding);
            return sliding;
        } catch (IllegalArgumentException wrong) {
            throw new Refusal(Refusal.BAD_REQUEST, "windows=" + stride + ": " + wrong.getMessage());
        }
    }

    private static OptionalDouble seconds(String name, String text) {
        if (!text.matches("\\d{1,9}|\\d{0,9}\\.\\d{1,9}")) {
            throw new IllegalArgumentException(name + " must be a number of seconds, such as 0.5, not '" + text + "'");
        }
        return OptionalDouble.of(Double.parseDouble(text));
    }

    /**
     * The answer to a request, as {@code predict --windows --json} prints it.
     *
     * @param top number of classes of the whole video, best first
     */
    byte[] answer(ServedModel model, byte[] file, Windows.Sliding sliding, int top, Deadline deadline) throws Refusal {
        deadline.acquire(places);
        Opened<Windows> video = new Opened<>(() -> open(model, file, sliding));
        try {
            double seconds = deadline.step(readers.submit(() -> video.look(Windows::seconds)));
            List<ScoredWindow> scored = new ArrayList<>();
            for (List<WindowClip> part = next(model, video, deadline);
                    !part.isEmpty();
                    part = next(model, video, deadline)) {
                score(model, part, scored, deadline);
            }
            PredictionTimeline timeline = PredictionTimeline.of(scored);
            StringWriter line = new StringWriter();
            new PredictionText(new PrintWriter(line), model.classes(), top, true)
                    .print(new Prediction(Upload.NAME, Prediction.UNLABELLED, timeline.scores()), timeline, seconds);
            return line.toString().strip().getBytes(StandardCharsets.UTF_8);
        } finally {
            places.release();
            video.closeOn(readers);
        }
    }

    private Windows open(ServedModel model, byte[] file, Windows.Sliding sliding) throws IOException {
        try {
            return model.open(MediaSource.of(Upload.NAME, file), sliding, memory);
        } catch (IllegalArgumentException wrong) {
            throw new IOException(wrong.getMessage(), wrong); // more windows than this video has frames
        }
    }

    private List<WindowClip> next(ServedModel model, Opened<Windows> video, Deadline deadline) throws Refusal {
        return deadline.step(readers.submit(() -> video.look(windows -> model.read(windows, batch))));
    }

    private static void score(ServedModel model, List<WindowClip> part, List<ScoredWindow> scored, Deadline deadline)
            throws Refusal {
        List<Future<Batcher.Outputs>> computing = new ArrayList<>();
        try {
            for (WindowClip window : part) {
                computing.add(model.submit(List.of(window.frames()), true, false));
            }
            for (int i = 0; i < part.size(); i++) {
                float[] scores = model.finite(
                                List.of(deadline.wait(computing.get(i)).scores()))
                        .get(0);
                scored.add(
                        new ScoredWindow(part.get(i).startSeconds(), part.get(i).endSeconds(), scores));
            }
        } finally {
            computing.forEach(future -> future.cancel(false)); // what is done stays done
        }
    }
}
