package maskfeat.media;

import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * What a decoder is to know of a video stream before its first packet, kept outside native memory.
 *
 * @param numbers the fields of libav's parameters that are numbers, in the order of {@link #of}
 * @param extra the codec's own header
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Coding(long[] numbers, byte[] extra) {
    /** How many numbers there are. */
    static final int NUMBERS = 18;

    static Coding of(AVCodecParameters from) {
        byte[] extra = new byte[Math.max(0, from.extradata_size())];
        if (extra.length > 0) {
            from.extradata().get(extra);
        }
        return new Coding(
                new long[] {
                    from.codec_type(),
                    from.codec_id(),
                    from.codec_tag(),
                    from.format(),
                    from.bit_rate(),
                    from.bits_per_coded_sample(),
                    from.bits_per_raw_sample(),
                    from.profile(),
                    from.level(),
                    from.width(),
                    from.height(),
                    from.field_order(),
                    from.color_range(),
                    from.color_primaries(),
                    from.color_trc(),
                    from.color_space(),
                    from.chroma_location(),
                    from.video_delay()
                },
                extra);
    }

    /** Whether the parameters have more than this keeps, which the decoder needs. */
    static boolean hasMore(AVCodecParameters from) {
        return avcodec.av_packet_side_data_get(
                        from.coded_side_data(), from.nb_coded_side_data(), avcodec.AV_PKT_DATA_PALETTE)
                != null;
    }

    /** As libav's parameters; to be freed by the caller. */
    AVCodecParameters parameters() {
        AVCodecParameters to = avcodec.avcodec_parameters_alloc();
        int i = 0;
        to.codec_type((int) numbers[i++]);
        to.codec_id((int) numbers[i++]);
        to.codec_tag((int) numbers[i++]);
        to.format((int) numbers[i++]);
        to.bit_rate(numbers[i++]);
        to.bits_per_coded_sample((int) numbers[i++]);
        to.bits_per_raw_sample((int) numbers[i++]);
        to.profile((int) numbers[i++]);
        to.level((int) numbers[i++]);
        to.width((int) numbers[i++]);
        to.height((int) numbers[i++]);
        to.field_order((int) numbers[i++]);
        to.color_range((int) numbers[i++]);
        to.color_primaries((int) numbers[i++]);
        to.color_trc((int) numbers[i++]);
        to.color_space((int) numbers[i++]);
        to.chroma_location((int) numbers[i++]);
        to.video_delay((int) numbers[i]);
        if (extra.length > 0) {
            Pointer memory = avutil.av_mallocz(extra.length + avcodec.AV_INPUT_BUFFER_PADDING_SIZE);
            BytePointer bytes = new BytePointer(memory);
            bytes.capacity(extra.length).put(extra, 0, extra.length);
            to.extradata(bytes);
            to.extradata_size(extra.length);
        }
        return to;
    }
}
