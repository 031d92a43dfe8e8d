package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import maskfeat.media.Frames;
import maskfeat.media.Timeline;
import maskfeat.media.UnreadableFile;
import maskfeat.media.VideoInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VideoDatasetTest {
    private static final StridedClip CLIP = new StridedClip(4, 3);

    @TempDir
    Path temp;

    /** Files of any content: a folder is opened by names alone. */
    private Path root(String... files) throws IOException {
        Path root = temp.resolve("videos");
        for (String file : files) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.writeString(root.resolve(file), "x");
        }
        return root;
    }

    private static List<String> names(Dataset dataset) {
        return dataset.items().stream()
                .map(item -> dataset.source().relativize(item.file()).toString().replace('\\', '/'))
                .toList();
    }

    private static List<Integer> labels(Dataset dataset) {
        return dataset.items().stream().map(Item::label).toList();
    }

    @Test
    void firstLevelFoldersAreTheClasses() throws IOException {
        Dataset dataset =
                Dataset.open(root("run/2.mp4", "jump/a/b/1.WEBM", "run/1.avi", "train.csv", "run/.x.mp4"), CLIP);
        assertThat(dataset).isInstanceOf(VideoDataset.class);
        assertThat(dataset.classes()).containsExactly("jump", "run");
        assertThat(names(dataset)).containsExactly("jump/a/b/1.WEBM", "run/1.avi", "run/2.mp4");
        assertThat(labels(dataset)).containsExactly(0, 1, 1);
        assertThat(dataset.ignored()).isEqualTo(Map.of("csv", 1));
    }

    @Test
    void aFolderOfNumberedImagesIsOneClip() throws IOException {
        Dataset dataset = Dataset.open(
                root(
                        "run/v1/img_00001.jpg",
                        "run/v1/img_00002.jpg",
                        "run/2.mp4",
                        "run/poster.jpg",
                        "jump/v2/9.png",
                        "jump/v2/10.png",
                        "jump/v2/notes.txt",
                        "jump/photos/beach.jpg",
                        "jump/photos/city.jpg"),
                CLIP);
        assertThat(names(dataset)).containsExactly("jump/v2", "run/2.mp4", "run/v1");
        assertThat(dataset.classes()).containsExactly("jump", "run");
        assertThat(labels(dataset)).containsExactly(0, 1, 1);
        assertThat(dataset.ignored()).isEqualTo(Map.of("jpg", 3, "txt", 1));
    }

    @Test
    void frameFoldersOfTheFirstLevelAreUnlabelled() throws IOException {
        Dataset dataset = Dataset.open(root("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"), CLIP);
        assertThat(names(dataset)).containsExactly("a", "b");
        assertThat(dataset.classes()).isEmpty();
        assertThat(labels(dataset)).containsOnly(Item.UNLABELLED);
        Dataset single = Dataset.open(temp.resolve("videos/a"), CLIP);
        assertThat(single.items()).containsExactly(new Item(temp.resolve("videos/a"), Item.UNLABELLED));
    }

    @ParameterizedTest
    @CsvSource({
        "img_1.jpg img_2.jpg img_10.jpg, img_1.jpg img_2.jpg img_10.jpg",
        "10.png 9.png 100.png, 9.png 10.png 100.png",
        "f010.jpg f020.jpg f100.jpg, f010.jpg f020.jpg f100.jpg",
        "a_1_320.jpg a_2_320.jpg a_11_320.jpg, a_1_320.jpg a_2_320.jpg a_11_320.jpg",
        "11.jpg 111.jpg, 11.jpg 111.jpg",
        "1.jpg 2.png, ''",
        "a1.jpg b2.jpg, ''",
        "a.jpg a1.jpg, ''",
        "01.jpg 1.jpg, ''",
        "1.jpg, ''",
        "99999999999999999998.jpg 100000000000000000000.jpg, 99999999999999999998.jpg 100000000000000000000.jpg",
    })
    void framesAreThoseWhoseNamesDifferByANumberAloneInItsOrder(String names, String order) {
        List<Path> images = Arrays.stream(names.split(" ")).map(Path::of).toList();
        List<Path> expected = order.isEmpty()
                ? List.of()
                : Arrays.stream(order.split(" ")).map(Path::of).toList();
        assertThat(FrameFolder.inOrder(images).orElse(List.of())).isEqualTo(expected);
    }

    @Test
    void imagesAloneAreRefusedWithWhatReadsThem() throws IOException {
        Path root = root("a/beach.jpg", "a/city.png", "b/notes.txt");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> Dataset.open(root, CLIP))
                .withMessageStartingWith(
                        root + " holds no video; looked at any depth for files ending in mp4, m4v, mov,")
                .withMessageContaining("mpeg, wmv, gif and 53 others (docs/data.md lists them)")
                .withMessageContaining("found 1 file ending in jpg, 1 ending in png, 1 ending in txt")
                .withMessageEndingWith("; it has 2 images");
        Path list = Files.writeString(temp.resolve("list.txt"), "a.jpg\nb.png\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> Dataset.open(list, CLIP))
                .withMessageStartingWith(list + " names no video; it has 2 images");
        Path nothing = temp.resolve("nothing");
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> Dataset.open(nothing, CLIP));
    }

    @Test
    void readsTheFramesThatTheSamplerChooses() throws IOException {
        Path root = temp.resolve("videos");
        VideoFiles.write(root.resolve("a.mp4"), 40);
        VideoFiles.frames(root.resolve("b"), 40, "%d.ppm");
        VideoDataset dataset = VideoDataset.open(root, CLIP);
        for (Item item : dataset.items()) {
            for (int seed = 0; seed < 10; seed++) {
                Frames frames = dataset.read(item, new SplittableRandom(seed));
                int[] expected = CLIP.draw(Timeline.regular(30, 40), new SplittableRandom(seed));
                assertThat(VideoFiles.numbers(frames)).as(item.toString()).isEqualTo(expected);
            }
            assertThat(VideoFiles.numbers(dataset.readView(item, 1, 2))).containsExactly(30, 33, 36, 39);
            assertThat(VideoFiles.numbers(VideoDataset.clip(item.file(), new StridedClip(3, 30), 0, 1)))
                    .containsExactly(0, 30, 39);
            VideoInfo info = dataset.info(item);
            assertThat(info.timeline().frames()).isEqualTo(40);
            assertThat(info.timeline().rate()).isEqualTo(30);
            assertThat(info.width()).isEqualTo(32);
        }
    }

    @Test
    void aFrameOfAnotherSizeIsNamedAndWhatTheFolderWasTakenFor() throws IOException {
        Path folder = temp.resolve("photos");
        PictureFiles.write(folder.resolve("1.png"), 20, 10, 1);
        PictureFiles.write(folder.resolve("2.png"), 30, 10, 1);
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> VideoDataset.clip(folder, new StridedClip(2, 1), 0, 1))
                .withMessageStartingWith(folder.resolve("2.png") + " is 30 x 10 pixels and the first frame 20 x 10")
                .withMessageContaining("data.clip.kind=image");
    }

    @Test
    void whatCannotBeReadIsNamed() throws IOException {
        Path root = temp.resolve("videos");
        PictureFiles.bad(root.resolve("text.mp4"));
        VideoFiles.frames(root.resolve("frames"), 5, "%03d.ppm");
        PictureFiles.bad(root.resolve("frames/003.ppm"));
        VideoDataset dataset = VideoDataset.open(root, new StridedClip(5, 1));
        assertThatExceptionOfType(UnreadableFile.class)
                .isThrownBy(() -> dataset.read(dataset.items().get(0), new SplittableRandom(0)))
                .withMessageContaining("003.ppm");
        assertThatExceptionOfType(UnreadableFile.class)
                .isThrownBy(() -> dataset.read(dataset.items().get(1), new SplittableRandom(0)))
                .withMessageContaining("text.mp4");
    }

    @Test
    void aListNamesFilesAndFoldersOfFrames() throws IOException {
        VideoFiles.write(temp.resolve("videos/with space.mp4"), 12);
        VideoFiles.frames(temp.resolve("videos/f"), 12, "%05d.ppm");
        Path list = Files.writeString(
                temp.resolve("train.csv"),
                "# mine\n\"videos/with space.mp4\" 12 1\nvideos/f 12 -1\nvideos/none.mp4,12,0\n");
        VideoDataset dataset = VideoDataset.open(list, CLIP);
        assertThat(labels(dataset)).containsExactly(1, Item.UNLABELLED, 0);
        assertThat(dataset.classes()).containsExactly("0", "1");
        assertThat(VideoFiles.numbers(dataset.readView(dataset.items().get(0), 0, 2)))
                .containsExactly(0, 3, 6, 9);
        assertThat(VideoFiles.numbers(dataset.readView(dataset.items().get(1), 0, 2)))
                .containsExactly(0, 3, 6, 9);
        assertThatExceptionOfType(UnreadableFile.class)
                .isThrownBy(() -> dataset.info(dataset.items().get(2)))
                .withMessageContaining("none.mp4 does not exist");
    }

    // ---- Something-Something v2 ----

    private static final String LABELS = "{\"Holding something\": \"1\", \"Dropping something into something\": 0}";
    private static final String TRAIN = "[{\"id\": \"7\", \"template\": \"Holding [something]\"},"
            + " {\"id\": 12, \"template\": \"Dropping [something] into [something]\"},"
            + " {\"id\": \"99\", \"template\": \"Holding [something]\"}]";

    private Path somethingSomething() throws IOException {
        Path root = Files.createDirectories(temp.resolve("ssv2"));
        Files.writeString(root.resolve("something-something-v2-labels.json"), LABELS);
        Files.writeString(root.resolve("something-something-v2-train.json"), TRAIN);
        Files.writeString(
                root.resolve("something-something-v2-validation.json"),
                "[{\"id\": \"8\", \"template\": \"Holding [something]\"}]");
        Files.writeString(root.resolve("something-something-v2-test.json"), "[{\"id\": \"8\"}]");
        Path videos = root.resolve("20bn-something-something-v2");
        VideoFiles.write(videos.resolve("7.mp4"), 8);
        VideoFiles.write(videos.resolve("8.mp4"), 8);
        VideoFiles.frames(root.resolve("frames/12"), 8, "12_%04d.ppm");
        return root;
    }

    @Test
    void aFolderWithTheListsOfSomethingSomethingIsItsTrainingClips() throws IOException {
        Path root = somethingSomething();
        VideoDataset dataset = VideoDataset.open(root, new SegmentClip(2));
        assertThat(dataset.classes()).containsExactly("Dropping something into something", "Holding something");
        Path videos = root.resolve("20bn-something-something-v2").toAbsolutePath();
        assertThat(dataset.items())
                .containsExactly(
                        new Item(videos.resolve("7.mp4"), 1),
                        new Item(root.resolve("frames/12").toAbsolutePath(), 0),
                        new Item(videos.resolve("99.webm"), 1));
        assertThat(VideoFiles.numbers(dataset.readView(dataset.items().get(1), 0, 1)))
                .containsExactly(2, 5);
        assertThat(labels(VideoDataset.open(root.resolve("something-something-v2-validation.json"), CLIP)))
                .containsExactly(1);
        assertThat(labels(VideoDataset.open(root.resolve("something-something-v2-test.json"), CLIP)))
                .containsExactly(Item.UNLABELLED);
    }

    @Test
    void aListOfFramesIsReadAsItsClips() throws IOException {
        Path root = somethingSomething();
        Path list = Files.writeString(
                root.resolve("train.csv"),
                "original_vido_id video_id frame_id path labels\n"
                        + "12 0 0 frames/12/12_0001.ppm \"\"\n12 0 1 frames/12/12_0002.ppm \"\"\n");
        VideoDataset dataset = VideoDataset.open(list, CLIP);
        assertThat(dataset.items())
                .containsExactly(new Item(root.resolve("frames/12").toAbsolutePath(), 0));
        Files.writeString(list, "original_vido_id video_id frame_id path labels\n12 0 0\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> VideoDataset.open(list, CLIP))
                .withMessageStartingWith(list + ":2: expected 'original_vido_id");
        Files.writeString(list, "original_vido_id video_id frame_id path labels\n12 0 0 a/1.jpg\n12 0 1 b/2.jpg\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> VideoDataset.open(list, CLIP))
                .withMessageContaining("the frames of 12 lie in two folders");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "labels | {\"Holding something\": \"2\", \"b\": 0} | numbers from 0 to 1",
                "labels | {\"a\": 0, \"b\": \"0\"}                 | numbers from 0 to 1",
                "labels | {\"a\": 0                                | is not JSON",
                "labels | {\"a\": 0}                               | 'Holding something', which is none of the labels",
                "train  | {}                                       | should be an array",
                "train  | [{\"template\": \"Holding something\"}]  | entry 1 has no usable id",
                "train  | [{\"id\": \"../7\"}]                     | entry 1 has no usable id",
                "train  | [{\"id\": \"5\"}]                        | none of which is under",
            })
    void aListThatMakesNoSenseIsNamed(String list, String json, String what) throws IOException {
        Path root = somethingSomething();
        Path file = Files.writeString(root.resolve("something-something-v2-" + list + ".json"), json);
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> VideoDataset.open(root, CLIP))
                .withMessageContaining(list.equals("train") ? file.toString() : root.toString())
                .withMessageContaining(what);
    }

    @Test
    void aListWithoutTheLabelsSaysSo() throws IOException {
        Path list = Files.writeString(temp.resolve("clips.json"), TRAIN);
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> VideoDataset.open(list, CLIP))
                .withMessageContaining("labels.json is missing; Something-Something v2 is a folder with");
    }
}
