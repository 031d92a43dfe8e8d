package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ThreadChoiceTest {
    private static final long LONG_RUN = 100_000;

    private final Map<Integer, Double> secondsOf = new TreeMap<>();
    private final List<String> notices = new ArrayList<>();
    private final List<Integer> measured = new ArrayList<>();
    private long now;
    private int inUse;

    private ThreadChoice choice(int most) {
        inUse = most;
        return new ThreadChoice(most, threads -> inUse = threads, notices::add, () -> now);
    }

    private void pass() {
        measured.add(inUse);
        now += Math.round(secondsOf.getOrDefault(inUse, Double.NaN) * 1e9);
    }

    /** Makes steps as the trainer does. */
    private void steps(ThreadChoice choice, int steps) {
        for (int i = 0; i < steps; i++) {
            if (choice.due(LONG_RUN)) {
                choice.choose(this::pass, () -> false);
            }
            choice.stepBegins();
            now += Math.round(secondsOf.getOrDefault(inUse, Double.NaN) * 1e9);
            choice.stepEnds(0);
        }
    }

    private void busy() {
        secondsOf.putAll(Map.of(8, 3.0, 4, 2.0, 2, 0.5, 1, 0.4));
    }

    private void quiet() {
        secondsOf.putAll(Map.of(8, 0.1, 4, 0.2, 2, 0.35, 1, 0.6));
    }

    @Test
    void onAQuietMachineAllThreadsStayAndOneSlowerPassIsTheWholePrice() {
        quiet();
        ThreadChoice choice = choice(8);
        steps(choice, 199);
        assertThat(measured).isEmpty();
        steps(choice, 20);
        assertThat(measured).containsExactly(8, 8, 8, 4);
        assertThat(inUse).isEqualTo(8);
        assertThat(notices).isEmpty();
    }

    @Test
    void onABusyMachineTheFastestNumberIsFoundAndSaid() {
        busy();
        ThreadChoice choice = choice(8);
        steps(choice, 20);
        assertThat(measured).containsExactly(8, 8, 8, 4, 4, 4, 2, 2, 2, 1, 1, 1);
        assertThat(inUse).isEqualTo(1);
        assertThat(choice.count()).isEqualTo(1);
        assertThat(notices)
                .containsExactly(
                        "a step takes 3.0 s with 8 threads and 400 ms with 1: going on with 1 (train.threads sets a"
                                + " number that stays)");
    }

    @Test
    void aLittleFasterIsNotWorthOtherBits() {
        secondsOf.putAll(Map.of(2, 1.0, 1, 0.8));
        steps(choice(2), 30);
        assertThat(measured).contains(1);
        assertThat(inUse).isEqualTo(2);
    }

    @Test
    void aLocalLossOnTheWayIsPassedIfItIsSmall() {
        secondsOf.putAll(Map.of(4, 1.0, 2, 1.05, 1, 0.5));
        steps(choice(4), 30);
        assertThat(inUse).isEqualTo(1);
    }

    @Test
    void whenTheMachineGrowsBusyOrQuietTheNumberFollows() {
        quiet();
        ThreadChoice choice = choice(8);
        steps(choice, 400);
        busy();
        steps(choice, 40);
        assertThat(inUse).isEqualTo(1);
        quiet();
        steps(choice, 2000);
        assertThat(inUse).isEqualTo(8);
        assertThat(notices).hasSize(2);
    }

    @Test
    void aRunOfLessThanAMinuteIsNotMeasured() {
        busy();
        ThreadChoice choice = choice(8);
        for (int i = 0; i < 25; i++) {
            choice.stepBegins();
            now += 1_000_000_000L;
            choice.stepEnds(0);
            assertThat(choice.due(50)).isFalse();
        }
        assertThat(choice.due(100)).isTrue();
    }

    @Test
    void aStopEndsTheMeasuringAfterThePass() {
        busy();
        ThreadChoice choice = choice(8);
        choice.choose(this::pass, () -> measured.size() >= 5);
        assertThat(measured).containsExactly(8, 8, 8, 4, 4);
        assertThat(inUse).isEqualTo(8);
        assertThat(notices).isEmpty();
    }

    @Test
    void aLongStepIsMeasuredOnce() {
        secondsOf.putAll(Map.of(2, 20.0, 1, 38.0));
        steps(choice(2), 10);
        assertThat(measured).containsExactly(2, 1);
        assertThat(inUse).isEqualTo(2);
    }

    @Test
    void aResumedRunBeginsWithItsNumberAndAtTheEndAllThreadsAreBack() {
        ThreadChoice choice = choice(4);
        choice.resume(2);
        assertThat(inUse).isEqualTo(2);
        choice.resume(16);
        assertThat(inUse).isEqualTo(4);
        choice.resume(1);
        choice.end();
        assertThat(inUse).isEqualTo(4);
    }
}
