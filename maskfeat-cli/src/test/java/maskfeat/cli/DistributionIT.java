package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.WINDOWS;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.io.TempDir;

/** The zip that {@code mvn package} makes, unpacked into a folder with a space in its name. */
@DisabledOnOs(WINDOWS) // whose launcher is another one
class DistributionIT {
    private static final String VERSION = System.getProperty("version", "");

    @TempDir
    private static Path temp = Path.of("");

    private static Path unpacked = Path.of("");

    @BeforeAll
    static void unpack() throws IOException {
        Path zip = DocsTest.root().resolve("maskfeat-cli/target/maskfeat-" + VERSION + ".zip");
        Path folder = Files.createDirectory(temp.resolve("a b"));
        Set<FileTime> times = new HashSet<>();
        try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("enablePosixFileAttributes", true));
                Stream<Path> all = Files.walk(files.getPath("/"))) {
            for (Path file : all.skip(1).toList()) {
                Path copy = folder.resolve(file.toString().substring(1));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                    Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(file));
                }
                times.add(Files.getLastModifiedTime(file));
            }
        }
        assertThat(times).as("one time, so that two builds are the same bytes").hasSize(1);
        unpacked = folder.resolve("maskfeat-" + VERSION);
    }

    private static String run(String... args) throws IOException, InterruptedException {
        ProcessBuilder launch = new ProcessBuilder(
                Stream.concat(Stream.of(unpacked.resolve("bin/maskfeat").toString()), Stream.of(args))
                        .toList());
        launch.environment().put("JAVA_HOME", System.getProperty("java.home"));
        launch.environment().put("PATH", "/usr/bin:/bin"); // no Maven is needed
        launch.directory(temp.toFile());
        Process process = launch.redirectError(temp.resolve("stderr").toFile()).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(Files.readString(temp.resolve("stderr")))
                .isZero();
        return said.strip();
    }

    @Test
    void itStartsFromThere() throws Exception {
        assertThat(run("--version")).isEqualTo("maskfeat " + VERSION);
        assertThat(Files.list(unpacked.resolve("cache")))
                .as("the archive of classes")
                .anyMatch(file ->
                        file.toString().endsWith(".jsa") && file.toFile().length() > 0);
        assertThat(run("doctor")).contains("libtorch").doesNotContain("Start through");
    }

    @Test
    void whatIsInItIsNamed() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(unpacked.resolve("bin/maskfeat"))))
                .isEqualTo("rwxr-xr-x");
        assertThat(unpacked.resolve("bin/maskfeat"))
                .hasSameBinaryContentAs(DocsTest.root().resolve("maskfeat"));
        assertThat(unpacked.resolve("LICENSE")).content().contains("Apache License");
        assertThat(unpacked.resolve("README.md")).content().contains("bin/maskfeat");
        assertThat(unpacked.resolve("docs/README.md")).exists();
        String command = Files.readString(unpacked.resolve("bin/maskfeat.cmd"));
        assertThat(command.lines().count())
                .as("cmd.exe wants both characters at the end of a line")
                .isEqualTo(command.split("\r\n").length);
        List<String> named = Pattern.compile("`([a-z0-9-]+)`")
                .matcher(Files.readString(unpacked.resolve("THIRD-PARTY.md")))
                .results()
                .map(found -> found.group(1))
                .toList();
        try (Stream<Path> jars = Files.list(unpacked.resolve("lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()))
                    .hasSizeGreaterThan(15)
                    .allMatch(jar -> jar.endsWith(".jar"))
                    .allMatch(jar -> named.stream().anyMatch(jar::startsWith), "is named in THIRD-PARTY.md")
                    .noneMatch(jar -> jar.matches("(junit|assertj|archunit|onnxruntime|maskfeat-.*tests).*"));
        }
    }

    /** What the launcher of a checkout and {@code bin/maskfeat} give to java, {@code bin/maskfeat.cmd} gives too. */
    @Test
    void bothLaunchersGiveTheSameSettings() throws IOException {
        assertThat(settings("bin/maskfeat.cmd")).isNotEmpty().isEqualTo(settings("bin/maskfeat"));
    }

    private static List<String> settings(String launcher) throws IOException {
        String text = Files.readString(unpacked.resolve(launcher));
        Matcher found = Pattern.compile("(-D[\\w.]+|--enable-native-access)=")
                .matcher(text.substring(text.lastIndexOf("-Dorg.bytedeco.javacpp.maxBytes=")));
        return found.results().map(each -> each.group(1)).toList();
    }
}
