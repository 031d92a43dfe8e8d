package maskfeat.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The estimate of a run's memory against what it takes, each in a process of its own; {@code -Dslow=true} for all of them. */
@EnabledOnOs(OS.LINUX)
class MemoryNeedIT {
    @TempDir
    private static Path data = Path.of("");

    /** Two at a time, each with one thread. */
    private static final ExecutorService TWO = Executors.newFixedThreadPool(2);

    /** Much of it is of one kind in each: what blocks keep, with and without a second computation, and weights. */
    private enum Case {
        BLOCKS("in1k-vit-b-pt", "images", "train.batch=8 model.dim=384 model.heads=6"),
        RECOMPUTED("in1k-vit-b-pt", "images", "train.batch=16 model.dim=384 model.heads=6 train.recompute=true"),
        WEIGHTS("in1k-vit-b-pt", "images", "train.batch=2"),
        CLIPS("k400-mvitv2-s-16x4-pt", "clips", "train.batch=1 model.stages=[1,2,4,2]");

        private final String recipe;
        private final String kind;
        private final String settings;

        Case(String recipe, String kind, String settings) {
            this.recipe = recipe;
            this.kind = kind;
            this.settings = settings;
        }

        /** What the process printed last: estimate and peak, in MiB. */
        private String run() throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-Xmx512m"));
            command.addAll(
                    Arrays.asList(System.getProperty("native.flags", "").trim().split("\\s+")));
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), MemoryOfARun.class.getName(), recipe));
            command.addAll(Arrays.asList(settings.split(" ")));
            command.addAll(List.of(
                    "data.path=" + data.resolve("set").resolve(kind).resolve("train"),
                    "train.accumulate=1",
                    "train.threads=1",
                    "loader.threads=1"));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            assertThat(process.waitFor()).as(said).isZero();
            return said.substring(said.lastIndexOf('\n') + 1);
        }
    }

    private static List<Case> cases() {
        return Boolean.getBoolean("slow") ? List.of(Case.values()) : List.of(Case.BLOCKS, Case.CLIPS);
    }

    private static final Map<Case, Future<String>> RUNS = new EnumMap<>(Case.class);

    @BeforeAll
    static void begin() throws Exception {
        SampleSet.write(data.resolve("set"), SampleSet.Size.TINY);
        for (Case one : cases()) {
            RUNS.put(one, TWO.submit(one::run));
        }
    }

    @AfterAll
    static void end() {
        TWO.shutdownNow();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isNear(Case one) throws Exception {
        String said = requireNonNull(RUNS.get(one)).get();
        String[] numbers = said.split(" ");
        double ratio = Double.parseDouble(numbers[0]) / Double.parseDouble(numbers[1]);
        // With blocks computed twice it is 0.75 to 0.81, as the peak of one and the same run varies.
        assertThat(ratio).as("estimate and peak, MiB: " + said).isBetween(0.7, 1.3);
    }
}
