package maskfeat.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Mix;
import maskfeat.augment.Normalize;
import maskfeat.augment.RandAugment;
import maskfeat.augment.Resize;
import maskfeat.data.ClipSampler;
import maskfeat.data.SegmentClip;
import maskfeat.data.StillImage;
import maskfeat.data.TimedClip;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.train.AdamW;
import org.jspecify.annotations.Nullable;

/**
 * Fine-tuning runs by name: the published ones with their official settings, and small ones to try things on. A recipe is
 * a method here and a line in the list.
 */
public final class FinetuneRecipes {
    private static final List<Recipe<Finetune>> ALL = List.of(
            new Recipe<>(
                    "in1k-vit-b-ft",
                    "ViT-B/16 on ImageNet-1K, 100 epochs",
                    in1k(
                            new Vit.Config(16, 1, 768, 12, 12, 4, 0.1),
                            new Finetune.Optim(8e-3, 4e-8, 4e-6, 2048, 20, 0.65, 0, adamw(null)),
                            new Run.Train(100, 64, 32, "auto", 0, 5))),
            new Recipe<>(
                    "in1k-vit-l-ft",
                    "ViT-L/16 on ImageNet-1K, 50 epochs",
                    in1k(
                            new Vit.Config(16, 1, 1024, 24, 16, 4, 0.1),
                            new Finetune.Optim(8e-3, 8e-8, 8e-6, 2048, 5, 0.75, 0, adamw(null)),
                            new Run.Train(50, 32, 64, "auto", 0, 5))),
            new Recipe<>(
                    "k400-mvitv2-s-16x4-ft",
                    "MViTv2-S on Kinetics-400, clips of 16 frames, 100 epochs",
                    k400(
                            TimedClip.defaults(),
                            224,
                            Mvit.Config.small().forFineTuning(0.1),
                            new Finetune.Optim(9.6e-3, 1.6e-5, 1.6e-5, 512, 20, 0.75, 0, adamw(5.0)),
                            new Run.Train(100, 16, 32, "auto", 0, 5),
                            2)),
            new Recipe<>(
                    "k400-mvitv2-l-16x4-ft",
                    "MViTv2-L on Kinetics-400, 75 epochs",
                    k400(
                            TimedClip.defaults(),
                            224,
                            Mvit.Config.large().forFineTuning(0.2),
                            new Finetune.Optim(9.6e-3, 1.6e-7, 1.6e-4, 256, 5, 0.875, 0, adamw(5.0)),
                            new Run.Train(75, 8, 32, "auto", 0, 5),
                            1)),
            new Recipe<>(
                    "k400-mvitv2-l-40x3-312-ft",
                    "MViTv2-L, 40 frames of 312 px, from a 16x4 classifier; schedule not published",
                    k400Large(312)),
            new Recipe<>(
                    "k400-mvitv2-l-40x3-352-ft",
                    "MViTv2-L, 40 frames of 352 px, from a 16x4 classifier; schedule not published",
                    k400Large(352)),
            new Recipe<>("ssv2-mvitv2-s-16x4-ft", "MViTv2-S on Something-Something v2: segments, no mirroring", ssv2()),
            new Recipe<>("sample-video-ft", "sample-video's network on the labels of the sample clips", sampleVideo()),
            new Recipe<>("sample-image-ft", "sample-image's network on the labels of the sample images", sampleImage()),
            new Recipe<>("tiny-video-ft", "the smallest run on clips that has every part, seconds", tinyVideo()),
            new Recipe<>("tiny-image-ft", "the smallest run on images that has every part, seconds", tinyImage()));

    private FinetuneRecipes() {}

    /** All recipes. */
    public static List<Recipe<Finetune>> all() {
        return ALL;
    }

    /** The recipes by name, in the order of {@link #all}. */
    public static Map<String, Recipe<Finetune>> byName() {
        Map<String, Recipe<Finetune>> recipes = new LinkedHashMap<>();
        ALL.forEach(recipe -> recipes.put(recipe.name(), recipe));
        return recipes;
    }

    /**
     * SlowFast, configs/masked_ssl/in1k_VIT_B_MaskFeat_FT.yaml and in1k_VIT_L_MaskFeat_FT.yaml: steps of 2,048 images,
     * mixed in portions of 64 and 32, as many as each of the official devices has.
     */
    private static Finetune in1k(Vit.Config model, Finetune.Optim optim, Run.Train train) {
        return new Finetune(
                0,
                null,
                data(new StillImage(), 224, 256, Resize.Filter.BICUBIC, Normalize.IMAGENET),
                new Finetune.Augmentation(Cropping.Resized.defaults(), 0.5, RandAugment.IMAGES, 0.25, Mix.OFFICIAL, 1),
                model,
                Classifier.Head.mean(),
                new Finetune.Loss(0.1, Finetune.ClassWeights.NONE),
                optim,
                train,
                new Finetune.Validate(1, "1x1", Finetune.Metric.TOP1, 0),
                new Run.Loading(0, 2),
                new Run.Saving(1, 30, 3),
                new Run.Reporting(10, 10, 8));
    }

    /**
     * SlowFast, configs/masked_ssl/k400_MVITv2_S_16x4_FT.yaml and k400_MVITv2_L_16x4_FT.yaml. Rates are those of 512 clips
     * (256 videos, two of each) and of 256. Mixed are groups of two videos, as many as each of the official devices has: 16
     * on a machine of 8.
     */
    private static Finetune k400(
            ClipSampler clip, int side, Backbone.Config model, Finetune.Optim optim, Run.Train train, int repeat) {
        return new Finetune(
                0,
                null,
                data(clip, side, side * 8 / 7, Resize.Filter.BILINEAR, Normalize.KINETICS),
                new Finetune.Augmentation(
                        Cropping.Resized.defaults(),
                        0.5,
                        RandAugment.CLIPS,
                        0.25,
                        Mix.OFFICIAL.inGroupsOf(2 * repeat),
                        repeat),
                model,
                Classifier.Head.mean(),
                new Finetune.Loss(0.1, Finetune.ClassWeights.NONE),
                optim,
                train,
                new Finetune.Validate(1, "1x1", Finetune.Metric.TOP1, 0),
                new Run.Loading(0, 1),
                new Run.Saving(1, 30, 3),
                new Run.Reporting(10, 10, 3));
    }

    /** Wei et al. 2022, section 4: 40 frames, every third, of 312 or 352 px. The rest is that of 16x4, for 30 epochs. */
    private static Finetune k400Large(int side) {
        return k400(
                new TimedClip(40, 3, 30),
                side,
                Mvit.Config.large().forFineTuning(0.2),
                new Finetune.Optim(9.6e-3, 1.6e-7, 1.6e-4, 256, 5, 0.875, 0, adamw(5.0)),
                new Run.Train(30, 2, 128, "auto", 0, 5),
                1);
    }

    /**
     * No official fine-tuning of MaskFeat on Something-Something is published. Sampling, crops, augmentation, drop path
     * and dropout are those of the supervised SlowFast, configs/SSv2/MVITv2_S_16x4.yaml, optimization that of Kinetics.
     */
    private static Finetune ssv2() {
        return new Finetune(
                0,
                null,
                data(new SegmentClip(16), 224, 256, Resize.Filter.BILINEAR, Normalize.KINETICS),
                new Finetune.Augmentation(
                        Cropping.Jitter.defaults(),
                        0,
                        new RandAugment(4, 7, 0.5, 0.5, List.of(128, 128, 128)),
                        0.25,
                        Mix.OFFICIAL,
                        1),
                Mvit.Config.small().forFineTuning(0.4),
                new Classifier.Head(Classifier.Pooling.MEAN, 0.5),
                new Finetune.Loss(0.1, Finetune.ClassWeights.NONE),
                new Finetune.Optim(9.6e-3, 1.6e-5, 1.6e-5, 512, 20, 0.75, 0, adamw(5.0)),
                new Run.Train(100, 16, 32, "auto", 0, 5),
                new Finetune.Validate(1, "1x3", Finetune.Metric.TOP1, 0),
                new Run.Loading(0, 1),
                new Run.Saving(1, 30, 3),
                new Run.Reporting(10, 10, 3));
    }

    /** Ours: light augmentation, since ten clips of a class are soon known. */
    private static Finetune sampleVideo() {
        return new Finetune(
                0,
                null,
                data(new TimedClip(8, 2, 25), 48, 54, Resize.Filter.BILINEAR, Normalize.KINETICS),
                new Finetune.Augmentation(new Cropping.Resized(0.4, 1, 0.75, 1.3333), 0.5, null, 0, null, 1),
                new Mvit.Config(48, 1, List.of(1, 3), 4, true, false, true, 4, 0.1),
                Classifier.Head.mean(),
                new Finetune.Loss(0.1, Finetune.ClassWeights.NONE),
                new Finetune.Optim(1e-3, 1e-6, 1e-6, 16, 4, 0.75, 0, adamw(5.0)),
                new Run.Train(60, 12, 1, "auto", 0, 5),
                new Finetune.Validate(5, "1x1", Finetune.Metric.TOP1, 0),
                new Run.Loading(0, 4),
                new Run.Saving(10, 10, 3),
                new Run.Reporting(10, 10, 9));
    }

    private static Finetune sampleImage() {
        return new Finetune(
                0,
                null,
                data(new StillImage(), 64, 72, Resize.Filter.BICUBIC, Normalize.IMAGENET),
                new Finetune.Augmentation(new Cropping.Resized(0.4, 1, 0.75, 1.3333), 0.5, null, 0, null, 1),
                new Vit.Config(8, 1, 128, 4, 4, 4, 0.1),
                Classifier.Head.mean(),
                new Finetune.Loss(0.1, Finetune.ClassWeights.NONE),
                new Finetune.Optim(1e-3, 1e-6, 1e-6, 32, 5, 0.75, 0, adamw(null)),
                new Run.Train(60, 20, 1, "auto", 0, 5),
                new Finetune.Validate(5, "1x1", Finetune.Metric.TOP1, 0),
                new Run.Loading(0, 4),
                new Run.Saving(10, 10, 3),
                new Run.Reporting(10, 10, 12));
    }

    private static Finetune tinyVideo() {
        return new Finetune(
                0,
                null,
                data(new TimedClip(4, 2, 25), 32, 36, Resize.Filter.BILINEAR, Normalize.KINETICS),
                new Finetune.Augmentation(Cropping.Resized.defaults(), 0.5, RandAugment.CLIPS, 0.25, Mix.OFFICIAL, 2),
                new Mvit.Config(16, 1, List.of(1, 1), 2, true, false, true, 4, 0.1),
                Classifier.Head.mean(),
                new Finetune.Loss(0.1, Finetune.ClassWeights.NONE),
                new Finetune.Optim(2e-3, 1e-6, 1e-6, 8, 1, 0.75, 0.9, adamw(5.0)),
                new Run.Train(4, 4, 2, "cpu", 1, 5),
                new Finetune.Validate(1, "2x1", Finetune.Metric.TOP1, 0),
                new Run.Loading(1, 2),
                new Run.Saving(1, 10, 3),
                new Run.Reporting(1, 2, 2));
    }

    private static Finetune tinyImage() {
        return new Finetune(
                0,
                null,
                data(new StillImage(), 32, 36, Resize.Filter.BICUBIC, Normalize.IMAGENET),
                new Finetune.Augmentation(Cropping.Resized.defaults(), 0.5, RandAugment.IMAGES, 0.25, Mix.OFFICIAL, 1),
                new Vit.Config(8, 1, 32, 2, 2, 4, 0.1),
                Classifier.Head.mean(),
                new Finetune.Loss(0.1, Finetune.ClassWeights.NONE),
                new Finetune.Optim(2e-3, 1e-6, 1e-6, 16, 1, 0.75, 0.9, adamw(null)),
                new Run.Train(4, 8, 2, "cpu", 1, 5),
                new Finetune.Validate(1, "1x1", Finetune.Metric.TOP1, 0),
                new Run.Loading(1, 2),
                new Run.Saving(1, 10, 3),
                new Run.Reporting(1, 2, 2));
    }

    private static Finetune.Data data(
            ClipSampler clip, int side, int shortSide, Resize.Filter resize, Normalize normalize) {
        return new Finetune.Data(null, null, null, 0, 0, false, clip, side, shortSide, resize, normalize, 0.01);
    }

    /** @param clipNorm null for no clipping */
    private static AdamW.Config adamw(@Nullable Double clipNorm) {
        return new AdamW.Config(0.9, 0.999, 1e-8, 0.05, clipNorm);
    }
}
