package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void namesStandLeftAndNumbersRight() {
        TextTable table = new TextTable(
                List.of("class", "items", "recall"),
                List.of(List.of("heart-dots", "4", "100.0 %"), List.of("disc", "12", "-")));
        assertThat(table.text(80).lines())
                .containsExactly(
                        "class       items   recall", //
                        "heart-dots      4  100.0 %",
                        "disc           12        -");
    }

    @Test
    void aLongNameLosesItsEnd() {
        TextTable table = new TextTable(List.of("class", "n"), List.of(List.of("a class of a very long name", "1")));
        assertThat(table.text(23).lines()).containsExactly("class                 n", "a class of a very...  1");
    }

    @Test
    void columnsWithoutAPlaceFollowBelow() {
        TextTable table = new TextTable(
                List.of("run", "top-1 of all", "top-5 of all", "loss"),
                List.of(List.of("the first of two runs", "1", "2", "3"), List.of("b", "4", "5", "6")));
        assertThat(table.text(40).lines())
                .containsExactly(
                        "run                    top-1 of all",
                        "the first of two runs             1",
                        "b                                 4",
                        "",
                        "run                   top-5 of all  loss",
                        "the first of two...              2     3",
                        "b                                5     6");
    }

    @Test
    void aRowOfAnotherLengthIsRefused() {
        assertThatThrownBy(() -> new TextTable(List.of("a", "b"), List.of(List.of("1"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 columns", "row of 1");
    }
}
