package maskfeat.run;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.augment.Rectangle;
import maskfeat.data.ActorBox;
import maskfeat.data.ActorClip;
import maskfeat.data.Samples;
import maskfeat.data.TooManyBadFiles;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.WriteFailed;
import maskfeat.eval.Corners;
import maskfeat.media.Frames;
import maskfeat.report.ActionPainter;
import maskfeat.report.EventFile;
import maskfeat.report.HtmlReport;
import maskfeat.report.PngBytes;
import maskfeat.train.Listener;

/** Draws the key frames of some samples of the first pass with their boxes, as the network trains on them, when training begins. */
final class AnnotatedSamples implements Listener {
    private static final String FILE = "step-00000000.png";
    private static final int SHORT_SIDE = 220;
    private static final int COLUMNS = 4;

    private final Samples<ActorClip> samples;
    private final List<String> actions;
    private final Run.Reporting settings;
    private final Path folder;
    private final EventFile events;

    AnnotatedSamples(
            Samples<ActorClip> samples, List<String> actions, Run.Reporting settings, Path folder, EventFile events) {
        this.samples = samples;
        this.actions = actions;
        this.settings = settings;
        this.folder = folder;
        this.events = events;
    }

    @Override
    public void started(long step, long steps) {
        if (step > 0 || settings.picturesEvery() == 0) {
            return;
        }
        Path file = folder.resolve(FILE);
        try {
            AtomicFile.folder(folder);
            PngBytes sheet = PngBytes.write(file, ActionPainter.sheet(drawn(), COLUMNS));
            events.image("vis/samples", step, sheet);
        } catch (TooManyBadFiles e) {
            throw new UncheckedIOException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(WriteFailed.of(file, e));
        }
    }

    private List<BufferedImage> drawn() throws TooManyBadFiles {
        int size = samples.size();
        int count = Math.min(settings.pictures(), size);
        List<BufferedImage> pictures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ActorClip clip = samples.get(0, (int) ((long) i * size / count)).content();
            Frames frames = clip.frames();
            List<ActionPainter.Marked> boxes = new ArrayList<>();
            for (ActorBox actor : clip.actors()) {
                Rectangle box = actor.box().scaled(1.0 / frames.width(), 1.0 / frames.height());
                boxes.add(new ActionPainter.Marked(
                        new Corners(box.left(), box.top(), box.right(), box.bottom()),
                        boxes.size(),
                        "",
                        actor.actions().stream()
                                .map(action -> new ActionPainter.Action(actions.get(action), Double.NaN))
                                .toList()));
            }
            pictures.add(ActionPainter.draw(frames, frames.count() / 2, boxes, SHORT_SIDE));
        }
        return pictures;
    }

    /** The drawn sheet of a run; none where none was drawn. */
    static List<HtmlReport.Figure> of(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        return Files.isRegularFile(file)
                ? List.of(new HtmlReport.Figure(
                        "What the network trained on",
                        "Key frames of the first pass, with the boxes and actions that it is to find.",
                        Files.readAllBytes(file)))
                : List.of();
    }
}
