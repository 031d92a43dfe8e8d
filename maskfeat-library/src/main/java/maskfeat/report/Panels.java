package maskfeat.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/** Draws the four panels of an image or of one step of a clip, all of one size. */
final class Panels {
    private static final Color COVER = new Color(0x80858b);
    private static final Color COVER_GRID = new Color(0x8d9298);
    private static final Color BORDER = new Color(0xffb000);

    /** Smaller tokens get a thin border, because a thick one would cover them. */
    private static final int THIN_BELOW_PX = 10;

    /** Brightness of visible tokens in the prediction's panel. */
    private static final float SHOWN_TOKENS = 0.35f;

    private final PictureSample sample;
    private final FeaturePainter painter;

    /** @param painter scaled to the sample's target and those it is compared with */
    Panels(PictureSample sample, FeaturePainter painter) {
        this.sample = sample;
        this.painter = painter;
    }

    int width() {
        return painter.width();
    }

    int height() {
        return painter.height();
    }

    /** @param original title of the first panel */
    List<String> titles(String original) {
        return List.of(original, "what the network saw", painter.title() + " target", painter.title() + " prediction");
    }

    /** The panels in the order of the titles. */
    List<BufferedImage> drawn() {
        return List.of(image(), seen(), target(), prediction());
    }

    private BufferedImage image() {
        Frames frames = sample.image();
        byte[] rgb = frames.rgb();
        BufferedImage picture = new BufferedImage(frames.width(), frames.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < frames.height(); y++) {
            for (int x = 0; x < frames.width(); x++) {
                int at = frames.at(0, y, x);
                picture.setRGB(x, y, FeaturePainter.rgb(rgb[at] & 255, rgb[at + 1] & 255, rgb[at + 2] & 255));
            }
        }
        return FeaturePainter.zoomed(picture, width(), height());
    }

    /** The image with what was hidden covered. */
    BufferedImage seen() {
        BufferedImage picture = image();
        Graphics2D g = picture.createGraphics();
        eachHidden((row, column) -> {
            int left = x(column);
            int top = y(row);
            g.setColor(COVER);
            g.fillRect(left, top, x(column + 1) - left, y(row + 1) - top);
            g.setColor(COVER_GRID);
            g.drawRect(left, top, x(column + 1) - left - 1, y(row + 1) - top - 1);
        });
        g.dispose();
        return picture;
    }

    /** What was to be predicted, with a border around what was hidden. */
    BufferedImage target() {
        BufferedImage picture = painter.paint(sample.target());
        outline(picture);
        return picture;
    }

    /** What was predicted where something was hidden, on the dimmed target. */
    BufferedImage prediction() {
        BufferedImage picture = dimmed(painter.paint(sample.target()));
        BufferedImage predicted = painter.paint(sample.prediction());
        Graphics2D g = picture.createGraphics();
        eachHidden((row, column) -> {
            int left = x(column);
            int top = y(row);
            int right = x(column + 1);
            int bottom = y(row + 1);
            g.drawImage(predicted, left, top, right, bottom, left, top, right, bottom, null);
        });
        g.dispose();
        outline(picture);
        return picture;
    }

    private static BufferedImage dimmed(BufferedImage picture) {
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int rgb = picture.getRGB(x, y);
                int red = (int) (((rgb >> 16) & 255) * SHOWN_TOKENS);
                int green = (int) (((rgb >> 8) & 255) * SHOWN_TOKENS);
                int blue = (int) ((rgb & 255) * SHOWN_TOKENS);
                picture.setRGB(x, y, FeaturePainter.rgb(red, green, blue));
            }
        }
        return picture;
    }

    /** Draws the border of the hidden region on its inner side. */
    private void outline(BufferedImage picture) {
        Graphics2D g = picture.createGraphics();
        g.setColor(BORDER);
        int thick = x(1) < THIN_BELOW_PX ? 1 : 2;
        eachHidden((row, column) -> {
            int left = x(column);
            int top = y(row);
            int right = x(column + 1);
            int bottom = y(row + 1);
            if (!hidden(row - 1, column)) {
                g.fillRect(left, top, right - left, thick);
            }
            if (!hidden(row + 1, column)) {
                g.fillRect(left, bottom - thick, right - left, thick);
            }
            if (!hidden(row, column - 1)) {
                g.fillRect(left, top, thick, bottom - top);
            }
            if (!hidden(row, column + 1)) {
                g.fillRect(right - thick, top, thick, bottom - top);
            }
        });
        g.dispose();
    }

    private interface TokenAction {
        void at(int row, int column);
    }

    private void eachHidden(TokenAction action) {
        Grid grid = sample.grid();
        for (int row = 0; row < grid.h(); row++) {
            for (int column = 0; column < grid.w(); column++) {
                if (hidden(row, column)) {
                    action.at(row, column);
                }
            }
        }
    }

    private boolean hidden(int row, int column) {
        Grid grid = sample.grid();
        boolean inside = row >= 0 && row < grid.h() && column >= 0 && column < grid.w();
        return inside && sample.hidden()[grid.index(0, row, column)];
    }

    private int x(int column) {
        return column * width() / sample.grid().w();
    }

    private int y(int row) {
        return row * height() / sample.grid().h();
    }
}
