package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What shells propose once they have read the script. */
class CompletionCommandTest {
    @TempDir
    Path temp;

    private Path script(String shell) throws IOException {
        StringWriter out = new StringWriter();
        assertThat(Commands.line().setOut(new PrintWriter(out, true)).execute("completion", shell))
                .isZero();
        return Files.writeString(temp.resolve("completion"), out.toString());
    }

    private static void assumeThereIs(String shell) {
        assumeThat(Stream.of("/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin")
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, shell))))
                .as("%s is here", shell)
                .isTrue();
    }

    private List<String> shell(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(temp.toFile())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
        return lines;
    }

    /** What bash proposes for the last word. */
    private List<String> bash(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                // which bash refuses where no key was pressed
                "compopt() { :; }; . \"$0\"; complete -p maskfeat >/dev/null || exit 1; COMP_WORDS=(maskfeat \"$@\"); COMP_CWORD=$#;"
                        + " _complete_maskfeat_words; printf '%s\\n' \"${COMPREPLY[@]}\"",
                script("bash").toString()));
        command.addAll(List.of(words));
        return shell(command.toArray(String[]::new)).stream().map(String::strip).toList();
    }

    @Test
    void bashProposesCommandsOptionsRecipesAndValues() throws Exception {
        assumeThereIs("bash");
        assertThat(bash("pre")).containsExactlyInAnyOrder("pretrain", "predict");
        assertThat(bash("data", "sc")).containsExactly("scan");
        assertThat(bash("pretrain", "--acc")).containsExactly("--accept-changed-data");
        assertThat(bash("pretrain", "--stack")).containsExactly("--stacktrace");
        assertThat(bash("pretrain", "tiny-i")).containsExactly("tiny-image");
        assertThat(bash("finetune", "tiny-i")).containsExactly("tiny-image-ft");
        assertThat(bash("completion", "f")).containsExactly("fish");
    }

    /** In small letters, as help has them. */
    @Test
    void bashProposesWhatOptionsCanBe() throws Exception {
        assumeThereIs("bash");
        assertThat(bash("data", "scan", "--as", "")).containsExactlyInAnyOrder("auto", "images", "videos");
        assertThat(bash("data", "prepare", "--animations", "c")).containsExactly("copied");
        assertThat(bash("weights", "convert", "--to", "")).contains("timm", "mocov3", "videomae", "hf");
        assertThat(bash("predict", "--precision", "b")).containsExactly("bfloat16");
        assertThat(bash("predict", "--detector-pixels", "u")).containsExactly("unit");
        assertThat(bash("predict", "--detector-activation", "s")).containsExactlyInAnyOrder("sigmoid", "softmax");
        assertThat(bash("finetune", "--task", "d")).containsExactly("detect");
        assertThat(bash("evaluate", "--protocol", "y")).containsExactly("yowo");
        assertThat(bash("bench", "ablation", "--recipe", "tiny-i")).containsExactly("tiny-image");
        assertThat(bash("bench", "ablation", "--contrast-recipe", "tiny")).containsExactly("tiny-mocov3");
        assertThat(bash("pretrain", "--set", "train.epo")).containsExactly("train.epochs=");
        assertThat(bash("pretrain", "--set", "task.target.b")).contains("task.target.bins=");
    }

    @Test
    void bashProposesWordsOfTheCommandThatIsLaunched() throws Exception {
        assumeThereIs("bash");
        assertThat(bash("launch", "--ranks", "2", "--", "pre")).containsExactly("pretrain");
        assertThat(bash("launch", "--ranks", "2", "--", "pretrain", "tiny-i")).containsExactly("tiny-image");
        assertThat(bash("launch", "--ranks", "2", "--", "pretrain", "--acc")).containsExactly("--accept-changed-data");
        assertThat(bash("launch", "--ra")).containsExactly("--ranks");
    }

    /** Both ways of writing are taken. */
    @Test
    void whatIsProposedIsTaken() {
        assertThat(TinyRuns.run("data", "scan", "--as", "VIDEOS", temp.resolve("none"))
                        .err())
                .contains("none")
                .doesNotContain("must be auto");
        assertThat(TinyRuns.run("weights", "convert", "a", "b", "--to", "tim").err())
                .contains("mocov3", "videomae", "; did you mean timm?");
    }

    /** What fish proposes at the end of a line, without the explanations. */
    private List<String> fish(String line) throws IOException, InterruptedException {
        return shell(
                        "fish",
                        "--no-config",
                        "-c",
                        "source $argv[1]; complete -C $argv[2]",
                        script("fish").toString(),
                        line)
                .stream()
                .map(proposed -> proposed.replaceFirst("\t.*", ""))
                .toList();
    }

    @Test
    void fishProposesCommandsOptionsRecipesAndValues() throws Exception {
        assumeThereIs("fish");
        Files.createFile(temp.resolve("film.mp4"));
        assertThat(fish("maskfeat pre")).containsExactlyInAnyOrder("pretrain", "predict");
        assertThat(fish("maskfeat data sc")).containsExactly("scan");
        assertThat(fish("maskfeat --stacktrace pretrain --acc")).containsExactly("--accept-changed-data");
        assertThat(fish("maskfeat pretrain --data data --acc"))
                .as("a folder may be called as a command is")
                .containsExactly("--accept-changed-data");
        assertThat(fish("maskfeat pretrain tiny-i")).containsExactly("tiny-image");
        assertThat(fish("maskfeat completion f")).containsExactly("fish");
        assertThat(fish("maskfeat predict fi")).containsExactly("film.mp4");
        assertThat(fish("maskfeat recipes fi")).isEmpty();
        assertThat(fish("maskfeat pretrain --data fi")).containsExactly("film.mp4");
    }

    /** Wherever fish is not: a rule for each option of each command, and no sentence that ends the quotes around it. */
    @Test
    void theScriptForFishHasEveryOption() throws Exception {
        List<String> lines = Files.readAllLines(script("fish"));
        assertThat(lines).noneMatch(line -> line.contains("${") || line.contains("@|"));
        String rules = lines.stream()
                .filter(line -> line.startsWith("complete -c maskfeat"))
                .map(line -> line.replace("\\'", "").replaceAll(" -d '[^']*'", ""))
                .collect(Collectors.joining("\n"));
        assertThat(rules)
                .contains("'__maskfeat_at data scan' -l write-list -r -F")
                .contains("'__maskfeat_at data scan' -l as -x -a 'auto images videos'")
                .contains("'__maskfeat_at pretrain' -l set -x -a '")
                .contains("'__maskfeat_at launch' -a 'pretrain finetune train'");
        assertThat(rules.lines())
                .hasSizeGreaterThan(200)
                .allMatch(line -> line.replaceAll("'[^']*'", "").indexOf('\'') < 0);
    }

    @Test
    void zshReadsTheScript() throws Exception {
        assumeThereIs("zsh");
        assertThat(shell(
                        "zsh",
                        "-f",
                        "-c",
                        "autoload -U compinit; compinit -D -u; source $1; echo $_comps[maskfeat]",
                        "zsh",
                        script("zsh").toString()))
                .singleElement()
                .asString()
                .contains("_complete_maskfeat");
    }

    @Test
    void anotherShellIsRefused() {
        StringWriter err = new StringWriter();
        assertThat(Commands.line().setErr(new PrintWriter(err, true)).execute("completion", "tcsh"))
                .isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains("bash, zsh, fish", "tcsh");
    }
}
