package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
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

    @Test
    void gradientsPassThroughASumToAllRanks() throws Exception {
        List<List<float[]>> values = RanksHere.each(3, ranks -> {
            try (PointerScope scope = new PointerScope()) {
                Tensor own = Arrays.tensor(new float[] {ranks.rank() + 0.1f, -ranks.rank()}, 2);
                own.set_requires_grad(true);
                Tensor sum = ranks.sumOf(own.mul(new Scalar(2)));
                // The loss of rank 0 is nothing: its gradient comes from the others.
                Tensor loss =
                        ranks.sumOf(sum.square()).mul(new Scalar(ranks.rank())).sum();
                ranks.backward(loss);
                return List.of(Arrays.floats(sum), Arrays.floats(own.grad()));
            }
        });
        // sum = 2 (0.1 + 1.1 + 2.1, -3); the losses together are (0 + 1 + 2) times 3 sum^2.
        for (List<float[]> each : values) {
            assertThat(each.get(0))
                    .containsExactly(values.get(0).get(0))
                    .containsExactly(new float[] {6.6f, -6}, within(1e-6f));
            assertThat(each.get(1)).containsExactly(new float[] {36 * 6.6f, 36 * -6}, within(1e-4f));
        }
    }

    @Test
    void rowsStandInTheOrderOfTheRanks() throws Exception {
        List<float[]> rows = RanksHere.each(3, ranks -> {
            try (PointerScope scope = new PointerScope()) {
                int rank = ranks.rank();
                Tensor turned = Arrays.tensor(new float[] {rank, rank + 10, rank + 20, rank + 30}, 2, 2)
                        .t();
                Tensor all = ranks.rows(turned);
                assertThat(all.shape()).containsExactly(6, 2);
                return Arrays.floats(all);
            }
        });
        assertThat(rows)
                .allSatisfy(each -> assertThat(each).containsExactly(0, 20, 10, 30, 1, 21, 11, 31, 2, 22, 12, 32));
    }

    /** libtorch is between the sum and who asked for the backward pass, and would make another exception of it. */
    @Test
    void aRankThatIsLostInABackwardPassIsNamed() throws Exception {
        List<String> told = RanksHere.each(2, ranks -> {
            try (PointerScope scope = new PointerScope()) {
                Tensor own = Arrays.tensor(new float[] {1, 2}, 2);
                own.set_requires_grad(true);
                Tensor loss = ranks.sumOf(own.square()).sum();
                if (ranks.rank() == 1) {
                    ranks.fail("its memory is full");
                    return "";
                }
                RankLost lost = catchThrowableOfType(RankLost.class, () -> ranks.backward(loss));
                assertThat(lost.rank()).isEqualTo(1);
                return String.valueOf(lost.getMessage());
            }
        });
        assertThat(told.get(0)).contains("rank 1", "failed", "its memory is full");
    }

    @Test
    void aRankThatFailsLearnsWhetherRank0FailsForTheSameReason() throws Exception {
        List<Boolean> same = RanksHere.each(4, ranks -> {
            ranks.any(false);
            return ranks.fail(ranks.rank() == 2 ? "its disk is full" : "the settings differ");
        });
        assertThat(same).containsExactly(false, true, false, true);
        assertThat(RanksHere.each(2, ranks -> {
                    ranks.any(false);
                    return ranks.rank() == 1 && ranks.fail("its disk is full");
                }))
                .containsExactly(false, false);
    }

    @Test
    void aPauseOfThisProcessIsNotHeldAgainstOthers() {
        long[] seen = {1_000, 2_000};
        Ranks.pardon(seen, 900_000_000L);
        assertThat(seen).containsExactly(1_000, 2_000);
        Ranks.pardon(seen, 7_000_000_000L);
        assertThat(seen).containsExactly(6_000_001_000L, 6_000_002_000L);
    }
}
