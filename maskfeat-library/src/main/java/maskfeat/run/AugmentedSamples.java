package maskfeat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.augment.Box;
import maskfeat.augment.Erased;
import maskfeat.augment.Normalize;
import maskfeat.data.LabelledClip;
import maskfeat.data.Samples;
import maskfeat.data.TooManyBadFiles;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.WriteFailed;
import maskfeat.media.Frames;
import maskfeat.report.ContactSheet;
import maskfeat.report.EventFile;
import maskfeat.report.HtmlReport;
import maskfeat.report.PngBytes;
import maskfeat.train.Listener;

/** Draws some samples of the first pass as the network trains on them, when training begins. */
final class AugmentedSamples implements Listener {
    private static final String FILE = "step-00000000.png";

    private final Samples<LabelledClip> samples;
    private final List<String> classes;
    private final Run run;
    private final Path folder;
    private final EventFile events;

    AugmentedSamples(Samples<LabelledClip> samples, List<String> classes, Run run, Path folder, EventFile events) {
        this.samples = samples;
        this.classes = classes;
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
            events.image("vis/samples", step, sheet);
        } catch (TooManyBadFiles e) {
            throw new UncheckedIOException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(WriteFailed.of(file, e));
        }
    }

    private List<ContactSheet.Named> drawn() throws TooManyBadFiles {
        int size = samples.size();
        int count = Math.min(run.report().pictures(), size);
        Normalize normalize = run.data().normalize();
        List<ContactSheet.Named> named = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            // Items are sorted by class, so evenly spaced ones come from many classes.
            LabelledClip clip = samples.get(0, (int) ((long) i * size / count)).content();
            Frames seen = clip.erased()
                    .map(erased -> painted(clip.frames(), erased, normalize))
                    .orElse(clip.frames());
            named.add(new ContactSheet.Named(classes.get(clip.label()), seen));
        }
        return named;
    }

    /** The frames with the noise that takes a part's place, brought back from normalised pixels to colours. */
    static Frames painted(Frames frames, Erased erased, Normalize normalize) {
        byte[] rgb = frames.rgb().clone();
        Box box = erased.box();
        int next = 0;
        for (int t = 0; t < frames.count(); t++) {
            for (int y = 0; y < box.height(); y++) {
                for (int x = 0; x < box.width(); x++) {
                    int at = frames.at(t, box.top() + y, box.left() + x);
                    for (int c = 0; c < Frames.CHANNELS; c++) {
                        float value = erased.noise()[next++] * normalize.std().get(c)
                                + normalize.mean().get(c);
                        rgb[at + c] = (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
                    }
                }
            }
        }
        return new Frames(frames.count(), frames.height(), frames.width(), rgb);
    }

    /** The drawn sheet of a run; none where none was drawn. */
    static List<HtmlReport.Figure> of(Path folder, Run.Augmentation augment, ClassifyConfig task) throws IOException {
        Path file = folder.resolve(FILE);
        return Files.isRegularFile(file)
                ? List.of(new HtmlReport.Figure(
                        "What the network trained on", caption(augment, task), Files.readAllBytes(file)))
                : List.of();
    }

    private static String caption(Run.Augmentation augment, ClassifyConfig task) {
        List<String> steps = Stream.of(
                        "cut out at random",
                        augment.flip() > 0 ? "mirrored at random" : "",
                        augment.rand() == null ? "" : "changed in colour and shape",
                        task.erasing() > 0 ? "partly erased by noise" : "")
                .filter(step -> !step.isEmpty())
                .toList();
        return "Some samples of the first pass, " + String.join(", ", steps) + ", with their classes."
                + (task.mix() == null ? "" : " Not shown is that samples are mixed with each other afterwards.");
    }
}
