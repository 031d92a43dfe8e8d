package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.run.RunResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchAblationTest {
    @TempDir
    private Path folder = Path.of("");

    private TinyRuns.Ran run(Path data, String rows, String... more) {
        List<Object> words = new ArrayList<>(List.of("bench", "ablation", "--recipe", "tiny-image"));
        words.addAll(List.of("--contrast-recipe", "tiny-mocov3", "--data", data, "--out", folder.resolve("out")));
        words.addAll(List.of("--labels", "2", "--seeds", "2", "--rows", rows));
        words.addAll(List.of("--pretrain-set", "train.epochs=1", "--contrast-set", "train.epochs=1"));
        words.addAll(List.of("--pretrain-set", "optim.warmup-epochs=0", "--contrast-set", "optim.warmup-epochs=0"));
        words.addAll(List.of("--finetune-set", "train.epochs=1", "--finetune-set", "optim.warmup-epochs=0"));
        for (String part : List.of("pretrain", "contrast", "finetune")) {
            words.addAll(List.of("--" + part + "-set", "report.pictures-every=0"));
        }
        words.addAll(List.of(more));
        return TinyRuns.run(words.toArray());
    }

    @Test
    void runsEveryKindOfRowOnceAndGoesOnWhereItStopped() throws Exception {
        Path data = TinyRuns.images(folder.resolve("set"));
        String rows = "scratch,hog-features,features-mocov3,features-supervised,mocov3-class";
        TinyRuns.Ran first = run(data, rows);
        assertThat(first.code()).as(first.err()).isZero();
        for (String row : List.of("hog", "scratch", "mocov3", "supervised", "features-mocov3", "features-supervised")) {
            assertThat(first.out()).containsPattern("(?m)^" + row + " +\\d+\\.\\d");
        }
        assertThat(first.out())
                .contains("top-1 on 20 images in 10 classes (chance 10.0 %), 2 labels a class, 2 seeds")
                .containsPattern("(?m)^hog-features +- +\\d") // never fine-tuned
                .containsPattern("(?m)^mocov3-class +- +\\d")
                .containsPattern("pre-training over none, fine-tuned: (seen|not)")
                .containsSubsequence("Not compared", "HOG over colours");
        Path out = folder.resolve("out");
        assertThat(RunResult.read(out.resolve("features-mocov3/pretrain-seed0/result.json"))
                        .facts())
                .containsEntry("epochs", "1");
        assertThat(Files.readString(out.resolve("features-mocov3/pretrain-seed0/config.yaml")))
                .contains(out.resolve("mocov3/pretrain-seed0").toString());
        assertThat(RunResult.read(out.resolve("mocov3-class/labels-2/probe-seed1/result.json"))
                        .facts()
                        .get("features"))
                .startsWith("class token");
        assertThat(RunResult.read(out.resolve("hog-features/labels-2/probe-seed0/result.json"))
                        .facts())
                .containsEntry("weights", "none");
        assertThat(RunResult.read(out.resolve("scratch/labels-2/probe-seed1/result.json"))
                        .facts()
                        .get("weights"))
                .contains("untrained", "seed 1");
        assertThat(out.resolve("ablation.html")).content().contains("<svg", "features-supervised", "ImageNet-1K");
        // the second seed is another draw of labels, measured apart
        assertThat(Files.readAllLines(out.resolve("ablation.csv")))
                .anyMatch(line -> line.startsWith("hog,target,val/top1,0,"))
                .anyMatch(line -> line.startsWith("hog,target,val/top1,1,"));

        Map<Path, FileTime> before = written(out);
        TinyRuns.Ran again = run(data, rows);
        assertThat(again.code()).isZero();
        assertThat(again.out()).isEqualTo(first.out());
        assertThat(written(out)).isEqualTo(before);

        TinyRuns.Ran other = run(data, rows, "--finetune-set", "optim.lr=1e-5");
        assertThat(other.code()).isEqualTo(Exit.USAGE);
        assertThat(other.err()).contains("settings of fine-tuning", "optim.lr=1e-5", "another --out");

        TinyRuns.Ran pretrainings = run(data, rows, "--pretrainings", "2");
        assertThat(pretrainings.code()).isEqualTo(Exit.USAGE);
        assertThat(pretrainings.err()).contains("begun with pre-trainings of each row: 1; now it is: 2");

        // A comparison that was begun before there were these options goes on.
        Path setup = out.resolve("ablation.json");
        List<String> older = Files.readAllLines(setup).stream()
                .filter(line -> !line.contains("training with all labels") && !line.contains("pre-trainings of each"))
                .toList();
        Files.writeString(setup, String.join("\n", older).replaceFirst(",\\s*}", "}"));
        assertThat(run(data, rows).code()).isZero();

        // A row that fails is named, and the others are run.
        Path teacher = out.resolve("supervised/all-labels-seed0");
        Files.move(teacher.resolve("model.safetensors"), folder.resolve("gone"));
        Files.move(teacher.resolve("checkpoints"), folder.resolve("gone-too"));
        TinyRuns.Ran failing = run(data, "pseudo-labels,pixels");
        assertThat(failing.code()).isEqualTo(Exit.INPUT);
        assertThat(failing.out())
                .contains("not finished: pseudo-labels: a command of it ended with exit code 3")
                .containsPattern("(?m)^pixels +\\d+\\.\\d")
                .containsPattern("(?m)^pseudo-labels +- +-")
                .containsPattern("(?m)^scratch +\\d+\\.\\d"); // which an earlier command left
    }

    @Test
    void labelledDataAreCheckedBeforeTheFirstTraining() throws Exception {
        Path out = folder.resolve("out");
        TinyRuns.Ran missing = run(folder.resolve("nowhere"), "hog");
        assertThat(missing.code()).isEqualTo(Exit.INPUT);
        assertThat(missing.err()).contains("nowhere");
        Path data = TinyRuns.images(folder.resolve("set"));
        TinyRuns.Ran withoutValidation = run(data.resolve("train"), "hog");
        assertThat(withoutValidation.code()).isEqualTo(Exit.INPUT);
        assertThat(withoutValidation.err()).contains("nothing to measure on", "--val PATH");
        TinyRuns.Ran tooFew = TinyRuns.run(
                "bench",
                "ablation",
                "--recipe",
                "tiny-image",
                "--data",
                data,
                "--rows",
                "hog",
                "--labels",
                "1",
                "--out",
                out);
        assertThat(tooFew.code()).isEqualTo(Exit.USAGE);
        assertThat(tooFew.err()).contains("10 samples do not fill one step of 16");
        assertThat(out).doesNotExist();
    }

    @Test
    void settingsOfLaterTrainingsAreCheckedBeforeTheFirst() throws Exception {
        Path out = folder.resolve("out");
        Path data = TinyRuns.images(folder.resolve("set"));
        for (List<String> wrong : List.of(
                List.of("hog", "--finetune-set", "train.epoch=3"),
                List.of("hog", "--finetune-set", "train.precision=float16"),
                List.of("mocov3", "--contrast-set", "task.target.kind=pixels"),
                List.of("supervised", "--supervised-set", "optim.lr=fast"),
                List.of("supervised,hog", "--pretrain-set", "optim.lr=fast"),
                List.of("features-mocov3", "--pretrain-set", "train.epoch=3"))) {
            TinyRuns.Ran ran = run(data, wrong.get(0), wrong.get(1), wrong.get(2));
            assertThat(ran.code()).as(wrong.toString()).isEqualTo(Exit.USAGE);
            assertThat(ran.err()).contains(wrong.get(2)).doesNotContain("$ maskfeat");
        }
        // It has the passes of pre-training, here 1, not those of fine-tuning.
        TinyRuns.Ran warmUp = run(
                data, "supervised", "--finetune-set", "train.epochs=9", "--supervised-set", "optim.warmup-epochs=5");
        assertThat(warmUp.code()).isEqualTo(Exit.USAGE);
        assertThat(warmUp.err()).contains("warmup-epochs 5").doesNotContain("$ maskfeat");
        TinyRuns.Ran clips = run(data, "hog", "--finetune-recipe", "tiny-video-ft");
        assertThat(clips.code()).isEqualTo(Exit.USAGE);
        assertThat(clips.err())
                .contains("--finetune-recipe tiny-video-ft is for videos", "--recipe tiny-image is for images");
        assertThat(out).doesNotExist();
    }

    @Test
    void aFolderThatIsNoneOrInUseIsRefused() throws Exception {
        Path data = TinyRuns.images(folder.resolve("set"));
        Path out = folder.resolve("out");
        Files.writeString(out, "a file");
        TinyRuns.Ran file = run(data, "hog");
        assertThat(file.code()).isEqualTo(Exit.USAGE);
        assertThat(file.err()).contains("out is a file");
        assertThat(Files.readString(out)).isEqualTo("a file");
        Files.delete(out);
        Files.createDirectories(out);
        Files.writeString(out.resolve("config.yaml"), "version: 6");
        TinyRuns.Ran ofRun = run(data, "hog");
        assertThat(ofRun.code()).isEqualTo(Exit.USAGE);
        assertThat(ofRun.err()).contains("is the folder of a run");
        Files.delete(out.resolve("config.yaml"));
        try (AblationFolder held = AblationFolder.hold(out, Map.of("recipe", "other"))) {
            TinyRuns.Ran second = run(data, "hog");
            assertThat(second.code()).isEqualTo(Exit.USAGE);
            assertThat(second.err()).contains("another comparison is running in " + held.path());
        }
        assertThat(out).isDirectoryNotContaining(path -> path.endsWith("hog"));
    }

    @Test
    void commandsAreShownSoThatAShellTakesThem() {
        assertThat(CommandSeries.shown(List.of("pretrain", "a/b-c", "augment.rand={ops: 2}", "it's")))
                .isEqualTo("pretrain a/b-c 'augment.rand={ops: 2}' 'it'\\''s'");
    }

    /** Every result and when it was written. */
    private static Map<Path, FileTime> written(Path folder) throws IOException {
        Map<Path, FileTime> written = new TreeMap<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.endsWith(RunResult.FILE)) {
                    written.put(file, attributes.lastModifiedTime());
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return written;
    }

    @Test
    void whatItCannotRunIsSaidBeforeTheFirstTraining() {
        Path out = folder.resolve("none");
        TinyRuns.Ran row = TinyRuns.run("bench", "ablation", "--rows", "hog,colours", "--out", out);
        assertThat(row.code()).isEqualTo(Exit.USAGE);
        assertThat(row.err()).contains("'colours'", "pixels", "target");
        TinyRuns.Ran recipe = TinyRuns.run("bench", "ablation", "--recipe", "tiny-mocov3", "--out", out);
        assertThat(recipe.code()).isEqualTo(Exit.USAGE);
        assertThat(recipe.err()).contains("--recipe tiny-mocov3 is of no masked prediction", "sample-image");
        TinyRuns.Ran contrast = TinyRuns.run("bench", "ablation", "--contrast-recipe", "tiny-image", "--out", out);
        assertThat(contrast.code()).isEqualTo(Exit.USAGE);
        assertThat(contrast.err()).contains("--contrast-recipe tiny-image", "sample-mocov3");
        TinyRuns.Ran seeds = TinyRuns.run("bench", "ablation", "--seeds", "0", "--out", out);
        assertThat(seeds.code()).isEqualTo(Exit.USAGE);
        assertThat(out).doesNotExist();
        TinyRuns.Ran more = TinyRuns.run("bench", "ablation", "--pretrainings", "4", "--out", out);
        assertThat(more.code()).isEqualTo(Exit.USAGE);
        assertThat(more.err()).contains("--pretrainings 4 is more than --seeds 3");
        for (List<String> own : List.of(
                List.of("--pretrain-set", "task.target.kind=pixels"),
                List.of("--pretrain-set", "task.mask={ratio: 0.8}"),
                List.of("--contrast-set", "seed=1"),
                List.of("--finetune-set", "seed=1"),
                List.of("--finetune-set", "data.labels.per-class=5"),
                List.of("--supervised-set", "data.labels.per-class=5"))) {
            TinyRuns.Ran set = TinyRuns.run("bench", "ablation", "--out", out, own.get(0), own.get(1));
            assertThat(set.code()).as(own.toString()).isEqualTo(Exit.USAGE);
            assertThat(set.err()).contains(own.get(0) + " " + own.get(1) + " would change ");
        }
        assertThat(out).doesNotExist();
        TinyRuns.Ran clips = TinyRuns.run("bench", "ablation", "--recipe", "tiny-video", "--list");
        assertThat(clips.code()).isZero();
        assertThat(clips.out()).contains("mask-tube", "ratio-80").doesNotContain("mocov3");
        TinyRuns.Ran without = TinyRuns.run("bench", "ablation", "--recipe", "in1k-vit-l-pt", "--list");
        assertThat(without.code()).isZero();
        assertThat(without.out()).contains("features-supervised").doesNotContain("mocov3");
        assertThat(without.err()).contains("without mocov3, mocov3-class, features-mocov3", "--contrast-recipe");
    }
}
