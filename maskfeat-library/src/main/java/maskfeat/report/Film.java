package maskfeat.report;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import maskfeat.disk.Plural;
import maskfeat.media.Frames;
import maskfeat.report.PictureSheet.Row;

/** Draws moving clips, each as a row of four panels: the frame, the network's input, the target, the prediction. */
public final class Film {
    /** The frame rate, slow enough to look at each frame. */
    public static final int FRAMES_PER_SECOND = 4;

    private static final byte WHITE = (byte) 255;

    private Film() {}

    /**
     * Draws clips one below the other, with one frame for each step of time.
     *
     * <p>Shows the first frame of the step, whose features are the target.
     *
     * @param clips of the same length and number of steps
     * @return one frame for each step, of even height and width for video
     * @throws IllegalArgumentException if there are no clips or their lengths differ
     */
    public static Frames of(List<ClipSample> clips) {
        return sections(List.of(clips));
    }

    /**
     * As {@link #of}, in sections one below the other, such as one for each target.
     *
     * @param sections the clips of each, which share its titles
     */
    public static Frames sections(List<List<ClipSample>> sections) {
        if (sections.isEmpty() || sections.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException("a film needs at least one clip");
        }
        ClipSample first = sections.get(0).get(0);
        for (ClipSample clip : sections.stream().flatMap(List::stream).toList()) {
            if (clip.grid().t() != first.grid().t() || clip.framesPerStep() != first.framesPerStep()) {
                throw new IllegalArgumentException("clips in one film must be of one length, got " + length(first)
                        + " and, in " + clip.name() + ", " + length(clip));
            }
        }
        List<List<Painted>> painted = sections.stream()
                .map(clips -> clips.stream()
                        .map(clip -> new Painted(clip, clip.painter(PanelSize.FILM)))
                        .toList())
                .toList();
        return frames(IntStream.range(0, first.grid().t())
                .mapToObj(step -> picture(painted, step * first.framesPerStep()))
                .toList());
    }

    private static String length(ClipSample clip) {
        return Plural.of(clip.grid().t(), "step") + " of " + Plural.of(clip.framesPerStep(), "frame");
    }

    /** A clip and the painter that all its steps share. */
    private record Painted(ClipSample clip, FeaturePainter painter) {
        Row at(int frame) {
            return new Row(new Panels(clip.at(frame), painter), clip.caption());
        }
    }

    private static BufferedImage picture(List<List<Painted>> sections, int frame) {
        return PictureSheet.draw(
                "frame " + frame,
                sections.stream()
                        .map(clips -> clips.stream().map(clip -> clip.at(frame)).toList())
                        .toList());
    }

    /** Converts pictures of one size; an odd side gets a white line. */
    static Frames frames(List<BufferedImage> pictures) {
        int height = even(pictures.get(0).getHeight());
        int width = even(pictures.get(0).getWidth());
        byte[] rgb = new byte[pictures.size() * height * width * Frames.CHANNELS];
        Arrays.fill(rgb, WHITE);
        Frames frames = new Frames(pictures.size(), height, width, rgb);
        for (int t = 0; t < pictures.size(); t++) {
            BufferedImage picture = pictures.get(t);
            for (int y = 0; y < picture.getHeight(); y++) {
                for (int x = 0; x < picture.getWidth(); x++) {
                    int colour = picture.getRGB(x, y);
                    int at = frames.at(t, y, x);
                    rgb[at] = (byte) (colour >> 16);
                    rgb[at + 1] = (byte) (colour >> 8);
                    rgb[at + 2] = (byte) colour;
                }
            }
        }
        return frames;
    }

    private static int even(int side) {
        return side + side % 2;
    }
}
