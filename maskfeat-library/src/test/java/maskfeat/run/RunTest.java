package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run refuses, and that it says which setting and what would do. Of fine-tuning alone: {@link FinetuneTest}. */
class RunTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tiny-image | data.side=30 | a side of 30 px does not divide into patches of 8 px; the nearest that do are 24 and 32
            tiny-video | data.side=36 | side 36 does not divide into the tokens of 8 px that come out of block 1; the nearest that do are 32 and 40
            tiny-image | data.short-side=31 | data.short-side 31 must be at least the side 32
            tiny-video | data.clip.frames=3 | a clip of 3 frames does not divide into cubes of 2; the nearest that do have 2 and 4
            tiny-video | data.clip.stride=0 | data.clip: a clip's stride of 0 frames must be at least 1
            tiny-video | data.side=520 data.short-side=520 | data.side 520 is more than the short side of 512 px that frames of videos are read with
            tiny-image | data.max-bad-share=-0.1 | data.max-bad-share -0.1 must lie between 0 and 1
            tiny-image | data.labels.per-class=2 | data.labels would do nothing: this task uses no labels; set it to null
            tiny-image | validate.views=1x1 | validate would do nothing: this task measures nothing; set it to null
            tiny-image-ft | data.labels=null | data.labels is null, and this task needs labels
            tiny-image-ft | validate=null | validate is null, and this task is validated
            tiny-image-ft | validate.metric=top2 | there is no metric 'top2'; it is one of top1, top5, mean-class, loss, ece
            tiny-image-ft | data.labels.per-class=-1 | data.labels: -1 training items of each class: must be 1 or more, or 0 for all
            tiny-image | augment.flip=1.5 | augment.flip probability 1.5 must lie in 0 to 1
            tiny-image | augment.repeat=3 | train.batch 8 must be a multiple of augment.repeat 3: the samples of one item go together
            tiny-image | augment.crop.min-area=0 | augment.crop: crop area 0.0 to 1.0 must be a range of shares of the image, above 0 and at most 1
            tiny-image | augment.crop.max-aspect=0.5 | augment.crop: crop aspect 0.75 to 0.5 must be a finite range above 0
            tiny-image | model.dim=33 | model.dim 33 must be a multiple of heads 2
            tiny-image | model.depth=0 | depth 0, heads 2 must all be at least 1
            tiny-image | model.drop-path=1 | model.drop-path 1.0 must be at least 0 and below 1
            tiny-image | model.mlp-ratio=0 | model.mlp-ratio 0.0 must be above 0 and make a hidden layer of 1 to 2147483647 channels
            tiny-image | task.depths=[2] | depths [2] must be blocks from 0 to 1, each once, ascending
            tiny-image | task.depths=[1, 0] | depths [1, 0] must be blocks from 0 to 1, each once, ascending
            tiny-image | task.mask.ratio=1 | task.mask: mask ratio 1.0 must lie between 0 and 1, both excluded
            tiny-image | task.target.cell=5 | hog cells of 5 px do not divide a token of 8 px; use a cell side that does
            tiny-image | task.target.bins=1 | task.target: hog bins 1 must lie between 2 and 180; the paper uses 9
            tiny-image | optim.lr=0 | optim.lr 0.0 must be above 0
            tiny-image | optim.reference-batch=0 | optim.reference-batch 0 must be at least 1
            tiny-image | optim.warmup-epochs=-1 | optim.warmup-epochs -1.0 must not be negative
            tiny-image | optim.warmup-epochs=7 | optim.warmup-epochs 7.0 does not fit into train.epochs 6
            tiny-image | optim.layer-decay=0 | optim.layer-decay 0.0 must be above 0 and at most 1; 1 is none
            tiny-image | optim.ema=1 | optim.ema 1.0 must be at least 0 and below 1; 0 is none
            tiny-image | optim.adamw.beta1=1 | optim.adamw.beta1 1.0 and beta2 0.999 must be at least 0 and below 1
            tiny-image | train.epochs=0 | train.epochs 0 must be at least 1
            tiny-image | train.until=1 | train.until 1.0 must lie between 0 and 1: it is a share of the loss of the best constant prediction
            tiny-image | train.until=0 | train.until 0.0 must lie between 0 and 1
            tiny-mocov3 | train.until=0.9 | train.until 0.9 is a share of the loss of the best constant prediction, which task.kind contrast does not have: set it to null
            tiny-image-ft | train.until=0.9 | which task.kind classify does not have: set it to null; validate.patience ends a run that gets no better
            tiny-image | train.threads=-1 | train.threads -1 must not be negative; 0 is as many as are fastest
            tiny-image | loader.ahead=0 | ahead 0 must be at least 1
            tiny-image | checkpoint.keep=0 | keep 0 must all be above 0
            tiny-image | checkpoint.every-minutes=0 | every-minutes 0.0 and keep 3 must all be above 0
            tiny-image | report.log-every=0 | report.log-every 0 must be at least 1
            tiny-image | report.pictures-every=-1 | pictures-every -1 must not be negative
            """)
    void whatCannotBeIsRefusedWithTheSettingAndWhatWouldDo(String recipe, String assignments, String message) {
        Settings<Run> settings = Runs.settings(recipe, assignments.split(" (?=[a-z])"));
        assertThatThrownBy(settings::value)
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(assignments.split(" (?=[a-z])")[0]);
    }

    /** A flag that is given as well is not to blame. */
    @Test
    void theSettingsThatTheMessageNamesAreShown() {
        Settings<Run> settings = Runs.settings("tiny-image-ft", "optim.warmup-epochs=2", "train.epochs=1")
                .flag("--from", "from", "null");
        assertThatThrownBy(settings::value)
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(
                        "does not fit into train.epochs 1 (--set optim.warmup-epochs=2, --set train.epochs=1)");
    }

    /** "epochs" is a word of the sentence, and a setting beside the one that it is about. */
    @Test
    void aWordOfTheMessageIsNoSettingThatIsToBlame() {
        Settings<Run> settings = Runs.settings("tiny-image")
                .flag("--epochs", "train.epochs", "30")
                .flag("--batch", "train.batch", "2")
                .flag("--until", "train.until", "1.1");
        assertThatThrownBy(settings::value)
                .isInstanceOf(SettingsException.class)
                .hasMessageEndingWith("null trains for all epochs (--until 1.1)");
    }

    /** What was said last is not what is refused. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            model.patch=7 | optim.lr | 0.001 | (--lr 0.001, --set model.patch=7)
            optim.end-lr=-1 | optim.lr | 0.01 | (--lr 0.01, --set optim.end-lr=-1)
            optim.warmup-epochs=50 | train.epochs | 10 | (--epochs 10, --set optim.warmup-epochs=50)
            """)
    void aSettingIsNotBlamedAloneForBeingTheLast(String refused, String key, String value, String shown) {
        Settings<Run> settings =
                Runs.settings("tiny-image", refused).flag(shown.substring(1, shown.indexOf(' ')), key, value);
        assertThatThrownBy(settings::value).hasMessageEndingWith(shown);
    }

    /** Neither is to blame alone. */
    @Test
    void twoSettingsThatDoNotFitTogetherAreBothShown() {
        Settings<Run> settings = Runs.settings("tiny-image", "model.dim=33", "model.heads=2", "model.depth=3");
        assertThatThrownBy(settings::value)
                .hasMessage("model.dim 33 must be a multiple of heads 2 (--set model.dim=33, --set model.heads=2)");
    }

    /** What a refused setting is refused for ends where it no longer holds. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tiny-image | data.side=40 data.short-side=40
            tiny-image | data.short-side=32
            tiny-video | data.clip.frames=2
            tiny-image | augment.repeat=8
            tiny-image | model.mlp-ratio=0.04
            tiny-image | task.depths=[0, 1]
            tiny-image | task.target.cell=4
            tiny-image | optim.warmup-epochs=6
            tiny-image | optim.layer-decay=0.5 optim.ema=0.9
            tiny-image-ft | validate.metric=ece
            tiny-image | report.pictures-every=0
            """)
    void neighboursOfWhatIsRefusedAreTaken(String recipe, String assignments) {
        assertThat(Runs.run(recipe, assignments.split(" (?=[a-z])"))).isNotEqualTo(Recipes.named(recipe));
    }

    /** The same words where no settings engine stands between. */
    @Test
    void aRunOfTheProgramIsCheckedToo() {
        Run run = Recipes.named("tiny-image");
        assertThatThrownBy(() -> new Run(
                        run.seed(),
                        run.from(),
                        run.fromNetwork(),
                        run.data(),
                        run.augment(),
                        run.model(),
                        run.task(),
                        run.optim(),
                        run.train(),
                        Run.Validate.defaults(),
                        run.loader(),
                        run.checkpoint(),
                        run.report()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("validate would do nothing: this task measures nothing; set it to null");
    }

    @Test
    void fromScratchTheLayersAllLearnAtTheSameRate() {
        Run run = Runs.run("tiny-image-ft", "from=somewhere");
        assertThat(run.optim().layerDecay()).isLessThan(1);
        assertThat(run.fromScratch()).isEqualTo(Runs.run("tiny-image-ft", "optim.layer-decay=1"));
    }
}
