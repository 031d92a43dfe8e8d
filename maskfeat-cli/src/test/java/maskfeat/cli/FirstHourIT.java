package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What somebody does who has a few clips and follows what the program says: each line that begins with next is run. */
class FirstHourIT {
    private static final Pattern LISTENING = Pattern.compile("listening on (http://127\\.0\\.0\\.1:\\d+)");

    @TempDir
    private Path folder = Path.of("");

    /** The last line of a run, as words after the program's name, with what stands for something of the user's put in. */
    private static List<String> next(MaskfeatProcess run, String placeholder, Path its) {
        List<String> lines = run.stderr().lines().toList();
        String last = lines.get(lines.size() - 1);
        assertThat(last).as(run.stderr()).startsWith("next: maskfeat ").endsWith(" " + placeholder);
        List<ShellBlock.Command> commands = ShellBlock.commands(last.substring("next: ".length()));
        assertThat(commands).hasSize(1);
        List<String> words = new ArrayList<>(commands.get(0).words());
        words.remove(0);
        words.replaceAll(word -> word.equals(placeholder) ? its.toString() : word);
        return words;
    }

    private MaskfeatProcess run(List<String> words, String... more) throws Exception {
        List<String> all = new ArrayList<>(words);
        all.addAll(Arrays.asList(more));
        MaskfeatProcess process = MaskfeatProcess.run(folder, all.toArray(String[]::new));
        assertThat(process.exitCode()).as(process.stderr()).isZero();
        return process;
    }

    private void leavesWeightsAndAVerdict(MaskfeatProcess run, Path out, String verdict) {
        List<String> lines = run.stderr().lines().toList();
        assertThat(lines.get(lines.size() - 2)).isEqualTo("report: " + out.resolve("report.html"));
        assertThat(run.stdout().strip())
                .isEqualTo(out.resolve("model.safetensors").toString());
        assertThat(out.resolve("report.html"))
                .content()
                .containsPattern("<div class=\"verdict [a-z]+\">\n<p><b>" + verdict);
    }

    @Test
    void eachCommandSaysTheNextUpToAnAnswerOverHttp() throws Exception {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.clipsOnly());
        Path clips = folder.resolve("set/clips");
        String truth = SampleSet.clipClasses().get(0);
        Path clip = clips.resolve("val").resolve(truth).resolve("0000.mp4");
        Path pretrained = folder.resolve("my runs/clips"); // a blank is quoted in what is to be copied
        Path classifier = folder.resolve("my runs/classes");

        MaskfeatProcess first = run(
                List.of("pretrain", "tiny-video", "--epochs", "3", "--set", "report.pictures=1"),
                "--data",
                clips.resolve("train").toString(),
                "--out",
                pretrained.toString());
        leavesWeightsAndAVerdict(first, pretrained, "(It has|Whether it has) ");
        assertThat(pretrained.resolve("report.html"))
                .content()
                .contains("<dd>tiny-video, with 3 settings changed</dd>")
                .containsPattern("<td>train.epochs</td><td[^>]*>6</td><td[^>]*>3</td><td>--epochs</td>");

        MaskfeatProcess second = run(next(first, "LABELLED", clips), "--epochs", "1", "--out", classifier.toString());
        leavesWeightsAndAVerdict(
                second, classifier, "It (may be guessing|tells classes apart|does worse than guessing)");
        assertThat(classifier.resolve("report.html"))
                .content()
                .contains("the most frequent class for every item would get 8.3 %", "top-1 of the most frequent class");

        List<Object> predict = new ArrayList<>(next(second, "FILE", clip));
        predict.add("--json");
        TinyRuns.Ran third = TinyRuns.run(predict.toArray());
        assertThat(third.code()).as(third.err()).isZero();
        JsonNode predicted = JsonMapper.shared().readTree(third.out());
        assertThat(predicted.get("top").get(0).get("label").asString()).isIn(SampleSet.clipClasses());

        MaskfeatProcess service =
                MaskfeatProcess.start(folder, "serve", classifier.toString(), "--port", "0", "--threads", "1");
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(address(service) + "/v1/predict"))
                                    .POST(BodyPublishers.ofByteArray(Files.readAllBytes(clip)))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(JsonMapper.shared().readTree(answer.body()).get("top")).isEqualTo(predicted.get("top"));
            service.terminate();
            assertThat(service.exitCode()).isEqualTo(Exit.STOPPED);
        } finally {
            service.kill();
        }
    }

    private static String address(MaskfeatProcess process) throws InterruptedException {
        while (true) {
            Matcher line = LISTENING.matcher(process.stdout());
            if (line.find()) {
                return line.group(1);
            }
            assertThat(process.endsWithin(50)).as(process.stderr()).isFalse();
        }
    }
}
