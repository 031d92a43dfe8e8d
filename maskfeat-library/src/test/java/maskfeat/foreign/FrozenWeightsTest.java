package maskfeat.foreign;

import static maskfeat.foreign.FrozenNetworks.BACKBONE;
import static maskfeat.foreign.FrozenNetworks.DALLE;
import static maskfeat.foreign.FrozenNetworks.RESNET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import maskfeat.weights.MadeUpTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FrozenWeightsTest {
    private static FrozenWeights read(MadeUpTensors tensors) throws IOException {
        return FrozenWeights.in(tensors, Told.NOTHING).orElseThrow();
    }

    private static Told network(String name) {
        return new Told(OptionalInt.empty(), Optional.of(name));
    }

    @ParameterizedTest
    @MethodSource
    void eachLayoutIsRecognised(MadeUpTensors tensors, String title, String wrapper, FrozenNetwork network)
            throws IOException {
        FrozenWeights weights = read(tensors);
        assertThat(weights.title()).startsWith(title);
        assertThat(weights.wrapper()).isEqualTo(wrapper);
        assertThat(weights.network()).isEqualTo(network);
        assertThat(weights.entries().keySet())
                .containsExactlyInAnyOrderElementsOf(network.shapes().keySet());
        assertThat(weights.entries().size() + weights.unused().size())
                .as("nothing is lost without a word")
                .isEqualTo(tensors.entries().size());
        for (String name : List.of("layer4.2.conv3.weight", "blocks.output.conv.w")) {
            if (network.shapes().containsKey(name)) {
                assertThat(MadeUpTensors.bytes(weights, name))
                        .isEqualTo(MadeUpTensors.bytes(tensors, weights.nameInFile(name)));
            }
        }
    }

    static Stream<Arguments> eachLayoutIsRecognised() {
        return Stream.of(
                Arguments.of(FrozenNetworks.torchvision(), "torchvision ResNet", "", RESNET),
                Arguments.of(FrozenNetworks.of(RESNET), "torchvision ResNet", "", RESNET),
                Arguments.of(FrozenNetworks.dino(), "torchvision ResNet", "", BACKBONE),
                Arguments.of(FrozenNetworks.dinoCheckpoint(), "DINO ResNet", "teacher.module.backbone.", BACKBONE),
                Arguments.of(FrozenNetworks.mocoV2(), "MoCo v2 ResNet", "module.encoder_q.", BACKBONE),
                Arguments.of(FrozenNetworks.mocoV3(), "MoCo v3 ResNet", "module.base_encoder.", BACKBONE),
                Arguments.of(FrozenNetworks.torchvision().prefixed("module."), "torchvision ResNet", "module.", RESNET),
                Arguments.of(FrozenNetworks.of(DALLE), "DALL-E", "", DALLE),
                Arguments.of(FrozenNetworks.flava(""), "FLAVA", "", DALLE),
                Arguments.of(FrozenNetworks.flava("image_codebook."), "FLAVA", "image_codebook.", DALLE));
    }

    /** The second network of a file is there to be asked for. */
    @Test
    void oneOfSeveralNetworksIsTakenByItsName() throws IOException {
        assertThat(FrozenWeights.in(FrozenNetworks.dinoCheckpoint(), network("student"))
                        .orElseThrow()
                        .wrapper())
                .isEqualTo("student.module.backbone.");
        assertThat(read(FrozenNetworks.mocoV2()).networks()).containsExactly("module.encoder_k", "module.encoder_q");
        assertThatThrownBy(() -> FrozenWeights.in(FrozenNetworks.mocoV2(), network("teacher")))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContaining("has no network of the name 'teacher'");
    }

    @ParameterizedTest
    @MethodSource
    void anotherNetworkIsRefusedByTheTensorThatShowsIt(MadeUpTensors tensors, String reason) {
        assertThatThrownBy(() -> read(tensors)).isInstanceOf(UnfitWeights.class).hasMessageContaining(reason);
    }

    static Stream<Arguments> anotherNetworkIsRefusedByTheTensorThatShowsIt() {
        MadeUpTensors basic = FrozenNetworks.torchvision();
        List.copyOf(basic.entries().keySet()).stream()
                .filter(name -> name.contains("conv3") || name.contains("bn3"))
                .forEach(basic::without);
        return Stream.of(
                Arguments.of(
                        FrozenNetworks.torchvision().without("layer3.4.bn2.running_var"),
                        "has no 'layer3.4.bn2.running_var', which ResNet-50"),
                Arguments.of(FrozenNetworks.torchvision().without("conv1.weight"), "has no 'conv1.weight'"),
                Arguments.of(
                        FrozenNetworks.torchvision().without("conv1.weight").with("conv1.0.weight", 4, 3, 3, 3),
                        "its stem is of several convolutions (ResNet-C, -D)"),
                Arguments.of(FrozenNetworks.torchvision().without("fc.bias"), "has no 'fc.bias'"),
                Arguments.of(
                        FrozenNetworks.torchvision()
                                .without("layer2.1.conv1.weight")
                                .without("layer2.1.bn1.bias"),
                        "has no 'layer2.1.conv1.weight', 'layer2.1.bn1.bias', which"),
                Arguments.of(
                        FrozenNetworks.mocoV2().without("module.encoder_q.layer4.0.downsample.0.weight"),
                        "has no 'module.encoder_q.layer4.0.downsample.0.weight'"),
                Arguments.of(basic, "blocks of two convolutions (ResNet-18, -34)"),
                Arguments.of(
                        FrozenNetworks.torchvision().with("layer1.0.conv2.weight", 4, 2, 3, 3), "grouped (ResNeXt)"),
                Arguments.of(
                        FrozenNetworks.torchvision().with("layer1.0.se.fc1.weight", 4, 16, 1, 1),
                        "has 'layer1.0.se.fc1.weight' [4, 16, 1, 1], which has no place"),
                Arguments.of(
                        FrozenNetworks.torchvision().with("conv1.weight", 8, 3, 3, 3),
                        "has 'conv1.weight' [8, 3, 3, 3] instead of [8, 3, 7, 7]"),
                Arguments.of(
                        FrozenNetworks.torchvision().with("layer1.9999.conv1.weight", 4, 16, 1, 1),
                        "has a block of the number 9999"),
                Arguments.of(
                        FrozenNetworks.of(DALLE).without("blocks.group_3.block_1.id_path.b"),
                        "has no 'blocks.group_3.block_1.id_path.b', which DALL-E's encoder"),
                Arguments.of(
                        FrozenNetworks.of(DALLE).with("blocks.group_1.block_1.id_path.w", 8, 8, 1, 1),
                        "has 'blocks.group_1.block_1.id_path.w'"),
                Arguments.of(
                        FrozenNetworks.flava("").without("blocks.output.conv.weight"),
                        "has no 'blocks.output.conv.w'"));
    }

    @Test
    void otherNetworksAreNone() throws IOException {
        assertThat(FrozenWeights.in(SmallNetworks.timm(), Told.NOTHING)).isEmpty();
        assertThat(FrozenWeights.isOne(SmallNetworks.pretrained())).isFalse();
    }

    /** They are not trained here, and whoever tries is told what they are for. */
    @Test
    void openedAsABackboneTheyAreNamedAsTeachers() {
        for (MadeUpTensors tensors : List.of(FrozenNetworks.torchvision(), FrozenNetworks.flava(""))) {
            assertThatThrownBy(() -> Layout.read(tensors))
                    .isInstanceOf(UnfitWeights.class)
                    .hasMessageContaining("they can be teachers");
        }
    }

    @Test
    void sizesOfThePublishedOnesAreThoseOfTheirPapers() {
        BottleneckResNet fifty = new BottleneckResNet(
                64,
                List.of(
                        new BottleneckResNet.Stage(3, 64, 256),
                        new BottleneckResNet.Stage(4, 128, 512),
                        new BottleneckResNet.Stage(6, 256, 1024),
                        new BottleneckResNet.Stage(3, 512, 2048)),
                1000);
        assertThat(fifty.describe()).startsWith("ResNet-50 ").endsWith(" 25,557,032 parameters");
        assertThat(fifty.shapes()).hasSize(320 - 53); // the rest count steps
        assertThat(new DalleEncoder(256, 4, 2, 8192).describe()).contains(" 53,786,240 parameters");
        assertThat(new DalleEncoder(256, 4, 2, 8192).shapes()).hasSize(74);
        assertThat(new DalleEncoder(256, 4, 2, 8192).postGain()).isEqualTo(1.0 / 64);
    }
}
