package maskfeat;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The walls of the house: arrows between packages run down only. */
class ArchitectureTest {
    private static final JavaClasses WITH_TESTS = new ClassFileImporter().importPackages("maskfeat");

    private static final JavaClasses OURS = WITH_TESTS.that(DescribedPredicate.describe(
            "not of tests",
            type -> type.getSource().stream()
                    .map(source -> source.getUri().toString())
                    .noneMatch(from -> from.contains("/test-classes/") || from.contains("-tests.jar"))));

    /** Who may import whom; the whole of it. */
    private static final Map<String, List<String>> ARROWS = Map.ofEntries(
            arrows(
                    "cli",
                    "ablation run serve track infer shard people report network foreign settings task train eval weights disk onnx data sample model feature torch"
                            + " augment mask media"),
            arrows("ablation", "report settings eval"),
            arrows(
                    "run",
                    "report infer teacher network settings task train eval weights disk archive model feature nn torch boxes data sample augment"
                            + " mask media"),
            arrows("track", "report train disk"),
            arrows("serve", "report infer people network eval data torch media disk"),
            arrows("report", "infer task train eval feature data disk mask media wire"),
            arrows(
                    "infer",
                    "people boxes task teacher network eval feature weights disk model nn torch data augment mask media"),
            arrows("teacher", "network foreign model nn mask torch weights augment disk"),
            arrows("task", "teacher network train eval model feature nn torch data augment mask media"),
            arrows("network", "foreign train weights disk settings model feature nn torch data augment mask media"),
            arrows("foreign", "model nn mask weights disk"),
            arrows("people", "eval disk augment media"),
            arrows("onnx", "model nn mask torch weights disk wire"),
            arrows("train", "eval torch weights disk data"),
            arrows("model", "nn torch mask settings"),
            arrows("nn", "torch mask"),
            arrows("feature", "settings augment mask media"),
            arrows("weights", "torch pickle disk"),
            arrows("boxes", "eval pickle disk"),
            arrows("pickle", "disk"),
            arrows("shard", "data archive disk"),
            arrows("data", "feature eval augment mask media archive disk"),
            arrows("archive", "disk"),
            arrows("sample", "media disk"),
            arrows("augment", "media"),
            arrows("eval", ""),
            arrows("settings", "disk"),
            arrows("disk", ""),
            arrows("wire", ""),
            arrows("mask", ""),
            arrows("media", "disk"),
            arrows("torch", "disk"));

    private static Map.Entry<String, List<String>> arrows(String from, String to) {
        return Map.entry(from, to.isEmpty() ? List.of() : List.of(to.split(" ")));
    }

    @Test
    void noPackageDependsOnItselfInACircle() {
        slices().matching("maskfeat.(*)..").should().beFreeOfCycles().check(OURS);
    }

    @Test
    void arrowsRunDownOnly() {
        ARROWS.forEach((from, to) -> {
            List<String> allowed = new ArrayList<>(to);
            allowed.add(from);
            noClasses()
                    .that()
                    .resideInAPackage("maskfeat." + from + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(ARROWS.keySet().stream()
                            .filter(other -> !allowed.contains(other))
                            .map(other -> "maskfeat." + other + "..")
                            .toArray(String[]::new))
                    .allowEmptyShould(true)
                    .check(OURS);
        });
    }

    @Test
    void everyPackageHasItsPlace() {
        classes()
                .that()
                .resideInAPackage("maskfeat.*..")
                .should()
                .resideInAnyPackage(ARROWS.keySet().stream()
                        .map(name -> "maskfeat." + name + "..")
                        .toArray(String[]::new))
                .check(OURS);
    }

    /** Loader threads trade in Java arrays: no native tensor crosses a thread. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "data",
                "augment",
                "mask",
                "media",
                "feature",
                "report",
                "eval",
                "sample",
                "disk",
                "settings",
                "boxes",
                "people",
                "pickle",
                "shard"
            })
    void neverTouchesLibtorch(String name) {
        noClasses()
                .that()
                .resideInAPackage("maskfeat." + name + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco.pytorch..")
                .check(OURS);
    }

    /** Where Arabic digits are usual, Java writes them into numbers unless it is told another locale. */
    @Test
    void numbersAreWrittenInNoLanguage() {
        noClasses()
                .should()
                .callMethod(String.class, "format", String.class, Object[].class)
                .orShould()
                .callMethod(String.class, "formatted", Object[].class)
                .orShould()
                .callMethod(String.class, "toLowerCase")
                .orShould()
                .callMethod(String.class, "toUpperCase")
                .orShould()
                .callMethod(java.io.PrintWriter.class, "printf", String.class, Object[].class)
                .orShould()
                .callMethod(java.io.PrintStream.class, "printf", String.class, Object[].class)
                .check(OURS);
    }

    /** From JDK 25 on they share one thread where there are two cores: what waits for another may wait for ever. */
    @Test
    void nothingIsLeftToTheCommonThreads() {
        noClasses()
                .should()
                .callMethod(CompletableFuture.class, "supplyAsync", Supplier.class)
                .orShould()
                .callMethod(CompletableFuture.class, "runAsync", Runnable.class)
                .check(WITH_TESTS);
    }

    /** It may be missing. */
    @Test
    void onlyOneClassImportsOnnxRuntime() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("maskfeat.people.Session")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.onnxruntime..")
                .check(OURS);
    }

    @Test
    void onlyMediaImportsFfmpeg() {
        noClasses()
                .that()
                .resideOutsideOfPackage("maskfeat.media..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco.ffmpeg..")
                .check(OURS);
    }

    @Test
    void onlyTheCommandLineImportsPicocliAndLogback() {
        noClasses()
                .that()
                .resideOutsideOfPackage("maskfeat.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "ch.qos.logback..")
                .check(OURS);
    }

    /** Optionals, vectors, scopes' odd corners and the dispatcher have one home. */
    @Test
    void nativeOdditiesLiveInTorch() {
        noClasses()
                .that()
                .resideOutsideOfPackage("maskfeat.torch..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "org\\.bytedeco\\.pytorch\\.(.*Optional|.*ArrayRef|IValue.*|Dispatcher|OperatorHandle)")
                .check(OURS);
    }

    /** A new task never edits the loop. */
    @Test
    void trainKnowsNoTaskAndNoModel() {
        noClasses()
                .that()
                .resideInAPackage("maskfeat.train..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("maskfeat.task..", "maskfeat.model..", "maskfeat.nn..")
                .check(OURS);
    }
}
