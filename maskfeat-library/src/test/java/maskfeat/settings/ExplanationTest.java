package maskfeat.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a setting means is read from the Javadoc of its record. */
class ExplanationTest {
    /**
     * A run.
     *
     * @param steps of the optimizer, at least 1; see {@link Part#share()}. Each takes
     *     {@code batch} samples.
     * @param speed how fast
     * @param part of the whole
     * @param ends where it is cut, in seconds
     * @param silence in seconds
     */
    record Run(
            int steps,
            Speed speed,
            Part part,
            List<Double> ends,
            @Nullable Silence silence) {}

    /** How fast a run is. */
    enum Speed {
        /** As it comes. */
        SLOW,
        ALL_OUT
    }

    /**
     * Which part. There is always one.
     *
     * <p>What follows the first paragraph is for readers of the code and not shown.
     */
    sealed interface Part {
        double share();
    }

    /**
     * A share of it. The rest is left away.
     *
     * @param share from 0 to 1
     */
    @JsonTypeName("some")
    record Some(double share) implements Part {
        public static Some defaults() {
            return new Some(0.5);
        }
    }

    /** All of it. */
    @JsonTypeName("all")
    record All() implements Part {
        public static All defaults() {
            return new All();
        }

        @Override
        public double share() {
            return 1;
        }
    }

    /**
     * A pause.
     *
     * @param seconds of it, above 0
     */
    record Silence(double seconds) {
        public static Silence defaults() {
            return new Silence(3);
        }
    }

    private static final Run VALUE = new Run(5, Speed.SLOW, new All(), List.of(1.5), null);

    @TempDir
    Path folder;

    @Test
    void everySettingHasItsMeaningItsValueAndWhatWouldDo() {
        List<Explanation> all = Settings.of(Run.class, "r", VALUE).explain();

        assertThat(all.stream().map(Explanation::key))
                .containsExactly("steps", "speed", "part", "part.kind", "ends", "silence", "silence.seconds");
        assertThat(all.get(0))
                .isEqualTo(new Explanation(
                        "steps",
                        "a whole number",
                        "5",
                        "of the optimizer, at least 1; see `Part.share()`.",
                        "Each takes `batch` samples.",
                        Map.of(),
                        List.of()));
        assertThat(all.get(1).choices()).containsExactly(Map.entry("slow", "As it comes."), Map.entry("all-out", ""));
        assertThat(all.get(4).expected()).isEqualTo("a list in brackets, each a number");
        assertThat(all.get(5).value()).isEqualTo("null");
        assertThat(all.get(6).meaning()).isEqualTo("of it, above 0");
    }

    @Test
    void kindsAreListedWithTheirOwnSettingsAndWhatTheyBeginWith() {
        Explanation kind = Settings.of(Run.class, "r", VALUE).explain().get(3);

        assertThat(kind.value()).isEqualTo("all");
        assertThat(kind.meaning()).isEqualTo("Which part.");
        assertThat(kind.details()).isEqualTo("There is always one.");
        assertThat(kind.choices()).containsExactly(Map.entry("some", "A share of it."), Map.entry("all", "All of it."));
        assertThat(kind.kinds()).extracting(Explanation.Kind::name).containsExactly("some", "all");
        assertThat(kind.kinds().get(0).settings())
                .containsExactly(
                        new Explanation("part.share", "a number", "0.5", "from 0 to 1", "", Map.of(), List.of()));
    }

    @Test
    void theExplainedFileReadsAsTheSameValue() throws IOException {
        Run run = new Run(7, Speed.ALL_OUT, new Some(0.25), List.of(), new Silence(2));
        for (Run value : List.of(run, VALUE)) {
            Settings<Run> settings = Settings.of(Run.class, "r", value);
            Path file = Files.writeString(folder.resolve("run.yaml"), settings.explained());
            assertThat(Settings.of(Run.class, "other", new Run(1, Speed.SLOW, new Some(1), List.of(2.0), null))
                            .file(file)
                            .value())
                    .isEqualTo(value);
        }
        assertThat(Settings.of(Run.class, "r", run).explained())
                .startsWith("# of the optimizer, at least 1; see `Part.share()`. Each takes `batch` samples. (a whole")
                .contains("  # from 0 to 1 (a number)\n  share: 0.25\n")
                .contains("#   slow: As it comes.\n");
    }

    @Test
    void whatANullGroupWouldHoldIsCommentedOut() {
        assertThat(Settings.of(Run.class, "r", VALUE).explained()).endsWith("""
                # in seconds
                silence: null
                #   # of it, above 0 (a number)
                #   seconds: 3.0
                """);
    }

    @Test
    void theGuideHasATableForEachGroupAndKind() {
        assertThat(SettingsGuide.markdown("# Settings\n", Map.of("Run", Run.class)))
                .isEqualTo("""
                # Settings

                ## Run

                | Setting | Value | Meaning |
                | --- | --- | --- |
                | `steps` | a whole number | of the optimizer, at least 1; see `Part.share()`. Each takes `batch` samples. |
                | `speed` | one of slow, all-out | how fast<br>`slow`: As it comes. |
                | `part` | settings | of the whole; see below |
                | `ends` | a list in brackets, each a number | where it is cut, in seconds |
                | `silence` | settings or null | in seconds; see below |

                ### `part`

                Which part. There is always one.

                One of these kinds, by `part.kind`: `some`, `all`.

                **`kind: some`**: A share of it. The rest is left away.

                | Setting | Value | Begins with | Meaning |
                | --- | --- | --- | --- |
                | `share` | a number | `0.5` | from 0 to 1 |

                **`kind: all`**: All of it.

                It has no settings.

                ### `silence`

                A pause.

                | Setting | Value | Begins with | Meaning |
                | --- | --- | --- | --- |
                | `seconds` | a number | `3.0` | of it, above 0 |
                """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{@code a < b} and {@link Foo#bar}     | `a < b` and `Foo.bar`",
                "the {@link Foo big one} of {@link #x} | the big one of `x`",
                "{@code {1, 2}}, <i>so</i> &lt; 3      | `{1, 2}`, so < 3",
                "in <code>{a: b}</code>                | in `{a: b}`",
            })
    void javadocBecomesMarkdown(String javadoc, String markdown) {
        assertThat(JavadocText.plain(javadoc)).isEqualTo(markdown);
    }
}
