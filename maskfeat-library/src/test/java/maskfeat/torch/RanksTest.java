package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class RanksTest {
    @Test
    void gathersBytesOfDifferentLengthsInTheOrderOfTheRanks() throws Exception {
        List<List<String>> all = RanksHere.each(3, ranks -> {
            String own = "x".repeat(ranks.rank() * 1000) + ranks.rank();
            byte[] bytes = ranks.rank() == 1 ? new byte[0] : own.getBytes(StandardCharsets.UTF_8);
            return ranks.gather(bytes).stream()
                    .map(each -> new String(each, StandardCharsets.UTF_8))
                    .toList();
        });
        assertThat(all).allSatisfy(each -> assertThat(each).containsExactly("0", "", "x".repeat(2000) + "2"));
    }

    @Test
    void nothingOfAnyoneIsGatheredToo() throws Exception {
        assertThat(RanksHere.each(2, ranks -> ranks.gather(new byte[0]).size())).containsExactly(2, 2);
    }

    @Test
    void theOthersHearWhatOneTellsOnce() throws Exception {
        List<List<String>> heard = RanksHere.each(3, ranks -> {
            List<String> own = Collections.synchronizedList(new ArrayList<>());
            ranks.heardBy(own::add);
            ranks.any(false);
            if (ranks.rank() != 1) {
                ranks.tell("first\0 of " + ranks.rank());
                ranks.tell("second of " + ranks.rank());
            }
            assertThat(own).isEmpty();
            assertThat(ranks.any(ranks.rank() == 2)).isTrue();
            assertThat(ranks.any(false)).isFalse();
            return List.copyOf(own);
        });
        assertThat(heard)
                .containsExactly(
                        List.of("first  of 2", "second of 2"),
                        List.of("first  of 0", "second of 0", "first  of 2", "second of 2"),
                        List.of("first  of 0", "second of 0"));
    }

    @Test
    void allHaveTheValuesOfTheFirst() throws Exception {
        List<List<float[]>> values = RanksHere.each(2, ranks -> {
            try (PointerScope scope = new PointerScope()) {
                float own = ranks.rank() + 0.5f;
                Tensor plain = Arrays.tensor(new float[] {own, -own, 0}, 3);
                Tensor turned =
                        Arrays.tensor(new float[] {1, own, 3, 4, 5, own}, 2, 3).t();
                ranks.fromFirst(List.of(plain, turned));
                return List.of(Arrays.floats(plain), Arrays.floats(turned));
            }
        });
        for (List<float[]> each : values) {
            assertThat(each.get(0)).containsExactly(0.5f, -0.5f, 0);
            assertThat(each.get(1)).containsExactly(1, 4, 0.5f, 5, 3, 0.5f);
        }
    }
}
