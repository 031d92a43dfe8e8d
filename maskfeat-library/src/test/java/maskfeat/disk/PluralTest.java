package maskfeat.disk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PluralTest {
    @Test
    void oneIsNotSeveral() {
        assertThat(Plural.of(0, "epoch")).isEqualTo("0 epochs");
        assertThat(Plural.of(1, "epoch")).isEqualTo("1 epoch");
        assertThat(Plural.of(2, "epoch")).isEqualTo("2 epochs");
        assertThat(Plural.of(1, "class", "classes")).isEqualTo("1 class");
        assertThat(Plural.of(3, "class", "classes")).isEqualTo("3 classes");
        assertThat(Plural.ofMany(1, "key frames")).isEqualTo("1 key frame");
        assertThat(Plural.ofMany(12, "images")).isEqualTo("12 images");
    }
}
