package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VideoWriterTest {
    private static final int FRAMES = 30;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void writesWhatADecoderReadsBack(VideoWriter.Codec codec) throws IOException {
        Frames clip = clip(FRAMES, 96, 64);
        Path file = folder.resolve("clip.mp4");

        VideoWriter.write(file, clip, 25, codec);

        Decoded read = decode(file);
        assertThat(read.times).hasSize(FRAMES);
        for (int t = 0; t < FRAMES; t++) {
            assertThat(read.times.get(t)).isEqualTo(t / 25.0);
        }
        // Luma: what is left of a picture when its chroma is halved.
        double error = 0;
        for (int t = 0; t < FRAMES; t++) {
            for (int i = 0; i < 96 * 64; i++) {
                int at = (t * 96 * 64 + i) * 3;
                double luma = 16
                        + 0.256788 * (clip.rgb()[at] & 0xff)
                        + 0.504129 * (clip.rgb()[at + 1] & 0xff)
                        + 0.097906 * (clip.rgb()[at + 2] & 0xff);
                error += Math.abs(luma - (read.luma.get(t)[i] & 0xff));
            }
        }
        // Half of a level is rounding; the noise of the clip has a standard deviation of about 5.
        assertThat(error / (FRAMES * 96 * 64)).isLessThan(1.6);
    }

    @ParameterizedTest
    @EnumSource
    void givesTheSameBytesForTheSameFrames(VideoWriter.Codec codec) throws IOException {
        Path first = folder.resolve("first.mp4");
        Path second = folder.resolve("second.mp4");

        VideoWriter.write(first, clip(FRAMES, 48, 80), 30, codec);
        VideoWriter.write(second, clip(FRAMES, 48, 80), 30, codec);

        assertThat(Files.readAllBytes(second)).isEqualTo(Files.readAllBytes(first));
    }

    @Test
    void replacesAnOlderFileAndLeavesNothingElse() throws IOException {
        Path file = folder.resolve("clip.mp4");
        Files.writeString(file, "old");

        VideoWriter.write(file, clip(2, 32, 32), 25, VideoWriter.Codec.H264);

        assertThat(decode(file).times).hasSize(2);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void refusesOddSizesWithTheNumbers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VideoWriter.write(
                        folder.resolve("a.mp4"),
                        new Frames(1, 32, 33, new byte[32 * 33 * 3]),
                        25,
                        VideoWriter.Codec.H264))
                .withMessageContaining("33 x 32");
        assertThat(folder.resolve("a.mp4")).doesNotExist();
    }

    @Test
    void hundredsOfClipsLeaveNoMemoryBehind() throws IOException {
        Frames clip = clip(2, 128, 128);
        Path file = folder.resolve("clip.mp4");

        long growth = ResidentMemory.growth(7, () -> {
            for (int i = 0; i < 50; i++) {
                VideoWriter.write(file, clip, 25, VideoWriter.Codec.MPEG4);
            }
        });

        // A round packs 2.4 MB of pictures into as many new encoders, each of which takes more than that.
        assertThat(growth).isLessThan(4 << 20);
    }

    @Test
    void tellsWhichLibavReadsAndWrites() {
        assertThat(MediaVersions.libraries()).contains("libavcodec ").contains("libavformat ");
        assertThat(MediaVersions.licence()).startsWith("LGPL");
        assertThat(MediaVersions.configuration()).contains("--enable-libopenh264");
        assertThat(MediaVersions.libav()).isNotBlank();
    }

    private static Frames clip(int count, int height, int width) {
        byte[] rgb = new byte[count * height * width * 3];
        for (int t = 0; t < count; t++) {
            byte[] frame = TestPictures.rgb(TestPictures.colours(width, height, BufferedImage.TYPE_INT_RGB, t));
            System.arraycopy(frame, 0, rgb, t * frame.length, frame.length);
        }
        return new Frames(count, height, width, rgb);
    }

    private record Decoded(List<Double> times, List<byte[]> luma) {}

    private static Decoded decode(Path file) {
        Decoded decoded = new Decoded(new ArrayList<>(), new ArrayList<>());
        AVFormatContext mp4 = new AVFormatContext(null);
        assertThat(avformat.avformat_open_input(mp4, file.toString(), (AVInputFormat) null, (AVDictionary) null))
                .isZero();
        assertThat(avformat.avformat_find_stream_info(mp4, (AVDictionary) null)).isNotNegative();
        AVCodecContext context = avcodec.avcodec_alloc_context3(
                avcodec.avcodec_find_decoder(mp4.streams(0).codecpar().codec_id()));
        assertThat(avcodec.avcodec_parameters_to_context(context, mp4.streams(0).codecpar()))
                .isNotNegative();
        assertThat(avcodec.avcodec_open2(context, context.codec(), (AVDictionary) null))
                .isZero();
        AVPacket packet = avcodec.av_packet_alloc();
        AVFrame frame = avutil.av_frame_alloc();
        double tick = avutil.av_q2d(mp4.streams(0).time_base());
        while (avformat.av_read_frame(mp4, packet) >= 0) {
            assertThat(avcodec.avcodec_send_packet(context, packet)).isZero();
            avcodec.av_packet_unref(packet);
            take(context, frame, tick, decoded);
        }
        avcodec.avcodec_send_packet(context, (AVPacket) null);
        take(context, frame, tick, decoded);
        avutil.av_frame_free(frame);
        avcodec.av_packet_free(packet);
        avcodec.avcodec_free_context(context);
        avformat.avformat_close_input(mp4);
        return decoded;
    }

    private static void take(AVCodecContext context, AVFrame frame, double tick, Decoded decoded) {
        while (avcodec.avcodec_receive_frame(context, frame) >= 0) {
            byte[] luma = new byte[frame.width() * frame.height()];
            for (int y = 0; y < frame.height(); y++) {
                frame.data(0).position((long) y * frame.linesize(0)).get(luma, y * frame.width(), frame.width());
            }
            decoded.luma.add(luma);
            decoded.times.add(frame.pts() * tick);
        }
    }
}
