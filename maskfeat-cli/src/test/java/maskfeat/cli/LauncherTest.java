package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
        ProcessBuilder launch =
                new ProcessBuilder("/bin/sh", temp.resolve("maskfeat").toString(), "recipes");
        launch.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
        launch.environment().put("JAVA_HOME", temp.resolve("jdk").toString());
        launch.environment().putAll(environment);
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

    @Test
    void whereThereIsNoPlainOneTheFirstThatIsUtf8IsTaken() throws Exception {
        Files.createDirectories(temp.resolve("bin"));
        script("bin/locale", "[ $1 = -a ] && printf 'C\\nde_DE\\nde_DE.utf8\\nen_US.UTF-8\\n' || echo ANSI_X3.4-1968");
        String path = temp.resolve("bin") + ":" + System.getenv("PATH");
        assertThat(locale(Map.of("PATH", path))).isEqualTo("de_DE.utf8");
    }
}
