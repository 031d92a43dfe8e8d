package maskfeat.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import maskfeat.OwnThread;
import maskfeat.data.Views;
import maskfeat.eval.Corners;
import maskfeat.eval.PredictionTimeline;
import maskfeat.infer.Inference;
import maskfeat.infer.NetworkFiles;
import maskfeat.media.Frames;
import maskfeat.sample.SampleSet;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServiceTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Batches of another size sum in another order. */
    private static final Offset<Float> ROUNDING = Offset.offset(1e-5f);

    private static final Offset<Float> FEATURE_ROUNDING = Offset.offset(1e-4f);

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private static Path folder = Path.of("");

    private static Path images = Path.of("");
    private static Path clips = Path.of("");
    private static Path pretrained = Path.of("");
    private static List<byte[]> pictures = List.of();
    private static byte[] video = {};

    @BeforeAll
    static void networks() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY);
        images = NetworkFiles.write(folder.resolve("images.safetensors"), NetworkFiles.imageClassifier(), 3);
        clips = NetworkFiles.write(folder.resolve("clips.safetensors"), NetworkFiles.clipClassifier(), 3);
        pretrained = NetworkFiles.write(folder.resolve("pretrained.safetensors"), NetworkFiles.imagePretraining(), 5);
        pictures = contents(folder.resolve("set/images/val"));
        video = contents(folder.resolve("set/clips/val")).get(0);
    }

    private static List<byte[]> contents(Path of) throws IOException {
        List<byte[]> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(of)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                all.add(Files.readAllBytes(file));
            }
        }
        return all;
    }

    /** Lets views through one by one. */
    private static final class Gate {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final Semaphore open = new Semaphore(0);

        Batcher.Network around(Batcher.Network network) {
            return new Batcher.Network() {
                @Override
                public List<float[]> scores(List<Frames> views) {
                    pass();
                    return network.scores(views);
                }

                @Override
                public List<float[]> features(List<Frames> views) {
                    pass();
                    return network.features(views);
                }

                @Override
                public List<float[]> actions(Frames clip, List<Corners> boxes) {
                    pass();
                    return network.actions(clip, boxes);
                }
            };
        }

        private void pass() {
            entered.countDown();
            open.acquireUninterruptibly();
        }

        void open() {
            open.release(1 << 20);
        }
    }

    private static ServeOptions options() {
        return ServeOptions.defaults().port(0);
    }

    private static ServeOptions options(int maxBytes, int queue, Duration timeout) {
        return new ServeOptions("127.0.0.1", 0, maxBytes, queue, 16, Duration.ZERO, timeout, 1, Views.MIDDLE);
    }

    private static Service images() throws IOException {
        return Service.start(Map.of("images", Inference.open(images, "cpu")), options());
    }

    private static Service held(Gate gate, ServeOptions options) throws IOException {
        return Service.start(Map.of("images", Inference.open(images, "cpu")), options, People.given(), gate::around);
    }

    private static HttpRequest.Builder request(Service service, String path) {
        return HttpRequest.newBuilder(service.address().resolve(path));
    }

    private static HttpResponse<byte[]> get(Service service, String path) throws Exception {
        return CLIENT.send(request(service, path).build(), BodyHandlers.ofByteArray());
    }

    private static HttpResponse<byte[]> post(Service service, String path, byte[] body) throws Exception {
        return CLIENT.send(
                request(service, path).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
    }

    private static CompletableFuture<HttpResponse<byte[]>> later(Service service, String path, byte[] body) {
        return CLIENT.sendAsync(
                request(service, path).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
    }

    private static JsonNode json(HttpResponse<byte[]> answer) {
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        return JSON.readTree(answer.body());
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static String error(HttpResponse<byte[]> answer) {
        return json(answer).path("error").asString();
    }

    private static float[] floats(JsonNode data) {
        return JSON.convertValue(data, float[].class);
    }

    private static float[] expected(Path weights, byte[] file, boolean scores) throws IOException {
        try (Inference network = Inference.open(weights, "cpu")) {
            maskfeat.media.MediaSource source = maskfeat.media.MediaSource.of("it", file);
            return scores ? network.scores(source) : network.features(source);
        }
    }

    /** Waits until the service says so of itself. */
    private static void await(Service service, String line) throws Exception {
        while (!text(get(service, "/metrics")).contains(line + "\n")) {
            Thread.sleep(5);
        }
    }

    // ---- plain requests --------------------------------------------------------------------------------------------

    @Test
    void predictSaysWhatTheNetworkSays() throws Exception {
        try (Service service = images()) {
            HttpResponse<byte[]> answer = post(service, "/v1/predict?top=2&model=images", pictures.get(0));
            assertThat(answer.statusCode()).isEqualTo(200);
            float[] scores = expected(images, pictures.get(0), true);
            JsonNode top = json(answer).path("top");
            assertThat(json(answer).path("file").asString()).isEqualTo("upload");
            assertThat(top).hasSize(2);
            float before = 1;
            for (JsonNode one : top) {
                int number = NetworkFiles.CLASSES.indexOf(one.path("label").asString());
                assertThat(one.path("score").floatValue())
                        .isEqualTo(scores[number])
                        .isLessThanOrEqualTo(before);
                before = one.path("score").floatValue();
            }
            assertThat(json(post(service, "/v1/predict", pictures.get(1))).path("top"))
                    .hasSize(3);
        }
    }

    @Test
    void embedGivesTheFeaturesOfAnyNetwork() throws Exception {
        Map<String, Inference> both = new LinkedHashMap<>();
        both.put("images", Inference.open(images, "cpu"));
        both.put("before", Inference.open(pretrained, "cpu"));
        try (Service service = Service.start(both, options())) {
            assertThat(floats(json(post(service, "/v1/embed?model=before", pictures.get(2)))
                            .path("features")))
                    .isEqualTo(expected(pretrained, pictures.get(2), false));
            assertThat(error(post(service, "/v1/embed", pictures.get(2)))).contains("?model=", "[images, before]");
            HttpResponse<byte[]> noClassifier = post(service, "/v1/predict?model=before", pictures.get(2));
            assertThat(noClassifier.statusCode()).isEqualTo(400);
            assertThat(error(noClassifier)).contains("'before' is no classifier", "/v1/embed");
            JsonNode models = json(get(service, "/v1/models"));
            assertThat(models).hasSize(2);
            assertThat(models.get(0).path("classes")).hasSize(3);
            assertThat(models.get(1).path("features").asInt()).isEqualTo(16);
            JsonNode outputs = json(get(service, "/v2/models/before")).path("outputs");
            assertThat(outputs).hasSize(1);
            assertThat(outputs.get(0).path("name").asString()).isEqualTo("features");
        }
    }

    @Test
    void aVideoIsReadFromItsBytes() throws Exception {
        ServeOptions views = new ServeOptions(
                "127.0.0.1", 0, 1 << 20, 4, 2, Duration.ZERO, Duration.ofMinutes(1), 1, new Views(2, 3));
        try (Service service = Service.start(Map.of("clips", Inference.open(clips, "cpu")), views);
                Inference network = Inference.open(clips, "cpu")) {
            float[] scores = network.scores(maskfeat.media.MediaSource.of("it", video), new Views(2, 3));
            JsonNode top = json(post(service, "/v1/predict", video)).path("top");
            for (JsonNode one : top) {
                int number = NetworkFiles.CLASSES.indexOf(one.path("label").asString());
                assertThat(one.path("score").floatValue()).isCloseTo(scores[number], ROUNDING);
            }
            assertThat(top).hasSize(3);
            assertThat(error(post(service, "/v1/predict", pictures.get(0)))).startsWith("upload ");
            assertThat(text(get(service, "/metrics")))
                    .as("six views in batches of two")
                    .contains("maskfeat_batch_size_bucket{model=\"clips\",le=\"2\"} 3\n");
        }
        assertThatThrownBy(() -> Service.start(Map.of("images", Inference.open(images, "cpu")), views))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("an image has one moment");
    }

    // ---- the protocol ----------------------------------------------------------------------------------------------

    @Test
    void theProtocolDescribesServerAndModels() throws Exception {
        try (Service service = images()) {
            assertThat(json(get(service, "/v2/health/live")).path("live").asBoolean())
                    .isTrue();
            assertThat(json(get(service, "/v2/health/ready")).path("ready").asBoolean())
                    .isTrue();
            assertThat(json(get(service, "/v2")).path("extensions").get(0).asString())
                    .isEqualTo("binary_tensor_data");
            assertThat(json(get(service, "/v2/models/images/ready"))
                            .path("ready")
                            .asBoolean())
                    .isTrue();
            JsonNode model = json(get(service, "/v2/models/images"));
            assertThat(model.path("inputs").get(0).toString())
                    .isEqualTo("{\"name\":\"file\",\"datatype\":\"BYTES\",\"shape\":[-1]}");
            assertThat(model.path("outputs").get(0).toString())
                    .isEqualTo("{\"name\":\"scores\",\"datatype\":\"FP32\",\"shape\":[-1,3]}");
            assertThat(model.path("outputs").get(2).path("shape").get(1).asInt())
                    .isEqualTo(16);
        }
    }

    private static String input(int count, String rest) {
        return "{\"id\":\"seven\",\"inputs\":[{\"name\":\"file\",\"datatype\":\"BYTES\",\"shape\":[" + count + "],"
                + rest + "}";
    }

    private static String base64(byte[] file) {
        return "\"" + Base64.getEncoder().encodeToString(file) + "\"";
    }

    private static HttpResponse<byte[]> infer(Service service, String body) throws Exception {
        return post(service, "/v2/models/images/infer", body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void filesInBase64HaveScoresLabelsAndFeatures() throws Exception {
        try (Service service = images()) {
            JsonNode answer = json(infer(
                    service, input(2, "\"data\":[" + base64(pictures.get(0)) + "," + base64(pictures.get(1)) + "]}]")));
            assertThat(answer.path("model_name").asString()).isEqualTo("images");
            assertThat(answer.path("id").asString()).isEqualTo("seven");
            JsonNode outputs = answer.path("outputs");
            assertThat(outputs).hasSize(3);
            assertThat(outputs.get(0).path("shape").toString()).isEqualTo("[2,3]");
            float[] both = floats(outputs.get(0).path("data"));
            assertThat(Arrays.copyOfRange(both, 0, 3))
                    .containsExactly(expected(images, pictures.get(0), true), ROUNDING);
            assertThat(Arrays.copyOfRange(both, 3, 6))
                    .containsExactly(expected(images, pictures.get(1), true), ROUNDING);
            assertThat(outputs.get(1).path("data").toString())
                    .isEqualTo("[\"one\",\"two\",\"three\",\"one\",\"two\",\"three\"]");
            assertThat(Arrays.copyOfRange(floats(outputs.get(2).path("data")), 16, 32))
                    .containsExactly(expected(images, pictures.get(1), false), FEATURE_ROUNDING);

            JsonNode best = json(infer(
                            service,
                            input(
                                    1,
                                    "\"data\":[" + base64(pictures.get(0)) + "]}],\"parameters\":{\"top\":1},"
                                            + "\"outputs\":[{\"name\":\"labels\"},{\"name\":\"scores\"}]")))
                    .path("outputs");
            assertThat(best).hasSize(2);
            float[] scores = expected(images, pictures.get(0), true);
            int top = 0;
            for (int c = 1; c < 3; c++) {
                top = scores[c] > scores[top] ? c : top;
            }
            assertThat(best.get(0).path("data").get(0).asString()).isEqualTo(NetworkFiles.CLASSES.get(top));
            assertThat(best.get(1).path("data").get(0).floatValue()).isEqualTo(scores[top]);
        }
    }

    @Test
    void tensorsBehindTheJsonAreTheSame() throws Exception {
        try (Service service = images()) {
            ByteArrayOutputStream behind = new ByteArrayOutputStream();
            for (byte[] picture : pictures.subList(0, 2)) {
                behind.writeBytes(ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(picture.length)
                        .array());
                behind.writeBytes(picture);
            }
            byte[] head = input(
                            2,
                            "\"parameters\":{\"binary_data_size\":" + behind.size() + "}}],"
                                    + "\"parameters\":{\"binary_data_output\":true},\"outputs\":[{\"name\":\"scores\"},"
                                    + "{\"name\":\"labels\"},"
                                    + "{\"name\":\"features\",\"parameters\":{\"binary_data\":false}}]")
                    .getBytes(StandardCharsets.UTF_8);
            BodyPublisher body =
                    BodyPublishers.ofByteArrays(List.of(head, behind.toByteArray())); // of unknown length: in chunks
            HttpResponse<byte[]> answer = CLIENT.send(
                    request(service, "/v2/models/images/infer")
                            .header("Inference-Header-Content-Length", String.valueOf(head.length))
                            .POST(body)
                            .build(),
                    BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).isEqualTo(200);
            int length = Integer.parseInt(answer.headers()
                    .firstValue("Inference-Header-Content-Length")
                    .orElseThrow());
            JsonNode outputs = JSON.readTree(answer.body(), 0, length).path("outputs");
            ByteBuffer rest = ByteBuffer.wrap(answer.body(), length, answer.body().length - length)
                    .order(ByteOrder.LITTLE_ENDIAN);
            assertThat(outputs.get(0)
                            .path("parameters")
                            .path("binary_data_size")
                            .asInt())
                    .isEqualTo(2 * 3 * 4);
            for (int i = 0; i < 2; i++) {
                float[] scores = {rest.getFloat(), rest.getFloat(), rest.getFloat()};
                assertThat(scores).containsExactly(expected(images, pictures.get(i), true), ROUNDING);
            }
            for (int i = 0; i < 6; i++) {
                byte[] label = new byte[rest.getInt()];
                rest.get(label);
                assertThat(new String(label, StandardCharsets.UTF_8)).isEqualTo(NetworkFiles.CLASSES.get(i % 3));
            }
            assertThat(rest.hasRemaining()).isFalse();
            assertThat(outputs.get(2).path("data")).hasSize(32);

            HttpResponse<byte[]> bare = CLIENT.send(
                    request(service, "/v2/models/images/infer")
                            .header("Inference-Header-Content-Length", "0")
                            .POST(BodyPublishers.ofByteArray(pictures.get(0)))
                            .build(),
                    BodyHandlers.ofByteArray());
            assertThat(floats(json(bare).path("outputs").get(0).path("data")))
                    .isEqualTo(expected(images, pictures.get(0), true));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nonsense                                                                       | is not JSON
            {                                                                              | expected close marker for Object; to send
            {"inputs":[{"name":"pixels","datatype":"FP32","shape":[1,32,32,3],"data":[1]}]} | it must be UINT8
            {"inputs":[{"name":"pixels","datatype":"UINT8","shape":[1,9,9,3],"data":[1]}]} | it must be [-1, SIDE, SIDE, 3]
            {"inputs":[{"name":"pixels","datatype":"UINT8","shape":[1,SIDE,SIDE,3],"data":[1]}]} | has 1 number, and its shape has
            {"inputs":[{"name":"pixels","datatype":"UINT8","shape":[1,SIDE,SIDE,3],"data":[DATA]}]} | has 256 among its data; each must be a whole number from 0 to 255
            {"inputs":[{"name":"pixels","datatype":"UINT8","shape":[2,SIDE,SIDE,3],"data":[[[[1]]],[[[1]]]]}]} | lists within lists of the lengths of its shape, [2, SIDE, SIDE, 3]
            {"inputs":[{"name":"pixels","datatype":"UINT8","shape":[1,SIDE,SIDE,3],"data":{"a":[1]}}]} | has no list of data
            {"inputs":[{"name":"pixels","datatype":"UINT8","shape":[1,SIDE,SIDE,3],"data":[Infinity]}]} | token 'Infinity'; to send
            {"inputs":[{"name":"pixels","datatype":"UINT8","shape":[257,SIDE,SIDE,3],"data":[1]}]} | more than the 256
            []                                                                             | must be a JSON object
            {"inputs":[]}                                                                  | must be one tensor
            {"inputs":[{"name":"x","datatype":"BYTES","shape":[1],"data":["AA=="]}]}       | there are 'file', whole files, and 'pixels'
            {"inputs":[{"name":"file","datatype":"FP32","shape":[1],"data":[1]}]}          | must be BYTES
            {"inputs":[{"name":"file","datatype":"BYTES","shape":[2],"data":["AA=="]}]}    | [1] would do
            {"inputs":[{"name":"file","datatype":"BYTES","data":["AA=="]}]}                | [1] would do
            {"inputs":[{"name":"file","datatype":"BYTES","shape":[1],"data":["%"]}]}       | is not base64
            {"inputs":[{"name":"file","datatype":"BYTES","shape":[1],"data":[7]}]}         | is no text
            {"inputs":[{"name":"file","datatype":"BYTES","shape":[0],"data":[]}]}          | has no data
            {"inputs":[{"name":"file","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":9}}]} | behind the JSON are 0
            {"inputs":[{"name":"file","datatype":"BYTES","shape":[1],"data":["AA=="]}],"outputs":[{"name":"y"}]} | there is no output "y"
            {"inputs":[{"name":"file","datatype":"BYTES","shape":[1],"data":["AA=="]}],"parameters":{"top":0}} | at least 1
            {"inputs":[{"name":"file","datatype":"BYTES","shape":[1],"data":["AA=="]}]}    | upload is not an image
            """)
    void aRequestThatCannotBeMeantIsExplained(String body, String said) throws Exception {
        String side = String.valueOf(NetworkFiles.imageClassifier().input().side());
        try (Service service = images()) {
            HttpResponse<byte[]> answer = infer(
                    service,
                    body.replace("SIDE", side)
                            .replace(
                                    "DATA",
                                    "256" + ",0".repeat(3 * Integer.parseInt(side) * Integer.parseInt(side) - 1)));
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(error(answer))
                    .contains(said.replace("SIDE", side))
                    .doesNotContain("REDACTED", "JsonReadFeature");
        }
    }

    /** What the network looks at, sent as numbers, is told what the file is told; nested, flat and behind the JSON. */
    @Test
    void pixelsAreToldWhatTheirFileIsTold() throws Exception {
        try (Service service = Service.start(
                        Map.of("images", Inference.open(images, "cpu"), "clips", Inference.open(clips, "cpu")),
                        options());
                Inference ofImages = Inference.open(images, "cpu");
                Inference ofClips = Inference.open(clips, "cpu")) {
            Frames picture = ofImages.views(maskfeat.media.MediaSource.of("it", pictures.get(0)), Views.MIDDLE)
                    .get(0);
            int side = picture.width();
            String shape = "\"shape\":[1," + side + "," + side + ",3]";
            StringBuilder flat = new StringBuilder();
            StringBuilder nested = new StringBuilder();
            for (int i = 0; i < picture.rgb().length; i++) {
                int value = picture.rgb()[i] & 0xff;
                flat.append(i == 0 ? "" : ",").append(value);
                nested.append(i == 0 ? "[[[" : i % (3 * side) == 0 ? "]],[[" : i % 3 == 0 ? "],[" : ",")
                        .append(value);
            }
            for (String data : List.of(flat.toString(), nested + "]]]")) {
                JsonNode answer = json(infer(
                        service,
                        "{\"inputs\":[{\"name\":\"pixels\",\"datatype\":\"UINT8\"," + shape + ",\"data\":[" + data
                                + "]}],\"outputs\":[{\"name\":\"scores\"}]}"));
                assertThat(floats(answer.path("outputs").get(0).path("data")))
                        .isEqualTo(expected(images, pictures.get(0), true));
            }

            Frames clip = ofClips.views(maskfeat.media.MediaSource.of("it", video), Views.MIDDLE)
                    .get(0);
            JsonNode said =
                    json(get(service, "/v2/models/clips")).path("inputs").get(1);
            assertThat(said.path("shape").toString())
                    .isEqualTo("[-1," + clip.count() + "," + clip.height() + "," + clip.width() + ",3]");
            byte[] head = ("{\"inputs\":[{\"name\":\"pixels\",\"datatype\":\"UINT8\",\"shape\":"
                            + said.path("shape").toString().replace("-1", "1")
                            + ",\"parameters\":{\"binary_data_size\":" + clip.rgb().length + "}}]}")
                    .getBytes(StandardCharsets.UTF_8);
            HttpResponse<byte[]> answer = CLIENT.send(
                    request(service, "/v2/models/clips/infer")
                            .header("Inference-Header-Content-Length", String.valueOf(head.length))
                            .POST(BodyPublishers.ofByteArrays(List.of(head, clip.rgb())))
                            .build(),
                    BodyHandlers.ofByteArray());
            assertThat(floats(json(answer).path("outputs").get(0).path("data")))
                    .isEqualTo(expected(clips, video, true));
        }
    }

    // ---- the time of a video ---------------------------------------------------------------------------------------

    @Test
    void windowsOfAVideoAreThoseOfInference() throws Exception {
        ServeOptions smallBatches =
                new ServeOptions("127.0.0.1", 0, 1 << 20, 4, 2, Duration.ZERO, Duration.ofMinutes(1), 1, Views.MIDDLE);
        try (Service service = Service.start(
                        Map.of("clips", Inference.open(clips, "cpu"), "images", Inference.open(images, "cpu")),
                        smallBatches);
                Inference network = Inference.open(clips, "cpu")) {
            PredictionTimeline expected = network.timeline(
                    maskfeat.media.MediaSource.of("it", video), maskfeat.data.Windows.Sliding.every(0.1));
            assertThat(expected.windows().size()).as("more than a batch").isGreaterThan(2);
            JsonNode said = json(post(service, "/v1/predict?model=clips&top=1&windows=0.1", video));
            assertThat(said.path("windows")).hasSameSizeAs(expected.windows());
            for (int i = 0; i < expected.windows().size(); i++) {
                PredictionTimeline.ScoredWindow window = expected.windows().get(i);
                JsonNode one = said.path("windows").get(i);
                assertThat(one.path("start").doubleValue()).isEqualTo(window.startSeconds());
                assertThat(one.path("end").doubleValue()).isEqualTo(window.endSeconds());
                assertThat(one.path("score").floatValue())
                        .isCloseTo(
                                window.scores()[
                                        NetworkFiles.CLASSES.indexOf(
                                                one.path("label").asString())],
                                ROUNDING);
            }
            assertThat(said.path("segments")).hasSameSizeAs(expected.segments());
            assertThat(said.path("top")).hasSize(1);
            assertThat(json(post(service, "/v1/predict?model=clips&windows", video))
                            .path("windows"))
                    .isNotEmpty();
            for (String[] wrong : new String[][] {
                {"clips&windows=x", "windows=x: windows must be a number of seconds, such as 0.5, not 'x'"},
                {"clips&windows=0", "longer than nothing"},
                {"clips&windows=0.0001", "less than a frame"},
                {"clips&window=2", "without windows"},
                {"clips&windows=1&windows=2", "'windows' is there twice"},
                {"images&windows", "this network reads images"}
            }) {
                HttpResponse<byte[]> answer = post(service, "/v1/predict?model=" + wrong[0], video);
                assertThat(answer.statusCode()).as(wrong[0]).isEqualTo(400);
                assertThat(error(answer)).contains(wrong[1]);
            }
            assertThat(error(post(service, "/v1/predict?model=clips&windows", pictures.get(0))))
                    .startsWith("upload ");
            assertThat(text(get(service, "/metrics"))).contains("maskfeat_requests_admitted 0\n");
        }
    }

    // ---- limits ----------------------------------------------------------------------------------------------------

    @Test
    void aBodyThatIsTooLongIsRefusedWhetherItsLengthIsSaidOrNot() throws Exception {
        byte[] picture = pictures.get(0);
        try (Service service = Service.start(
                Map.of("images", Inference.open(images, "cpu")), options(picture.length, 2, Duration.ofMinutes(1)))) {
            assertThat(post(service, "/v1/predict", picture).statusCode()).isEqualTo(200);
            byte[] more = Arrays.copyOf(picture, picture.length + 1);
            HttpResponse<byte[]> said = post(service, "/v1/predict", more);
            assertThat(said.statusCode()).isEqualTo(413);
            assertThat(error(said)).contains(more.length + " bytes", picture.length + " are taken", "--max-bytes");
            for (BodyPublisher body : List.of(
                    BodyPublishers.ofByteArrays(List.of(more)),
                    BodyPublishers.ofByteArrays(List.of(more, new byte[3_000_000])))) {
                HttpResponse<byte[]> chunked =
                        CLIENT.send(request(service, "/v1/predict").POST(body).build(), BodyHandlers.ofByteArray());
                assertThat(chunked.statusCode()).isEqualTo(413);
            }
            assertThat(post(service, "/v1/predict", new byte[20_000_000]).statusCode())
                    .isEqualTo(413);
            assertThat(post(service, "/v1/predict", picture).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void moreRequestsThanTheQueueTakesComeLater() throws Exception {
        Gate gate = new Gate();
        try (Service service = held(gate, options(1 << 20, 2, Duration.ofMinutes(1)))) {
            List<CompletableFuture<HttpResponse<byte[]>>> taken = List.of(
                    later(service, "/v1/predict", pictures.get(0)), later(service, "/v1/embed", pictures.get(1)));
            await(service, "maskfeat_requests_admitted 2");
            HttpResponse<byte[]> third = post(service, "/v1/predict", pictures.get(2));
            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(third.headers().firstValue("Retry-After")).contains("1");
            assertThat(get(service, "/v2/health/ready").statusCode()).isEqualTo(200);
            gate.open();
            for (CompletableFuture<HttpResponse<byte[]>> one : taken) {
                assertThat(one.get().statusCode()).isEqualTo(200);
            }
            await(service, "maskfeat_requests_admitted 0");
            assertThat(post(service, "/v1/predict", pictures.get(2)).statusCode())
                    .isEqualTo(200);
            await(service, "maskfeat_requests_total{route=\"predict\",code=\"429\"} 1");
        }
    }

    @Test
    void aRequestThatTakesTooLongIsToldSoAndIsNotComputed() throws Exception {
        Gate gate = new Gate();
        try (Service service = held(gate, options(1 << 20, 8, Duration.ofMillis(300)))) {
            HttpResponse<byte[]> inside = post(service, "/v1/predict", pictures.get(0));
            assertThat(inside.statusCode()).isEqualTo(504);
            assertThat(error(inside)).contains("0.3 s of --timeout");
            assertThat(post(service, "/v1/predict", pictures.get(1)).statusCode())
                    .isEqualTo(504);
            await(service, "maskfeat_queue_length{model=\"images\"} 1");
            gate.open();
            await(service, "maskfeat_queue_length{model=\"images\"} 0");
            assertThat(post(service, "/v1/predict", pictures.get(2)).statusCode())
                    .isEqualTo(200);
            assertThat(text(get(service, "/metrics")))
                    .as("the first and the last; nobody waited for the second")
                    .contains("maskfeat_batch_size_count{model=\"images\"} 2\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 1000\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"})
    void aBodyThatBreaksOffIsRefusedAsBad(String rest) throws Exception {
        try (Service service = images();
                Socket socket = new Socket(
                        service.address().getHost(), service.address().getPort())) {
            socket.getOutputStream()
                    .write(("POST /v1/predict HTTP/1.1\r\nHost: x\r\n" + rest).getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("the body breaks off");
            assertThat(text(get(service, "/metrics"))).doesNotContain("code=\"500\"");
        }
    }

    @Test
    void whatIsNotThereAndWhatIsNotMeantSaysWhatIs() throws Exception {
        try (Service service = images()) {
            for (String path : List.of("/v3", "/v1/predict/", "/v2/models/images/versions/1", "/v2/models/x")) {
                assertThat(get(service, path).statusCode()).as(path).isEqualTo(404);
            }
            assertThat(error(post(service, "/v1/predict?model=x", pictures.get(0))))
                    .isEqualTo("there is no model 'x'; there are [images]");
            for (String path : List.of("/v1/predict", "/v1/embed", "/v2/models/images/infer")) {
                HttpResponse<byte[]> answer = get(service, path);
                assertThat(answer.statusCode()).isEqualTo(405);
                assertThat(answer.headers().firstValue("Allow")).contains("POST");
            }
            for (String path : List.of("/", "/metrics", "/v2", "/v2/health/live", "/v1/models")) {
                HttpResponse<byte[]> answer = post(service, path, new byte[] {1});
                assertThat(answer.statusCode()).as(path).isEqualTo(405);
                assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
            }
            assertThat(error(post(service, "/v1/predict?topp=3", pictures.get(0))))
                    .contains("'topp'", "model, top");
            assertThat(error(post(service, "/v1/predict?top=0", pictures.get(0))))
                    .contains("'0'", "at least 1");
            assertThat(error(post(service, "/v1/predict", new byte[0]))).contains("the body is empty");
            HttpResponse<byte[]> form = CLIENT.send(
                    request(service, "/v1/predict")
                            .header("Content-Type", "multipart/form-data; boundary=x")
                            .POST(BodyPublishers.ofByteArray(pictures.get(0)))
                            .build(),
                    BodyHandlers.ofByteArray());
            assertThat(error(form)).contains("--data-binary");
            HttpResponse<byte[]> head = CLIENT.send(
                    request(service, "/v2/health/live")
                            .method("HEAD", BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofByteArray());
            assertThat(head.statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oddBytesAreRefusedAndLeaveItServing(boolean ofImages) throws Exception {
        byte[] good = ofImages ? pictures.get(0) : video;
        try (Service service =
                Service.start(Map.of("images", Inference.open(ofImages ? images : clips, "cpu")), options())) {
            byte[] before = post(service, "/v1/predict", good).body();
            SplittableRandom random = new SplittableRandom(ofImages ? 1 : 2);
            for (int i = 0; i < 150; i++) {
                byte[] odd = odd(good, random);
                HttpResponse<byte[]> answer = i % 3 == 2
                        ? post(service, "/v2/models/images/infer", odd)
                        : post(service, i % 3 == 0 ? "/v1/predict" : "/v1/embed", odd);
                assertThat(answer.statusCode()).as("%s: %s", i, text(answer)).isIn(200, 400);
                if (answer.statusCode() == 400) {
                    assertThat(error(answer)).isNotBlank().doesNotContain("/tmp", "Exception");
                }
            }
            assertThat(post(service, "/v1/predict", good).body()).isEqualTo(before);
        }
    }

    /** Noise, or a file with some bytes changed and its end cut off. */
    private static byte[] odd(byte[] good, SplittableRandom random) {
        if (random.nextInt(3) == 0) {
            byte[] noise = new byte[1 + random.nextInt(500)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] odd = Arrays.copyOf(good, random.nextBoolean() ? good.length : 1 + random.nextInt(good.length));
        for (int change = random.nextInt(20); change >= 0; change--) {
            odd[random.nextInt(Math.min(odd.length, random.nextBoolean() ? 60 : odd.length))] = (byte) random.nextInt();
        }
        return odd;
    }

    // ---- batches, figures, the end ---------------------------------------------------------------------------------

    @Test
    void requestsThatWaitGoThroughTheNetworkTogether() throws Exception {
        Gate gate = new Gate();
        try (Service alone = Service.start(
                        Map.of("images", Inference.open(images, "cpu")), options(1 << 20, 64, Duration.ofMinutes(1)));
                Service service = held(gate, options(1 << 20, 64, Duration.ofMinutes(1)))) {
            CompletableFuture<HttpResponse<byte[]>> first = later(service, "/v1/predict", pictures.get(0));
            gate.entered.await();
            List<CompletableFuture<HttpResponse<byte[]>>> rest = new ArrayList<>();
            for (int i = 1; i < 8; i++) {
                rest.add(later(service, i < 6 ? "/v1/predict?top=3" : "/v1/embed", pictures.get(i)));
            }
            await(service, "maskfeat_queue_length{model=\"images\"} 7");
            gate.open();
            assertThat(first.get().statusCode()).isEqualTo(200);
            for (int i = 1; i < 6; i++) {
                JsonNode top = json(rest.get(i - 1).get()).path("top");
                JsonNode own =
                        json(post(alone, "/v1/predict?top=3", pictures.get(i))).path("top");
                for (int k = 0; k < 3; k++) {
                    assertThat(top.get(k).path("label")).isEqualTo(own.get(k).path("label"));
                    assertThat(top.get(k).path("score").floatValue())
                            .isCloseTo(own.get(k).path("score").floatValue(), ROUNDING);
                }
            }
            for (int i = 6; i < 8; i++) {
                assertThat(floats(json(rest.get(i - 1).get()).path("features")))
                        .containsExactly(
                                floats(json(post(alone, "/v1/embed", pictures.get(i)))
                                        .path("features")),
                                FEATURE_ROUNDING);
            }
            assertThat(text(get(service, "/metrics")))
                    .as("one, then five scored and two embedded")
                    .contains(
                            "maskfeat_batch_size_bucket{model=\"images\",le=\"1\"} 1\n",
                            "maskfeat_batch_size_bucket{model=\"images\",le=\"2\"} 2\n",
                            "maskfeat_batch_size_bucket{model=\"images\",le=\"4\"} 2\n",
                            "maskfeat_batch_size_bucket{model=\"images\",le=\"8\"} 3\n",
                            "maskfeat_batch_size_sum{model=\"images\"} 8.0\n");
        }
    }

    @Test
    void inBatchesOfOneCompanyChangesNoBit() throws Exception {
        Gate gate = new Gate();
        ServeOptions single =
                new ServeOptions("127.0.0.1", 0, 1 << 20, 64, 1, Duration.ZERO, Duration.ofMinutes(1), 1, Views.MIDDLE);
        try (Service alone = Service.start(Map.of("images", Inference.open(images, "cpu")), single);
                Service service = held(gate, single)) {
            List<CompletableFuture<HttpResponse<byte[]>>> together = new ArrayList<>();
            for (byte[] picture : pictures.subList(0, 8)) {
                together.add(later(service, "/v1/embed", picture));
            }
            await(service, "maskfeat_queue_length{model=\"images\"} 7");
            gate.open();
            for (int i = 0; i < 8; i++) {
                assertThat(together.get(i).get().body())
                        .isEqualTo(post(alone, "/v1/embed", pictures.get(i)).body());
            }
        }
    }

    @Test
    void withADelayARequestWaitsForAnother() throws Exception {
        ServeOptions patient = new ServeOptions(
                "127.0.0.1", 0, 1 << 20, 8, 2, Duration.ofSeconds(50), Duration.ofMinutes(1), 1, Views.MIDDLE);
        try (Service service = Service.start(Map.of("images", Inference.open(images, "cpu")), patient)) {
            CompletableFuture<HttpResponse<byte[]>> one = later(service, "/v1/predict", pictures.get(0));
            CompletableFuture<HttpResponse<byte[]>> two = later(service, "/v1/predict", pictures.get(1));
            assertThat(one.get().statusCode()).isEqualTo(200);
            assertThat(two.get().statusCode()).isEqualTo(200);
            assertThat(text(get(service, "/metrics")))
                    .contains("maskfeat_batch_size_bucket{model=\"images\",le=\"1\"} 0\n")
                    .contains("maskfeat_batch_size_bucket{model=\"images\",le=\"2\"} 1\n");
        }
    }

    @Test
    void figuresAreCounted() throws Exception {
        try (Service service = images()) {
            post(service, "/v1/predict", pictures.get(0));
            post(service, "/v1/predict", new byte[] {1, 2, 3});
            get(service, "/no-such-page-" + System.nanoTime());
            // A request is counted once its answer is sent, so the client may be here before.
            await(service, "maskfeat_request_seconds_count{route=\"predict\"} 2");
            await(service, "maskfeat_request_seconds_count{route=\"other\"} 1");
            HttpResponse<byte[]> answer = get(service, "/metrics");
            assertThat(answer.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
            assertThat(text(answer))
                    .contains("maskfeat_ready 1\n")
                    .contains("maskfeat_requests_total{route=\"predict\",code=\"200\"} 1\n")
                    .contains("maskfeat_requests_total{route=\"predict\",code=\"400\"} 1\n")
                    .contains("maskfeat_requests_total{route=\"other\",code=\"404\"} 1\n")
                    .contains("maskfeat_request_seconds_bucket{route=\"predict\",le=\"+Inf\"} 2\n")
                    .doesNotContain("no-such-page");
            assertThat(text(answer).lines().filter(line -> !line.startsWith("#")))
                    .allMatch(line -> line.matches("[a-z_]+(\\{([a-z]+=\"[^\"]*\",?)+})? [0-9.E-]+"));
        }
    }

    @Test
    void thePageNeedsNothingFromElsewhere() throws Exception {
        try (Service service = images()) {
            HttpResponse<byte[]> page = get(service, "/");
            assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
            assertThat(page.headers().firstValue("Content-Security-Policy"))
                    .hasValueSatisfying(policy -> assertThat(policy).startsWith("default-src 'none'"));
            assertThat(text(page)).contains("v1/predict", "v1/models").doesNotContain("src=\"", "url(", "@import");
        }
    }

    @Test
    void aStopEndsTheRequestsThatRunAndRefusesOthers() throws Exception {
        Gate gate = new Gate();
        Service service = held(gate, options(1 << 20, 8, Duration.ofMinutes(1)));
        CompletableFuture<HttpResponse<byte[]>> running = later(service, "/v1/predict", pictures.get(0));
        gate.entered.await();
        CompletableFuture<Void> stop = OwnThread.run(service::close);
        await(service, "maskfeat_ready 0");
        assertThat(get(service, "/v2/health/ready").statusCode()).isEqualTo(503);
        assertThat(get(service, "/v2/models/images/ready").statusCode()).isEqualTo(503);
        assertThat(get(service, "/v2/health/live").statusCode()).isEqualTo(200);
        HttpResponse<byte[]> late = post(service, "/v1/predict", pictures.get(1));
        assertThat(late.statusCode()).isEqualTo(503);
        assertThat(error(late)).contains("is stopping");
        assertThat(running).isNotDone();
        gate.open();
        assertThat(running.get().statusCode()).isEqualTo(200);
        stop.get();
        service.close(); // again: nothing
        assertThatThrownBy(() -> get(service, "/v2/health/live")).isInstanceOf(IOException.class);
    }

    @Test
    void aPortInUseAndANameThatIsNoneAreRefused() throws Exception {
        try (Service service = images()) {
            int port = service.address().getPort();
            assertThatThrownBy(() -> Service.start(
                            Map.of("images", Inference.open(images, "cpu")),
                            options().port(port)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("port " + port);
        }
        assertThatThrownBy(() -> Service.start(Map.of("a/b", Inference.open(images, "cpu")), options()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a/b");
        assertThatThrownBy(() -> options(0, 1, Duration.ofSeconds(1))).hasMessageContaining("max-bytes 0");
        assertThatThrownBy(() -> options(1, 0, Duration.ofSeconds(1))).hasMessageContaining("queue 0");
        assertThatThrownBy(() -> options(1, 1, Duration.ZERO)).hasMessageContaining("timeout 0");
    }

    @Test
    void aNetworkThatFailsIsAnErrorOfTheServer() throws Exception {
        Batcher.Network broken = new Batcher.Network() {
            @Override
            public List<float[]> scores(List<Frames> views) {
                throw new IllegalStateException("/secret/path");
            }

            @Override
            public List<float[]> features(List<Frames> views) {
                return List.of(new float[] {Float.NaN});
            }

            @Override
            public List<float[]> actions(Frames clip, List<Corners> boxes) {
                return List.of(new float[] {Float.NaN});
            }
        };
        try (Service service = Service.start(
                Map.of("images", Inference.open(images, "cpu")), options(), People.given(), network -> broken)) {
            HttpResponse<byte[]> failed = post(service, "/v1/predict", pictures.get(0));
            assertThat(failed.statusCode()).isEqualTo(500);
            assertThat(text(failed)).doesNotContain("secret");
            HttpResponse<byte[]> notFinite = post(service, "/v1/embed", pictures.get(0));
            assertThat(notFinite.statusCode()).isEqualTo(500);
            assertThat(error(notFinite)).contains("not finite");
        }
    }
}
