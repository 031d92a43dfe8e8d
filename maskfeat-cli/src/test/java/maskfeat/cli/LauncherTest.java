package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import maskfeat.OwnThread;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher in front of a java that says in which locale it was started. */
class LauncherTest {
    @TempDir
    Path temp;

    @BeforeEach
    void aBuildAndAJava() throws IOException {
        Path module = Path.of("").toAbsolutePath();
        Path launcher = Files.isRegularFile(module.resolve("maskfeat"))
                ? module.resolve("maskfeat")
                : module.resolveSibling("maskfeat");
        assumeThat(Files.isExecutable(launcher) && Files.isExecutable(Path.of("/bin/sh")))
                .isTrue();
        Files.copy(launcher, temp.resolve("maskfeat"));
        Files.createDirectories(temp.resolve("maskfeat-cli/src/main"));
        Files.createFile(temp.resolve("pom.xml"));
        Files.createFile(temp.resolve("maskfeat-cli/pom.xml"));
        Path target = Files.createDirectories(temp.resolve("maskfeat-cli/target"));
        Files.createFile(target.resolve("maskfeat-cli.jar"));
        Files.createFile(target.resolve("profiles.txt"));
        Files.createDirectories(temp.resolve("jdk/bin"));
        script("jdk/bin/java", "echo ${LC_ALL-none}");
        Files.writeString(
                target.resolve("classpath.txt"),
                target.resolve("maskfeat-cli.jar").toString());
    }

    private void script(String place, String text) throws IOException {
        Path file = Files.writeString(temp.resolve(place), "#!/bin/sh\n" + text + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    /** What the started java sees as LC_ALL. */
    private String locale(Map<String, String> environment) throws IOException, InterruptedException {
        return started(environment, "recipes");
    }

    /** What the started java prints, and the launcher. */
    private String started(Map<String, String> environment, String... args) throws IOException, InterruptedException {
        return launched(temp.resolve("maskfeat").toString(), environment, args);
    }

    private String launched(String launcher, Map<String, String> environment, String... args)
            throws IOException, InterruptedException {
        ProcessBuilder launch = new ProcessBuilder(
                Stream.concat(Stream.of("/bin/sh", launcher), Stream.of(args)).toList());
        launch.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
        launch.environment().put("JAVA_HOME", temp.resolve("jdk").toString());
        launch.environment().putAll(environment);
        launch.directory(temp.toFile());
        Process process = launch.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.strip();
    }

    /** The row A1: cron, bare containers and Slurm have no locale. */
    @ParameterizedTest
    @ValueSource(strings = {"", "C", "POSIX", "xx_YY"})
    void aLocaleWithoutUtf8IsReplaced(String locale) throws Exception {
        assertThat(locale(locale.isEmpty() ? Map.of() : Map.of("LC_ALL", locale)))
                .isEqualTo("C.UTF-8");
    }

    @Test
    void oneWithUtf8Stays() throws Exception {
        assertThat(locale(Map.of("LC_ALL", "C.UTF-8"))).isEqualTo("C.UTF-8");
        assertThat(locale(Map.of("LANG", "C.UTF-8"))).isEqualTo("none");
    }

    @Test
    void jarsThatTheUserPutsThereAreOnTheClassPath() throws Exception {
        script("jdk/bin/java", "for word in \"$@\"; do case $word in *jar:*) echo \"$word\";; esac; done");
        assertThat(locale(Map.of())).endsWith(":" + temp.resolve("lib") + "/*");
        assertThat(locale(Map.of("MASKFEAT_LIB", "/a b"))).endsWith(".jar:/a b/*");
    }

    /** The layout of the zip: {@code bin}, {@code lib}, and nothing to build from. */
    private Path unpacked(String... jars) throws IOException {
        Path unpacked = temp.resolve("un packed");
        Files.createDirectories(unpacked.resolve("bin"));
        Files.createDirectories(unpacked.resolve("lib"));
        Files.copy(temp.resolve("maskfeat"), unpacked.resolve("bin/maskfeat"));
        for (String jar : jars) {
            Files.createFile(unpacked.resolve("lib").resolve(jar));
        }
        return unpacked;
    }

    @Test
    void inTheZipsLayoutItTakesTheJarsInLibInOneOrderAndBuildsNothing() throws Exception {
        Path unpacked = unpacked("maskfeat-cli-1.jar", "Z.jar", "a.jar", "mkl-2.jar");
        script("jdk/bin/java", "for word in \"$@\"; do case $word in *jar:* | *load=*) echo \"$word\";; esac; done");
        String lib = unpacked.resolve("lib") + "/";
        String jars = lib + "Z.jar:" + lib + "a.jar:" + lib + "maskfeat-cli-1.jar:" + lib + "mkl-2.jar";
        String launcher = unpacked.resolve("bin/maskfeat").toString();
        assertThat(launched(launcher, Map.of("LC_ALL", "C.UTF-8"), "recipes").lines())
                .containsExactly("-Dorg.bytedeco.openblas.load=mkl", jars);
        assertThat(launched(launcher, Map.of("MASKFEAT_LIB", "/c d"), "recipes").lines())
                .containsExactly("-Dorg.bytedeco.openblas.load=mkl", jars + ":/c d/*");
        Path link = Files.createSymbolicLink(temp.resolve("link"), unpacked.resolve("bin/maskfeat"));
        assertThat(launched(link.toString(), Map.of(), "recipes")).contains(jars);
        Files.delete(unpacked.resolve("lib/mkl-2.jar"));
        assertThat(launched(launcher, Map.of(), "recipes")).contains("load=openblas");
    }

    @Test
    void inTheZipsLayoutTheArchiveLiesInAFolderOfItsOwnAndIsMadeAnewWhereItIsMoved() throws Exception {
        Path unpacked = unpacked("maskfeat-cli-1.jar");
        javaWithArchives("17", "echo classes >\"$file\"");
        String launcher = unpacked.resolve("bin/maskfeat").toString();
        assertThat(launched(launcher, Map.of(), "recipes"))
                .contains("once", "-XX:SharedArchiveFile=" + unpacked.resolve("cache"));
        assertThat(launched(launcher, Map.of(), "recipes"))
                .doesNotContain("once")
                .contains("-XX:SharedArchiveFile=");
        Path moved = Files.move(unpacked, temp.resolve("moved"));
        assertThat(launched(moved.resolve("bin/maskfeat").toString(), Map.of(), "recipes"))
                .contains("once", "-XX:SharedArchiveFile=" + moved.resolve("cache"));
    }

    @Test
    void whereTheZipsFolderCannotBeWrittenItStartsWithoutAnArchive() throws Exception {
        Path unpacked = unpacked("maskfeat-cli-1.jar");
        javaWithArchives("17", "echo classes >\"$file\"");
        Files.createFile(unpacked.resolve("cache")); // as the superuser may write into any folder
        assertThat(launched(unpacked.resolve("bin/maskfeat").toString(), Map.of(), "recipes"))
                .contains("-XX:TieredStopAtLevel=1")
                .doesNotContain("Shared", "annot");
    }

    @Test
    void aLauncherThatWasCopiedOutOfTheZipsLayoutSaysSo() throws Exception {
        Path unpacked = unpacked();
        ProcessBuilder launch =
                new ProcessBuilder("/bin/sh", unpacked.resolve("bin/maskfeat").toString(), "recipes");
        launch.environment().put("JAVA_HOME", temp.resolve("jdk").toString());
        Process process = launch.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said.strip())
                .contains("no maskfeat-cli jar in " + unpacked.resolve("lib"), "unpack the zip whole")
                .doesNotContain("\n");
    }

    @Test
    void whereThereIsNoPlainOneTheFirstThatIsUtf8IsTaken() throws Exception {
        Files.createDirectories(temp.resolve("bin"));
        script("bin/locale", "[ $1 = -a ] && printf 'C\\nde_DE\\nde_DE.utf8\\nen_US.UTF-8\\n' || echo ANSI_X3.4-1968");
        String path = temp.resolve("bin") + ":" + System.getenv("PATH");
        assertThat(locale(Map.of("PATH", path))).isEqualTo("de_DE.utf8");
    }

    /** A java that makes an archive where it is asked to, and otherwise prints its options. */
    private void javaWithArchives(String release, String onDump) throws IOException {
        script(
                "jdk/bin/java",
                "for word in \"$@\"; do case $word in -XX:SharedArchiveFile=* | -XX:DumpLoadedClassList=*) file=${word#*=};;"
                        + " esac; done\ncase \"$*\" in *Rehearsal*) echo Main >\"$file\"; echo rehearsal >>rehearsals;;"
                        + " *-Xshare:dump*) " + onDump + ";; *) for word in \"$@\"; do"
                        + " case $word in -X*) printf '%s ' \"$word\";; esac; done;; esac");
        Files.writeString(temp.resolve("jdk/release"), release);
    }

    private List<Path> archives() throws IOException {
        try (Stream<Path> all = Files.list(temp.resolve("maskfeat-cli/target"))) {
            return all.filter(file -> file.getFileName().toString().contains(".jsa"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void theArchiveOfClassesIsMadeOnceForEachJdkAndAnewAfterABuild() throws Exception {
        javaWithArchives("17", "echo classes >\"$file\"");
        assertThat(started(Map.of(), "recipes")).contains("once", "-XX:SharedArchiveFile=", "-Xlog:cds*=off");
        assertThat(started(Map.of(), "recipes")).doesNotContain("once").contains("-XX:SharedArchiveFile=");
        assertThat(archives()).hasSize(1);
        Path first = archives().get(0);
        Files.writeString(temp.resolve("jdk/release"), "25");
        assertThat(started(Map.of(), "recipes")).contains("once");
        assertThat(archives()).hasSize(2);
        Files.setLastModifiedTime(
                temp.resolve("maskfeat-cli/target/classpath.txt"),
                FileTime.fromMillis(Files.getLastModifiedTime(first).toMillis() + 60_000));
        assertThat(started(Map.of(), "recipes")).contains("once");
        assertThat(temp.resolve("rehearsals")).hasContent("rehearsal");
    }

    @Test
    void ofTwoStartsAtOnceOnePreparesAndWhatAKilledOneLeftGoes() throws Exception {
        assumeThat(new ProcessBuilder("sh", "-c", "command -v flock").start().waitFor())
                .isZero();
        javaWithArchives("17", "echo classes >\"$file\"");
        Path target = temp.resolve("maskfeat-cli/target");
        script("holding", "exec 8>'" + target.resolve("preparing.lock") + "'\nflock 8\necho held\nread end");
        Process other = new ProcessBuilder(temp.resolve("holding").toString()).start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("held");
            assertThat(started(Map.of(), "recipes")).doesNotContain("once", "-XX:SharedArchiveFile=");
            assertThat(archives()).isEmpty();
        } finally {
            other.destroy();
            other.waitFor();
        }
        Path left = Files.createFile(target.resolve("classes.lst.4711"));
        assertThat(started(Map.of(), "recipes")).contains("once", "-XX:SharedArchiveFile=");
        assertThat(archives()).hasSize(1);
        assertThat(left).doesNotExist();
    }

    /** Such as one that another user made; root may write those, so that a folder stands in its place. */
    @Test
    void aLockThatCannotBeOpenedCostsTheArchiveAlone() throws Exception {
        assumeThat(new ProcessBuilder("sh", "-c", "command -v flock").start().waitFor())
                .isZero();
        javaWithArchives("17", "echo classes >\"$file\"");
        Files.createDirectory(temp.resolve("maskfeat-cli/target/preparing.lock"));
        assertThat(started(Map.of(), "recipes"))
                .contains("-XX:TieredStopAtLevel=1")
                .doesNotContain("Shared", "once");
        assertThat(archives()).isEmpty();
    }

    @Test
    void aCheckoutThatCannotBeWrittenAndHasNoBuildSaysSo() throws Exception {
        Path target = temp.resolve("maskfeat-cli/target");
        try (Stream<Path> all = Files.list(target)) {
            for (Path file : all.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(target);
        Files.createFile(target); // as the superuser may write into any folder
        ProcessBuilder launch =
                new ProcessBuilder("/bin/sh", temp.resolve("maskfeat").toString(), "recipes");
        launch.environment().put("JAVA_HOME", temp.resolve("jdk").toString());
        Process process = launch.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said.strip())
                .startsWith("maskfeat: there is no build in " + target)
                .doesNotContain("\n");
    }

    @Test
    void withoutAnArchiveItStartsAndDoesNotTryAgain() throws Exception {
        javaWithArchives("17", "echo half >\"$file\"; echo no such option >&2; exit 1");
        assertThat(started(Map.of(), "recipes")).doesNotContain("Shared").doesNotContain("no such option");
        assertThat(started(Map.of(), "recipes")).doesNotContain("Shared").doesNotContain("once");
        assertThat(archives()).hasSize(1);
    }

    @Test
    void onlyShortCommandsDoWithoutTheOptimisingCompiler() throws Exception {
        javaWithArchives("17", "exit 1");
        String quick = "-XX:TieredStopAtLevel=1";
        assertThat(started(Map.of(), "--version")).contains(quick, "-XX:+UseSerialGC");
        assertThat(started(Map.of(), "pretrain", "--help")).contains(quick);
        assertThat(started(Map.of(), "predict", "runs/a b", "cat.JPG")).contains(quick);
        assertThat(started(Map.of(), "predict", "runs/a", "film.mp4")).doesNotContain("-XX:");
        assertThat(started(Map.of(), "pretrain", "tiny-image")).doesNotContain("-XX:");
        assertThat(started(Map.of("MASKFEAT_JAVA_OPTS", "-XX:+UseG1GC"), "recipes"))
                .contains(quick)
                .doesNotContain("Serial");
    }

    /** Both find nothing built; one builds, and the other one waits and starts from that. */
    @Test
    void ofTwoStartsAtOnceOneBuilds() throws Exception {
        assumeThat(Stream.of("/usr/bin/flock", "/bin/flock").map(Path::of).anyMatch(Files::isExecutable))
                .isTrue();
        Path target = temp.resolve("maskfeat-cli/target");
        Files.delete(target.resolve("classpath.txt"));
        Files.createDirectories(temp.resolve("bin"));
        script(
                "bin/mvn",
                "case \"$*\" in *-Dassembly.skipAssembly=true*) ;; *) exit 1 ;; esac\nmkdir " + temp.resolve("busy")
                        + " || exit 1\necho build >>" + temp.resolve("builds") + "\nsleep 1\n"
                        + "printf %s " + target.resolve("maskfeat-cli.jar") + " >" + target.resolve("classpath.txt")
                        + "\nrmdir " + temp.resolve("busy"));
        Map<String, String> environment =
                Map.of("PATH", temp.resolve("bin") + ":" + System.getenv("PATH"), "LC_ALL", "C.UTF-8");
        List<CompletableFuture<String>> starts = Stream.of(1, 2)
                .map(start -> OwnThread.of(() -> started(environment, "recipes")))
                .toList();
        for (CompletableFuture<String> start : starts) {
            assertThat(start.get()).endsWith("C.UTF-8").doesNotContain("failed");
        }
        assertThat(temp.resolve("builds")).hasContent("build");
    }
}
