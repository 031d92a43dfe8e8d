package maskfeat.run;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.data.Dataset;
import maskfeat.data.MaskedClip;
import maskfeat.data.Sample;
import maskfeat.data.Samples;
import maskfeat.data.TooManyBadFiles;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.WriteFailed;
import maskfeat.report.EventFile;
import maskfeat.report.HtmlReport;
import maskfeat.report.PngBytes;
import maskfeat.report.PredictionRows;
import maskfeat.task.MaskedPrediction;
import maskfeat.task.Reconstruction;
import maskfeat.train.GoalReached;
import maskfeat.train.Listener;
import maskfeat.train.StepReport;
import org.jspecify.annotations.Nullable;

/** Draws the same few samples every few epochs: image or clip, what the network saw, target, prediction. */
final class Reconstructions implements Listener {
    private static final long FIXED_EPOCH = -1; // its crops and masks are no epoch's, and always the same

    private final MaskedPrediction task;
    private final Dataset dataset;
    private final Samples<MaskedClip> from;
    private final Run run;
    private final Path folder;
    private final EventFile events;
    private final int every;
    private int last;
    private final List<Sample<MaskedClip>> samples = new ArrayList<>();
    private @Nullable PredictionRows rows;
    private long drawnStep = -1;

    Reconstructions(
            MaskedPrediction task, Dataset dataset, Samples<MaskedClip> from, Run run, Path folder, EventFile events) {
        this.task = task;
        this.dataset = dataset;
        this.from = from;
        this.run = run;
        this.folder = folder;
        this.events = events;
        this.every = run.report().picturesEvery();
        this.last = run.train().epochs();
    }

    @Override
    public void reached(GoalReached goal) {
        last = goal.last();
    }

    @Override
    public void started(long step, long steps) {
        if (every == 0) {
            return;
        }
        int size = dataset.size();
        int count = Math.min(run.report().pictures(), size);
        try {
            AtomicFile.folder(folder);
            rows = PredictionRows.open(rowsIn(folder), step);
            for (int i = 0; i < count; i++) {
                samples.add(from.get(FIXED_EPOCH, (int) ((long) i * size / count)));
            }
        } catch (TooManyBadFiles e) {
            throw new UncheckedIOException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(WriteFailed.of(folder, e));
        }
        if (step == 0) {
            draw(step);
        }
    }

    @Override
    public void epoch(int epoch, long step) {
        if (every > 0 && (epoch % every == 0 || epoch == last)) {
            draw(step);
        }
    }

    /** Those of the weights as they are saved, so that the page of a stopped run shows how far it is. */
    @Override
    public void stopped(StepReport since) {
        if (every > 0 && since.step() != drawnStep) {
            draw(since.step());
        }
    }

    private void draw(long step) {
        List<List<Reconstruction>> drawn =
                Reconstruction.of(task, samples.stream().map(Sample::content).toList());
        List<Drawing.Named> named = new ArrayList<>();
        for (int i = 0; i < drawn.size(); i++) {
            String name = dataset.name(dataset.items().get(samples.get(i).index()));
            named.add(new Drawing.Named(name, drawn.get(i)));
        }
        Drawing drawing = new Drawing(named);
        Path file = folder.resolve(String.format(Locale.ROOT, "step-%08d.png", step));
        try {
            PngBytes sheet = drawing.write(file);
            requireNonNull(rows).add(step, drawing.rows());
            drawnStep = step;
            for (Map.Entry<String, Drawing> target : drawing.byTarget().entrySet()) {
                boolean only = target.getValue().equals(drawing);
                events.image(
                        "vis/" + target.getKey(),
                        step,
                        only ? sheet : PngBytes.of(target.getValue().sheet()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(WriteFailed.of(file, e));
        }
    }

    private static Path rowsIn(Path folder) {
        return folder.resolve("rows");
    }

    /** The same samples at some of the steps, also of those before the run was resumed. */
    static List<HtmlReport.PictureRow> rows(Path folder) throws IOException {
        return PredictionRows.of(rowsIn(folder));
    }

    /** All pictures of the run, also those drawn before it was resumed. */
    static List<HtmlReport.Picture> of(Path folder) throws IOException {
        List<HtmlReport.Picture> pictures = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return pictures;
        }
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.filter(file -> file.getFileName().toString().matches("step-[0-9]{8,18}\\.png"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            long step = Long.parseLong(name.substring("step-".length(), name.length() - ".png".length()));
            Path film = Drawing.film(file);
            boolean last = file.equals(files.get(files.size() - 1)); // the page shows no other film
            pictures.add(new HtmlReport.Picture(
                    step, "", Files.readAllBytes(file), last && Files.exists(film) ? Files.readAllBytes(film) : null));
        }
        return pictures;
    }
}
