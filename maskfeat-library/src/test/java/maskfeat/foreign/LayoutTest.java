package maskfeat.foreign;

import static maskfeat.weights.MadeUpTensors.bytes;
import static maskfeat.weights.MadeUpTensors.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import maskfeat.model.Classifier.Pooling;
import maskfeat.weights.DType;
import maskfeat.weights.MadeUpTensors;
import maskfeat.weights.OfficialNames;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {
    private static final Path NOWHERE = Path.of("made-up.safetensors");

    @TempDir
    Path folder;

    private static SortedMap<String, List<Long>> shapes(Stream<TensorEntry> entries) {
        return new TreeMap<>(entries.collect(Collectors.toMap(TensorEntry::name, TensorEntry::shape)));
    }

    private static SortedMap<String, List<Long>> shapes(Export export) {
        return shapes(export.tensors().stream().map(Safetensors.Source::entry));
    }

    private static SortedMap<String, List<Long>> shapes(TensorReader reader) {
        return shapes(reader.entries().values().stream());
    }

    private static void assertSameBytes(TensorReader actual, TensorReader expected) throws IOException {
        assertThat(actual.entries()).isEqualTo(expected.entries());
        for (String name : expected.entries().keySet()) {
            assertThat(bytes(actual, name)).as(name).isEqualTo(bytes(expected, name));
        }
    }

    private static List<String> originsOf(Renamed renamed, String ours) {
        return renamed.origins().getOrDefault(ours, List.of());
    }

    // ---------------------------------------------------------------- the published models

    @ParameterizedTest
    @ValueSource(strings = {"vit_b_pt", "vit_b_ft", "mvitv2_s_pt", "mvitv2_s_ft"})
    void theNamesOfOpenMmlabAreThoseOfTheTable(String model) throws IOException {
        SortedMap<String, List<Long>> theirs = new TreeMap<>();
        Set<String> kernels = new LinkedHashSet<>();
        MadeUpTensors foreign = new MadeUpTensors();
        for (OfficialNames row : OfficialNames.of(model)) {
            foreign.with(row.openMmlab(), row.shape());
            if (row.isBuffer()) {
                kernels.add(row.openMmlab());
            } else {
                theirs.put(row.openMmlab(), row.shape());
            }
        }
        MadeUpTensors ours = OfficialNames.ours(model);
        Export export = Layout.OPENMMLAB.write(ours, model.endsWith("ft") ? Pooling.MEAN : null);
        assertThat(shapes(export)).isEqualTo(theirs);
        assertThat(export.left()).isEmpty();

        Renamed renamed = Layout.read(foreign);
        assertThat(renamed.layout()).isEqualTo(Layout.OPENMMLAB);
        assertThat(shapes(renamed)).isEqualTo(shapes(ours));
        assertThat(renamed.unused().keySet()).isEqualTo(kernels);
        assertThat(renamed.refusal()).isEmpty();
        for (OfficialNames row : OfficialNames.of(model)) {
            if (!row.isBuffer()) {
                assertThat(originsOf(renamed, row.official())).containsExactly(row.openMmlab());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"vit_b_pt", "vit_b_ft"})
    void theNamesOfTimmAreThoseOfTheTable(String model) throws IOException {
        SortedMap<String, List<Long>> theirs = new TreeMap<>();
        SortedMap<String, List<Long>> both = new TreeMap<>();
        Set<String> onlyOurs = new LinkedHashSet<>();
        MadeUpTensors foreign = new MadeUpTensors();
        for (OfficialNames row : OfficialNames.of(model)) {
            if (row.inTimm()) {
                theirs.put(row.timm(), row.shape());
                both.put(row.official(), row.shape());
                foreign.with(row.timm(), row.shape());
            } else if (!row.isBuffer()) {
                onlyOurs.add(row.official());
            }
        }
        Export export = Layout.TIMM.write(OfficialNames.ours(model), Pooling.MEAN);
        assertThat(shapes(export)).isEqualTo(theirs);
        assertThat(export.left().keySet()).containsExactlyInAnyOrderElementsOf(onlyOurs);

        Renamed renamed = Layout.read(foreign);
        assertThat(shapes(renamed)).isEqualTo(both);
        assertThat(renamed.unused()).isEmpty();
        assertThat(renamed.refusal()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vit_b_pt", "vit_b_ft", "mvitv2_s_pt", "mvitv2_s_ft"})
    void theOfficialNamesAreOurs(String model) throws IOException {
        MadeUpTensors official = new MadeUpTensors();
        OfficialNames.of(model).forEach(row -> official.with(row.official(), row.shape()));
        Renamed renamed = Layout.read(official);
        MadeUpTensors ours = OfficialNames.ours(model);
        assertThat(renamed.layout()).isEqualTo(Layout.SLOWFAST);
        assertThat(shapes(renamed)).isEqualTo(shapes(ours));
        assertThat(renamed.unused().keySet())
                .allMatch(name -> name.startsWith("hogs.0."))
                .hasSize(model.endsWith("pt") ? 2 : 0);
        Export export = Layout.SLOWFAST.write(ours, null);
        assertThat(shapes(export)).isEqualTo(shapes(ours));
        assertThat(export.left()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"TIMM", "HF_VIT", "HF_VIDEOMAE"})
    void multiscaleTransformersOfVideoAreNotWrittenForImagePrograms(Layout layout) {
        assertThatThrownBy(() -> layout.write(OfficialNames.ours("mvitv2_s_ft"), Pooling.MEAN))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContaining("'blocks.0.attn.pool_q.weight'");
    }

    // ---------------------------------------------------------------- there and back

    private static Stream<Arguments> foreigners() {
        MadeUpTensors mae = SmallNetworks.videoMae();
        return Stream.of(
                Arguments.of(Layout.SLOWFAST, SmallNetworks.pretrained(), null),
                Arguments.of(Layout.SLOWFAST, SmallNetworks.classifier(), Pooling.MEAN),
                Arguments.of(Layout.SLOWFAST, SmallNetworks.multiscale(true, true, false), Pooling.MEAN),
                Arguments.of(Layout.TIMM, SmallNetworks.timm(), Pooling.CLASS_TOKEN),
                Arguments.of(Layout.HF_VIT, SmallNetworks.transformersVit("vit."), Pooling.CLASS_TOKEN),
                Arguments.of(Layout.HF_VIDEOMAE, mae, Pooling.MEAN));
    }

    @ParameterizedTest
    @MethodSource("foreigners")
    void foreignWeightsComeBackByteByByte(Layout layout, MadeUpTensors foreign, @Nullable Pooling pooling)
            throws IOException {
        Path there = folder.resolve("ours.safetensors");
        Path back = folder.resolve("theirs.safetensors");
        try (Renamed renamed = Layout.read(foreign)) {
            assertThat(renamed.layout()).isEqualTo(layout);
            assertThat(renamed.unused()).isEmpty();
            Safetensors.write(
                    there,
                    Map.of(),
                    renamed.entries().values().stream()
                            .map(entry -> Safetensors.Source.of(renamed, entry))
                            .toList());
        }
        try (Safetensors.Reader ours = Safetensors.open(there)) {
            Export export = layout.write(ours, pooling);
            assertThat(export.left()).isEmpty();
            Safetensors.write(back, Map.of(), export.tensors());
        }
        try (Safetensors.Reader theirs = Safetensors.open(back)) {
            assertSameBytes(theirs, foreign);
        }
    }

    private static Stream<Arguments> ours() {
        return Stream.of(
                Arguments.of(Layout.OPENMMLAB, SmallNetworks.pretrained(), null),
                Arguments.of(Layout.OPENMMLAB, SmallNetworks.classifier(), Pooling.MEAN),
                Arguments.of(Layout.OPENMMLAB, SmallNetworks.classifier(), Pooling.CLASS_TOKEN),
                Arguments.of(Layout.OPENMMLAB, SmallNetworks.multiscale(false, false, true), null),
                Arguments.of(Layout.OPENMMLAB, SmallNetworks.multiscale(false, true, false), Pooling.CLASS_TOKEN),
                Arguments.of(Layout.TIMM, SmallNetworks.classifier(), Pooling.MEAN),
                Arguments.of(Layout.TIMM, SmallNetworks.classifier(), Pooling.CLASS_TOKEN),
                Arguments.of(Layout.TIMM, SmallNetworks.classifier(), Pooling.NORM_MEAN),
                Arguments.of(Layout.HF_VIT, SmallNetworks.classifier(), Pooling.CLASS_TOKEN));
    }

    @ParameterizedTest
    @MethodSource("ours")
    void oursComeBackByteByByte(Layout layout, MadeUpTensors ours, @Nullable Pooling pooling) throws IOException {
        Path there = folder.resolve("theirs.safetensors");
        Export export = layout.write(ours, pooling);
        assertThat(export.left()).isEmpty();
        Safetensors.write(there, Map.of(), export.tensors());
        try (Renamed back = Layout.read(Safetensors.open(there))) {
            assertThat(back.layout()).isEqualTo(layout);
            assertThat(back.refusal()).isEmpty();
            assertSameBytes(back, ours);
            Pooling heard = back.variant().pooling();
            assertThat(heard == pooling || ours.entries().containsKey("mask_token") || pooling == Pooling.NORM_MEAN)
                    .as("pooling " + heard)
                    .isTrue();
        }
    }

    @Test
    void piecesAreReadFromAnywhere() throws IOException {
        Renamed renamed = Layout.read(SmallNetworks.transformersVit("vit."));
        byte[] all = bytes(renamed, "blocks.1.attn.qkv.bias");
        TensorEntry entry = entry(renamed, "blocks.1.attn.qkv.bias");
        for (int offset = 0; offset < all.length; offset += 37) {
            ByteBuffer some = ByteBuffer.allocate(Math.min(701, all.length - offset));
            renamed.read(entry, offset, some);
            assertThat(some.array()).isEqualTo(Arrays.copyOfRange(all, offset, offset + some.capacity()));
        }
        assertThat(originsOf(renamed, "blocks.1.attn.qkv.bias"))
                .containsExactly(
                        "vit.encoder.layer.1.attention.attention.query.bias",
                        "vit.encoder.layer.1.attention.attention.key.bias",
                        "vit.encoder.layer.1.attention.attention.value.bias");
        assertThat(all[512]).isEqualTo(MadeUpTensors.at("vit.encoder.layer.1.attention.attention.key.bias", 0));
        assertThatThrownBy(() -> renamed.read(entry, all.length - 1, ByteBuffer.allocate(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("which has 1536");
        assertThatThrownBy(() -> renamed.read(
                        new TensorEntry("vit.layernorm.bias", DType.F32, List.of(128L)), ByteBuffer.allocate(512)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no tensor");
    }

    // ---------------------------------------------------------------- transformers

    @Test
    void aBareVitOfTransformersIsKnownWithoutItsPrefix() throws IOException {
        Renamed renamed = Layout.read(SmallNetworks.transformersVit(""));
        assertThat(renamed.layout()).isEqualTo(Layout.HF_VIT);
        assertThat(renamed.refusal()).isEmpty();
        assertThat(renamed.unused()).containsOnlyKeys("pooler.dense.weight", "pooler.dense.bias");
        assertThat(renamed.entries()).containsKeys("norm.weight", "pos_embed", "blocks.1.mlp.fc2.bias");
        assertThat(renamed.epsilon()).isEqualTo(1e-12);
    }

    @Test
    void whatTransformersVitHasNoPlaceForIsNamed() throws IOException {
        Export mean = Layout.HF_VIT.write(SmallNetworks.classifier(), Pooling.MEAN);
        assertThat(mean.left())
                .containsOnlyKeys("norm.weight", "norm.bias", "head.projection.weight", "head.projection.bias");
        assertThat(mean.left().values()).allMatch(reason -> reason.contains("takes the class token"));
        assertThat(mean.notes()).singleElement().asString().contains("layer_norm_eps");
        Export pretrained = Layout.HF_VIT.write(SmallNetworks.pretrained(), null);
        assertThat(pretrained.left()).hasSize(5).containsKey("mask_token");
    }

    @Test
    void videoMaesKeysHaveNoBias() throws IOException {
        Renamed renamed = Layout.read(SmallNetworks.videoMae());
        assertThat(renamed.layout()).isEqualTo(Layout.HF_VIDEOMAE);
        byte[] bias = bytes(renamed, "blocks.0.attn.qkv.bias");
        assertThat(bias).hasSize(4 * 384);
        for (int i = 512; i < 1024; i++) {
            assertThat(bias[i]).isZero();
        }
        assertThat(bias[1024]).isEqualTo(MadeUpTensors.at("videomae.encoder.layer.0.attention.attention.v_bias", 0));
        assertThat(originsOf(renamed, "blocks.0.attn.qkv.bias")).element(1).isEqualTo("zeros");
        assertThat(renamed.refusal()).isEmpty();
    }

    @Test
    void videoMaesDecoderIsNotNeeded() throws IOException {
        MadeUpTensors pretraining = SmallNetworks.videoMae()
                .with("encoder_to_decoder.weight", 64, 128)
                .with("mask_token", 1, 1, 64)
                .with("decoder.decoder_layers.0.output.dense.weight", 64, 256);
        for (String head : List.of("fc_norm.weight", "fc_norm.bias", "classifier.weight", "classifier.bias")) {
            pretraining.without(head);
        }
        assertThat(Layout.read(pretraining).unused()).hasSize(3);
    }

    @Test
    void aBiasForKeysThatVideoMaeDoesNotStoreIsTold() throws IOException {
        MadeUpTensors ours = SmallNetworks.classifier().without("cls_token").without("pos_embed");
        ours.with("patch_embed.proj.weight", 128, 3, 2, 16, 16);
        Export export = Layout.HF_VIDEOMAE.write(ours, Pooling.MEAN);
        assertThat(export.notes()).anyMatch(note -> note.contains("'blocks.0.attn.qkv.bias' has a bias for keys"));
        assertThat(shapes(export)).isEqualTo(shapes(SmallNetworks.videoMae()));
        assertThatThrownBy(() -> Layout.HF_VIDEOMAE.write(SmallNetworks.classifier(), Pooling.MEAN))
                .hasMessageContaining("has 'cls_token': VideoMAE has no class token");
    }

    // ---------------------------------------------------------------- who is it

    private static Stream<Arguments> prefixed() {
        List<String> wrappers =
                List.of("module.", "model.", "encoder.", "backbone.", "module.model.", "model.backbone.");
        return Stream.of(
                        Map.entry(Layout.SLOWFAST, SmallNetworks.classifier()),
                        Map.entry(Layout.SLOWFAST, SmallNetworks.multiscale(false, true, false)),
                        Map.entry(Layout.TIMM, SmallNetworks.timm()),
                        Map.entry(Layout.HF_VIT, SmallNetworks.transformersVit("vit.")),
                        Map.entry(Layout.HF_VIDEOMAE, SmallNetworks.videoMae()))
                .flatMap(network -> wrappers.stream().map(w -> Arguments.of(w, network.getKey(), network.getValue())));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("prefixed")
    void prefixesOfAllNamesAreTakenOff(String prefix, Layout layout, MadeUpTensors foreign) throws IOException {
        MadeUpTensors wrapped = foreign.prefixed(prefix);
        assertThat(Layout.recognise(NOWHERE, wrapped.entries().values())).isEqualTo(layout);
        assertThat(shapes(Layout.read(wrapped))).isEqualTo(shapes(Layout.read(foreign)));
    }

    @Test
    void openMmlabsBackboneIsKnownWithAndWithoutItsPrefix() throws IOException {
        MadeUpTensors whole = new MadeUpTensors();
        for (OfficialNames row : OfficialNames.of("vit_b_ft")) {
            whole.with(row.openMmlab(), row.shape());
        }
        assertThat(Layout.recognise(NOWHERE, whole.prefixed("module.").entries().values()))
                .isEqualTo(Layout.OPENMMLAB);
        MadeUpTensors bare = new MadeUpTensors();
        whole.entries().values().stream()
                .filter(entry -> entry.name().startsWith("backbone."))
                .forEach(entry -> bare.with(entry.name().substring("backbone.".length()), entry.shape()));
        Renamed renamed = Layout.read(bare);
        assertThat(renamed.layout()).isEqualTo(Layout.OPENMMLAB);
        assertThat(renamed.refusal()).isEmpty();
        assertThat(renamed.entries()).hasSize(150).containsKey("norm.weight");
    }

    @Test
    void aBackboneAloneHasTheNamesOfBoth() throws IOException {
        assertThat(Layout.read(SmallNetworks.ours()).layout()).isEqualTo(Layout.SLOWFAST);
    }

    @Test
    void namesOfNobodyAreListedWithWhoIsKnown() {
        MadeUpTensors vgg = new MadeUpTensors()
                .with("features.0.weight", 64, 3, 3, 3)
                .with("features.0.bias", 64)
                .with("classifier.0.weight", 10, 512)
                .with("features.2.weight", 64, 64, 3, 3);
        assertThatThrownBy(() -> Layout.read(vgg))
                .isInstanceOf(UnfitWeights.class)
                .hasMessage(
                        "made-up.safetensors has 4 tensors (classifier.0.weight, features.0.bias, features.0.weight, ...) that are named"
                                + " like none of mmaction2 VideoMAE, OpenMMLab, torchvision, transformers DINOv2, transformers ViT in memory,"
                                + " transformers VideoMAE, transformers ViT, VideoMAE, MoCo v3, timm, PySlowFast");
        assertThatThrownBy(() -> Layout.read(new MadeUpTensors())).hasMessage("made-up.safetensors has no tensors");
    }

    // ---------------------------------------------------------------- what is not ours

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            timm | blocks.0.ls1.gamma | 128 | LayerScale
            timm | reg_token | 1x4x128 | register tokens
            timm | dist_token | 1x1x128 | second class token
            timm | blocks.1.attn.q_norm.weight | 64 | normalises queries and keys
            timm | blocks.1.mlp.fc1_g.weight | 512x128 | gated MLP
            timm | blocks.0.gamma_1 | 128 | LayerScale
            timm | blocks.0.attn.relative_position_bias_table | 10x2 | bias for relative positions
            timm | blocks.0.attn.q_bias | 128 | without a bias for keys
            timm | patch_embed.norm.weight | 128 | more than one convolution
            timm | norm_pre.weight | 128 | more than one convolution
            timm | attn_pool.latent | 1x1x128 | pools by attention
            timm | fc_norm.weight | 128 | two norms before the head
            timm | blocks.0.adapter.weight | 8x128 | has no counterpart in our networks
            hf | vit.encoder.layer.0.layer_scale1.lambda1 | 128 | LayerScale
            hf | vit.embeddings.distillation_token | 1x1x128 | second class token
            ours | pos_embed_spatial | 1x4x128 | apart
            ours | blocks.0.attn.q.weight | 128x128 | SEPARATE_QKV
            ours | patch_embed.norm_stem.weight | 128 | more than one convolution
            """)
    void whatOursDoNotComputeIsRefusedByTheTensorThatShowsIt(String of, String name, String shape, String why)
            throws IOException {
        MadeUpTensors network = switch (of) {
            case "timm" -> SmallNetworks.timm();
            case "hf" -> SmallNetworks.transformersVit("vit.");
            default -> SmallNetworks.pretrained();
        };
        network.with(name, Stream.of(shape.split("x")).map(Long::valueOf).toList());
        Renamed renamed = Layout.read(network);
        assertThat(renamed.refusal())
                .get()
                .asString()
                .contains("'" + name + "'")
                .contains(why);
        assertThatThrownBy(() -> ForeignNetwork.of(renamed))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageStartingWith("made-up.safetensors has ");
    }

    @ParameterizedTest
    @CsvSource({
        "cls_token, has no 'cls_token': our vision transformers always have a class token",
        "pos_embed, has no 'pos_embed': our vision transformers learn a position for each token",
        "blocks.1.attn.qkv.bias, has 'blocks.1.attn.qkv.weight' without a bias beside it; all our layers have one"
    })
    void whatOursHaveMustBeThere(String name, String why) throws IOException {
        assertThat(Layout.read(SmallNetworks.timm().without(name)).refusal()).contains(why);
    }

    @Test
    void aClassTokenWithoutAPositionHasZero() throws IOException {
        Renamed renamed = Layout.read(SmallNetworks.timm().with("pos_embed", 1, 4, 128));
        assertThat(renamed.refusal()).isEmpty();
        assertThat(MadeUpTensors.entry(renamed, "pos_embed").shape()).containsExactly(1L, 5L, 128L);
        byte[] bytes = MadeUpTensors.bytes(renamed, "pos_embed");
        assertThat(Arrays.copyOf(bytes, 512)).containsOnly(0);
        assertThat(bytes[512]).isEqualTo(MadeUpTensors.at("pos_embed", 0));
    }

    @Test
    void scalesOfSomeBlocksAloneAreRefused() throws IOException {
        MadeUpTensors all = SmallNetworks.timm();
        for (int i = 0; i < 2; i++) {
            all.with("blocks." + i + ".ls1.gamma", 128).with("blocks." + i + ".ls2.gamma", 128);
        }
        assertThat(Layout.read(all).refusal()).isEmpty();
        assertThat(Layout.read(all.with("blocks.0.ls1.gamma", 64)).refusal())
                .get()
                .asString()
                .contains("'blocks.0.ls1.gamma' of F32 [64]", "not a number for each row");
        assertThat(Layout.read(all.without("blocks.0.ls1.gamma")).refusal())
                .get()
                .asString()
                .contains("'blocks.1.ls1.gamma' (LayerScale) and nothing like it for 'blocks.0.attn.proj.weight'");
    }

    @Test
    void partsOfOneTensorMustBeAlike() throws IOException {
        String key = "vit.encoder.layer.0.attention.attention.key.weight";
        Renamed missing = Layout.read(SmallNetworks.transformersVit("vit.").without(key));
        assertThat(missing.refusal()).get().asString().contains("and not '" + key + "', which belongs to it");
        Renamed other = Layout.read(SmallNetworks.transformersVit("vit.").with(key, 64, 128));
        assertThat(other.refusal()).get().asString().contains("[128, 128] beside '" + key + "' of F32 [64, 128]");
        Renamed typed = Layout.read(
                SmallNetworks.transformersVit("vit.").with(new TensorEntry(key, DType.F16, List.of(128L, 128L))));
        assertThat(typed.refusal()).get().asString().contains("of F16 [128, 128]");
    }

    @Test
    void multiscaleTransformersOfImagesAreRefused() throws IOException {
        MadeUpTensors timm = new MadeUpTensors()
                .with("patch_embed.proj.weight", 96, 3, 7, 7)
                .with("stages.0.blocks.0.attn.pool_q.weight", 96, 1, 3, 3)
                .with("stages.0.blocks.0.norm1.weight", 96)
                .with("norm.weight", 768);
        assertThat(Layout.read(timm).layout()).isEqualTo(Layout.TIMM);
        assertThat(Layout.read(timm).refusal()).get().asString().contains("multiscale transformer of images");
        MadeUpTensors mm = new MadeUpTensors();
        for (OfficialNames row : OfficialNames.of("mvitv2_s_ft")) {
            boolean pool = row.openMmlab().contains(".attn.pool_");
            mm.with(row.openMmlab(), pool ? List.of(96L, 1L, 3L, 3L) : row.shape());
        }
        assertThat(Layout.read(mm).layout()).isEqualTo(Layout.OPENMMLAB);
        assertThat(Layout.read(mm).refusal()).get().asString().contains("pools images");
    }

    @Test
    void aHeadBehindAnotherLayerIsLeftOut() throws IOException {
        Renamed renamed = Layout.read(
                SmallNetworks.timm().with("pre_logits.fc.weight", 128, 128).with("pre_logits.fc.bias", 128));
        assertThat(renamed.refusal()).isEmpty();
        assertThat(renamed.unused())
                .containsOnlyKeys("pre_logits.fc.weight", "pre_logits.fc.bias", "head.weight", "head.bias");
    }

    @Test
    void theDecoderOfMaeIsLeftOut() throws IOException {
        MadeUpTensors mae = SmallNetworks.ours()
                .with("norm.weight", 128)
                .with("norm.bias", 128)
                .with("mask_token", 1, 1, 64)
                .with("decoder_pos_embed", 1, 5, 64)
                .with("decoder_embed.weight", 64, 128)
                .with("decoder_blocks.0.norm1.weight", 64);
        Renamed renamed = Layout.read(mae);
        assertThat(renamed.layout()).isEqualTo(Layout.TIMM);
        assertThat(renamed.refusal()).isEmpty();
        assertThat(renamed.unused()).hasSize(4);
    }

    @Test
    void aPatchEmbeddingOfOneFrameLosesItsTime() throws IOException {
        MadeUpTensors video = SmallNetworks.classifier().with("patch_embed.proj.weight", 128, 3, 1, 16, 16);
        Renamed renamed = Layout.read(video);
        assertThat(entry(renamed, "patch_embed.proj.weight").shape()).containsExactly(128L, 3L, 16L, 16L);
        assertThat(bytes(renamed, "patch_embed.proj.weight")).isEqualTo(bytes(video, "patch_embed.proj.weight"));
        assertThat(renamed.notes()).singleElement().asString().contains("without its one step of time");
    }

    @Test
    void networksOfCubesAreNotWrittenForImagePrograms() {
        MadeUpTensors cubes = SmallNetworks.classifier().with("patch_embed.proj.weight", 128, 3, 2, 16, 16);
        for (Layout layout : List.of(Layout.TIMM, Layout.HF_VIT, Layout.OPENMMLAB)) {
            assertThatThrownBy(() -> layout.write(cubes, Pooling.MEAN))
                    .isInstanceOf(UnfitWeights.class)
                    .hasMessageContaining("'patch_embed.proj.weight' of cubes of several frames");
        }
    }

    @Test
    void onlyOurNamesAreWrittenToOthers() {
        assertThatThrownBy(() -> Layout.TIMM.write(SmallNetworks.transformersVit("vit."), Pooling.CLASS_TOKEN))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContaining("does not have our names");
    }

    // ---------------------------------------------------------------- config.json

    private Renamed beside(MadeUpTensors tensors, String config) throws IOException {
        Path file = folder.resolve("model.safetensors");
        Files.writeString(folder.resolve("config.json"), config);
        Safetensors.write(file, Map.of(), tensors.sources());
        return Layout.read(Safetensors.open(file));
    }

    @Test
    void theEpsilonOfConfigJsonCounts() throws IOException {
        try (Renamed same = beside(SmallNetworks.transformersVit("vit."), "{\"layer_norm_eps\": 1e-06}")) {
            assertThat(same.epsilon()).isEqualTo(1e-6);
        }
        try (Renamed other = beside(SmallNetworks.transformersVit("vit."), "{\"layer_norm_eps\": 1e-05}")) {
            assertThat(other.epsilon()).isEqualTo(1e-5);
        }
    }

    @Test
    void anotherActivationIsRefused() throws IOException {
        try (Renamed tanh = beside(SmallNetworks.transformersVit("vit."), "{\"hidden_act\": \"gelu_new\"}")) {
            assertThat(tanh.refusal())
                    .contains("lies beside a config.json with hidden_act 'gelu_new'; ours have the exact gelu");
        }
    }

    @Test
    void aConfigJsonThatIsNoneIsNamed() {
        for (String text : List.of("{", "[]", "[".repeat(60) + "]".repeat(60))) {
            assertThatThrownBy(() -> beside(SmallNetworks.transformersVit("vit."), text))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageContaining("config.json is ");
        }
    }
}
