package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import maskfeat.foreign.FrozenNetworks;
import maskfeat.weights.MadeUpTensors;
import org.junit.jupiter.api.Test;

/** What {@code weights inspect} says of networks that can be teachers. */
class WeightsFactsOfTeachersTest {
    private static Map<String, Object> facts(MadeUpTensors tensors) throws IOException {
        return WeightsFacts.of(tensors);
    }

    @Test
    void aResNetIsNamedWithWhatItGives() throws IOException {
        Map<String, Object> facts = facts(FrozenNetworks.torchvision());
        assertThat(facts.get("names")).asString().startsWith("torchvision ResNet (timm's and DINO's");
        assertThat(facts.get("network")).asString().startsWith("ResNet-50 (bottlenecks 3, 4, 6, 3");
        assertThat(facts)
                .containsEntry(
                        "as teacher",
                        "features of 128 numbers, a cell of 32 px; scores of 7 classes a cell; it is not trained here");
        assertThat(facts.get("not used")).asString().contains("bn1.num_batches_tracked, which counts steps");
    }

    @Test
    void ofSeveralNetworksAllAreNamedAndTheTeachersIsTaken() throws IOException {
        assertThat(facts(FrozenNetworks.mocoV2()))
                .containsEntry("networks", "module.encoder_k, module.encoder_q")
                .containsEntry("names", "MoCo v2 ResNet, under 'module.encoder_q.'")
                .containsEntry("as teacher", "features of 128 numbers, a cell of 32 px; it is not trained here");
        assertThat(facts(FrozenNetworks.mocoV3()))
                .containsEntry("names", "MoCo v3 ResNet, under 'module.base_encoder.'");
        assertThat(facts(FrozenNetworks.dinoCheckpoint()))
                .containsEntry("networks", "student, teacher")
                .containsEntry("names", "DINO ResNet, under 'teacher.module.backbone.'");
    }

    @Test
    void encodersOfTokensAreNamed() throws IOException {
        String given = "tokens of a vocabulary of 32, a cell of 8 px; it is not trained here";
        assertThat(facts(FrozenNetworks.of(FrozenNetworks.DALLE)))
                .containsEntry("names", "DALL-E")
                .containsEntry("as teacher", given);
        assertThat(facts(FrozenNetworks.flava("image_codebook.")))
                .containsEntry("names", "FLAVA's codebook, under 'image_codebook.'")
                .containsEntry("as teacher", given);
    }

    @Test
    void whatMakesAnotherNetworkOfItIsNamed() throws IOException {
        assertThat(facts(FrozenNetworks.torchvision().without("layer1.2.bn3.bias"))
                        .get("network"))
                .asString()
                .startsWith("cannot be built here: it has no 'layer1.2.bn3.bias', which ResNet-50");
    }

    /** ViTs are named as ever; of several the teacher, or the one that its program goes on with. */
    @Test
    void vitsOfDinoDeitAndMocoAreNamed() throws IOException {
        assertThat(facts(vit("", true))).containsEntry("names", "timm");
        assertThat(facts(vit("", true)).get("network")).asString().endsWith("images of 32 px; 7 classes");
        assertThat(facts(vit("", false))).containsEntry("names", "timm");
        MadeUpTensors checkpoint = vit("student.module.backbone.", false);
        vit("teacher.backbone.", false).entries().values().forEach(checkpoint::with);
        assertThat(facts(checkpoint))
                .containsEntry("networks", "student, teacher")
                .containsEntry("names", "timm, under 'teacher.backbone.'");
        MadeUpTensors moco = vit("module.base_encoder.", false);
        vit("module.momentum_encoder.", false).entries().values().forEach(moco::with);
        assertThat(facts(moco)).containsEntry("names", "timm, under 'module.base_encoder.'");
    }

    /** As teachers open them, and what {@code weights inspect} says of them. */
    @Test
    void whatCanBeTrainedHereIsNamedAsATeacherToo() throws IOException {
        assertThat(facts(vit("", true)))
                .containsEntry("as teacher", "features of 64 numbers, a cell of 16 px; scores of 7 classes a cell");
        assertThat(facts(vit("", false))).containsEntry("as teacher", "features of 64 numbers, a cell of 16 px");
    }

    /** As DINO has them; with DeiT's classifier, if asked. */
    private static MadeUpTensors vit(String prefix, boolean head) {
        MadeUpTensors tensors = new MadeUpTensors()
                .with(prefix + "cls_token", 1, 1, 64)
                .with(prefix + "pos_embed", 1, 5, 64)
                .with(prefix + "patch_embed.proj.weight", 64, 3, 16, 16)
                .with(prefix + "patch_embed.proj.bias", 64);
        for (int i = 0; i < 2; i++) {
            String block = prefix + "blocks." + i + ".";
            layer(tensors, block + "norm1", 64);
            layer(tensors, block + "attn.qkv", 192, 64);
            layer(tensors, block + "attn.proj", 64, 64);
            layer(tensors, block + "norm2", 64);
            layer(tensors, block + "mlp.fc1", 256, 64);
            layer(tensors, block + "mlp.fc2", 64, 256);
        }
        layer(tensors, prefix + "norm", 64);
        if (head) {
            layer(tensors, prefix + "head", 7, 64);
        }
        return tensors;
    }

    private static void layer(MadeUpTensors tensors, String name, long... weight) {
        tensors.with(name + ".weight", weight).with(name + ".bias", weight[0]);
    }
}
