package maskfeat.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.WriteFailed;
import maskfeat.train.Listener;
import maskfeat.train.StepReport;
import org.jspecify.annotations.Nullable;

/**
 * Writes each step report as a line of JSON: {@code {"step":10,"epoch":0.5,"train/loss":0.11,...}}. The first line also
 * has the version of the format; files without it have version 1.
 *
 * <p>Equal runs write equal lines except for the keys that start with {@code time/}. Values that are not finite become
 * null. A run that resumes from a checkpoint first drops the rows written after it; scores of the checkpoint's step are
 * kept unless they are reported again.
 */
public final class MetricsFile implements Listener, AutoCloseable {
    private final Path file;
    private @Nullable BufferedWriter writer;
    private long firstStep;
    private boolean empty;

    /** @param file created with its folder when training starts, or cut to the rows to keep */
    public MetricsFile(Path file) {
        this.file = file;
    }

    /**
     * Reads the last value of each tag by step. Incomplete lines of a killed run are skipped.
     *
     * @return values in the order of the steps; empty if there is no file
     * @throws UncheckedIOException if the file exists but cannot be read, naming it
     */
    public static NavigableMap<Long, Map<String, Double>> read(Path file) {
        NavigableMap<Long, Map<String, Double>> steps = new TreeMap<>();
        for (MetricsRow row : MetricsRow.readIfThere(file)) {
            steps.computeIfAbsent(row.step(), step -> new LinkedHashMap<>()).putAll(row.values());
        }
        return steps;
    }

    /** @throws UncheckedIOException if the file cannot be read or written, naming it */
    @Override
    public void started(long step, long steps) {
        try {
            close();
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                AtomicFile.folder(folder);
            }
            if (Files.exists(file)) {
                keep(row -> row.step() <= step);
            }
            firstStep = step;
            open();
        } catch (IOException e) {
            throw new UncheckedIOException(WriteFailed.of(file, e));
        }
    }

    @Override
    public void step(StepReport report) {
        values(report.step(), Scalars.of(report));
    }

    @Override
    public void scores(long step, Map<String, Double> values) {
        if (step == firstStep && writer != null) {
            // A run that was stopped before it was scored and later killed has the row but not the checkpoint.
            close();
            try {
                keep(row -> row.step() != step || !row.values().keySet().equals(values.keySet()));
                open();
            } catch (IOException e) {
                throw new UncheckedIOException(WriteFailed.of(file, e));
            }
        }
        values(step, values);
    }

    /**
     * Writes a row of other values, such as the scores of an evaluation.
     *
     * @param values by TensorBoard tag, such as {@code val/top1}; written in the map's order
     * @throws IllegalStateException before {@link #started} and after {@link #close}
     */
    public void values(long step, Map<String, Double> values) {
        BufferedWriter open = writer;
        if (open == null) {
            throw new IllegalStateException(file + " is not open: training has not started, or is over");
        }
        try {
            open.write(empty ? MetricsRow.first(step, values) : MetricsRow.json(step, values));
            empty = false;
            open.write('\n');
            open.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(WriteFailed.of(file, e));
        }
    }

    @Override
    public void close() {
        BufferedWriter open = writer;
        writer = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException(WriteFailed.of(file, e));
            }
        }
    }

    private void open() throws IOException {
        empty = !Files.exists(file) || Files.size(file) == 0;
        writer = Files.newBufferedWriter(
                file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void keep(Predicate<MetricsRow> wanted) throws IOException {
        StringBuilder kept = new StringBuilder();
        for (MetricsRow row : MetricsRow.read(file)) {
            if (wanted.test(row)) {
                kept.append(row.line()).append('\n');
            }
        }
        AtomicFile.writeText(file, kept.toString());
    }
}
