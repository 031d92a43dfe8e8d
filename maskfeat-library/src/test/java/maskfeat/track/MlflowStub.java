package maskfeat.track;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Speaks as much of MLflow's REST API as a run needs, as its documentation has it, and keeps what it is told. */
public final class MlflowStub implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** What a run was told. */
    public static final class Told {
        public final String experiment;
        public final String name;
        public final Map<String, String> tags = new TreeMap<>();
        public final Map<String, String> parameters = new TreeMap<>();
        /** By name, then by step. */
        public final Map<String, Map<Long, Double>> metrics = new TreeMap<>();

        public final List<String> states = new ArrayList<>(List.of("RUNNING"));

        Told(String experiment, String name) {
            this.experiment = experiment;
            this.name = name;
        }
    }

    private final HttpServer server;
    private final Map<String, String> experiments = new LinkedHashMap<>(Map.of("Default", "0"));
    private final Map<String, Told> runs = new LinkedHashMap<>();
    private final List<String> authorizations = new ArrayList<>();
    private int failures;
    private Set<String> broken = Set.of();
    private int largest;

    public MlflowStub() throws IOException {
        this(0);
    }

    /** @param port 0 for a free one */
    public MlflowStub(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newSingleThreadExecutor());
        server.start();
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    public synchronized List<Told> runs() {
        return List.copyOf(runs.values());
    }

    public synchronized List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    public synchronized int largestBatch() {
        return largest;
    }

    /** Answers the next requests with 503. */
    public synchronized void failing(int requests) {
        failures = requests;
    }

    /** Answers requests of these methods, such as {@code runs/update}, with 503 from now on. */
    public synchronized void failing(String... methods) {
        broken = Set.of(methods);
    }

    public synchronized void forget() {
        runs.clear();
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            if (failures > 0) {
                failures--;
                send(exchange, 503, Map.of());
                return;
            }
            JsonNode asked = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
            String method = exchange.getRequestURI().getPath().replaceFirst("^/api/2\\.0/mlflow/", "");
            if (broken.contains(method)) {
                send(exchange, 503, Map.of());
                return;
            }
            switch (exchange.getRequestMethod() + " " + method) {
                case "GET experiments/get-by-name" -> {
                    String name = URLDecoder.decode(
                            exchange.getRequestURI().getRawQuery().replaceFirst("^experiment_name=", ""),
                            StandardCharsets.UTF_8);
                    String id = experiments.get(name);
                    if (id == null) {
                        error(
                                exchange,
                                "RESOURCE_DOES_NOT_EXIST",
                                "Could not find experiment with name '" + name + "'");
                    } else {
                        send(exchange, 200, Map.of("experiment", Map.of("experiment_id", id, "name", name)));
                    }
                }
                case "POST experiments/create" -> {
                    String id = String.valueOf(experiments.size());
                    experiments.put(asked.path("name").asString(), id);
                    send(exchange, 200, Map.of("experiment_id", id));
                }
                case "POST runs/create" -> {
                    String id = "run" + runs.size();
                    Told told = new Told(
                            asked.path("experiment_id").asString(),
                            asked.path("run_name").asString());
                    asked.path("tags")
                            .forEach(tag -> told.tags.put(
                                    tag.path("key").asString(),
                                    tag.path("value").asString()));
                    runs.put(id, told);
                    send(exchange, 200, Map.of("run", Map.of("info", Map.of("run_id", id, "status", "RUNNING"))));
                }
                case "POST runs/log-batch" -> {
                    Told told = runs.get(asked.path("run_id").asString());
                    int size = asked.path("metrics").size();
                    if (told == null || size > 1000 || asked.path("params").size() > 100) {
                        error(exchange, "INVALID_PARAMETER_VALUE", size + " metrics");
                        return;
                    }
                    for (JsonNode one : asked.path("params")) {
                        String value = one.path("value").asString();
                        String before =
                                told.parameters.getOrDefault(one.path("key").asString(), value);
                        if (!before.equals(value)) {
                            error(exchange, "INVALID_PARAMETER_VALUE", "Changing param values is not allowed");
                            return;
                        }
                    }
                    largest = Math.max(largest, size);
                    asked.path("params")
                            .forEach(one -> told.parameters.put(
                                    one.path("key").asString(),
                                    one.path("value").asString()));
                    asked.path("metrics")
                            .forEach(one -> told.metrics
                                    .computeIfAbsent(one.path("key").asString(), key -> new TreeMap<>())
                                    .put(
                                            one.path("step").asLong(),
                                            one.path("value").asDouble()));
                    send(exchange, 200, Map.of());
                }
                case "GET runs/get" -> {
                    Told told = runs.get(exchange.getRequestURI().getRawQuery().replaceFirst("^run_id=", ""));
                    if (told == null) {
                        error(exchange, "RESOURCE_DOES_NOT_EXIST", "Run not found");
                        return;
                    }
                    List<Map<String, String>> params = new ArrayList<>();
                    told.parameters.forEach((key, value) -> params.add(Map.of("key", key, "value", value)));
                    send(exchange, 200, Map.of("run", Map.of("data", Map.of("params", params))));
                }
                case "POST runs/update" -> {
                    Told told = runs.get(asked.path("run_id").asString());
                    if (told == null) {
                        error(exchange, "RESOURCE_DOES_NOT_EXIST", "Run not found");
                        return;
                    }
                    told.states.add(asked.path("status").asString());
                    send(exchange, 200, Map.of());
                }
                default -> error(exchange, "ENDPOINT_NOT_FOUND", method);
            }
        }
    }

    private static void error(HttpExchange exchange, String code, String message) throws IOException {
        send(exchange, code.startsWith("INVALID") ? 400 : 404, Map.of("error_code", code, "message", message));
    }

    private static void send(HttpExchange exchange, int code, Object answer) throws IOException {
        byte[] body = JSON.writeValueAsBytes(answer);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
