package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import maskfeat.media.VideoReader.Limits;
import org.junit.jupiter.api.Test;

class FileInputTest {
    @Test
    void theDeadlineCountsTheThreadsOwnWorkAndNotItsWaiting() throws Exception {
        try (FileInput input = FileInput.open(MediaSource.of("bytes", new byte[5000]))) {
            input.allow(Duration.ofMillis(200));
            Thread.sleep(300); // as if the processors were busy with others
            assertThat(input.isLate()).isFalse();
            while (!input.isLate()) {
                Thread.onSpinWait();
            }
            input.allow(Duration.ofDays(1));
            assertThat(input.isLate()).isFalse();
        }
    }

    @Test
    void largeFilesHaveMoreTime() {
        Limits limits = new Limits(1000, 10, Duration.ofSeconds(60));

        assertThat(limits.deadline(1000)).hasSeconds(60);
        assertThat(limits.deadline(160L << 20)).hasSeconds(600);
    }
}
