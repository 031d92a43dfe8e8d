package maskfeat.disk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, 8, 9, 0xa, 0xd, 0x1b, 0x7f, 0x85, 0x9b, 0x200b, 0x200f, 0x202e, 0x2028, 0x2066, 0xfeff, 0xe0041
            })
    void whatSteersATerminalIsWrittenAsInJava(int c) {
        StringBuilder escaped = new StringBuilder("a");
        for (char unit : Character.toChars(c)) {
            escaped.append(String.format("\\u%04x", (int) unit));
        }
        assertThat(Printable.text("a" + Character.toString(c) + "b")).isEqualTo(escaped + "b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "caf\u00e9", "cafe\u0301", "\u732b", "\ud83d\udc68\u200d\ud83d\udc66", "a b", "\\u001b"})
    void otherTextStaysAsItIs(String text) {
        assertThat(Printable.text(text)).isEqualTo(text);
    }

    @Test
    void halfACharacterIsEscapedToo() {
        assertThat(Printable.text("a\ud83d")).isEqualTo("a\\ud83d");
    }

    @Test
    void linesKeepTheirEndsAndTabs() {
        assertThat(Printable.lines("a\tb\r\nc\u001b[31m\n")).isEqualTo("a\tb\r\nc\\u001b[31m\n");
    }
}
