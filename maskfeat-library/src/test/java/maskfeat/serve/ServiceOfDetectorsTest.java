package maskfeat.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import maskfeat.OwnThread;
import maskfeat.data.Footage;
import maskfeat.data.Views;
import maskfeat.eval.Corners;
import maskfeat.infer.ActionSeries;
import maskfeat.infer.Inference;
import maskfeat.infer.NetworkFiles;
import maskfeat.infer.PeopleInVideo;
import maskfeat.infer.VideoBoxes;
import maskfeat.media.Frames;
import maskfeat.network.ActionHead;
import maskfeat.network.NetworkSpec;
import maskfeat.people.FixedDetector;
import maskfeat.people.PeopleFinder;
import maskfeat.sample.SampleSet;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What people do in videos, over HTTP. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServiceOfDetectorsTest {
    /** Another number of threads sums in another order. */
    private static final Offset<Float> ROUNDING = Offset.offset(1e-5f);

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String LINE = "XyZ";
    private static final String HEADER = "video,second,x1,y1,x2,y2,person,score\n";
    private static final String TABLE = HEADER
            + "clip.mp4,0.2,0.1,0.1,0.5,0.9,ann,0.9\n"
            + "clip.mp4,0.2,0.5,0.2,0.9,0.8,,0.9\n"
            + "clip.mp4,0.2,0.5,0.5,0.9,0.8,,0.1\n"
            + "clip.mp4,0.6,0.5,0.25,0.9,0.8,,0.9\n";

    @TempDir
    private static Path folder = Path.of("");

    private static Path detector = Path.of("");
    private static Path images = Path.of("");
    private static Path finder = Path.of("");
    private static Path film = Path.of("");
    private static byte[] video = {};
    private static byte[] picture = {};

    @BeforeAll
    static void networks() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY);
        detector = NetworkFiles.write(folder.resolve("detector.safetensors"), NetworkFiles.clipDetector(), 3);
        images = NetworkFiles.write(folder.resolve("images.safetensors"), NetworkFiles.imageClassifier(), 3);
        finder = folder.resolve("people.onnx");
        float[][] boxes = {{0.1f, 0.2f, 0.4f, 0.9f}, {0.5f, 0.1f, 0.9f, 0.8f}, {0, 0, 1, 1}};
        FixedDetector.dfine(finder, 32, new float[] {0, 0, 2}, boxes, new float[] {0.9f, 0.6f, 0.9f});
        film = first(folder.resolve("set/scenes/val"), ".mp4");
        video = Files.readAllBytes(film);
        picture = Files.readAllBytes(first(folder.resolve("set/images/val"), ""));
    }

    private static Path first(Path of, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(of)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static ServeOptions options(Duration timeout) {
        return new ServeOptions("127.0.0.1", 0, 4 << 20, 16, 16, Duration.ZERO, timeout, 1, Views.MIDDLE);
    }

    private static Service service(People people, UnaryOperator<Batcher.Network> around, Duration timeout)
            throws IOException {
        return Service.start(Map.of("actions", Inference.open(detector, "cpu")), options(timeout), people, around);
    }

    private static Service service() throws IOException {
        return service(People.given(), network -> network, Duration.ofMinutes(1));
    }

    private static People finding(double every) throws IOException {
        return new People(PeopleFinder.open(finder, new PeopleFinder.Told(null, null, null), 1), every, 0.5);
    }

    private static String part(String disposition) {
        return "--" + LINE + "\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n";
    }

    /** Texts, and bytes as they are. */
    private static byte[] bytes(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            out.writeBytes(
                    part instanceof byte[] content ? content : part.toString().getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    private static final String END = "\r\n--" + LINE + "--\r\n";

    private static byte[] form(byte[] file, @Nullable String boxes) {
        byte[] first = bytes(part("name=\"file\"; filename=\"C:\\\\films\\\\clip.mp4\""), file);
        return boxes == null ? bytes(first, END) : bytes(first, "\r\n", part("name=boxes"), boxes, END);
    }

    private static HttpRequest request(Service service, String path, @Nullable String type, byte[] body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(service.address().resolve(path)).POST(BodyPublishers.ofByteArray(body));
        return type == null
                ? request.build()
                : request.header("Content-Type", type).build();
    }

    private static HttpResponse<String> post(Service service, String path, @Nullable String type, byte[] body)
            throws Exception {
        return CLIENT.send(request(service, path, type, body), BodyHandlers.ofString());
    }

    private static HttpResponse<String> send(Service service, byte[] form) throws Exception {
        return post(service, "/v1/predict?top=2", "multipart/form-data; boundary=" + LINE, form);
    }

    private static JsonNode get(Service service, String path) throws Exception {
        return JsonMapper.shared()
                .readTree(CLIENT.send(
                                HttpRequest.newBuilder(service.address().resolve(path))
                                        .build(),
                                BodyHandlers.ofString())
                        .body());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body());
    }

    private static String error(HttpResponse<String> answer) {
        return json(answer).path("error").asString();
    }

    /** What {@code predict} says. */
    private static void assertSays(JsonNode answer, ActionSeries wanted) {
        assertThat(answer.path("file").asString()).isEqualTo("upload");
        JsonNode seen = answer.path("seen");
        assertThat(seen).hasSize(wanted.seen().size());
        for (int i = 0; i < seen.size(); i++) {
            ActionSeries.Seen own = wanted.seen().get(i);
            assertThat(seen.get(i).path("second").doubleValue()).isEqualTo(own.seconds());
            assertThat(seen.get(i).path("person").asString()).isEqualTo(own.person());
            assertThat(seen.get(i).path("box").get(2).doubleValue())
                    .isEqualTo(own.box().x2());
            JsonNode actions = seen.get(i).path("actions");
            List<Integer> best = ActionSeries.best(own.scores(), 2);
            assertThat(actions.propertyNames())
                    .containsExactly(
                            wanted.actions().get(best.get(0)), wanted.actions().get(best.get(1)));
            assertThat(actions.path(wanted.actions().get(best.get(0))).floatValue())
                    .isCloseTo(own.scores()[best.get(0)], ROUNDING);
        }
    }

    /** One of a thing is said in the singular. */
    @Test
    void eachNetworkIsDescribedInALine() throws Exception {
        NetworkSpec clips = NetworkFiles.clipDetector();
        Path one = NetworkFiles.write(
                folder.resolve("one.safetensors"),
                new NetworkSpec(clips.input(), clips.backbone(), new ActionHead(0.5, List.of("jump"), List.of(1))),
                3);
        Map<String, Inference> networks = new LinkedHashMap<>();
        for (Path each : List.of(detector, one, images)) {
            networks.put(each.getFileName().toString(), Inference.open(each, "cpu"));
        }
        try (Service service = Service.start(networks, options(Duration.ofMinutes(1)))) {
            assertThat(service.describe())
                    .containsExactly(
                            "detector.safetensors: detector of 3 actions, features of 80 numbers, of videos, clips of 8"
                                    + " frames of 64 x 64 px",
                            "one.safetensors: detector of 1 action, features of 80 numbers, of videos, clips of 8"
                                    + " frames of 64 x 64 px",
                            "images.safetensors: classifier of 3 classes, features of 16 numbers, of images of 64 x 64 px");
        }
    }

    @Test
    void boxesOfTheRequestAreLookedAt() throws Exception {
        Path table = Files.writeString(folder.resolve("boxes.csv"), TABLE);
        try (Service service = service();
                Inference network = Inference.open(detector, "cpu");
                Footage footage = Footage.open(film)) {
            HttpResponse<String> answer = send(service, form(video, TABLE));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            ActionSeries wanted = ActionSeries.of(
                    network,
                    footage,
                    VideoBoxes.read(table, 0.5, notice -> {}).of("clip.mp4", notice -> {}),
                    (done, of) -> {});
            assertThat(wanted.seen())
                    .extracting(ActionSeries.Seen::person)
                    .as("of four boxes one has too low a score")
                    .containsExactly("ann", "2", "2");
            assertSays(json(answer), wanted);
            assertThat(json(answer).path("notices").toString()).contains("below the threshold");

            byte[] unnamed = bytes(part("name=file"), video, "\r\n", part("name=boxes"), TABLE, END);
            assertThat(json(send(service, unnamed)).path("seen"))
                    .as("a table of one video is that of the file, whatever it is called")
                    .hasSize(3);
            String others = TABLE + "other.mp4,0.3,0.1,0.1,0.5,0.9,bob,0.9\n";
            assertThat(json(send(service, form(video, others))).path("seen")).hasSize(3);
            assertThat(error(send(service, form(video, others.replace("clip.mp4", "third.mp4")))))
                    .contains("boxes of 2 videos", "clip.mp4");
        }
    }

    @Test
    void peopleAreFoundWhereTheRequestBringsNoBoxes() throws Exception {
        try (Service service = service(finding(0.3), network -> network, Duration.ofMinutes(1));
                PeopleFinder own = PeopleFinder.open(finder, new PeopleFinder.Told(null, null, null));
                Inference network = Inference.open(detector, "cpu");
                Footage footage = Footage.open(film)) {
            ActionSeries wanted = ActionSeries.of(
                    network, footage, PeopleInVideo.of(own, footage, 0.3, 0.5, (done, of) -> {}), (done, of) -> {});
            assertThat(wanted.people()).hasSize(2);
            assertThat(wanted.seen()).hasSizeGreaterThan(4);
            assertSays(json(post(service, "/v1/predict?top=2", null, video)), wanted);
            assertSays(json(send(service, form(video, null))), wanted);
            assertThat(json(send(service, form(video, TABLE))).path("seen"))
                    .as("boxes of the request come first")
                    .hasSize(3);
            JsonNode model = get(service, "/v1/models").get(0);
            assertThat(model.path("detects").asBoolean()).isTrue();
            assertThat(model.path("findsPeople").asBoolean()).isTrue();
            assertThat(model.path("actions").toString()).isEqualTo("[\"one\",\"two\",\"three\"]");
            assertThat(error(post(service, "/v1/predict", null, picture))).startsWith("upload ");
            assertThat(json(post(service, "/v1/embed", null, video)).path("features"))
                    .isNotEmpty();
        }
    }

    @Test
    void whatIsMissingIsSaid() throws Exception {
        Map<String, Inference> both = new LinkedHashMap<>();
        both.put("actions", Inference.open(detector, "cpu"));
        both.put("images", Inference.open(images, "cpu"));
        try (Service service = Service.start(both, options(Duration.ofMinutes(1)))) {
            String type = "multipart/form-data; boundary=" + LINE;
            for (HttpResponse<String> none : List.of(
                    post(service, "/v1/predict?model=actions", null, video),
                    post(service, "/v1/predict?model=actions", type, form(video, null)))) {
                assertThat(none.statusCode()).isEqualTo(400);
                assertThat(error(none)).contains("'actions'", "-F boxes=@BOXES.csv", "--detector MODEL.onnx");
            }
            assertThat(get(service, "/v1/models").get(0).path("findsPeople").asBoolean(true))
                    .isFalse();
            assertThat(get(service, "/v1/models").get(1).path("detects").asBoolean(true))
                    .isFalse();
            assertThat(post(service, "/v1/predict?model=images", type, form(picture, null))
                            .body())
                    .isEqualTo(post(service, "/v1/predict?model=images", null, picture)
                            .body());
            HttpResponse<String> idle = post(service, "/v1/predict?model=images", type, form(picture, TABLE));
            assertThat(idle.statusCode()).isEqualTo(400);
            assertThat(error(idle)).contains("'images' looks at none");
            assertThat(error(post(service, "/v1/embed?model=actions", type, form(video, TABLE))))
                    .contains("/v1/embed of model 'actions' looks at none");
        }
        assertThatThrownBy(() -> Service.start(
                        Map.of("images", Inference.open(images, "cpu")), options(Duration.ofMinutes(1)), finding(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none of [images]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            second,x1,y1,x2,y2;1,0,0,1,1                     | no column video
            video,second,x1,y1,x2,y2                         | no row with a box
            video,second,x1,y1,x2,y2;v,soon,0,0,1,1          | boxes line 2 has 'soon' for a second
            video,second,x1,y1,x2,y2;v,0.2,0,0,one,1         | boxes line 2 has 'one' for x2
            video,second,x1,y1,x2,y2;v,99,0,0,1,1            | all 1 moments with boxes lie outside of upload
            video,frame,x1,y1,x2,y2;v,999999999999,0,0,1,1   | all 1 moments with boxes lie outside of upload
            nonsense                                         | boxes line 1
            """)
    void boxesThatCannotBeMeantAreExplained(String table, String said) throws Exception {
        try (Service service = service()) {
            HttpResponse<String> answer = send(service, form(video, table.replace(';', '\n') + "\n"));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            assertThat(error(answer)).contains(said).doesNotContain("/tmp");
        }
    }

    @Test
    void tooManyBoxesAreRefused() throws Exception {
        StringBuilder crowd = new StringBuilder("video,frame,x1,y1,x2,y2\n");
        for (int i = 0; i <= Detecting.MOST_BOXES; i++) {
            crowd.append("v,")
                    .append(i % 2 == 0 ? "9000" : "9001")
                    .append(",0.")
                    .append(100 + i)
                    .append(",0,1,1\n");
        }
        crowd.append("v,1,0,0,1,1\n");
        try (Service service = service()) {
            HttpResponse<String> many = send(service, form(video, crowd.toString()));
            assertThat(many.statusCode()).isEqualTo(400);
            assertThat(error(many)).as("both moments are the last frame's").contains("up to 101 in a moment");
            String long1 = HEADER + "v,0.1,0,0,1,1,,\n".repeat(Detecting.MOST_TABLE_BYTES / 16);
            HttpResponse<String> large = send(service, form(video, long1));
            assertThat(large.statusCode()).isEqualTo(413);
            assertThat(error(large)).contains("the boxes have");
        }
    }

    /** Says which threads compute, and holds them up. */
    private static final class Watched {
        private final Set<String> threads = ConcurrentHashMap.newKeySet();
        private final AtomicInteger clips = new AtomicInteger();
        private final CountDownLatch entered = new CountDownLatch(1);
        private final Semaphore open = new Semaphore(0);

        Batcher.Network around(Batcher.Network network) {
            return new Batcher.Network() {
                @Override
                public List<float[]> scores(List<Frames> views) {
                    return network.scores(views);
                }

                @Override
                public List<float[]> features(List<Frames> views) {
                    threads.add(Thread.currentThread().getName());
                    return network.features(views);
                }

                @Override
                public List<float[]> actions(Frames clip, List<Corners> boxes) {
                    threads.add(Thread.currentThread().getName());
                    clips.incrementAndGet();
                    entered.countDown();
                    open.acquireUninterruptibly();
                    return network.actions(clip, boxes);
                }
            };
        }
    }

    @Test
    void oneThreadComputesWhateverIsAsked() throws Exception {
        Watched watched = new Watched();
        watched.open.release(1 << 20);
        try (Service service = service(finding(0.3), watched::around, Duration.ofMinutes(1))) {
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                all.add(CLIENT.sendAsync(
                        request(service, i % 3 == 2 ? "/v1/embed" : "/v1/predict", null, video),
                        BodyHandlers.ofString()));
            }
            for (int i = 0; i < 6; i++) {
                assertThat(all.get(i).get().statusCode()).isEqualTo(200);
                assertThat(all.get(i).get().body())
                        .as("company changes nothing")
                        .isEqualTo(all.get(i % 3).get().body());
            }
            assertThat(watched.threads).containsExactly("network actions");
        }
    }

    @Test
    void aRequestThatTakesTooLongIsNotLookedAtFurther() throws Exception {
        Watched watched = new Watched();
        try (Service service = service(finding(0.1), watched::around, Duration.ofSeconds(3))) {
            HttpResponse<String> late = post(service, "/v1/predict", null, video);
            assertThat(late.statusCode()).isEqualTo(504);
            assertThat(error(late)).contains("3 s of --timeout");
            assertThat(watched.clips).hasValue(1);
            watched.open.release(1 << 20);
            assertThat(post(service, "/v1/embed", null, video).statusCode()).isEqualTo(200);
            assertThat(watched.clips).as("of many moments, the one at hand").hasValue(1);
        }
    }

    @Test
    void aStopEndsWhatIsLookedAt() throws Exception {
        Watched watched = new Watched();
        Service service = service(finding(0.3), watched::around, Duration.ofMinutes(1));
        CompletableFuture<HttpResponse<String>> running =
                CLIENT.sendAsync(request(service, "/v1/predict", null, video), BodyHandlers.ofString());
        watched.entered.await();
        CompletableFuture<Void> stop = OwnThread.run(service::close);
        watched.open.release(1 << 20);
        assertThat(running.get().statusCode()).isEqualTo(200);
        stop.get();
    }

    @Test
    void aNetworkWithDamagedWeightsIsAnErrorOfTheServer() throws Exception {
        UnaryOperator<Batcher.Network> broken = network -> new Batcher.Network() {
            @Override
            public List<float[]> scores(List<Frames> views) {
                throw new IllegalStateException("not asked");
            }

            @Override
            public List<float[]> features(List<Frames> views) {
                throw new IllegalStateException("not asked");
            }

            @Override
            public List<float[]> actions(Frames clip, List<Corners> boxes) {
                return boxes.stream().map(box -> new float[] {0, Float.NaN, 0}).toList();
            }
        };
        try (Service service = service(People.given(), broken, Duration.ofMinutes(1))) {
            HttpResponse<String> answer = send(service, form(video, TABLE));
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(error(answer)).contains("not finite");
        }
    }

    // ---- forms -----------------------------------------------------------------------------------------------------

    @Test
    void oddFormsAreExplained() throws Exception {
        byte[] good = form(video, TABLE);
        String type = "multipart/form-data; boundary=" + LINE;
        String file = part("name=\"file\"");
        try (Service service = service()) {
            record Case(String type, byte[] body, String said) {}
            List<Case> cases = List.of(
                    new Case(type, bytes(part("name=boxes"), TABLE, END), "no part 'file'"),
                    new Case(type, bytes("--" + LINE + "--\r\n"), "no part 'file'"),
                    new Case(type, bytes(file, video, "\r\n", file, video, END), "two parts 'file'"),
                    new Case(type, bytes(file, video, "\r\n", part("name=bxs"), TABLE, END), "no part 'bxs'"),
                    new Case(type, bytes(file, END), "'file' of the form is empty"),
                    new Case(type, bytes(file, "\r\n--" + LINE + "--"), "'file' of the form is empty"),
                    new Case(type, Arrays.copyOf(good, good.length - END.length()), "middle of its part 'boxes'"),
                    new Case(type, Arrays.copyOf(good, 300), "middle of its part 'file'"),
                    new Case(type, Arrays.copyOf(good, 40), "no end of its header"),
                    new Case(type, bytes("--" + LINE + "\r\nX: " + "y".repeat(100_000), good), "no end of its header"),
                    new Case(type, bytes("--" + LINE + "\r\nX: y\r\n".repeat(1) + "Z: 1\r\n".repeat(5000)), "no end"),
                    new Case(type, bytes("--" + LINE + "\r\n\r\n", video, END), "no part ''"),
                    new Case(type, bytes(part("name=\"file"), video, END), "quote that is not closed"),
                    new Case(
                            type,
                            bytes(
                                    "--" + LINE + "\r\nContent-Disposition: form-data; name=file\r\n"
                                            + "Content-Transfer-Encoding: base64\r\n\r\nAAAA",
                                    END),
                            "is in base64"),
                    new Case(type, video, "does not occur"),
                    new Case(type + "a", good, "does not occur"),
                    new Case("multipart/form-data; boundary=Xy", good, "does not occur"),
                    new Case("multipart/form-data", good, "names no boundary"),
                    new Case("multipart/form-data; boundary=\"a\\\"b\"", good, "names no boundary"),
                    new Case("multipart/form-data; boundary=" + "x".repeat(71), good, "names no boundary"),
                    new Case("multipart/mixed; boundary=" + LINE, good, "multipart/form-data is known"));
            for (Case each : cases) {
                HttpResponse<String> answer = post(service, "/v1/predict", each.type(), each.body());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
                assertThat(error(answer)).contains(each.said());
            }
            assertThat(error(post(service, "/v2/models/actions/infer", type, good)))
                    .contains("the body is a form");
        }
    }

    @Test
    void formsOfOtherMakersAreReadToo() throws Exception {
        try (Service service = service()) {
            String wanted = send(service, form(video, TABLE)).body();
            byte[] other = bytes(
                    "a preamble --" + LINE + "\r\n--" + LINE + "more\r\n--" + LINE + "  \r\nX-More: 1\r\n"
                            + "content-disposition:form-data;filename=clip.mp4 ; NAME=boxes\r\n"
                            + "Content-Type: text/csv; charset=utf-8\r\n\r\n",
                    TABLE,
                    "\r\n--" + LINE
                            + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"clip.mp4\"\r\n\r\n",
                    video,
                    "\r\n--" + LINE + "-- an epilogue");
            HttpResponse<String> answer = post(
                    service, "/v1/predict?top=2", "Multipart/Form-Data; charset=x; Boundary=\"" + LINE + "\"", other);
            assertThat(answer.body()).isEqualTo(wanted);
        }
    }

    @Test
    void oddBytesInFormsAreRefusedAndLeaveItServing() throws Exception {
        byte[] good = form(video, TABLE);
        int boxes = good.length - END.length() - TABLE.length();
        try (Service service = service()) {
            String before = send(service, good).body();
            assertThat(before).contains("\"seen\"");
            SplittableRandom random = new SplittableRandom(4);
            int refused = 0;
            for (int i = 0; i < 200; i++) {
                byte[] odd =
                        Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) + 1 : good.length);
                // The beginning, the table and its surroundings, or anywhere.
                int from = i % 3 == 1 ? Math.min(boxes - 100, odd.length - 1) : 0;
                int most = i % 3 == 0 ? Math.min(odd.length, 120) : odd.length;
                for (int change = random.nextInt(8); change >= 0; change--) {
                    odd[from + random.nextInt(most - from)] = (byte)
                            (random.nextBoolean() ? random.nextInt() : "\r\n-\",;:=0.9".charAt(random.nextInt(11)));
                }
                HttpResponse<String> answer = send(service, odd);
                assertThat(answer.statusCode()).as("%s: %s", i, answer.body()).isIn(200, 400);
                if (answer.statusCode() == 400) {
                    refused++;
                    assertThat(error(answer)).isNotBlank().doesNotContain("/tmp", "Exception");
                }
            }
            assertThat(refused).isBetween(20, 199);
            assertThat(send(service, good).body()).isEqualTo(before);
        }
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    @Test
    void whileItDrainsItIsNotReadyAndTakesRequests() throws Exception {
        try (Service service = service()) {
            service.drain();
            for (String path : List.of("/v2/health/ready", "/v2/models/actions/ready")) {
                HttpResponse<String> ready = CLIENT.send(
                        HttpRequest.newBuilder(service.address().resolve(path)).build(), BodyHandlers.ofString());
                assertThat(ready.statusCode()).isEqualTo(503);
                assertThat(json(ready).path("ready").asBoolean(true)).isFalse();
            }
            assertThat(get(service, "/v2/health/live").path("live").asBoolean()).isTrue();
            assertThat(send(service, form(video, TABLE)).statusCode()).isEqualTo(200);
        }
    }
}
