package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which class a name or a number means, and which part of a data set a folder stands for. */
class NamesAndPartsTest {
    private static final ClipSampler IMAGE = StillImage.defaults();
    private static final ClipSampler VIDEO = TimedClip.defaults();
    private static final String COMPOSED = "caf\u00e9";
    private static final String DECOMPOSED = "cafe\u0301";

    @TempDir
    Path temp;

    private final List<String> notices = new ArrayList<>();

    /** Files of any content: data sets are opened by names alone. */
    private Path files(String... files) throws IOException {
        for (String file : files) {
            write(file, "x");
        }
        return temp;
    }

    private Path write(String file, String text) throws IOException {
        Files.createDirectories(temp.resolve(file).getParent());
        return Files.writeString(temp.resolve(file), text);
    }

    private List<String> items(Dataset data) {
        return data.items().stream()
                .map(item -> temp.relativize(item.file()).toString().replace('\\', '/') + " "
                        + (item.label() < 0 ? "-" : data.classes().get(item.label())))
                .toList();
    }

    private Dataset measured(Path list) throws IOException {
        Splits splits = Splits.open(temp.resolve("train"), list, IMAGE, Splits.Options.NONE);
        notices.addAll(splits.notices());
        return splits.validation().orElseThrow();
    }

    // ---- numbers that are names ------------------------------------------------------------------------------------

    @Test
    void aNumberInAListIsTheClassOfThatName() throws IOException {
        files("train/0/a.jpg", "train/1/a.jpg", "train/2/a.jpg", "train/10/a.jpg");
        Dataset held = measured(write("val.csv", "p.jpg 2\nq.jpg 10\n"));
        assertThat(items(held)).containsExactly("p.jpg 2", "q.jpg 10");
        assertThat(notices)
                .anySatisfy(notice -> assertThat(notice)
                        .contains("2 is taken for the class '2'", "not for the one that has that number", "'10'"));
    }

    @Test
    void zerosBeforeANumberDoNotCount() throws IOException {
        files("train/01/a.jpg", "train/02/a.jpg", "train/03/a.jpg");
        assertThat(items(measured(write("val.csv", "p.jpg 1\nq.jpg 3\n")))).containsExactly("p.jpg 01", "q.jpg 03");
    }

    @Test
    void numbersOfWhichSomeAreNamesHaveTwoReadings() throws IOException {
        files("train/1/a.jpg", "train/2/a.jpg", "train/3/a.jpg");
        Path list = write("val.csv", "p.jpg 0\nq.jpg 1\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> measured(list))
                .withMessageContainingAll("the label 1", "may be the class of that name", "'2'", "label 0 is no name");
    }

    @Test
    void numbersThatCountAsTheNamesDoNeedNoWord() throws IOException {
        files("train/0/a.jpg", "train/1/a.jpg", "train/2/a.jpg");
        assertThat(items(measured(write("val.csv", "p.jpg 1\nq.jpg 2\n")))).containsExactly("p.jpg 1", "q.jpg 2");
        assertThat(notices).noneSatisfy(notice -> assertThat(notice).contains("is taken for the class '"));
    }

    @Test
    void foldersThatAreNumbersAreNotCountedByTheirOrder() throws IOException {
        files("d/1/a.jpg", "d/2/a.jpg", "d/3/a.jpg");
        List<String> byNumber =
                IntStream.range(0, 3).mapToObj(Integer::toString).toList();
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> Splits.labelled(temp.resolve("d"), IMAGE, byNumber, notices::add))
                .withMessageContainingAll("the class '1'", "may be the class 1", "the class 0");
    }

    @Test
    void foldersOfAllNumbersAreThoseClassesAndItIsSaid() throws IOException {
        files("d/0/a.jpg", "d/1/a.jpg", "d/2/a.jpg", "d/10/a.jpg");
        List<String> byNumber =
                IntStream.range(0, 11).mapToObj(Integer::toString).toList();
        Dataset data = Splits.labelled(temp.resolve("d"), IMAGE, byNumber, notices::add);
        assertThat(data.items()).extracting(Item::label).containsExactly(0, 1, 10, 2);
        assertThat(notices).anySatisfy(notice -> assertThat(notice).contains("'10' is taken for the class 10"));
    }

    // ---- names that are composed in two ways -----------------------------------------------------------------------

    @Test
    void namesComposedDifferentlyAreTheSameClass() throws IOException {
        files("train/" + COMPOSED + "/1.jpg", "train/dog/1.jpg", "val/" + DECOMPOSED + "/1.jpg", "val/dog/1.jpg");
        Splits splits = Splits.open(temp, null, IMAGE, Splits.Options.NONE);
        assertThat(splits.classes()).containsExactly(COMPOSED, "dog");
        assertThat(splits.validation().orElseThrow().classes()).isEqualTo(splits.classes());
        assertThat(splits.validation().orElseThrow().items())
                .extracting(Item::label)
                .containsExactly(0, 1);
    }

    @Test
    void ofWeightsAndListsTheyAreTheSameToo() throws IOException {
        files("d/" + DECOMPOSED + "/1.jpg");
        assertThat(items(Splits.labelled(temp.resolve("d"), IMAGE, List.of("ant", COMPOSED), notices::add)))
                .containsExactly("d/" + DECOMPOSED + "/1.jpg " + COMPOSED);
        write("classes.txt", "ant\n" + COMPOSED + "\n");
        Path list = write("list.csv", "path,label\na.jpg," + DECOMPOSED + "\nb.jpg,ant\n");
        assertThat(items(Splits.open(list, null, IMAGE, Splits.Options.NONE).train()))
                .containsExactly("a.jpg " + COMPOSED, "b.jpg ant");
    }

    @Test
    void twoThatDifferInThatAloneAreRefused() throws IOException {
        files("train/" + COMPOSED + "/1.jpg", "train/" + DECOMPOSED + "/1.jpg");
        assumeThat(temp.resolve("train").toFile().list()).hasSize(2);
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> Splits.open(temp.resolve("train"), null, IMAGE, Splits.Options.NONE))
                .withMessageContainingAll("caf\\u00e9", "cafe\\u0301");
        Path names = write("classes.txt", COMPOSED + "\n" + DECOMPOSED + "\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ClassNames.read(names))
                .withMessageContaining("is the name of line 1 too");
    }

    // ---- parts of a data set ---------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"val", "validation", "valid", "VAL", "test", "Testing", "validate"})
    void onlyThePartForTrainingIsTrainedOn(String other) throws IOException {
        files("Train/cat/1.jpg", "Train/dog/1.jpg", other + "/cat/2.jpg");
        Dataset data = Splits.unlabelled(temp, IMAGE, notices::add);
        assertThat(items(data)).containsExactly("Train/cat/1.jpg cat", "Train/dog/1.jpg dog");
        assertThat(notices).singleElement().asString().contains("trains on Train alone", other + " is left out");
    }

    @Test
    void allPartsThatAreLeftOutAreNamed() throws IOException {
        files("train/1.jpg", "val/2.jpg", "test/3.jpg");
        assertThat(items(Splits.unlabelled(temp, IMAGE, notices::add))).containsExactly("train/1.jpg -");
        assertThat(notices).singleElement().asString().contains("val, test are left out");
    }

    @Test
    void listsWithoutLabelsArePartsToo() throws IOException {
        files("images/1.jpg", "images/2.jpg");
        write("train.txt", "images/1.jpg\n");
        write("val.txt", "images/2.jpg\n");
        assertThat(items(Splits.unlabelled(temp, IMAGE, notices::add))).containsExactly("images/1.jpg -");
        assertThat(notices).singleElement().asString().contains("train.txt alone", "val.txt is left out");
    }

    @Test
    void aFolderOfTrainsIsNoPart() throws IOException {
        files("train/1.jpg", "plane/2.jpg");
        assertThat(items(Splits.unlabelled(temp, IMAGE, notices::add))).hasSize(2);
        assertThat(notices).isEmpty();
    }

    @Test
    void whereNothingIsForTrainingAllIsTrainedOnAndSaid() throws IOException {
        files("val/1.jpg", "test/2.jpg");
        assertThat(items(Splits.unlabelled(temp, IMAGE, notices::add))).hasSize(2);
        assertThat(notices).anySatisfy(notice -> assertThat(notice).contains("nothing named train", "val, test"));
    }

    @Test
    void partsFurtherDownAreSaid() throws IOException {
        files("set/a/train/1.jpg", "set/a/val/2.jpg");
        assertThat(items(Splits.unlabelled(temp, IMAGE, notices::add))).hasSize(2);
        assertThat(notices).singleElement().asString().contains("may be parts of a data set");
    }

    @Test
    void dataForValidationThatAreNotUsedAreSaid() throws IOException {
        files("train/a/1.jpg", "train/b/1.jpg", "val/a/2.jpg", "other/a/3.jpg");
        Splits splits = Splits.open(temp, temp.resolve("val"), IMAGE, Splits.Options.NONE);
        assertThat(splits.notices()).noneSatisfy(notice -> assertThat(notice).contains("is not used"));
        Splits again = Splits.open(temp, temp.resolve("other"), IMAGE, Splits.Options.NONE);
        assertThat(again.notices()).anySatisfy(notice -> assertThat(notice).contains("val is not used"));
    }

    @Test
    void aScanKnowsTheParts() throws IOException {
        files("train/cat/1.jpg", "train/dog/1.jpg", "val/cat/2.jpg", "val/dog/2.jpg", "README.txt");
        Scan scan = Scan.of(temp, Scan.As.AUTO, Duration.ofSeconds(5));
        assertThat(scan.classes()).containsExactly("cat", "dog");
        assertThat(scan.items()).extracting(Item::label).containsExactlyInAnyOrder(0, 1, 0, 1, Item.UNLABELLED);
        assertThat(scan.notices()).singleElement().asString().contains("parts of a data set, train, val");
        files("train/" + COMPOSED + "/1.jpg", "val/" + DECOMPOSED + "/1.jpg");
        assertThat(Scan.of(temp, Scan.As.AUTO, Duration.ofSeconds(5)).classes()).hasSize(3);
    }

    // ---- published lists -------------------------------------------------------------------------------------------

    @Test
    void theListsOfKineticsFindTheirClips() throws IOException {
        files("k400/train/x_y-z_000010_000020.mp4", "k400/train/b.mkv", "k400/val/q_000000_000010.mp4");
        Path train = write(
                "k400/annotations/train.csv",
                "label,youtube_id,time_start,time_end,split,is_cc\n\"dancing, slowly\",x_y-z,10,20,train,0\n"
                        + "abseiling,b,5,15,train,0\nabseiling,gone,5,15,train,0\n");
        write(
                "k400/annotations/validate.csv",
                "label,youtube_id,time_start,time_end,split\nabseiling,q,0,10,validate\n");
        Splits splits = Splits.open(train, null, VIDEO, Splits.Options.NONE);
        assertThat(items(splits.train()))
                .containsExactly("k400/train/x_y-z_000010_000020.mp4 dancing, slowly", "k400/train/b.mkv abseiling");
        assertThat(items(splits.validation().orElseThrow())).containsExactly("k400/val/q_000000_000010.mp4 abseiling");
        assertThat(splits.notices()).anySatisfy(notice -> assertThat(notice).contains("3 clips, of which 2 are there"));
    }

    @Test
    void aListOfKineticsWithoutItsClipsSaysWhatItLookedFor() throws IOException {
        Path list = write("k/test.csv", "youtube_id,time_start,time_end,split\nq,0,10,test\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> VideoDataset.open(list, VIDEO))
                .withMessageContainingAll("1 clip of Kinetics", "q_000000_000010.mp4");
    }

    @Test
    void theListsOfUcf101CountFromOneAndTheirTestsHaveNoLabels() throws IOException {
        files("UCF-101/Archery/v_a.avi", "UCF-101/Biking/v_b.avi", "UCF-101/Biking/v_c.avi");
        write("ucfTrainTestlist/classInd.txt", "1 Archery\r\n2 Biking\r\n");
        Path train = write("ucfTrainTestlist/trainlist01.txt", "Archery/v_a.avi 1\r\nBiking/v_b.avi 2\r\n");
        write("ucfTrainTestlist/testlist01.txt", "Biking/v_c.avi\r\n");
        Splits splits = Splits.open(train, null, VIDEO, Splits.Options.NONE);
        assertThat(items(splits.train()))
                .containsExactly("UCF-101/Archery/v_a.avi Archery", "UCF-101/Biking/v_b.avi Biking");
        assertThat(items(splits.validation().orElseThrow())).containsExactly("UCF-101/Biking/v_c.avi Biking");
        write("ucfTrainTestlist/trainlist01.txt", "Archery/v_a.avi 2\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> VideoDataset.open(train, VIDEO))
                .withMessageContaining("has the number 1");
    }

    // ---- what is no file -------------------------------------------------------------------------------------------

    @Test
    void pipesInAFolderArePassedOverAndSaidAndOneGivenAsDataIsRefused() throws IOException, InterruptedException {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/mkfifo"))).isTrue();
        files("d/a/1.jpg");
        Path pipe = temp.resolve("d/a/2.jpg");
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString())
                        .start()
                        .waitFor())
                .isZero();
        Dataset data = Dataset.open(temp.resolve("d"), IMAGE);
        assertThat(data.items()).hasSize(1);
        assertThat(data.notices()).singleElement().asString().contains("a pipe, device or socket", "a/2.jpg");
        for (ClipSampler clip : List.of(IMAGE, VIDEO)) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> Dataset.open(pipe, clip))
                    .withMessageContaining("is a pipe");
        }
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Scan.of(pipe, Scan.As.AUTO, Duration.ofSeconds(5)))
                .withMessageContaining("is a pipe");
    }
}
