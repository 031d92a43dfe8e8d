package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import maskfeat.archive.ArchiveFiles;
import maskfeat.archive.Archives;
import maskfeat.data.Preparation.Result;
import maskfeat.disk.WriteFailed;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.media.JpegWriter;
import maskfeat.media.TrainingVideo;
import maskfeat.media.VideoWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparationTest {
    private static final Preparation.Config CONFIG = new Preparation.Config(new TrainingVideo.Config(32, 6, 3), 90);

    @TempDir
    Path temp;

    private Path in;
    private Path out;
    private final List<String> unreadable = new ArrayList<>();
    private final List<Integer> seen = new ArrayList<>();

    @BeforeEach
    void folders() throws IOException {
        in = Files.createDirectory(temp.resolve("in"));
        out = temp.resolve("out");
    }

    private static Frames picture(int count, int height, int width, int seed) {
        byte[] rgb = new byte[count * height * width * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (60 + i / 3 % width + seed * 20 + i / 3 / width % height);
        }
        return new Frames(count, height, width, rgb);
    }

    private Path video(String name, int seed) throws IOException {
        Path file = in.resolve(name);
        Files.createDirectories(file.getParent());
        VideoWriter.write(file, picture(20, 48, 64, seed), 25, VideoWriter.Codec.MPEG4);
        return file;
    }

    private Path image(String name, int height, int width) throws IOException {
        Path file = in.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, JpegWriter.bytes(picture(1, height, width, 0), 95));
    }

    private Path text(String name, String text) throws IOException {
        Files.createDirectories(in.resolve(name).getParent());
        return Files.writeString(in.resolve(name), text);
    }

    private Preparation.Outcome prepared(Preparation.Config config) throws IOException, InterruptedException {
        unreadable.clear();
        return Preparation.of(in, out, config).run(2, false, watcher());
    }

    private Preparation.Watcher watcher() {
        return new Preparation.Watcher() {
            @Override
            public void at(int files, int of, long frames) {
                seen.add(files);
            }

            @Override
            public void unreadable(Path file, IOException why) {
                boolean packed = file.getFileSystem() != in.getFileSystem();
                unreadable.add((packed ? file : in.relativize(file)) + ": " + why.getMessage());
            }
        };
    }

    private Preparation.Outcome dry() throws IOException, InterruptedException {
        return dry(CONFIG);
    }

    private Preparation.Outcome dry(Preparation.Config config) throws IOException, InterruptedException {
        unreadable.clear();
        return Preparation.of(in, out, config).dryRun(2, watcher());
    }

    private Preparation.Outcome prepared() throws IOException, InterruptedException {
        return prepared(CONFIG);
    }

    private static Map<String, List<Object>> contents(Path folder) throws IOException {
        Map<String, List<Object>> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                contents.put(
                        folder.relativize(file).toString(),
                        List.of(
                                new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1),
                                Files.getLastModifiedTime(file)));
            }
        }
        return contents;
    }

    @Test
    void classesListsAndNamesStay() throws Exception {
        for (String name : List.of("train/run/a.avi", "train/run/b b.mp4", "train/sit/c.mkv", "val/run/d.mp4")) {
            video(name, name.length());
        }
        text("train/classes.txt", "run\nsit\n");
        text("boxes.csv", "a,1,0.1,0.2,0.5,0.75,3\n");
        Map<String, List<Object>> before = contents(in);
        Preparation.Outcome outcome = prepared();
        assertThat(contents(in)).isEqualTo(before);
        assertThat(outcome.counts()).containsExactly(4, 2, 0, 0);
        assertThat(out.resolve("boxes.csv")).hasSameTextualContentAs(in.resolve("boxes.csv"));

        Splits one = Splits.open(in, null, TimedClip.defaults(), Splits.Options.NONE);
        Splits other = Splits.open(out, null, TimedClip.defaults(), Splits.Options.NONE);
        assertThat(other.classes()).isEqualTo(one.classes()).containsExactly("run", "sit");
        assertThat(relative(out, other.train())).isEqualTo(relative(in, one.train()));
        assertThat(other.validation().orElseThrow().size()).isEqualTo(1);
        Item item = other.train().items().get(0);
        Frames clip = other.train().read(item, RandomGenerator.of("L64X128MixRandom"));
        assertThat(List.of(clip.height(), clip.width())).containsExactly(32, 42);
    }

    private static List<String> relative(Path root, Dataset data) {
        return data.items().stream()
                .map(item -> root.relativize(item.file()) + " " + item.label())
                .toList();
    }

    @Test
    void listsNameTheFilesOfTheCopy() throws Exception {
        video("videos/a.mp4", 1);
        video("videos/b.mp4", 2);
        String absolute = in.toAbsolutePath() + "/videos/a.mp4";
        text("train.csv", absolute + " 0\nvideos/b.mp4 1\n/elsewhere" + absolute + " 1\n");
        prepared();
        assertThat(out.resolve("train.csv"))
                .hasContent(out.toAbsolutePath() + "/videos/a.mp4 0\nvideos/b.mp4 1\n/elsewhere" + absolute + " 1\n");
    }

    /** What a box as fractions of the picture frames in the original, it frames in the copy. */
    @Test
    void boxesAsFractionsStayRight() throws Exception {
        int width = 66;
        byte[] rgb = new byte[20 * 50 * width * 3];
        for (int i = 0; i < rgb.length / 3; i++) {
            int x = i % width;
            int y = i / width % 50;
            if (x >= 0.25 * width && x < 0.5 * width && y >= 0.5 * 50 && y < 0.75 * 50) {
                rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = (byte) 200;
            }
        }
        VideoWriter.write(in.resolve("a.mp4"), new Frames(20, 50, width, rgb), 25, VideoWriter.Codec.MPEG4);
        text("boxes.csv", "a,0.4,0.25,0.5,0.5,0.75,1\n");
        prepared();
        assertThat(out.resolve("boxes.csv")).hasSameTextualContentAs(in.resolve("boxes.csv"));
        try (Footage footage = Footage.open(out.resolve("a.mp4"))) {
            Frames copy = footage.frames(10);
            assertThat(copy.height()).isEqualTo(32);
            double inside = 0;
            double all = 0;
            for (int y = 0; y < copy.height(); y++) {
                for (int x = 0; x < copy.width(); x++) {
                    int value = copy.rgb()[copy.at(0, y, x)] & 0xff;
                    boolean framed = x >= 0.25 * copy.width()
                            && x < 0.5 * copy.width()
                            && y >= 0.5 * copy.height()
                            && y < 0.75 * copy.height();
                    all += value;
                    inside += framed ? value : 0;
                }
            }
            assertThat(inside / all).isGreaterThan(0.9);
        }
    }

    @Test
    void imagesAreScaledAndSmallOnesCopied() throws Exception {
        image("a/large.png", 96, 65);
        image("a/small.jpg", 32, 80);
        Preparation.Outcome outcome = prepared();
        assertThat(outcome.counts()).containsExactly(1, 1, 0, 0);
        Frames large = new ImageReader().read(out.resolve("a/large.png"));
        assertThat(List.of(large.height(), large.width())).containsExactly(47, 32);
        assertThat(out.resolve("a/small.jpg")).hasSameBinaryContentAs(in.resolve("a/small.jpg"));
        assertThat(outcome.bytesAfter()).isLessThan(outcome.bytesBefore());
    }

    @Test
    void aSecondRunDoesWhatIsNewAndWhatChanged() throws Exception {
        video("a.mp4", 1);
        video("b.mp4", 2);
        prepared();
        assertThat(prepared().counts()).containsExactly(0, 0, 2, 0);
        video("c.mp4", 3);
        Path changed = video("b.mp4", 4);
        Files.setLastModifiedTime(changed, FileTime.fromMillis(System.currentTimeMillis() + 60_000));
        Map<String, List<Object>> before = contents(out);
        assertThat(prepared().counts()).containsExactly(2, 0, 1, 0);
        assertThat(contents(out).get("b.mp4")).isNotEqualTo(before.get("b.mp4"));
        assertThat(contents(out).get("a.mp4")).isEqualTo(before.get("a.mp4"));
    }

    /** What a killed run leaves: copies without the time of their originals, and parts of files. */
    @Test
    void aDryRunCountsAsTheRunDoesAndWritesNothing() throws Exception {
        video("a/large.mp4", 1);
        image("b/large.jpg", 64, 80);
        image("b/small.jpg", 20, 30);
        text("b/bad.jpg", "no picture");
        text("a/bad.mp4", "no video");
        text("train.csv", in.toAbsolutePath() + "/a/large.mp4 0\n");
        Preparation.Outcome said = dry();
        assertThat(out).doesNotExist();
        List<String> named = List.copyOf(unreadable);
        assertThat(said.unknown()).isEqualTo(1);
        Preparation.Outcome done = prepared();
        assertThat(said.counts()).isEqualTo(done.counts()).containsExactly(2, 2, 0, 2);
        assertThat(named).containsExactlyInAnyOrderElementsOf(unreadable);
        assertThat(said.bytesBefore()).isEqualTo(done.bytesBefore());
        assertThat(said.bytesAfter() + Files.size(out.resolve("a/large.mp4"))).isEqualTo(done.bytesAfter());
        assertThat(done.unknown()).isZero();

        Map<String, List<Object>> before = contents(out);
        video("a/new.mp4", 2);
        Preparation.Outcome again = dry();
        assertThat(contents(out)).isEqualTo(before);
        assertThat(again.counts()).containsExactly(1, 0, 4, 2);
        assertThat(again.unknown()).isEqualTo(1);
    }

    @Test
    void aKilledRunGoesOn() throws Exception {
        video("a.mp4", 1);
        video("b.mp4", 2);
        prepared();
        Map<String, List<Object>> whole = contents(out);
        Files.write(out.resolve("b.mp4"), new byte[] {1, 2, 3});
        Files.setLastModifiedTime(out.resolve("b.mp4"), FileTime.fromMillis(0));
        Path part = out.resolve(".a.mp4.01234567-89ab-cdef-0123-456789abcdef.tmp");
        Files.write(part, new byte[] {1});
        assertThat(prepared().counts()).containsExactly(1, 0, 1, 0);
        assertThat(part).doesNotExist();
        Map<String, List<Object>> again = contents(out);
        assertThat(again.keySet()).isEqualTo(whole.keySet());
        assertThat(Objects.equals(again.get("b.mp4"), whole.get("b.mp4"))).isTrue();
    }

    @Test
    void filesThatCannotBeReadAreNamedAndTheOthersDone() throws Exception {
        video("good.mp4", 1);
        text("bad.mp4", "no video");
        text("bad.jpg", "no image");
        Files.createSymbolicLink(in.resolve("gone.mp4"), temp.resolve("nowhere"));
        assertThat(prepared().counts()).containsExactly(1, 0, 0, 3);
        assertThat(unreadable)
                .hasSize(3)
                .anyMatch(each -> each.startsWith("bad.mp4") && each.contains("not a video"))
                .anyMatch(each -> each.startsWith("gone.mp4"));
        assertThat(out.resolve("bad.mp4")).doesNotExist();
        // One that was sound before does not stay in its old form.
        text("good.mp4", "no longer");
        Files.setLastModifiedTime(in.resolve("good.mp4"), FileTime.fromMillis(0));
        assertThat(prepared().count(Result.UNREADABLE)).isEqualTo(4);
        assertThat(out.resolve("good.mp4")).doesNotExist();
    }

    @Test
    void theCopyLiesOutsideOfTheData() throws Exception {
        video("a.mp4", 1);
        Path link = Files.createSymbolicLink(temp.resolve("link"), in);
        for (Path place : List.of(in, in.resolve("copy"), in.resolve("x/../y/z"), link.resolve("copy"), temp, link)) {
            assertThatThrownBy(() -> Preparation.of(in, place, CONFIG))
                    .as(place.toString())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("outside");
        }
        assertThat(Files.list(in)).hasSize(1);
    }

    @Test
    void aFolderOfOtherThingsOrOfAnotherFormIsRefused() throws Exception {
        video("a.mp4", 1);
        Files.createDirectories(out);
        Files.writeString(out.resolve("mine.txt"), "x");
        assertThatThrownBy(() -> Preparation.of(in, out, CONFIG)).hasMessageContaining("holds other things");
        Files.delete(out.resolve("mine.txt"));
        prepared();
        Preparation.Config other = new Preparation.Config(new TrainingVideo.Config(16, 6, 3), 90);
        assertThatThrownBy(() -> Preparation.of(in, out, other))
                .hasMessageContaining("short-side 32")
                .hasMessageContaining("short-side 16");
        assertThatThrownBy(() -> Preparation.of(in.resolve("a.mp4"), out, CONFIG))
                .hasMessageContaining("not a folder, zip or tar file");
        assertThatThrownBy(() -> Preparation.of(in.resolve("none"), out, CONFIG))
                .hasMessageContaining("none");
    }

    /** The copy of an archive is that of the folder that was packed, and goes on in the same way. */
    @Test
    void archivesAreReadAsTheFolderThatWasPacked() throws Exception {
        video("train/run/a.avi", 1);
        video("val/run/b.mp4", 2);
        image("train/run/pictures/large.png", 96, 65);
        text("train/classes.txt", "run\n");
        text("boxes.csv", "a,1,0.1,0.2,0.5,0.75,3\n");
        prepared();
        Path folder = out;
        Map<String, byte[]> members = ArchiveFiles.of(in);
        for (Path archive : List.of(
                ArchiveFiles.tar(temp.resolve("packed.tar"), members),
                ArchiveFiles.zip(temp.resolve("packed.zip"), members, true),
                ArchiveFiles.zip(temp.resolve("small.zip"), members, false))) {
            byte[] before = Files.readAllBytes(archive);
            in = archive;
            out = temp.resolve(archive.getFileName() + "-out");
            assertThat(prepared().counts()).as(archive.toString()).containsExactly(3, 2, 0, 0);
            assertThat(bytes(out)).isEqualTo(bytes(folder));
            assertThat(prepared().counts()).as(archive.toString()).containsExactly(0, 0, 5, 0);
            Files.delete(out.resolve("train/run/a.avi"));
            assertThat(prepared().counts()).as(archive.toString()).containsExactly(1, 0, 4, 0);
            assertThat(archive).hasBinaryContent(before);
        }
    }

    /** One member must not keep the others from being prepared, whatever it is. */
    @Test
    void aMemberThatCannotBeReadIsLeftOutAndNamed() throws Exception {
        image("train/run/large.png", 96, 65);
        text("train/classes.txt", "a class of the name run\n");
        Path archive = ArchiveFiles.zip(temp.resolve("damaged.zip"), ArchiveFiles.of(in), false);
        byte[] bytes = Files.readAllBytes(archive);
        String name = "train/classes.txt";
        bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf(name) + name.length() + 5] ^=
                1; // of what is deflated
        Files.write(archive, bytes);
        in = archive;
        for (int run = 0; run < 2; run++) {
            assertThat(prepared().counts()).containsExactly(run == 0 ? 1 : 0, 0, run == 0 ? 0 : 1, 1);
            assertThat(unreadable).singleElement().asString().contains("classes.txt", "damaged.zip");
            assertThat(contents(out)).doesNotContainKey("train/classes.txt");
        }
    }

    private static Map<String, Object> bytes(Path folder) throws IOException {
        Map<String, Object> bytes = new TreeMap<>();
        contents(folder).forEach((name, content) -> bytes.put(name, content.get(0)));
        bytes.remove(".maskfeat-files"); // has times, which archives keep otherwise
        return bytes;
    }

    @Test
    void labelsThatAFolderWouldLoseAreNotLost() throws Exception {
        Path archive = ArchiveFiles.tar(
                temp.resolve("shard.tar"), ArchiveFiles.texts("0.jpg", "x", "0.cls", "3", "1.jpg", "x", "1.cls", "4"));
        assertThatThrownBy(() -> Preparation.of(archive, out, CONFIG)).hasMessageContaining("WebDataset");
    }

    @Test
    void aDiskThatTakesNoMoreEndsIt() throws Exception {
        video("a/b.mp4", 1);
        Files.createDirectories(out);
        prepared();
        Files.delete(out.resolve("a/b.mp4"));
        Files.delete(out.resolve("a"));
        Files.writeString(out.resolve("a"), "a file in the way");
        assertThatThrownBy(this::prepared).isInstanceOf(WriteFailed.class);
    }

    @Test
    void progressBeginsAtOnceAndReachesTheEnd() throws Exception {
        video("a.mp4", 1);
        image("b.jpg", 50, 50);
        prepared();
        assertThat(seen).startsWith(0).endsWith(2).isSorted();
    }

    @Test
    void whatIsNotPreparedIsSaid() throws Exception {
        video("a.mp4", 1);
        text("shards.tar", "x");
        text("tubes.pkl", "x");
        assertThat(String.join("\n", Preparation.of(in, out, CONFIG).notices()))
                .contains("1 zip or tar files", "boxes in pixels");
    }

    private static Preparation.Config shards(long bytes) {
        return new Preparation.Config(CONFIG.video(), CONFIG.imageQuality(), OptionalLong.of(bytes), Optional.empty());
    }

    /** A data set of both parts, with a list and with frames, and large enough for several small shards. */
    private void tree() throws IOException {
        for (String name : List.of("train/run/a.avi", "train/run/b b.mp4", "train/sit/c.mkv", "val/run/d.mp4")) {
            video(name, name.length());
        }
        video("val/sit/" + "long name ".repeat(12) + "\u00e9.mp4", 7);
        text("train/classes.txt", "run\nsit\n");
        text("boxes.csv", "a,1,0.1,0.2,0.5,0.75,3\n");
    }

    private static List<byte[]> clips(Dataset data) throws IOException {
        List<byte[]> clips = new ArrayList<>();
        for (Item item : data.items()) {
            clips.add((data.name(item) + " " + item.label()).getBytes(StandardCharsets.UTF_8));
            clips.add(data.read(item, new SplittableRandom(3)).rgb());
        }
        assertThat(clips).isNotEmpty();
        return clips;
    }

    private static Splits splits(Path data) throws IOException {
        return Splits.open(data, null, TimedClip.defaults(), Splits.Options.NONE);
    }

    @Test
    void shardsAreReadAsTheFolderOfTheCopy() throws Exception {
        tree();
        Path folder = out;
        prepared();
        out = temp.resolve("shards");
        Preparation.Outcome outcome = prepared(shards(5000));
        assertThat(outcome.counts()).containsExactly(5, 2, 0, 0);
        assertThat(outcome.shards()).isGreaterThan(1);
        assertThat(out.resolve("000000.tar")).exists();
        assertThat(out.resolve("000001.tar")).exists();
        assertThat(out.resolve(".maskfeat-parts")).doesNotExist();

        Splits one = splits(folder);
        Splits other = splits(out);
        assertThat(other.classes()).isEqualTo(one.classes()).containsExactly("run", "sit");
        assertThat(clips(other.train())).usingElementComparator(Arrays::compare).isEqualTo(clips(one.train()));
        assertThat(clips(other.validation().orElseThrow()))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(clips(one.validation().orElseThrow()));
        Item item = other.train().items().get(0);
        assertThat(item.file().toString()).isEqualTo(out + "/000000.tar!/train/run/a.avi");
        assertThat(Archives.within(Path.of(item.file().toString()))).isEqualTo(item.file());
        assertThat(Dataset.open(Path.of(out + "!/val"), TimedClip.defaults()).size())
                .isEqualTo(2);
        assertThat(Files.getLastModifiedTime(item.file()).toMillis() / 1000)
                .isEqualTo(
                        Files.getLastModifiedTime(in.resolve("train/run/a.avi")).toMillis() / 1000);
    }

    @Test
    void listsInShardsNameTheirFiles() throws Exception {
        video("videos/a.mp4", 1);
        video("videos/b.mp4", 2);
        text("train.csv", in.toAbsolutePath() + "/videos/a.mp4 0\nvideos/b.mp4 1\n");
        text("lists/val.csv", in.toAbsolutePath() + "/videos/a.mp4 0\n../videos/b.mp4 1\n");
        prepared(shards(2000));
        Splits splits = splits(out);
        assertThat(splits.train().items()).extracting(Item::label).containsExactly(0, 1);
        assertThat(splits.train().items()).allMatch(item -> Files.exists(item.file()));
        Dataset val = Dataset.open(Archives.within(Path.of(out + "!/lists/val.csv")), TimedClip.defaults());
        assertThat(clips(val)).hasSize(4);
    }

    private static Map<String, byte[]> tars(Path folder) throws IOException {
        Map<String, byte[]> tars = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.filter(each -> !FolderWalk.isHidden(each)).toList()) {
                tars.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return tars;
    }

    private static void assertSame(Map<String, byte[]> one, Map<String, byte[]> other) {
        assertThat(one.keySet()).isEqualTo(other.keySet());
        one.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(other.get(name)));
    }

    /** Whatever was there before, the shards are those that a first run writes. */
    @Test
    void shardsThatChangedAreThoseOfAFirstRun() throws Exception {
        tree();
        prepared(shards(4000));
        assertThat(prepared(shards(4000)).counts()).containsExactly(0, 0, 7, 0);
        Map<String, byte[]> before = tars(out);
        assertThat(before.size()).isGreaterThan(3);

        video("train/run/aa.mp4", 5);
        Files.delete(in.resolve("val/run/d.mp4"));
        assertThat(dry(shards(4000)).counts()).containsExactly(1, 0, 6, 0);
        assertSame(tars(out), before);
        Preparation.Outcome kept = prepared(shards(4000));
        assertThat(kept.counts()).containsExactly(1, 0, 6, 0);
        assertThat(kept.extra()).containsExactly("val/run/d.mp4");
        assertThat(clips(splits(out).validation().orElseThrow())).hasSize(4);
        unreadable.clear();
        Preparation.Outcome outcome = Preparation.of(in, out, shards(4000)).run(2, true, watcher());
        assertThat(outcome.extra()).containsExactly("val/run/d.mp4");
        assertThat(outcome.counts()).containsExactly(0, 0, 7, 0);
        assertThat(clips(splits(out).validation().orElseThrow())).hasSize(2);
        Map<String, byte[]> again = tars(out);
        out = temp.resolve("first");
        prepared(shards(4000));
        assertSame(again, tars(out));
    }

    /** A run that is stopped after any file. */
    @Test
    void shardsThatWereNotFinishedGoOn() throws Exception {
        tree();
        prepared(shards(4000));
        Map<String, byte[]> whole = tars(out);
        for (int stop = 1; stop < 7; stop++) {
            out = temp.resolve("stopped-" + stop);
            int last = stop;
            Preparation.Watcher stopping = new Preparation.Watcher() {
                @Override
                public void at(int files, int of, long frames) {
                    if (files >= last) {
                        throw new IllegalStateException("stopped");
                    }
                }

                @Override
                public void unreadable(Path file, IOException why) {}
            };
            assertThatThrownBy(() -> Preparation.of(in, out, shards(4000)).run(1, false, stopping))
                    .hasMessage("stopped");
            assertThatThrownBy(() -> splits(out))
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("not finished");
            for (Map.Entry<String, byte[]> tar : tars(out).entrySet()) {
                if (tar.getKey().endsWith(".tar")) {
                    assertThat(tar.getValue()).isEqualTo(whole.get(tar.getKey()));
                }
            }
            Preparation.Outcome outcome = prepared(shards(4000));
            assertThat(outcome.count(Result.THERE)).isGreaterThanOrEqualTo(Math.max(0, stop - 1));
            assertSame(tars(out), whole);
        }
        // What lies under the name of a shard and is not what was written is made again.
        Files.write(out.resolve("000001.tar"), new byte[9000]);
        assertThatThrownBy(() -> splits(out)).hasMessageContaining("000001.tar", "bytes");
        prepared(shards(4000));
        assertSame(tars(out), whole);
        Files.delete(out.resolve("000002.tar"));
        assertThatThrownBy(() -> splits(out)).hasMessageContaining("000002.tar");
        prepared(shards(4000));
        assertSame(tars(out), whole);
    }

    @Test
    void whatCannotBeReadIsLeftOutOfShardsAndTriedAgain() throws Exception {
        tree();
        prepared(shards(4000));
        Map<String, byte[]> sound = tars(out);
        byte[] bytes = Files.readAllBytes(in.resolve("train/run/b b.mp4"));
        FileTime time = Files.getLastModifiedTime(in.resolve("train/run/b b.mp4"));
        text("train/run/b b.mp4", "no video");
        for (int run = 0; run < 2; run++) {
            assertThat(prepared(shards(4000)).counts()).containsExactly(0, 0, 6, 1);
            assertThat(unreadable).singleElement().asString().startsWith("train/run/b b.mp4");
            assertThat(splits(out).train().size()).isEqualTo(2);
        }
        Files.write(in.resolve("train/run/b b.mp4"), bytes);
        Files.setLastModifiedTime(in.resolve("train/run/b b.mp4"), time);
        assertThat(prepared(shards(4000)).counts()).containsExactly(1, 0, 6, 0);
        assertSame(tars(out), sound);
    }

    @Test
    void shardsOfAnotherSizeOrAFolderNeedAnotherPlace() throws Exception {
        video("a.mp4", 1);
        prepared(shards(4000));
        assertThatThrownBy(() -> prepared(shards(5000))).hasMessageContaining("shards 4000");
        assertThatThrownBy(this::prepared).hasMessageContaining("shards 4000");
        assertThatThrownBy(() -> shards(10)).hasMessageContaining("at least");
    }

    @Test
    void copiesOfFilesThatAreGoneAreNamedAndDeletedOnlyIfAsked() throws Exception {
        video("a/one.mp4", 1);
        video("a/two.mp4", 2);
        video("b/three.mp4", 3);
        video("c/four.mp4", 4);
        assertThat(prepared().extra()).isEmpty();
        Files.writeString(out.resolve("a/mine.txt"), "not of the data");
        Files.delete(in.resolve("a/one.mp4"));
        Files.move(in.resolve("b/three.mp4"), in.resolve("b/3.mp4"));
        Files.delete(in.resolve("c/four.mp4"));
        Files.writeString(out.resolve("c/four.mp4"), "another made this of it");
        assertThat(dry().extra()).containsExactly("a/one.mp4", "b/three.mp4");
        Preparation.Outcome kept = prepared();
        assertThat(kept.extra()).containsExactly("a/one.mp4", "b/three.mp4");
        assertThat(kept.deleted()).isFalse();
        assertThat(out.resolve("a/one.mp4")).exists();

        Preparation.Outcome deleted = Preparation.of(in, out, CONFIG).run(2, true, watcher());
        assertThat(deleted.extra()).containsExactly("a/one.mp4", "b/three.mp4");
        assertThat(deleted.deleted()).isTrue();
        try (Stream<Path> all = Files.walk(out)) {
            assertThat(all.filter(Files::isRegularFile)
                            .filter(file -> !FolderWalk.isHidden(file))
                            .map(file -> FolderWalk.slashed(out.relativize(file))))
                    .containsExactlyInAnyOrder("a/mine.txt", "a/two.mp4", "b/3.mp4", "c/four.mp4");
        }
        assertThat(prepared().extra()).isEmpty();
        Files.delete(in.resolve("b/3.mp4"));
        Preparation.of(in, out, CONFIG).run(2, true, watcher());
        assertThat(out.resolve("b")).doesNotExist();
    }

    /** Nothing outside of the copy is deleted, even where a person has put a link into it. */
    @Test
    void nothingBehindALinkIsDeleted() throws Exception {
        video("a/one.mp4", 1);
        video("b/two.mp4", 2);
        prepared();
        Path elsewhere = temp.resolve("elsewhere");
        Files.move(out.resolve("a"), elsewhere);
        Files.createSymbolicLink(out.resolve("a"), elsewhere);
        Files.delete(in.resolve("a/one.mp4"));
        assertThat(Preparation.of(in, out, CONFIG).run(2, true, watcher()).extra())
                .isEmpty();
        assertThat(elsewhere.resolve("one.mp4")).exists();
    }

    /** A copy of before there was a list of its files, or one whose last line was torn off. */
    @Test
    void theListOfFilesGoesOnWhereItIsMissingOrTorn() throws Exception {
        video("a.mp4", 1);
        video("b.mp4", 2);
        prepared();
        Path list = out.resolve(".maskfeat-files");
        String text = Files.readString(list);
        for (String before : List.of("", text.substring(0, text.length() - 5))) {
            Files.writeString(list, before);
            if (before.isEmpty()) {
                Files.delete(list);
            }
            assertThat(prepared().counts()).containsExactly(0, 0, 2, 0);
            assertThat(Files.readString(list).lines().sorted())
                    .containsExactlyElementsOf(text.lines().sorted().toList());
        }
        Files.delete(in.resolve("a.mp4"));
        assertThat(prepared().extra()).containsExactly("a.mp4");
    }

    private Path gif(String name, int pictures) throws IOException {
        Path file = in.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, GifFiles.moving(64, 48, pictures));
    }

    @Test
    void animationsAmongVideosBecomeVideos() throws Exception {
        video("a/one.mp4", 1);
        gif("a/two.gif", 5);
        gif("a/still.gif", 1);
        assertThat(String.join("\n", Preparation.of(in, out, CONFIG).notices())).contains("become videos");
        Preparation.Outcome outcome = prepared();
        assertThat(outcome.counts()).containsExactly(2, 1, 0, 0);
        assertThat(outcome.animations()).isEqualTo(1);
        try (Footage footage = Footage.open(out.resolve("a/two.gif"));
                Footage original = Footage.open(in.resolve("a/two.gif"))) {
            assertThat(footage.info().codec()).isEqualTo("mpeg4");
            assertThat(footage.info().height()).isEqualTo(32);
            assertThat(footage.info().timeline().seconds())
                    .containsExactly(original.info().timeline().seconds(), within(1e-3));
        }
        assertThat(out.resolve("a/still.gif")).hasSameBinaryContentAs(in.resolve("a/still.gif"));
    }

    @Test
    void animationsAmongImagesBecomeTheirFirstPicture() throws Exception {
        image("a/one.jpg", 64, 80);
        image("a/two.jpg", 64, 80);
        gif("a/three.gif", 5);
        Preparation.Outcome outcome = prepared();
        assertThat(outcome.counts()).containsExactly(3, 0, 0, 0);
        assertThat(outcome.animations()).isZero();
        Frames first = new ImageReader().read(out.resolve("a/three.gif"));
        assertThat(List.of(first.height(), first.width())).containsExactly(32, 43);
        // What was decided stays, whatever comes to the data.
        for (int i = 0; i < 4; i++) {
            video("b/" + i + ".mp4", i);
        }
        gif("b/new.gif", 5);
        prepared();
        assertThat(new ImageReader().read(out.resolve("b/new.gif")).height()).isEqualTo(32);
        Preparation.Config other = new Preparation.Config(
                CONFIG.video(),
                CONFIG.imageQuality(),
                OptionalLong.empty(),
                Optional.of(Preparation.Animations.VIDEOS));
        assertThatThrownBy(() -> prepared(other)).hasMessageContainingAll("animations images", "animations videos");
    }

    /** A copy of before animations became videos goes on as it was. */
    @Test
    void aCopyThatDoesNotSayCopiesAnimations() throws Exception {
        video("a/one.mp4", 1);
        gif("a/two.gif", 5);
        Files.createDirectories(out);
        Files.writeString(
                out.resolve(".maskfeat-prepared"), "version 1\nshort-side 32\ngop 6\nquantiser 3\nquality 90\n");
        assertThat(prepared().counts()).containsExactly(1, 1, 0, 0);
        assertThat(out.resolve("a/two.gif")).hasSameBinaryContentAs(in.resolve("a/two.gif"));
    }
}
