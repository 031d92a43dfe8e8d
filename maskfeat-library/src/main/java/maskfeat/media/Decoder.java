package maskfeat.media;

import maskfeat.media.UnreadableFile.Verdict;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/** A libav decoder. It uses one thread, because loaders decode many clips in parallel. */
final class Decoder implements AutoCloseable {
    static {
        LibavLog.quiet();
    }

    // libav checks against rows and columns rounded up to its alignment.
    private static final int ALIGNMENT = 128;

    // AV_FRAME_FLAG_CORRUPT of libavutil/frame.h, missing in the bindings.
    private static final int FLAG_CORRUPT = 1;

    private final AVCodecContext context;
    private final AVFrame frame;
    private boolean used;

    Decoder(AVCodecParameters parameters, long maxPixels) throws Refused {
        AVCodec decoder = avcodec.avcodec_find_decoder(parameters.codec_id());
        if (decoder == null) {
            throw Refused.unsupported("is a video that is not read: no decoder for "
                    + avcodec.avcodec_get_name(parameters.codec_id()).getString());
        }
        context = avcodec.avcodec_alloc_context3(decoder);
        frame = avutil.av_frame_alloc();
        int code = avcodec.avcodec_parameters_to_context(context, parameters);
        if (code >= 0) {
            context.thread_count(1);
            context.max_pixels(allowed(maxPixels));
            code = avcodec.avcodec_open2(context, decoder, (AVDictionary) null);
        }
        if (code < 0) {
            close();
            throw new Refused(
                    code == avutil.AVERROR_PATCHWELCOME() ? Verdict.UNSUPPORTED : Verdict.DAMAGED,
                    "has a video stream that no decoder takes: " + LibavStill.reason(code));
        }
    }

    /** The pixel limit for libav, which also counts the edges that decoders add. */
    static long allowed(long maxPixels) {
        return maxPixels + 2 * ALIGNMENT * (long) Math.sqrt((double) maxPixels) + ALIGNMENT * ALIGNMENT;
    }

    /**
     * Sends a packet, or null for the end.
     *
     * @return whether the decoder accepted it
     */
    boolean send(@Nullable AVPacket packet) {
        used = true;
        return avcodec.avcodec_send_packet(context, packet) >= 0;
    }

    /**
     * Receives the next frame.
     *
     * @return 0, or libav's code: AVERROR(EAGAIN) if it needs more packets, AVERROR_EOF at the end, otherwise an error
     */
    int receive() {
        return avcodec.avcodec_receive_frame(context, frame);
    }

    /** The frame of the last successful {@link #receive}; valid until the next one. */
    AVFrame frame() {
        return frame;
    }

    /** Whether that frame is complete. */
    boolean isClean() {
        return frame.decode_error_flags() == 0 && (frame.flags() & FLAG_CORRUPT) == 0;
    }

    /**
     * Resets the decoder, to start at another packet.
     *
     * <p>Flushing alone is not enough: the HEVC decoder of libav 8 keeps frames that wait to be shown. They are
     * received first, which decodes nothing more.
     */
    void flush() {
        if (used) {
            send(null);
            while (receive() >= 0) {
                avutil.av_frame_unref(frame);
            }
            avcodec.avcodec_flush_buffers(context);
            used = false;
        }
    }

    @Override
    public void close() {
        avutil.av_frame_free(frame);
        avcodec.avcodec_free_context(context);
    }
}
