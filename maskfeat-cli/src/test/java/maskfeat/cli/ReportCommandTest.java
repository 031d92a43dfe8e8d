package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.cli.TinyRuns.Ran;
import maskfeat.report.RunSummary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
    @TempDir
    private Path folder = Path.of("");

    /** A finished fine-tuning run. */
    private Path run(String name, double top1, String yaml) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(run.resolve("config.yaml"), yaml);
        Files.writeString(run.resolve("DONE"), "30 steps\n");
        Files.writeString(
                run.resolve("metrics.jsonl"),
                "{\"step\":10,\"epoch\":1,\"train/loss\":2.5}\n{\"step\":20,\"epoch\":2,\"train/loss\":2}\n"
                        + "{\"step\":20,\"val/top1\":" + top1 + "}\n");
        new RunResult("finetune", Map.of("val/top1", top1), Map.of("from", "scratch"))
                .write(run.resolve("result.json"));
        return run;
    }

    private static String yaml(int seed, String from) {
        return "seed: " + seed + "\nfrom: " + from
                + "\noptim:\n  lr: 0.001\n  betas: [0.9, 0.999]\nloader:\n  threads: " + seed + "\n";
    }

    private List<RunSummary> summaries(Path... runs) throws IOException {
        List<FinishedRun> read = new ArrayList<>();
        for (Path run : runs) {
            read.add(FinishedRun.read(run));
        }
        return FinishedRun.summaries(read);
    }

    @Test
    void runsAreReadFromWhatTheyLeft() throws IOException {
        RunSummary summary = summaries(run("a", 50, yaml(0, "null"))).get(0);
        assertThat(summary.name()).isEqualTo("a");
        assertThat(summary.kind()).isEqualTo("finetune");
        assertThat(summary.group()).isEmpty();
        assertThat(summary.figures()).containsExactly(Map.entry("val/top1", 50.0));
        assertThat(summary.settings())
                .containsEntry("optim.lr", "0.001")
                .containsEntry("optim.betas", "[0.9,0.999]")
                .containsEntry("from", "null");
        assertThat(summary.facts())
                .extracting(fact -> fact.name() + " " + fact.value())
                .containsExactly("ended complete", "from scratch");
    }

    @Test
    void aRunThatIsNotOverTellsWhatItKnows() throws IOException {
        Path run = run("a", 50, yaml(0, "null") + "mask:\n  ratio: 0.4\n");
        Files.delete(run.resolve("result.json"));
        Files.delete(run.resolve("DONE"));
        RunSummary summary = summaries(run).get(0);
        assertThat(summary.kind()).isEqualTo("pretrain");
        assertThat(summary.figures()).containsEntry("train/loss", 2.0).containsEntry("val/top1", 50.0);
        assertThat(summary.facts().get(0).value()).isEqualTo("stopped");
    }

    @Test
    void runsThatDifferByTheSeedAloneAreAGroup() throws IOException {
        assertThat(summaries(
                        run("scratch", 40, yaml(0, "null")),
                        run("other", 50, yaml(0, "null").replace("0.001", "0.002")),
                        run("scratch-2", 42, yaml(1, "null")),
                        run("same-again", 42, yaml(1, "null"))))
                .extracting(RunSummary::group)
                .containsExactly("scratch", "", "scratch", "scratch");
    }

    @Test
    void runsNamedBySeedMayHaveBegunWithDifferentWeights() throws IOException {
        assertThat(summaries(
                        run("masked-seed0", 60, yaml(0, "pre-0")),
                        run("masked-seed1", 62, yaml(1, "pre-1")),
                        run("masked-seed2", 62, yaml(2, "pre-2").replace("0.001", "0.002")),
                        run("x", 62, yaml(3, "pre-3"))))
                .extracting(RunSummary::group)
                .containsExactly("masked", "masked", "", "");
    }

    @Test
    void equalRunsOfOneSeedAreNoGroup() throws IOException {
        assertThat(summaries(run("a", 40, yaml(0, "null")), run("b", 40, yaml(0, "null"))))
                .extracting(RunSummary::group)
                .containsExactly("", "");
    }

    @Test
    void foldersOfOneNameAreToldApartByWhereTheyLie() throws IOException {
        assertThat(summaries(run("one/run", 40, yaml(0, "null")), run("two/run", 40, "seed: 0\nfrom: y\n")))
                .extracting(RunSummary::name)
                .containsExactly("one/run", "two/run");
    }

    @Test
    void aFolderOfViewsIsCalledByWhoseTheyAre() {
        Path root = folder.toAbsolutePath();
        assertThat(FinishedRun.names(List.of(root.resolve("eval/1x3"), root.resolve("scratch"))))
                .containsExactly("eval/1x3", "scratch");
    }

    @Test
    void thePageAndTheTableHaveAllRuns() throws IOException {
        Path evaluation = Files.createDirectories(folder.resolve("evaluation"));
        new RunResult("evaluate", Map.of("val/top1", 61.5), Map.of("views", "1x3"))
                .write(evaluation.resolve("result.json"));
        Path page = folder.resolve("pages/comparison.html");
        Ran ran = TinyRuns.run(
                "report",
                run("a", 50, yaml(0, "null")),
                run("b", 40, yaml(0, "pre").replace("0.001", "0.002")),
                evaluation,
                folder.resolve("a"),
                "--out",
                page);
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out().lines())
                .containsExactly(
                        "run         val/top1", "a             50.0 %", "b             40.0 %", "evaluation    61.5 %");
        assertThat(page)
                .content()
                .contains("Comparison of 3 runs", "optim.lr", "1x3", "evaluate")
                .doesNotContain("optim.betas");
    }

    @Test
    void whatIsNoRunIsRefused() throws IOException {
        Ran empty = TinyRuns.run("report", folder);
        assertThat(empty.code()).isEqualTo(Exit.INPUT);
        assertThat(empty.err()).contains(folder + " holds no run", "config.yaml");
        Ran nowhere = TinyRuns.run("report", folder.resolve("nowhere"));
        assertThat(nowhere.code()).isEqualTo(Exit.INPUT);
        assertThat(nowhere.err()).contains("there is no such folder");
        Path run = run("a", 40, "seed: [");
        Ran damaged = TinyRuns.run("report", run);
        assertThat(damaged.code()).isEqualTo(Exit.INPUT);
        assertThat(damaged.err()).contains("config.yaml");
        Ran place = TinyRuns.run("report", run("b", 40, yaml(0, "null")), "--out", folder);
        assertThat(place.code()).isEqualTo(Exit.USAGE);
        assertThat(place.err()).contains("is a folder");
    }
}
