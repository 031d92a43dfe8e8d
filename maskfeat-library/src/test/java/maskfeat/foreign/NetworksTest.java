package maskfeat.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import maskfeat.golden.GoldenDir;
import maskfeat.weights.MadeUpTensors;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorReader;
import maskfeat.weights.TorchCheckpoint;
import maskfeat.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files in which the names of a network have something before them, and files of several networks. */
class NetworksTest {
    @TempDir
    Path temp;

    private static Told named(String network) {
        return new Told(OptionalInt.empty(), Optional.of(network));
    }

    private static MadeUpTensors together(Map<String, MadeUpTensors> networks) {
        MadeUpTensors all = new MadeUpTensors();
        networks.forEach((prefix, tensors) ->
                tensors.prefixed(prefix).entries().values().forEach(entry -> all.with(entry.name(), entry.shape())));
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "_orig_mod.",
                "module._orig_mod.",
                "teacher.backbone.",
                "student.module.backbone.",
                "online_encoder.net.",
                "visual.trunk.",
                "a.b.c.d.e."
            })
    void whatStandsBeforeThePatchEmbeddingStandsBeforeTheNetwork(String wrapper) throws IOException {
        Renamed renamed = Layout.read(SmallNetworks.timm().prefixed(wrapper));

        assertThat(renamed.layout()).isEqualTo(Layout.TIMM);
        assertThat(renamed.wrapper()).isEqualTo(wrapper);
        assertThat(renamed.refusal()).isEmpty();
        assertThat(renamed.entries())
                .isEqualTo(Layout.read(SmallNetworks.timm()).entries());
        assertThat(ForeignNetwork.of(renamed).describe()).contains("7 classes");
    }

    @Test
    void otherTensorsOfTheFileAreNotTheNetworks() throws IOException {
        MadeUpTensors lightning = SmallNetworks.transformersVit("vit.")
                .prefixed("model.")
                .with("loss.weight", 7)
                .with("n_averaged");

        Renamed renamed = Layout.read(lightning);

        assertThat(renamed.refusal()).isEmpty();
        assertThat(renamed.unused()).containsKeys("loss.weight", "n_averaged");
        assertThat(renamed.unused().get("loss.weight")).contains("is not of the network under 'model.'");
        assertThat(renamed.nameInFile("norm.weight")).isEqualTo("model.vit.layernorm.weight");
    }

    @ParameterizedTest
    @CsvSource({
        "teacher.backbone., student.module.backbone., teacher, student",
        "module.base_encoder., module.momentum_encoder., module.base_encoder, module.momentum_encoder",
        "model., ema_model., model, ema_model",
        "'', teacher., ., teacher"
    })
    void severalNetworksAreListedAndOneIsChosenByName(String a, String b, String nameOfA, String nameOfB)
            throws IOException {
        MadeUpTensors both = together(Map.of(
                a, SmallNetworks.timm(),
                b, SmallNetworks.timm().with("head.weight", 9, 128).with("head.bias", 9)));

        assertThat(Layout.networks(both)).containsExactlyInAnyOrder(nameOfA, nameOfB);
        assertThatThrownBy(() -> Layout.read(both))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContainingAll("2 networks", "'" + nameOfA + "'", "'" + nameOfB + "'", "--network");
        assertThat(classes(both, nameOfA)).isEqualTo(7);
        assertThat(classes(both, nameOfB)).isEqualTo(9);
        assertThatThrownBy(() -> Layout.read(both, named("pupil")))
                .hasMessageContainingAll("no network of the name 'pupil'", "'" + nameOfB + "'");
    }

    private static int classes(TensorReader file, String name) throws IOException {
        ForeignNetwork network = ForeignNetwork.of(Layout.read(file, named(name)), OptionalInt.of(2));
        return ((ForeignNetwork.Classes) network.output()).count();
    }

    /** An average beside the weights is not taken, but said, and taken when it is asked for. */
    @Test
    void anAverageBesideTheWeightsIsSaidAndCanBeChosen() throws IOException {
        Path file = GoldenDir.resource("/weights-of-others").resolve("ema.pth");
        try (TorchCheckpoint plain = (TorchCheckpoint) Weights.open(file)) {
            assertThat(plain.stateDictKey()).contains("state_dict");
            assertThat(plain.otherKeys()).containsExactly("state_dict_ema");
            Renamed renamed = Layout.read(plain);
            assertThat(renamed.notes())
                    .anySatisfy(note -> assertThat(note)
                            .contains("under 'state_dict' are taken", "--network NAME", "'state_dict_ema'"));
        }
        try (TorchCheckpoint average = (TorchCheckpoint) Weights.open(file, Optional.of("state_dict_ema"))) {
            assertThat(average.stateDictKey()).contains("state_dict_ema");
            assertThat(Layout.read(average, named("state_dict_ema")).refusal()).isEmpty();
        }
        try (TensorReader none = Weights.open(file, Optional.of("nothing"))) {
            assertThatThrownBy(() -> Layout.read(none, named("nothing"))).hasMessageContaining("'nothing'");
        }
    }

    // ---- Heads ----

    private static MadeUpTensors ofWidth(long width) {
        MadeUpTensors wide = new MadeUpTensors();
        SmallNetworks.timm()
                .entries()
                .values()
                .forEach(entry -> wide.with(
                        entry.name(),
                        entry.shape().stream()
                                .map(side -> side % 128 == 0 ? side / 128 * width : side)
                                .toList()));
        return wide;
    }

    private static int heads(MadeUpTensors weights, int given) throws IOException {
        OptionalInt told = given == 0 ? OptionalInt.empty() : OptionalInt.of(given);
        return ForeignNetwork.of(Layout.read(weights), told)
                .backbone()
                .attentionHeads()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"192, 3", "384, 6", "512, 8", "768, 12", "1024, 16"})
    void widthsWhoseNetworksAllHaveTheSameHeadsAreAssumed(int width, int heads) throws IOException {
        assertThat(heads(ofWidth(width), 0)).isEqualTo(heads);
    }

    @ParameterizedTest
    @CsvSource({"1152, 16", "1280, 16", "1408, 16", "1536, 24", "1664, 16"})
    void widthsWhoseNetworksDifferMustBeTold(int width, int heads) throws IOException {
        assertThatThrownBy(() -> heads(ofWidth(width), 0))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContainingAll("how many heads", "--heads", "config.json");
        assertThat(heads(ofWidth(width), heads)).isEqualTo(heads);
    }

    @Test
    void mocoSmallNetworksMustBeTold() throws IOException {
        assertThatThrownBy(() -> heads(ofWidth(384).prefixed("module.base_encoder."), 0))
                .hasMessageContaining("MoCo v3");
        assertThat(heads(ofWidth(384).prefixed("module.base_encoder."), 12)).isEqualTo(12);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1280|{\"architecture\": \"vit_huge_patch14_224\"}|16",
                "1280|{\"architecture\": \"vit_huge_patch14_224.orig_in21k\"}|16",
                "1280|{\"architecture\": \"deit3_huge_patch14_224\"}|16",
                "1408|{\"architecture\": \"vit_giant_patch14_224\"}|16",
                "1536|{\"architecture\": \"vit_giant_patch14_dinov2\"}|24",
                "1664|{\"architecture\": \"vit_gigantic_patch14_224\"}|16",
                "1152|{\"architecture\": \"vit_so400m_patch14_siglip_224\"}|16",
                "768|{\"architecture\": \"vit_base_patch16_gap_224\"}|16",
                "768|{\"architecture\": \"mine\", \"model_args\": {\"num_heads\": 8}}|8",
                "256|{\"architecture\": \"vit_base_patch16_224\", \"model_args\": {\"embed_dim\": 256, \"num_heads\": 2}}|2",
                "1280|{\"num_attention_heads\": 16}|16"
            })
    void aConfigBesideTellsThem(int width, String config, int heads) throws IOException {
        Path file = temp.resolve("model.safetensors");
        Safetensors.write(file, Map.of(), ofWidth(width).sources());
        Files.writeString(temp.resolve("config.json"), config);
        try (Renamed renamed = Layout.read(Weights.open(file))) {
            assertThat(ForeignNetwork.of(renamed).backbone().attentionHeads()).hasValue(heads);
            assertThat(ForeignNetwork.of(renamed).assumed()).noneMatch(text -> text.contains("heads"));
        }
    }

    @Test
    void anArchitectureOfAnotherWidthSaysNothing() throws IOException {
        Path file = temp.resolve("model.safetensors");
        Safetensors.write(file, Map.of(), ofWidth(1408).sources());
        Files.writeString(temp.resolve("config.json"), "{\"architecture\": \"vit_huge_patch14_224\"}");
        try (Renamed renamed = Layout.read(Weights.open(file))) {
            assertThatThrownBy(() -> ForeignNetwork.of(renamed)).hasMessageContaining("--heads");
        }
    }
}
