package maskfeat.track;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The calls of <a href="https://mlflow.org/docs/latest/rest-api.html">MLflow's REST API</a>, version 2.0, that a run needs. Who
 * asks is in the environment: {@code MLFLOW_TRACKING_TOKEN}, or {@code MLFLOW_TRACKING_USERNAME} and
 * {@code MLFLOW_TRACKING_PASSWORD}.
 */
final class MlflowClient {
    /** Most metrics of one request, and most parameters. */
    static final int MOST_METRICS = 1000;

    private static final int MOST_PARAMETERS = 100;

    /** Characters of a parameter's value that every server takes; older ones take no more. */
    private static final int LONGEST_VALUE = 500;

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY = 429;
    private static final int SERVER_FAILED = 500;

    /** A number at a step. */
    record Metric(String key, double value, long timestamp, long step) {}

    /** The server answers, and does not want what it was sent: sending it again is no use. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        private final int code;

        Refused(int code, String message) {
            super(message);
            this.code = code;
        }
    }

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final URI server;
    private final Map<String, String> environment;

    /** @param server such as {@code http://host:5000}, with what stands before {@code /api} */
    MlflowClient(URI server, Map<String, String> environment) {
        this.server = server;
        this.environment = environment;
    }

    /** The number of the experiment of this name, which is made if it is not there. */
    String experiment(String name) throws IOException, InterruptedException {
        String asked = "experiments/get-by-name?experiment_name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
        try {
            return text(send(request(asked).GET()).path("experiment"), "experiment_id");
        } catch (Refused refused) {
            if (refused.code != NOT_FOUND) {
                throw refused;
            }
        }
        return text(post("experiments/create", Map.of("name", name)), "experiment_id");
    }

    /** Begins a run; gives its number. */
    String begin(String experiment, String name, long now, Map<String, String> tags)
            throws IOException, InterruptedException {
        Map<String, String> all = new LinkedHashMap<>(tags);
        all.put("mlflow.runName", name);
        JsonNode run = post(
                        "runs/create",
                        Map.of("experiment_id", experiment, "run_name", name, "start_time", now, "tags", pairs(all)))
                .path("run");
        return text(run.path("info"), "run_id");
    }

    /** Up to {@link #MOST_METRICS}. */
    void metrics(String run, List<Metric> metrics) throws IOException, InterruptedException {
        post("runs/log-batch", Map.of("run_id", run, "metrics", metrics));
    }

    /** As many as there are; values that are too long are cut. */
    void parameters(String run, Map<String, String> parameters) throws IOException, InterruptedException {
        List<Map<String, String>> all = pairs(parameters);
        for (int from = 0; from < all.size(); from += MOST_PARAMETERS) {
            List<Map<String, String>> some = all.subList(from, Math.min(from + MOST_PARAMETERS, all.size()));
            post("runs/log-batch", Map.of("run_id", run, "params", some));
        }
    }

    /** What a run was told by {@link #parameters}, by name. */
    Map<String, String> parameters(String run) throws IOException, InterruptedException {
        String asked = "runs/get?run_id=" + URLEncoder.encode(run, StandardCharsets.UTF_8);
        Map<String, String> told = new LinkedHashMap<>();
        send(request(asked).GET())
                .path("run")
                .path("data")
                .path("params")
                .forEach(one ->
                        told.put(one.path("key").asString(""), one.path("value").asString("")));
        return told;
    }

    /** @param status {@code RUNNING}, {@code FINISHED}, {@code FAILED} or {@code KILLED} */
    void status(String run, String status, long now) throws IOException, InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>(Map.of("run_id", run, "status", status));
        if (!status.equals("RUNNING")) {
            body.put("end_time", now);
        }
        post("runs/update", body);
    }

    private static List<Map<String, String>> pairs(Map<String, String> values) {
        List<Map<String, String>> pairs = new ArrayList<>();
        values.forEach((key, value) -> pairs.add(Map.of("key", key, "value", asSent(value))));
        return pairs;
    }

    /** A parameter's value as a server gets it. */
    static String asSent(String value) {
        return value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) : value;
    }

    private JsonNode post(String method, Map<String, ?> body) throws IOException, InterruptedException {
        return send(request(method).POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
    }

    private HttpRequest.Builder request(String method) {
        String base = server.toString().replaceFirst("/+$", "");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + "/api/2.0/mlflow/" + method))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json");
        String token = environment.get("MLFLOW_TRACKING_TOKEN");
        String user = environment.get("MLFLOW_TRACKING_USERNAME");
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        } else if (user != null) {
            String both = user + ":" + environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
        }
        return request;
    }

    /** @throws Refused if the server does not want it; another {@link IOException} if it may be sent again */
    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = http.send(request.build(), BodyHandlers.ofByteArray());
        JsonNode said = json(answer.body());
        int code = answer.statusCode();
        if (code == TOO_MANY || code >= SERVER_FAILED) {
            throw new IOException(
                    "the server answers " + code + " " + said.path("message").asString(""));
        }
        if (code / 100 != 2) {
            throw new Refused(
                    code,
                    ("the server answers " + code + " "
                                    + said.path("error_code").asString("") + " "
                                    + said.path("message").asString(""))
                            .strip());
        }
        return said;
    }

    /** What is no JSON is the page of some other server. */
    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException other) {
            return JSON.createObjectNode();
        }
    }

    private static String text(JsonNode node, String key) throws Refused {
        String value = node.path(key).asString("");
        if (value.isEmpty()) {
            throw new Refused(0, "the answer has no " + key + ", so this is no MLflow server");
        }
        return value;
    }
}
