package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import maskfeat.golden.GoldenDir;
import maskfeat.weights.Difference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights in forms that are not read: their owners are told what to do. */
class RefusedFormsTest {
    private static final Path ALL = GoldenDir.resource("/weights-of-others");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "module.pth|torch.nn.modules.container.Sequential|state_dict()",
                "own.pth|Net|state_dict()",
                "inside.pth|torch.nn.modules.linear.Linear|state_dict()",
                "float8.pth|layer.bias' is of type torch.float8_e4m3fn|float32",
                "float8.safetensors|F8_E4M3|BF16 or F32",
                "distributed|distributed checkpoint|dcp_to_torch",
                "distributed/__0_0.distcp|distributed checkpoint|dcp_to_torch",
                "distributed/.metadata|distributed checkpoint|dcp_to_torch"
            })
    void theMessageSaysWhatItIsAndWhatToDo(String file, String what, String remedy) {
        assertThatThrownBy(() -> OpenedWeights.open(ALL.resolve("refused").resolve(file)))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(file, what, remedy);
    }

    /** Of older folders of transformers: read like an index of safetensors files. */
    @Test
    void shardedPyTorchCheckpointsAreRead() throws IOException {
        try (OpenedWeights one = OpenedWeights.open(ALL.resolve("transformers-vit"));
                OpenedWeights several = OpenedWeights.open(ALL.resolve("sharded-bin"))) {
            assertThat(several.spec()).isEqualTo(one.spec());
            assertThat(Difference.of(one.tensors(), several.tensors()).none()).isTrue();
        }
    }
}
