package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NativesTest {
    @Test
    void saysWhatWasLoaded() {
        Natives natives = Natives.load();
        assertThat(natives.libtorch()).matches("\\d+\\.\\d+.*");
        assertThat(natives.javacpp()).matches("\\d+\\.\\d+.*");
        assertThat(natives.blas()).isIn("MKL", "OpenBLAS", "OpenBLAS (requested)", "mkl (requested)");
        assertThat(natives.cpuCapability()).isNotBlank();
        assertThat(natives.threads()).isEqualTo(Threads.count());
        assertThat(natives.summary()).contains(natives.libtorch(), natives.blas(), natives.cpuCapability());
    }

    @Test
    void threadsAreSetButForZero() {
        int before = Threads.count();
        try {
            Threads.use(1);
            assertThat(Threads.count()).isEqualTo(1);
            assertThat(Natives.load().summary()).endsWith("1 thread");
            Threads.use(0);
            assertThat(Threads.count()).isEqualTo(1);
        } finally {
            Threads.use(before);
        }
    }
}
