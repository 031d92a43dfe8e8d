package maskfeat.media;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.global.avcodec;

/** Reads a video's orientation from the matrix of its track header (ISO/IEC 14496-12, 8.3.2). */
final class DisplayMatrix {
    private static final int BYTES = 9 * 4;

    private DisplayMatrix() {}

    /** One of the eight values of {@link Orientation}; other angles are rounded to quarter turns. */
    static int orientation(AVCodecParameters parameters) {
        AVPacketSideData found = avcodec.av_packet_side_data_get(
                parameters.coded_side_data(), parameters.nb_coded_side_data(), avcodec.AV_PKT_DATA_DISPLAYMATRIX);
        if (found == null || found.size() < BYTES) {
            return Orientation.UPRIGHT;
        }
        IntBuffer matrix = found.data()
                .capacity(BYTES)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder())
                .asIntBuffer();
        return orientation(matrix.get(0), matrix.get(1), matrix.get(3), matrix.get(4));
    }

    /** A stored point (p, q) is shown at (a p + c q, b p + d q), up to a shift. */
    static int orientation(int a, int b, int c, int d) {
        boolean transposed = Math.abs((long) b) + Math.abs((long) c) > Math.abs((long) a) + Math.abs((long) d);
        boolean fromRight = transposed ? b < 0 : a < 0;
        boolean fromBottom = transposed ? c < 0 : d < 0;
        if (transposed) {
            return fromBottom ? (fromRight ? 7 : 6) : fromRight ? 8 : 5;
        }
        return fromBottom ? (fromRight ? 3 : 4) : fromRight ? 2 : 1;
    }
}
