package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ViewsTest {
    @ParameterizedTest
    @ValueSource(strings = {"1x1", "10x1", "4x3", "1x3"})
    void viewsAreReadAsTheyAreWritten(String text) {
        Views views = Views.parse(" " + text.toUpperCase(java.util.Locale.ROOT) + " ");
        assertThat(views).hasToString(text);
        assertThat(views.count()).isEqualTo(views.temporal() * views.spatial());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1", "1x", "-1x1", "1x1x1", "99999x1", "1 x 1"})
    void textThatIsNoViewsIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Views.parse(text))
                .withMessage("views '" + text + "' must be clips x crops, such as 1x1, 10x1 or 4x3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x1", "1x2", "2x0"})
    void viewsThatCannotBeAreRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Views.parse(text))
                .withMessageContainingAll(text, "such as 10x1 or 4x3");
    }

    @Test
    void anImageHasOneMomentAndAVideoHasMany() {
        Views views = new Views(2, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> views.check(new StillImage()))
                .withMessageContainingAll("one moment", "1x3");
        views.check(new StridedClip(4, 2));
        new Views(1, 3).check(new StillImage());
    }
}
