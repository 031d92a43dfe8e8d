package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How rows become key frames. What makes PySlowFast stop, such as seconds outside of the range, is skipped and counted.
 *
 * @param videos the videos that are used, in their order; null for all that have rows, by first appearance
 * @param range seconds outside of it are skipped; null for all
 * @param threshold detections with a lower score are skipped; the truth has no score
 * @param everyFourthSecond only seconds that are a multiple of 4, as in PySlowFast's validation during training
 * @param highestLabel classes are 1 to this; 0 if they may be any
 * @param labels names of the ids, and which of them count; null if none are given
 */
public record Grouping(
        @Nullable List<String> videos,
        @Nullable ClipRange range,
        double threshold,
        boolean everyFourthSecond,
        int highestLabel,
        @Nullable LabelMap labels) {
    private static final int AVA_CLASSES = 80;
    private static final double AVA_THRESHOLD = 0.9;

    public Grouping {
        if (videos != null) {
            videos = List.copyOf(videos);
        }
        if (Double.isNaN(threshold)) {
            throw new IllegalArgumentException("the threshold of scores is no number");
        }
    }

    /** Everything that files say. */
    public static Grouping everything() {
        return new Grouping(null, null, Double.NEGATIVE_INFINITY, false, 0, null);
    }

    /** AVA proper: its seconds, its 80 classes, detections from 0.9 on. */
    public static Grouping ava() {
        return new Grouping(null, ClipRange.AVA, AVA_THRESHOLD, false, AVA_CLASSES, null);
    }

    /** With these videos only. */
    public Grouping withVideos(List<String> listed) {
        return new Grouping(listed, range, threshold, everyFourthSecond, highestLabel, labels);
    }

    /** With another threshold. */
    public Grouping withThreshold(double score) {
        return new Grouping(videos, range, score, everyFourthSecond, highestLabel, labels);
    }

    /** With one second of four, or with all. */
    public Grouping withEveryFourthSecond(boolean only) {
        return new Grouping(videos, range, threshold, only, highestLabel, labels);
    }

    /** With names. */
    public Grouping withLabels(LabelMap map) {
        return new Grouping(videos, range, threshold, everyFourthSecond, highestLabel, map);
    }

    /**
     * Reads files one after the other, each in its own format, and groups what they say.
     *
     * @throws maskfeat.disk.DamagedFile if a file is of no format that is known, or broken
     */
    public Annotations read(List<Path> files) throws IOException {
        AnnotationBuilder builder = new AnnotationBuilder(this);
        for (Path file : files) {
            BoxFormats.of(file).read(file, builder);
        }
        return builder.build();
    }

    /**
     * Reads a table with a header from memory, and groups what it says.
     *
     * @param name of it, for messages
     * @param table its bytes, in UTF-8
     * @throws maskfeat.disk.DamagedFile if it is no such table, naming the line and what would do
     */
    public Annotations readTable(Path name, byte[] table) throws IOException {
        AnnotationBuilder builder = new AnnotationBuilder(this);
        TableFormat.read(name, table, builder);
        return builder.build();
    }
}
