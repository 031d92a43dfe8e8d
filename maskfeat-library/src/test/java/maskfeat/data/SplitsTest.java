package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import maskfeat.data.Splits.Options;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitsTest {
    private static final ClipSampler IMAGE = new StillImage();
    private static final ClipSampler CLIP = new StridedClip(4, 3);
    private static final Consumer<String> NO_NOTICE = notice -> {
        throw new AssertionError(notice);
    };

    @TempDir
    Path temp;

    private Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectories(temp.resolve("data"));
    }

    /** Files of any content: data sets are opened by names alone. */
    private void files(String... files) throws IOException {
        for (String file : files) {
            write(file, "x");
        }
    }

    private Path write(String file, String text) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        return Files.writeString(root.resolve(file), text);
    }

    private Splits open() throws IOException {
        return open(root);
    }

    private Splits open(Path source) throws IOException {
        return Splits.open(source, null, IMAGE, Options.NONE);
    }

    private static Options perClass(int perClass) {
        return new Options(perClass, 0, 0, null);
    }

    private static Options holdOut(double share) {
        return new Options(0, share, 0, null);
    }

    private static Options names(Path file) {
        return new Options(0, 0, 0, file);
    }

    /** Each item as path below the data and label. */
    private List<String> items(Dataset data) {
        return data.items().stream()
                .map(item -> root.toAbsolutePath()
                                .relativize(item.file().toAbsolutePath())
                                .toString()
                                .replace('\\', '/')
                        + " " + item.label())
                .toList();
    }

    private List<String> train(Splits splits) {
        return items(splits.train());
    }

    private List<String> validation(Splits splits) {
        return items(splits.validation().orElseThrow());
    }

    private static ThrowableAssertAlternative<DatasetException> refused(ThrowingCallable call) {
        return assertThatExceptionOfType(DatasetException.class).isThrownBy(call);
    }

    // ---- What is found in a folder ----

    @ParameterizedTest
    @CsvSource({
        "train, val",
        "train, validation",
        "train, valid",
        "train, test",
        "training, testing",
        "Train, Val",
    })
    void twoFoldersOfClassFoldersAreTheSplits(String train, String val) throws IOException {
        files(train + "/cat/1.jpg", train + "/dog/2.jpg", val + "/cat/3.jpg", val + "/dog/4.jpg", "meta/a.jpg");
        Splits splits = open();
        assertThat(train(splits)).containsExactly(train + "/cat/1.jpg 0", train + "/dog/2.jpg 1");
        assertThat(validation(splits)).containsExactly(val + "/cat/3.jpg 0", val + "/dog/4.jpg 1");
        assertThat(splits.classes()).containsExactly("cat", "dog");
        assertThat(splits.train().classes()).isEqualTo(splits.classes());
        assertThat(splits.validation().orElseThrow().classes()).isEqualTo(splits.classes());
        if (val.startsWith("test")) {
            assertThat(splits.notices())
                    .containsExactly(
                            root + " has nothing named val or validation; takes " + root.resolve(val) + " for it");
        } else {
            assertThat(splits.notices()).isEmpty();
        }
    }

    @Test
    void whatIsForValidationIsTakenBeforeWhatIsForTests() throws IOException {
        files("train/a/1.jpg", "train/b/2.jpg", "val/a/3.jpg", "val/b/4.jpg", "test/a/5.jpg");
        assertThat(validation(open())).containsExactly("val/a/3.jpg 0", "val/b/4.jpg 1");
        assertThat(open().notices()).isEmpty();
    }

    @Test
    void imageNetsClassesAreNumberedByTheirSortedNames() throws IOException {
        files("train/n02/1.JPEG", "train/n01/2.JPEG", "train/n10/3.JPEG", "val/n10/4.JPEG", "val/n01/5.JPEG");
        Splits splits = open();
        assertThat(splits.classes()).containsExactly("n01", "n02", "n10");
        assertThat(validation(splits)).containsExactly("val/n01/5.JPEG 0", "val/n10/4.JPEG 2");
        assertThat(splits.notices())
                .containsExactly(root.resolve("val") + " has no item for validation of the class 'n02'");
    }

    @Test
    void classFoldersAloneHaveNoValidation() throws IOException {
        files("cat/1.jpg", "dog/2.jpg", "dog/3.jpg");
        Splits splits = open();
        assertThat(train(splits)).containsExactly("cat/1.jpg 0", "dog/2.jpg 1", "dog/3.jpg 1");
        assertThat(splits.validation()).isEmpty();
        assertThat(splits.notices()).isEmpty();
    }

    @Test
    void aFolderNamedTrainAmongOthersIsAClass() throws IOException {
        files("bus/1.jpg", "car/2.jpg", "train/3.jpg");
        assertThat(open().classes()).containsExactly("bus", "car", "train");
    }

    @Test
    void aFolderNamedTrainAloneIsForTraining() throws IOException {
        files("train/a/1.jpg", "train/b/2.jpg");
        Splits splits = open();
        assertThat(splits.classes()).containsExactly("a", "b");
        assertThat(splits.validation()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "txt"})
    void twoListsAreTheSplits(String ending) throws IOException {
        write("train." + ending, "x/1.jpg 0\nx/2.jpg 1\n");
        write("val." + ending, "# Kinetics\n\nx/3.jpg 1\n");
        files("x/1.jpg");
        Splits splits = open();
        assertThat(train(splits)).containsExactly("x/1.jpg 0", "x/2.jpg 1");
        assertThat(validation(splits)).containsExactly("x/3.jpg 1");
        assertThat(splits.classes()).containsExactly("0", "1");
        assertThat(splits.notices())
                .containsExactly(root.resolve("val." + ending) + " has no item for validation of the class '0'");
    }

    @Test
    void listsAreReadBeforeFoldersOfTheSameNames() throws IOException {
        write("train.csv", "train/a/1.jpg 0\ntrain/b/2.jpg 1\n");
        write("val.csv", "val/a/3.jpg 0\nval/b/4.jpg 1\n");
        files("train/a/1.jpg", "train/b/2.jpg", "val/a/3.jpg", "val/b/4.jpg");
        Splits splits = open();
        assertThat(splits.train().source()).isEqualTo(root.resolve("train.csv"));
        assertThat(splits.notices())
                .containsExactly(root + " has lists and folders of these names: reads train.csv and val.csv, not the"
                        + " folders train and val");
    }

    @ParameterizedTest
    @ValueSource(strings = {"id,breed\n1,boston_bull\n", "\"id\",\"breed\"\n", "", "# 3\n"})
    void aTableWithoutLabelsIsNoList(String text) throws IOException {
        write("train.csv", text);
        write("val.csv", text);
        files("train/a/1.jpg", "train/b/2.jpg", "val/a/3.jpg", "val/b/4.jpg");
        assertThat(open().train().source()).isEqualTo(root.resolve("train"));
        assertThat(open().notices()).isEmpty();
    }

    @Test
    void aListAloneIsReadAndSaidSo() throws IOException {
        write("train.csv", "x/1.jpg 0\ny/2.jpg 1\n");
        files("x/1.jpg", "y/2.jpg");
        Splits splits = open();
        assertThat(splits.train().source()).isEqualTo(root.resolve("train.csv"));
        assertThat(splits.validation()).isEmpty();
        assertThat(splits.notices()).containsExactly(root + " has the list train.csv and no other: reads that alone");
    }

    @Test
    void theListForValidationStandsBesideTheOneForTraining() throws IOException {
        Path train = write("train.tsv", "1.jpg 0\n2.jpg 1\n");
        Path val = write("val.tsv", "3.jpg 0\n4.jpg 1\n");
        Path other = write("other.txt", "5.jpg 0\n6.jpg 1\n");
        write("val.csv", "7.jpg 0\n8.jpg 1\n");
        assertThat(validation(open(train))).containsExactly("3.jpg 0", "4.jpg 1");
        assertThat(validation(Splits.open(train, other, IMAGE, Options.NONE))).containsExactly("5.jpg 0", "6.jpg 1");
        assertThat(open(other).validation()).isEmpty();
        assertThat(open(val).validation()).isEmpty();
        write("train.csv", "1.jpg 0\n2.jpg 0\n3.jpg 1\n4.jpg 1\n");
        Splits held = Splits.open(root.resolve("train.csv"), null, IMAGE, holdOut(0.5));
        assertThat(validation(held)).hasSize(2).doesNotContain("7.jpg 0");
    }

    @Test
    void anExplicitValidationMayBeAFolderOfSplitsToo() throws IOException {
        files("a/1.jpg", "b/2.jpg");
        files("../other/train/a/3.jpg", "../other/val/b/4.jpg");
        Splits splits = Splits.open(root, temp.resolve("other"), IMAGE, Options.NONE);
        assertThat(validation(splits)).containsExactly("../other/val/b/4.jpg 1");
    }

    @Test
    void somethingSomethingHasItsOwnLists() throws IOException {
        write("something-something-v2-labels.json", "{\"Holding something\": \"1\", \"Dropping something\": \"0\"}");
        Path train = write(
                "something-something-v2-train.json",
                "[{\"id\": \"1\", \"template\": \"Holding [something]\"},"
                        + " {\"id\": \"2\", \"template\": \"Dropping [something]\"}]");
        files("v/1.webm", "v/2.webm", "v/3.webm");
        Splits without = Splits.open(root, null, CLIP, Options.NONE);
        assertThat(without.validation()).isEmpty();
        assertThat(without.notices())
                .containsExactly(root + " has the list something-something-v2-train.json and none for validation");
        Path validation = write(
                "something-something-v2-validation.json", "[{\"id\": \"3\", \"template\": \"Holding [something]\"}]");
        for (Path source : List.of(root, train)) {
            Splits splits = Splits.open(source, null, CLIP, Options.NONE);
            assertThat(splits.classes()).containsExactly("Dropping something", "Holding something");
            assertThat(train(splits)).containsExactly("v/1.webm 1", "v/2.webm 0");
            assertThat(validation(splits)).containsExactly("v/3.webm 1");
            assertThat(splits.notices())
                    .containsExactly(validation + " has no item for validation of the class 'Dropping something'");
        }
        List<String> other = List.of("Holding something", "Eating something", "Dropping something");
        assertThat(items(Splits.labelled(root, CLIP, other, notice -> {}))).containsExactly("v/3.webm 0");
        write("something-something-v2-test.json", "[{\"id\": \"3\"}]");
        refused(() -> Splits.labelled(root.resolve("something-something-v2-test.json"), CLIP, other, NO_NOTICE))
                .withMessageContaining("holds 1 clips and no label");
    }

    // ---- Names of classes ----

    private Path list(String... lines) throws IOException {
        return write("list.txt", String.join("\n", lines) + "\n");
    }

    @Test
    void classesTxtBesideAListNamesItsLabels() throws IOException {
        write("classes.txt", "\uFEFFcat\r\n dog \r\nowl\r\n\r\n");
        Splits splits = open(list("1.jpg 0", "2.jpg 1"));
        assertThat(splits.classes()).containsExactly("cat", "dog", "owl");
        assertThat(splits.train().classes()).isEqualTo(splits.classes());
        assertThat(splits.notices())
                .containsExactly(root.resolve("list.txt") + " has no item for training of the class 'owl'");
    }

    @Test
    void aGivenFileOfNamesComesBeforeClassesTxt() throws IOException {
        write("classes.txt", "cat\ndog\n");
        Path names = write("names/mine.txt", "eins\nzwei\n");
        assertThat(Splits.open(list("1.jpg 0", "2.jpg 1"), null, IMAGE, names(names))
                        .classes())
                .containsExactly("eins", "zwei");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''         | classes.txt names no class; line i should name label i, counted from 0",
                "a;;b       | classes.txt:2: an empty line where the name of label 1 should stand",
                "a;b;a      | classes.txt:3: 'a' is the name of line 1 too; each class needs its own",
                "a          | list.txt:3: label 1 has no name in ROOT/classes.txt, which has 1 line and so names for the labels 0 to 0;"
                        + " add the missing lines, or give the file that belongs to the list",
            })
    void namesThatMakeNoSenseAreRefused(String names, String message) throws IOException {
        Path list = list("# mine", "1.jpg 0", "2.jpg 1");
        write("classes.txt", names.replace(';', '\n'));
        refused(() -> open(list)).withMessage(root.resolve("") + "/" + message.replace("ROOT", root.toString()));
    }

    @Test
    void labelsThatCountFromOneAreToldSo() throws IOException {
        write("classes.txt", "a\nb\n");
        Path list = list("1.jpg 1", "2.jpg 2");
        refused(() -> open(list))
                .withMessageStartingWith(list + ":2: label 2 has no name")
                .withMessageEndingWith("; the labels seem to count from 1, and should from 0");
    }

    @Test
    void namesThatAreNotThereAreMissed() throws IOException {
        Path list = list("1.jpg 0", "2.jpg 1");
        Path missing = root.resolve("missing.txt");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> Splits.open(list, null, IMAGE, names(missing)))
                .withMessageContaining(missing.toString());
    }

    @Test
    void namesForFoldersWouldDoNothing() throws IOException {
        files("a/1.jpg", "b/1.jpg");
        Path names = write("names.txt", "x\ny\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Splits.open(root, null, IMAGE, names(names)))
                .withMessage(names + " would name nothing: the classes of " + root
                        + " are named by its folders; leave it away, or give a list file");
    }

    // ---- Data that cannot be used ----

    @Test
    void dataWithoutLabelsAreRefused() throws IOException {
        files("1.jpg", "2.jpg");
        refused(this::open)
                .withMessage(root + " holds 2 images and no label; give a folder in which each class is a folder of"
                        + " its own, or a list of 'path label'");
        Path list = list("1.jpg", "2.jpg");
        refused(() -> open(list)).withMessageStartingWith(list + " holds 2 images and no label");
    }

    @Test
    void itemsOutsideTheClassFoldersAreCounted() throws IOException {
        files("cat/1.jpg", "dog/2.jpg", "stray.jpg", "other.jpg");
        refused(this::open)
                .withMessage("2 of the 4 images in " + root + " lie in no class folder, the first "
                        + root.resolve("other.jpg")
                        + ", so none has a label; move them into folders of classes, or away");
    }

    @Test
    void unlabelledItemsAmongOthersAreCounted() throws IOException {
        Path list = list("# path label", "1.jpg 0", "2.jpg -1", "3.jpg 1", "4.jpg -1");
        refused(() -> open(list))
                .withMessage(list + ":3 has no label, and 1 more of the 4 images; all others have one: label them, or"
                        + " leave them out");
    }

    @Test
    void oneClassAloneIsRefused() throws IOException {
        files("flowers/rose/1.jpg", "flowers/lily/2.jpg");
        refused(this::open)
                .withMessage(root + " holds one class alone, 'flowers'; a classifier needs two or more: if the classes"
                        + " are folders further down, give the folder that holds them");
    }

    @Test
    void anEmptySplitIsNamed() throws IOException {
        files("train/a/1.jpg", "train/b/2.jpg");
        Files.createDirectories(root.resolve("val/a"));
        refused(this::open).withMessageStartingWith(root.resolve("val") + " holds no image");
    }

    @Test
    void validationAloneTrainsNothing() throws IOException {
        files("val/a/1.jpg", "val/b/2.jpg");
        refused(this::open)
                .withMessage(root + " holds data for validation, " + root.resolve("val")
                        + ", and none for training; name those train");
    }

    @Test
    void aClassThatTrainingLacksIsNamedWithTheNearest() throws IOException {
        files("train/cat/1.jpg", "train/dog/2.jpg", "val/cta/3.jpg", "val/dog/4.jpg");
        refused(this::open)
                .withMessage(root.resolve("val") + " has the class 'cta', which the training data "
                        + root.resolve("train")
                        + " does not know; the nearest to 'cta' is 'cat', and it knows 2 in all: 'cat', 'dog'");
    }

    @Test
    void aLabelThatTrainingLacksIsNamedWithItsLine() throws IOException {
        write("train.csv", "1.jpg 0\n2.jpg 1\n");
        write("val.csv", "\n3.jpg 1\n4.jpg 2\n");
        refused(this::open)
                .withMessage(root.resolve("val.csv") + ":3: label 2 is none of 0 to 1, the labels of the 2 classes that"
                        + " the training data " + root.resolve("train.csv") + " knows");
    }

    @Test
    void whatIsNotThereIsMissed() {
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> open(root.resolve("none")));
    }

    @Test
    void aFileForBothIsToldOf() throws IOException {
        files("a/1.jpg", "a/2.jpg", "b/3.jpg", "b/4.jpg");
        Path list = list("a/2.jpg 0", "b/4.jpg 1", "b/5.jpg 1");
        assertThat(Splits.open(root, list, IMAGE, Options.NONE).notices())
                .contains("2 of the 3 images for validation are for training too, the first "
                        + root.resolve("a/2.jpg").toAbsolutePath() + ": what is measured on them says little");
    }

    @Test
    void dataSetsTakenForClassesAreToldOf() throws IOException {
        files("flowers/train/rose/1.jpg", "flowers/val/rose/2.jpg", "letters/train/a/3.jpg");
        assertThat(open().notices())
                .containsExactly("all in " + root.resolve("flowers") + ", its folder train too, is taken for items of"
                        + " the class 'flowers'; if it is a data set of its own, give it as the data");
    }

    // ---- Draws ----

    private void classes(int... counts) throws IOException {
        for (int label = 0; label < counts.length; label++) {
            for (int i = 0; i < counts[label]; i++) {
                files("c" + label + "/" + i + ".jpg");
            }
        }
    }

    private static List<Long> perClass(Dataset data) {
        return IntStream.range(0, data.classes().size())
                .mapToObj(label -> data.items().stream()
                        .filter(item -> item.label() == label)
                        .count())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, 1 1 1 0",
        "0.2, 2 1 1 0",
        "0.25, 3 1 1 0",
        "0.5, 5 2 1 0",
        "0.99, 9 2 1 0",
        "1e-9, 1 1 1 0",
    })
    void aShareOfEachClassIsHeldOut(double share, String expected) throws IOException {
        classes(10, 3, 2, 1);
        Splits splits = Splits.open(root, null, IMAGE, holdOut(share));
        Dataset held = splits.validation().orElseThrow();
        assertThat(perClass(held))
                .isEqualTo(
                        List.of(expected.split(" ")).stream().map(Long::valueOf).toList());
        List<String> all = new ArrayList<>(train(splits));
        all.addAll(validation(splits));
        assertThat(all).containsExactlyInAnyOrderElementsOf(train(open()));
        assertThat(held.classes()).isEqualTo(splits.classes());
        assertThat(splits.notices())
                .containsExactly(root + ": nothing is held out of the class 'c3', each with a single item");
    }

    @Test
    void theSameSeedDrawsTheSameForTrainingWhateverIsHeldOut() throws IOException {
        classes(20, 20);
        List<String> four = train(Splits.open(root, null, IMAGE, perClass(4)));
        assertThat(four).hasSize(8);
        Splits both = Splits.open(root, null, IMAGE, new Options(4, 0.3, 0, null));
        assertThat(train(both)).isEqualTo(four);
        assertThat(validation(both)).isEqualTo(validation(Splits.open(root, null, IMAGE, holdOut(0.3))));
        assertThat(train(Splits.open(root, null, IMAGE, perClass(5)))).containsAll(four);
        assertThat(train(Splits.open(root, null, IMAGE, new Options(4, 0, 1, null))))
                .isNotEqualTo(four);
        assertThat(train(Splits.open(root, null, IMAGE, holdOut(0.3))))
                .isNotEqualTo(train(Splits.open(root, null, IMAGE, new Options(0, 0.3, 1, null))));
    }

    @Test
    void aListAndFoldersOfTheSameItemsDrawTheSame() throws IOException {
        classes(9, 9);
        List<String> lines = train(open());
        Path list = write("../list.csv", String.join("\n", lines).replace("c", "data/c"));
        assertThat(train(Splits.open(list, null, IMAGE, new Options(3, 0.2, 7, null))))
                .isEqualTo(train(Splits.open(root, null, IMAGE, new Options(3, 0.2, 7, null))));
    }

    @Test
    void classesOfFewerItemsAreToldOf() throws IOException {
        classes(5, 2, 3);
        Splits splits = Splits.open(root, null, IMAGE, perClass(4));
        assertThat(perClass(splits.train())).containsExactly(4L, 2L, 3L);
        assertThat(splits.notices())
                .containsExactly(root + " has fewer than 4 items for training of 2 classes, 'c1' (2), 'c2' (3): all of"
                        + " them are taken");
    }

    @Test
    void repeatedLinesCountOnceInADraw() throws IOException {
        Path list = list("1.jpg 0", "1.jpg 0", "2.jpg 0", "3.jpg 1", "4.jpg 1");
        Splits splits = Splits.open(list, null, IMAGE, holdOut(0.5));
        assertThat(splits.train().size() + splits.validation().orElseThrow().size())
                .isEqualTo(4);
        assertThat(splits.notices())
                .containsExactly(list + " names 1 of its images again; they count once in what is drawn");
        assertThat(open(list).train().size()).isEqualTo(5);
    }

    @Test
    void holdingOutExcludesOtherDataForValidation() throws IOException {
        files("train/a/1.jpg", "train/b/2.jpg", "val/a/3.jpg");
        refused(() -> Splits.open(root, null, IMAGE, holdOut(0.1)))
                .withMessage(root + " has data for validation already, " + root.resolve("val")
                        + "; hold nothing out, or give " + root.resolve("train") + " as the data");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Splits.open(root.resolve("train"), root.resolve("val"), IMAGE, holdOut(0.1)))
                .withMessage("a share of 0.1 to hold out and the validation data " + root.resolve("val")
                        + " exclude each other; leave one of them away");
    }

    @Test
    void singleItemsCannotBeHeldOut() throws IOException {
        classes(1, 1);
        refused(() -> Splits.open(root, null, IMAGE, holdOut(0.5)))
                .withMessage(root + " has no class of two images or more, so none can be held out; give data for"
                        + " validation");
    }

    @Test
    void impossibleOptionsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> perClass(-1))
                .withMessage("-1 training items of each class: must be 1 or more, or 0 for all");
        for (double share : new double[] {-0.1, 1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> holdOut(share))
                    .withMessage("a share of " + share + " to hold out must lie between 0 and 1, or be 0 for none");
        }
    }

    @Test
    void whatIsDrawnCanBeRead() throws IOException {
        PictureFiles.folder(root.resolve("a"), 4, 16);
        PictureFiles.folder(root.resolve("b"), 4, 24);
        Splits splits = Splits.open(root, null, IMAGE, new Options(2, 0.25, 0, null));
        for (Item item : splits.train().items()) {
            assertThat(splits.train().read(item, new SplittableRandom(0)).width())
                    .isEqualTo(item.label() == 0 ? 16 : 24);
        }
        assertThat(splits.train().name(splits.train().items().get(0))).startsWith("a");
    }

    // ---- Measuring a trained classifier ----

    private static final List<String> KNOWN = List.of("owl", "dog", "cat");

    @Test
    void labelsAreBroughtToTheClassesOfTheSameNames() throws IOException {
        files("val/cat/1.jpg", "val/dog/2.jpg", "val/owl/3.jpg");
        List<String> expected = List.of("val/cat/1.jpg 2", "val/dog/2.jpg 1", "val/owl/3.jpg 0");
        for (Path source : List.of(root, root.resolve("val"))) {
            Dataset data = Splits.labelled(source, IMAGE, KNOWN, NO_NOTICE);
            assertThat(items(data)).isEqualTo(expected);
            assertThat(data.classes()).isEqualTo(KNOWN);
        }
        write("classes.txt", "cat\ndog\nowl\n");
        Path list = list("val/cat/1.jpg 0", "val/dog/2.jpg 1", "val/owl/3.jpg 2");
        assertThat(items(Splits.labelled(list, IMAGE, KNOWN, NO_NOTICE))).isEqualTo(expected);
    }

    @Test
    void labelsOfAListWithoutNamesAreNumbersOfTheClasses() throws IOException {
        Path list = list("1.jpg 0", "2.jpg 1", "3.jpg 2");
        List<String> notices = new ArrayList<>();
        assertThat(items(Splits.labelled(list, IMAGE, KNOWN, notices::add)))
                .containsExactly("1.jpg 0", "2.jpg 1", "3.jpg 2");
        assertThat(notices)
                .containsExactly(list + " does not name its classes, and has no classes.txt beside it: its labels are"
                        + " taken for numbers of those of the checkpoint, 0 for 'owl'");
        refused(() -> Splits.labelled(list, IMAGE, List.of("owl", "dog"), NO_NOTICE))
                .withMessage(list + ":3: label 2 is none of 0 to 1, the labels of the 2 classes that the checkpoint"
                        + " knows");
    }

    @Test
    void aCheckpointWithoutNamesTakesClassesInTheirOrder() throws IOException {
        files("val/cat/1.jpg", "val/dog/2.jpg");
        List<String> notices = new ArrayList<>();
        Dataset data = Splits.labelled(root, IMAGE, List.of("0", "1"), notices::add);
        assertThat(items(data)).containsExactly("val/cat/1.jpg 0", "val/dog/2.jpg 1");
        assertThat(data.classes()).containsExactly("0", "1");
        assertThat(notices)
                .containsExactly("the checkpoint knows its classes by number alone: those of " + root.resolve("val")
                        + " are taken in their order, 0 for 'cat'");
        refused(() -> Splits.labelled(root, IMAGE, List.of("0", "1", "2"), NO_NOTICE))
                .withMessage(root.resolve("val") + " has the classes 'cat', 'dog', which the checkpoint does not know;"
                        + " it knows its 3 classes by number alone, and this data has 2; give a list file with its"
                        + " labels");
    }

    @Test
    void foldersNamedByNumbersAreNamesNotPlaces() throws IOException {
        files("val/2/1.jpg", "val/10/2.jpg");
        List<String> known = IntStream.range(0, 11).mapToObj(Integer::toString).toList();
        assertThat(items(Splits.labelled(root, IMAGE, known, notice -> {})))
                .containsExactly("val/10/2.jpg 10", "val/2/1.jpg 2");
    }

    @Test
    void aClassThatTheCheckpointDoesNotKnowIsNamed() throws IOException {
        files("owls/1.jpg", "dog/2.jpg");
        refused(() -> Splits.labelled(root, IMAGE, KNOWN, NO_NOTICE))
                .withMessage(
                        root + " has the class 'owls', which the checkpoint does not know; the nearest to 'owls' is"
                                + " 'owl', and it knows 3 in all: 'owl', 'dog', 'cat'");
        files("a/1.jpg", "b/1.jpg", "c/1.jpg", "d/1.jpg", "e/1.jpg");
        refused(() -> Splits.labelled(root, IMAGE, KNOWN, NO_NOTICE))
                .withMessageContaining("has the classes 'a', 'b', 'c', 'd', 'e' and 1 more, which the checkpoint");
    }

    @Test
    void classesThatCannotBeMeasuredAreToldOf() throws IOException {
        files("cat/1.jpg");
        List<String> notices = new ArrayList<>();
        Splits.labelled(root, IMAGE, KNOWN, notices::add);
        assertThat(notices).containsExactly(root + " has no item to be measured of 2 classes, 'owl', 'dog'");
    }

    @Test
    void trainingDataAreMeasuredOnlyWhereTheyAreMeant() throws IOException {
        files("train/cat/1.jpg", "train/dog/2.jpg", "train/owl/3.jpg");
        refused(() -> Splits.labelled(root, IMAGE, KNOWN, NO_NOTICE))
                .withMessage(root + " holds data for training, " + root.resolve("train")
                        + ", and none for validation; name that val, or give " + root.resolve("train") + " itself");
        assertThat(Splits.labelled(root.resolve("train"), IMAGE, KNOWN, NO_NOTICE)
                        .size())
                .isEqualTo(3);
        Path list = write("train.csv", "1.jpg 0\n2.jpg 1\n3.jpg 2\n");
        write("val.csv", "4.jpg 0\n");
        write("classes.txt", String.join("\n", KNOWN));
        assertThat(items(Splits.labelled(list, IMAGE, KNOWN, NO_NOTICE)))
                .containsExactly("1.jpg 0", "2.jpg 1", "3.jpg 2");
    }
}
