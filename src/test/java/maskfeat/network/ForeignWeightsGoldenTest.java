package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import maskfeat.data.StillImage;
import maskfeat.data.TimedClip;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.mask.Grid;
import maskfeat.model.Classifier;
import maskfeat.model.MaskFeat;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.torch.Arrays;
import maskfeat.weights.Difference;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import maskfeat.weights.TorchWriter;
import maskfeat.weights.Weights;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that others wrote, as networks of ours. */
@Tag("golden")
class ForeignWeightsGoldenTest {
    private static final OptionalInt HEADS = OptionalInt.of(4);

    @TempDir
    Path temp;

    private Path folder;

    @BeforeEach
    void find() {
        assumeThat(GoldenDir.has("checkpoints")).as("golden set checkpoints").isTrue();
        folder = GoldenDir.path().resolve("checkpoints");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vit", "mvit"})
    void officialCheckpointGivesTheWeightsAfterItsThirdStep(String set) throws IOException {
        assumeThat(GoldenDir.has(set)).isTrue();
        GoldenTensors golden = pretraining(set);
        assumeThat(golden.names()).as("left out of the committed copy").contains("a3.mask_token");
        Path file = folder.resolve(set + "_ssl_checkpoint_epoch_00003.pyth");

        try (PointerScope scope = new PointerScope();
                OpenedWeights weights = OpenedWeights.open(file);
                MaskFeat network = weights.maskFeat("cpu")) {
            network.parameters()
                    .forEach((name, value) ->
                            assertThat(Arrays.floats(value)).as(name).isEqualTo(golden.values("a3." + name)));
        }
    }

    @Test
    void officialCheckpointSaysItsNetworkAndItsInput() throws IOException {
        NetworkSpec vit = spec(folder.resolve("vit_ssl_checkpoint_epoch_00003.pyth"));
        assertThat(vit.backbone()).isEqualTo(new Vit.Config(16, 1, 64, 3, 4, 0));
        assertThat(vit.input().clip()).isEqualTo(new StillImage());
        assertThat(vit.input().side()).isEqualTo(64);
        assertThat(vit.head())
                .isInstanceOfSatisfying(
                        Head.Prediction.class,
                        prediction -> assertThat(prediction.depths()).isEmpty());

        NetworkSpec mvit = spec(folder.resolve("mvit_ssl_checkpoint_epoch_00003.pyth"));
        assertThat(mvit.backbone()).isEqualTo(new Mvit.Config(10, 1, List.of(1, 1, 1, 2), 8, false, false, true, 0));
        assertThat(mvit.input().clip())
                .isInstanceOfSatisfying(
                        TimedClip.class, clip -> assertThat(clip.frames()).isEqualTo(8));
        assertThat(mvit.input().side()).isEqualTo(64);
    }

    private static NetworkSpec spec(Path file) throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(file)) {
            return weights.spec();
        }
    }

    /** Its first weights as PySlowFast would save them, with its settings beside: predictions are the official ones. */
    @ParameterizedTest
    @ValueSource(strings = {"vit", "mvit"})
    void officialWeightsInAPyTorchFileGiveTheOfficialPredictions(String set) throws IOException {
        assumeThat(GoldenDir.has(set)).isTrue();
        GoldenTensors golden = pretraining(set);
        Path official = folder.resolve(set + "_ssl_checkpoint_epoch_00003.pyth");
        Path file = temp.resolve(set + ".pyth");
        Path tensors = GoldenDir.path().resolve(set).resolve(set + "_pretrain.safetensors");
        try (TensorReader cfg = Weights.open(official);
                TensorReader all = Weights.open(tensors)) {
            List<Safetensors.Source> sources = new ArrayList<>();
            for (TensorEntry entry : all.entries().values()) {
                if (entry.name().startsWith("w.")) {
                    sources.add(new Safetensors.Source(
                            new TensorEntry(entry.name().substring(2), entry.type(), entry.shape()),
                            out -> out.write(read(all, entry))));
                }
            }
            TorchWriter.write(
                    file,
                    "model_state",
                    Map.of("cfg", String.valueOf(cfg.metadata().get("cfg"))),
                    sources);
        }

        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                OpenedWeights weights = OpenedWeights.open(file);
                MaskFeat network = weights.maskFeat("cpu")) {
            Tensor frames = tensor(golden, "input");
            Tensor clip = frames.dim() == 4 ? frames.unsqueeze(2) : frames;
            float[] all = Arrays.floats(network.predictAll(clip, hidden(golden, weights.spec())));
            assertThat(all).containsExactly(golden.values("preds_all"), Offset.offset(2e-5f));
        }
    }

    @ParameterizedTest
    @CsvSource({"vit_timm_avgpool.pth, vit_cls", "vit_timm_token.pth, vit_cls_clstoken"})
    void timmsFilesGiveTheOfficialLogits(String name, String set) throws IOException {
        assumeThat(GoldenDir.has("finetune")).isTrue();
        GoldenTensors golden = GoldenTensors.open(GoldenDir.path().resolve("finetune/" + set + ".safetensors"));
        Path file = folder.resolve(name);

        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                OpenedWeights weights = OpenedWeights.open(file, HEADS);
                Classifier network = weights.classifier("cpu")) {
            float[] logits =
                    Arrays.floats(network.forward(tensor(golden, "input").unsqueeze(2)));
            assertThat(logits).containsExactly(golden.values("train_output"), Offset.offset(2e-6f));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightsConversion.Form.class,
            names = {"SLOWFAST", "TIMM", "OPENMMLAB", "HF"})
    void thereAndBackIsTheSameToTheBit(WeightsConversion.Form form) throws IOException {
        // PySlowFast's and OpenMMLab's names do not tell what is pooled: the mean, as MaskFeat does, unless they say
        // it.
        boolean classToken = form == WeightsConversion.Form.TIMM || form == WeightsConversion.Form.HF;
        Path start = folder.resolve(classToken ? "vit_timm_token.pth" : "vit_timm_avgpool.pth");
        Path there = temp.resolve("there.safetensors");
        Path torchFile = temp.resolve("there.pth");
        Path back = temp.resolve("back.pth");

        SortedMap<String, String> left = convert(start, there, form, HEADS).left();
        convert(start, torchFile, form, HEADS);
        convert(there, back, WeightsConversion.Form.TIMM, HEADS);

        assertThat(left).isEmpty();
        try (TensorReader first = Weights.open(start);
                TensorReader last = Weights.open(back);
                TensorReader one = Weights.open(there);
                TensorReader two = Weights.open(torchFile)) {
            assertThat(Difference.of(first, last).none()).isTrue();
            assertThat(Difference.of(one, two).none()).isTrue();
            for (TensorEntry entry : first.entries().values()) {
                assertThat(last.entries().get(entry.name())).isEqualTo(entry);
                assertThat(read(last, entry)).as(entry.name()).isEqualTo(read(first, entry));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"vit_ssl_checkpoint_epoch_00003.pyth", "mvit_ssl_checkpoint_epoch_00003.pyth"})
    void ourOwnFileOfForeignWeightsIsTheSameNetwork(String name) throws IOException {
        Path file = folder.resolve(name);
        Path ours = temp.resolve("ours.safetensors");

        convert(file, ours, WeightsConversion.Form.SAFETENSORS, OptionalInt.empty());

        try (PointerScope scope = new PointerScope();
                OpenedWeights theirs = OpenedWeights.open(file);
                OpenedWeights written = OpenedWeights.open(ours);
                MaskFeat one = theirs.maskFeat("cpu");
                MaskFeat two = written.maskFeat("cpu")) {
            assertThat(written.areOurs()).isTrue();
            assertThat(written.spec()).isEqualTo(theirs.spec());
            Map<String, Tensor> values = two.parameters();
            one.parameters()
                    .forEach((key, value) ->
                            assertThat(value.equal(values.get(key))).as(key).isTrue());
        }
    }

    private static WeightsConversion convert(Path from, Path to, WeightsConversion.Form form, OptionalInt heads)
            throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(from, heads)) {
            return WeightsConversion.write(weights, to, form, false, 0);
        }
    }

    private static GoldenTensors pretraining(String set) {
        return GoldenTensors.open(GoldenDir.path().resolve(set).resolve(set + "_pretrain.safetensors"));
    }

    private static Tensor tensor(GoldenTensors golden, String name) {
        return Arrays.tensor(golden.values(name), golden.shape(name));
    }

    /** The mask as it was drawn, on the grid of the embedding: [B, N], true = hidden. */
    private static Tensor hidden(GoldenTensors golden, NetworkSpec spec) {
        long[] shape = golden.shape("mask"); // [B, h, w] or [B, t, h, w]
        int last = shape.length - 1;
        Grid drawn = new Grid(last == 3 ? (int) shape[1] : 1, (int) shape[last - 1], (int) shape[last]);
        Grid grid = spec.backbone().embedGrid(spec.size());
        float[] values = golden.values("mask");
        boolean[] hidden = new boolean[(int) shape[0] * grid.size()];
        for (int b = 0; b < shape[0]; b++) {
            boolean[] mask = new boolean[drawn.size()];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = values[b * mask.length + i] == 1;
            }
            System.arraycopy(drawn.resize(mask, grid), 0, hidden, b * grid.size(), grid.size());
        }
        return Arrays.tensor(hidden, shape[0], grid.size());
    }

    private static ByteBuffer read(TensorReader reader, TensorEntry entry) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) entry.size());
        reader.read(entry, bytes);
        return bytes.flip();
    }
}
