package maskfeat.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import maskfeat.data.TimedClip;
import maskfeat.data.VideoDataset;
import maskfeat.onnx.OnnxFile;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainAndEmbedTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void aFewLinesPretrainGiveFeaturesFineTuneAndPredict() throws Exception {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.clipsOnly());
        Path videos = folder.resolve("set/clips/train");
        Path out = folder.resolve("run");
        PretrainAndEmbed.pretrain(videos, out);
        List<Path> two = VideoDataset.open(videos, TimedClip.defaults()).items().stream()
                .limit(2)
                .map(item -> item.file())
                .toList();
        Path weights = out.resolve("model.safetensors");
        float[] features = PretrainAndEmbed.embed(weights, two.get(0));
        assertThat(features).hasSize(32).doesNotContain(Float.NaN);
        assertThat(PretrainAndEmbed.embed(weights, two.get(0))).isEqualTo(features);
        assertThat(PretrainAndEmbed.embed(weights, two.get(1))).isNotEqualTo(features);

        Path classifier = folder.resolve("classifier");
        PretrainAndEmbed.finetune(out, folder.resolve("set/clips"), classifier);
        float[] scores = PretrainAndEmbed.predict(classifier, two.get(0));
        assertThat(scores).hasSize(SampleSet.clipClasses().size()).doesNotContain(Float.NaN);
        assertThat(PretrainAndEmbed.predict(classifier, two.get(1))).isNotEqualTo(scores);

        Path onnx = folder.resolve("classifier.onnx");
        OnnxFile exported = PretrainAndEmbed.export(classifier.resolve("model.safetensors"), onnx);
        long[] shape = exported.inputs().get(0).shape().stream()
                .mapToLong(length -> length.equals("batch") ? 1 : Long.parseLong(length))
                .toArray();
        float[] pixels = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        assertThat(PretrainAndEmbed.run(onnx, pixels, shape))
                .hasSameSizeAs(scores)
                .doesNotContain(Float.NaN);
    }
}
