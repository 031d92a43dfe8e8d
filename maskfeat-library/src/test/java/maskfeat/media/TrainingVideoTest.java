package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import maskfeat.disk.WriteFailed;
import maskfeat.media.TestVideos.Clip;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingVideoTest {
    private static final TrainingVideo.Config CONFIG = new TrainingVideo.Config(32, 5, 2);

    @TempDir
    Path temp;

    private Path in() {
        return temp.resolve("in.bin");
    }

    private Path out() {
        return temp.resolve("out.bin");
    }

    /** Smooth, so that the coder's error is small whatever is scaled. */
    private static Clip smooth(String container, String encoder) {
        Clip clip = TestVideos.clip(container, encoder);
        clip.width = 96;
        clip.height = 64;
        clip.pattern = (plane, x, y, t) -> plane == 0 ? 60 + x + y / 2 + t : 128;
        return clip;
    }

    private void copied(TrainingVideo.Config config) throws IOException {
        assertThat(new TrainingVideo(config).write(in(), out(), frames -> {})).isTrue();
    }

    private static double[] times(Path file) throws IOException {
        try (Video video = new VideoReader().open(file)) {
            return video.info().timeline().seconds();
        }
    }

    /** Decibels, of all frames, against the original scaled to the size of the copy. */
    private static double likeness(Path original, Path copy, int shortSide) throws IOException {
        try (Video one = VideoReader.scalingToEven(shortSide, VideoReader.Limits.DEFAULT)
                        .open(original);
                Video other = new VideoReader().open(copy)) {
            int[] all = IntStream.range(0, one.info().timeline().frames()).toArray();
            Frames before = one.frames(all);
            Frames after = other.frames(all);
            assertThat(List.of(after.height(), after.width())).containsExactly(before.height(), before.width());
            double sum = 0;
            for (int i = 0; i < before.rgb().length; i++) {
                double difference = (before.rgb()[i] & 0xff) - (after.rgb()[i] & 0xff);
                sum += difference * difference;
            }
            return 10 * Math.log10(255 * 255 / Math.max(1e-9, sum / before.rgb().length));
        }
    }

    @ParameterizedTest
    @CsvSource({"mp4, mpeg4", "mp4, libopenh264", "matroska, ffv1", "avi, mjpeg", "mpegts, mpeg2video"})
    void framesTimesAndPixelsAreThoseOfTheOriginal(String container, String encoder) throws IOException {
        smooth(container, encoder).write(in());
        copied(CONFIG);
        assertThat(times(out())).containsExactly(times(in()), within(1e-9));
        assertThat(likeness(in(), out(), 32)).isGreaterThan(38);
        try (Video copy = new VideoReader().open(out())) {
            assertThat(copy.info().codec()).isEqualTo("mpeg4");
            assertThat(List.of(copy.info().width(), copy.info().height())).containsExactly(48, 32);
            assertThat(copy.longestGroup()).isEqualTo(5);
            assertThat(copy.info().timeline().rate()).isCloseTo(25, within(1e-6));
        }
    }

    @Test
    void timesOfUnevenLengthStay() throws IOException {
        Clip clip = smooth("matroska", "mpeg4");
        clip.milliseconds = IntStream.range(0, clip.frames)
                .mapToLong(i -> 40L * i + (i * 7919L) % 23)
                .toArray();
        clip.write(in());
        copied(CONFIG);
        assertThat(times(in())[1]).isNotEqualTo(0.04);
        assertThat(times(out())).containsExactly(times(in()), within(1e-9));
        try (Video one = new VideoReader().open(in());
                Video other = new VideoReader().open(out())) {
            assertThat(other.info().timeline().rate())
                    .isCloseTo(one.info().timeline().rate(), within(0.02));
        }
    }

    @Test
    void timesOfBrokenRatesStay() throws IOException {
        VideoWriter.write(
                in(),
                new VideoWriter.Source() {
                    @Override
                    public int height() {
                        return 64;
                    }

                    @Override
                    public int width() {
                        return 96;
                    }

                    @Override
                    public int count() {
                        return 40;
                    }

                    @Override
                    public Frames frame(int number) {
                        return Frames.image(64, 96, new byte[64 * 96 * 3]);
                    }
                },
                29.97,
                VideoWriter.Codec.MPEG4);
        copied(CONFIG);
        assertThat(times(out())).containsExactly(times(in()), within(1e-9));
        assertThat(times(out())[30]).isCloseTo(30 / 29.97, within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"b-frames-uneven.mp4", "b-frames-sound.mov", "late.mp4", "cut.mp4", "open-groups.mp4"})
    void theOddFilesStayWhatTheyAre(String name) throws IOException {
        try (InputStream movie = getClass().getResourceAsStream("/movies/" + name)) {
            Files.copy(movie, in());
        }
        copied(new TrainingVideo.Config(64, 5, 1));
        assertThat(times(out())).containsExactly(times(in()), within(1e-9));
        assertThat(likeness(in(), out(), 64)).isGreaterThan(30);
    }

    @Test
    void rotationIsApplied() throws IOException {
        smooth("mp4", "mpeg4").write(in());
        TestVideos.turn(in(), 0, 1, -1, 0);
        copied(CONFIG);
        try (Video copy = new VideoReader().open(out())) {
            assertThat(List.of(copy.info().width(), copy.info().height())).containsExactly(32, 48);
        }
        assertThat(likeness(in(), out(), 32)).isGreaterThan(38);
    }

    /** Width, height, and those of the copy: never larger, never odd. */
    @ParameterizedTest
    @CsvSource({"97, 63, 50, 32", "33, 31, 32, 30", "35, 35, 32, 32", "64, 17, 64, 16", "31, 99, 30, 98"})
    void oddSidesBecomeEven(int width, int height, int newWidth, int newHeight) throws IOException {
        Clip clip = smooth("matroska", "ffv1");
        clip.width = width;
        clip.height = height;
        clip.write(in());
        copied(CONFIG);
        try (Video copy = new VideoReader().open(out())) {
            assertThat(List.of(copy.info().width(), copy.info().height())).containsExactly(newWidth, newHeight);
        }
        assertThat(likeness(in(), out(), 32)).isGreaterThan(30);
    }

    @Test
    void whatIsAsTheCopyWouldBeIsLeft() throws IOException {
        smooth("mp4", "mpeg4").write(in());
        copied(CONFIG);
        Path again = temp.resolve("again.bin");
        assertThat(new TrainingVideo(CONFIG).write(out(), again, frames -> {})).isFalse();
        assertThat(again).doesNotExist();
        assertThat(new TrainingVideo(new TrainingVideo.Config(32, 4, 2)).write(out(), again, frames -> {}))
                .isTrue();
        assertThat(new TrainingVideo(new TrainingVideo.Config(30, 5, 2)).write(out(), again, frames -> {}))
                .isTrue();
    }

    @Test
    void aRowOfPixelsIsLeft() throws IOException {
        Clip clip = smooth("matroska", "ffv1");
        clip.height = 1;
        clip.write(in());
        assertThat(new TrainingVideo(CONFIG).write(in(), out(), frames -> {})).isFalse();
        assertThat(out()).doesNotExist();
    }

    @Test
    void ofADamagedVideoNothingIsLeft() throws IOException {
        smooth("mp4", "mpeg4").write(in());
        byte[] bytes = Files.readAllBytes(in());
        Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 400, (byte) 0x5a);
        Files.write(in(), bytes);
        assertThatThrownBy(() -> new TrainingVideo(CONFIG).write(in(), out(), frames -> {}))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining("in.bin");
        try (Stream<Path> left = Files.list(temp)) {
            assertThat(left).containsExactly(in());
        }
    }

    @Test
    void aDiskThatTakesNothingIsToldOfTheCopy() throws IOException {
        smooth("mp4", "mpeg4").write(in());
        Path nowhere = temp.resolve("not there/out.mp4");
        assertThatThrownBy(() -> new TrainingVideo(CONFIG).write(in(), nowhere, frames -> {}))
                .isInstanceOf(WriteFailed.class)
                .hasMessageContaining("out.mp4");
    }

    @Test
    void impossibleFormsAreRefused() {
        assertThatThrownBy(() -> new TrainingVideo.Config(255, 12, 3)).hasMessageContaining("255 px must be even");
        assertThatThrownBy(() -> new TrainingVideo.Config(256, 0, 3)).hasMessageContaining("every 0 frames");
        assertThatThrownBy(() -> new TrainingVideo.Config(256, 12, 32)).hasMessageContaining("1 and 31");
    }
}
