package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * What decoding a whole file gives, without any of the reader's shortcuts: the shortest loop over libav.
 *
 * @param times of the frames as the decoder gives them, in seconds
 * @param frames RGB of each, not turned
 */
record PlainVideo(List<Double> times, List<byte[]> frames) {
    static PlainVideo decode(Path file) throws Exception {
        AVFormatContext format = new AVFormatContext(null);
        assertThat(avformat.avformat_open_input(format, "file:" + file, (AVInputFormat) null, (AVDictionary) null))
                .isZero();
        avformat.avformat_find_stream_info(format, (AVDictionary) null);
        int index = avformat.av_find_best_stream(format, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
        AVCodec decoder =
                avcodec.avcodec_find_decoder(format.streams(index).codecpar().codec_id());
        AVCodecContext context = avcodec.avcodec_alloc_context3(decoder);
        avcodec.avcodec_parameters_to_context(context, format.streams(index).codecpar());
        assertThat(avcodec.avcodec_open2(context, decoder, (AVDictionary) null)).isZero();
        PlainVideo video = new PlainVideo(new ArrayList<>(), new ArrayList<>());
        double tick = avutil.av_q2d(format.streams(index).time_base());
        AVPacket packet = avcodec.av_packet_alloc();
        AVFrame frame = avutil.av_frame_alloc();
        FramePixels[] pixels = {null};
        while (avformat.av_read_frame(format, packet) >= 0) {
            if (packet.stream_index() == index) {
                avcodec.avcodec_send_packet(context, packet);
                video.take(context, frame, tick, pixels);
            }
            avcodec.av_packet_unref(packet);
        }
        avcodec.avcodec_send_packet(context, (AVPacket) null);
        video.take(context, frame, tick, pixels);
        if (pixels[0] != null) {
            pixels[0].close();
        }
        avutil.av_frame_free(frame);
        avcodec.av_packet_free(packet);
        avcodec.avcodec_free_context(context);
        avformat.avformat_close_input(format);
        return video;
    }

    private void take(AVCodecContext context, AVFrame frame, double tick, FramePixels[] pixels) throws Exception {
        while (avcodec.avcodec_receive_frame(context, frame) >= 0) {
            if (pixels[0] == null) {
                pixels[0] = new FramePixels(frame.width(), frame.height(), Orientation.UPRIGHT);
            }
            byte[] rgb = new byte[pixels[0].bytes()];
            pixels[0].rgb(frame, rgb, 0);
            frames.add(rgb);
            times.add(frame.pts() == avutil.AV_NOPTS_VALUE ? Double.NaN : frame.pts() * tick);
        }
    }
}
