package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListFileTest {
    @TempDir
    Path temp;

    private List<Item> read(String text) throws IOException {
        return ListFile.read(file(text)).items();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(temp.resolve("list.txt"), text);
    }

    private Item item(String name, int label) {
        return new Item(temp.resolve(name), label);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.jpg 3          | a.jpg            | 3",
                "`a.jpg\t3`       | a.jpg            | 3",
                "a.jpg,3          | a.jpg            | 3",
                "a.jpg , 3        | a.jpg            | 3",
                "a.jpg;3          | a.jpg            | 3",
                "a.jpg            | a.jpg            | -1",
                "a b  c.jpg       | a b  c.jpg       | -1",
                "a b.jpg 0        | a b.jpg          | 0",
                "x/y, z.jpg,12    | x/y, z.jpg       | 12",
                "IMG 0001.jpg 7   | IMG 0001.jpg     | 7",
                "img 12           | img              | 12",
                "\"img 12\"       | img 12           | -1",
                "\"img 12\" 5     | img 12           | 5",
                "\"img, 12\",5    | img, 12          | 5",
                "\"a \"\"b\"\".png\" 1 | a \"b\".png | 1",
                "2012             | 2012             | -1",
                "a-1              | a-1              | -1",
                "../a.jpg 1       | ../a.jpg         | 1",
                "a.mp4 -1         | a.mp4            | -1",
                "a.mp4 0 -1       | a.mp4            | -1",
                "a.mp4,img_7.jpg,2 | a.mp4           | 2",
                "a b.mp4\tx\t2  | a b.mp4          | 2",
                "frames/a 120 5   | frames/a         | 5",
                "frames a b 5     | frames a b       | 5",
                "\"a b 1\" x.jpg 5 | a b 1          | 5",
                "\"a b\" \"c d\" 5 | a b          | 5",
                "a.MP4; 300; 12   | a.MP4            | 12",
            })
    void aLineIsAPathAndPerhapsALabel(String line, String path, int label) throws IOException {
        assertThat(read(line + "\n")).containsExactly(item(path, label));
    }

    private ListFile list(String text) throws IOException {
        return ListFile.read(file(text));
    }

    private void refused(String text, String... message) throws IOException {
        Path file = file(text);
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ListFile.open(file))
                .withMessageStartingWith(file.toString())
                .satisfies(refused -> assertThat(refused.getMessage()).contains(message));
    }

    /** The row multi.csv: two labels a line. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "v/a.mp4 0 3|v/b c.mp4 1 2",
                "v/a.mp4 4 3|v/b.mp4 1 2",
                "v/a.mp4,2,3|v/b.mp4,3,2",
                "\"v/a.mp4\" 0 3",
                "a.jpg 12 40|b.jpg 3 7",
                "frames/a 0 3",
                "a.mp4 1 2 3",
                "a.mp4;1;2;3"
            })
    void severalLabelsALineAreRefused(String text) throws IOException {
        refused(text.replace('|', '\n'), "numbers after the path");
    }

    @Test
    void theColumnInTheMiddleIsNamed() throws IOException {
        assertThat(list("a.mp4 300 12\n").notices()).singleElement().asString().contains("'300'", "number of frames");
        assertThat(list("a.mp4,cat,3\n").notices()).singleElement().asString().contains("'cat'", "not used");
        assertThat(list("a.mp4 img_7.jpg 3\n").notices()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "path,label|x/a.jpg,cat|b c.jpg,dog",
                "label;file name|cat;x/a.jpg|dog;b c.jpg",
                ",image,class|0,x/a.jpg,cat|1,b c.jpg,dog",
                "File\tCategory\tfps|x/a.jpg\tcat\t3|b c.jpg\tdog\t4",
                "\"filename\",\"label\",\"split\"|\"x/a.jpg\",\"cat\",\"train\"|\"b c.jpg\",\"dog\",\"train\"",
                "x/a.jpg,cat|b c.jpg,dog",
                "x/a.jpg\tcat|b c.jpg\tdog",
                "x/a.jpg cat|b c.jpg dog",
                "\"x/a.jpg\",\"cat\"|\"b c.jpg\",\"dog\"",
                "x\\a.jpg;cat|b c.jpg;dog",
            })
    void headersAndNamesOfClassesAreRead(String text) throws IOException {
        ListFile list = list(text.replace('|', '\n') + "\n");
        assertThat(list.items()).containsExactly(item("x/a.jpg", 0), item("b c.jpg", 1));
        assertThat(list.classes()).containsExactly("cat", "dog");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"path label|a.jpg 1|b.jpg 0", "image,target|a.jpg,1|b.jpg,0", "\"a.jpg\",\"1\"|b.jpg,\"0\""})
    void aHeaderAndQuotesMayComeWithNumbers(String text) throws IOException {
        assertThat(list(text.replace('|', '\n')).items()).containsExactly(item("a.jpg", 1), item("b.jpg", 0));
    }

    @Test
    void namesOfClassesMayHaveSeveralWords() throws IOException {
        assertThat(list("a.mp4 brushing teeth\nb.mp4 playing \u732b\n").classes())
                .containsExactly("brushing teeth", "playing \u732b");
    }

    @Test
    void aHeaderAloneOverPathsLeavesThemUnlabelled() throws IOException {
        assertThat(list("filename\na.jpg\n").items()).containsExactly(item("a.jpg", Item.UNLABELLED));
        Files.createFile(temp.resolve("video"));
        assertThat(list("video\nb\n").items()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "id,label^1,cat ~ names no column of files",
                "path,label^a.jpg ~ expected the 2 columns",
                "path,label^a.jpg, ~ 'label' is empty",
                "path,label,split^a.jpg,0,train^b.jpg,1,val ~ train=1, val=1",
                "a.jpg,cat,dog ~ 3 columns",
                "a.jpg 1.5 ~ label '1.5' is neither",
                "a.jpg,1|2 ~ label",
                "0 a.jpg ~ of the 1 file that the list names none is there",
                "cat dog/a.jpg ~ of the 1 file that the list names none is there",
                "C:\\data\\a.jpg 0 ~ path of Windows",
                "path,label^a.jpg,2e9 ~ '2e9' is neither",
            })
    void whatIsNoListOfOursIsToldWhatItIs(String text, String message) throws IOException {
        refused(text.replace('^', '\n'), message);
    }

    @Test
    void aLabelThatNoDataSetHasIsNamed() throws IOException {
        refused("cat/1.jpg 2147483647\ncat/2.jpg 0\n", ":1: label 2147483647 is larger");
        refused("cat/1.jpg 0\ncat/2.jpg 1000000\n", ":2: label 1000000 is larger");
        assertThat(list("a.jpg 999999\n").classes()).hasSize(1_000_000);
    }

    @Test
    void backslashesAreSlashesUnlessTheFileIsThere() throws IOException {
        assertThat(list("x\\a.jpg 0\n").items()).containsExactly(item("x/a.jpg", 0));
        assertThat(list("x\\a.jpg 0\n").notices()).singleElement().asString().contains("backslashes");
        Files.createFile(temp.resolve("x\\a.jpg"));
        assertThat(list("x\\a.jpg 0\n").items()).containsExactly(item("x\\a.jpg", 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-8"})
    void aTextOfASpreadsheetIsRead(String charset) throws IOException {
        Path file = temp.resolve("list.csv");
        Files.write(
                file, "\uFEFFpath;label\r\na.jpg;caf\u00e9\r\n".getBytes(java.nio.charset.Charset.forName(charset)));
        ListFile list = ListFile.read(file);
        assertThat(list.items()).containsExactly(item("a.jpg", 0));
        assertThat(list.classes()).containsExactly("caf\u00e9");
    }

    @Test
    void aListOfHmdb51IsToldWhatItIs() throws IOException {
        Path file = Files.writeString(temp.resolve("brush_hair_test_split1.txt"), "a b.avi 1 \nc.avi 2 \nd.avi 0 \n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ListFile.read(file))
                .withMessageContainingAll("HMDB51", "'brush_hair'", "1 stands for training");
    }

    @Test
    void spacesAroundALineDoNotCount() throws IOException {
        assertThat(read("  a.jpg \t1  \n")).containsExactly(item("a.jpg", 1));
    }

    @Test
    void linesKeepTheirOrderAndMayRepeat() throws IOException {
        assertThat(read("b 1\na 0\nb 1\n")).containsExactly(item("b", 1), item("a", 0), item("b", 1));
    }

    @Test
    void theLastLineNeedsNoEnd() throws IOException {
        assertThat(read("a 1\nb 0")).containsExactly(item("a", 1), item("b", 0));
    }

    @Test
    void windowsLineEndsAndAByteOrderMarkDoNotCount() throws IOException {
        assertThat(read("\uFEFFa.jpg 1\r\nb.jpg 0\r\n")).containsExactly(item("a.jpg", 1), item("b.jpg", 0));
    }

    @Test
    void commentsAndEmptyLinesAreLeftOut() throws IOException {
        assertThat(read("\uFEFF# path label\n\n   \n  # more\na#b.jpg 1\n")).containsExactly(item("a#b.jpg", 1));
    }

    @Test
    void relativePathsStartAtTheListsFolderAndAbsoluteOnesDoNot() throws IOException {
        Path elsewhere = temp.resolveSibling("elsewhere.jpg").toAbsolutePath();
        Path folder = Files.createDirectories(temp.resolve("lists"));
        Path list = Files.writeString(folder.resolve("train.txt"), "x/a.jpg\n" + elsewhere + "\n");
        assertThat(ListFile.read(list).items())
                .extracting(Item::file)
                .containsExactly(folder.resolve("x/a.jpg"), elsewhere);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a 1;b         | 2 | no label", "# c;a;;b 1   | 4 | a label"})
    void eitherAllLinesHaveALabelOrNone(String lines, int number, String what) throws IOException {
        Path file = file(lines.replace(';', '\n'));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ListFile.read(file))
                .withMessageStartingWith(file + ":" + number + ": " + what + " here");
    }

    @Test
    void someOfTheLabelledMayBeUnlabelled() throws IOException {
        assertThat(read("a 1\nb -1\n")).containsExactly(item("a", 1), item("b", Item.UNLABELLED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-2", "-7", "99999999999", "2147483648"})
    void labelsCountFromZeroAndFitAnInt(String label) throws IOException {
        Path file = file("a 0\nb " + label + "\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ListFile.read(file))
                .withMessageStartingWith(file + ":2: label " + label + " must be a whole number from 0, or -1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a.jpg", "\"a\" b", "\"\" 1", "\"a\" 1.5"})
    void aBrokenQuoteIsNamedWithItsLine(String line) throws IOException {
        Path file = file("a.jpg\n" + line + "\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ListFile.read(file))
                .withMessageStartingWith(
                        file + ":2: expected 'path', 'path label' or 'path other label', found '" + line + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# nothing\n", "\uFEFF"})
    void aListWithoutALineIsRefused(String text) throws IOException {
        Path file = file(text);
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ListFile.read(file))
                .withMessageStartingWith(file + " names no file");
    }

    @Test
    void aNulIsNotAPath() throws IOException {
        Path file = file("a\nb\0c\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ListFile.read(file))
                .withMessageStartingWith(file + ":2: ")
                .withMessageContaining("is not a path");
    }

    /** A slip of the hand is found before hours of work; a file that is not there may be one of many that were moved. */
    @Test
    void aUriThatLeadsNowhereIsRefusedWithItsLineAndAFileThatIsNotThereIsAnItem() throws IOException {
        Path file = file("here.jpg\ngone/away.jpg\n");
        assertThat(ListFile.read(file).items()).hasSize(2);
        Path bad = file("here.jpg\n# moved\nnowhere://bucket/b.jpg\n");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ListFile.read(bad))
                .withMessageStartingWith(bad + ":3: 'nowhere://bucket/b.jpg' is not a path: no provider of nowhere:")
                .withMessageEndingWith("; mend the line, or take it out");
    }

    @Test
    void aPictureGivenAsAListIsRefusedByName() throws IOException {
        Path picture = PictureFiles.write(temp.resolve("photo.jpg"), 16, 16, 1);
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ListFile.read(picture))
                .withMessageContaining(picture + " is not a list of files");
        Path latin1 = Files.write(temp.resolve("l.txt"), "caf\u00e9.jpg 1\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> ListFile.read(latin1))
                .withMessageContaining("UTF-8");
    }
}
