package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import maskfeat.report.Terminal;
import org.junit.jupiter.api.Test;

class ErrorTextTest {
    private static final String MESSAGE = "report.log-evry: is not a setting; report has log-every, pictures-every,"
            + " pictures, features-every, features (--set report.log-evry=3) in /my photos/the year/settings.yaml";

    @Test
    void isOneLineWhereNobodyLooksOn() {
        assertThat(ErrorText.wrapped(MESSAGE, 7, Terminal.of(false, Map.of("COLUMNS", "40"))))
                .isEqualTo(MESSAGE);
        assertThat(ErrorText.wrapped(MESSAGE, 7, Terminal.of(true, Map.of("TERM", "dumb"))))
                .isEqualTo(MESSAGE);
    }

    @Test
    void isWrappedAtATerminal() {
        assertThat(ErrorText.wrapped(MESSAGE, 7, Terminal.of(true, Map.of("COLUMNS", "50")))
                        .lines())
                .containsExactly(
                        "report.log-evry: is not a setting; report",
                        "  has log-every, pictures-every, pictures,",
                        "  features-every, features (--set",
                        "  report.log-evry=3) in",
                        "  /my photos/the year/settings.yaml");
        assertThat(ErrorText.wrapped(MESSAGE, 7, Terminal.of(true, Map.of())).lines())
                .allMatch(line -> line.length() <= 80)
                .hasSize(3);
    }

    @Test
    void whatSteersATerminalIsEscaped() {
        assertThat(ErrorText.wrapped("a\u001b[31m b\nc", 7, Terminal.of(true, Map.of())))
                .isEqualTo("a\\u001b[31m b\\u000ac");
    }
}
