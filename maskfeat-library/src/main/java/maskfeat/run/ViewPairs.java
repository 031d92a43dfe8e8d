package maskfeat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.data.Dataset;
import maskfeat.data.Sample;
import maskfeat.data.Samples;
import maskfeat.data.TooManyBadFiles;
import maskfeat.data.TwoViews;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.WriteFailed;
import maskfeat.media.Frames;
import maskfeat.report.ContactSheet;
import maskfeat.report.EventFile;
import maskfeat.report.HtmlReport;
import maskfeat.report.PngBytes;
import maskfeat.train.Listener;

/** Draws the two views of some images of the first pass, when training begins. */
final class ViewPairs implements Listener {
    private static final String FILE = "step-00000000.png";

    private final Samples<TwoViews> samples;
    private final Dataset dataset;
    private final Run run;
    private final Path folder;
    private final EventFile events;

    ViewPairs(Samples<TwoViews> samples, Dataset dataset, Run run, Path folder, EventFile events) {
        this.samples = samples;
        this.dataset = dataset;
        this.run = run;
        this.folder = folder;
        this.events = events;
    }

    @Override
    public void started(long step, long steps) {
        if (step > 0 || run.report().picturesEvery() == 0) {
            return;
        }
        Path file = folder.resolve(FILE);
        try {
            AtomicFile.folder(folder);
            PngBytes sheet = PngBytes.write(file, ContactSheet.draw(drawn()));
            events.image("vis/views", step, sheet);
        } catch (TooManyBadFiles e) {
            throw new UncheckedIOException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(WriteFailed.of(file, e));
        }
    }

    private List<ContactSheet.Named> drawn() throws TooManyBadFiles {
        int size = samples.size();
        int count = Math.min(run.report().pictures(), size);
        List<ContactSheet.Named> named = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Sample<TwoViews> sample = samples.get(0, (int) ((long) i * size / count));
            String name = dataset.name(dataset.items().get(sample.index()));
            named.add(new ContactSheet.Named(name, pair(sample.content())));
        }
        return named;
    }

    /** Both views as two frames, which the sheet draws beside each other. */
    private static Frames pair(TwoViews views) {
        Frames first = views.first();
        byte[] both = new byte[2 * first.rgb().length];
        System.arraycopy(first.rgb(), 0, both, 0, first.rgb().length);
        System.arraycopy(views.second().rgb(), 0, both, first.rgb().length, first.rgb().length);
        return new Frames(2, first.height(), first.width(), both);
    }

    /** The drawn sheet of a run; none where none was drawn. */
    static List<HtmlReport.Figure> of(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        return Files.isRegularFile(file)
                ? List.of(new HtmlReport.Figure(
                        "What the network compared",
                        "The two views of some images of the first pass. Of all images of a batch, the network must find"
                                + " the one that the other view is of.",
                        Files.readAllBytes(file)))
                : List.of();
    }
}
