package maskfeat.media;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/** Checksums of decoded frames: of their pixels, and of all that decides how these become colours. */
final class FrameSum {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final CRC32C sum = new CRC32C();
    private ByteBuffer pixels = NONE;

    int of(AVFrame frame) {
        int size = avutil.av_image_get_buffer_size(frame.format(), frame.width(), frame.height(), 1);
        ByteBuffer head = ByteBuffer.allocate(24)
                .putInt(frame.format())
                .putInt(frame.width())
                .putInt(frame.height())
                .putInt(frame.colorspace())
                .putInt(frame.color_range())
                .putInt(size);
        sum.reset();
        sum.update(head.flip());
        if (size > 0) {
            if (pixels.capacity() < size) {
                pixels = ByteBuffer.allocateDirect(size);
            }
            try (BytePointer to = new BytePointer(pixels.clear())) {
                avutil.av_image_copy_to_buffer(
                        to, size, frame.data(), frame.linesize(), frame.format(), frame.width(), frame.height(), 1);
            }
            sum.update(pixels.limit(size));
        }
        return (int) sum.getValue();
    }
}
