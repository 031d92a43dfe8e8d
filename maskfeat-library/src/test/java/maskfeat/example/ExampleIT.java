package maskfeat.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The application in {@code examples}, built by Maven as a user builds it and run with the class path that Maven makes
 * of its one dependency.
 *
 * <p>It finds the library in a local repository made for the test: the jar and POM files of this build, and links to all
 * that the user's own local repository has.
 */
class ExampleIT {
    private static final Path ROOT = Path.of("").toAbsolutePath();
    private static final String GROUP = "io.github.maskfeat-jvm";
    private static final long PATIENCE_MINUTES = 10;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void anApplicationThatDependsOnTheLibraryAloneEmbedsFineTunesAndPredicts() throws Exception {
        assumeTrue(File.pathSeparatorChar == ':', "symbolic links are no matter of course");
        Path repository = folder.resolve("repository");
        linkAll(Path.of(property("local.repository")), repository, List.of(GROUP.split("\\.")));
        install(repository);

        Path list = folder.resolve("classpath.txt");
        run(
                ROOT.resolve("examples"),
                property("maven.home") + "/bin/mvn",
                "-B",
                "-ntp",
                "-q",
                "-Dmaven.repo.local=" + repository,
                "compile",
                "dependency:build-classpath",
                "-Dmdep.outputFile=" + list);
        List<String> jars = List.of(Files.readString(list).split(File.pathSeparator));
        assertThat(jars)
                .anyMatch(jar -> jar.endsWith("/maskfeat-" + property("version") + ".jar"))
                .noneMatch(jar -> jar.matches(".*(picocli|logback|log4j|slf4j-(?!api)|maskfeat-cli|jboss-logging).*"));
        // The names of jars could deceive: none of them has these classes.
        for (String jar : jars) {
            try (ZipFile zip = new ZipFile(jar)) {
                assertThat(zip.stream().map(ZipEntry::getName))
                        .as(jar)
                        .noneMatch(name -> name.startsWith("picocli/")
                                || name.startsWith("maskfeat/cli/")
                                || name.equals("META-INF/services/org.slf4j.spi.SLF4JServiceProvider"));
            }
        }

        List<String> java = new ArrayList<>(List.of(property("java.home") + "/bin/java", "-Xmx1g"));
        java.addAll(List.of(property("native.flags").trim().split("\\s+")));
        java.addAll(List.of(
                "-cp",
                ROOT.resolve("examples/target/classes") + File.pathSeparator + String.join(File.pathSeparator, jars),
                "example.Application",
                folder.resolve("out").toString()));
        String said = run(folder, java.toArray(String[]::new));
        assertThat(said)
                .containsPattern("features: [1-9][0-9]*\n")
                .containsPattern("predicted: (" + String.join("|", SampleSet.clipClasses()) + ")\n");
    }

    /** JUnit would warn of each that leads out of its temporary folder. */
    @AfterEach
    void removeTheLinks() throws IOException {
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path link : entries.filter(Files::isSymbolicLink).toList()) {
                Files.delete(link);
            }
        }
    }

    /** As {@code mvn install} puts them. */
    private static void install(Path repository) throws IOException {
        Path library = ROOT.resolve("maskfeat-library");
        copy(ROOT.resolve("pom.xml"), repository, "maskfeat-parent", ".pom");
        copy(library.resolve("pom.xml"), repository, "maskfeat", ".pom");
        copy(library.resolve("target/maskfeat.jar"), repository, "maskfeat", ".jar");
    }

    private static void copy(Path file, Path repository, String artifact, String ending) throws IOException {
        String version = property("version");
        Path to = repository.resolve(GROUP.replace('.', '/')).resolve(artifact).resolve(version);
        Files.createDirectories(to);
        Files.copy(file, to.resolve(artifact + "-" + version + ending));
    }

    /** Links to what a folder holds, except along this path, whose folders are made and whose end stays empty. */
    private static void linkAll(Path from, Path to, List<String> except) throws IOException {
        Files.createDirectories(to);
        if (except.isEmpty()) {
            return;
        }
        if (Files.isDirectory(from)) {
            try (Stream<Path> entries = Files.list(from)) {
                for (Path entry : entries.toList()) {
                    if (!entry.getFileName().toString().equals(except.get(0))) {
                        Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
                    }
                }
            }
        }
        linkAll(from.resolve(except.get(0)), to.resolve(except.get(0)), except.subList(1, except.size()));
    }

    /** What it printed, errors too. */
    private String run(Path in, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", property("java.home"));
        Process process = builder.start();
        if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("still running after " + PATIENCE_MINUTES + " min: " + Files.readString(output));
        }
        String said = Files.readString(output);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("the build sets the system property " + name);
        }
        return value;
    }
}
