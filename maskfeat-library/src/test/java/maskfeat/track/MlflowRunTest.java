package maskfeat.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import maskfeat.train.StepReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MlflowRunTest {
    @TempDir
    private Path folder;

    private final List<String> notices = new ArrayList<>();

    private MlflowRun connect(URI server) throws Exception {
        return MlflowRun.connect(server, "clips", Map.of(), notices::add).of(folder, Map.of("seed", "7"));
    }

    @Test
    void settingsAndFiguresArriveUnderTheirNames() throws Exception {
        try (MlflowStub server = new MlflowStub()) {
            try (MlflowRun run = connect(server.address())) {
                run.started(0, 2);
                run.scores(1, Map.of("train/loss", 0.5, "val/top1", Double.NaN));
                run.scores(2, Map.of("train/loss", 0.25));
                run.ended(2, 2);
                assertThat(run.address()).hasToString(server.address() + "/#/experiments/1/runs/run0");
            }
            MlflowStub.Told told = server.runs().get(0);
            assertThat(told.experiment).isEqualTo("1");
            assertThat(told.name).isEqualTo(folder.getFileName().toString());
            assertThat(told.parameters).containsExactly(Map.entry("seed", "7"));
            assertThat(told.metrics).containsOnlyKeys("train/loss");
            assertThat(told.metrics.get("train/loss")).containsExactly(Map.entry(1L, 0.5), Map.entry(2L, 0.25));
            assertThat(told.states).containsExactly("RUNNING", "FINISHED");
        }
        assertThat(notices).isEmpty();
    }

    /** The experiment is made once, and a run that was stopped goes on in its own. */
    @Test
    void whatGoesOnGoesOnThere() throws Exception {
        try (MlflowStub server = new MlflowStub()) {
            for (int part = 0; part < 2; part++) {
                try (MlflowRun run = connect(server.address())) {
                    run.started(part, 2);
                    run.scores(part + 1, Map.of("train/loss", 1.0 / (part + 1)));
                    if (part == 0) {
                        run.stopped(new StepReport(1, 2, 1, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, Map.of()));
                    }
                    run.ended(part + 1, 2);
                }
            }
            assertThat(server.runs()).hasSize(1);
            MlflowStub.Told told = server.runs().get(0);
            assertThat(told.metrics.get("train/loss")).containsOnlyKeys(1L, 2L);
            assertThat(told.states).containsExactly("RUNNING", "KILLED", "RUNNING", "FINISHED");
            assertThat(MlflowRun.lastOf(folder)).contains(server.address());

            server.forget();
            try (MlflowRun run = connect(server.address())) {
                run.started(2, 3);
                run.ended(3, 3);
            }
            assertThat(server.runs()).hasSize(1);
            assertThat(notices).singleElement().asString().contains("does not take run run0 again");
        }
    }

    /** Far more than one request takes, while the server fails for a while. */
    @Test
    void whatCannotBeSentIsSentLater() throws Exception {
        try (MlflowStub server = new MlflowStub()) {
            try (MlflowRun run = connect(server.address())) {
                run.started(0, 3000);
                server.failing(2);
                for (int step = 1; step <= 3000; step++) {
                    run.scores(step, Map.of("train/loss", 1.0 / step));
                }
                run.ended(3000, 3000);
            }
            assertThat(server.runs().get(0).metrics.get("train/loss")).hasSize(3000);
            assertThat(server.largestBatch()).isBetween(2, 1000);
            assertThat(notices).singleElement().asString().contains("503", "training goes on");
        }
    }

    @Test
    void manySettingsAreSentInParts() throws Exception {
        Map<String, String> many = IntStream.range(0, 250)
                .boxed()
                .collect(Collectors.toMap(number -> "key-" + number, number -> "x".repeat(600)));
        try (MlflowStub server = new MlflowStub()) {
            try (MlflowRun run = connect(server.address()).of(folder, many)) {
                run.started(0, 1);
            }
            MlflowStub.Told told = server.runs().get(0);
            assertThat(told.parameters)
                    .hasSize(250)
                    .allSatisfy((key, value) -> assertThat(value).hasSize(500));
            assertThat(told.states).as("training did not come to its end").endsWith("FAILED");
        }
    }

    /** Otherwise it would be running there for ever. */
    @Test
    void aRunWhoseSettingsCannotBeSentHasFailedThere() throws Exception {
        try (MlflowStub server = new MlflowStub()) {
            server.failing("runs/log-batch");
            try (MlflowRun run = connect(server.address())) {
                run.started(0, 1);
                run.scores(1, Map.of("train/loss", 1.0));
                run.ended(1, 1);
            }
            assertThat(server.runs()).hasSize(1);
            assertThat(server.runs().get(0).states).containsExactly("RUNNING", "FAILED");
        }
        assertThat(notices).singleElement().asString().contains("503", "training goes on, and nothing is sent");
    }

    /** What the server has not got when the run was begun it gets when that goes on. */
    @Test
    void settingsThatCouldNotBeSentAreSentWhenTheRunGoesOn() throws Exception {
        try (MlflowStub server = new MlflowStub()) {
            server.failing("runs/log-batch");
            try (MlflowRun run = connect(server.address())) {
                run.started(0, 2);
            }
            server.failing(new String[0]);
            try (MlflowRun run = connect(server.address())) {
                run.started(1, 2);
                run.scores(2, Map.of("train/loss", 0.25));
                run.ended(2, 2);
            }
            assertThat(server.runs()).hasSize(1);
            MlflowStub.Told told = server.runs().get(0);
            assertThat(told.parameters).containsExactly(Map.entry("seed", "7"));
            assertThat(told.metrics.get("train/loss")).containsOnlyKeys(2L);
            assertThat(told.states).containsExactly("RUNNING", "FAILED", "RUNNING", "FINISHED");
        }
        assertThat(notices).singleElement().asString().contains("503");
    }

    @Test
    void figuresGoOnWhereTheServerDoesNotSayWhichSettingsItHas() throws Exception {
        try (MlflowStub server = new MlflowStub()) {
            try (MlflowRun run = connect(server.address())) {
                run.started(0, 2);
            }
            server.failing("runs/get");
            try (MlflowRun run = connect(server.address())) {
                run.started(1, 2);
                run.scores(2, Map.of("train/loss", 0.25));
                run.ended(2, 2);
            }
            assertThat(server.runs()).hasSize(1);
            assertThat(server.runs().get(0).metrics.get("train/loss")).containsOnlyKeys(2L);
            assertThat(server.runs().get(0).states).endsWith("FINISHED");
        }
        assertThat(notices)
                .singleElement()
                .asString()
                .contains("does not say which parameters it has (", "503", "); none is sent");
    }

    /** MLflow refuses another value of a parameter that it has. */
    @Test
    void aSettingThatIsAnotherNowIsSaidAndNotSent() throws Exception {
        String long1 = "x".repeat(600);
        try (MlflowStub server = new MlflowStub()) {
            try (MlflowRun run = connect(server.address())
                    .of(folder, Map.of("seed", "7", "train.threads", "2", "data.path", long1))) {
                run.started(0, 2);
            }
            try (MlflowRun run = connect(server.address())
                    .of(folder, Map.of("seed", "7", "train.threads", "4", "data.path", long1, "loader.ahead", "3"))) {
                run.started(1, 2);
                run.scores(2, Map.of("train/loss", 0.25));
                run.ended(2, 2);
            }
            assertThat(server.runs().get(0).parameters)
                    .containsEntry("train.threads", "2")
                    .containsEntry("loader.ahead", "3");
            assertThat(server.runs().get(0).metrics).containsKey("train/loss");
        }
        assertThat(notices)
                .singleElement()
                .asString()
                .endsWith("keeps parameters as they were first logged: train.threads is 4 now and stays 2 there");
    }

    @Test
    void whereNotEvenThatCanBeSaidAPersonIsTold() throws Exception {
        try (MlflowStub server = new MlflowStub()) {
            server.failing("runs/log-batch", "runs/update");
            try (MlflowRun run = connect(server.address())) {
                run.started(0, 1);
            }
            assertThat(server.runs().get(0).states).containsExactly("RUNNING");
        }
        assertThat(notices).hasSize(2).last().asString().contains("run run0 stays RUNNING there", "by hand");
    }

    @Test
    void whoAsksIsSaid() throws Exception {
        try (MlflowStub server = new MlflowStub()) {
            MlflowRun.connect(server.address(), "a", Map.of("MLFLOW_TRACKING_TOKEN", "secret"), notices::add)
                    .close();
            MlflowRun.connect(
                            server.address(),
                            "b & c",
                            Map.of("MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_PASSWORD", "pw"),
                            notices::add)
                    .close();
            assertThat(server.authorizations()).contains("Bearer secret", "Basic bWU6cHc=");
        }
    }

    @Test
    void aServerThatIsNoneIsNamed() throws Exception {
        URI nobody;
        try (MlflowStub gone = new MlflowStub()) {
            nobody = gone.address();
        }
        assertThatThrownBy(() -> connect(nobody))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("MLflow at " + nobody);
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/", exchange -> {
            try (exchange) {
                byte[] page = "<html>".getBytes(java.nio.charset.StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
            }
        });
        other.start();
        try {
            assertThatThrownBy(() -> connect(
                            URI.create("http://127.0.0.1:" + other.getAddress().getPort())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no MLflow server");
        } finally {
            other.stop(0);
        }
    }

    /** Nothing is lost but what the server has not; the run itself does not notice. */
    @Test
    void aServerThatGoesAwayCostsNothing() throws Exception {
        MlflowStub server = new MlflowStub();
        try (MlflowRun run = connect(server.address())) {
            server.close();
            run.started(0, 1);
            run.scores(1, Map.of("train/loss", 1.0));
            run.ended(1, 1);
        }
        assertThat(notices).singleElement().asString().contains("training goes on, and nothing is sent");
        Files.writeString(folder.resolve("mlflow.json"), "{torn");
        assertThat(MlflowRun.lastOf(folder)).isEmpty();
    }
}
