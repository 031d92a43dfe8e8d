package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import javax.imageio.ImageIO;
import maskfeat.media.UnreadableFile.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaSourceTest {
    @TempDir
    private Path folder = Path.of("");

    private Path video(VideoWriter.Codec codec) throws IOException {
        byte[] rgb = new byte[40 * 32 * 48 * 3];
        Random random = new Random(1);
        for (int i = 0; i < rgb.length; i += 100) {
            java.util.Arrays.fill(rgb, i, Math.min(i + 100, rgb.length), (byte) random.nextInt(256));
        }
        Path file = folder.resolve("video.mp4");
        VideoWriter.write(file, new Frames(40, 32, 48, rgb), 25, codec);
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "bmp", "gif"})
    void anImageInMemoryHasThePixelsOfTheFile(String format) throws IOException {
        BufferedImage image = new BufferedImage(31, 17, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 31 * 17; i++) {
            image.setRGB(i % 31, i / 31, i * 7919);
        }
        Path file = folder.resolve("image." + format);
        ImageIO.write(image, format, file.toFile());
        ImageReader reader = new ImageReader();
        assertThat(reader.read(MediaSource.of("upload", Files.readAllBytes(file)))
                        .rgb())
                .isEqualTo(reader.read(file).rgb());
        assertThat(reader.read(MediaSource.of("far", Files.size(file), () -> Files.newByteChannel(file)))
                        .rgb())
                .isEqualTo(reader.read(file).rgb());
    }

    /** Also where packets are read again for each clip, which seeks to and fro. */
    @ParameterizedTest
    @EnumSource(VideoWriter.Codec.class)
    void aVideoInMemoryHasTheFramesOfTheFile(VideoWriter.Codec codec) throws IOException {
        Path file = video(codec);
        byte[] data = Files.readAllBytes(file);
        VideoReader.Limits limits = new VideoReader.Limits(1 << 20, 1000, Duration.ofSeconds(60));
        for (VideoReader reader : new VideoReader[] {new VideoReader(), new VideoReader(limits, 0)}) {
            try (Video fromFile = reader.open(file);
                    Video fromMemory = reader.open(MediaSource.of("upload", data));
                    Video behind = reader.open(MediaSource.of("far", data.length, () -> Files.newByteChannel(file)))) {
                assertThat(behind.info()).usingRecursiveComparison().isEqualTo(fromFile.info());
                assertThat(fromMemory.info()).usingRecursiveComparison().isEqualTo(fromFile.info());
                for (int[] numbers : new int[][] {{0, 20, 39}, {5, 6}, {38}, {0}}) {
                    assertThat(fromMemory.frames(numbers).rgb())
                            .isEqualTo(fromFile.frames(numbers).rgb());
                    assertThat(behind.frames(numbers).rgb())
                            .isEqualTo(fromFile.frames(numbers).rgb());
                }
                assertThat(fromMemory.decodeAll()).isEqualTo(40);
                assertThat(behind.decodeAll()).isEqualTo(40);
            }
        }
    }

    @Test
    void whatIsGoneBehindAChannelIsNamed() {
        MediaSource gone = MediaSource.of("s3a://clips/a.mp4", 10, () -> Files.newByteChannel(folder.resolve("none")));
        MediaSource broken = MediaSource.of("s3a://clips/a.mp4", 10, () -> {
            throw new IOException("connection reset");
        });
        for (Opener reader : new Opener[] {new VideoReader()::open, new ImageReader()::read}) {
            assertThatThrownBy(() -> reader.open(gone))
                    .isInstanceOfSatisfying(
                            UnreadableFile.class,
                            why -> assertThat(why.verdict()).isEqualTo(Verdict.MISSING))
                    .hasMessage("s3a://clips/a.mp4 does not exist");
            assertThatThrownBy(() -> reader.open(broken))
                    .isInstanceOfSatisfying(
                            UnreadableFile.class,
                            why -> assertThat(why.verdict()).isEqualTo(Verdict.UNREADABLE))
                    .hasMessage("s3a://clips/a.mp4 could not be read: connection reset");
            assertThatThrownBy(() -> reader.open(MediaSource.of("s3a://clips/a.mp4", 0, () -> {
                        throw new IOException("nobody asks");
                    })))
                    .isInstanceOfSatisfying(
                            UnreadableFile.class,
                            why -> assertThat(why.verdict()).isIn(Verdict.EMPTY, Verdict.UNREADABLE));
        }
    }

    private interface Opener {
        Object open(MediaSource source) throws IOException;
    }

    @Test
    void aStreamIsReadToItsLimit() throws IOException {
        byte[] data = Files.readAllBytes(video(VideoWriter.Codec.MPEG4));
        MediaSource whole = MediaSource.read("upload", new ByteArrayInputStream(data), data.length);
        try (Video video = new VideoReader().open(whole)) {
            assertThat(video.info().timeline().frames()).isEqualTo(40);
        }
        assertThatThrownBy(() -> MediaSource.read("upload", new ByteArrayInputStream(data), data.length - 1))
                .isInstanceOfSatisfying(UnreadableFile.class, refused -> {
                    assertThat(refused.verdict()).isEqualTo(Verdict.TOO_LARGE);
                    assertThat(refused.source()).hasToString("upload");
                })
                .hasMessageContainingAll("upload has more than the " + (data.length - 1) + " bytes", "into a file");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MediaSource.read("upload", new ByteArrayInputStream(data), 0));
    }

    @Test
    void whatIsWrongIsSaidOfTheNameThatWasGiven() throws IOException {
        byte[] data = Files.readAllBytes(video(VideoWriter.Codec.MPEG4));
        byte[] half = java.util.Arrays.copyOf(data, data.length / 2);
        byte[] words = "no media at all, these are words alone".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        VideoReader videos = new VideoReader();
        assertThatThrownBy(() -> videos.open(MediaSource.of("mail 3", new byte[0])))
                .isInstanceOf(UnreadableFile.class)
                .hasMessage("mail 3 is empty");
        assertThatThrownBy(() -> videos.open(MediaSource.of("mail 3", words)))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageStartingWith("mail 3 is not a video");
        assertThatThrownBy(() -> {
                    try (Video video = videos.open(MediaSource.of("mail 3", half))) {
                        video.decodeAll();
                    }
                })
                .isInstanceOf(UnreadableFile.class)
                .hasMessageStartingWith("mail 3 is truncated");
        assertThatThrownBy(() -> new ImageReader().read(MediaSource.of("mail 3", words)))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageStartingWith("mail 3 is not an image");
        ImageReader small = new ImageReader(new ImageReader.Limits(100, 10));
        assertThatThrownBy(() -> small.read(MediaSource.of("mail 3", words)))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining("mail 3 is " + words.length + " bytes; 10 are allowed");
    }
}
