package maskfeat.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {
    private static List<String> names(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> "n" + i).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "0, ''",
        "1, n1",
        "3, 'n1, n2, n3'",
        "13, 'n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13'",
        "14, 'n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12 and 2 more'",
        "49, 'n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12 and 37 more'"
    })
    void ofManyAreTheFirstAndANumber(int count, String text) {
        assertThat(Names.of(names(count))).isEqualTo(text);
    }

    @Test
    void whereTheOthersAreIsSaidOnlyIfAnyAreLeftOut() {
        assertThat(Names.of(names(2), "elsewhere")).isEqualTo("n1, n2");
        assertThat(Names.of(names(14), "elsewhere")).endsWith("n12 and 2 more (elsewhere)");
    }
}
