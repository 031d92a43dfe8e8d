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
        assertThat(ListFile.read(list).items()).extracting(Item::file).containsExactly(folder.resolve("x/a.jpg"), elsewhere);
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
