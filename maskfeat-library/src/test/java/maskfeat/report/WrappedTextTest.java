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

    /** After "error: ", with later lines indented by two. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "one two three | 20 | one two three",
                "one two three | 14 | one two#  three",
                "one two three four | 11 | one#  two three#  four",
                "unbreakable is | 5 | unbreakable#  is",
                "take 'a b c', it is | 16 | take#  'a b c', it is",
                "the run's end, 'a b' | 18 | the run's#  end, 'a b'",
                "the runs' end is that | 18 | the runs'#  end is that",
                "set data.path='a b' | 18 | set#  data.path='a b'",
                "an 'open quote of many | 18 | an 'open#  quote of many",
                "of /my own/fine data/a.jpg: bad | 18 | of#  /my own/fine data/a.jpg:#  bad",
                "of runs/a, or runs/b | 18 | of runs/a,#  or runs/b",
            })
    void laterLinesHangAndNoPathOrQuoteIsBroken(String words, int columns, String lines) {
        assertThat(WrappedText.hanging(words, columns, 7, 2)).isEqualTo(lines.replace('#', '\n'));
    }
}
