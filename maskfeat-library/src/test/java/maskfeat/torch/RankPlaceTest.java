package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankPlaceTest {
    private static final Map<String, String> TORCHRUN =
            Map.of("RANK", "3", "LOCAL_RANK", "1", "WORLD_SIZE", "4", "MASTER_ADDR", "node0", "MASTER_PORT", "29501");

    @Test
    void readsTorchrun() {
        assertThat(RankPlace.of(TORCHRUN))
                .contains(new RankPlace(3, 4, "node0", 29501, false, 0, "RANK and WORLD_SIZE"));
    }

    @Test
    void thePortIsTorchrunsWhereNoneIsSet() {
        Map<String, String> environment = new HashMap<>(TORCHRUN);
        environment.remove("MASTER_PORT");
        assertThat(RankPlace.of(environment).orElseThrow().port()).isEqualTo(29500);
    }

    @Test
    void readsWhoKeepsTheStoreAndRestarts() {
        Map<String, String> environment = new HashMap<>(TORCHRUN);
        environment.put("TORCHELASTIC_USE_AGENT_STORE", "True");
        environment.put("TORCHELASTIC_RESTART_COUNT", "2");
        assertThat(RankPlace.of(environment))
                .contains(new RankPlace(3, 4, "node0", 29501, true, 2, "RANK and WORLD_SIZE"));
    }

    @Test
    void readsKubeflow() {
        assertThat(RankPlace.of(Map.of(
                        "PET_NNODES", "2",
                        "PET_NPROC_PER_NODE", "1",
                        "PET_NODE_RANK", "1",
                        "PET_MASTER_ADDR", "job-node-0-0.job",
                        "PET_MASTER_PORT", "29400")))
                .contains(new RankPlace(1, 2, "job-node-0-0.job", 29400, false, 0, "PET_NODE_RANK and PET_NNODES"));
    }

    @Test
    void severalProcessesOfANodeNeedALauncher() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> RankPlace.of(Map.of("PET_NNODES", "2", "PET_NPROC_PER_NODE", "8", "PET_NODE_RANK", "1")))
                .withMessageContaining("PET_NPROC_PER_NODE is 8")
                .withMessageContaining("maskfeat launch");
    }

    @Test
    void readsSlurm() {
        assertThat(RankPlace.of(Map.of(
                        "SLURM_PROCID", "5",
                        "SLURM_LOCALID", "1",
                        "SLURM_NTASKS", "8",
                        "SLURM_JOB_NODELIST", "gpu[007-010,012],cpu1")))
                .contains(new RankPlace(5, 8, "gpu007", 29500, false, 0, "SLURM_PROCID and SLURM_NTASKS"));
    }

    /** Slurm puts a job back into its queue, within which torchrun may start processes again. */
    @Test
    void restartsOfAJobAndOfItsProcessesCount() {
        Map<String, String> again = Map.of(
                "SLURM_PROCID", "1",
                "SLURM_NTASKS", "2",
                "SLURM_JOB_NODELIST", "n1",
                "SLURM_RESTART_COUNT", "3");
        assertThat(RankPlace.of(again).orElseThrow().restarts()).isEqualTo(3);
        assertThat(RankPlace.restarts(again)).isEqualTo(3);
        assertThat(RankPlace.restarts(Map.of("TORCHELASTIC_RESTART_COUNT", "2", "SLURM_RESTART_COUNT", "3")))
                .isEqualTo(5);
        assertThat(RankPlace.restarts(Map.of())).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RankPlace.restarts(Map.of("SLURM_RESTART_COUNT", "often")))
                .withMessageContaining("SLURM_RESTART_COUNT is 'often'");
    }

    @Test
    void readsOpenMpi() {
        assertThat(RankPlace.of(
                        Map.of("OMPI_COMM_WORLD_RANK", "1", "OMPI_COMM_WORLD_SIZE", "2", "MASTER_ADDR", "10.0.0.1")))
                .contains(new RankPlace(
                        1, 2, "10.0.0.1", 29500, false, 0, "OMPI_COMM_WORLD_RANK and OMPI_COMM_WORLD_SIZE"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    node7             | node7
                    node7,node8       | node7
                    gpu[007-010,012]  | gpu007
                    gpu[3,5]          | gpu3
                    a-b[01-02],c      | a-b01
                    """)
    void namesTheFirstHostOfSlurm(String list, String first) {
        assertThat(RankPlace.firstHost(list)).isEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource({"RANK, WORLD_SIZE is not", "WORLD_SIZE, RANK is not"})
    void halfOfTheContractIsRefused(String there, String said) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RankPlace.of(Map.of(there, "1", "MASTER_ADDR", "node0")))
                .withMessageContaining(said);
        assertThat(RankPlace.of(Map.of(there, "1"))).isEmpty(); // who knows whose variable that is
    }

    @Test
    void oneProcessIsAlone() {
        Map<String, String> environment = new HashMap<>(TORCHRUN);
        environment.put("RANK", "0");
        environment.put("WORLD_SIZE", "1");
        assertThat(RankPlace.of(environment)).isEmpty();
        assertThat(RankPlace.of(Map.of("SLURM_PROCID", "0", "SLURM_NTASKS", "1", "SLURM_JOB_NODELIST", "n1")))
                .isEmpty();
        assertThat(RankPlace.of(Map.of())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "MASTER_ADDR,    , MASTER_ADDR is not set",
        "MASTER_PORT, 1e4, MASTER_PORT is '1e4'",
        "MASTER_PORT,   0, (MASTER_PORT) is 0",
        "RANK,          4, rank 4 of 4 cannot be",
        "RANK,         -1, rank -1 of 4 cannot be",
    })
    void namesTheVariableThatIsWrong(String name, String value, String message) {
        Map<String, String> environment = new HashMap<>(TORCHRUN);
        environment.put(name, value == null ? "" : value);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RankPlace.of(environment))
                .withMessageContaining(message);
    }
}
