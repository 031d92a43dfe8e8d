package maskfeat.media;

import java.util.Arrays;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;

/** Converts the frames of a video to RGB of one size, with swscale. */
final class FramePixels implements AutoCloseable {
    private static final int WHITE = 255;
    private static final int ONE = 1 << 16;

    private final int width;
    private final int height;
    private final AVFrame converted = avutil.av_frame_alloc();
    private final int[] key = {-1, 0, 0, 0, 0};
    private SwsContext scaler = new SwsContext(null);
    private byte[] row = {};
    private final int orientation;
    private final byte[] stored;

    FramePixels(int width, int height, int orientation) {
        this.orientation = orientation;
        stored = orientation == Orientation.UPRIGHT ? new byte[0] : new byte[width * height * Frames.CHANNELS];
        this.width = width;
        this.height = height;
    }

    /** Bytes per frame. */
    int bytes() {
        return width * height * Frames.CHANNELS;
    }

    /** Writes the frame's pixels, upright, [H, W, 3]. */
    void rgb(AVFrame frame, byte[] to, int at) throws Refused {
        if (orientation == Orientation.UPRIGHT) {
            convert(frame, to, at);
        } else {
            convert(frame, stored, 0);
            byte[] turned = Orientation.upright(Frames.image(height, width, stored), orientation)
                    .rgb();
            System.arraycopy(turned, 0, to, at, turned.length);
        }
    }

    private void convert(AVFrame frame, byte[] to, int at) throws Refused {
        boolean alpha;
        try (AVPixFmtDescriptor layout = avutil.av_pix_fmt_desc_get(frame.format())) {
            alpha = (layout.flags() & avutil.AV_PIX_FMT_FLAG_ALPHA) != 0 || frame.format() == avutil.AV_PIX_FMT_PAL8;
        }
        prepare(frame, alpha);
        if (swscale.sws_scale_frame(scaler, converted, frame) < 0) {
            throw Refused.unsupported("has pixels that are not read: "
                    + avutil.av_get_pix_fmt_name(frame.format()).getString());
        }
        BytePointer data = converted.data(0);
        long stride = converted.linesize(0);
        int rowBytes = width * Frames.CHANNELS;
        for (int y = 0; y < height; y++) {
            data.position(y * stride);
            if (alpha) {
                data.get(row, 0, width * 4);
                overWhite(row, to, at + y * rowBytes);
            } else {
                data.get(to, at + y * rowBytes, rowBytes);
            }
        }
    }

    private void overWhite(byte[] rgba, byte[] to, int at) {
        int out = at;
        for (int in = 0; in < width * 4; in += 4) {
            int opacity = rgba[in + 3] & 0xff;
            for (int c = 0; c < Frames.CHANNELS; c++) {
                to[out++] = (byte) (((rgba[in + c] & 0xff) * opacity + WHITE * (255 - opacity) + 127) / 255);
            }
        }
    }

    private void prepare(AVFrame frame, boolean alpha) throws Refused {
        int matrix = frame.colorspace();
        int[] now = {frame.format(), frame.width(), frame.height(), matrix, frame.color_range()};
        if (Arrays.equals(now, key)) {
            return;
        }
        swscale.sws_freeContext(scaler);
        scaler = new SwsContext(null);
        key[0] = -1;
        int format = alpha ? avutil.AV_PIX_FMT_RGBA : avutil.AV_PIX_FMT_RGB24;
        if (converted.format() != format || converted.width() != width) {
            avutil.av_frame_unref(converted);
            converted.format(format);
            converted.width(width);
            converted.height(height);
            if (avutil.av_frame_get_buffer(converted, 0) < 0) {
                throw new OutOfMemoryError("a frame of " + width + " x " + height + " pixels");
            }
            row = new byte[width * 4];
        }
        SwsContext made = swscale.sws_getContext(
                frame.width(),
                frame.height(),
                frame.format(),
                width,
                height,
                format,
                swscale.SWS_BILINEAR,
                (SwsFilter) null,
                (SwsFilter) null,
                (DoublePointer) null);
        if (made == null || made.isNull()) {
            throw Refused.unsupported("has pixels that are not read: "
                    + avutil.av_get_pix_fmt_name(frame.format()).getString());
        }
        scaler = made;
        int range = frame.color_range() == avutil.AVCOL_RANGE_JPEG || isFullRange(frame.format()) ? 1 : 0;
        try (IntPointer from = swscale.sws_getCoefficients(coefficients(matrix));
                IntPointer into = swscale.sws_getCoefficients(swscale.SWS_CS_DEFAULT)) {
            swscale.sws_setColorspaceDetails(scaler, from, range, into, 1, 0, ONE, ONE);
        }
        System.arraycopy(now, 0, key, 0, key.length);
    }

    private static boolean isFullRange(int format) {
        return format == avutil.AV_PIX_FMT_YUVJ420P
                || format == avutil.AV_PIX_FMT_YUVJ422P
                || format == avutil.AV_PIX_FMT_YUVJ444P
                || format == avutil.AV_PIX_FMT_YUVJ440P
                || format == avutil.AV_PIX_FMT_YUVJ411P;
    }

    private static int coefficients(int matrix) {
        if (matrix == avutil.AVCOL_SPC_BT709
                || matrix == avutil.AVCOL_SPC_FCC
                || matrix == avutil.AVCOL_SPC_SMPTE240M
                || matrix == avutil.AVCOL_SPC_BT2020_NCL
                || matrix == avutil.AVCOL_SPC_BT2020_CL) {
            return matrix;
        }
        return swscale.SWS_CS_ITU601;
    }

    @Override
    public void close() {
        swscale.sws_freeContext(scaler);
        avutil.av_frame_free(converted);
    }
}
