package maskfeat.report;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
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
        if (clips.isEmpty()) {
            throw new IllegalArgumentException("a film needs at least one clip");
        }
        ClipSample first = clips.get(0);
        for (ClipSample clip : clips) {
            if (clip.grid().t() != first.grid().t() || clip.framesPerStep() != first.framesPerStep()) {
                throw new IllegalArgumentException("clips in one film must be of one length, got " + length(first)
                        + " and, in " + clip.name() + ", " + length(clip));
            }
        }
        List<FeaturePainter> painters =
                clips.stream().map(clip -> clip.painter(PanelSize.FILM)).toList();
        return frames(IntStream.range(0, first.grid().t())
                .mapToObj(step -> picture(clips, painters, step * first.framesPerStep()))
                .toList());
    }

    private static String length(ClipSample clip) {
        return clip.grid().t() + " steps of " + clip.framesPerStep() + " frames";
    }

    private static BufferedImage picture(List<ClipSample> clips, List<FeaturePainter> painters, int frame) {
        List<Row> rows = IntStream.range(0, clips.size())
                .mapToObj(i -> new Row(
                        new Panels(clips.get(i).at(frame), painters.get(i)),
                        clips.get(i).caption()))
                .toList();
        return PictureSheet.draw("frame " + frame, rows);
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
