package maskfeat;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The walls of the house: arrows between packages run down only. */
class ArchitectureTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("maskfeat");

    /** Who may import whom; the whole of it. */
    private static final Map<String, List<String>> ARROWS = Map.ofEntries(
            Map.entry(
                    "cli",
                    List.of(
                            "recipe",
                            "settings",
                            "task",
                            "train",
                            "report",
                            "eval",
                            "weights",
                            "disk",
                            "onnx",
                            "data",
                            "sample",
                            "model",
                            "feature",
                            "torch",
                            "augment",
                            "mask",
                            "media")),
            Map.entry(
                    "recipe",
                    List.of(
                            "settings",
                            "task",
                            "train",
                            "eval",
                            "model",
                            "feature",
                            "nn",
                            "torch",
                            "weights",
                            "disk",
                            "data",
                            "augment",
                            "mask",
                            "media")),
            Map.entry("report", List.of("train", "eval", "feature", "mask", "media", "wire", "disk")),
            Map.entry(
                    "task",
                    List.of("train", "eval", "model", "feature", "nn", "torch", "data", "augment", "mask", "media")),
            Map.entry("train", List.of("eval", "torch", "weights", "disk", "data")),
            Map.entry("model", List.of("nn", "torch", "mask")),
            Map.entry("nn", List.of("torch", "mask")),
            Map.entry("feature", List.of("augment", "mask", "media")),
            Map.entry("weights", List.of("torch", "disk")),
            Map.entry("onnx", List.of("model", "nn", "mask", "torch", "weights", "disk", "wire")),
            Map.entry("settings", List.of()),
            Map.entry("disk", List.of()),
            Map.entry("sample", List.of("media", "disk")),
            Map.entry("wire", List.of()),
            Map.entry("data", List.of("augment", "mask", "media")),
            Map.entry("augment", List.of("media")),
            Map.entry("eval", List.of()),
            Map.entry("mask", List.of()),
            Map.entry("media", List.of()),
            Map.entry("torch", List.of()));

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
            strings = {"data", "augment", "mask", "media", "feature", "report", "eval", "sample", "disk", "settings"})
    void neverTouchesLibtorch(String name) {
        noClasses()
                .that()
                .resideInAPackage("maskfeat." + name + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco.pytorch..")
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
