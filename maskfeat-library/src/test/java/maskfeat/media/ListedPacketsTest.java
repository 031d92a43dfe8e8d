package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import maskfeat.media.TestVideos.Clip;
import maskfeat.media.VideoReader.Limits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MP4 and QuickTime are indexed by the list of packets in their header, as if all packets were read. */
class ListedPacketsTest {
    private static final int CHOICES = 12;

    @TempDir
    Path folder;

    // Files of less than 4 MB are read as a whole, unless nothing is kept in memory.
    private final VideoReader whole = new VideoReader();
    private final VideoReader lists = new VideoReader(Limits.DEFAULT, 0);

    @ParameterizedTest
    @CsvSource({
        "b-frames.mp4, true",
        "b-frames-sound-faststart.mp4, true",
        "b-frames-sound.mov, true",
        "b-frames-no-edit-list.mp4, true",
        "b-frames-negative-offsets.mp4, true",
        "b-frames-uneven.mp4, true",
        "open-groups.mp4, true",
        "headers-repeated.mp4, true",
        "hev1.mp4, true",
        "hvc1-sound.mov, true",
        "mpeg4.mp4, true",
        "mjpeg.mov, true",
        "two-videos.mp4, true",
        "cut.mp4, true",
        "cut-open-groups.mp4, false",
        "late.mp4, true",
        "interlaced.mp4, false",
        "fragmented.mp4, false",
        "fragmented-after-some.mp4, false",
        "mpeg4-b-frames.mp4, false",
    })
    void theListTellsWhatReadingAllPacketsTells(String name, boolean listed) throws Exception {
        Path file =
                Path.of(ListedPacketsTest.class.getResource("/movies/" + name).toURI());

        assertThat(assertSameIndex(whole, lists, file)).isEqualTo(listed);
        assertSameFrames(file);
    }

    @ParameterizedTest
    @CsvSource({
        "mp4, libopenh264, 0, true",
        "mov, libopenh264, 0, true",
        "mp4, mpeg4, 0, true",
        "mp4, mpeg4, 2, false",
        "mov, mjpeg, 0, true",
        "mov, prores_ks, 0, true",
        "mp4, libvpx-vp9, 0, true",
        "mp4, libaom-av1, 0, true",
        "mp4, mpeg2video, 2, false",
        "mov, ffv1, 0, false",
        "matroska, libopenh264, 0, false",
    })
    void theListTellsItForEveryCodecThatGivesAFrameASample(
            String container, String encoder, int between, boolean listed) throws Exception {
        Clip clip = TestVideos.clip(container, encoder);
        clip.betweenFrames = between;
        if (encoder.equals("libaom-av1")) {
            clip.options = new String[] {"cpu-used", "8"};
        }
        if (encoder.equals("libvpx-vp9")) {
            clip.options = new String[] {"auto-alt-ref", "1", "lag-in-frames", "16"};
        }
        Path file = folder.resolve("clip");
        clip.write(file);

        assertThat(assertSameIndex(whole, lists, file)).isEqualTo(listed);
        assertSameFrames(file);
    }

    @Test
    void littleOfALargeMovieIsRead() throws Exception {
        Path file = large();
        long size = Files.size(file);

        try (Video video = new VideoReader().open(file)) {
            assertThat(video.packets().listedOnly).isTrue();
            video.frames(700, 702, 704);
            assertThat(video.readBytes()).isLessThan(size / 3);
        }
        try (Video video = whole.open(file)) {
            video.decodeAll();
        }
        assertThat(assertSameIndex(whole, lists, file)).isTrue();
    }

    @Test
    void theMissingEndOfALargeMovieIsSeenWithoutReadingIt() throws Exception {
        Path file = large();
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - bytes.length / 5));

        try (Video video = new VideoReader().open(file)) {
            int there = video.info().timeline().frames();
            assertThat(there).isBetween(500, 799);
            assertThatThrownBy(video::decodeAll).hasMessageContaining("is truncated: " + there + " of 800 frames");
            assertThat(video.readBytes()).isLessThan(bytes.length / 3);
        }
    }

    private Path large() throws IOException {
        Clip clip = TestVideos.clip("mov", "mjpeg");
        clip.width = 320;
        clip.height = 240;
        clip.frames = 800;
        clip.options = new String[] {"movflags", "+faststart"};
        Path file = folder.resolve("large.mov");
        clip.write(file);
        assertThat(Files.size(file)).isGreaterThan(6 << 20);
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"b-frames-sound-faststart.mp4", "hvc1-sound.mov", "b-frames.mp4"})
    void damagedAndTruncatedMoviesAreTheSameAsReadWhole(String name) throws Exception {
        byte[] intact = Files.readAllBytes(
                Path.of(ListedPacketsTest.class.getResource("/movies/" + name).toURI()));
        Random random = new Random(1);
        int others = 0;
        for (int i = 0; i < 30; i++) {
            byte[] bytes = intact.clone();
            if (i % 3 == 0) {
                bytes = Arrays.copyOf(bytes, bytes.length / 2 + random.nextInt(bytes.length / 2));
            }
            for (int change = 0; i % 3 > 0 && change < i; change++) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Path file = folder.resolve(i + name);
            Files.write(file, bytes);
            List<String> expected = outcome(whole, file);
            List<String> found = outcome(lists, file);
            if (found.size() == expected.size()) {
                assertThat(found).as("change %d", i).isEqualTo(expected);
            } else {
                // Packets that give no frame have a number where the header counts.
                assertThat(found.stream().filter(each -> !each.contains("is damaged: ")))
                        .as("change %d", i)
                        .isSubsetOf(expected);
                assertThat(found.get(found.size() - 1)).contains("is damaged: ");
                others++;
            }
        }
        assertThat(others).isLessThan(6);
    }

    /** Each frame, and then all. */
    private static List<String> outcome(VideoReader reader, Path file) throws IOException {
        List<String> outcome = new ArrayList<>();
        int frames = 0;
        for (int i = 0; i <= frames; i++) {
            try (Video video = reader.open(file)) {
                frames = video.info().timeline().frames();
                outcome.add(
                        i == frames
                                ? video.decodeAll() + " frames"
                                : Arrays.hashCode(video.frames(i).rgb()) + "");
            } catch (UnreadableFile refused) {
                outcome.add(refused.getMessage());
            }
        }
        return outcome;
    }

    @Test
    void aPacketThatGivesNoFrameAfterAllChangesNoNumbers() throws Exception {
        Clip clip = TestVideos.clip("mp4", "libopenh264");
        Path file = folder.resolve("clip.mp4");
        clip.write(file);
        List<byte[]> frames = PlainVideo.decode(file).frames();
        long place;
        try (Video video = whole.open(file)) {
            place = video.packets().places[23]; // the last before a key frame
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) place + 4] = 12; // a unit of filler data
        Files.write(file, bytes);
        VideoReader reader = new VideoReader(Limits.DEFAULT, 0);
        VideoReader readingAtOnce = new VideoReader(Limits.DEFAULT, 0);
        try (Video video = readingAtOnce.open(file)) {
            assertThatThrownBy(() -> video.frames(23)).hasMessageContaining("frame 23 of 40 does not decode");
        }

        for (VideoReader each : List.of(reader, readingAtOnce)) {
            for (int i = 0; i < 40; i++) {
                try (Video video = each.open(file)) {
                    assertThat(video.info().timeline().frames()).isEqualTo(40);
                    if (i == 23) {
                        assertThatThrownBy(() -> video.frames(23))
                                .hasMessageContaining("frame 23 of 40 does not decode");
                        assertThat(video.packets().listedOnly).isFalse();
                    } else {
                        assertThat(video.frames(i).rgb()).isEqualTo(frames.get(i));
                    }
                }
            }
        }
    }

    /**
     * Compares all that two readers know of a file, but for what is seen only in packets.
     *
     * @return whether the second read no packets
     */
    static boolean assertSameIndex(VideoReader whole, VideoReader lists, Path file) throws IOException {
        try (Video expected = whole.open(file);
                Video video = lists.open(file)) {
            PacketTable all = expected.packets();
            PacketTable listed = video.packets();
            assertThat(all.listedOnly).isFalse();
            assertThat(video.info()).usingRecursiveComparison().isEqualTo(expected.info());
            assertThat(video.frameIndex()).usingRecursiveComparison().isEqualTo(expected.frameIndex());
            assertThat(video.known())
                    .usingRecursiveComparison()
                    .ignoringFields("packets", "keysBack")
                    .isEqualTo(expected.known());
            assertThat(listed)
                    .usingRecursiveComparison()
                    .ignoringFields("sums", "flags", "listedOnly", "firstHeaders", "disposable")
                    .isEqualTo(all);
            assertThat(!listed.disposable || all.disposable).isTrue();
            assertThat(fixed(listed)).isEqualTo(fixed(all));
            return listed.listedOnly;
        }
    }

    private static int[] fixed(PacketTable table) {
        return IntStream.range(0, table.count)
                .map(i -> table.flags[i] & (Bitstream.SHOWN | PacketTable.DISCARDED))
                .toArray();
    }

    private void assertSameFrames(Path file) throws Exception {
        PlainVideo plain = PlainVideo.decode(file);
        Random random = new Random(7);
        try (Video first = lists.open(file)) {
            int frames = first.info().timeline().frames();
            for (int choice = 0; choice < CHOICES; choice++) {
                int[] numbers = random.ints(1 + random.nextInt(choice % 2 == 0 ? 2 : 9), 0, frames)
                        .sorted()
                        .toArray();
                try (Video video = lists.open(file);
                        Video expected = whole.open(file)) {
                    assertThat(video.packets().listedOnly).isEqualTo(first.packets().listedOnly);
                    Frames read = video.frames(numbers);
                    assertThat(read.rgb()).isEqualTo(expected.frames(numbers).rgb());
                    int bytes = read.rgb().length / numbers.length;
                    for (int i = 0; i < numbers.length; i++) {
                        assertThat(Arrays.copyOfRange(read.rgb(), i * bytes, (i + 1) * bytes))
                                .isEqualTo(plain.frames().get(numbers[i]));
                    }
                }
            }
            assertThat(first.decodeAll()).isEqualTo(frames);
        }
    }
}
