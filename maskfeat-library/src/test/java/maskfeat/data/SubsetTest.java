package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubsetTest {
    private static final List<String> CLASSES = List.of("x", "y", "z");

    @TempDir
    Path temp;

    @Test
    void aSubsetReadsAsTheDataSetItIsOf() throws IOException {
        VideoFiles.write(temp.resolve("a/1.mp4"), 20);
        VideoFiles.write(temp.resolve("b/2.mp4"), 30);
        Files.writeString(temp.resolve("b/notes.txt"), "x");
        Dataset whole = Dataset.open(temp, new StridedClip(4, 2));
        Item item = new Item(whole.items().get(1).file(), 2);
        Dataset subset = Subset.of(Subset.of(whole, List.of(item), CLASSES), List.of(item), CLASSES);
        assertThat(subset.items()).containsExactly(item);
        assertThat(subset.classes()).isEqualTo(CLASSES);
        assertThat(subset.size()).isEqualTo(1);
        assertThat(subset.source()).isEqualTo(temp);
        assertThat(subset.name(item)).isEqualTo(Path.of("b/2.mp4").toString());
        assertThat(subset.noun()).isEqualTo("clips");
        assertThat(subset.ignored()).isEqualTo(Map.of("txt", 1));
        assertThat(subset.read(item, new SplittableRandom(5)).rgb())
                .isEqualTo(whole.read(whole.items().get(1), new SplittableRandom(5))
                        .rgb());
        assertThat(VideoFiles.numbers(subset.readView(item, 0, 2))).containsExactly(0, 2, 4, 6);
        assertThat(VideoFiles.numbers(subset.readView(item, 1, 2))).containsExactly(23, 25, 27, 29);
    }

    @Test
    void anImageHasOneViewInTime() throws IOException {
        PictureFiles.folder(temp, 2, 16);
        Dataset images = Dataset.open(temp, new StillImage());
        Dataset subset = Subset.of(images, images.items().subList(1, 2), List.of());
        Item item = subset.items().get(0);
        assertThat(subset.readView(item, 0, 1).rgb())
                .isEqualTo(images.read(item, new SplittableRandom(0)).rgb());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> subset.readView(item, 0, 5))
                .withMessage("an image has no length for 5 views in time to cover; ask for 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> subset.readView(item, 1, 1))
                .withMessage("there is no view 1 of 1; they count from 0");
    }

    @Test
    void aLabelWithoutAClassIsRefused() throws IOException {
        PictureFiles.folder(temp, 1, 16);
        Dataset images = Dataset.open(temp, new StillImage());
        Item item = new Item(images.items().get(0).file(), 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subset.of(images, List.of(item), CLASSES))
                .withMessage(item.file() + " has label 3, which is none of 3 classes counted from 0");
    }
}
