package maskfeat.run;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import maskfeat.feature.FeatureView;
import maskfeat.media.VideoWriter;
import maskfeat.report.ClipSample;
import maskfeat.report.Film;
import maskfeat.report.Filmstrip;
import maskfeat.report.PictureSample;
import maskfeat.report.PictureSheet;
import maskfeat.report.PngBytes;
import maskfeat.task.Reconstruction;

/**
 * Reconstructions as a picture: rows of panels of images, filmstrips of clips, and of clips a film as well.
 *
 * @param samples what to draw, all images or all clips
 */
public record Drawing(List<Named> samples) {
    /** A reconstruction and the name of its file. */
    public record Named(String name, Reconstruction of) {}

    public Drawing {
        samples = List.copyOf(samples);
    }

    private boolean ofClips() {
        return samples.get(0).of.clip().frames().count() > 1;
    }

    /** What kind of feature is predicted, in a word. */
    public String feature() {
        FeatureView first = samples.get(0).of.target().get(0);
        if (first instanceof FeatureView.Cells cells) {
            return cells.name();
        }
        return first instanceof FeatureView.Histograms ? "hog" : "pixels";
    }

    public BufferedImage sheet() {
        return ofClips() ? Filmstrip.draw(clips()) : PictureSheet.draw(images());
    }

    /**
     * Writes the sheet, and of clips the film beside it.
     *
     * @param file ends in {@code .png}; the film's name is the same with {@code .mp4}
     * @return the sheet as drawn
     */
    public BufferedImage write(Path file) throws IOException {
        BufferedImage sheet = sheet();
        PngBytes.write(file, sheet);
        if (ofClips()) {
            VideoWriter.write(film(file), Film.of(clips()), Film.FRAMES_PER_SECOND, VideoWriter.Codec.H264);
        }
        return sheet;
    }

    /** Where the film of a sheet lies, if there is one. */
    public static Path film(Path sheet) {
        return sheet.resolveSibling(sheet.getFileName().toString().replaceFirst("\\.png$", ".mp4"));
    }

    private List<PictureSample> images() {
        return samples.stream()
                .map(each -> new PictureSample(
                        each.name,
                        each.of.clip().frames(),
                        each.of.grid(),
                        each.of.clip().hidden(),
                        each.of.target().get(0),
                        each.of.prediction().get(0),
                        each.of.loss()))
                .toList();
    }

    private List<ClipSample> clips() {
        return samples.stream()
                .map(each -> new ClipSample(
                        each.name,
                        each.of.clip().frames(),
                        each.of.grid(),
                        each.of.clip().hidden(),
                        each.of.target(),
                        each.of.prediction(),
                        each.of.loss()))
                .toList();
    }
}
