package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevicesTest {
    @Test
    void theCpuIsAlwaysThere() {
        assertThat(Devices.named("cpu").is_cpu()).isTrue();
        assertThat(Devices.named("CPU").is_cpu()).isTrue();
    }

    @Test
    void autoIsTheFirstGpuOrElseTheCpu() {
        Device device = Devices.named("auto");
        assertThat(device.is_cuda()).isEqualTo(Devices.cudaCount() > 0);
        assertThat(device.is_cpu()).isEqualTo(Devices.cudaCount() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "", "cuda:", "cuda:x", "cuda:-1", "cuda:1234", "cpu:0", "cuda 0"})
    void otherNamesAreRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Devices.named(name))
                .withMessage("device '" + name + "' is none of auto, cpu, cuda, cuda:N");
    }

    @Test
    void aGpuThatIsNotThereIsRefused() {
        String beyond = "cuda:" + Math.max(Devices.cudaCount(), 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Devices.named(beyond))
                .withMessageStartingWith("device '" + beyond + "' is not here: ");
    }
}
