package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import maskfeat.augment.Pipeline;
import maskfeat.augment.RandAugment;
import maskfeat.augment.RandomErasing;
import maskfeat.data.LabelledSamples;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import maskfeat.torch.Devices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FinetuneTest {
    @TempDir
    private Path folder = Path.of("");

    private static Settings<Run> settings(String recipe, String... assignments) {
        return Runs.settings(recipe, assignments);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tiny-image-ft | data.side=30 | a side of 30 px does not divide into patches of 8 px; the nearest that do are 24 and 32
            tiny-video-ft | data.clip.frames=5 | a clip of 5 frames does not divide into cubes of 2; the nearest that do have 4 and 6
            tiny-video-ft | data.side=4 | frames of 4 x 4 px are smaller than the 8 px that a token of the last stage stands for
            tiny-image-ft | data.short-side=31 | short-side 31 must be at least the side 32
            k400-mvitv2-s-16x4-ft | data.short-side=600 data.side=600 | side 600 is more than the short side of 512 px that frames of videos are read with
            ssv2-mvitv2-s-16x4-ft | augment.crop.min-short-side=200 | crop of side 224 from short sides of 200 to 320
            tiny-image-ft | data.max-bad-share=1.1 | max-bad-share 1.1 must lie between 0 and 1
            tiny-video-ft | augment.repeat=3 | train.batch 4 must be a multiple of augment.repeat 3: the samples of one item go together
            tiny-video-ft | augment.repeat=8 | train.batch 4 must be a multiple of augment.repeat 8
            tiny-image-ft | augment.repeat=0 | repeat 0 must be at least 1
            tiny-image-ft | train.batch=1 | task.mix mixes the samples of a batch with each other, and train.batch is 1; raise it, or set task.mix to null
            tiny-video-ft | task.mix.group=3 | train.batch 4 must be a multiple of task.mix.group 3
            tiny-image-ft | task.mix.group=1 | group 1 of mixing must be at least 2 samples, or 0 for all of a micro-batch
            tiny-image-ft | task.mix.mixup=-1 | mixup -1.0 and cutmix 1.0 must not be negative nor both 0
            tiny-image-ft | augment.flip=2 | 2.0
            tiny-image-ft | task.erasing=-0.1 | erasing probability -0.1 must lie in 0 to 1
            tiny-image-ft | validate.views=2x1 | views 2x1: an image has one moment; take 1x1
            tiny-image-ft | validate.views=3x3 | views 3x3: an image has one moment; take 1x3
            tiny-video-ft | validate.views=0x1 | views 0x1 must be clips x crops, at least 1 clip, and 1 or 3 crops, such as 10x1 or 4x3
            tiny-video-ft | validate.views=4x2 | views 4x2 must be clips x crops, at least 1 clip, and 1 or 3 crops
            tiny-video-ft | validate.views=10 | views '10' must be clips x crops, such as 1x1, 10x1 or 4x3
            tiny-video-ft | validate.every-epochs=0 | every-epochs 0 must be at least 1
            tiny-video-ft | validate.patience=-1 | patience -1 must not be negative
            tiny-video-ft | optim.layer-decay=0 | layer-decay 0.0 must be above 0 and at most 1; 1 is none
            tiny-video-ft | optim.layer-decay=1.2 | layer-decay 1.2 must be above 0 and at most 1; 1 is none
            tiny-video-ft | optim.ema=1 | ema 1.0 must be at least 0 and below 1; 0 is none
            tiny-video-ft | optim.lr=0 | lr 0.0 must be above 0
            tiny-video-ft | optim.warmup-epochs=5 | optim.warmup-epochs 5.0 does not fit into train.epochs 4
            tiny-video-ft | task.loss.smoothing=1 | smoothing 1.0 must be at least 0 and below 1
            tiny-video-ft | task.head.dropout=1 | dropout 1.0 must be at least 0 and below 1
            tiny-video-ft | data.labels.hold-out=1 | 1.0
            tiny-video-ft | model.class-token=false task.head.pooling=class-token | task.head.pooling is class-token, and model.class-token is false; set it to true, or take mean
            """)
    void settingsThatDoNotGoTogetherAreRefusedWithWhatWouldDo(String recipe, String assignments, String message) {
        Settings<Run> settings = settings(recipe, assignments.split(" "));
        assertThatThrownBy(settings::value)
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(message);
    }

    /** What a refused setting is refused for ends where it no longer holds. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tiny-image-ft | train.batch=1 task.mix=null
            tiny-image-ft | validate.views=1x3
            tiny-video-ft | validate.views=10x3
            tiny-video-ft | augment.repeat=4
            tiny-video-ft | train.batch=2 train.accumulate=3
            tiny-video-ft | optim.ema=0
            tiny-video-ft | optim.layer-decay=1
            tiny-image-ft | data.side=24
            tiny-video-ft | task.head.pooling=class-token
            tiny-video-ft | model.class-token=false
            tiny-image-ft | task.head.pooling=class-token
            """)
    void neighboursOfWhatIsRefusedAreTaken(String recipe, String assignments) {
        assertThat(settings(recipe, assignments.split(" ")).value()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            data.labels.balanced=true task.loss.class-weights=balanced | task.loss.class-weights
            task.mix.cutmix=0 | task.mix.cutmix-share
            task.mix.mixup=0 | task.mix.cutmix-share
            report.pictures-every=0 | report.pictures
            optim.warmup-epochs=0 | optim.warmup-lr
            optim.warmup-epochs=4 | optim.end-lr
            """)
    void whatDoesNothingIsNamed(String assignments, String key) {
        Run run = settings("tiny-image-ft", assignments.split(" ")).value();
        assertThat(run.idle()).extracting(Run.Idle::key).containsExactly(key);
    }

    @Test
    void aRecipeOfImagesChangesTheCropAndOneOfClipsTheWholeFrames() {
        List<String> images = steps("tiny-image-ft");
        List<String> clips = steps("tiny-video-ft");
        assertThat(images).containsExactly("RandomResizedCrop", "HorizontalFlip", "RandAugment");
        assertThat(clips).containsExactly("RandAugment", "RandomResizedCrop", "HorizontalFlip");
        assertThat(steps("sample-video-ft")).containsExactly("RandomResizedCrop", "HorizontalFlip");
    }

    private static List<String> steps(String recipe) {
        Run run = settings(recipe).value();
        Pipeline pipeline = (Pipeline) run.augment().of(run.data());
        return pipeline.steps().stream()
                .map(step -> step.getClass().getSimpleName())
                .toList();
    }

    @Test
    void erasingOfImagesAndClipsIsTheirs() throws IOException {
        assertThat(erasing("tiny-image-ft")).contains(RandomErasing.images(0.25));
        assertThat(erasing("tiny-video-ft")).contains(RandomErasing.clips(0.25));
        assertThat(erasing("sample-video-ft")).isEmpty();
    }

    private Optional<RandomErasing> erasing(String recipe) throws IOException {
        boolean images = recipe.contains("image");
        SampleSet.Size tiny = SampleSet.Size.TINY;
        Path set = folder.resolve(recipe);
        SampleSet.write(set, images ? tiny.imagesOnly() : tiny.clipsOnly());
        Run run = Runs.run(recipe, "data.path=" + set.resolve(images ? "images" : "clips"));
        try (TaskPlan<?> plan = run.task().plan(run, RunData.open(run), Devices.named("cpu"))) {
            return ((LabelledSamples) plan.maker()).erasing();
        }
    }

    @Test
    void randAugmentBeginsWithWhatIsUsualForTheData() {
        assertThat(settings("sample-image-ft", "augment.rand.ops=3")
                        .value()
                        .augment()
                        .rand())
                .isEqualTo(new RandAugment(3, 9, 0.5, 0.5, RandAugment.IMAGES.fill()));
        assertThat(settings("sample-video-ft", "augment.rand.ops=3")
                        .value()
                        .augment()
                        .rand())
                .isEqualTo(new RandAugment(3, 7, 0.5, 0.5, RandAugment.CLIPS.fill()));
    }
}
