package maskfeat.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

class PathTextTest {
    @TempDir
    Path temp;

    @Test
    void whatEveryLocaleKnowsStaysAsItIs() {
        for (String text : List.of("", "a/b c.jpg", "../a", "/x/y%41")) {
            assertThat(PathText.of(Path.of(text))).isEqualTo(Path.of(text).toString());
            assertThat(PathText.path(text)).isEqualTo(Path.of(text));
        }
        assertThatThrownBy(() -> PathText.path("é\0")).isInstanceOf(InvalidPathException.class);
    }

    @Test
    @EnabledOnOs(LINUX)
    void namesAreTheSameTextInEveryLocale() throws Exception {
        Files.createDirectories(PathText.in(temp, "naïve/日本"));
        Files.writeString(PathText.in(temp, "naïve/日本/😀 50%.jpg"), "");
        Files.writeString(Path.of(URI.create(temp.toUri() + "na%C3%AFve/caf%E9")), ""); // Latin 1
        String expected =
                "true true naïve\ntrue true naïve/caf\\xE9\ntrue true naïve/日本\ntrue true naïve/日本/😀 50%.jpg\n";
        assertThat(listed("C")).isEqualTo(expected);
        assertThat(listed("C.UTF-8")).isEqualTo(expected);
    }

    /** What a process in another locale sees. */
    private String listed(String locale) throws IOException, InterruptedException {
        ProcessBuilder process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                Lister.class.getName(),
                temp.toString());
        process.environment().put("LC_ALL", locale);
        Process started = process.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String out = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(started.waitFor()).isZero();
        return out;
    }

    /** Prints the text of each path below a folder, and whether the path and its sibling come back from their texts. */
    public static final class Lister {
        public static void main(String[] args) throws IOException {
            Path root = Path.of(args[0]);
            StringBuilder lines = new StringBuilder();
            try (Stream<Path> paths = Files.walk(root)) {
                paths.filter(path -> !path.equals(root))
                        .sorted((a, b) -> PathText.of(a).compareTo(PathText.of(b)))
                        .forEach(path -> {
                            String text = PathText.of(path);
                            boolean back =
                                    text.contains("\\x") || PathText.path(text).equals(path);
                            Path relative = root.relativize(path);
                            boolean relativeBack = text.contains("\\x")
                                    || PathText.path(PathText.of(relative)).equals(relative);
                            lines.append(back + " " + relativeBack + " " + PathText.of(relative) + "\n");
                        });
            }
            System.out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
            System.out.flush();
        }
    }
}
