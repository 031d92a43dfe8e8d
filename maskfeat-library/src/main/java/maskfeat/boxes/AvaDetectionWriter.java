package maskfeat.boxes;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import maskfeat.disk.Content;
import maskfeat.eval.Corners;
import maskfeat.eval.Csv;
import maskfeat.eval.FrameBoxes;

/**
 * Writes detections as AVA's evaluation reads them: {@code video,second,x1,y1,x2,y2,class,score}. An average precision of
 * rounded numbers differs from that of whole ones.
 */
public final class AvaDetectionWriter {
    private static final int FLUSH = 1 << 16;
    private static final int BOX_DECIMALS = 3;
    private static final int SCORE_DECIMALS = 4;

    private final WritableByteChannel out;
    private final boolean allDigits;
    private final StringBuilder text = new StringBuilder(FLUSH + 256);

    private AvaDetectionWriter(WritableByteChannel out, boolean allDigits) {
        this.out = out;
        this.allDigits = allDigits;
    }

    /** Adds rows, one after the other. */
    @FunctionalInterface
    public interface Rows {
        /** Calls {@link AvaDetectionWriter#row} for each. */
        void writeTo(AvaDetectionWriter writer) throws IOException;
    }

    /**
     * The content of such a file.
     *
     * @param allDigits numbers as they are; otherwise boxes to 3 decimals and scores to 4, as the official program writes
     */
    public static Content content(boolean allDigits, Rows rows) {
        return out -> {
            AvaDetectionWriter writer = new AvaDetectionWriter(out, allDigits);
            rows.writeTo(writer);
            writer.flush();
        };
    }

    /**
     * The content of a file of detections that are kept for evaluation; rows class by class.
     *
     * @param ids of the classes by their number from 0
     * @throws IllegalArgumentException if there are fewer ids than classes
     */
    public static Content content(boolean allDigits, FrameBoxes detections, List<Integer> ids) {
        if (ids.size() != detections.classes()) {
            throw new IllegalArgumentException(
                    ids.size() + " ids of classes for detections of " + detections.classes() + " classes");
        }
        return content(allDigits, writer -> {
            for (int c = 0; c < ids.size(); c++) {
                for (int row = 0; row < detections.size(c); row++) {
                    String frame = detections.frame(c, row);
                    int comma = frame.lastIndexOf(',');
                    writer.row(
                            frame.substring(0, Math.max(0, comma)),
                            frame.substring(comma + 1),
                            detections.box(c, row),
                            ids.get(c),
                            detections.score(c, row));
                }
            }
        });
    }

    /**
     * Writes one row.
     *
     * @param moment {@link Moment#key()}
     */
    public void row(String video, String moment, Corners box, int classId, double score) throws IOException {
        text.append(Csv.field(video)).append(',').append(moment);
        for (double number : new double[] {box.x1(), box.y1(), box.x2(), box.y2()}) {
            text.append(',').append(shown(number, BOX_DECIMALS));
        }
        text.append(',')
                .append(classId)
                .append(',')
                .append(shown(score, SCORE_DECIMALS))
                .append('\n');
        if (text.length() >= FLUSH) {
            flush();
        }
    }

    /** As C's printf does: the number in binary is rounded, a half to even. */
    private String shown(double number, int decimals) {
        if (allDigits || !Double.isFinite(number)) {
            return Double.toString(number);
        }
        String rounded = new BigDecimal(number)
                .setScale(decimals, RoundingMode.HALF_EVEN)
                .toPlainString();
        boolean negative = number < 0 || Double.doubleToRawLongBits(number) == Long.MIN_VALUE;
        return negative && !rounded.startsWith("-") ? "-" + rounded : rounded;
    }

    private void flush() throws IOException {
        out.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
        text.setLength(0);
    }
}
