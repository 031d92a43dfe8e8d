package maskfeat.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import maskfeat.media.Frames;
import maskfeat.media.UnreadableFile;

/** Reads every file of a data set once, and says of each whether it can be used and if not why. */
public final class Scan {
    /**
     * What is to be said of a file.
     *
     * @param item the file
     * @param verdict {@code ok}, or what is wrong in a word or two
     * @param width in pixels as the network would see it; 0 if it cannot be read
     * @param height in pixels as the network would see it; 0 if it cannot be read
     * @param reason a sentence; empty if all is well
     */
    public record Finding(Item item, String verdict, int width, int height, String reason) {
        public boolean usable() {
            return verdict.equals(OK) || verdict.equals(WRONG_ENDING);
        }
    }

    static final String OK = "ok";
    /** Readable, but a folder is only searched for the usual endings. */
    static final String WRONG_ENDING = "ok, but not by its name";

    private static final int AHEAD = 64; // findings kept in order before the slowest is through

    private Scan() {}

    /**
     * Reads all files, several at a time.
     *
     * @param each takes the findings in the data set's order
     * @return number of files by verdict
     */
    public static Map<String, Integer> of(Dataset dataset, int threads, Consumer<Finding> each)
            throws InterruptedException {
        Map<String, Integer> counts = new TreeMap<>();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Finding>> window = new ArrayList<>();
            int next = 0;
            for (int done = 0; done < dataset.size(); done++) {
                while (next < dataset.size() && window.size() < AHEAD) {
                    Item item = dataset.items().get(next++);
                    window.add(pool.submit(() -> look(dataset, item)));
                }
                Finding finding = take(window.remove(0));
                counts.merge(finding.verdict(), 1, Integer::sum);
                each.accept(finding);
            }
        } finally {
            pool.shutdownNow();
        }
        return counts;
    }

    private static Finding look(Dataset dataset, Item item) {
        try {
            Frames frames = dataset.read(item, new Seeds(0).of(Seeds.Purpose.CLIP, 0, 0));
            boolean named = ImageDataset.ENDINGS.contains(ImageDataset.ending(item.file()));
            String reason = named
                    ? ""
                    : item.file() + " can be read, but training looks only for the usual endings; rename it or use a "
                            + "list file";
            return new Finding(item, named ? OK : WRONG_ENDING, frames.width(), frames.height(), reason);
        } catch (UnreadableFile bad) {
            return new Finding(item, bad.verdict().toString(), 0, 0, reason(bad));
        } catch (IOException bad) {
            return new Finding(item, UnreadableFile.Verdict.UNREADABLE.toString(), 0, 0, reason(bad));
        }
    }

    private static String reason(IOException bad) {
        return String.valueOf(bad.getMessage());
    }

    private static Finding take(Future<Finding> finding) throws InterruptedException {
        try {
            return finding.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("a scan failed: " + failed.getCause(), failed.getCause());
        }
    }
}
