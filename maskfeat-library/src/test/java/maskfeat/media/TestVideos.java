package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/** Clips of a moving pattern, in many containers and codings, for tests. */
final class TestVideos {
    static final int WIDTH = 64;
    static final int HEIGHT = 48;

    private static final int LARGEST_SECOND_OF_BYTES = 2_000_000;

    /** What a byte of the pictures is. */
    interface Pattern {
        int at(int plane, int x, int y, int t);
    }

    /**
     * How to write a clip; the fields may be changed before it is written.
     */
    static final class Clip {
        private final String container;
        private final String encoder;
        private final int format;
        int width = WIDTH;
        int height = HEIGHT;
        int frames = 40;
        int keyDistance = 8;
        int betweenFrames;
        int colourSpace = avutil.AVCOL_SPC_UNSPECIFIED;
        int colourRange = avutil.AVCOL_RANGE_UNSPECIFIED;
        /** When each frame is shown, in milliseconds; regular if null. */
        long @Nullable [] milliseconds;

        int second = 25;
        /** Units of the container's time for each frame, where it keeps the unit that it is given. */
        int unitsAFrame = 1;

        String[] options = {};
        Pattern pattern = (plane, x, y, t) -> plane == 0
                ? 40 + (3 * x + 5 * y + 7 * t + ((x + t) / 8 + y / 8) % 2 * 60) % 150
                : plane == 3 ? 255 - (x + t) % 64 : 90 + (x + 2 * y + 3 * t) % 70;

        Clip(String container, String encoder, int format) {
            this.container = container;
            this.encoder = encoder;
            this.format = format;
        }

        void write(Path file) throws IOException {
            TestVideos.write(file, this);
        }
    }

    private TestVideos() {}

    static Clip clip(String container, String encoder) {
        int format = switch (encoder) {
            case "mjpeg" -> avutil.AV_PIX_FMT_YUVJ420P;
            case "gif" -> avutil.AV_PIX_FMT_RGB8;
            case "apng" -> avutil.AV_PIX_FMT_RGBA;
            case "prores_ks" -> avutil.AV_PIX_FMT_YUV422P10LE;
            default -> avutil.AV_PIX_FMT_YUV420P;
        };
        return clip(container, encoder, format);
    }

    static Clip clip(String container, String encoder, int format) {
        return new Clip(container, encoder, format);
    }

    private static void write(Path file, Clip clip) throws IOException {
        AVFormatContext output = new AVFormatContext(null);
        check(avformat.avformat_alloc_output_context2(output, (AVOutputFormat) null, clip.container, "file:" + file));
        AVCodec encoder = avcodec.avcodec_find_encoder_by_name(clip.encoder);
        AVCodecContext context = avcodec.avcodec_alloc_context3(encoder);
        AVDictionary options = new AVDictionary(null);
        AVPacket packet = avcodec.av_packet_alloc();
        int ticks = clip.milliseconds == null ? clip.second : 1000;
        try (AVRational tick = avutil.av_make_q(1, ticks)) {
            context.width(clip.width);
            context.height(clip.height);
            context.pix_fmt(clip.format);
            context.time_base(tick);
            if (clip.milliseconds == null) {
                try (AVRational rate = avutil.av_make_q(clip.second, 1)) {
                    context.framerate(rate);
                }
            }
            context.gop_size(clip.keyDistance);
            context.max_b_frames(clip.betweenFrames);
            context.bit_rate(LARGEST_SECOND_OF_BYTES);
            context.thread_count(1);
            context.colorspace(clip.colourSpace);
            context.color_range(clip.colourRange);
            if ((output.oformat().flags() & avformat.AVFMT_GLOBALHEADER) != 0) {
                context.flags(context.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
            }
            if (clip.encoder.equals("libopenh264")) {
                avutil.av_dict_set(options, "allow_skip_frames", "0", 0);
            }
            for (int i = 0; i < clip.options.length; i += 2) {
                avutil.av_dict_set(options, clip.options[i], clip.options[i + 1], 0);
            }
            check(avcodec.avcodec_open2(context, encoder, options));
            AVStream stream = avformat.avformat_new_stream(output, null);
            check(avcodec.avcodec_parameters_from_context(stream.codecpar(), context));
            try (AVRational unit = avutil.av_make_q(1, ticks * clip.unitsAFrame)) {
                stream.time_base(unit);
            }
            AVIOContext io = new AVIOContext(null);
            check(avformat.avio_open(io, "file:" + file, avformat.AVIO_FLAG_WRITE));
            output.pb(io);
            check(avformat.avformat_write_header(output, options));
            for (int t = 0; t < clip.frames; t++) {
                AVFrame picture = picture(clip, t);
                picture.pts(clip.milliseconds == null ? t : clip.milliseconds[t]);
                check(avcodec.avcodec_send_frame(context, picture));
                avutil.av_frame_free(picture);
                drain(context, packet, output, stream, tick);
            }
            check(avcodec.avcodec_send_frame(context, (AVFrame) null));
            drain(context, packet, output, stream, tick);
            check(avformat.av_write_trailer(output));
            avformat.avio_closep(io);
        } finally {
            avcodec.av_packet_free(packet);
            avutil.av_dict_free(options);
            avcodec.avcodec_free_context(context);
            avformat.avformat_free_context(output);
        }
    }

    private static AVFrame picture(Clip clip, int t) throws IOException {
        AVFrame picture = avutil.av_frame_alloc();
        picture.format(clip.format);
        picture.width(clip.width);
        picture.height(clip.height);
        picture.colorspace(clip.colourSpace);
        picture.color_range(clip.colourRange);
        check(avutil.av_frame_get_buffer(picture, 0));
        AVPixFmtDescriptor layout = avutil.av_pix_fmt_desc_get(clip.format);
        boolean wide = layout.comp(0).depth() > 8;
        for (int plane = 0; plane < 4 && picture.data(plane) != null; plane++) {
            boolean chroma = plane == 1 || plane == 2;
            int rows = chroma ? -(-clip.height >> layout.log2_chroma_h()) : clip.height;
            int columns = chroma ? -(-clip.width >> layout.log2_chroma_w()) : clip.width;
            int step = layout.comp(0).step();
            byte[] row = new byte[columns * step];
            for (int y = 0; y < rows; y++) {
                for (int i = 0; i < row.length; i++) {
                    int x = i / step;
                    int part = step > 2 ? i % step : plane;
                    int value = clip.pattern.at(part, x, y, t);
                    row[i] = (byte) (wide ? (i % 2 == 0 ? value << 2 : value >> 6) : value);
                }
                picture.data(plane).position((long) y * picture.linesize(plane)).put(row, 0, row.length);
            }
        }
        return picture;
    }

    private static void drain(
            AVCodecContext context, AVPacket packet, AVFormatContext output, AVStream stream, AVRational tick)
            throws IOException {
        while (true) {
            int code = avcodec.avcodec_receive_packet(context, packet);
            if (code == avutil.AVERROR_EAGAIN() || code == avutil.AVERROR_EOF()) {
                return;
            }
            check(code);
            packet.stream_index(stream.index());
            packet.duration(1);
            try (AVRational ticksOfFile = stream.time_base()) {
                avcodec.av_packet_rescale_ts(packet, tick, ticksOfFile);
            }
            check(avformat.av_interleaved_write_frame(output, packet));
        }
    }

    /** Writes a matrix (ISO/IEC 14496-12, 8.3.2) into the track of an MP4 file. */
    static void turn(Path mp4, int a, int b, int c, int d) throws IOException {
        byte[] file = Files.readAllBytes(mp4);
        ByteBuffer bytes = ByteBuffer.wrap(file);
        // Version and flags, five numbers, eight bytes, and four short numbers come before the matrix.
        int matrix = find(file, "tkhd") + 4 + 4 + 20 + 8 + 8;
        bytes.putInt(matrix, a << 16).putInt(matrix + 4, b << 16);
        bytes.putInt(matrix + 12, c << 16).putInt(matrix + 16, d << 16);
        Files.write(mp4, file);
    }

    /** Lets the edit list of an MP4 file begin later, by so much in units of its track. */
    static void cutStart(Path mp4, int units) throws IOException {
        byte[] file = Files.readAllBytes(mp4);
        ByteBuffer bytes = ByteBuffer.wrap(file);
        int entry = find(file, "elst") + 4 + 8;
        bytes.putInt(entry + 4, bytes.getInt(entry + 4) + units);
        Files.write(mp4, file);
    }

    /** Units a second of an MP4 file's only track. */
    static int unitsASecond(Path mp4) throws IOException {
        byte[] file = Files.readAllBytes(mp4);
        return ByteBuffer.wrap(file).getInt(find(file, "mdhd") + 4 + 12);
    }

    static int find(byte[] file, String name) {
        byte[] wanted = name.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i + wanted.length <= file.length; i++) {
            if (Arrays.equals(file, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        throw new AssertionError("no " + name + " in the file");
    }

    private static void check(int code) throws IOException {
        assertThat(code).as(() -> LibavStill.reason(code)).isNotNegative();
    }
}
