package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import maskfeat.media.TestVideos.Clip;
import maskfeat.media.VideoReader.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file is read as a whole once; from then on clips read what they need, and give the same bytes. */
class SelectiveReadingTest {
    private static final int CHOICES = 12;

    @TempDir
    Path folder;

    // Keeps no packets in memory, as of films.
    private final VideoReader reader = new VideoReader(Limits.DEFAULT, 0);

    @ParameterizedTest
    @CsvSource({
        "mp4, libopenh264, 0",
        "matroska, libopenh264, 0",
        "avi, libopenh264, 0",
        "flv, libopenh264, 0",
        "mpegts, libopenh264, 0",
        "h264, libopenh264, 0",
        "nut, libopenh264, 0",
        "mp4, mpeg4, 2",
        "avi, mpeg4, 2",
        "avi, mpeg4, 0",
        "matroska, mpeg4, 2",
        "mpegts, mpeg4, 2",
        "m4v, mpeg4, 0",
        "asf, mpeg4, 0",
        "asf, mpeg4, 2",
        "asf, wmv2, 0",
        "mpegts, mpeg2video, 2",
        "mpeg, mpeg2video, 2",
        "mpeg2video, mpeg2video, 2",
        "mpeg, mpeg1video, 2",
        "matroska, mpeg2video, 2",
        "matroska, ffv1, 0",
        "avi, mjpeg, 0",
        "mjpeg, mjpeg, 0",
        "webm, libvpx, 0",
        "webm, libvpx-vp9, 0",
        "ivf, libvpx, 0",
        "ogg, libvpx, 0",
        "flv, flv, 0",
    })
    void framesOfAKnownFileAreThoseOfDecodingEverythingAndFewBytesAreRead(String container, String encoder, int between)
            throws Exception {
        Clip clip = TestVideos.clip(container, encoder);
        clip.frames = 120;
        clip.width = 96;
        clip.height = 64;
        clip.betweenFrames = between;
        Path file = folder.resolve("clip");
        clip.write(file);
        long size = Files.size(file);

        assertSame(file);
        long bytes = 0;
        for (int from = 0; from + 4 < 110; from += 10) {
            try (Video video = reader.open(file)) {
                video.frames(from, from + 2, from + 4);
                bytes += video.readBytes();
            }
        }
        // Where packets are scattered, the demuxer fills its buffer and seeks the stream's start and end.
        boolean together;
        try (Video video = reader.open(file)) {
            together = video.packets().contiguous;
            assertThat(video.known().keysBack).isLessThanOrEqualTo(VideoIndex.FARTHEST);
            // Short clips that start nowhere else are decoded from the first packet.
            together &= !video.frameIndex().proven() || video.packets().startsSound;
        }
        assertThat(bytes / 11).isLessThan(together ? size / 4 : 2 * size);
    }

    @Test
    void longVideosWhoseStartsTheCodecDoesNotTellAreDecodedOnceToFindThem() throws Exception {
        Clip clip = TestVideos.clip("mp4", "mpeg4");
        clip.width = 32;
        clip.height = 32;
        clip.frames = 1100;
        clip.betweenFrames = 2;
        Path file = folder.resolve("clip");
        clip.write(file);

        assertSame(file);
        try (Video video = reader.open(file)) {
            video.frames(1000, 1004);
            assertThat(video.readBytes()).isLessThan(Files.size(file) / 10);
            assertThat(video.known().keysBack).isLessThanOrEqualTo(VideoIndex.FARTHEST);
        }
    }

    @Test
    void aChangedFileIsReadAnew() throws Exception {
        Path file = folder.resolve("clip.mp4");
        Clip clip = TestVideos.clip("mp4", "mpeg4");
        clip.write(file);
        assertSame(file);
        clip.frames = 30;
        clip.pattern = (plane, x, y, t) -> 60 + (x * y + t) % 100;
        clip.write(file);
        Files.setLastModifiedTime(
                file, FileTime.fromMillis(Files.getLastModifiedTime(file).toMillis() + 5000));

        assertSame(file);
    }

    @Test
    void bytesThatChangedUnnoticedAreNotUsed() throws Exception {
        Path file = folder.resolve("clip.mkv");
        TestVideos.clip("matroska", "mpeg4").write(file);
        FileTime time = Files.getLastModifiedTime(file);
        long place;
        try (Video video = reader.open(file)) {
            place = video.packets().places[9];
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) place + 30] ^= 0x55;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, time);

        try (Video video = reader.open(file)) {
            video.frames(9);
            throw new AssertionError("frame 9 is another one");
        } catch (UnreadableFile refused) {
            assertThat(refused).hasMessageContaining("packet 9 was there and is no longer");
        }
    }

    @Test
    void manyThreadsShareOneIndex() throws Exception {
        Clip clip = TestVideos.clip("mpegts", "mpeg2video");
        clip.betweenFrames = 2;
        Path file = folder.resolve("clip.ts");
        clip.write(file);
        PlainVideo plain = PlainVideo.decode(file);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<VideoIndex>> all = IntStream.range(0, 40)
                    .mapToObj(i -> threads.submit(() -> {
                        try (Video video = reader.open(file)) {
                            assertThat(video.frames(i).rgb())
                                    .isEqualTo(plain.frames().get(i));
                            return video.known();
                        }
                    }))
                    .toList();
            for (Future<VideoIndex> one : all) {
                assertThat(one.get()).isSameAs(all.get(0).get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void theIndexesThatWereUsedLongAgoGoFirst() throws Exception {
        Path file = folder.resolve("clip.mp4");
        TestVideos.clip("mp4", "mpeg4").write(file);
        VideoIndex index;
        try (Video video = reader.open(file)) {
            index = video.known();
        }
        VideoIndexes.Key[] keys = new VideoIndexes.Key[3];
        VideoIndexes indexes = new VideoIndexes(2 * index.weight());
        for (int i = 0; i < 3; i++) {
            keys[i] = new VideoIndexes.Key(folder.resolve("" + i), 1, FileTime.fromMillis(0), 1, 1);
            indexes.put(keys[i], index);
            indexes.get(keys[0]);
        }

        assertThat(indexes.get(keys[0])).isNotNull();
        assertThat(indexes.get(keys[1])).isNull();
        assertThat(indexes.get(keys[2])).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({
        "mp4, libopenh264, 0",
        "mp4, mpeg4, 2",
        "avi, mpeg4, 2",
        "mpegts, mpeg2video, 2",
        "matroska, mpeg4, 0",
        "webm, libvpx-vp9, 0",
        "asf, wmv2, 0"
    })
    void anIndexInAFolderServesTheNextProcess(String container, String encoder, int between) throws Exception {
        Clip clip = TestVideos.clip(container, encoder);
        clip.betweenFrames = between;
        Path file = folder.resolve("clip");
        clip.write(file);
        Path kept = folder.resolve("kept");
        List<String> notices = new ArrayList<>();
        reader.keepIndexesIn(kept, notices::add);
        VideoIndex index;
        try (Video video = reader.open(file)) {
            index = video.known();
        }

        VideoReader later = new VideoReader(Limits.DEFAULT, 0);
        later.keepIndexesIn(kept, notices::add);
        try (Video video = later.open(file)) {
            assertThat(video.readBytes()).isZero();
            assertThat(video.known())
                    .usingRecursiveComparison()
                    .ignoringFields("packets.sums", "packets.flags")
                    .isEqualTo(index);
        }
        assertSame(later, file);
        try (Video video = later.open(file)) {
            assertThat(video.decodeAll()).isEqualTo(40);
        }
        assertThat(notices).isEmpty();
    }

    @Test
    void aDamagedForeignOrOutdatedIndexIsMadeAgainAndThisIsSaidOnce() throws Exception {
        Path file = folder.resolve("clip.mp4");
        TestVideos.clip("mp4", "mpeg4").write(file);
        Path kept = folder.resolve("kept");
        reader.keepIndexesIn(kept, notice -> {});
        reader.open(file).close();
        Path index;
        try (Stream<Path> files = Files.list(kept)) {
            index = files.findFirst().orElseThrow();
        }
        byte[] whole = Files.readAllBytes(index);
        byte[] newer = changed(whole, 7);
        Map<byte[], String> others = Map.of(
                new byte[0],
                "is not the index of a video",
                Arrays.copyOf(whole, whole.length / 2),
                "is damaged",
                changed(whole, whole.length / 2),
                "is damaged",
                changed(whole, whole.length - 1),
                "is damaged",
                changed(whole, 0),
                "is not the index of a video",
                newer,
                "has version 0",
                "something else, but as long as the head of an index".getBytes(StandardCharsets.UTF_8),
                "is not the index of a video");
        for (Map.Entry<byte[], String> other : others.entrySet()) {
            Files.write(index, other.getKey());
            VideoReader later = new VideoReader(Limits.DEFAULT, 0);
            List<String> notices = new ArrayList<>();
            later.keepIndexesIn(kept, notices::add);
            try (Video video = later.open(file)) {
                assertThat(video.readBytes()).isPositive();
                assertThat(video.frames(3).count()).isEqualTo(1);
            }
            assertThat(index).hasBinaryContent(whole);
            assertThat(notices).hasSize(1);
            assertThat(notices.get(0)).contains(index.toString()).contains(other.getValue());
        }

        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        VideoReader later = new VideoReader(Limits.DEFAULT, 0);
        later.keepIndexesIn(kept, notice -> {
            throw new AssertionError(notice);
        });
        try (Video video = later.open(file)) {
            assertThat(video.readBytes()).isPositive();
        }
    }

    @Test
    void manyUnusableIndexesAreSaidOnce() throws Exception {
        Path kept = folder.resolve("kept");
        reader.keepIndexesIn(kept, notice -> {});
        for (int i = 0; i < 3; i++) {
            Path file = folder.resolve(i + ".mp4");
            TestVideos.clip("mp4", "mpeg4").write(file);
            reader.open(file).close();
        }
        try (Stream<Path> files = Files.list(kept)) {
            for (Path index : (Iterable<Path>) files::iterator) {
                Files.write(index, new byte[100]);
            }
        }
        VideoReader later = new VideoReader(Limits.DEFAULT, 0);
        List<String> notices = new ArrayList<>();
        later.keepIndexesIn(kept, notices::add);

        for (int i = 0; i < 3; i++) {
            later.open(folder.resolve(i + ".mp4")).close();
        }

        assertThat(notices).hasSize(1);
    }

    /** Whatever is in an index whose checksum is right, it ends in an index or in an exception that is expected. */
    @Test
    void nonsenseWithARightChecksumIsNotUsedUnlessItIsPossible() throws Exception {
        Path file = folder.resolve("clip.mp4");
        TestVideos.clip("mp4", "mpeg4").write(file);
        Path kept = folder.resolve("kept");
        reader.keepIndexesIn(kept, notice -> {});
        reader.open(file).close();
        Path index;
        try (Stream<Path> files = Files.list(kept)) {
            index = files.findFirst().orElseThrow();
        }
        byte[] whole = Files.readAllBytes(index);
        Random random = new Random(2);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = whole.clone();
            bytes[8 + random.nextInt(bytes.length - 16)] = (byte) (random.nextBoolean() ? -1 : random.nextInt());
            CRC32C sum = new CRC32C();
            sum.update(bytes, 0, bytes.length - 8);
            ByteBuffer.wrap(bytes).putLong(bytes.length - 8, sum.getValue());
            Files.write(index, bytes);
            VideoReader later = new VideoReader(Limits.DEFAULT, 0);
            later.keepIndexesIn(kept, notice -> {});
            try (Video video = later.open(file)) {
                video.frames(video.info().timeline().frames() - 1);
            } catch (UnreadableFile refused) {
                assertThat(refused).hasMessageContaining(file.toString());
            }
        }
    }

    @Test
    void aFolderThatCannotBeWrittenStopsNothingAndIsSaidOnce() throws Exception {
        Path file = folder.resolve("clip.mp4");
        TestVideos.clip("mp4", "mpeg4").write(file);
        Path other = folder.resolve("other.mp4");
        TestVideos.clip("mp4", "mpeg4").write(other);
        List<String> notices = new ArrayList<>();
        Path kept = Files.writeString(folder.resolve("no folder"), "text");
        reader.keepIndexesIn(kept, notices::add);

        assertSame(file);
        assertSame(other);
        assertThat(notices).hasSize(1);
        assertThat(notices.get(0)).contains(kept.toString());
    }

    private static byte[] changed(byte[] bytes, int at) {
        byte[] copy = bytes.clone();
        copy[at] ^= 1;
        return copy;
    }

    /** By hand: {@code -Dclips.dir=DIR}, all videos below a folder. */
    @Test
    @EnabledIfSystemProperty(named = "clips.dir", matches = ".+")
    void allClipsOfAFolderAreThoseOfDecodingEverything() throws Exception {
        int same = 0;
        int listed = 0;
        int refused = 0;
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("clips.dir")))) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
                try {
                    reader.open(file).close();
                } catch (UnreadableFile unreadable) {
                    refused++;
                    continue;
                }
                assertSame(file);
                listed += ListedPacketsTest.assertSameIndex(new VideoReader(), new VideoReader(Limits.DEFAULT, 0), file)
                        ? 1
                        : 0;
                same++;
            }
        }
        System.out.println(same + " videos are the same, " + listed + " of them indexed by their header, " + refused
                + " other files");
        assertThat(same).isPositive();
    }

    private void assertSame(Path file) throws Exception {
        assertSame(reader, file);
    }

    private static void assertSame(VideoReader reader, Path file) throws Exception {
        PlainVideo plain = PlainVideo.decode(file);
        int frames = plain.frames().size();
        Random random = new Random(frames);
        for (int choice = 0; choice < CHOICES; choice++) {
            int[] numbers = random.ints(1 + random.nextInt(choice % 2 == 0 ? 2 : 16), 0, frames)
                    .sorted()
                    .toArray();
            Frames read = read(reader, file, numbers);
            int bytes = read.rgb().length / numbers.length;
            for (int i = 0; i < numbers.length; i++) {
                byte[] expected = plain.frames().get(numbers[i]);
                assertThat(Arrays.equals(read.rgb(), i * bytes, (i + 1) * bytes, expected, 0, bytes))
                        .as("frame %d in %s of %s", numbers[i], Arrays.toString(numbers), file)
                        .isTrue();
            }
        }
    }

    private static Frames read(VideoReader reader, Path file, int[] numbers) throws IOException {
        try (Video video = reader.open(file)) {
            return video.frames(numbers);
        }
    }
}
