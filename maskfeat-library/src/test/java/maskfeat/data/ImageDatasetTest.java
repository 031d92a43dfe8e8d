package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import maskfeat.media.Frames;
import maskfeat.media.UnreadableFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageDatasetTest {
    @TempDir
    Path temp;

    /** Files of any content: a folder is opened by names alone. */
    private Path root(String... files) throws IOException {
        Path root = temp.resolve("images");
        for (String file : files) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.writeString(root.resolve(file), "x");
        }
        return root;
    }

    private static List<String> names(ImageDataset dataset) {
        return dataset.items().stream()
                .map(item -> dataset.source().relativize(item.file()).toString().replace('\\', '/'))
                .toList();
    }

    private static List<Integer> labels(ImageDataset dataset) {
        return dataset.items().stream().map(Item::label).toList();
    }

    @Test
    void firstLevelFoldersAreTheClasses() throws IOException {
        ImageDataset dataset = ImageDataset.open(root("dog/2.jpg", "cat/1.jpg", "cat/deep/er/3.jpg", "dog/1.jpg"));
        assertThat(dataset.classes()).containsExactly("cat", "dog");
        assertThat(names(dataset)).containsExactly("cat/1.jpg", "cat/deep/er/3.jpg", "dog/1.jpg", "dog/2.jpg");
        assertThat(labels(dataset)).containsExactly(0, 0, 1, 1);
        assertThat(dataset.size()).isEqualTo(4);
    }

    @Test
    void oneImageBesideTheFoldersMakesAllUnlabelled() throws IOException {
        ImageDataset dataset = ImageDataset.open(root("dog/2.jpg", "cat/1.jpg", "3.jpg"));
        assertThat(dataset.classes()).isEmpty();
        assertThat(names(dataset)).containsExactly("3.jpg", "cat/1.jpg", "dog/2.jpg");
        assertThat(labels(dataset)).containsOnly(Item.UNLABELLED);
    }

    @Test
    void theOrderIsThatOfTheCharactersWhateverTheLocale() throws IOException {
        Path root = root("b/1.png", "B/1.png", "_/1.png", "a b/1.png", "a-b/1.png", "a/9.png", "a/10.png", "a/Z.png");
        Locale before = Locale.getDefault();
        try {
            for (Locale locale : List.of(Locale.ROOT, new Locale("sv", "SE"), new Locale("tr", "TR"))) {
                Locale.setDefault(locale);
                ImageDataset dataset = ImageDataset.open(root);
                assertThat(dataset.classes()).containsExactly("B", "_", "a", "a b", "a-b", "b");
                assertThat(names(dataset))
                        .containsExactly(
                                "B/1.png",
                                "_/1.png",
                                "a b/1.png",
                                "a-b/1.png",
                                "a/10.png",
                                "a/9.png",
                                "a/Z.png",
                                "b/1.png");
                assertThat(labels(dataset)).containsExactly(0, 1, 3, 4, 2, 2, 2, 5);
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void endingsMayBeInCapitals() throws IOException {
        Path root = root("a.JPG", "b.JpEg", "c.TIFF", "d.GIF");
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(new Locale("tr", "TR")); // where the small letter of I has no dot
            assertThat(names(ImageDataset.open(root))).containsExactly("a.JPG", "b.JpEg", "c.TIFF", "d.GIF");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void hiddenFilesAndFoldersAreNotThere() throws IOException {
        ImageDataset dataset =
                ImageDataset.open(root("a.jpg", ".b.jpg", ".thumbs/c.jpg", "d/.e/f.jpg", ".DS_Store", "._a.jpg"));
        assertThat(names(dataset)).containsExactly("a.jpg");
        assertThat(dataset.ignored()).isEmpty();
    }

    @Test
    void theRootItselfMayBeHidden() throws IOException {
        Path root = Files.createDirectories(temp.resolve(".cache"));
        Files.writeString(root.resolve("a.jpg"), "x");
        assertThat(names(ImageDataset.open(root))).containsExactly("a.jpg");
    }

    @Test
    void otherEndingsAreCounted() throws IOException {
        ImageDataset dataset = ImageDataset.open(root("a.jpg", "b.txt", "c.TXT", "d", "x/e.mp4", "f.", "g.jpg.part"));
        assertThat(names(dataset)).containsExactly("a.jpg");
        assertThat(dataset.ignored()).isEqualTo(Map.of("txt", 2, "", 2, "mp4", 1, "part", 1));
    }

    @Test
    void linkedFoldersAreFollowedAndLoopsAreNot() throws IOException {
        Path root = root("cat/1.jpg");
        Path elsewhere = Files.createDirectories(temp.resolve("elsewhere/deep"));
        Files.writeString(elsewhere.resolve("2.jpg"), "x");
        link(root.resolve("dog"), temp.resolve("elsewhere"));
        link(elsewhere.resolve("loop"), temp.resolve("elsewhere"));
        ImageDataset dataset = ImageDataset.open(root);
        assertThat(names(dataset)).containsExactly("cat/1.jpg", "dog/deep/2.jpg");
        assertThat(dataset.classes()).containsExactly("cat", "dog");
    }

    @Test
    void aLinkToNowhereIsAnItemThatCannotBeRead() throws IOException {
        Path root = root("a.jpg");
        link(root.resolve("b.jpg"), temp.resolve("nowhere"));
        ImageDataset dataset = ImageDataset.open(root);
        assertThat(names(dataset)).containsExactly("a.jpg", "b.jpg");
        assertThatExceptionOfType(UnreadableFile.class)
                .isThrownBy(() -> dataset.read(dataset.items().get(1), new SplittableRandom(0)))
                .withMessageContaining("b.jpg");
    }

    private static void link(Path link, Path target) throws IOException {
        try {
            Files.createSymbolicLink(link, target);
        } catch (UnsupportedOperationException | IOException refused) {
            assumeThat(refused).as("symbolic links are allowed here").isNull();
        }
    }

    @Test
    void anEmptyFolderIsRefusedWithWhatWasLookedFor() throws IOException {
        Path root = temp.resolve("images");
        Files.createDirectories(root.resolve("deep"));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ImageDataset.open(root))
                .withMessageStartingWith(root + " holds no image")
                .withMessageContaining(
                        "jpg, jpeg, png, webp, bmp, gif, tif, tiff, heic and 8 others (docs/data.md lists them)")
                .withMessageNotContaining("found");
        root("a.jxl", "b.jxl", "c.txt");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ImageDataset.open(root))
                .withMessageEndingWith("and found 2 files ending in jxl, 1 ending in txt");
    }

    @Test
    void videosAloneAreRefusedWithWhatReadsThem() throws IOException {
        Path root = root("a/1.mp4", "a/2.webm", "b/3.AVI", "b/notes.txt");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> Dataset.open(root, new StillImage()))
                .withMessageStartingWith(root + " holds no image")
                .withMessageEndingWith("; it has 3 videos");
        Path list = Files.writeString(temp.resolve("list.txt"), "a/1.mp4 0\na/2.webm 1\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ImageDataset.open(list))
                .withMessageStartingWith(list + " names no image; it has 2 videos");
    }

    @Test
    void aPathThatIsNotThereIsNamed() {
        Path missing = temp.resolve("missing");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> ImageDataset.open(missing))
                .withMessageContaining(missing.toString());
    }

    @Test
    void aListNamesAsManyClassesAsItsLargestLabel() throws IOException {
        Path list = Files.writeString(temp.resolve("list.csv"), "a.jpg,3\nb.xyz,0\n");
        ImageDataset dataset = ImageDataset.open(list);
        assertThat(dataset.items())
                .containsExactly(new Item(temp.resolve("a.jpg"), 3), new Item(temp.resolve("b.xyz"), 0));
        assertThat(dataset.classes()).containsExactly("0", "1", "2", "3");
        assertThat(dataset.source()).isEqualTo(list);
        Files.writeString(list, "a.jpg\n");
        assertThat(ImageDataset.open(list).classes()).isEmpty();
    }

    @Test
    void readsAnItem() throws IOException {
        Path root = temp.resolve("images");
        PictureFiles.write(root.resolve("a.png"), 20, 10, 1);
        ImageDataset dataset = ImageDataset.open(root);
        Frames frames = dataset.read(dataset.items().get(0), new SplittableRandom(0));
        assertThat(List.of(frames.count(), frames.height(), frames.width())).containsExactly(1, 10, 20);
    }
}
