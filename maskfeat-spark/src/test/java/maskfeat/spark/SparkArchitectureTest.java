package maskfeat.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The walls of the jobs; those of the other packages are tested with the program. */
class SparkArchitectureTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("maskfeat");

    @Test
    void onlyTheJobsImportSparkAndHadoop() {
        noClasses()
                .that()
                .resideOutsideOfPackage("maskfeat.spark..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..", "maskfeat.spark..")
                .check(OURS);
    }

    @Test
    void theJobsImportWhatTheyNeedAlone() {
        String[] packages = Stream.concat(
                        Arrays.stream("spark cli infer network model eval data augment media disk torch".split(" "))
                                .map(name -> "maskfeat." + name + ".."),
                        Stream.of(
                                "java..",
                                "org.apache.spark..",
                                "org.apache.hadoop..",
                                "scala..",
                                "picocli..",
                                "org.slf4j..",
                                "tools.jackson..",
                                "org.jspecify.."))
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage("maskfeat.spark..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(packages)
                .check(OURS);
    }

    /** It is started by executors, as a process that has neither. */
    @Test
    void whatDecodesApartNeedsNoSpark() {
        noClasses()
                .that()
                .haveNameMatching("maskfeat\\.spark\\.(DecoderProcess|Decoding|ClipReader|Verdicts).*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache..", "scala..", "org.bytedeco.pytorch..")
                .check(OURS);
    }
}
