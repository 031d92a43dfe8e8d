package maskfeat.media;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Writes clips as MP4.
 *
 * <p>The quantiser is fixed and fine, so that small clips look right; the file size depends on their textures. The same
 * frames give the same bytes: one thread, no dates, no program names.
 */
public final class VideoWriter {
    static {
        LibavLog.quiet();
    }

    /** The codec of the frames. */
    public enum Codec {
        /** Baseline H.264 through OpenH264. */
        H264("libopenh264", 18),
        /** MPEG-4 part 2, for players and tests without an H.264 licence. */
        MPEG4("mpeg4", 2);

        private final String encoder;
        private final int quantiser;

        Codec(String encoder, int quantiser) {
            this.encoder = encoder;
            this.quantiser = quantiser;
        }
    }

    // The most frames that a seeking decoder reads in vain.
    private static final int KEYFRAME_DISTANCE = 12;

    // Has no effect, because the quantiser is fixed, but OpenH264 requires a rate.
    private static final int BITS_A_PIXEL = 24;

    private static final int BLACK = 16;
    private static final int NO_CHROMA = 128;

    private VideoWriter() {}

    /**
     * Writes a clip. The file appears complete or not at all, and replaces an older one.
     *
     * @param frames even height and width, as halved chroma needs
     * @param framesPerSecond 1 to 1000
     * @throws IllegalArgumentException for an odd size or an impossible rate
     * @throws IOException if the file cannot be written or the encoder refuses the size
     */
    public static void write(Path file, Frames frames, int framesPerSecond, Codec codec) throws IOException {
        write(file, new Whole(frames), framesPerSecond, codec);
    }

    /** As above, with one frame in memory at a time. */
    public static void write(Path file, Source frames, double framesPerSecond, Codec codec) throws IOException {
        if (frames.height() % 2 != 0 || frames.width() % 2 != 0) {
            throw new IllegalArgumentException("a video of " + frames.width() + " x " + frames.height()
                    + " pixels cannot be written; both sides must be even");
        }
        if (!(framesPerSecond >= 1 && framesPerSecond <= 1000)) {
            throw new IllegalArgumentException(framesPerSecond + " frames a second must lie between 1 and 1000");
        }
        AVRational tick = tick(framesPerSecond);
        long[] times = LongStream.range(0, frames.count()).toArray();
        FrameCoding coding =
                new FrameCoding(codec, codec.quantiser, KEYFRAME_DISTANCE, tick, tick, times, frames.count());
        try (tick;
                DynamicBuffer memory = new DynamicBuffer()) {
            encode(frames, coding, memory.context());
            AtomicFile.write(file, Content.of(memory.finish()));
        }
    }

    /**
     * How frames are coded.
     *
     * @param pace length of a frame for the coder, about: the times in the file are those that count
     * @param tick unit of the times, in seconds
     * @param times [frames], ascending from 0
     * @param end of the last frame, in the same unit
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record FrameCoding(
            Codec codec,
            int quantiser,
            int keyframeDistance,
            AVRational pace,
            AVRational tick,
            long[] times,
            long end) {
        /** Until the next frame or the end. */
        long duration(int frame) {
            return (frame + 1 < times.length ? times[frame + 1] : end) - times[frame];
        }
    }

    /** Memory that libav writes a file into. */
    private static final class DynamicBuffer implements AutoCloseable {
        private final AVIOContext memory = new AVIOContext(null);
        private final BytePointer written = new BytePointer((Pointer) null);

        DynamicBuffer() throws IOException {
            check("take memory", avformat.avio_open_dyn_buf(memory));
        }

        AVIOContext context() {
            return memory;
        }

        byte[] finish() {
            int size = avformat.avio_close_dyn_buf(memory, written);
            memory.setNull();
            byte[] bytes = new byte[size];
            written.get(bytes);
            return bytes;
        }

        @Override
        public void close() {
            if (!memory.isNull()) {
                avformat.avio_close_dyn_buf(memory, written);
            }
            avutil.av_free(written);
        }
    }

    /** Frames of a video that are made as they are wanted. */
    public interface Source {
        /** In pixels, even. */
        int height();

        /** In pixels, even. */
        int width();

        /** Number of frames. */
        int count();

        /**
         * One frame, asked for in order.
         *
         * @return [1, height, width, 3]
         * @throws IOException if it cannot be made
         */
        Frames frame(int number) throws IOException;
    }

    /** A whole clip in memory. */
    private record Whole(Frames frames) implements Source {
        @Override
        public int height() {
            return frames.height();
        }

        @Override
        public int width() {
            return frames.width();
        }

        @Override
        public int count() {
            return frames.count();
        }

        @Override
        public Frames frame(int number) {
            int bytes = frames.rgb().length / frames.count();
            byte[] rgb = Arrays.copyOfRange(frames.rgb(), number * bytes, (number + 1) * bytes);
            return new Frames(1, frames.height(), frames.width(), rgb);
        }
    }

    private static void encode(Source frames, FrameCoding coding, AVIOContext file) throws IOException {
        try (Encoding encoding = encoding(frames.height(), frames.width(), coding, file)) {
            for (int t = 0; t < frames.count(); t++) {
                encoding.add(frames.frame(t));
            }
            encoding.finish();
        }
    }

    /** Begins a file. Both sides of the frames are even. */
    static Encoding encoding(int height, int width, FrameCoding coding, AVIOContext file) throws IOException {
        Encoding encoding = new Encoding(coding);
        try {
            encoding.begin(height, width, file);
            return encoding;
        } catch (IOException | RuntimeException | Error failed) {
            encoding.close();
            throw failed;
        }
    }

    /** A file that is being written, frame by frame. */
    static final class Encoding implements AutoCloseable {
        private final FrameCoding coding;
        private final AVFormatContext mp4 = new AVFormatContext(null);
        private AVCodecContext context = new AVCodecContext(null);
        private AVStream stream = new AVStream(null);
        private final AVPacket packet = avcodec.av_packet_alloc();
        private final AVFrame picture = avutil.av_frame_alloc();
        private int taken;
        private int written;

        private Encoding(FrameCoding coding) {
            this.coding = coding;
        }

        private void begin(int height, int width, AVIOContext file) throws IOException {
            AVCodec encoder = avcodec.avcodec_find_encoder_by_name(coding.codec.encoder);
            if (encoder == null) {
                throw new IOException("this libav has no encoder " + coding.codec.encoder);
            }
            check("start", avformat.avformat_alloc_output_context2(mp4, null, "mp4", null));
            context = avcodec.avcodec_alloc_context3(encoder);
            settings(context, height, width, coding);
            AVDictionary options = new AVDictionary(null);
            try {
                if (coding.codec == Codec.H264) {
                    avutil.av_dict_set(options, "rc_mode", "bitrate", 0);
                    avutil.av_dict_set(options, "allow_skip_frames", "0", 0);
                }
                check("open the encoder", avcodec.avcodec_open2(context, encoder, options));
            } finally {
                avutil.av_dict_free(options);
            }
            stream = avformat.avformat_new_stream(mp4, null);
            check("describe the stream", avcodec.avcodec_parameters_from_context(stream.codecpar(), context));
            stream.time_base(coding.tick);
            mp4.flags(mp4.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
            mp4.pb(file);
            check("write the header", avformat.avformat_write_header(mp4, (AVDictionary) null));
        }

        /** @param frame [1, height, width, 3], the next one */
        void add(Frames frame) throws IOException {
            // The encoder may still use the last frame's buffer, so each frame gets a new one.
            avutil.av_frame_unref(picture);
            picture.format(context.pix_fmt());
            picture.width(frame.width());
            picture.height(frame.height());
            check("take memory", avutil.av_frame_get_buffer(picture, 0));
            fill(picture, frame, 0);
            picture.pts(taken++);
            if (coding.codec == Codec.MPEG4) {
                picture.quality(coding.quantiser * avutil.FF_QP2LAMBDA);
            }
            check("encode", avcodec.avcodec_send_frame(context, picture));
            drain();
        }

        /** To be called after the last frame. */
        void finish() throws IOException {
            check("encode", avcodec.avcodec_send_frame(context, (AVFrame) null));
            drain();
            check("write the index", avformat.av_write_trailer(mp4));
            if (written != coding.times.length) {
                throw new IOException("video: the encoder gave " + written + " of " + coding.times.length + " frames");
            }
        }

        private void drain() throws IOException {
            while (true) {
                int code = avcodec.avcodec_receive_packet(context, packet);
                if (code == avutil.AVERROR_EAGAIN() || code == avutil.AVERROR_EOF()) {
                    return;
                }
                check("encode", code);
                packet.stream_index(stream.index());
                // Neither encoder changes the order of the frames.
                packet.pts(coding.times[written]);
                packet.dts(coding.times[written]);
                packet.duration(coding.duration(written++));
                try (AVRational ticksOfFile = stream.time_base()) {
                    avcodec.av_packet_rescale_ts(packet, coding.tick, ticksOfFile);
                }
                check("write", avformat.av_interleaved_write_frame(mp4, packet));
            }
        }

        @Override
        public void close() {
            avutil.av_frame_free(picture);
            avcodec.av_packet_free(packet);
            avcodec.avcodec_free_context(context);
            if (!mp4.isNull()) {
                mp4.pb(null);
                avformat.avformat_free_context(mp4);
            }
        }
    }

    /** Duration of a frame; of broken rates such as 29.97 to a thousandth. */
    private static AVRational tick(double framesPerSecond) {
        return framesPerSecond == Math.rint(framesPerSecond)
                ? avutil.av_make_q(1, (int) framesPerSecond)
                : avutil.av_make_q(1000, (int) Math.round(1000 * framesPerSecond));
    }

    private static void settings(AVCodecContext context, int height, int width, FrameCoding coding) {
        Codec codec = coding.codec;
        context.width(width);
        context.height(height);
        context.time_base(coding.pace);
        context.pix_fmt(avutil.AV_PIX_FMT_YUV420P);
        context.colorspace(avutil.AVCOL_SPC_SMPTE170M);
        context.color_range(avutil.AVCOL_RANGE_MPEG);
        context.thread_count(1);
        context.gop_size(coding.keyframeDistance);
        context.max_b_frames(0);
        context.qmin(coding.quantiser);
        context.qmax(coding.quantiser);
        context.bit_rate(Math.min(Integer.MAX_VALUE, (long) width * height * BITS_A_PIXEL));
        context.global_quality(coding.quantiser * avutil.FF_QP2LAMBDA);
        // MP4 keeps the parameter sets in its header.
        int flags = avcodec.AV_CODEC_FLAG_BITEXACT | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
        context.flags(codec == Codec.MPEG4 ? flags | avcodec.AV_CODEC_FLAG_QSCALE : flags);
    }

    /** Studio-range BT.601 (ITU-R BT.601-7, 16 fraction bits), chroma the mean of four pixels. */
    private static void fill(AVFrame picture, Frames frames, int t) {
        int width = frames.width();
        byte[] rgb = frames.rgb();
        byte[] luma = new byte[width];
        byte[] blue = new byte[width / 2];
        byte[] red = new byte[width / 2];
        for (int y = 0; y < frames.height(); y++) {
            for (int x = 0, at = frames.at(t, y, 0); x < width; x++, at += Frames.CHANNELS) {
                int sum = 16829 * (rgb[at] & 0xff) + 33039 * (rgb[at + 1] & 0xff) + 6416 * (rgb[at + 2] & 0xff);
                luma[x] = (byte) (BLACK + ((sum + (1 << 15)) >> 16));
            }
            picture.data(0).position((long) y * picture.linesize(0)).put(luma, 0, width);
            if (y % 2 == 0) {
                for (int x = 0; x < width / 2; x++) {
                    int upper = frames.at(t, y, 2 * x);
                    int lower = frames.at(t, y + 1, 2 * x);
                    int r = sum(rgb, upper, lower);
                    int g = sum(rgb, upper + 1, lower + 1);
                    int b = sum(rgb, upper + 2, lower + 2);
                    blue[x] = (byte) (NO_CHROMA + ((-9714 * r - 19071 * g + 28784 * b + (1 << 17)) >> 18));
                    red[x] = (byte) (NO_CHROMA + ((28784 * r - 24103 * g - 4681 * b + (1 << 17)) >> 18));
                }
                picture.data(1).position((long) (y / 2) * picture.linesize(1)).put(blue, 0, width / 2);
                picture.data(2).position((long) (y / 2) * picture.linesize(2)).put(red, 0, width / 2);
            }
        }
    }

    private static int sum(byte[] rgb, int upper, int lower) {
        int right = Frames.CHANNELS;
        return (rgb[upper] & 0xff) + (rgb[upper + right] & 0xff) + (rgb[lower] & 0xff) + (rgb[lower + right] & 0xff);
    }

    private static void check(String step, int code) throws IOException {
        if (code < 0) {
            throw new IOException("video: could not " + step + ": " + LibavStill.reason(code));
        }
    }
}
