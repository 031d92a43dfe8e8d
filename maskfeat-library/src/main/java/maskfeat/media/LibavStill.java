package maskfeat.media;

import java.nio.charset.StandardCharsets;
import maskfeat.media.UnreadableFile.Verdict;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one image with a given libav decoder.
 *
 * <p>The decoder gets its bytes in one packet, so no demuxer guesses a format and no protocol, playlist or network can
 * be reached. libav does not report incomplete images, so callers check first that the data is complete.
 */
final class LibavStill {
    static {
        LibavLog.quiet();
    }

    /** The meaning of the fourth channel of the decoded pixels. */
    enum Alpha {
        OVER_WHITE,
        IGNORED
    }

    // AV_FRAME_FLAG_CORRUPT of libavutil/frame.h, missing in the bindings.
    private static final int FLAG_CORRUPT = 1;

    private static final int ALIGNMENT = 128;

    // AV_INPUT_BUFFER_PADDING_SIZE of libavcodec/defs.h
    private static final int PADDING = 64;

    private LibavStill() {}

    /**
     * Decodes one image.
     *
     * @param codec one of libav's AV_CODEC_ID constants
     * @param data a complete file of that format
     * @param width declared in the file's header, already checked
     * @param height likewise
     */
    static Frames decode(int codec, byte[] data, int width, int height, Alpha alpha) throws Refused {
        return decode(
                codec, null, data, width, height, frame -> Frames.image(height, width, LibavPixels.rgb(frame, alpha)));
    }

    /** Takes what is needed from a decoded picture, which is gone afterwards. */
    interface Taking<T> {
        T from(AVFrame frame) throws Refused;
    }

    /**
     * Decodes one image of a codec whose files keep a part for the set-up of its decoder.
     *
     * @param setup that part; null if there is none
     * @param data one picture
     * @param taking what becomes of the decoded picture
     */
    static <T> T decode(int codec, byte @Nullable [] setup, byte[] data, int width, int height, Taking<T> taking)
            throws Refused {
        AVCodec decoder = avcodec.avcodec_find_decoder(codec);
        if (decoder == null) {
            throw new IllegalStateException("this libav has no decoder "
                    + avcodec.avcodec_get_name(codec).getString());
        }
        AVCodecContext context = avcodec.avcodec_alloc_context3(decoder);
        AVPacket packet = avcodec.av_packet_alloc();
        AVFrame frame = avutil.av_frame_alloc();
        try {
            context.thread_count(1);
            // libav checks against rows and columns rounded up to its alignment.
            context.max_pixels((long) (width + ALIGNMENT) * (height + ALIGNMENT));
            context.err_recognition(avcodec.AV_EF_CRCCHECK | avcodec.AV_EF_BUFFER | avcodec.AV_EF_EXPLODE);
            if (setup != null) {
                // Freed with the context.
                BytePointer copy = new BytePointer(avutil.av_mallocz(setup.length + PADDING));
                context.extradata(copy.put(setup, 0, setup.length)).extradata_size(setup.length);
            }
            check(avcodec.avcodec_open2(context, decoder, (AVDictionary) null));
            check(avcodec.av_new_packet(packet, data.length));
            packet.data().put(data, 0, data.length);
            check(avcodec.avcodec_send_packet(context, packet));
            check(avcodec.avcodec_send_packet(context, (AVPacket) null));
            check(avcodec.avcodec_receive_frame(context, frame));
            if (frame.width() != width || frame.height() != height) {
                throw Refused.damaged("it declares " + width + " x " + height + " pixels and holds " + frame.width()
                        + " x " + frame.height());
            }
            if (frame.decode_error_flags() != 0 || (frame.flags() & FLAG_CORRUPT) != 0) {
                throw Refused.damaged("parts of the picture do not decode");
            }
            return taking.from(frame);
        } finally {
            avutil.av_frame_free(frame);
            avcodec.av_packet_free(packet);
            avcodec.avcodec_free_context(context);
        }
    }

    private static void check(int code) throws Refused {
        if (code >= 0) {
            return;
        }
        String reason = reason(code);
        if (code == avutil.AVERROR_PATCHWELCOME() || code == avutil.AVERROR_DECODER_NOT_FOUND()) {
            throw new Refused(Verdict.UNSUPPORTED, "is of a variant that is not read: " + reason);
        }
        throw Refused.damaged(reason);
    }

    /** libav's message for an error code. */
    static String reason(int code) {
        byte[] text = new byte[avutil.AV_ERROR_MAX_STRING_SIZE];
        avutil.av_strerror(code, text, text.length);
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return new String(text, 0, end, StandardCharsets.UTF_8);
    }
}
