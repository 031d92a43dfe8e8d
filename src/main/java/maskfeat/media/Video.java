package maskfeat.media;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.media.UnreadableFile.Verdict;
import maskfeat.media.VideoReader.Limits;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/** An open video. For one thread. */
public final class Video implements AutoCloseable {
    private final Path file;
    private final Limits limits;
    private final FileInput input;
    private final Demuxer demuxer;
    private final List<AVPacket> packets = new ArrayList<>();
    private final List<Integer> packetOfFrame = new ArrayList<>();
    private VideoInfo info;

    private Video(Path file, Limits limits, FileInput input, Demuxer demuxer) throws Refused, IOException {
        this.file = file;
        this.limits = limits;
        this.input = input;
        this.demuxer = demuxer;
        AVPacket packet = avcodec.av_packet_alloc();
        while (demuxer.read(packet)) {
            packets.add(packet);
            packet = avcodec.av_packet_alloc();
        }
        avcodec.av_packet_free(packet);
        List<Long> times = new ArrayList<>();
        for (AVPacket p : packets) {
            times.add(p.pts());
        }
        for (int i = 0; i < packets.size(); i++) {
            packets.get(i).pts(i);
            packets.get(i).dts(i);
        }
        decode((frame) -> {
            packetOfFrame.add((int) frame.pts());
            return true;
        });
        if (packetOfFrame.isEmpty()) {
            throw Refused.damaged("no frame decodes");
        }
        double[] seconds = new double[packetOfFrame.size()];
        for (int i = 0; i < seconds.length; i++) {
            seconds[i] = (times.get(packetOfFrame.get(i)) - times.get(packetOfFrame.get(0))) * demuxer.tick();
        }
        double rate = avutil.av_q2d(demuxer.stream().avg_frame_rate());
        info = new VideoInfo(
                demuxer.container(),
                avcodec.avcodec_get_name(demuxer.parameters().codec_id()).getString(),
                avutil.av_get_pix_fmt_name(demuxer.parameters().format()).getString(),
                demuxer.parameters().width(),
                demuxer.parameters().height(),
                new Timeline(rate > 0 ? rate : 25, seconds));
    }

    static Video open(Path file, Limits limits) throws Refused, IOException {
        FileInput input = FileInput.open(file);
        input.allow(limits.deadline());
        return new Video(file, limits, input, Demuxer.open(input));
    }

    /** What is known of the video. */
    public VideoInfo info() {
        return info;
    }

    private interface Taker {
        boolean take(AVFrame frame) throws IOException, Refused;
    }

    private void decode(Taker taker) throws Refused, IOException {
        AVCodec decoder = avcodec.avcodec_find_decoder(demuxer.parameters().codec_id());
        if (decoder == null) {
            throw new Refused(Verdict.UNSUPPORTED, "has no decoder");
        }
        AVCodecContext context = avcodec.avcodec_alloc_context3(decoder);
        AVFrame frame = avutil.av_frame_alloc();
        try {
            avcodec.avcodec_parameters_to_context(context, demuxer.parameters());
            context.thread_count(1);
            avcodec.avcodec_open2(context, decoder, (AVDictionary) null);
            for (int i = 0; i <= packets.size(); i++) {
                Demuxer.check(input);
                avcodec.avcodec_send_packet(context, i < packets.size() ? packets.get(i) : null);
                while (avcodec.avcodec_receive_frame(context, frame) >= 0) {
                    if (!taker.take(frame)) {
                        return;
                    }
                }
            }
        } finally {
            avutil.av_frame_free(frame);
            avcodec.avcodec_free_context(context);
        }
    }

    /**
     * Decodes frames.
     *
     * @param numbers in order of showing, ascending, repeats allowed
     * @return RGB, [T, H, W, 3]
     */
    public Frames frames(int... numbers) throws IOException {
        input.allow(limits.deadline());
        int frameBytes = info.width() * info.height() * 3;
        byte[] rgb = new byte[numbers.length * frameBytes];
        int[] next = {0, 0};
        try (FramePixels pixels = new FramePixels(info.width(), info.height())) {
            decode(frame -> {
                int shown = next[0]++;
                int first = -1;
                while (next[1] < numbers.length && numbers[next[1]] == shown) {
                    if (first < 0) {
                        pixels.rgb(frame, rgb, next[1] * frameBytes);
                        first = next[1];
                    } else {
                        System.arraycopy(rgb, first * frameBytes, rgb, next[1] * frameBytes, frameBytes);
                    }
                    next[1]++;
                }
                return next[1] < numbers.length;
            });
        } catch (Refused refused) {
            throw new UnreadableFile(file, refused);
        }
        if (next[1] < numbers.length) {
            throw new UnreadableFile(file, Refused.damaged("frame " + numbers[next[1]] + " does not decode"));
        }
        return new Frames(numbers.length, info.height(), info.width(), rgb);
    }

    /** Decodes the whole file and tells the number of frames. */
    public int decodeAll() throws IOException {
        input.allow(limits.deadline());
        int[] count = {0};
        try {
            decode(frame -> {
                count[0]++;
                return true;
            });
        } catch (Refused refused) {
            throw new UnreadableFile(file, refused);
        }
        return count[0];
    }

    @Override
    public void close() throws IOException {
        for (AVPacket packet : packets) {
            avcodec.av_packet_free(packet);
        }
        demuxer.close();
        input.close();
    }
}
