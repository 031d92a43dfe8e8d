package maskfeat.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import maskfeat.data.Windows;
import maskfeat.eval.Prediction;
import maskfeat.infer.Inference;
import maskfeat.media.Frames;
import maskfeat.media.MediaSource;
import maskfeat.report.PredictionText;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Networks over HTTP, until it is closed. Files stay in memory; nothing is written.
 *
 * <pre>
 * try (Service service = Service.start(Map.of("actions", network), ServeOptions.defaults())) {
 *     System.out.println(service.address()); // http://127.0.0.1:8080
 *     Thread.currentThread().join();
 * }
 * </pre>
 *
 * <p>The thread of a request takes its bytes and waits; as many threads as there are cores read files; a thread of each network
 * computes.
 */
public final class Service implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String WINDOWS = "windows";
    private static final int DEFAULT_TOP = 5;
    private static final int BACKLOG = 128;

    /** Platform threads of requests, where there are no virtual ones. */
    private static final int MOST_THREADS = 1000;

    /** Share of the heap that bodies may take; each is held about three times, as JSON, as text and as files. */
    private static final int BODY_SHARE = 8;

    /** How much of a body that is not wanted is taken all the same: a client that still sends sees no answer. */
    private static final long LINGER_BYTES = 1L << 28;

    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Seconds that a client may take to send a request. */
    private static final String SENDING_SECONDS = "120";

    /**
     * An answer.
     *
     * @param headers besides the type
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Answer(int code, String type, byte[] body, Map<String, String> headers) {
        static Answer json(int code, Object value) {
            return json(code, JSON.writeValueAsBytes(value), Map.of());
        }

        static Answer json(int code, byte[] value, Map<String, String> headers) {
            return new Answer(code, "application/json", value, headers);
        }

        static Answer refused(int code, String message, Map<String, String> headers) {
            return json(code, JSON.writeValueAsBytes(Map.of("error", message)), headers);
        }
    }

    /** A place among the requests that are worked on, and the bytes it holds; given back when the answer is written. */
    private final class Admission implements AutoCloseable {
        private boolean held;
        private long bytes;

        void enter() throws Refusal {
            if (!admission.tryAcquire()) {
                throw busy(options.queue() + " requests are worked on or wait; try again");
            }
            held = true;
            if (stopping) {
                throw new Refusal(Refusal.UNAVAILABLE, "the service is stopping");
            }
        }

        void reserve(long wanted) throws Refusal {
            bytes = wanted;
            if (heldBytes.addAndGet(wanted) > mostHeldBytes) {
                throw busy("the files of other requests fill the memory that there is for them; try again");
            }
        }

        private Refusal busy(String message) {
            return new Refusal(Refusal.TOO_MANY, message, Map.of("Retry-After", "1"));
        }

        @Override
        public void close() {
            heldBytes.addAndGet(-bytes);
            if (held) {
                admission.release();
            }
        }
    }

    private final ServeOptions options;
    private final HttpServer server;
    private final Map<String, ServedModel> models = new LinkedHashMap<>();
    private final ServiceMetrics metrics = new ServiceMetrics();
    private final ExecutorService requests = requestThreads();
    private final ExecutorService readers =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), daemons("reader"));
    private final Semaphore admission;
    private final AtomicLong heldBytes = new AtomicLong();
    private final long mostHeldBytes;
    private final byte[] page;
    private final Detecting detecting;
    private final Timelines timelines;
    private volatile boolean ready = true;
    private volatile boolean stopping;
    private boolean closed;

    private Service(
            Map<String, Inference> networks,
            ServeOptions options,
            People people,
            UnaryOperator<Batcher.Network> around,
            byte[] page)
            throws IOException {
        this.options = options;
        this.page = page;
        this.admission = new Semaphore(options.queue());
        this.mostHeldBytes = Math.max(options.maxBytes(), Runtime.getRuntime().maxMemory() / BODY_SHARE);
        this.server = listen(options);
        this.detecting = new Detecting(people, readers, daemons("finder of people"));
        this.timelines = new Timelines(readers, options.batch());
        networks.forEach((name, network) -> models.put(name, new ServedModel(name, network, options, metrics, around)));
    }

    /**
     * Begins to serve.
     *
     * @param networks by name, in the order in which they are shown; closed with the service, or if it cannot begin
     * @throws IllegalArgumentException if a name cannot be part of an address, the views do not fit a network, or the address
     *     is in use or not of this machine
     */
    public static Service start(Map<String, Inference> networks, ServeOptions options) throws IOException {
        return start(networks, options, People.given());
    }

    /**
     * Begins to serve.
     *
     * @param networks by name, in the order in which they are shown; closed with the service, or if it cannot begin
     * @param people how detectors among them come by boxes; its finder is closed as the networks are
     * @throws IllegalArgumentException if a name cannot be part of an address, the views do not fit a network, the address is
     *     in use or not of this machine, or people are found and no network is a detector
     */
    public static Service start(Map<String, Inference> networks, ServeOptions options, People people)
            throws IOException {
        return start(networks, options, people, network -> network);
    }

    /** @param around what stands between the service and each network */
    static Service start(
            Map<String, Inference> networks, ServeOptions options, People people, UnaryOperator<Batcher.Network> around)
            throws IOException {
        try {
            check(networks, options);
            if (people.finder() != null && networks.values().stream().noneMatch(Inference::isDetector)) {
                throw new IllegalArgumentException("--detector finds people for detectors of actions, and none of "
                        + networks.keySet() + " is one; leave it out");
            }
            byte[] page;
            try (InputStream in = Service.class.getResourceAsStream("/maskfeat/serve/page.html")) {
                if (in == null) {
                    throw new IllegalStateException("the page is missing in the jar");
                }
                page = in.readAllBytes();
            }
            Service service = new Service(networks, options, people, around, page);
            service.server.createContext("/", service::handle);
            service.server.setExecutor(service.requests);
            service.server.start();
            return service;
        } catch (IOException | RuntimeException failed) {
            networks.values().forEach(Inference::close);
            if (people.finder() != null) {
                people.finder().close();
            }
            throw failed;
        }
    }

    private static void check(Map<String, Inference> networks, ServeOptions options) {
        if (networks.isEmpty()) {
            throw new IllegalArgumentException("there is no network to serve");
        }
        networks.forEach((name, network) -> {
            if (name.isBlank() || name.contains("/")) {
                throw new IllegalArgumentException(
                        "'" + name + "' cannot be the name of a model: it must not be empty or contain a /");
            }
            options.views().check(network.input().clip());
        });
    }

    private static HttpServer listen(ServeOptions options) throws IOException {
        // Read once, when the first server is made. Without the first, answers wait for a client's acknowledgement.
        setIfAbsent("sun.net.httpserver.nodelay", "true");
        setIfAbsent("sun.net.httpserver.maxReqTime", SENDING_SECONDS);
        InetSocketAddress address = new InetSocketAddress(options.host(), options.port());
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("host " + options.host() + " is not known");
        }
        try {
            return HttpServer.create(address, BACKLOG);
        } catch (BindException taken) {
            throw new IllegalArgumentException(
                    "cannot listen on port " + options.port() + " of " + options.host() + " (" + taken.getMessage()
                            + "); choose another port, 0 for a free one, or an address of this machine",
                    taken);
        }
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** A virtual thread each, where the machine has them; byte code of Java 17 must ask. */
    private static ExecutorService requestThreads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException older) {
            return new ThreadPoolExecutor(
                    0, MOST_THREADS, 1, TimeUnit.MINUTES, new SynchronousQueue<>(), daemons("request"));
        }
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + " " + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Where it listens, with the port that it has. */
    public URI address() {
        String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
        return URI.create("http://" + host + ":" + server.getAddress().getPort());
    }

    /** A line on each network. */
    public List<String> describe() {
        return models.values().stream().map(ServedModel::describe).toList();
    }

    /**
     * Says from now on that it is not ready, and takes requests all the same until it is closed: who shares requests out among
     * several services has time to leave this one out.
     */
    public void drain() {
        ready = false;
    }

    /**
     * Stops: it is not ready from now on and refuses what comes, ends the requests that it has, for as long as the timeout
     * allows, and closes the networks.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        ready = false;
        stopping = true;
        try {
            long patience = options.timeout().plus(Duration.ofSeconds(1)).toMillis();
            if (!admission.tryAcquire(options.queue(), patience, TimeUnit.MILLISECONDS)) {
                LOG.warn("some requests are not done and are given up");
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        server.stop(0);
        requests.shutdown();
        readers.shutdown();
        detecting.close();
        models.values().forEach(ServedModel::close);
    }

    // Requests.

    private void handle(HttpExchange exchange) {
        long begin = System.nanoTime();
        String route = "other";
        int code = Refusal.FAILED;
        try (exchange;
                Admission place = new Admission()) {
            String path =
                    Optional.ofNullable(exchange.getRequestURI().getPath()).orElse("");
            route = route(path);
            Deadline deadline = new Deadline(begin + options.timeout().toNanos(), options.timeout());
            Answer answer = answer(exchange, path, route, place, deadline);
            code = answer.code();
            send(exchange, answer);
        } catch (IOException gone) {
            LOG.debug("a client went away: {}", gone.toString());
        } finally {
            metrics.answered(route, code, (System.nanoTime() - begin) / 1e9);
        }
    }

    private Answer answer(HttpExchange exchange, String path, String route, Admission place, Deadline deadline)
            throws IOException {
        try {
            return switch (route) {
                case "page" -> get(exchange, new Answer(200, "text/html; charset=utf-8", page, PAGE_HEADERS));
                case "metrics" -> get(exchange, figures());
                case "health" -> get(exchange, health(path));
                case "models" -> get(exchange, described(path));
                case "predict", "embed", "infer" -> work(exchange, path, route, place, deadline);
                default ->
                    throw new Refusal(
                            Refusal.NOT_FOUND,
                            "there is no " + path + "; /v1/predict, /v1/embed, /v1/models, /v2, /metrics and / are"
                                    + " known");
            };
        } catch (Refusal refused) {
            return Answer.refused(refused.status(), String.valueOf(refused.getMessage()), refused.headers());
        } catch (OutOfMemoryError full) {
            LOG.warn("out of memory on a request of {}: {}", route, full.getMessage());
            return Answer.refused(
                    Refusal.UNAVAILABLE, "out of memory; send less at a time", Map.of("Retry-After", "1"));
        } catch (RuntimeException | LinkageError failed) {
            LOG.warn("a request of {} failed: {}", route, failed.toString(), failed);
            return Answer.refused(Refusal.FAILED, "the program failed on this; its log says more", Map.of());
        }
    }

    private static final Map<String, String> PAGE_HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
                    + " img-src 'self' blob: data:; media-src blob:; base-uri 'none'; form-action 'none'",
            "Referrer-Policy",
            "no-referrer");

    /** One of a few names, for figures too. */
    private static String route(String path) {
        if (path.matches("/v2/models/[^/]+/infer")) {
            return "infer";
        }
        if (path.equals("/v2") || path.equals("/v1/models") || path.matches("/v2/models/[^/]+(/ready)?")) {
            return "models";
        }
        return switch (path) {
            case "/" -> "page";
            case "/metrics" -> "metrics";
            case "/v1/predict" -> "predict";
            case "/v1/embed" -> "embed";
            case "/v2/health/live", "/v2/health/ready" -> "health";
            default -> "other";
        };
    }

    private static Answer get(HttpExchange exchange, Answer answer) throws Refusal {
        method(exchange, "GET", "HEAD");
        return answer;
    }

    private static void method(HttpExchange exchange, String... known) throws Refusal {
        if (!Arrays.asList(known).contains(exchange.getRequestMethod())) {
            throw new Refusal(
                    Refusal.METHOD,
                    exchange.getRequestURI().getPath() + " takes " + known[0] + ", not " + exchange.getRequestMethod(),
                    Map.of("Allow", String.join(", ", known)));
        }
    }

    private Answer figures() {
        String text = metrics.text(ready, options.queue() - admission.availablePermits());
        return new Answer(
                200, "text/plain; version=0.0.4; charset=utf-8", text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    private Answer health(String path) {
        return path.endsWith("live")
                ? Answer.json(200, Map.of("live", true))
                : Answer.json(ready ? 200 : Refusal.UNAVAILABLE, Map.of("ready", ready));
    }

    private Answer described(String path) throws Refusal {
        if (path.equals("/v1/models")) {
            return Answer.json(
                    200,
                    models.values().stream()
                            .map(model -> model.facts(detecting.findsPeople()))
                            .toList());
        }
        if (path.equals("/v2")) {
            String version = Service.class.getPackage().getImplementationVersion();
            Map<String, Object> about = new LinkedHashMap<>();
            about.put("name", "maskfeat");
            about.put("version", version == null ? "development" : version);
            about.put("extensions", List.of("binary_tensor_data"));
            return Answer.json(200, about);
        }
        ServedModel model = model(path.split("/")[3]);
        if (!path.endsWith("/ready") || path.split("/").length == 4) {
            return Answer.json(200, OpenInference.metadata(model));
        }
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("name", model.name());
        state.put("ready", ready);
        return Answer.json(ready ? 200 : Refusal.UNAVAILABLE, state);
    }

    private ServedModel model(String name) throws Refusal {
        ServedModel model = models.get(name);
        if (model == null) {
            throw new Refusal(Refusal.NOT_FOUND, "there is no model '" + name + "'; there are " + models.keySet());
        }
        return model;
    }

    // Work.

    private Answer work(HttpExchange exchange, String path, String route, Admission place, Deadline deadline)
            throws IOException, Refusal {
        method(exchange, "POST");
        boolean protocol = route.equals("infer");
        Map<String, String> query = protocol
                ? Map.of()
                : query(
                        exchange,
                        route.equals("predict") ? List.of("model", "top", WINDOWS, "window") : List.of("model"));
        ServedModel model = protocol ? model(path.split("/")[3]) : chosen(query.get("model"));
        int top = top(query.get("top"));
        boolean actions = route.equals("predict") && model.isDetector();
        if (route.equals("predict") && !model.isClassifier() && !actions) {
            throw new Refusal(
                    Refusal.BAD_REQUEST,
                    "model '" + model.name() + "' is no classifier and no detector; /v1/embed gives its features");
        }
        Optional<Windows.Sliding> sliding = sliding(model, query);
        String type = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type"))
                .orElse("");
        boolean form = Upload.isForm(type);
        if (form && protocol) {
            throw new Refusal(
                    Refusal.BAD_REQUEST, "the body is a form; send the file itself as body: curl --data-binary @FILE");
        }
        if (actions && !form && !detecting.findsPeople()) {
            throw withoutBoxes(model);
        }
        place.enter();
        byte[] body = body(exchange, place);
        if (protocol) {
            OpenInference.Request request =
                    OpenInference.read(body, exchange.getRequestHeaders().getFirst(OpenInference.HEADER_LENGTH), model);
            List<Batcher.Outputs> outputs = compute(
                    model,
                    looks(model, request.given()),
                    request.wants(OpenInference.SCORES, OpenInference.LABELS),
                    request.wants(OpenInference.FEATURES),
                    deadline);
            OpenInference.Answer answer = OpenInference.answer(model, request, outputs);
            return answer.jsonLength().isEmpty()
                    ? Answer.json(200, answer.body(), Map.of())
                    : new Answer(
                            200,
                            "application/octet-stream",
                            answer.body(),
                            Map.of(
                                    OpenInference.HEADER_LENGTH,
                                    answer.jsonLength().get().toString()));
        }
        Upload upload = form ? Upload.read(body, type, actions) : Upload.of(body);
        if (actions) {
            if (upload.boxes() == null && !detecting.findsPeople()) {
                throw withoutBoxes(model);
            }
            return Answer.json(200, detecting.answer(model, upload, top, deadline));
        }
        if (upload.boxes() != null) {
            throw new Refusal(
                    Refusal.BAD_REQUEST,
                    "the form has boxes, which are for /v1/predict of a detector of actions; " + path + " of model '"
                            + model.name() + "' looks at none");
        }
        if (sliding.isPresent()) {
            return Answer.json(200, timelines.answer(model, upload.file(), sliding.get(), top, deadline), Map.of());
        }
        boolean scores = route.equals("predict");
        MediaSource file = MediaSource.of(Upload.NAME, upload.file());
        Batcher.Outputs outputs = compute(model, List.of(() -> model.read(file)), scores, !scores, deadline)
                .get(0);
        if (scores) {
            StringWriter line = new StringWriter();
            new PredictionText(new PrintWriter(line), model.classes(), top, true)
                    .print(new Prediction(Upload.NAME, Prediction.UNLABELLED, outputs.scores()));
            return Answer.json(200, line.toString().strip().getBytes(StandardCharsets.UTF_8), Map.of());
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("file", Upload.NAME);
        row.put("features", outputs.features());
        return Answer.json(200, row);
    }

    private static Optional<Windows.Sliding> sliding(ServedModel model, Map<String, String> query) throws Refusal {
        String stride = query.get(WINDOWS);
        if (stride == null && query.containsKey("window")) {
            throw new Refusal(Refusal.BAD_REQUEST, "window would do nothing without windows");
        }
        if (stride != null && model.isDetector()) {
            throw new Refusal(
                    Refusal.BAD_REQUEST,
                    "windows are of classifiers; model '" + model.name() + "' tells of all of a video without them");
        }
        return stride == null ? Optional.empty() : Optional.of(Timelines.sliding(model, stride, query.get("window")));
    }

    private static Refusal withoutBoxes(ServedModel model) {
        return new Refusal(
                Refusal.BAD_REQUEST,
                "model '" + model.name()
                        + "' tells what is done in boxes, and finds none itself: send them with the video,"
                        + " curl -F file=@VIDEO -F boxes=@BOXES.csv, or start the service with --detector MODEL.onnx");
    }

    /** How each element comes to what the network looks at. */
    private static List<Callable<List<Frames>>> looks(ServedModel model, OpenInference.Given given) {
        List<Callable<List<Frames>>> looks = new ArrayList<>();
        for (byte[] bytes : given.files()) {
            MediaSource file =
                    MediaSource.of(given.files().size() == 1 ? Upload.NAME : "element " + looks.size(), bytes);
            looks.add(() -> model.read(file));
        }
        for (Frames pixels : given.pixels()) {
            looks.add(() -> List.of(pixels));
        }
        return looks;
    }

    private ServedModel chosen(@Nullable String name) throws Refusal {
        if (name != null) {
            return model(name);
        }
        if (models.size() > 1) {
            throw new Refusal(
                    Refusal.BAD_REQUEST, "there are several models; choose with ?model=, one of " + models.keySet());
        }
        return models.values().iterator().next();
    }

    private static int top(@Nullable String text) throws Refusal {
        if (text == null) {
            return DEFAULT_TOP;
        }
        if (!text.matches("[1-9]\\d{0,8}")) {
            throw new Refusal(Refusal.BAD_REQUEST, "top is '" + text + "'; it must be a number of classes, at least 1");
        }
        return Integer.parseInt(text);
    }

    private static Map<String, String> query(HttpExchange exchange, List<String> known) throws Refusal {
        Map<String, String> query = new LinkedHashMap<>();
        String text =
                Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
        for (String part : text.split("&")) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            String key = decoded(equals < 0 ? part : part.substring(0, equals));
            if (!known.contains(key)) {
                throw new Refusal(
                        Refusal.BAD_REQUEST,
                        "there is no parameter '" + key + "' of "
                                + exchange.getRequestURI().getPath() + "; known: " + String.join(", ", known));
            }
            if (query.put(key, decoded(equals < 0 ? "" : part.substring(equals + 1))) != null) {
                throw new Refusal(Refusal.BAD_REQUEST, "'" + key + "' is there twice; leave one out");
            }
        }
        return query;
    }

    private static String decoded(String text) throws Refusal {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException wrong) {
            throw new Refusal(Refusal.BAD_REQUEST, "'" + text + "' in the address: " + wrong.getMessage());
        }
    }

    private byte[] body(HttpExchange exchange, Admission place) throws IOException, Refusal {
        int most = options.maxBytes();
        String said = exchange.getRequestHeaders().getFirst("Content-Length");
        long length = said == null ? -1 : Long.parseLong(said.strip()); // the JDK's server has refused other text
        if (length > most) {
            throw tooLarge(length + " bytes");
        }
        place.reserve(length < 0 ? most : length);
        InputStream in = exchange.getRequestBody();
        byte[] body;
        try {
            body = in.readNBytes(length < 0 ? most : (int) length);
            if (length < 0 && body.length == most && in.read() >= 0) {
                throw tooLarge("more bytes");
            }
        } catch (IOException broken) {
            throw new Refusal(
                    Refusal.BAD_REQUEST,
                    "the body breaks off" + (length < 0 ? "" : " before its " + length + " bytes")
                            + "; send all of it");
        }
        if (body.length == 0) {
            throw new Refusal(Refusal.BAD_REQUEST, "the body is empty; send a file: curl --data-binary @FILE");
        }
        return body;
    }

    private Refusal tooLarge(String found) {
        return new Refusal(
                Refusal.TOO_LARGE,
                "the body has " + found + ", and " + options.maxBytes()
                        + " are taken; send less, or start the service with a larger --max-bytes");
    }

    /** Reads and computes, as many files at a time as go through the network together: decoded files are large. */
    private List<Batcher.Outputs> compute(
            ServedModel model, List<Callable<List<Frames>>> looks, boolean scores, boolean features, Deadline deadline)
            throws Refusal {
        List<Batcher.Outputs> all = new ArrayList<>();
        for (int from = 0; from < looks.size(); from += options.batch()) {
            List<Callable<List<Frames>>> part = looks.subList(from, Math.min(from + options.batch(), looks.size()));
            List<Future<?>> pending = new ArrayList<>();
            try {
                List<Future<List<Frames>>> reading = new ArrayList<>();
                for (Callable<List<Frames>> look : part) {
                    reading.add(readers.submit(look));
                }
                pending.addAll(reading);
                List<Future<Batcher.Outputs>> computing = new ArrayList<>();
                for (Future<List<Frames>> views : reading) {
                    computing.add(model.submit(deadline.wait(views), scores, features));
                    pending.add(computing.get(computing.size() - 1));
                }
                for (Future<Batcher.Outputs> outputs : computing) {
                    Batcher.Outputs done = deadline.wait(outputs);
                    model.finite(List.of(done.scores(), done.features()));
                    all.add(done);
                }
            } finally {
                pending.forEach(future -> future.cancel(false)); // what is done stays done
            }
        }
        return all;
    }

    // Answers.

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(answer.body().length));
            exchange.sendResponseHeaders(answer.code(), -1);
            return;
        }
        exchange.sendResponseHeaders(answer.code(), answer.body().length);
        OutputStream out = exchange.getResponseBody();
        out.write(answer.body());
        out.flush();
        linger(exchange.getRequestBody());
    }

    /** Takes the rest of a body that was refused, within bounds, so that its sender comes to read why. */
    private static void linger(InputStream rest) throws IOException {
        long until = System.nanoTime() + LINGER_NANOS;
        byte[] buffer = new byte[1 << 16];
        long taken = 0;
        for (int read = rest.read(buffer); read >= 0; read = rest.read(buffer)) {
            taken += read;
            if (taken > LINGER_BYTES || System.nanoTime() > until) {
                return;
            }
        }
    }

    /** Names of what is served, for messages. */
    @Override
    public String toString() {
        return models.keySet().stream().collect(Collectors.joining(", ", "service of ", " at " + address()));
    }
}
