package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WrappedTextTest {
    @ParameterizedTest
    @CsvSource({
        "'', 5, ''",
        "one, 5, one",
        "one two, 7, one two",
        "one two, 6, one/two",
        "one two three, 7, one two/three",
        "unbreakable is, 5, unbreakable/is",
        "is unbreakable is, 5, is/unbreakable/is",
        "'two  spaces', 20, 'two  spaces'"
    })
    void breaksBetweenWords(String words, int columns, String lines) {
        assertThat(WrappedText.of(words, columns)).isEqualTo(lines.replace('/', '\n'));
    }
}
