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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ServeCommandTest {
    private static final Pattern LISTENING = Pattern.compile("listening on (http://127\\.0\\.0\\.1:\\d+)");

    @TempDir
    private static Path folder = Path.of("");

    private static Path weights = Path.of("");
    private static Path picture = Path.of("");

    @BeforeAll
    static void network() throws Exception {
        Run run = Recipes.BOOK.settings("tiny-image").value();
        weights = TinyRuns.weights(folder.resolve("first.safetensors"), run);
        Files.copy(weights, folder.resolve("a=b.safetensors"));
        try (Stream<Path> files = Files.walk(TinyRuns.images(folder.resolve("set")))) {
            picture = files.filter(Files::isRegularFile).sorted().findFirst().orElseThrow();
        }
    }

    /** Where a process that was just started listens. */
    private static String address(MaskfeatProcess process) throws InterruptedException {
        while (true) {
            Matcher line = LISTENING.matcher(process.stdout());
            if (line.find()) {
                return line.group(1);
            }
            assertThat(process.endsWithin(50)).as(process.stderr()).isFalse();
        }
    }

    @Test
    void servesUntilItIsToldToStop() throws Exception {
        MaskfeatProcess process = MaskfeatProcess.start(
                folder,
                "serve",
                weights.toString(),
                "second=" + weights,
                folder.resolve("a=b.safetensors").toString(),
                "--port",
                "0",
                "--threads",
                "1");
        try {
            String at = address(process);
            HttpClient client = HttpClient.newHttpClient();
            HttpResponse<String> models = client.send(
                    HttpRequest.newBuilder(URI.create(at + "/v1/models")).build(), BodyHandlers.ofString());
            assertThat(JsonMapper.shared().readTree(models.body()).findValuesAsString("name"))
                    .containsExactly("first", "second", "a=b");
            HttpResponse<String> features = client.send(
                    HttpRequest.newBuilder(URI.create(at + "/v1/embed?model=second"))
                            .POST(BodyPublishers.ofFile(picture))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(features.statusCode()).as(features.body()).isEqualTo(200);
            process.terminate();
            assertThat(process.exitCode()).isEqualTo(Exit.STOPPED);
            assertThat(process.stderr())
                    .contains("SIGTERM: finishing the requests")
                    .doesNotContain("\tat ");
        } finally {
            process.kill();
        }
    }

    @Test
    void takesRequestsWhileItDrainsAndEndsAtOnceWhenToldAgain() throws Exception {
        MaskfeatProcess process = MaskfeatProcess.start(
                folder, "serve", weights.toString(), "--port", "0", "--threads", "1", "--drain", "600");
        try {
            String at = address(process);
            HttpClient client = HttpClient.newHttpClient();
            HttpRequest ready =
                    HttpRequest.newBuilder(URI.create(at + "/v2/health/ready")).build();
            assertThat(client.send(ready, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
            process.terminate();
            while (client.send(ready, BodyHandlers.ofString()).statusCode() == 200) {
                assertThat(process.endsWithin(50)).as(process.stderr()).isFalse();
            }
            assertThat(process.stderr()).contains("SIGTERM: taking requests for 600 s more, then finishing them");
            HttpResponse<String> features = client.send(
                    HttpRequest.newBuilder(URI.create(at + "/v1/embed"))
                            .POST(BodyPublishers.ofFile(picture))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(features.statusCode()).as(features.body()).isEqualTo(200);
            process.terminate();
            assertThat(process.exitCode()).isEqualTo(143);
        } finally {
            process.kill();
        }
    }

    @Test
    void afterTheDrainItStops() throws Exception {
        MaskfeatProcess process = MaskfeatProcess.start(
                folder, "serve", weights.toString(), "--port", "0", "--threads", "1", "--drain", "0.2");
        try {
            address(process);
            process.terminate();
            assertThat(process.exitCode()).isEqualTo(Exit.STOPPED);
        } finally {
            process.kill();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --port 99999     | port 99999
            --timeout 0      | --timeout 0.0
            --timeout NaN    | --timeout NaN
            --queue 0        | queue 0
            --max-bytes 0    | max-bytes 0
            --max-bytes 2x   | --max-bytes: '2x' is no size; write for example 1g, 500MB or 1000000
            --max-bytes 1g   | --max-bytes 1073741824 must be at most 536870912, 512m
            --max-delay -1   | max-delay -1
            --drain -1       | --drain -1.0
            --drain NaN      | --drain NaN
            --detector p.onnx | --detector would do nothing: none of the networks is a detector
            --threshold 0.4  | --threshold would do nothing
            --detector-every 2 | --detector MODEL.onnx, which is missing
            --batch 0        | --batch 0
            --views 2x1      | an image has one moment
            --host no.such.host.invalid | no.such.host.invalid
            """)
    void whatCannotBeServedIsRefused(String options, String said) {
        String[] words = options.split(" ");
        TinyRuns.Ran ran = options.startsWith("--port")
                ? TinyRuns.run("serve", weights, words[0], words[1])
                : TinyRuns.run("serve", weights, "--port", "0", words[0], words[1]);
        assertThat(ran.err()).contains(said);
        assertThat(ran.code()).isEqualTo(Exit.USAGE);
    }

    @Test
    void twoOfOneNameAndAMissingOneAreRefused() {
        TinyRuns.Ran twice = TinyRuns.run("serve", weights, "first=" + weights, "--port", "0");
        assertThat(twice.err()).contains("two networks are called 'first'");
        assertThat(twice.code()).isEqualTo(Exit.USAGE);
        TinyRuns.Ran none = TinyRuns.run("serve", "x=" + folder.resolve("none"), "--port", "0");
        assertThat(none.code()).isEqualTo(Exit.INPUT);
    }

    @Test
    void helpHasExamplesAndFits() {
        TinyRuns.Ran help = TinyRuns.run("serve", "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("Examples:", "  maskfeat serve runs/actions", "75 stopped");
        assertThat(help.out().lines()).allMatch(line -> line.length() <= 80);
    }
}
