package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import maskfeat.cli.TinyRuns.Ran;
import maskfeat.run.RunResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
    @TempDir
    private Path folder = Path.of("");

    /** A finished fine-tuning run. */
    private Path run(String name, double top1, String... changes) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(
                run.resolve("config.yaml"),
                TinyRuns.settingsOf("tiny-image-ft", changes).yaml());
        Files.writeString(run.resolve("DONE"), "30 steps\n");
        Files.writeString(
                run.resolve("metrics.jsonl"),
                "{\"step\":10,\"epoch\":1,\"train/loss\":2.5}\n{\"step\":20,\"epoch\":2,\"train/loss\":2}\n"
                        + "{\"step\":20,\"val/top1\":" + top1 + "}\n");
        new RunResult("finetune", Map.of("val/top1", top1), Map.of("from", "scratch"))
                .write(run.resolve("result.json"));
        return run;
    }

    @Test
    void thePageAndTheTableHaveAllRuns() throws IOException {
        Path evaluation = Files.createDirectories(folder.resolve("evaluation"));
        new RunResult("evaluate", Map.of("val/top1", 61.5), Map.of("views", "1x3"))
                .write(evaluation.resolve("result.json"));
        Path page = folder.resolve("pages/comparison.html");
        Ran ran = TinyRuns.run(
                "report",
                run("a", 50),
                run("b", 40, "from=pre", "optim.lr=0.003"),
                evaluation,
                folder.resolve("a"),
                "--out",
                page);
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out().lines())
                .containsExactly(
                        "Fine-tuning",
                        "run  val/top1",
                        "a      50.0 %",
                        "b      40.0 %",
                        "",
                        "Nothing is called the best of validation top-1: one run does not say how far",
                        "another seed would be from it.",
                        "",
                        "Evaluations",
                        "run         val/top1",
                        "evaluation    61.5 %");
        assertThat(page)
                .content()
                .contains("Comparison of 3 runs", "optim.lr", "1x3", "evaluate")
                .doesNotContain("optim.adamw.beta1");
    }

    /** Each is named, the others are compared. */
    @Test
    void foldersThatCannotBeReadAreLeftOut() throws IOException {
        Path torn = run("torn", 30);
        Files.writeString(torn.resolve("result.json"), "{");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Path page = folder.resolve("comparison.html");
        Ran ran = TinyRuns.run("report", run("a", 50), torn, empty, run("b", 40), "--out", page);
        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.BAD_FILES);
        assertThat(ran.err())
                .contains(
                        "warning: left out of the comparison: " + torn.resolve("result.json"),
                        "is cut off or damaged",
                        "warning: left out of the comparison: " + empty + " holds no run")
                .doesNotContain("Source:");
        assertThat(ran.out()).contains("a      50.0 %", "b      40.0 %").doesNotContain("torn");
        assertThat(page).content().contains("Comparison of 2 runs");
        Ran none = TinyRuns.run("report", torn, empty);
        assertThat(none.code()).isEqualTo(Exit.INPUT);
        assertThat(none.err()).contains("is cut off or damaged").doesNotContain("warning");
    }

    @Test
    void whatIsNoRunIsRefused() throws IOException {
        Ran empty = TinyRuns.run("report", folder);
        assertThat(empty.code()).isEqualTo(Exit.INPUT);
        assertThat(empty.err()).contains(folder + " holds no run", "config.yaml");
        Ran nowhere = TinyRuns.run("report", folder.resolve("nowhere"));
        assertThat(nowhere.code()).isEqualTo(Exit.INPUT);
        assertThat(nowhere.err()).contains("there is no such folder");
        Path run = run("a", 40);
        Files.writeString(run.resolve("config.yaml"), "seed: [");
        Ran damaged = TinyRuns.run("report", run);
        assertThat(damaged.code()).isEqualTo(Exit.INPUT);
        assertThat(damaged.err()).contains("config.yaml");
        Ran place = TinyRuns.run("report", run("b", 40), "--out", folder);
        assertThat(place.code()).isEqualTo(Exit.USAGE);
        assertThat(place.err()).contains("is a folder");
    }
}
