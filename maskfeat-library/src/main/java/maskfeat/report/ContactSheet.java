package maskfeat.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import maskfeat.media.Frames;
import maskfeat.report.Lettering.Anchor;

/** Draws samples side by side with their names, as the network sees them. A clip is three frames. */
public final class ContactSheet {
    private static final int PANEL = 144;
    private static final int ACROSS = 1040;
    private static final int MOMENTS = 3;
    private static final int BETWEEN_FRAMES = 2;
    private static final int GAP = 14;
    private static final int NAME = 24;
    private static final int LINE = 17;
    private static final Lettering NAMES = new Lettering(Font.PLAIN, 13, Ink.TEXT);

    /**
     * A sample.
     *
     * @param name such as its class; each line of it is shortened by itself
     * @param frames an image, or a clip, of which the first, the middle and the last frame are drawn
     */
    public record Named(String name, Frames frames) {}

    private ContactSheet() {}

    /**
     * Draws the samples in rows.
     *
     * @throws IllegalArgumentException if there are no samples
     */
    public static BufferedImage draw(List<Named> samples) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("a contact sheet needs at least one sample");
        }
        List<BufferedImage> strips =
                samples.stream().map(sample -> strip(sample.frames())).toList();
        int width = strips.stream().mapToInt(BufferedImage::getWidth).max().orElseThrow();
        int height = strips.stream().mapToInt(BufferedImage::getHeight).max().orElseThrow();
        int columns = Math.min(samples.size(), Math.max(1, (ACROSS + GAP) / (width + GAP)));
        int name = samples.stream()
                .mapToInt(sample -> (int) sample.name().lines().count() - 1)
                .map(more -> NAME + Math.max(0, more) * LINE)
                .max()
                .orElseThrow();
        int rows = (samples.size() + columns - 1) / columns;
        Paper paper = new Paper(
                columns * (width + GAP) - GAP + 2 * Paper.MARGIN, rows * (height + name + GAP) - GAP + Paper.MARGIN);
        Graphics2D g = paper.pen();
        for (int i = 0; i < strips.size(); i++) {
            int left = Paper.MARGIN + i % columns * (width + GAP);
            int top = Paper.MARGIN / 2 + i / columns * (height + name + GAP);
            paper.picture(strips.get(i), left, top);
            int line = top + height;
            for (String text : samples.get(i).name().lines().toList()) {
                line += LINE;
                NAMES.write(g, NAMES.shortened(text, width), left, line, Anchor.LEFT);
            }
        }
        return paper.finished();
    }

    private static BufferedImage strip(Frames frames) {
        int[] moments = Evenly.chosen(frames.count(), MOMENTS);
        int height = frames.height() <= PANEL ? PANEL / frames.height() * frames.height() : PANEL;
        int width = Math.max(1, Math.round((float) height * frames.width() / frames.height()));
        BufferedImage strip = new BufferedImage(
                moments.length * (width + BETWEEN_FRAMES) - BETWEEN_FRAMES, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = strip.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, strip.getWidth(), height);
        for (int i = 0; i < moments.length; i++) {
            BufferedImage frame = FeaturePainter.zoomed(picture(frames, moments[i]), width, height);
            g.drawImage(frame, i * (width + BETWEEN_FRAMES), 0, null);
        }
        g.dispose();
        return strip;
    }

    static BufferedImage picture(Frames frames, int frame) {
        byte[] rgb = frames.rgb();
        int[] colours = new int[frames.height() * frames.width()];
        Arrays.setAll(colours, pixel -> {
            int at = frames.at(frame, 0, 0) + pixel * Frames.CHANNELS;
            return FeaturePainter.rgb(rgb[at] & 255, rgb[at + 1] & 255, rgb[at + 2] & 255);
        });
        BufferedImage picture = new BufferedImage(frames.width(), frames.height(), BufferedImage.TYPE_INT_RGB);
        picture.setRGB(0, 0, frames.width(), frames.height(), colours, 0, frames.width());
        return picture;
    }
}
