package maskfeat.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleSetTest {
    private static final SampleSet.Size IMAGES = SampleSet.Size.TINY.imagesOnly();
    private static final SampleSet.Size ALL = SampleSet.Size.TINY;

    private static final SampleSet.Size SMALL =
            new SampleSet.Size(new SampleSet.Images(3, 2, 16, 24), new SampleSet.Clips(2, 1, 2, 32));

    /** Eight of each, so that every format occurs. */
    private static final SampleSet.Size FORMATS =
            new SampleSet.Size(new SampleSet.Images(8, 1, 16, 24), new SampleSet.Clips(8, 1, 3, 32));

    /** Larger, so that there is time to interrupt it. */
    private static final SampleSet.Size LONG =
            new SampleSet.Size(new SampleSet.Images(400, 40, 144, 192), SampleSet.Clips.NONE);

    @TempDir
    Path temp;

    @Test
    void sameSeedGivesTheSameBytes() throws IOException {
        SampleSet.write(temp.resolve("a"), FORMATS, 5);
        SampleSet.write(temp.resolve("b"), FORMATS, 5);

        Map<String, byte[]> a = bytes(temp.resolve("a"));
        Map<String, byte[]> b = bytes(temp.resolve("b"));
        assertThat(b.keySet()).isEqualTo(a.keySet());
        a.forEach((name, content) -> assertThat(b.get(name)).as(name).isEqualTo(content));
    }

    @Test
    void anotherSeedGivesOtherPictures() throws IOException {
        SampleSet.write(temp.resolve("a"), IMAGES, 5);
        SampleSet.write(temp.resolve("b"), IMAGES, 6);

        Map<String, byte[]> a = bytes(temp.resolve("a/images"));
        Map<String, byte[]> b = bytes(temp.resolve("b/images"));
        assertThat(b.keySet()).isEqualTo(a.keySet());
        a.forEach((name, content) -> assertThat(b.get(name)).as(name).isNotEqualTo(content));
    }

    @Test
    void noPictureComesTwice() throws IOException {
        SampleSet.write(temp.resolve("a"), IMAGES);

        assertThat(bytes(temp.resolve("a/images")).values().stream().map(ByteBuffer::wrap))
                .doesNotHaveDuplicates();
    }

    @Test
    void pictureDoesNotDependOnHowManyThereAre() throws IOException {
        SampleSet.write(
                temp.resolve("few"), new SampleSet.Size(new SampleSet.Images(1, 1, 40, 60), SampleSet.Clips.NONE));
        SampleSet.write(
                temp.resolve("more"), new SampleSet.Size(new SampleSet.Images(3, 2, 40, 60), SampleSet.Clips.NONE));

        Map<String, byte[]> more = bytes(temp.resolve("more/images"));
        bytes(temp.resolve("few/images"))
                .forEach((name, content) -> assertThat(more.get(name)).as(name).isEqualTo(content));
    }

    @Test
    void eachClassHasItsFolderAndItsShare() throws IOException {
        SampleSet.write(temp.resolve("set"), SMALL);

        SampleSet.Images images = SMALL.images();
        SampleSet.Clips clips = SMALL.clips();
        Map<String, Integer> expected = new TreeMap<>();
        for (String label : SampleSet.imageClasses()) {
            expected.put("images/train/" + label, images.train());
            expected.put("images/val/" + label, images.val());
        }
        for (String label : SampleSet.clipClasses()) {
            expected.put("clips/train/" + label, clips.train());
            expected.put("clips/val/" + label, clips.val());
        }
        expected.put("", 2); // the text that explains, and the mark that all is there
        assertThat(files(temp.resolve("set"))
                        .collect(Collectors.toMap(
                                file -> text(temp.resolve("set").relativize(file.resolveSibling(""))),
                                file -> 1,
                                Integer::sum)))
                .isEqualTo(expected);
    }

    @Test
    void picturesHaveSidesFromTheRangeAndEveryEighthIsPng() throws IOException {
        SampleSet.write(
                temp.resolve("set"), new SampleSet.Size(new SampleSet.Images(8, 0, 40, 56), SampleSet.Clips.NONE));

        for (String label : SampleSet.imageClasses()) {
            Path folder = temp.resolve("set/images/train").resolve(label);
            assertThat(files(folder).map(file -> text(file.getFileName())).sorted())
                    .containsExactly(
                            "0000.jpg",
                            "0001.jpg",
                            "0002.jpg",
                            "0003.jpg",
                            "0004.jpg",
                            "0005.jpg",
                            "0006.jpg",
                            "0007.png");
            for (Path file : files(folder).toList()) {
                BufferedImage image = ImageIO.read(file.toFile());
                assertThat(image.getWidth()).isBetween(40, 56);
                assertThat(image.getHeight()).isBetween(40, 56);
            }
        }
        assertThat(Files.exists(temp.resolve("set/clips"))).isFalse();
    }

    @Test
    void neitherHalfOfAClassNameDecides() {
        for (List<String> classes : List.of(SampleSet.imageClasses(), SampleSet.clipClasses())) {
            assertThat(classes).doesNotHaveDuplicates().isSorted().hasSizeGreaterThanOrEqualTo(8);
            for (int half = 0; half < 2; half++) {
                int part = half;
                assertThat(classes.stream()
                                .collect(Collectors.groupingBy(
                                        label -> label.split("-", -1)[part], Collectors.counting()))
                                .values())
                        .allMatch(count -> count >= 2);
            }
        }
    }

    @Test
    void readmeNamesSeedAndClasses() throws IOException {
        SampleSet.write(temp.resolve("set"), SMALL, 77);

        assertThat(Files.readString(temp.resolve("set/README.txt")))
                .contains("seed 77")
                .contains(SampleSet.imageClasses())
                .contains(SampleSet.clipClasses());
    }

    @Test
    void completeMeansThisSizeAndSeedAndEveryFile() throws IOException {
        Path set = temp.resolve("set");
        assertThat(SampleSet.isComplete(set, IMAGES)).isFalse();

        SampleSet.write(set, IMAGES);

        assertThat(SampleSet.isComplete(set, IMAGES)).isTrue();
        assertThat(SampleSet.isComplete(set, IMAGES, SampleSet.SEED + 1)).isFalse();
        assertThat(SampleSet.isComplete(set, ALL)).isFalse();
        Files.delete(set.resolve("images/val/star-waves/0001.jpg"));
        assertThat(SampleSet.isComplete(set, IMAGES)).isFalse();
    }

    @Test
    void writesToAnEmptyFolderButNotOverFiles() throws IOException {
        Path empty = Files.createDirectory(temp.resolve("empty"));
        SampleSet.write(empty, IMAGES);
        assertThat(SampleSet.isComplete(empty, IMAGES)).isTrue();

        Path mine = Files.createDirectory(temp.resolve("mine"));
        Files.writeString(mine.resolve("letter.txt"), "Dear reader");
        assertThatExceptionOfType(FileAlreadyExistsException.class)
                .isThrownBy(() -> SampleSet.write(mine, IMAGES))
                .withMessageContaining("mine");
        assertThat(names(mine)).containsExactly("letter.txt");
        assertThat(names(temp)).containsExactly("empty", "mine");
    }

    @Test
    void interruptedWritingLeavesNothing() throws Exception {
        Path parent = temp.resolve("deep");
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            Future<?> writing = writer.submit(() -> {
                SampleSet.write(parent.resolve("set"), LONG);
                return null;
            });
            while (!Files.exists(parent)
                    || files(parent).filter(SampleSetTest::isPicture).count() < 5) {
                assertThat(writing.isDone()).isFalse();
                Thread.sleep(5);
            }
            writer.shutdownNow();
            assertThat(writing)
                    .failsWithin(Duration.ofMinutes(2))
                    .withThrowableThat()
                    .withCauseInstanceOf(InterruptedIOException.class);
        } finally {
            writer.shutdownNow();
        }
        assertThat(names(parent)).isEmpty();
    }

    @Test
    void failedWritingLeavesNothing() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "not a folder");

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> SampleSet.write(file.resolve("set"), IMAGES));
        assertThat(names(temp)).containsExactly("file");
    }

    @Test
    void ensureMakesASetOnceAndMendsIt() throws IOException {
        Path cache = temp.resolve("cache");
        Path set = SampleSet.ensure(cache, IMAGES);
        Path picture = set.resolve("images/train/disc-checks/0000.jpg");
        byte[] content = Files.readAllBytes(picture);
        Files.writeString(picture, "marked"); // made again it would be gone

        assertThat(SampleSet.ensure(cache, IMAGES)).isEqualTo(set);
        assertThat(picture).hasContent("marked");

        Files.delete(set.resolve("images/val/disc-checks/0000.jpg"));
        assertThat(SampleSet.ensure(cache, IMAGES)).isEqualTo(set);
        assertThat(picture).hasBinaryContent(content);
        assertThat(SampleSet.isComplete(set, IMAGES)).isTrue();

        assertThat(SampleSet.ensure(cache, IMAGES, 1)).isNotEqualTo(set);
        assertThat(names(cache)).hasSize(2);
    }

    @Test
    void ensureIgnoresWhatAKilledProcessLeftAndSweepsItAfterADay() throws IOException {
        Path set = SampleSet.ensure(temp, IMAGES);
        Path fresh = temp.resolve("." + set.getFileName() + "-fresh.partial");
        Path old = temp.resolve("." + set.getFileName() + "-old.partial");
        Files.move(set, fresh);
        Files.createDirectories(old.resolve("images"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(25))));

        assertThat(SampleSet.ensure(temp, IMAGES)).isEqualTo(set);

        assertThat(SampleSet.isComplete(set, IMAGES)).isTrue();
        assertThat(names(temp)).containsExactlyInAnyOrder(text(fresh.getFileName()), text(set.getFileName()));
    }

    @Test
    void severalThatEnsureAtOnceGetOneWholeSet() throws Exception {
        ExecutorService processes = Executors.newFixedThreadPool(4);
        try {
            Callable<Path> ensure = () -> SampleSet.ensure(temp, IMAGES);
            List<Future<Path>> folders = processes.invokeAll(List.of(ensure, ensure, ensure, ensure));
            for (Future<Path> folder : folders) {
                assertThat(SampleSet.isComplete(folder.get(), IMAGES)).isTrue();
            }
        } finally {
            processes.shutdownNow();
        }
        assertThat(names(temp)).hasSize(1);
    }

    @Test
    void refusesSizesThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SampleSet.Images(-1, 0, 64, 64))
                .withMessageContaining("-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SampleSet.Images(1, 0, 64, 48))
                .withMessageContaining("64 to 48");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SampleSet.Clips(1, 0, 16, 63))
                .withMessageContaining("63");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SampleSet.Clips(1, 0, 1, 64))
                .withMessageContaining("got 1");
        assertThatIllegalArgumentException().isThrownBy(() -> ALL.imagesOnly().clipsOnly());
    }

    private static boolean isPicture(Path file) {
        return file.toString().endsWith(".jpg");
    }

    private static Stream<Path> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).toList().stream();
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> text(entry.getFileName())).sorted().toList();
        }
    }

    private static Map<String, byte[]> bytes(Path root) throws IOException {
        Map<String, byte[]> bytes = new TreeMap<>();
        for (Path file : files(root).toList()) {
            bytes.put(text(root.relativize(file)), Files.readAllBytes(file));
        }
        return bytes;
    }

    /** As on every system. */
    private static String text(Path path) {
        return path.toString().replace('\\', '/');
    }
}
