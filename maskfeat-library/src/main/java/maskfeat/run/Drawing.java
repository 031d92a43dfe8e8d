package maskfeat.run;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.feature.FeatureView;
import maskfeat.media.Frames;
import maskfeat.media.VideoWriter;
import maskfeat.report.ClipSample;
import maskfeat.report.Film;
import maskfeat.report.Filmstrip;
import maskfeat.report.PictureSample;
import maskfeat.report.PictureSheet;
import maskfeat.report.PngBytes;
import maskfeat.task.Reconstruction;

/**
 * Reconstructions as a picture: rows of panels of images, filmstrips of clips, and of clips a film as well. Where there are
 * several targets, each has a section of the picture and of the film, and the captions name it.
 *
 * @param samples what to draw, all images or all clips, with the same targets
 */
public record Drawing(List<Named> samples) {
    /**
     * What was predicted for an image or a clip.
     *
     * @param name of its file
     * @param targets one of each target
     */
    public record Named(String name, List<Reconstruction> targets) {
        public Named {
            targets = List.copyOf(targets);
        }

        private Named only(int target) {
            return new Named(name, List.of(targets.get(target)));
        }

        private String caption(Reconstruction of) {
            return targets.size() == 1 ? name : name + "  \u00b7  " + of.name();
        }

        private PictureSample image(int target) {
            Reconstruction of = targets.get(target);
            return new PictureSample(
                    caption(of),
                    of.clip().frames(),
                    of.grid(),
                    of.clip().hidden(),
                    of.target().get(0),
                    of.prediction().get(0),
                    of.loss());
        }

        private ClipSample clip(int target) {
            Reconstruction of = targets.get(target);
            return new ClipSample(
                    caption(of),
                    of.clip().frames(),
                    of.grid(),
                    of.clip().hidden(),
                    of.target(),
                    of.prediction(),
                    of.loss());
        }
    }

    public Drawing {
        samples = List.copyOf(samples);
    }

    private boolean ofClips() {
        return samples.get(0).targets.get(0).clip().frames().count() > 1;
    }

    private IntStream targets() {
        return IntStream.range(0, samples.get(0).targets.size());
    }

    /** A drawing of each target alone by its name: of a single one what kind of feature it is, in a word. */
    public Map<String, Drawing> byTarget() {
        List<Reconstruction> first = samples.get(0).targets;
        Map<String, Drawing> drawings = new LinkedHashMap<>();
        targets()
                .forEach(target -> drawings.put(
                        first.size() == 1
                                ? feature(first.get(0))
                                : first.get(target).name(),
                        new Drawing(
                                samples.stream().map(each -> each.only(target)).toList())));
        return drawings;
    }

    private static String feature(Reconstruction of) {
        FeatureView first = of.target().get(0);
        if (first instanceof FeatureView.Cells cells) {
            return cells.name();
        }
        return first instanceof FeatureView.Histograms ? "hog" : "pixels";
    }

    public BufferedImage sheet() {
        return ofClips()
                ? Filmstrip.draw(samples.stream()
                        .flatMap(each -> targets().mapToObj(each::clip))
                        .toList())
                : PictureSheet.sections(targets()
                        .mapToObj(target ->
                                samples.stream().map(each -> each.image(target)).toList())
                        .toList());
    }

    /** A picture of each target of each sample; of a clip that of one frame. */
    List<PictureSample> rows() {
        return samples.stream()
                .flatMap(each -> targets()
                        .mapToObj(target -> ofClips() ? each.clip(target).mostHidden() : each.image(target)))
                .toList();
    }

    /**
     * Writes the sheet, and of clips the film beside it.
     *
     * @param file ends in {@code .png}; the film's name is the same with {@code .mp4}
     * @return the sheet as written
     */
    public PngBytes write(Path file) throws IOException {
        PngBytes sheet = PngBytes.write(file, sheet());
        if (ofClips()) {
            Frames film = Film.sections(targets()
                    .mapToObj(target ->
                            samples.stream().map(each -> each.clip(target)).toList())
                    .toList());
            VideoWriter.write(film(file), film, Film.FRAMES_PER_SECOND, VideoWriter.Codec.H264);
        }
        return sheet;
    }

    /** Where the film of a sheet lies, if there is one. */
    public static Path film(Path sheet) {
        return sheet.resolveSibling(sheet.getFileName().toString().replaceFirst("\\.png$", ".mp4"));
    }
}
