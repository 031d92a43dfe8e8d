package maskfeat.feature;

import maskfeat.augment.Box;
import maskfeat.augment.Cutout;

/**
 * The part of a map of classes that a sample shows. Its tokens take what lies under them as RoIAlign does (He et al. 2017):
 * the mean of a few places in each token, each between the centres of four cells.
 */
public final class LabelCrop {
    private static final float HALF = 0.5f;

    private final LabelMap map;
    private final boolean mirrored;
    private final Span down;
    private final Span across;

    /** A stretch of a map's rows or columns: where it begins, in cells from the centre of the first, and how long it is. */
    private record Span(float begin, float length) {
        /** Of a share of the side that begins after another share of it. */
        static Span of(float begin, float length, int cells) {
            float first = begin * cells - HALF;
            float last = (begin + length) * cells - HALF;
            return new Span(first, Math.max(last - first, 1));
        }

        /** In how many places a token is looked at. */
        int places(int tokens) {
            return (int) Math.ceil(length / tokens);
        }

        float place(int token, int tokens, int number) {
            float size = length / tokens;
            return begin + token * size + (number + HALF) * size / places(tokens);
        }
    }

    /**
     * A part of a map.
     *
     * @param top of the crop, a share of the picture's height
     * @param left of the crop, a share of the picture's width, of the mirrored picture if it is mirrored
     * @param height a share of the picture's
     * @param width a share of the picture's
     * @param mirrored whether the picture was mirrored before the crop
     */
    public LabelCrop(
            LabelMap map, float top, float left, float height, float width, boolean mirrored, LabelMaps.Axes axes) {
        this.map = map;
        this.mirrored = mirrored;
        boolean swapped = axes == LabelMaps.Axes.SWAPPED;
        down = Span.of(swapped ? left : top, swapped ? width : height, map.rows());
        across = Span.of(swapped ? top : left, swapped ? height : width, map.columns());
    }

    /**
     * The part of a picture's map that an augmentation showed.
     *
     * @param pictureHeight of the original, in pixels
     * @param pictureWidth of the original, in pixels
     */
    public static LabelCrop of(LabelMap map, Cutout shown, int pictureHeight, int pictureWidth, LabelMaps.Axes axes) {
        Box crop = shown.crop();
        int left = shown.mirrored() ? pictureWidth - crop.left() - crop.width() : crop.left();
        return new LabelCrop(
                map,
                (float) ((double) crop.top() / pictureHeight),
                (float) ((double) left / pictureWidth),
                (float) ((double) crop.height() / pictureHeight),
                (float) ((double) crop.width() / pictureWidth),
                shown.mirrored(),
                axes);
    }

    /** How many classes there are. */
    public int classes() {
        return map.classes();
    }

    /**
     * The scores of a token, before softmax.
     *
     * @param rows of the grid of tokens
     * @param columns of the grid of tokens
     * @param into takes the scores of all classes from {@code at} on, where it has zeros
     */
    public void scores(int row, int rows, int column, int columns, float[] into, int at) {
        int high = down.places(rows);
        int wide = across.places(columns);
        for (int i = 0; i < high; i++) {
            float y = down.place(row, rows, i);
            for (int j = 0; j < wide; j++) {
                add(y, across.place(column, columns, j), 1f / (high * wide), into, at);
            }
        }
    }

    /** Adds what lies between four cells; past the border it is as at the border, and a cell further out nothing. */
    private void add(float y, float x, float weight, float[] into, int at) {
        if (y < -1 || y > map.rows() || x < -1 || x > map.columns()) {
            return;
        }
        float inY = Math.min(Math.max(y, 0), map.rows() - 1);
        float inX = Math.min(Math.max(x, 0), map.columns() - 1);
        int top = (int) inY;
        int left = (int) inX;
        int bottom = Math.min(top + 1, map.rows() - 1);
        int right = Math.min(left + 1, map.columns() - 1);
        float below = inY - top;
        float beside = inX - left;
        cell(top, left, weight * (1 - below) * (1 - beside), into, at);
        cell(top, right, weight * (1 - below) * beside, into, at);
        cell(bottom, left, weight * below * (1 - beside), into, at);
        cell(bottom, right, weight * below * beside, into, at);
    }

    private void cell(int row, int column, float weight, float[] into, int at) {
        map.add(row, mirrored ? map.columns() - 1 - column : column, weight, into, at);
    }
}
