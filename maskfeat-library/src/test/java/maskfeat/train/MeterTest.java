package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeterTest {
    @Test
    void meansAreOverWhatWasAddedSinceItWasCleared() {
        Meter meter = new Meter();
        meter.add(Map.of("loss", 100.0, "norm", 1.0));
        meter.clear();
        meter.add(Map.of("loss", 1.0, "norm", 8.0));
        meter.add(Map.of("loss", 2.0, "norm", 10.0));
        assertThat(meter.count()).isEqualTo(2);
        assertThat(meter.mean("loss")).isEqualTo(1.5);
        assertThat(meter.means()).isEqualTo(Map.of("loss", 1.5, "norm", 9.0));
    }

    @Test
    void theMeanOfNothingIsNotANumber() {
        Meter meter = new Meter();
        assertThat(meter.mean("loss")).isNaN();
        assertThat(meter.means()).isEmpty();
        meter.add(Map.of("loss", 1.0));
        assertThat(meter.mean("norm")).isNaN();
        meter.clear();
        assertThat(meter.mean("loss")).isNaN();
    }

    @Test
    void restoredSumsGoOnAsIfNothingHadHappened() {
        Meter meter = new Meter();
        meter.add(Map.of("loss", 0.1));
        meter.add(Map.of("loss", 0.2));
        Meter resumed = new Meter();
        resumed.add(Map.of("loss", 55.0, "other", 1.0));
        resumed.restore(meter.sums(), meter.count());
        meter.add(Map.of("loss", 0.4));
        resumed.add(Map.of("loss", 0.4));
        assertThat(resumed.mean("loss")).isEqualTo(meter.mean("loss"));
        assertThat(resumed.means()).isEqualTo(meter.means());
        assertThat(resumed.count()).isEqualTo(3);
    }

    @Test
    void whatItGaveOutDoesNotChange() {
        Meter meter = new Meter();
        meter.add(Map.of("loss", 1.0));
        Map<String, Double> sums = meter.sums();
        meter.add(Map.of("loss", 1.0));
        assertThat(sums).isEqualTo(Map.of("loss", 1.0));
    }

    @Test
    void rewoundItIsAsItWasWhenItWasMarked() {
        Meter meter = new Meter();
        meter.add(Map.of("loss", 1.0));
        meter.mark();
        meter.add(Map.of("loss", 5.0));
        meter.clear();
        meter.add(Map.of("norm", 7.0));
        meter.rewind();
        assertThat(meter.means()).isEqualTo(Map.of("loss", 1.0));
        meter.restore(Map.of("loss", 6.0), 2);
        meter.add(Map.of("loss", 5.0));
        meter.rewind();
        assertThat(meter.means()).isEqualTo(Map.of("loss", 3.0));
    }

    @Test
    void namesKeepTheirOrderThroughACheckpoint() {
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 20; i > 0; i--) {
            values.put("name" + i, 1.0);
        }
        Meter meter = new Meter();
        meter.add(values);
        Meter resumed = new Meter();
        resumed.restore(meter.sums(), meter.count());
        assertThat(meter.sums().keySet()).containsExactlyElementsOf(values.keySet());
        assertThat(resumed.means().keySet()).containsExactlyElementsOf(values.keySet());
    }
}
