package maskfeat.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import maskfeat.disk.DamagedFile;
import maskfeat.foreign.ForeignNetwork.Classes;
import maskfeat.foreign.ForeignNetwork.Features;
import maskfeat.foreign.ForeignNetwork.Input;
import maskfeat.foreign.ForeignNetwork.Predictions;
import maskfeat.model.Classifier.Pooling;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.weights.MadeUpTensors;
import maskfeat.weights.OfficialNames;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignNetworkTest {
    /** As the official program writes it into checkpoints, of which most is left out. */
    private static final String VIT_CFG = """
            DATA:
              MEAN: [0.485, 0.456, 0.406]
              NUM_FRAMES: 1
              STD: [0.229, 0.224, 0.225]
              TRAIN_CROP_SIZE: 32
            CONTRASTIVE:
              DELTA_CLIPS_MAX: .inf
            MASK:
              ENABLE: false
            MODEL:
              NUM_CLASSES: 7
            MVIT:
              CLS_EMBED_ON: true
              DEPTH: 2
              EMBED_DIM: 128
              NUM_HEADS: 4
              PATCH_2D: true
              PATCH_KERNEL: [16, 16]
              PATCH_STRIDE: [16, 16]
              USE_MEAN_POOLING: true
            """;

    private static final String MVIT_CFG = """
            DATA:
              MEAN: [0.45, 0.45, 0.45]
              NUM_FRAMES: 4
              SAMPLING_RATE: 4
              STD: [0.225, 0.225, 0.225]
              TRAIN_CROP_SIZE: 64
            MASK:
              ENABLE: true
              PRETRAIN_DEPTH: [3]
            MODEL:
              NUM_CLASSES: 400
            MVIT:
              CLS_EMBED_ON: true
              DEPTH: 4
              DIM_MUL_IN_ATT: false
              EMBED_DIM: 8
              MODE: conv
              NUM_HEADS: 1
              PATCH_STRIDE: [2, 4, 4]
              POOL_FIRST: false
              POOL_KV_STRIDE_ADAPTIVE: [1, 4, 4]
              POOL_Q_STRIDE: [[0, 1, 1, 1], [1, 1, 2, 2], [2, 1, 1, 1], [3, 1, 1, 1]]
              RESIDUAL_POOLING: true
              REV:
                ENABLE: false
            """;

    @TempDir
    Path folder;

    private static ForeignNetwork shape(MadeUpTensors tensors) throws IOException {
        return ForeignNetwork.of(Layout.read(tensors));
    }

    private static ForeignNetwork shape(MadeUpTensors tensors, String cfg) throws IOException {
        return shape(tensors.noting("cfg", cfg));
    }

    private static void assertUnfit(MadeUpTensors tensors, String... said) {
        assertThatThrownBy(() -> shape(tensors))
                .isInstanceOf(UnfitWeights.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(said));
    }

    // ---------------------------------------------------------------- shapes alone

    @Test
    void aVitTellsAllButItsHeads() throws IOException {
        ForeignNetwork shape = shape(SmallNetworks.classifier());
        assertThat(shape.backbone()).isEqualTo(new Vit.Config(16, 1, 128, 2, 2, 4, 0));
        assertThat(shape.input()).isEqualTo(new Input(1, 32, 0, List.of(), List.of()));
        assertThat(shape.output()).isEqualTo(new Classes(7, Pooling.MEAN, List.of()));
        assertThat(shape.pooling()).isEqualTo(Pooling.MEAN);
        assertThat(shape.assumed())
                .containsExactlyInAnyOrder(
                        "2 heads of 64: shapes are the same for any number",
                        "classes are read off the mean of the patches, as MaskFeat's are: names do not tell");
    }

    @Test
    void theCallerMayTellTheHeads() throws IOException {
        MadeUpTensors odd = new MadeUpTensors();
        SmallNetworks.pretrained()
                .entries()
                .values()
                .forEach(entry -> odd.with(
                        entry.name(),
                        entry.shape().stream()
                                .map(side -> side % 128 == 0 ? side / 128 * 24 : side)
                                .toList()));
        assertUnfit(odd, "does not tell how many heads its attention has", "a width of 24", "the number must be given");
        ForeignNetwork shape = ForeignNetwork.of(Layout.read(odd), OptionalInt.of(3));
        assertThat(shape.backbone()).isEqualTo(new Vit.Config(16, 1, 24, 2, 3, 4, 0));
        assertThat(shape.output()).isEqualTo(new Predictions(List.of(1), List.of(108)));
        assertThat(shape.assumed()).isEmpty();
        assertThatThrownBy(() -> ForeignNetwork.of(Layout.read(odd), OptionalInt.of(5)))
                .hasMessageContaining("does not divide into 5 heads");
    }

    @Test
    void aBackboneAloneSaysNothing() throws IOException {
        assertThat(shape(SmallNetworks.ours()).output()).isEqualTo(new Features(false));
        assertThat(shape(SmallNetworks.ours()).pooling()).isNull();
        assertThat(shape(SmallNetworks.transformersVit("")).output()).isEqualTo(new Features(true));
    }

    @ParameterizedTest
    @CsvSource({"9, 16, 16", "129, 16, 64", "17, 2, 64", "46, 10, 48"})
    void clipsOfVisionTransformersAreGuessedFromPositions(int positions, int frames, int side) throws IOException {
        MadeUpTensors clip = SmallNetworks.ours()
                .with("patch_embed.proj.weight", 128, 3, 2, 16, 16)
                .with("pos_embed", 1, positions, 128);
        ForeignNetwork shape = shape(clip);
        assertThat(shape.backbone()).isEqualTo(new Vit.Config(16, 2, 128, 2, 2, 4, 0));
        assertThat(shape.input().frames()).isEqualTo(frames);
        assertThat(shape.input().side()).isEqualTo(side);
        assertThat(shape.assumed().stream().filter(a -> a.contains("positions may be of other clips")))
                .hasSize(1);
    }

    @Test
    void theCfgTellsTheClip() throws IOException {
        MadeUpTensors clip = SmallNetworks.ours()
                .with("patch_embed.proj.weight", 128, 3, 2, 16, 16)
                .with("pos_embed", 1, 17, 128)
                .noting("cfg", "DATA: {NUM_FRAMES: 8, TRAIN_CROP_SIZE: 32, SAMPLING_RATE: 3}\nMVIT: {NUM_HEADS: 8}");
        assertThat(shape(clip).input()).isEqualTo(new Input(8, 32, 3, List.of(), List.of()));
        assertThat(shape(clip).assumed()).isEmpty();
        clip.noting("cfg", "DATA: {NUM_FRAMES: 6}");
        assertUnfit(clip, "'pos_embed' [1, 17, 128] for 16 tokens", "cfg DATA.NUM_FRAMES says 6 frames");
    }

    @ParameterizedTest
    @CsvSource({"false, false, true", "false, true, false", "true, true, false", "true, false, true"})
    void anMvitTellsWhereItWidensAndPools(boolean inAttention, boolean poolLast, boolean predicts) throws IOException {
        ForeignNetwork shape = shape(SmallNetworks.multiscale(inAttention, poolLast, predicts));
        // Only where the last stage pools do the tables tell how many keys there are.
        int kvStride = poolLast ? 4 : 8;
        assertThat(shape.backbone())
                .isEqualTo(new Mvit.Config(8, 1, List.of(1, 1, 2), kvStride, poolLast, inAttention, true, 4, 0));
        assertThat(shape.assumed().stream().anyMatch(a -> a.contains("one key for 8 x 8 tokens")))
                .isNotEqualTo(poolLast);
        assertThat(shape.input()).isEqualTo(new Input(4, 64, 0, List.of(), List.of()));
        assertThat(shape.output())
                .isEqualTo(
                        predicts
                                ? new Predictions(List.of(3), List.of(27))
                                : new Classes(7, inAttention ? Pooling.CLASS_TOKEN : Pooling.MEAN, List.of()));
    }

    @Test
    void openMmlabTakesTheClassTokenOfAnMvit() throws IOException {
        MadeUpTensors foreign = new MadeUpTensors();
        for (OfficialNames row : OfficialNames.of("mvitv2_s_ft")) {
            foreign.with(row.openMmlab(), row.shape());
        }
        assertThat(shape(foreign).pooling()).isEqualTo(Pooling.CLASS_TOKEN);
        assertThat(shape(foreign.without("backbone.cls_token")).pooling()).isEqualTo(Pooling.NORM_MEAN);
        Export mean = Layout.OPENMMLAB.write(OfficialNames.ours("mvitv2_s_ft"), Pooling.MEAN);
        assertThat(mean.notes()).singleElement().asString().contains("its scores are others");
    }

    @Test
    void anMvitMayHaveNoClassToken() throws IOException {
        ForeignNetwork shape =
                shape(SmallNetworks.multiscale(false, true, false).without("cls_token"));
        assertThat(((Mvit.Config) shape.backbone()).classToken()).isFalse();
    }

    // ---------------------------------------------------------------- what contradicts itself

    @Test
    void tensorsMustFitTogether() {
        assertUnfit(
                SmallNetworks.classifier().with("blocks.1.mlp.fc1.bias", 256),
                "has 'blocks.1.mlp.fc1.bias' [256] (by our names) instead of [512]");
        assertUnfit(
                SmallNetworks.classifier().without("blocks.1.norm2.bias"), "'blocks.1.norm2.weight' without a bias");
        assertUnfit(
                SmallNetworks.classifier().without("blocks.0.norm1.weight").without("blocks.0.norm1.bias"),
                "has no 'blocks.0.norm1.weight'");
        assertUnfit(
                SmallNetworks.classifier().with("pos_embed", 1, 8, 128),
                "7 tokens, which are those of no square input");
        assertUnfit(SmallNetworks.classifier().with("mask_token", 1, 1, 64), "'mask_token' [1, 1, 64]");
        assertUnfit(
                SmallNetworks.classifier().with("patch_embed.proj.weight", 128, 3, 16, 14),
                "'patch_embed.proj.weight' [128, 3, 16, 14] (by our names) instead of [128, 3, 14, 14]");
        assertUnfit(
                SmallNetworks.classifier().without("norm.weight").without("norm.bias"),
                "has 'head.projection.weight' and no 'norm.weight' before it");
    }

    /** With another hidden width in a block's MLP. */
    private static MadeUpTensors withMlp(MadeUpTensors tensors, int block, int hidden) {
        String mlp = "blocks." + block + ".mlp.";
        long in = MadeUpTensors.entry(tensors, mlp + "fc1.weight").shape().get(1);
        long out = MadeUpTensors.entry(tensors, mlp + "fc2.weight").shape().get(0);
        return tensors.with(mlp + "fc1.weight", hidden, in)
                .with(mlp + "fc1.bias", hidden)
                .with(mlp + "fc2.weight", out, hidden);
    }

    private static MadeUpTensors withMlps(MadeUpTensors tensors, int... hidden) {
        for (int i = 0; i < hidden.length; i++) {
            withMlp(tensors, i, hidden[i]);
        }
        return tensors;
    }

    @Test
    void theRatioOfTheMlpsIsReadFromTheirShapes() throws IOException {
        ForeignNetwork vit = shape(withMlps(SmallNetworks.timm(), 384, 384));
        assertThat(vit.backbone()).isEqualTo(new Vit.Config(16, 1, 128, 2, 2, 3, 0));
        ForeignNetwork mvit = shape(withMlps(SmallNetworks.multiscale(false, true, false), 24, 48, 96, 96));
        assertThat(((Mvit.Config) mvit.backbone()).mlpRatio()).isEqualTo(3);
    }

    /** Rounded down, 2.6 times 8, 16 and 32 are 20, 41 and 83: only ratios from 83 / 32 to below 42 / 16 make them. */
    @Test
    void theRatioMakesTheHiddenWidthsOfAllBlocks() throws IOException {
        MadeUpTensors tensors = withMlps(SmallNetworks.multiscale(true, true, false), 20, 41, 83, 83);
        double ratio = ((Mvit.Config) shape(tensors).backbone()).mlpRatio();
        assertThat(List.of((int) (8 * ratio), (int) (16 * ratio), (int) (32 * ratio)))
                .containsExactly(20, 41, 83);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 49, 127, 129, 341, 383, 1021})
    void anyHiddenWidthComesBackFromItsRatio(int hidden) throws IOException {
        Vit.Config trunk = (Vit.Config)
                shape(withMlps(SmallNetworks.timm(), hidden, hidden)).backbone();
        assertThat((int) (trunk.dim() * trunk.mlpRatio())).isEqualTo(hidden);
    }

    @Test
    void mlpsOfSeveralRatiosAreRefused() {
        assertUnfit(
                withMlp(SmallNetworks.classifier(), 1, 384),
                "has 'blocks.1.mlp.fc1.weight' [384, 128], and other blocks have MLPs of 4.0 times their width");
    }

    @Test
    void aRatioThatIsSaidMustBeThatOfTheTensors() throws IOException {
        String cfg = VIT_CFG.replace("NUM_HEADS: 4", "NUM_HEADS: 4\n  MLP_RATIO: 2.999");
        MadeUpTensors narrow = withMlps(SmallNetworks.classifier(), 383, 383);
        assertThat(((Vit.Config) shape(narrow, cfg).backbone()).mlpRatio()).isEqualTo(2.999);
        assertUnfit(
                SmallNetworks.classifier().noting("cfg", cfg),
                "has 'blocks.0.mlp.fc1.weight' [512, 128], and cfg MVIT.MLP_RATIO says that the hidden layer has 2.999");
    }

    @Test
    void multiscaleTensorsMustFitTogether() {
        assertUnfit(
                SmallNetworks.multiscale(false, true, false).with("pos_embed", 1, 513, 8),
                "has 'pos_embed', which has no place in an MViT of ours");
        assertUnfit(
                SmallNetworks.multiscale(false, true, false).with("blocks.3.attn.rel_pos_h", 9, 8),
                "has tables of relative positions of 31 to 9 rows");
        assertUnfit(
                SmallNetworks.multiscale(false, true, false).with("blocks.0.attn.rel_pos_w", 29, 8),
                "frames that are not square");
        assertUnfit(
                SmallNetworks.multiscale(false, true, false).with("patch_embed.proj.weight", 8, 3, 3, 4, 4),
                "instead of [8, 3, 3, 7, 7]");
    }

    @Test
    void widthsMustDoubleWhereStagesBegin() {
        assertUnfit(
                SmallNetworks.multiscale(false, true, false)
                        .with("blocks.1.mlp.fc2.weight", 24, 64)
                        .with("blocks.1.mlp.fc2.bias", 24),
                "has 'blocks.1.mlp.fc2.weight' [24, 64] (by our names) instead of [32, 64]");
        assertUnfit(
                SmallNetworks.multiscale(false, true, false).with("blocks.2.attn.pool_k.weight", 4, 1, 3, 3, 3),
                "has 'blocks.2.attn.pool_k.weight' [4, 1, 3, 3, 3] (by our names) instead of [8, 1, 3, 3, 3]");
        assertUnfit(
                SmallNetworks.multiscale(false, true, false).with("blocks.2.attn.rel_pos_t", 5, 8),
                "has 'blocks.2.attn.rel_pos_t' [5, 8] (by our names) instead of [3, 8]");
    }

    /** Tables for 16 million x 16 million tokens, and more blocks than anybody trains. */
    @Test
    void sizesBeyondAllMemoryAreRefusedBeforeAnythingIsBuilt() {
        MadeUpTensors wide = SmallNetworks.multiscale(false, true, false);
        for (int i = 0; i < 4; i++) {
            wide.with("blocks." + i + ".attn.rel_pos_h", (1L << 25 - Math.min(i, 2)) - 1, 8);
        }
        wide.with("blocks.0.attn.rel_pos_w", (1L << 25) - 1, 8);
        assertUnfit(wide, "is for a network that cannot be: a clip of 4 frames", "is larger than any network reads");
        MadeUpTensors deep = SmallNetworks.ours();
        for (int i = 2; i < 1001; i++) {
            deep.with("blocks." + i + ".norm1.weight", 128)
                    .with("blocks." + i + ".norm1.bias", 128)
                    .with("blocks." + i + ".mlp.fc1.weight", 512, 128)
                    .with("blocks." + i + ".mlp.fc1.bias", 512);
        }
        assertUnfit(deep, "depth 1001 at most 1000");
    }

    /** The position codes of 32 million keys would need gigabytes if they were computed. */
    @Test
    void largeClipsAreComparedWithoutComputingTheirPositionCodes() throws IOException {
        MadeUpTensors tensors = SmallNetworks.multiscale(false, true, false);
        int[] rows = {8191, 4095, 4095, 2047};
        for (int i = 0; i < 4; i++) {
            tensors.with("blocks." + i + ".attn.rel_pos_h", rows[i], 8)
                    .with("blocks." + i + ".attn.rel_pos_w", rows[i], 8);
        }
        assertThat(shape(tensors).input().side()).isEqualTo(16384);
    }

    @Test
    void severalHeadsNeedTheCfg() throws IOException {
        MadeUpTensors two = SmallNetworks.multiscale(false, false, true)
                .with("pred_head.transforms.1.0.weight", 32)
                .with("pred_head.transforms.1.0.bias", 32)
                .with("pred_head.projections.1.weight", 27, 32)
                .with("pred_head.projections.1.bias", 27)
                .with("pred_head.transforms.0.0.weight", 16)
                .with("pred_head.transforms.0.0.bias", 16)
                .with("pred_head.projections.0.weight", 27, 16);
        assertUnfit(two, "predicts after 2 blocks", "nothing tells after which");
        assertThat(shape(two, MVIT_CFG.replace("[3]", "[0, 3]")).output())
                .isEqualTo(new Predictions(List.of(0, 3), List.of(27, 27)));
        two.noting("cfg", MVIT_CFG.replace("[3]", "[1, 3]"));
        assertUnfit(two, "has 'pred_head.transforms.0.0.weight' [16] (by our names) instead of [32]");
    }

    @Test
    void blocksAfterTheLastThatPredictsAreInTheCfg() throws IOException {
        MadeUpTensors early = SmallNetworks.multiscale(false, false, true);
        for (String name : List.copyOf(early.entries().keySet())) {
            if (name.startsWith("blocks.2.") || name.startsWith("blocks.3.")) {
                early.without(name);
            }
        }
        ForeignNetwork shape = shape(early, MVIT_CFG.replace("[3]", "[1]"));
        assertThat(((Mvit.Config) shape.backbone()).stages()).containsExactly(1, 1, 2);
        assertThat(shape.output()).isEqualTo(new Predictions(List.of(1), List.of(27)));
    }

    // ---------------------------------------------------------------- PySlowFast's cfg

    @Test
    void theCfgDecidesWhatIsOtherwiseAssumed() throws IOException {
        ForeignNetwork vit = shape(SmallNetworks.classifier(), VIT_CFG);
        assertThat(vit.backbone()).isEqualTo(new Vit.Config(16, 1, 128, 2, 4, 4, 0));
        assertThat(vit.input())
                .isEqualTo(new Input(1, 32, 0, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225)));
        assertThat(vit.output()).isEqualTo(new Classes(7, Pooling.MEAN, List.of()));
        assertThat(vit.assumed()).isEmpty();
        ForeignNetwork token =
                shape(SmallNetworks.classifier(), VIT_CFG.replace("USE_MEAN_POOLING: true", "USE_MEAN_POOLING: false"));
        assertThat(token.pooling()).isEqualTo(Pooling.CLASS_TOKEN);

        ForeignNetwork mvit = shape(SmallNetworks.multiscale(false, false, true), MVIT_CFG);
        assertThat(mvit.backbone()).isEqualTo(new Mvit.Config(8, 1, List.of(1, 1, 2), 4, false, false, true, 4, 0));
        assertThat(mvit.input())
                .isEqualTo(new Input(4, 64, 4, List.of(0.45, 0.45, 0.45), List.of(0.225, 0.225, 0.225)));
        assertThat(mvit.assumed()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DEPTH: 2 | DEPTH: 12 | tensors for blocks 2, and cfg MVIT.DEPTH says 12
            EMBED_DIM: 128 | EMBED_DIM: 768 | tensors for width 128, and cfg MVIT.EMBED_DIM says 768
            NUM_CLASSES: 7 | NUM_CLASSES: 1000 | tensors for classes 7, and cfg MODEL.NUM_CLASSES says 1000
            NUM_HEADS: 4 | NUM_HEADS: 5 | 5 heads (cfg MVIT.NUM_HEADS)
            TRAIN_CROP_SIZE: 32 | TRAIN_CROP_SIZE: 224 | those of 32 px, and cfg DATA.TRAIN_CROP_SIZE says 224 px
            PATCH_STRIDE: [16, 16] | PATCH_STRIDE: [8, 8] | MVIT.PATCH_STRIDE [8,8]
            """)
    void aCfgThatContradictsTheTensorsIsRefusedNamingBoth(String was, String is, String said) {
        assertUnfit(SmallNetworks.classifier().noting("cfg", VIT_CFG.replace(was, is)), said);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DIM_MUL_IN_ATT: false | DIM_MUL_IN_ATT: true | tensors for widening in attention 0, and cfg MVIT.DIM_MUL_IN_ATT says 1
            CLS_EMBED_ON: true | CLS_EMBED_ON: false | tensors for class tokens 1, and cfg MVIT.CLS_EMBED_ON says 0
            NUM_HEADS: 1 | NUM_HEADS: 2 | tensors for heads 1, and cfg MVIT.NUM_HEADS says 2
            NUM_FRAMES: 4 | NUM_FRAMES: 16 | tensors for frames 4, and cfg DATA.NUM_FRAMES says 16
            TRAIN_CROP_SIZE: 64 | TRAIN_CROP_SIZE: 224 | tensors for side 64, and cfg DATA.TRAIN_CROP_SIZE says 224
            [2, 1, 1, 1] | [2, 1, 2, 2] | or not with cfg MVIT.POOL_Q_STRIDE [1, 2, 2, 1]
            [2, 1, 1, 1] | [2, 2, 1, 1] | ours pool rows and columns alike and not time
            POOL_FIRST: false | POOL_FIRST: true | MVIT.POOL_FIRST true; ours have pooling after the projections
            RESIDUAL_POOLING: true | RESIDUAL_POOLING: false | ours have residual pooling
            MODE: conv | MODE: max | ours have pooling by convolution
            ENABLE: false | ENABLE: true | our blocks are not reversible
            [1, 4, 4] | [2, 4, 4] | MVIT.POOL_KV_STRIDE_ADAPTIVE [2, 4, 4]
            """)
    void aCfgOfAnotherMultiscaleTransformerIsRefused(String was, String is, String said) {
        assertThat(MVIT_CFG).contains(was);
        assertUnfit(SmallNetworks.multiscale(false, false, true).noting("cfg", MVIT_CFG.replace(was, is)), said);
    }

    @Test
    void aCfgThatIsNoYamlIsDamage() {
        for (String cfg : List.of("MVIT: [", "a: b: c", "x: " + "[".repeat(60) + "]".repeat(60))) {
            assertThatThrownBy(() -> shape(SmallNetworks.classifier(), cfg))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageContaining("has a cfg that is not the YAML it should be");
        }
        assertThatThrownBy(() -> shape(SmallNetworks.classifier(), "a".repeat((1 << 20) + 1)))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining("more than 1048576 are not read");
    }

    @Test
    void tagsAndAliasesInACfgMakeNothing() throws IOException {
        String bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nd: !!javax.script.ScriptEngineManager [z]\n";
        assertThat(shape(SmallNetworks.classifier(), bomb + VIT_CFG).backbone())
                .isEqualTo(new Vit.Config(16, 1, 128, 2, 4, 4, 0));
    }

    // ---------------------------------------------------------------- config.json

    private ForeignNetwork beside(MadeUpTensors tensors, String config) throws IOException {
        MadeUpTensors here = new MadeUpTensors(folder.resolve("model.safetensors"));
        tensors.entries().values().forEach(here::with);
        Files.writeString(folder.resolve("config.json"), config);
        return shape(here);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"intermediate_size": 512} | {"mlp_ratio": 4} |
            {"intermediate_size": 384} | {} | tensors for hidden width of the MLP 512, and config.json intermediate_size says 384
            {"mlp_ratio": 3} | {} | config.json mlp_ratio says that the hidden layer has 3.0 times the width
            {"architecture": "vit", "model_args": {"mlp_ratio": 3}} | {} | config.json model_args.mlp_ratio says that
            """)
    void aConfigsMlpMustBeThatOfTheTensors(String config, String other, @Nullable String said) throws IOException {
        MadeUpTensors tensors =
                config.contains("architecture") ? SmallNetworks.timm() : SmallNetworks.transformersVit("vit.");
        if (said == null) {
            assertThat(((Vit.Config) beside(tensors, config).backbone()).mlpRatio())
                    .isEqualTo(4);
            assertThat(((Vit.Config) beside(tensors, other).backbone()).mlpRatio())
                    .isEqualTo(4);
        } else {
            assertThatThrownBy(() -> beside(tensors, config))
                    .isInstanceOf(UnfitWeights.class)
                    .hasMessageContaining(said);
        }
    }

    @Test
    void transformersConfigNamesTheClasses() throws IOException {
        String labels = IntStream.range(0, 7)
                .mapToObj(i -> "\"" + i + "\": \"bird " + i + "\"")
                .collect(Collectors.joining(", "));
        Files.writeString(
                folder.resolve("preprocessor_config.json"),
                "{\"image_mean\": [0.5, 0.5, 0.5], \"image_std\": [0.25, 0.25, 0.25]}");
        ForeignNetwork shape = beside(
                SmallNetworks.transformersVit("vit."),
                "{\"num_attention_heads\": 8, \"hidden_size\": 128, \"image_size\": 32, \"patch_size\": 16,"
                        + " \"num_hidden_layers\": 2, \"hidden_act\": \"gelu\", \"id2label\": {" + labels + "}}");
        assertThat(shape.backbone())
                .isEqualTo(new Vit.Config(16, 1, 128, 2, 8, 4, 0, true, Vit.PositionKind.LEARNED, 1e-12));
        assertThat(shape.input()).isEqualTo(new Input(1, 32, 0, List.of(0.5, 0.5, 0.5), List.of(0.25, 0.25, 0.25)));
        assertThat(shape.output())
                .isEqualTo(new Classes(
                        7,
                        Pooling.CLASS_TOKEN,
                        List.of("bird 0", "bird 1", "bird 2", "bird 3", "bird 4", "bird 5", "bird 6"),
                        1e-12));
        assertThat(shape.assumed()).isEmpty();
    }

    @Test
    void transformersConfigMustFitTheTensors() {
        MadeUpTensors vit = SmallNetworks.transformersVit("vit.");
        assertThatThrownBy(() -> beside(vit, "{\"num_hidden_layers\": 12}"))
                .hasMessageContaining("tensors for blocks 2, and config.json num_hidden_layers says 12");
        assertThatThrownBy(() -> beside(vit, "{\"id2label\": {\"0\": \"cat\", \"1\": \"dog\"}}"))
                .hasMessageContaining("has 7 classes ('head.projection.weight'), and config.json names 2");
        assertThatThrownBy(() -> beside(vit, "{\"image_size\": 224}"))
                .hasMessageContaining("those of 32 px, and config.json image_size says 224 px");
    }

    @Test
    void timmsConfigTellsThePooling() throws IOException {
        String config = "{\"architecture\": \"vit_tiny_patch16_224\", \"global_pool\": \"%s\", \"pretrained_cfg\":"
                + " {\"mean\": [0.5, 0.5, 0.5], \"std\": [0.5, 0.5, 0.5], \"input_size\": [3, 32, 32]}}";
        ForeignNetwork token = beside(SmallNetworks.timm(), String.format(config, "token"));
        assertThat(token.pooling()).isEqualTo(Pooling.CLASS_TOKEN);
        assertThat(token.input().mean()).containsExactly(0.5, 0.5, 0.5);
        assertThat(beside(SmallNetworks.timm(), String.format(config, "avg")).pooling())
                .isEqualTo(Pooling.NORM_MEAN);
        assertThat(shape(SmallNetworks.timm()).assumed()).hasSize(2).anyMatch(a -> a.contains("global_pool='avg'"));
    }
}
