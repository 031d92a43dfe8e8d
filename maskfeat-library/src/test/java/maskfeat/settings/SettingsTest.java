package maskfeat.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import maskfeat.settings.SampleRun.Dino;
import maskfeat.settings.SampleRun.Ema;
import maskfeat.settings.SampleRun.Hog;
import maskfeat.settings.SampleRun.Linear;
import maskfeat.settings.SampleRun.Nothing;
import maskfeat.settings.SampleRun.Pixels;
import maskfeat.settings.SampleRun.Sampling;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    @TempDir
    Path folder;

    // --- What is changed, and what stays

    @Test
    void aRecipeAloneIsItsOwnValue() {
        assertThat(recipe().value()).isEqualTo(SampleRun.recipe());
    }

    @Test
    void assignmentsChangeWhatTheyNameAndNothingElse() {
        SampleRun run = with(
                "name=other",
                "seed=-3",
                "data.list=/data/a b/{x}: [1].csv",
                "data.extensions=[webp, \"j,pg\"]",
                "data.normalize.mean=[0.5,0.5,5e-1]",
                "data.sampling=sparse",
                "target.cell-px=4",
                "target.signed=true",
                "train.base-lr=1e-4",
                "train.weight-decay=.5",
                "train.warm-up-steps=1e3");

        SampleRun was = SampleRun.recipe();
        assertThat(run.name()).isEqualTo("other");
        assertThat(run.seed()).isEqualTo(-3);
        assertThat(run.data().list()).isEqualTo(Path.of("/data/a b/{x}: [1].csv"));
        assertThat(run.data().extensions()).containsExactly("webp", "j,pg");
        assertThat(run.data().normalize().mean()).containsExactly(0.5f, 0.5f, 0.5f);
        assertThat(run.data().normalize().std())
                .isEqualTo(was.data().normalize().std());
        assertThat(run.data().sampling()).isEqualTo(Sampling.SPARSE);
        assertThat(run.target()).isEqualTo(new Hog(9, 4, true));
        assertThat(run.train()).isEqualTo(new SampleRun.Train(64, 1e-4f, 0.5, 1000, 0.01));
    }

    @Test
    void filesMayBeYamlOrJsonAndLaterOnesComeOver() throws IOException {
        Path yaml = write("a.yaml", """
                # a comment
                train:
                  batch: 128
                  base-lr: 1.0e-4
                data:
                  extensions:
                    - webp
                  sampling: "off"
                """);
        Path json = write("b.json", "{\"train\": {\"batch\": 256, \"warm-up-steps\": 1e1}}");

        SampleRun run = recipe().file(yaml).file(json).value();

        assertThat(run.train().batch()).isEqualTo(256);
        assertThat(run.train().baseLR()).isEqualTo(1e-4f);
        assertThat(run.train().warmUpSteps()).isEqualTo(10);
        assertThat(run.data().extensions()).containsExactly("webp");
        assertThat(run.data().sampling()).isEqualTo(Sampling.OFF);
    }

    @Test
    void flagsComeOverAssignmentsAndAssignmentsOverFilesWhateverTheOrderOfCalls() throws IOException {
        Path file = write("a.yaml", "train: {batch: 1, weight-decay: 1, max-bad-share: 1}\n");

        SampleRun run = recipe().flag("--batch", "train.batch", "3")
                .set("train.batch=2")
                .set("train.weight-decay=2")
                .file(file)
                .value();

        assertThat(run.train().batch()).isEqualTo(3);
        assertThat(run.train().weightDecay()).isEqualTo(2);
        assertThat(run.train().maxBadShare()).isEqualTo(1);
    }

    @Test
    void theLastOfTwoAssignmentsToOneKeyCounts() {
        assertThat(with("train.batch=1", "train.batch=2").train().batch()).isEqualTo(2);
    }

    @Test
    void addingAChangeLeavesTheSettingsBeforeAsTheyWere() {
        Settings<SampleRun> before = recipe();
        before.set("train.batch=1");
        assertThat(before.value()).isEqualTo(SampleRun.recipe());
    }

    @Test
    void anEmptyFileAndOneOfCommentsChangeNothing() throws IOException {
        assertThat(recipe().file(write("a.yaml", ""))
                        .file(write("b.yaml", "# nothing\n"))
                        .value())
                .isEqualTo(SampleRun.recipe());
    }

    @Test
    void aFileWithMarkAndWindowsLineEndsReadsTheSame() throws IOException {
        Path file = write("a.yaml", "\uFEFFname: \"\uD834\uDD1E\"\r\ntrain:\r\n  batch: 5\r\n  warm-up-steps: '5'\r\n");
        assertMessage(recipe().file(file), "the quoted text '5'; leave out the quotes", "a.yaml:4:18");
    }

    // --- Kinds

    @Test
    void anotherKindBeginsWithItsDefaults() {
        assertThat(with("target.kind=pixels").target()).isEqualTo(new Pixels(16, true));
        assertThat(with("target.kind=none").target()).isEqualTo(new Nothing());
    }

    @Test
    void theSameKindKeepsWhatTheRecipeSays() {
        assertThat(with("target.cell-px=4", "target.kind=hog").target()).isEqualTo(new Hog(9, 4, false));
        Settings<SampleRun> settings = Settings.of(SampleRun.class, "r", with("target.cell-px=4"));
        assertThat(settings.set("target.kind=hog").value().target()).isEqualTo(new Hog(9, 4, false));
    }

    @Test
    void aKindAndItsSettingsMayComeInAnyOrder() {
        Pixels wanted = new Pixels(8, true);
        assertThat(with("target.kind=pixels", "target.patch-px=8").target()).isEqualTo(wanted);
        assertThat(with("target.patch-px=8", "target.kind=pixels").target()).isEqualTo(wanted);
        assertThat(with("target={patch-px: 8, kind: pixels}").target()).isEqualTo(wanted);
    }

    @Test
    void aKindWithinAKindIsReached() {
        assertThat(with("target.head.width=7", "target.kind=dino").target())
                .isEqualTo(new Dino(Path.of("dino.safetensors"), new Linear(7)));
    }

    @Test
    void aKindChosenOnTheCommandLineDiscardsWhatAFileSaysOfTheKindBefore() throws IOException {
        Path file = write("a.yaml", recipe().yaml());
        assertThat(recipe().file(file).set("target.kind=pixels").value().target())
                .isEqualTo(new Pixels(16, true));
    }

    @Test
    void aSettingOfAnotherKindSaysWhoseItIs() throws IOException {
        assertMessage(
                recipe().set("target.kind=pixels").set("target.bins=6"),
                "target.bins is a setting of kind hog; target.kind is pixels, from --set target.kind=pixels",
                "(--set target.bins=6)");
        assertMessage(
                recipe().file(write("a.yaml", "target:\n  patch-px: 6\n")),
                "target.patch-px is a setting of kind pixels; target.kind is hog, from recipe small (",
                "a.yaml:2:3)");
    }

    @Test
    void anUnknownKindIsRefusedWithTheKnownOnes() {
        assertMessage(
                recipe().set("target.kind=hogs"),
                "target.kind: expected one of hog, pixels, dino, none, got 'hogs'; did you mean hog?");
        assertMessage(recipe().set("target=pixels"), "target: expected a map", "choose a kind by target.kind=pixels");
    }

    sealed interface Broken {}

    @JsonTypeName("bare")
    record Bare(int x) implements Broken {}

    record BrokenRun(Broken part) {}

    sealed interface Nameless {}

    record Anonymous() implements Nameless {
        public static Anonymous defaults() {
            return new Anonymous();
        }
    }

    record NamelessRun(Nameless part) {}

    record OddRun(Map<String, Integer> odd) {}

    @Test
    void badlyMadeTypesFailAtOnceAndAreNamed() {
        assertThatThrownBy(() -> Settings.of(BrokenRun.class, "r", new BrokenRun(new Bare(1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("SettingsTest$Bare")
                .hasMessageContaining("public static Bare defaults()");
        assertThatThrownBy(() -> Settings.of(NamelessRun.class, "r", new NamelessRun(new Anonymous())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("SettingsTest$Anonymous")
                .hasMessageContaining("@JsonTypeName");
        assertThatThrownBy(() -> Settings.of(OddRun.class, "r", new OddRun(Map.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("OddRun.odd");
    }

    // --- Null

    @ParameterizedTest
    @ValueSource(strings = {"train.warm-up-steps=null", "train.warm-up-steps= ~ "})
    void nullMakesANullableSettingNull(String assignment) {
        Settings<SampleRun> settings = Settings.of(SampleRun.class, "r", with("train.warm-up-steps=5"));
        assertThat(settings.set(assignment).value().train().warmUpSteps()).isNull();
    }

    /** A variable of the shell that is not set must not switch anything off in silence. */
    @Test
    void nothingBehindAnOptionOrAnEqualsSignIsRefused() {
        String said = "train.warm-up-steps: expected a whole number or null, got nothing; write null";
        assertMessage(recipe().set("train.warm-up-steps="), said + " (--set train.warm-up-steps=)");
        assertMessage(recipe().flag("--warm", "train.warm-up-steps", " "), said + " (--warm '')");
        assertMessage(recipe().flag("--warm", "train.warm-up-steps", ""), said + " (--warm '')");
        assertMessage(recipe().set("ema.note="), "ema.note: expected text or null, got nothing; write null");
        assertMessage(recipe().set("ema="), "or null, got nothing; write null");
        assertMessage(recipe().set("name="), "name: expected text, got nothing; quote it if it is meant as text");
    }

    @Test
    void inAFileNothingIsNull() throws IOException {
        Settings<SampleRun> settings = Settings.of(SampleRun.class, "r", with("train.warm-up-steps=5"));
        assertThat(settings.file(write("a.yaml", "train:\n  warm-up-steps:\n"))
                        .value()
                        .train()
                        .warmUpSteps())
                .isNull();
    }

    @Test
    void aNullRecordBeginsWithItsDefaultsWhenOneOfItsSettingsIsSet() {
        assertThat(with("ema.decay=0.5").ema()).isEqualTo(new Ema(0.5, null));
        assertThat(with("ema={}").ema()).isEqualTo(new Ema(0.9999, null));
        Settings<SampleRun> settings = Settings.of(SampleRun.class, "r", with("ema.decay=0.5"));
        assertThat(settings.set("ema=null").value().ema()).isNull();
        assertThat(settings.set("ema.note=null").value().ema()).isEqualTo(new Ema(0.5, null));
        assertThat(settings.set("ema.note='null'").value().ema()).isEqualTo(new Ema(0.5, "null"));
    }

    @Test
    void nullAndASettingBelowItContradictEachOther() {
        assertMessage(
                recipe().set("ema=null").set("ema.decay=0.5"),
                "ema: is set to null, and ema.decay is set as well (--set ema=null)");
    }

    @Test
    void nullIsRefusedWhereItMayNotBe() throws IOException {
        assertMessage(recipe().set("train.batch="), "train.batch: expected a whole number, got nothing");
        assertMessage(recipe().set("name=null"), "name: expected text, got 'null'; quote it");
        assertMessage(recipe().file(write("a.yaml", "train:\n")), "train: expected a map of settings (batch, base-lr");
        assertMessage(recipe().set("data.extensions=[a, null]"), "data.extensions: expected text, got 'null'");
    }

    @Test
    void pythonsNoneIsRefusedWhereNullMayBeMeant() {
        assertMessage(recipe().set("ema.note=None"), "expected text or null, got 'None'; write null");
        assertThat(with("ema.note='None'").ema()).isEqualTo(new Ema(0.9999, "None"));
    }

    // --- Wrong values

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "train.batch=many        | expected a whole number, got 'many' (--set train.batch=many)",
                "train.batch=64.5        | expected a whole number, got '64.5'",
                "train.batch=1e-3        | expected a whole number, got '1e-3'",
                "train.batch=3000000000  | it must lie between -2147483648 and 2147483647",
                "train.batch=1e999999999 | expected a whole number",
                "train.batch=0x10        | expected a whole number",
                "train.batch=010         | expected a whole number",
                "train.batch=1_000       | expected a whole number",
                "train.batch=true        | expected a whole number",
                "train.batch=[1]         | expected a whole number, got '[1]'",
                "train.batch='64'        | got the quoted text '64'; leave out the quotes",
                "train.base-lr=1e-4f     | expected a number, got '1e-4f'",
                "train.base-lr=1e-60     | expected a number",
                "train.base-lr=1e60      | expected a number",
                "train.base-lr=.nan      | expected a number",
                "train.base-lr=Infinity  | expected a number",
                "target.signed=yes       | expected true or false, got 'yes'",
                "target.signed=True      | expected true or false, got 'True'",
                "target.signed=1         | expected true or false, got '1'",
                "target.signed='true'    | leave out the quotes",
                "data.sampling=sparce    | expected one of dense-uniform, sparse, off, got 'sparce'; did you mean sparse?",
                "data.sampling=DENSE     | expected one of dense-uniform, sparse, off",
                "data.list=~/k400        | ~ is not expanded here",
                "data.extensions=jpg     | expected a list in brackets, got 'jpg'; such as [jpg]",
                "data.normalize.mean=[1,x,3] | data.normalize.mean: expected a number, got 'x'",
                "data.normalize.mean=[1, | cannot be read as YAML",
                "train=5                 | train: expected a map of settings",
            })
    void valuesThatDoNotFitAreRefusedWithWhatWouldDo(String assignment, String message) {
        assertMessage(recipe().set(assignment), message, "(--set " + assignment + ")");
    }

    @Test
    void valuesInFilesAreRefusedWithLineAndColumn() throws IOException {
        Path yaml = write("a.yaml", "train:\n  batch:   '64'\n");
        assertMessage(
                recipe().file(yaml), "train.batch: expected a whole number, got the quoted text '64'", "a.yaml:2:12");
        Path json = write("a.json", "{\"target\":\n  {\"signed\": \"true\"}}");
        assertMessage(recipe().file(json), "target.signed: expected true or false", "a.json:2:14");
        Path map = write("b.yaml", "name: {a: b}\n");
        assertMessage(recipe().file(map), "name: expected text, got a map of keys", "b.yaml:1:7");
    }

    @Test
    void plainWordsAndNumbersAreTextWhereTextIsWanted() throws IOException {
        assertThat(recipe().file(write("a.yaml", "name: no\n")).value().name()).isEqualTo("no");
        assertThat(recipe().file(write("a.yaml", "name: 1.50\n")).value().name())
                .isEqualTo("1.50");
        assertThat(with("name=true").name()).isEqualTo("true");
        assertThat(with("name=a=b").name()).isEqualTo("a=b");
        assertThat(with("name=\"a\\tb\"").name()).isEqualTo("a\tb");
        assertThat(with("name=''").name()).isEmpty();
    }

    @Test
    void aRecordsRefusalNamesTheRecordAndTheChangeThatBrokeIt() throws IOException {
        assertMessage(recipe().set("train.batch=0"), "train.batch 0 must be at least 1 (--set train.batch=0)");
        Path file = write("a.yaml", "train:\n  base-lr: 1\n  batch: 0\n");
        assertMessage(recipe().file(file), "train.batch 0 must be at least 1 (", "a.yaml:3:10");
        assertThat(message(recipe().file(file).set("train.warm-up-steps=-1").set("train.batch=1")))
                .isEqualTo("train.warm-up-steps -1 must not be negative (--set train.warm-up-steps=-1)");
    }

    // --- Unknown keys

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train.bacth=1              | train.bacth: is not a setting; did you mean train.batch?",
                "trian.batch=1              | trian.batch: is not a setting; did you mean train.batch?",
                "batch=1                    | batch: is not a setting; did you mean train.batch?",
                "optimizer.weight-decay=1   | did you mean train.weight-decay?",
                "train.maxBadShare=1        | did you mean train.max-bad-share?",
                "train.max_bad_share=1      | did you mean train.max-bad-share?",
                "train.lr=1                 | did you mean train.base-lr?",
                "target.bin=1               | did you mean target.bins?",
                "ema.decai=1                | did you mean ema.decay?",
                "train.colour=1             | train.colour: is not a setting; train has batch, base-lr, weight-decay,",
                "colour=red                 | known here: name, seed, data, target, train, ema",
                "target.colour=red          | target has bins, cell-px, signed, kind",
                "train.batch.size=1         | train.batch is a whole number and has no settings of its own",
                "data.normalize.mean.0=1    | has no settings of its own",
                "train.kind=adamw           | train.kind: is not a setting",
            })
    void unknownKeysAreRefusedWithTheNearestOnes(String assignment, String message) {
        assertMessage(recipe().set(assignment), message, "(--set " + assignment + ")");
    }

    @Test
    void unknownKeysInFilesAreRefusedWithLineAndColumn() throws IOException {
        Path file = write("run.yaml", "name: a\ntrain:\n  batch: 1\n  bath: 2\n");
        assertMessage(recipe().file(file), "train.bath: is not a setting; did you mean train.batch?", "run.yaml:4:3)");
    }

    @Test
    void dottedKeysInFilesAreRefused() throws IOException {
        assertMessage(recipe().file(write("a.yaml", "train.batch: 1\n")), "train.batch: is not a key: keys are nested");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SOLVER.BASE_LR 1e-4",
                "SOLVER.BASE_LR=1e-4",
                "SOLVER.BASE_LR",
                "NUM_GPUS 8",
                "TRAIN.BATCH_SIZE: 3"
            })
    void pySlowFastsOverridesAreRecognised(String assignment) {
        SettingsException e = catchThrowableOfType(SettingsException.class, () -> recipe().set(assignment));
        assertThat(e).hasMessageContaining("PySlowFast").hasMessageContaining("--set a.b=c");
        if (assignment.contains("BASE_LR")) {
            assertThat(e).hasMessageContaining("did you mean train.base-lr?");
        }
    }

    @Test
    void pySlowFastsFilesAreRecognised() throws IOException {
        assertMessage(recipe().file(write("a.yaml", "TRAIN:\n  ENABLE: True\n")), "PySlowFast", "a.yaml:1:1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"train.batch", "", "=3", "train.batch:64"})
    void whatIsNoAssignmentIsRefused(String assignment) {
        SettingsException e = catchThrowableOfType(SettingsException.class, () -> recipe().set(assignment));
        assertThat(e).hasMessageContaining("expected key=value, such as train.batch=64");
    }

    @Test
    void emptyPartsOfAKeyAreRefused() {
        assertThatThrownBy(() -> recipe().set("train..batch=1"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("empty part");
    }

    // --- Files that are not what they should be

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "seed: 1\\nname: a\\nseed: 2   | seed: is written twice, first at | a.yaml:3:1",
                "train: {batch: 1, batch: 2}   | batch: is written twice          | a.yaml:1:19",
                "name: &x a                    | anchors and aliases              | a.yaml:1:7",
                "&x name: a                    | anchors and aliases              | a.yaml:1:1",
                "name: *x                      | anchors and aliases              | a.yaml:1:7",
                "name: !!java.io.File [x]      | tags (!) are not read            | a.yaml:1:7",
                "!t {name: a}                  | tags (!) are not read            | a.yaml:1:1",
                "name: a\\n---\\nname: b       | a second document                | a.yaml:3:1",
                "train:\\n  batch: [1          | cannot be read as YAML           | a.yaml:2:",
                "train:\\n\\tbatch: 1          | cannot be read as YAML           | a.yaml:2:1",
                "just words                    | expected a map of settings       | a.yaml:1:1",
                "[a, b]                        | expected a map of settings       | a.yaml:1:1",
                "<<: {name: a}                 | <<: is not a setting             | a.yaml:1:1",
            })
    void onlyOnePlainMapIsRead(String text, String message, String place) throws IOException {
        Path file = write("a.yaml", text.replace("\\n", "\n").replace("\\t", "\t"));
        assertThatThrownBy(() -> recipe().file(file).value())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(place);
    }

    @Test
    void jsonIsReadStrictly() throws IOException {
        for (String text :
                List.of("{name: 1}", "{\"name\": 'a'}", "{\"name\": \"a\",}", "{\"seed\": 01}", "{} {}", "{")) {
            Path file = write("a.json", text);
            assertThatThrownBy(() -> recipe().file(file).value())
                    .as(text)
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("a.json:1:");
        }
        Path twice = write("a.json", "{\"seed\": 1,\n \"seed\": 2}");
        assertThatThrownBy(() -> recipe().file(twice)).hasMessageContaining("a.json:2:2");
    }

    @Test
    void missingLargeDeepAndForeignFilesAreRefused() throws IOException {
        Path missing = folder.resolve("none.yaml");
        assertThatThrownBy(() -> recipe().file(missing)).hasMessageContaining("there is no such file");
        Path large = write("large.yaml", "#".repeat(NodeReader.LIMIT) + "\n");
        assertThatThrownBy(() -> recipe().file(large)).hasMessageContaining("is larger than");
        Path foreign = folder.resolve("foreign.yaml");
        Files.write(foreign, new byte[] {'a', ':', ' ', (byte) 0xC3, '\n'});
        assertThatThrownBy(() -> recipe().file(foreign)).hasMessageContaining("is not UTF-8 text");
        for (String name : List.of("deep.yaml", "deep.json")) {
            Path deep = write(name, "[".repeat(100_000));
            assertThatThrownBy(() -> recipe().file(deep)).isInstanceOf(SettingsException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void damagedFilesAreReadOrRefusedButNeverCrash(int seed) throws IOException {
        Random random = new Random(seed);
        byte[] whole =
                Settings.of(SampleRun.class, "r", with("ema.decay=.5")).yaml().getBytes(StandardCharsets.UTF_8);
        String poison = "&*!|>'\"{}[],:#%@`?-~\t\n \0\u0001\u007f\u00ff0eE.";
        for (int i = 0; i < 100; i++) {
            byte[] damaged = whole.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                damaged[random.nextInt(damaged.length)] = (byte) poison.charAt(random.nextInt(poison.length()));
            }
            Path file = folder.resolve(i % 2 == 0 ? "damaged.yaml" : "damaged.json");
            Files.write(file, damaged);
            try {
                assertThat(recipe().file(file).value()).isNotNull();
            } catch (SettingsException e) {
                assertThat(e.toString().lines().count()).as(e.toString()).isLessThanOrEqualTo(2);
            }
        }
    }

    // --- What is told of it

    @Test
    void everySettingKnowsWhereItComesFrom() throws IOException {
        Path file = write("run.yaml", "train:\n  weight-decay: 0.1\n");
        Settings<SampleRun> settings =
                recipe().file(file).set("target.kind=pixels").set("seed=1").flag("--batch", "train.batch", "8");

        Map<String, Origin> origins = settings.origins();

        assertThat(origins.get("name")).hasToString("recipe small");
        assertThat(origins.get("train.weight-decay")).hasToString("run.yaml:2");
        assertThat(origins.get("seed")).hasToString("--set");
        assertThat(origins.get("train.batch")).hasToString("--batch");
        assertThat(origins.get("target.kind")).hasToString("--set");
        assertThat(origins.get("target.patch-px")).hasToString("default of pixels");
        assertThat(origins).doesNotContainKey("target.bins");
        assertThat(settings.leaves().stream().map(Settings.Leaf::key)).containsExactlyElementsOf(origins.keySet());
        assertThat(settings.leaves()).contains(new Settings.Leaf("train.batch", 8, new Origin.Flag("--batch", "8")));
    }

    @Test
    void theYamlHasEverySettingInOrderWithItsOriginAtTheRight() throws IOException {
        Path file = write("run.yaml", "train:\n  base-lr: 1e-4\n");
        String yaml = recipe().file(file)
                .set("target.kind=none")
                .set("ema.note=a # b")
                .yaml();

        assertThat(yaml).isEqualTo("""
                        name: in1k-small                  # recipe small
                        seed: 1099511627776               # recipe small
                        data:
                          list: data/train.csv            # recipe small
                          val: null                       # recipe small
                          extensions: [jpg, png]          # recipe small
                          normalize:
                            mean: [0.485, 0.456, 0.406]   # recipe small
                            std: [0.229, 0.224, 0.225]    # recipe small
                          sampling: dense-uniform         # recipe small
                        target:
                          kind: "none"                    # --set
                        train:
                          batch: 64                       # recipe small
                          base-lr: 1.0e-4                 # run.yaml:2
                          weight-decay: 0.05              # recipe small
                          warm-up-steps: null             # recipe small
                          max-bad-share: 0.01             # recipe small
                        ema:
                          decay: 0.9999                   # default of ema
                          note: "a # b"                   # --set
                        """);
    }

    @Test
    void longLinesPushTheirCommentsOutAndLeaveTheOthersInPlace() {
        String yaml = recipe().set("name=" + "x".repeat(120)).yaml();
        assertThat(yaml.lines().filter(l -> l.length() > 100)).hasSize(1);
        assertThat(yaml).contains("x   # --set\n");
    }

    @Test
    void differencesNameTheKeyAndBothValues() {
        SampleRun was = SampleRun.recipe();
        SampleRun is = with("train.batch=32", "target.kind=pixels", "ema.decay=0.5", "data.extensions=[]");

        assertThat(Settings.differences(SampleRun.class, was, is))
                .extracting(Settings.Difference::toString)
                .containsExactly(
                        "data.extensions was [jpg, png] and is []",
                        "target.kind was hog and is pixels",
                        "train.batch was 64 and is 32",
                        "ema was null and is {decay: 0.5, note: null}");
        assertThat(Settings.differences(SampleRun.class, was, SampleRun.recipe()))
                .isEmpty();
    }

    @Test
    void jsonIsCompactAndWantsEveryKey() {
        String json = Settings.toJson(SampleRun.class, SampleRun.recipe());

        assertThat(json).contains("\"target\":{\"kind\":\"hog\",\"bins\":9,\"cell-px\":8,\"signed\":false}");
        assertThat(Settings.fromJson(SampleRun.class, "state.json", json)).isEqualTo(SampleRun.recipe());
        assertThatThrownBy(() -> Settings.fromJson(SampleRun.class, "state.json", json.replace("\"bins\":9,", "")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("target.bins: is missing");
        assertThatThrownBy(() -> Settings.fromJson(SampleRun.class, "state.json", json.replace("bins", "bims")))
                .hasMessageContaining("did you mean target.bins?")
                .hasMessageContaining("state.json:1:");
    }

    // --- Properties

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void anySetOfAssignmentsMakesTheSameValueInAnyOrder(int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            List<String> assignments = assignments(random);
            SampleRun first = with(assignments.toArray(String[]::new));
            Collections.shuffle(assignments, random);
            assertThat(with(assignments.toArray(String[]::new)))
                    .as("%s", assignments)
                    .isEqualTo(first);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void whatIsWrittenReadsTheSame(int seed) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            SampleRun run = random(random, with(assignments(random).toArray(String[]::new)));

            Path file = write(
                    "run.yaml", Settings.of(SampleRun.class, "a # b\nc", run).yaml());
            assertThat(recipe().file(file).value()).isEqualTo(run);

            String json = Settings.toJson(SampleRun.class, run);
            assertThat(Settings.fromJson(SampleRun.class, "s", json)).isEqualTo(run);
            assertThat(recipe().file(write("run.json", json)).value()).isEqualTo(run);
        }
    }

    /** Distinct keys, each valid with the others. */
    private static List<String> assignments(Random random) {
        List<String> all = new ArrayList<>(List.of(
                "name=n" + random.nextInt(),
                "seed=" + random.nextLong(),
                "data.val=/v/" + random.nextInt(),
                "data.sampling=" + List.of("off", "sparse", "dense-uniform").get(random.nextInt(3)),
                "data.normalize.mean=[" + random.nextFloat() + ", 1, 0]",
                "train.batch=" + (1 + random.nextInt(1000)),
                "train.base-lr=" + random.nextFloat(),
                "train.weight-decay=" + random.nextDouble(),
                "train.warm-up-steps=" + random.nextInt(1000),
                "ema.decay=" + random.nextDouble()));
        Collections.shuffle(all, random);
        List<String> some = new ArrayList<>(all.subList(0, random.nextInt(all.size() + 1)));
        some.addAll(
                switch (random.nextInt(4)) {
                    case 0 -> List.of("target.kind=pixels", "target.patch-px=" + random.nextInt(32));
                    case 1 -> List.of("target.kind=dino", "target.head.kind=linear", "target.head.width=3");
                    case 2 -> List.of("target.bins=" + random.nextInt(32), "target.kind=hog");
                    default -> List.of("target.signed=true");
                });
        return some;
    }

    /** Text and numbers that no one would write by hand. */
    private static SampleRun random(Random random, SampleRun run) {
        SampleRun.Data d = run.data();
        SampleRun.Data data = new SampleRun.Data(
                Path.of("p/" + text(random).replace('\0', ' ')),
                d.val(),
                List.of(text(random), text(random)),
                d.normalize(),
                d.sampling());
        SampleRun.Train t = run.train();
        SampleRun.Train train = new SampleRun.Train(
                t.batch(), number(random).floatValue(), number(random).doubleValue(), t.warmUpSteps(), t.maxBadShare());
        Ema ema = random.nextBoolean() ? null : new Ema(1, random.nextBoolean() ? null : text(random));
        return new SampleRun(text(random), random.nextLong(), data, run.target(), train, ema);
    }

    private static Number number(Random random) {
        double wide = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(60) - 30);
        return random.nextBoolean() ? (Number) (float) wide : (Number) (double) (float) Math.rint(wide);
    }

    private static String text(Random random) {
        List<String> odd = List.of(
                "",
                "null",
                "~",
                "None",
                "no",
                "true",
                "1",
                "1e-4",
                "- a",
                "a: b",
                "a #b",
                "#",
                " ",
                "'",
                "\"",
                "\\",
                "[a]",
                "{a",
                "*x",
                "&x",
                "!x",
                "%",
                "@",
                "`",
                "?",
                "...",
                "---",
                "../a",
                "é",
                "\uD834\uDD1E",
                "\u0085",
                "\u2028",
                "\uFEFF",
                "\t",
                "\r\n",
                "\u0001",
                "\u007f",
                ",",
                "=",
                "2024-01-01",
                "<<");
        StringBuilder text = new StringBuilder(odd.get(random.nextInt(odd.size())));
        while (random.nextInt(3) > 0) {
            text.append(odd.get(random.nextInt(odd.size())));
        }
        return text.toString();
    }

    // --- Tools

    private static Settings<SampleRun> recipe() {
        return Settings.of(SampleRun.class, "small", SampleRun.recipe());
    }

    private static SampleRun with(String... assignments) {
        Settings<SampleRun> settings = recipe();
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings.value();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static String message(Settings<SampleRun> settings) {
        return String.valueOf(
                catchThrowableOfType(SettingsException.class, settings::value).getMessage());
    }

    private static void assertMessage(Settings<SampleRun> settings, @Nullable String... parts) {
        assertThat(message(settings)).contains(parts);
    }
}
