package maskfeat.media;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import maskfeat.disk.AtomicFile;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * Copies videos so that clips of them are read fast: small frames, and a key frame every few, so that little is decoded in vain.
 * All frames and their times stay; rotation is applied; sound is dropped. The copy is MPEG-4 part 2 in MP4, whatever its name: at
 * the size and likeness of H.264 from OpenH264, clips of it are decoded in half the time (docs/benchmarks.md).
 *
 * <p>Thread-safe.
 */
public final class TrainingVideo {
    /** Halved chroma needs two rows and columns. */
    private static final int SMALLEST = 2;

    // The coder takes no finer clock.
    private static final int FINEST_PACE = 65_535;

    // A whole film is decoded and coded within one, in processor time for each 16 MiB of it.
    private static final Duration DEADLINE = Duration.ofHours(2);

    // Units of a second that are common beside the container's own: of broken rates, and of MPEG.
    private static final int[] SCALES = {30_000, 24_000, 60_000, 90_000};
    private static final int DEFAULT_SCALE = 90_000;
    private static final int MOST_SCALE = 10_000_000;

    /** Codecs of which a file with one picture is an image. */
    private static final Set<String> ANIMATIONS = Set.of("gif", "apng");

    private static final double ROUNDING = 0.01;

    private final Config config;
    private final VideoReader reader;

    /**
     * What copies are like.
     *
     * @param shortSide of frames in pixels, at most; smaller ones are not enlarged. Even, and at least 2
     * @param keyframeDistance frames from one key frame to the next, at most
     * @param quantiser of MPEG-4, 1 (best) to 31
     */
    public record Config(int shortSide, int keyframeDistance, int quantiser) {
        public Config {
            if (shortSide < SMALLEST || shortSide % 2 != 0) {
                throw new IllegalArgumentException(
                        "a short side of " + shortSide + " px must be even and at least " + SMALLEST);
            }
            if (keyframeDistance < 1 || keyframeDistance > 1000) {
                throw new IllegalArgumentException(
                        "a key frame every " + keyframeDistance + " frames must lie between 1 and 1000");
            }
            if (quantiser < 1 || quantiser > 31) {
                throw new IllegalArgumentException("a quantiser of " + quantiser + " must lie between 1 and 31");
            }
        }
    }

    public TrainingVideo(Config config) {
        this.config = config;
        VideoReader.Limits usual = VideoReader.Limits.DEFAULT;
        reader = VideoReader.scalingToEven(
                config.shortSide, new VideoReader.Limits(usual.maxPixels(), usual.maxFrames(), DEADLINE));
    }

    /**
     * Writes the copy of a video. The file appears complete or not at all.
     *
     * @param progress takes the number of frames done, after each
     * @return false if nothing was written, because the video is as a copy would be, a row of pixels, or an animation
     *     of one picture
     * @throws UnreadableFile if a frame is missing or damaged
     * @throws maskfeat.disk.WriteFailed if the copy cannot be written
     */
    public boolean write(Path from, Path to, IntConsumer progress) throws IOException {
        try (Video video = reader.open(from)) {
            if (!isToBeCoded(video)) {
                video.decodeAll();
                return false;
            }
            Timeline timeline = video.info().timeline();
            int scale = scale(video.tick(), timeline);
            long[] times = new long[timeline.frames()];
            for (int t = 0; t < times.length; t++) {
                times[t] = Math.round(timeline.seconds()[t] * scale);
            }
            // So that the average rate stays too.
            long end = Math.max(times[times.length - 1] + 1, Math.round(timeline.duration() * scale));
            try (AVRational tick = avutil.av_make_q(1, scale);
                    AVRational pace = avutil.av_d2q(1 / timeline.rate(), FINEST_PACE)) {
                VideoWriter.FrameCoding coding = new VideoWriter.FrameCoding(
                        VideoWriter.Codec.MPEG4, config.quantiser, config.keyframeDistance, pace, tick, times, end);
                AtomicFile.writeAnywhere(to, file -> {
                    try (FileOutput output = new FileOutput(file)) {
                        recode(video, coding, output, progress);
                    }
                });
            }
            return true;
        } catch (SourceFailed failed) {
            throw failed.bad;
        }
    }

    private static void recode(Video video, VideoWriter.FrameCoding coding, FileOutput output, IntConsumer progress)
            throws IOException {
        try (VideoWriter.Encoding encoding =
                VideoWriter.encoding(video.framesHeight(), video.framesWidth(), coding, output.context())) {
            video.decodeAll((number, frame) -> {
                try {
                    encoding.add(frame);
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
                progress.accept(number + 1);
            });
            encoding.finish();
            output.check();
        } catch (UnreadableFile bad) {
            throw new SourceFailed(bad);
        } catch (IOException | UncheckedIOException failed) {
            output.check(); // what the disk says comes first
            String why = "cannot be coded anew: " + failed.getMessage();
            throw new SourceFailed(video.unreadable(Refused.unsupported(why)));
        }
    }

    /** It is not the copy that failed; passes what would take an IOException for that. */
    private static final class SourceFailed extends RuntimeException {
        private final transient UnreadableFile bad;

        SourceFailed(UnreadableFile bad) {
            super(bad);
            this.bad = bad;
        }
    }

    /**
     * Whether {@link #write} would code a video anew, as far as its index tells: a damaged frame shows only when it is decoded.
     *
     * @throws UnreadableFile if it cannot be opened
     */
    public boolean isToBeCoded(Path from) throws IOException {
        try (Video video = reader.open(from)) {
            return isToBeCoded(video);
        }
    }

    private boolean isToBeCoded(Video video) throws IOException {
        VideoInfo info = video.info();
        boolean isPicture = ANIMATIONS.contains(info.codec()) && info.timeline().frames() == 1;
        return Math.min(info.width(), info.height()) >= SMALLEST && !isPicture && !isFit(video);
    }

    private boolean isFit(Video video) throws IOException {
        VideoInfo info = video.info();
        return List.of("mpeg4", "h264").contains(info.codec())
                && info.container().contains("mp4")
                && info.width() == video.framesWidth()
                && info.height() == video.framesHeight()
                && video.longestGroup() <= config.keyframeDistance;
    }

    /** Units in a second of which all times are multiples, if there are such. */
    private static int scale(double tick, Timeline timeline) {
        double own = Math.rint(1 / tick);
        if (own >= 1 && own <= MOST_SCALE && fits((int) own, timeline)) {
            return (int) own;
        }
        for (int scale : SCALES) {
            if (fits(scale, timeline)) {
                return scale;
            }
        }
        return DEFAULT_SCALE;
    }

    private static boolean fits(int scale, Timeline timeline) {
        long before = -1;
        for (double seconds : timeline.seconds()) {
            double units = seconds * scale;
            if (Math.abs(units - Math.rint(units)) > ROUNDING || Math.round(units) == before) {
                return false;
            }
            before = Math.round(units);
        }
        return true;
    }
}
