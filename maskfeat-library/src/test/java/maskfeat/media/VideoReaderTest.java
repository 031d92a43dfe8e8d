package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import maskfeat.augment.Box;
import maskfeat.augment.Resize;
import maskfeat.media.TestVideos.Clip;
import maskfeat.media.UnreadableFile.Verdict;
import maskfeat.media.VideoReader.Limits;
import maskfeat.torch.Handles;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VideoReaderTest {
    private static final int CHOICES = 20;

    @TempDir
    Path folder;

    private final VideoReader reader = new VideoReader();

    // --- size ---

    @Test
    void largeFramesAreScaledWhileTheyAreDecodedAndSmallOnesLeftAlone() throws Exception {
        Clip clip = TestVideos.clip("mp4", "mpeg4");
        clip.width = 160;
        clip.height = 96;
        Path file = folder.resolve("clip.mp4");
        clip.write(file);
        Frames whole;
        Frames scaled;
        try (Video video = reader.open(file);
                Video small = VideoReader.scalingTo(48).open(file);
                Video same = VideoReader.scalingTo(96).open(file)) {
            whole = video.frames(0, 7, 7, 20);
            scaled = small.frames(0, 7, 7, 20);
            assertThat(same.frames(0, 7, 7, 20).rgb()).isEqualTo(whole.rgb());
            assertThat(small.info().width()).isEqualTo(160); // of the file
        }
        assertThat(List.of(scaled.count(), scaled.height(), scaled.width())).containsExactly(4, 48, 80);
        Frames expected = Resize.bilinear(whole, Box.whole(whole), 48, 80);
        double difference = 0;
        for (int i = 0; i < scaled.rgb().length; i++) {
            difference += Math.abs((scaled.rgb()[i] & 0xff) - (expected.rgb()[i] & 0xff));
        }
        assertThat(difference / scaled.rgb().length).isLessThan(4);
    }

    // --- which frames ---

    // Starts: the number of packets that decoding may start at; 0 where frames are counted from the first.
    @ParameterizedTest
    @CsvSource({
        "mp4, libopenh264, 0, 5",
        "matroska, libopenh264, 0, 5",
        "flv, libopenh264, 0, 5",
        "mpegts, libopenh264, 0, 0",
        "h264, libopenh264, 0, 0",
        "mp4, mpeg4, 0, 5",
        "avi, mpeg4, 0, 5",
        "mp4, mpeg4, 2, 1",
        "matroska, mpeg4, 2, 1",
        "avi, mpeg4, 2, 0",
        "mpegts, mpeg2video, 2, 0",
        "mpeg, mpeg2video, 2, 0",
        "matroska, ffv1, 0, 0",
        "matroska, mjpeg, 0, 40",
        "avi, mjpeg, 0, 40",
        "mjpeg, mjpeg, 0, 40",
        "mov, prores_ks, 0, 40",
        "webm, libvpx, 0, 5",
        "webm, libvpx-vp9, 0, 5",
        "flv, flv, 0, 0",
        "gif, gif, 0, 0",
        "apng, apng, 0, 0",
    })
    void someFramesAreThoseOfDecodingEverything(String container, String encoder, int between, int starts)
            throws Exception {
        Clip clip = TestVideos.clip(container, encoder);
        clip.betweenFrames = between;
        Path file = folder.resolve("clip");
        clip.write(file);

        assertSame(file, starts);
    }

    @ParameterizedTest
    @CsvSource({"libvpx", "libvpx-vp9"})
    void hiddenPicturesAreNotFrames(String encoder) throws Exception {
        Clip clip = TestVideos.clip("webm", encoder);
        clip.keyDistance = 30;
        clip.options = new String[] {"auto-alt-ref", "1", "lag-in-frames", "16"};
        Path file = folder.resolve("clip.webm");
        clip.write(file);

        assertSame(file, 2);
    }

    @Test
    void av1IsDecodedFromItsKeyFrames() throws Exception {
        Clip clip = TestVideos.clip("matroska", "libaom-av1");
        clip.options = new String[] {"cpu-used", "8", "lag-in-frames", "0"};
        Path file = folder.resolve("clip.mkv");
        clip.write(file);

        assertSame(file, 5);
    }

    @Test
    void pixelsOfManyKindsAreThoseOfDecodingEverything() throws Exception {
        int[] formats = {
            avutil.AV_PIX_FMT_YUV420P,
            avutil.AV_PIX_FMT_YUV422P,
            avutil.AV_PIX_FMT_YUV444P,
            avutil.AV_PIX_FMT_YUV420P10LE,
            avutil.AV_PIX_FMT_GRAY8,
            avutil.AV_PIX_FMT_YUVA420P,
            avutil.AV_PIX_FMT_BGRA
        };
        for (int format : formats) {
            Clip clip = TestVideos.clip("matroska", "ffv1", format);
            clip.width = 37;
            clip.height = 29;
            clip.frames = 6;
            Path file = folder.resolve(format + ".mkv");
            clip.write(file);

            assertSame(file, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mp4", "matroska"})
    void irregularTimesAreKept(String container) throws Exception {
        Clip clip = TestVideos.clip(container, "mpeg4");
        Random random = new Random(4);
        long[] times = new long[clip.frames];
        for (int i = 1; i < times.length; i++) {
            times[i] = times[i - 1] + 1 + random.nextInt(100);
        }
        clip.milliseconds = times;
        Path file = folder.resolve("clip");
        clip.write(file);

        assertSame(file, 5);
        try (Video video = reader.open(file)) {
            double[] seconds = video.info().timeline().seconds();
            assertThat(seconds).hasSize(times.length);
            for (int i = 0; i < times.length; i++) {
                assertThat(seconds[i]).isCloseTo(times[i] / 1000.0, within(1e-9));
            }
            double average = (times.length - 1) / seconds[times.length - 1];
            assertThat(video.info().timeline().rate()).isCloseTo(average, within(1e-6));
        }
    }

    @ParameterizedTest
    @CsvSource({"matroska, 5000", "mpegts, 5000", "mp4, 5000", "nut, -1000"})
    void theFirstFrameIsAtNought(String container, long firstMillisecond) throws Exception {
        Clip clip = TestVideos.clip(container, container.equals("mpegts") ? "mpeg2video" : "mpeg4");
        if (container.equals("mpegts")) {
            clip.second = 25;
        } else {
            clip.milliseconds = LongStream.range(0, clip.frames)
                    .map(i -> firstMillisecond + i * 40)
                    .toArray();
        }
        Path file = folder.resolve("clip");
        clip.write(file);

        assertSame(file, -1);
        try (Video video = reader.open(file)) {
            double[] seconds = video.info().timeline().seconds();
            assertThat(seconds[0]).isZero();
            assertThat(seconds[seconds.length - 1]).isCloseTo(39 * 0.04, within(1e-3));
        }
    }

    // What ffmpeg -c copy writes: the container's unit is half a frame, and display times are missing.
    @ParameterizedTest
    @CsvSource({
        "avi, mpeg4, 2, 2",
        "avi, mpeg4, 0, 2",
        "avi, mpeg4, 2, 3",
        "asf, mpeg4, 2, 1",
        "mpeg2video, mpeg2video, 2, 1",
        "mpeg2video, mpeg2video, 0, 1",
        "mpeg, mpeg2video, 2, 1",
        "matroska, mpeg4, 2, 2",
    })
    void theRateIsThatOfTheFramesNotOfTheUnitOfTime(String container, String encoder, int between, int unitsAFrame)
            throws Exception {
        Clip clip = TestVideos.clip(container, encoder);
        clip.betweenFrames = between;
        clip.second = 30;
        clip.frames = 120;
        clip.unitsAFrame = unitsAFrame;
        Path file = folder.resolve("clip");
        clip.write(file);

        try (Video video = reader.open(file)) {
            Timeline timeline = video.info().timeline();
            assertThat(timeline.frames()).isEqualTo(120);
            assertThat(timeline.rate()).isCloseTo(30, within(0.02));
            assertThat(timeline.duration()).isCloseTo(4, within(0.01));
            assertThat(timeline.seconds()[119]).isCloseTo(119 / 30.0, within(0.02));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void framesBeforeTheEditListAreNotOfTheVideo(int between) throws Exception {
        Clip clip = TestVideos.clip("mp4", "mpeg4");
        clip.betweenFrames = between;
        // Without B-frames the list would be left out.
        clip.options = new String[] {"use_editlist", "1", "movflags", "+faststart"};
        Path file = folder.resolve("clip.mp4");
        clip.write(file);
        TestVideos.cutStart(file, 11 * TestVideos.unitsASecond(file) / clip.second);

        assertSame(file, -1);
        try (Video video = reader.open(file)) {
            assertThat(video.info().timeline().frames()).isEqualTo(clip.frames - 11);
        }
    }

    @Test
    void theLastFramesOfManyKindsOfOddSizesAreThere() throws Exception {
        for (int frames = 1; frames <= 9; frames++) {
            Clip clip = TestVideos.clip("mp4", "mpeg4");
            clip.frames = frames;
            clip.width = 33 + frames;
            clip.height = 31;
            Path file = folder.resolve(frames + ".mp4");
            clip.write(file);

            assertSame(file, -1);
        }
    }

    @Test
    void repeatedFramesAreCopies() throws Exception {
        Path file = h264();

        try (Video video = reader.open(file)) {
            Frames frames = video.frames(3, 3, 3, 17, 17);
            int bytes = frames.rgb().length / 5;
            byte[] third = Arrays.copyOf(video.frames(3).rgb(), bytes);
            byte[] seventeenth = video.frames(17).rgb();
            assertThat(third).isNotEqualTo(seventeenth);
            for (int i = 0; i < 5; i++) {
                assertThat(Arrays.copyOfRange(frames.rgb(), i * bytes, (i + 1) * bytes))
                        .isEqualTo(i < 3 ? third : seventeenth);
            }
        }
    }

    @Test
    void refusesNumbersThatAreNotFrames() throws Exception {
        try (Video video = reader.open(h264())) {
            assertThatIllegalArgumentException().isThrownBy(video::frames).withMessageContaining("no frame");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> video.frames(0, 40))
                    .withMessageContaining("frame 40 ");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> video.frames(-1))
                    .withMessageContaining("frame -1 ");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> video.frames(5, 4))
                    .withMessageContaining("frame 4 ");
        }
    }

    @Test
    void aClosedVideoIsRefused() throws Exception {
        Video video = reader.open(h264());
        video.close();
        video.close();

        assertThatIllegalStateException().isThrownBy(() -> video.frames(0)).withMessageContaining("closed");
    }

    @Test
    void oneReaderServesManyThreads() throws Exception {
        Path file = h264();
        PlainVideo plain = PlainVideo.decode(file);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Boolean>> same = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int frame = i;
                same.add(threads.submit(() -> {
                    try (Video video = reader.open(file)) {
                        return Arrays.equals(
                                video.frames(frame).rgb(), plain.frames().get(frame));
                    }
                }));
            }
            for (Future<Boolean> one : same) {
                assertThat(one.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    // --- what they look like ---

    @ParameterizedTest
    @CsvSource({
        // The matrix a b c d, and where the upper left corner of the stored picture is shown.
        "1, 0, 0, 1, top left",
        "0, 1, -1, 0, top right",
        "-1, 0, 0, -1, bottom right",
        "0, -1, 1, 0, bottom left",
        "-1, 0, 0, 1, top right",
        "1, 0, 0, -1, bottom left",
        "0, 1, 1, 0, top left",
        "0, -1, -1, 0, bottom right",
    })
    void framesAreShownUpright(int a, int b, int c, int d, String corner) throws Exception {
        Clip clip = TestVideos.clip("mp4", "mpeg4");
        clip.frames = 2;
        // Bright in the upper left quarter, half bright in the rest of the upper half.
        clip.pattern = (plane, x, y, t) ->
                plane > 0 ? 128 : y < TestVideos.HEIGHT / 2 ? (x < TestVideos.WIDTH / 2 ? 220 : 120) : 30;
        Path file = folder.resolve("clip.mp4");
        clip.write(file);
        TestVideos.turn(file, a, b, c, d);

        try (Video video = reader.open(file)) {
            Frames frames = video.frames(0, 1);

            boolean turned = a == 0;
            assertThat(frames.width()).isEqualTo(turned ? TestVideos.HEIGHT : TestVideos.WIDTH);
            assertThat(frames.height()).isEqualTo(turned ? TestVideos.WIDTH : TestVideos.HEIGHT);
            assertThat(List.of(video.info().width(), video.info().height()))
                    .containsExactly(frames.width(), frames.height());
            for (int frame = 0; frame < 2; frame++) {
                for (String place : List.of("top left", "top right", "bottom left", "bottom right")) {
                    int y = place.startsWith("top") ? 5 : frames.height() - 6;
                    int x = place.endsWith("left") ? 5 : frames.width() - 6;
                    int red = frames.rgb()[frames.at(frame, y, x)] & 0xff;
                    assertThat(red > 200).as("%s is %d", place, red).isEqualTo(place.equals(corner));
                }
            }
            // Along the stored rows from the bright corner it is half bright; tells turning from mirroring.
            boolean top = corner.startsWith("top");
            boolean left = corner.endsWith("left");
            int y = turned == top ? frames.height() - 6 : 5;
            int x = turned == left ? 5 : frames.width() - 6;
            assertThat(frames.rgb()[frames.at(0, y, x)] & 0xff).isBetween(90, 160);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // Y, Cb, Cr; matrix; full range; then red, green, blue by ITU-R BT.601 or BT.709.
        "81, 90, 240, 601, false, 255, 0, 0",
        "81, 90, 240, 0, false, 255, 0, 0",
        "63, 102, 240, 709, false, 255, 1, 0",
        "76, 85, 255, 601, true, 254, 0, 0",
        "145, 54, 34, 601, false, 0, 255, 1",
        "173, 42, 26, 709, false, 0, 255, 1",
        "41, 240, 110, 601, false, 0, 0, 255",
        "16, 128, 128, 709, false, 0, 0, 0",
        "235, 128, 128, 709, false, 255, 255, 255",
        "128, 128, 128, 601, true, 128, 128, 128",
    })
    void coloursFollowTheTagsOfTheFile(
            int y, int blue, int red, int matrix, boolean full, int expectedRed, int expectedGreen, int expectedBlue)
            throws Exception {
        Clip clip = TestVideos.clip("matroska", "ffv1");
        clip.frames = 1;
        clip.colourSpace = matrix == 709
                ? avutil.AVCOL_SPC_BT709
                : matrix == 601 ? avutil.AVCOL_SPC_SMPTE170M : avutil.AVCOL_SPC_UNSPECIFIED;
        clip.colourRange = full ? avutil.AVCOL_RANGE_JPEG : avutil.AVCOL_RANGE_MPEG;
        clip.pattern = (plane, x, row, t) -> plane == 0 ? y : plane == 1 ? blue : red;
        Path file = folder.resolve("clip.mkv");
        clip.write(file);

        try (Video video = reader.open(file)) {
            Frames frame = video.frames(0);
            int at = frame.at(0, 20, 20);
            int[] found = {frame.rgb()[at] & 0xff, frame.rgb()[at + 1] & 0xff, frame.rgb()[at + 2] & 0xff};
            int[] expected = {expectedRed, expectedGreen, expectedBlue};
            for (int c = 0; c < 3; c++) {
                assertThat(found[c]).as(Arrays.toString(found)).isCloseTo(expected[c], within(3));
            }
        }
    }

    @Test
    void transparencyIsLaidOverWhite() throws Exception {
        Clip clip = TestVideos.clip("apng", "apng");
        clip.frames = 3;
        int[] colour = {200, 100, 0, 51};
        clip.pattern = (channel, x, y, t) -> channel == 3 ? (x < 32 ? 51 : 255) : colour[channel];
        Path file = folder.resolve("clip.png");
        clip.write(file);

        try (Video video = reader.open(file)) {
            Frames frame = video.frames(0);
            int at = frame.at(0, 10, 10);
            // A fifth of the colour and four fifths of white.
            assertThat(Arrays.copyOfRange(frame.rgb(), at, at + 3)).containsExactly((byte) 244, (byte) 224, (byte) 204);
            at = frame.at(0, 10, 40);
            assertThat(Arrays.copyOfRange(frame.rgb(), at, at + 3)).containsExactly((byte) 200, (byte) 100, (byte) 0);
        }
    }

    @Test
    void tellsWhatIsKnownWithoutDecoding() throws Exception {
        try (Video video = reader.open(h264())) {
            VideoInfo info = video.info();
            assertThat(info.container()).contains("mp4");
            assertThat(info.codec()).isEqualTo("h264");
            assertThat(info.pixelFormat()).isEqualTo("yuv420p");
            assertThat(List.of(info.width(), info.height())).containsExactly(TestVideos.WIDTH, TestVideos.HEIGHT);
            assertThat(info.timeline().rate()).isEqualTo(25);
            assertThat(info.timeline().frames()).isEqualTo(40);
            assertThat(video.decodeAll()).isEqualTo(40);
        }
    }

    // --- what is refused ---

    @Test
    void namesWhatIsThereInsteadOfAVideo() throws Exception {
        assertThat(refused(reader, folder.resolve("gone.mp4")).verdict()).isEqualTo(Verdict.MISSING);
        assertThat(refused("empty.mp4", new byte[0]).verdict()).isEqualTo(Verdict.EMPTY);
        Files.createDirectory(folder.resolve("folder.mp4"));
        assertThat(refused(reader, folder.resolve("folder.mp4")).verdict()).isEqualTo(Verdict.UNREADABLE);
        byte[] noise = new byte[5000];
        new Random(1).nextBytes(noise);
        assertThat(refused("noise.mp4", noise).verdict()).isEqualTo(Verdict.NOT_A_VIDEO);
        assertThat(refused("text.mp4", "not a video at all\n").verdict()).isEqualTo(Verdict.NOT_A_VIDEO);
    }

    @Test
    void opensNoOtherFileThatAFileNames() throws Exception {
        Path victim = h264();

        String list = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n" + victim + "\n#EXT-X-ENDLIST\n";
        assertThat(refused("list.mp4", list).verdict()).isEqualTo(Verdict.NOT_A_VIDEO);
        assertThat(refused("list.m3u8", list).verdict()).isEqualTo(Verdict.NOT_A_VIDEO);
        assertThat(refused("script.mp4", "ffconcat version 1.0\nfile '" + victim + "'\n")
                        .verdict())
                .isEqualTo(Verdict.NOT_A_VIDEO);
        String session = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"
                + "a=rtpmap:96 H264/90000\n";
        assertThat(refused("session.mp4", session).verdict()).isEqualTo(Verdict.NOT_A_VIDEO);
        String dash = "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\"><Period>"
                + "<BaseURL>" + victim + "</BaseURL></Period></MPD>";
        assertThat(refused("dash.mp4", dash).verdict()).isEqualTo(Verdict.NOT_A_VIDEO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "bmp", "tiff"})
    void stillsAreNoVideos(String format) throws Exception {
        byte[] still = TestPictures.file(TestPictures.colours(64, 48, BufferedImage.TYPE_3BYTE_BGR, 1), format);

        assertThat(refused("still.mp4", still).verdict()).isEqualTo(Verdict.NOT_A_VIDEO);
    }

    @Test
    void soundAloneIsNoVideo() throws Exception {
        byte[] wav = new byte[44 + 8000];
        byte[] head = ("RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\1\0\100\37\0\0\100\37\0\0\1\0\10\0data\100\37\0\0")
                .getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(head, 0, wav, 0, head.length);

        UnreadableFile refused = refused("sound.mp4", wav);

        assertThat(refused.verdict()).isEqualTo(Verdict.NO_VIDEO_STREAM);
        assertThat(refused).hasMessageContaining("sound.mp4");
    }

    @Test
    void limitsAreKept() throws Exception {
        Path file = h264();

        assertThat(refused(new VideoReader(new Limits(64 * 48 - 1, 1000, Duration.ofSeconds(9))), file)
                        .verdict())
                .isEqualTo(Verdict.TOO_LARGE);
        assertThat(refused(new VideoReader(new Limits(64 * 48, 39, Duration.ofSeconds(9))), file)
                        .verdict())
                .isEqualTo(Verdict.TOO_LARGE);
        assertThat(refused(new VideoReader(new Limits(64 * 48, 40, Duration.ofNanos(1))), file)
                        .verdict())
                .isEqualTo(Verdict.TOO_SLOW);
        new VideoReader(new Limits(64 * 48, 40, Duration.ofSeconds(60)))
                .open(file)
                .close();
        assertThatIllegalArgumentException().isThrownBy(() -> new Limits(0, 1, Duration.ofSeconds(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new Limits(1, 0, Duration.ofSeconds(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new Limits(1, 1, Duration.ZERO));
    }

    // --- what is damaged ---

    @Test
    void aDamagedFrameSpoilsThoseThatFollowItAndNoOthers() throws Exception {
        Path file = h264();
        byte[] bytes = Files.readAllBytes(file);
        long place;
        int size;
        try (Video video = reader.open(file)) {
            place = video.packets().places[20];
            size = video.packets().sizes[20];
        }
        // Past the length and the head of the slice.
        byte[] noise = new byte[size - 16];
        new Random(3).nextBytes(noise);
        System.arraycopy(noise, 0, bytes, (int) place + 16, noise.length);
        Path damaged = folder.resolve("damaged.mp4");
        Files.write(damaged, bytes);

        try (Video video = reader.open(damaged);
                Video whole = reader.open(file)) {
            int[] sound = IntStream.concat(IntStream.range(0, 20), IntStream.range(24, 40))
                    .toArray();
            assertThat(video.frames(sound).rgb()).isEqualTo(whole.frames(sound).rgb());
            for (int spoilt = 20; spoilt < 24; spoilt++) {
                int number = spoilt;
                UnreadableFile refused = catchThrowableOfType(UnreadableFile.class, () -> video.frames(0, number));
                assertThat(refused.verdict()).isEqualTo(Verdict.DAMAGED);
                assertThat(refused).hasMessageContaining("frame " + spoilt + " of 40");
            }
            UnreadableFile refused = catchThrowableOfType(UnreadableFile.class, video::decodeAll);
            assertThat(refused).hasMessageContaining("frame 20 of 40");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mp4, libopenh264",
        "matroska, libopenh264",
        "avi, mpeg4",
        "mpegts, mpeg2video",
        "webm, libvpx",
        "flv, flv"
    })
    void anyPartOfAFileIsReadOrRefused(String container, String encoder) throws Exception {
        Clip clip = TestVideos.clip(container, encoder);
        clip.frames = 20;
        if (container.equals("mp4")) {
            clip.options = new String[] {"movflags", "+faststart"};
        }
        Path file = folder.resolve("whole");
        clip.write(file);
        byte[] bytes = Files.readAllBytes(file);
        PlainVideo plain = PlainVideo.decode(file);
        Path part = folder.resolve("part");
        int read = 0;
        for (int i = 1; i < 40; i++) {
            Files.write(part, Arrays.copyOf(bytes, bytes.length * i / 40));
            try (Video video = reader.open(part)) {
                int frames = video.info().timeline().frames();
                assertThat(frames).isBetween(1, 20);
                int asked = frames == 1 ? 0 : frames - 2;
                assertThat(video.frames(asked).rgb()).isEqualTo(plain.frames().get(asked));
                read++;
                assertThat(video.decodeAll()).isBetween(1, 20);
            } catch (UnreadableFile refused) {
                assertThat(refused).hasMessageContaining(part.toString());
            }
        }
        assertThat(read).isGreaterThan(5);
    }

    @ParameterizedTest
    @CsvSource({"mp4, libopenh264", "matroska, libvpx-vp9", "avi, mjpeg", "mpegts, mpeg2video"})
    void flippedBitsAreSurvived(String container, String encoder) throws Exception {
        Clip clip = TestVideos.clip(container, encoder);
        clip.frames = 12;
        Path file = folder.resolve("whole");
        clip.write(file);
        byte[] bytes = Files.readAllBytes(file);
        Random random = new Random(11);
        Path flipped = folder.resolve("flipped");
        for (int i = 0; i < 60; i++) {
            byte[] copy = bytes.clone();
            for (int k = 0; k < 1 + i % 20; k++) {
                copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(flipped, copy);
            try (Video video = reader.open(flipped)) {
                Frames last = video.frames(video.info().timeline().frames() - 1);
                assertThat(last.count()).isEqualTo(1);
            } catch (UnreadableFile refused) {
                assertThat(refused.verdict()).isNotEqualTo(Verdict.TOO_SLOW);
            }
        }
    }

    @Test
    void cutAndCompleteFilesAreToldApart() throws Exception {
        Clip clip = TestVideos.clip("mp4", "libopenh264");
        clip.options = new String[] {"movflags", "+faststart"};
        Path file = folder.resolve("whole.mp4");
        clip.write(file);
        byte[] bytes = Files.readAllBytes(file);
        Path part = folder.resolve("part.mp4");
        Files.write(part, Arrays.copyOf(bytes, bytes.length * 2 / 3));

        try (Video video = reader.open(part)) {
            int frames = video.info().timeline().frames();
            assertThat(frames).isBetween(5, 39);
            assertThat(video.frames(frames - 1).count()).isEqualTo(1);
            UnreadableFile refused = catchThrowableOfType(UnreadableFile.class, video::decodeAll);
            assertThat(refused.verdict()).isEqualTo(Verdict.TRUNCATED);
            assertThat(refused).hasMessageContaining(frames + " of 40");
        }
        Files.write(part, Arrays.copyOf(Files.readAllBytes(h264()), 2000));
        assertThat(refused(reader, part).verdict()).isEqualTo(Verdict.TRUNCATED);
    }

    // Cut exactly before a packet, so that no frame shows it.
    @ParameterizedTest
    @CsvSource({
        "matroska, mpeg4",
        "webm, libvpx",
        "avi, mpeg4",
        "avi, mjpeg",
        "asf, mpeg4",
        "flv, flv",
        "ivf, libvpx",
    })
    void aFileThatEndsBetweenFramesBeforeItsDeclaredEndIsTruncated(String container, String encoder) throws Exception {
        Clip clip = TestVideos.clip(container, encoder);
        Path file = folder.resolve("whole");
        clip.write(file);
        long place;
        try (Video video = reader.open(file)) {
            assertThat(video.decodeAll()).isEqualTo(40);
            place = video.packets().places[20];
        }
        Path part = folder.resolve("part");
        Files.write(part, Arrays.copyOf(Files.readAllBytes(file), (int) place));

        try (Video video = reader.open(part)) {
            assertThat(video.info().timeline().frames()).isBetween(15, 21);
            UnreadableFile refused = catchThrowableOfType(UnreadableFile.class, video::decodeAll);
            assertThat(refused.verdict()).isEqualTo(Verdict.TRUNCATED);
            assertThat(video.frames(3).count()).isEqualTo(1);
        }
    }

    @Test
    void theDeclaredDurationTellsWhereLengthsInBytesAreUnknown() throws Exception {
        Path file = folder.resolve("whole.mkv");
        TestVideos.clip("matroska", "mpeg4").write(file);
        byte[] bytes = Files.readAllBytes(file);
        int segment = TestVideos.find(bytes, "\u0018S\u0080g") + 4;
        Arrays.fill(bytes, segment + 1, segment + 8, (byte) 0xff); // a length that is not known, as in a live stream
        Files.write(file, bytes);
        long place;
        try (Video video = reader.open(file)) {
            assertThat(video.decodeAll()).isEqualTo(40);
            place = video.packets().places[20];
        }
        Files.write(file, Arrays.copyOf(bytes, (int) place));

        try (Video video = reader.open(file)) {
            UnreadableFile refused = catchThrowableOfType(UnreadableFile.class, video::decodeAll);
            assertThat(refused.verdict()).isEqualTo(Verdict.TRUNCATED);
            assertThat(refused).hasMessageContaining("it ends after 0.8 of 1.6 seconds");
        }
    }

    // --- what is left behind ---

    @Test
    void hundredsOfClipsLeaveNothingBehind() throws Exception {
        Path file = h264();
        Path damaged = folder.resolve("damaged.mp4");
        Files.write(damaged, Arrays.copyOf(Files.readAllBytes(file), 3000));
        // The native functions that all files share are made with the first.
        reader.open(file).close();
        long handles = Handles.settled();

        long growth = ResidentMemory.growth(5, () -> {
            for (int i = 0; i < 100; i++) {
                try (Video video = reader.open(file)) {
                    assertThat(video.frames(3, 30).count()).isEqualTo(2);
                }
                assertThat(refused(reader, damaged).verdict()).isEqualTo(Verdict.TRUNCATED);
            }
        });

        // A round decodes 200 frames and opens 200 demuxers and decoders, each of which takes more than 64 KiB.
        assertThat(growth).isLessThan(4 << 20);
        assertThat(Handles.now()).isEqualTo(handles);
    }

    private Path h264() throws IOException {
        Path file = folder.resolve("h264.mp4");
        if (!Files.exists(file)) {
            TestVideos.clip("mp4", "libopenh264").write(file);
        }
        return file;
    }

    private UnreadableFile refused(String name, String text) throws IOException {
        return refused(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private UnreadableFile refused(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, bytes);
        return refused(reader, file);
    }

    private static UnreadableFile refused(VideoReader reader, Path file) {
        UnreadableFile refused = catchThrowableOfType(
                UnreadableFile.class, () -> reader.open(file).close());
        assertThat(refused).as("%s is read", file).isNotNull();
        assertThat(refused).hasMessageContaining(file.toString());
        return refused;
    }

    /** Random choices of frames, with packets in memory and with packets from the file, against decoding everything. */
    private void assertSame(Path file, int starts) throws Exception {
        PlainVideo plain = PlainVideo.decode(file);
        int frames = plain.frames().size();
        Random random = new Random(frames);
        VideoReader forgetful = new VideoReader(Limits.DEFAULT, 0);
        // The second time it is opened, the index is known.
        for (VideoReader each : List.of(reader, forgetful, forgetful)) {
            try (Video video = each.open(file)) {
                if (starts >= 0) {
                    assertThat(video.frameIndex().proven()).isEqualTo(starts > 0);
                    assertThat(video.starts()).isEqualTo(Math.max(1, starts));
                }
                Timeline timeline = video.info().timeline();
                assertThat(timeline.frames()).isEqualTo(frames);
                if (video.frameIndex().times().length > 0) {
                    for (int i = 0; i < frames; i++) {
                        assertThat(timeline.seconds()[i])
                                .isCloseTo(plain.times().get(i) - plain.times().get(0), within(1e-9));
                    }
                }
                for (int choice = 0; choice < CHOICES; choice++) {
                    int[] numbers = random.ints(1 + random.nextInt(choice % 2 == 0 ? 2 : 16), 0, frames)
                            .sorted()
                            .toArray();
                    Frames read = video.frames(numbers);
                    assertThat(read.count()).isEqualTo(numbers.length);
                    int bytes = read.rgb().length / numbers.length;
                    for (int i = 0; i < numbers.length; i++) {
                        assertThat(Arrays.equals(
                                        read.rgb(),
                                        i * bytes,
                                        (i + 1) * bytes,
                                        plain.frames().get(numbers[i]),
                                        0,
                                        bytes))
                                .as("frame %d in %s", numbers[i], Arrays.toString(numbers))
                                .isTrue();
                    }
                }
                assertThat(video.decodeAll()).isEqualTo(frames);
            }
        }
    }
}
