package maskfeat.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import maskfeat.media.Frames;
import maskfeat.report.Lettering.Anchor;

/**
 * Draws a network's predictions over the time of a video: thumbnails, a coloured bar of segments, and below it a row
 * for each class whose height is its score. Both are the paler, the less sure the network is.
 */
public final class TimelinePicture {
    private static final int PLOT = 840;
    private static final int LONGEST_NAME = 170;
    private static final int RIGHT = 88;
    private static final int TOP = 14;
    private static final int THUMBNAIL = 72;
    private static final int WIDEST_THUMBNAIL = 200;
    private static final int BAR = 26;
    private static final int ROW = 34;
    private static final int GAP = 8;
    private static final int BELOW = 36;
    private static final int LABEL_SPACE = 84;
    /** What is left of a colour at a score of 0. */
    private static final double PALEST = 0.25;

    private static final Color NOT_SHOWN = new Color(0x8b939c);

    private static final double[] STEPS = {
        0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400
    };

    private static final Lettering NAMES = new Lettering(Font.PLAIN, 14, Ink.TEXT);
    private static final Lettering AXES = new Lettering(Font.PLAIN, 13, Ink.QUIET);

    /**
     * A frame of the video.
     *
     * @param second its time
     * @param image one frame
     */
    public record Thumbnail(double second, Frames image) {
        public Thumbnail {
            if (image.count() != 1) {
                throw new IllegalArgumentException("a thumbnail is one frame, got " + image.count());
            }
        }
    }

    /**
     * A part of the video with one predicted class.
     *
     * @param start in seconds
     * @param end in seconds
     * @param name of the class
     * @param score 0 to 1
     */
    public record Segment(double start, double end, String name, double score) {
        public Segment {
            if (!(start <= end)) {
                throw new IllegalArgumentException(
                        "a segment must end after it starts, " + name + " runs from " + start + " to " + end);
            }
            if (!(score >= 0 && score <= 1)) {
                throw new IllegalArgumentException(
                        "the score of a segment lies between 0 and 1, that of " + name + " is " + score);
            }
        }
    }

    private final List<Thumbnail> thumbnails;
    private final List<String> classes;
    private final double[] starts;
    private final double[] ends;
    private final float[][] scores;
    private final List<Segment> segments;
    private final double from;
    private final double to;
    private final int left;

    private TimelinePicture(
            List<Thumbnail> thumbnails,
            List<String> classes,
            double[] starts,
            double[] ends,
            float[][] scores,
            List<Segment> segments) {
        this.thumbnails = thumbnails;
        this.classes = classes;
        this.starts = starts;
        this.ends = ends;
        this.scores = scores;
        this.segments = segments;
        DoubleStream first =
                DoubleStream.concat(DoubleStream.of(starts), segments.stream().mapToDouble(Segment::start));
        DoubleStream last =
                DoubleStream.concat(DoubleStream.of(ends), segments.stream().mapToDouble(Segment::end));
        this.from = Math.min(0, first.min().orElse(0));
        this.to = Math.max(from + STEPS[0], last.max().orElse(0));
        this.left = Paper.MARGIN
                + classes.stream()
                        .mapToInt(name -> NAMES.width(NAMES.shortened(name, LONGEST_NAME)))
                        .max()
                        .orElse(0)
                + 12;
    }

    /**
     * Draws the time from 0 to the end of the last window or segment.
     *
     * @param thumbnails to show, except those that would overlap; may be empty
     * @param classes names of the columns of {@code scores}; five to eight are easy to read
     * @param starts of the windows, in seconds; where windows overlap, their scores are averaged
     * @param ends of the windows, in seconds
     * @param scores [window][class], 0 to 1
     * @param segments drawn in the colour of their class
     * @throws IllegalArgumentException if the sizes differ, or a window does not end after it starts
     */
    public static BufferedImage draw(
            List<Thumbnail> thumbnails,
            List<String> classes,
            double[] starts,
            double[] ends,
            float[][] scores,
            List<Segment> segments) {
        if (starts.length != ends.length || starts.length != scores.length) {
            throw new IllegalArgumentException("windows need a start, an end and scores each, got " + starts.length
                    + ", " + ends.length + " and " + scores.length);
        }
        for (int window = 0; window < scores.length; window++) {
            if (scores[window].length != classes.size()) {
                throw new IllegalArgumentException(classes.size() + " classes need as many scores, got "
                        + scores[window].length + " in window " + window);
            }
            if (!(starts[window] <= ends[window])) {
                throw new IllegalArgumentException("a window must end after it starts, number " + window + " runs from "
                        + starts[window] + " to " + ends[window]);
            }
        }
        return new TimelinePicture(
                        List.copyOf(thumbnails), List.copyOf(classes), starts, ends, scores, List.copyOf(segments))
                .drawn();
    }

    private double x(double second) {
        return left + (second - from) / (to - from) * PLOT;
    }

    private Color colour(String name) {
        int index = classes.indexOf(name);
        return index < 0 ? NOT_SHOWN : Ink.series(index);
    }

    /** On white paper the same as less opaque; what has a score of 0 is still seen. */
    static Color faded(Color colour, double score) {
        return Ink.mixed(Color.WHITE, colour, PALEST + (1 - PALEST) * score);
    }

    private BufferedImage drawn() {
        int strip = thumbnails.isEmpty() ? 0 : THUMBNAIL + GAP;
        int bar = segments.isEmpty() ? 0 : BAR + GAP;
        int rows = TOP + strip + bar;
        int bottom = rows + classes.size() * (ROW + GAP);
        Paper paper = new Paper(left + PLOT + RIGHT, bottom + BELOW);
        Graphics2D g = paper.pen();
        thumbnails(g);
        axis(g, TOP + strip, bottom);
        segments(g, TOP + strip);
        for (int i = 0; i < classes.size(); i++) {
            row(g, i, rows + i * (ROW + GAP));
        }
        return paper.finished();
    }

    private void thumbnails(Graphics2D g) {
        List<Thumbnail> sorted = new ArrayList<>(thumbnails);
        sorted.sort(Comparator.comparingDouble(Thumbnail::second));
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        int free = left;
        for (Thumbnail one : sorted) {
            Frames image = one.image();
            int width = Math.max(1, Math.min(WIDEST_THUMBNAIL, THUMBNAIL * image.width() / image.height()));
            int middle = (int) Math.round(x(one.second()));
            // At the ends a thumbnail is moved inwards instead of left out.
            int start = Math.max(left, Math.min(left + PLOT - width, middle - width / 2));
            if (start >= free && one.second() >= from && one.second() <= to) {
                g.drawImage(scaled(image, width), start, TOP, null);
                g.setColor(Ink.RULE);
                g.setStroke(new BasicStroke(1));
                g.draw(new Line2D.Double(middle, TOP + THUMBNAIL, middle, TOP + THUMBNAIL + GAP - 1));
                free = start + width + 3;
            }
        }
    }

    /** Scales down by averaging, so that small images do not alias. */
    private static BufferedImage scaled(Frames image, int width) {
        BufferedImage picture = new BufferedImage(width, THUMBNAIL, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < THUMBNAIL; y++) {
            int top = y * image.height() / THUMBNAIL;
            int bottom = Math.max(top + 1, (y + 1) * image.height() / THUMBNAIL);
            for (int x = 0; x < width; x++) {
                int from = (int) ((long) x * image.width() / width);
                int to = Math.max(from + 1, (int) ((x + 1L) * image.width() / width));
                picture.setRGB(x, y, mean(image, top, bottom, from, to));
            }
        }
        return picture;
    }

    private static int mean(Frames image, int top, int bottom, int from, int to) {
        long[] sums = new long[Frames.CHANNELS];
        for (int y = top; y < bottom; y++) {
            for (int x = from; x < to; x++) {
                int at = image.at(0, y, x);
                for (int c = 0; c < sums.length; c++) {
                    sums[c] += image.rgb()[at + c] & 255;
                }
            }
        }
        long pixels = (long) (bottom - top) * (to - from);
        return FeaturePainter.rgb((int) (sums[0] / pixels), (int) (sums[1] / pixels), (int) (sums[2] / pixels));
    }

    private void axis(Graphics2D g, int top, int bottom) {
        double step = STEPS[STEPS.length - 1];
        for (int i = STEPS.length - 1; i >= 0; i--) {
            if (STEPS[i] / (to - from) * PLOT >= LABEL_SPACE) {
                step = STEPS[i];
            }
        }
        g.setStroke(new BasicStroke(1));
        for (long tick = (long) Math.ceil(from / step - 1e-9); tick * step <= to + 1e-9; tick++) {
            double x = x(tick * step);
            g.setColor(Ink.RULE);
            g.draw(new Line2D.Double(x, top, x, bottom));
            AXES.write(g, Numbers.clock(tick * step), (int) Math.round(x), bottom + 17, Anchor.MIDDLE);
        }
    }

    private void segments(Graphics2D g, int top) {
        for (Segment segment : segments) {
            double start = x(segment.start());
            double width = Math.max(1, x(segment.end()) - start);
            Color colour = faded(colour(segment.name()), segment.score());
            g.setColor(colour);
            // A white line between neighbours, where there is room for one.
            g.fill(new Rectangle2D.Double(start, top, width > 4 ? width - 1 : width, BAR));
            Lettering lettering = new Lettering(Font.BOLD, 13, Ink.on(colour));
            String scored = Numbers.format("%s  %.0f %%", segment.name(), 100 * segment.score());
            String text = lettering.width(scored) <= width - 12 ? scored : segment.name();
            if (lettering.width(text) <= width - 12) {
                int middle = top + BAR / 2 + lettering.belowMiddle();
                lettering.write(g, text, (int) start + 6, middle, Anchor.LEFT);
            }
        }
    }

    private void row(Graphics2D g, int index, int top) {
        Color colour = Ink.series(index);
        g.setColor(Ink.mixed(Color.WHITE, colour, 0.08));
        g.fill(new Rectangle2D.Double(x(from), top, PLOT, ROW));
        double[] sums = new double[PLOT];
        int[] windows = new int[PLOT];
        double highest = 0;
        for (int window = 0; window < starts.length; window++) {
            double score = Math.max(0, Math.min(1, scores[window][index]));
            highest = Math.max(highest, score);
            int first = Math.max(0, (int) Math.round(x(starts[window])) - left);
            int behind = Math.max(first + 1, (int) Math.round(x(ends[window])) - left);
            for (int x = first; x < Math.min(PLOT, behind); x++) {
                sums[x] += score;
                windows[x]++;
            }
        }
        for (int x = 0; x < PLOT; x++) {
            if (windows[x] > 0) {
                double score = sums[x] / windows[x];
                double height = ROW * score;
                g.setColor(faded(colour, score));
                g.fill(new Rectangle2D.Double(left + x, top + ROW - height, 1, height));
            } else {
                // Where no window looked there is no score, which is not a score of 0.
                g.clearRect(left + x, top, 1, ROW);
            }
        }
        g.setColor(colour);
        g.fill(new Rectangle2D.Double(x(from), top + ROW - 1, PLOT, 1));
        int middle = top + ROW / 2 + NAMES.belowMiddle();
        NAMES.write(g, NAMES.shortened(classes.get(index), LONGEST_NAME), left - 12, middle, Anchor.RIGHT);
        AXES.write(g, Numbers.format("max %.0f %%", 100 * highest), left + PLOT + 8, middle, Anchor.LEFT);
    }
}
