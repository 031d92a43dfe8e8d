package maskfeat.track;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Plural;
import maskfeat.report.Scalars;
import maskfeat.train.Listener;
import maskfeat.train.StepReport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends the settings and figures of a run to an <a href="https://mlflow.org">MLflow</a> server, while it trains. Training never
 * waits for the server: a thread sends, and keeps what cannot be sent for later. A run that goes on goes on in the same run of
 * MLflow, whose number lies in {@code mlflow.json} of the run folder.
 *
 * <p>What is sent stands in {@code metrics.jsonl} too, under the same names.
 */
public final class MlflowRun implements Listener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MlflowRun.class);
    private static final String FILE = "mlflow.json";
    private static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Numbers that are kept while a server does not answer: some hours of a run. */
    private static final int MOST_KEPT = 200_000;

    private static final int MOST_NAMED = 5;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private static final Duration LAST_PAUSE = Duration.ofMillis(200);

    /** How long the end of a run waits for a server. */
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(20);

    /** Sends one thing. */
    private interface Sending {
        void send() throws IOException, InterruptedException;
    }

    private final MlflowClient client;
    private final URI server;
    private final String experiment;
    private final Consumer<String> notices;
    private final Thread sender = new Thread(this::send, "MLflow");
    private final Deque<MlflowClient.Metric> kept = new ArrayDeque<>();
    private @Nullable Path place;
    private Map<String, String> parameters = Map.of();
    private String run = "";
    private String status = "FAILED";
    private List<MlflowClient.Metric> underway = List.of();
    private long dropped;
    private boolean refused;
    private boolean closing;

    private MlflowRun(MlflowClient client, URI server, String experiment, Consumer<String> notices) {
        this.client = client;
        this.server = server;
        this.experiment = experiment;
        this.notices = notices;
        sender.setDaemon(true);
    }

    /**
     * Asks the server for the experiment, so that a wrong address is known before anything is trained.
     *
     * @param server such as {@code http://host:5000}
     * @param experiment its name; made if it is not there
     * @param environment where tokens and passwords are
     * @param notices gets what could not be sent
     * @throws IOException if the server cannot be reached or refuses, naming it
     */
    public static MlflowRun connect(
            URI server, String experiment, Map<String, String> environment, Consumer<String> notices)
            throws IOException, InterruptedException {
        MlflowClient client = new MlflowClient(server, environment);
        try {
            return new MlflowRun(client, server, client.experiment(experiment), notices);
        } catch (IOException failed) {
            throw new IOException("MLflow at " + server + ": " + reason(failed) + advice(failed), failed);
        }
    }

    /** The server to which the run in this folder was sent last; empty if it was not. */
    public static Optional<URI> lastOf(Path folder) throws IOException {
        return known(folder)
                .map(known -> known.path("server").asString(""))
                .filter(server -> server.matches("https?://\\S+"))
                .map(URI::create);
    }

    /**
     * Says which run is sent, before it trains.
     *
     * @param folder the run folder
     * @param settings of the run, by name
     */
    public MlflowRun of(Path folder, Map<String, String> settings) {
        place = folder;
        parameters = settings;
        return this;
    }

    /** Begins the run on the server, or goes on with the one of the folder if that is known there. */
    @Override
    public void started(long step, long steps) {
        Path folder = requireNonNull(place, "which run is sent was not said");
        try {
            begin(folder);
            LOG.info("MLflow: {}", address());
            sender.start();
        } catch (IOException failed) {
            notices.accept("MLflow at " + server + ": " + reason(failed) + "; training goes on, and nothing is sent");
            giveUp("FAILED");
        } catch (InterruptedException stop) {
            giveUp("KILLED");
            Thread.currentThread().interrupt();
        }
    }

    /** Nothing more is sent, so that a run that was begun there would be running for ever. */
    private void giveUp(String ending) {
        if (run.isEmpty()) {
            return;
        }
        try {
            client.status(run, ending, System.currentTimeMillis());
        } catch (IOException unheard) {
            notices.accept("MLflow at " + server + ": run " + run + " stays RUNNING there, " + reason(unheard)
                    + "; end it there by hand");
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void begin(Path folder) throws IOException, InterruptedException {
        Optional<String> before = known(folder)
                .filter(known -> known.path("server").asString("").equals(server.toString()))
                .map(known -> known.path("run").asString(""));
        if (before.isPresent() && goesOn(before.get())) {
            run = before.get();
            complete();
            return;
        }
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        run = client.begin(
                experiment,
                name,
                System.currentTimeMillis(),
                Map.of("mlflow.source.name", "maskfeat", "maskfeat.folder", folder.toString()));
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("version", VERSION);
        said.put("server", server.toString());
        said.put("run", run);
        AtomicFile.writeText(
                folder.resolve(FILE), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(said) + "\n");
        client.parameters(run, parameters);
    }

    /**
     * Sends the settings that the server does not have: sending them may have failed when the run was begun. One that it has keeps
     * the value that it was first sent with, as MLflow has it.
     */
    private void complete() throws IOException, InterruptedException {
        Map<String, String> there;
        try {
            there = client.parameters(run);
        } catch (IOException unknown) { // figures can do without
            notices.accept("MLflow at " + server + " does not say which parameters it has (" + unknown.getMessage()
                    + "); none is sent");
            return;
        }
        Map<String, String> missing = new LinkedHashMap<>(parameters);
        missing.keySet().removeAll(there.keySet());
        client.parameters(run, missing);
        List<String> changed = new ArrayList<>();
        parameters.forEach((key, value) -> {
            String told = there.get(key);
            if (told != null && !told.equals(MlflowClient.asSent(value))) {
                changed.add(key + " is " + value + " now and stays " + told + " there");
            }
        });
        if (!changed.isEmpty()) {
            notices.accept("MLflow at " + server + " keeps parameters as they were first logged: " + some(changed));
        }
    }

    private static String some(List<String> changed) {
        int shown = Math.min(MOST_NAMED, changed.size());
        return String.join("; ", changed.subList(0, shown))
                + (shown < changed.size() ? "; and " + (changed.size() - shown) + " more" : "");
    }

    /** Whether the server still has it. */
    private boolean goesOn(String before) throws IOException, InterruptedException {
        try {
            client.status(before, "RUNNING", 0);
            return true;
        } catch (MlflowClient.Refused gone) {
            notices.accept("MLflow at " + server + " does not take run " + before + " again (" + gone.getMessage()
                    + "); a new one is begun there");
            return false;
        }
    }

    private static Optional<JsonNode> known(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readTree(Files.readString(file, StandardCharsets.UTF_8)));
        } catch (JacksonException damaged) {
            return Optional.empty();
        }
    }

    /** Where people see it. */
    public URI address() {
        return URI.create(server.toString().replaceFirst("/+$", "") + "/#/experiments/" + experiment + "/runs/" + run);
    }

    @Override
    public void step(StepReport report) {
        scores(report.step(), Scalars.of(report));
    }

    @Override
    public void scores(long step, Map<String, Double> values) {
        long now = System.currentTimeMillis();
        synchronized (this) {
            values.forEach((key, value) -> {
                if (Double.isFinite(value)) {
                    kept.add(new MlflowClient.Metric(key, value, now, step));
                }
            });
            while (kept.size() > MOST_KEPT) {
                kept.remove();
                dropped++;
            }
            notifyAll();
        }
    }

    @Override
    public void stopped(StepReport since) {
        status = "KILLED";
    }

    @Override
    public void ended(long step, long steps) {
        status = step >= steps ? "FINISHED" : status;
    }

    /**
     * Sends what is left, for some seconds, and how training ended: {@code FINISHED}, {@code KILLED} if somebody stopped it,
     * {@code FAILED} if it came to no end.
     */
    @Override
    public void close() {
        if (run.isEmpty() || sender.getState() == Thread.State.NEW) {
            return;
        }
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        try {
            sender.join(LAST_PATIENCE.toMillis());
            if (sender.isAlive()) {
                sender.interrupt();
                sender.join();
            }
        } catch (InterruptedException hurry) {
            sender.interrupt();
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            long unsent = kept.size() + underway.size() + dropped;
            if (unsent > 0) {
                notices.accept(
                        Plural.of(unsent, "number") + " did not reach MLflow at " + server + "; metrics.jsonl has all");
            }
        }
    }

    private void send() {
        try {
            for (List<MlflowClient.Metric> some = next(); !some.isEmpty(); some = next()) {
                List<MlflowClient.Metric> metrics = some;
                boolean taken = untilSent(() -> client.metrics(run, metrics));
                synchronized (this) {
                    dropped += taken ? 0 : metrics.size();
                    underway = List.of();
                }
            }
            untilSent(() -> client.status(run, status, System.currentTimeMillis()));
        } catch (InterruptedException over) {
            // close() says what is left.
        }
    }

    /** The oldest that are not sent yet; waits for some, and gives none when nothing more comes. */
    private synchronized List<MlflowClient.Metric> next() throws InterruptedException {
        while (kept.isEmpty() && !closing) {
            wait();
        }
        List<MlflowClient.Metric> some = new ArrayList<>();
        while (!kept.isEmpty() && some.size() < MlflowClient.MOST_METRICS) {
            some.add(kept.remove());
        }
        underway = some;
        return some;
    }

    /** False if the server does not want it. */
    private boolean untilSent(Sending sending) throws InterruptedException {
        long pause = FIRST_PAUSE.toMillis();
        for (boolean first = true; ; first = false) {
            try {
                sending.send();
                return true;
            } catch (MlflowClient.Refused unwanted) {
                if (!refused) {
                    notices.accept("MLflow at " + server + " refuses what it was sent: " + unwanted.getMessage());
                }
                refused = true;
                return false;
            } catch (IOException failed) {
                if (first) {
                    notices.accept("MLflow at " + server + ": " + reason(failed) + "; training goes on, and it is sent"
                            + " again later");
                }
                pause(pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE.toMillis());
            }
        }
    }

    /** So long, or a moment at the end of the run. */
    private synchronized void pause(long millis) throws InterruptedException {
        long until = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        for (long left = millis;
                left > 0 && !closing;
                left = Duration.ofNanos(until - System.nanoTime()).toMillis()) {
            wait(left);
        }
        if (closing) {
            wait(LAST_PAUSE.toMillis());
        }
    }

    /** What to do about a server that cannot be reached, before anything is trained. */
    private static String advice(IOException failed) {
        return failed instanceof ConnectException || failed instanceof HttpTimeoutException
                ? "; start it ('mlflow server --host ADDRESS --port PORT'), look at address and port, or leave --track away"
                : "";
    }

    private static String reason(IOException failed) {
        @Nullable String message = failed.getMessage();
        return message == null ? "no connection (" + failed.getClass().getSimpleName() + ")" : message;
    }
}
