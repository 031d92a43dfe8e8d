package maskfeat.recipe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.ClipSampler;
import maskfeat.data.StillImage;
import maskfeat.data.TimedClip;
import maskfeat.feature.HogTarget;
import maskfeat.mask.BlockMask;
import maskfeat.mask.CubeMask;
import maskfeat.model.Backbone;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.train.AdamW;

/**
 * Pre-training runs by name: the published ones with their official settings, and small ones to try things on. A recipe is a method
 * here and a line in the list.
 */
public final class Recipes {
    /** What {@code pretrain} does without a further word. */
    public static final String DEFAULT = "sample-video";

    private static final List<Recipe<Run>> ALL = List.of(
            new Recipe<>(
                    "k400-mvitv2-s-16x4-pt",
                    "MViTv2-S on Kinetics-400, clips of 16 frames, 300 epochs",
                    k400(Mvit.Config.small())),
            new Recipe<>(
                    "k400-mvitv2-l-16x4-pt",
                    "MViTv2-L on Kinetics-400, 300 epochs; the released weights are train.epochs=800",
                    k400(Mvit.Config.large())),
            new Recipe<>(
                    "k400-vit-b-16x4-pt",
                    "ViT-B on Kinetics-400 in cubes of 2x16x16; settings as for MViTv2, not published",
                    k400(Vit.Config.base().ofVideo())),
            new Recipe<>(
                    "k400-vit-l-16x4-pt",
                    "ViT-L on Kinetics-400 in cubes of 2x16x16; settings as for MViTv2, not published",
                    k400(Vit.Config.large().ofVideo())),
            new Recipe<>(
                    "in1k-vit-b-pt",
                    "ViT-B/16 on ImageNet-1K, 300 epochs; the released weights are train.epochs=1600",
                    in1k(Vit.Config.base())),
            new Recipe<>(
                    "in1k-vit-l-pt",
                    "ViT-L/16 on ImageNet-1K, 300 epochs; the released weights are train.epochs=1600",
                    in1k(Vit.Config.large())),
            new Recipe<>(DEFAULT, "a small MViTv2 on the generated sample clips, minutes on two cores", sampleVideo()),
            new Recipe<>(
                    "sample-image", "a small ViT on the generated sample images, minutes on two cores", sampleImage()),
            new Recipe<>("tiny-video", "the smallest run on clips that has every part, seconds", tinyVideo()),
            new Recipe<>("tiny-image", "the smallest run on images that has every part, seconds", tinyImage()));

    private Recipes() {}

    /** All recipes. */
    public static List<Recipe<Run>> all() {
        return ALL;
    }

    /** The recipes by name, in the order of {@link #all}. */
    public static Map<String, Recipe<Run>> byName() {
        Map<String, Recipe<Run>> recipes = new LinkedHashMap<>();
        ALL.forEach(recipe -> recipes.put(recipe.name(), recipe));
        return recipes;
    }

    /**
     * SlowFast, configs/masked_ssl/in1k_VIT_B_MaskFeat_PT.yaml and in1k_VIT_L_MaskFeat_PT.yaml: 8 machines of 256 images,
     * here 8 portions of 256 on one. Rates are those of the whole step of 2048.
     */
    private static Run in1k(Vit.Config model) {
        return new Run(
                0,
                null,
                images(224),
                model,
                List.of(),
                BlockMask.of(0.4),
                HogTarget.Config.paper(),
                new Run.Optim(1.6e-3, 8e-6, 8e-6, 2048, 30, new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02)),
                new Run.Train(300, 256, 8, "auto", 0, 5),
                new Run.Loading(0, 2),
                new Run.Saving(1, 30, 3),
                new Run.Reporting(10, 10, 8));
    }

    /**
     * SlowFast, configs/masked_ssl/k400_MVITv2_S_16x4_MaskFeat_PT.yaml and k400_MVITv2_L_16x4_MaskFeat_PT.yaml: 16
     * machines of 32 clips, here 16 portions of 32 on one. Rates are those of the whole step of 512. Pixels differ in how
     * they are resized: from frames of at most 512 px in one antialiased step, where the original scales to 256 first.
     */
    private static Run k400(Backbone.Config model) {
        return new Run(
                0,
                null,
                clips(TimedClip.defaults(), 224),
                model,
                List.of(),
                CubeMask.of(0.4),
                HogTarget.Config.paper(),
                new Run.Optim(1.6e-3, 1.6e-5, 1.6e-5, 512, 10, new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02)),
                new Run.Train(300, 32, 16, "auto", 0, 5),
                new Run.Loading(0, 1),
                new Run.Saving(1, 30, 3),
                new Run.Reporting(10, 10, 3));
    }

    /**
     * Ours: patches of one HOG cell, and crops closer than the paper's, so that textures keep their cells' size on small
     * clips: there is something to see after a few minutes.
     */
    private static Run sampleVideo() {
        return new Run(
                0,
                null,
                new Run.Data(
                        null,
                        new TimedClip(8, 2, 25),
                        48,
                        0.25,
                        0.7,
                        0.75,
                        1.3333,
                        Resize.Filter.BILINEAR,
                        0.5,
                        Normalize.KINETICS,
                        0.01),
                new Mvit.Config(48, 1, List.of(1, 3), 4, true, false, true, 4, 0),
                List.of(),
                CubeMask.of(0.4),
                HogTarget.Config.paper(),
                new Run.Optim(4e-4, 1e-6, 1e-6, 16, 2, new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02)),
                new Run.Train(45, 16, 1, "auto", 0, 5),
                new Run.Loading(0, 4),
                new Run.Saving(5, 10, 3),
                new Run.Reporting(15, 15, 3));
    }

    private static Run tinyVideo() {
        return new Run(
                0,
                null,
                clips(new TimedClip(4, 2, 25), 32),
                new Mvit.Config(16, 1, List.of(1, 1), 2, true, false, true, 4, 0.1),
                List.of(),
                CubeMask.of(0.4),
                HogTarget.Config.paper(),
                new Run.Optim(2e-3, 1e-6, 1e-6, 8, 1, new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02)),
                new Run.Train(6, 4, 2, "cpu", 1, 5),
                new Run.Loading(1, 2),
                new Run.Saving(1, 10, 3),
                new Run.Reporting(1, 2, 2));
    }

    /** Ours: patches of one HOG cell on small pictures, so that there is something to see after a few minutes. */
    private static Run sampleImage() {
        return new Run(
                0,
                null,
                images(64),
                new Vit.Config(8, 1, 128, 4, 4, 4, 0),
                List.of(),
                BlockMask.of(0.4),
                HogTarget.Config.paper(),
                new Run.Optim(1e-3, 1e-6, 1e-6, 32, 1, new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02)),
                new Run.Train(24, 32, 1, "auto", 0, 5),
                new Run.Loading(0, 4),
                new Run.Saving(4, 10, 3),
                new Run.Reporting(10, 4, 6));
    }

    private static Run tinyImage() {
        return new Run(
                0,
                null,
                images(32),
                new Vit.Config(8, 1, 32, 2, 2, 4, 0.1),
                List.of(),
                BlockMask.of(0.4),
                HogTarget.Config.paper(),
                new Run.Optim(2e-3, 1e-6, 1e-6, 16, 1, new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02)),
                new Run.Train(6, 8, 2, "cpu", 1, 5),
                new Run.Loading(1, 2),
                new Run.Saving(1, 10, 3),
                new Run.Reporting(1, 2, 2));
    }

    /** Crops of half the picture and more, linear, mirrored half the time. */
    private static Run.Data clips(ClipSampler clip, int side) {
        return new Run.Data(
                null, clip, side, 0.5, 1, 0.75, 1.3333, Resize.Filter.BILINEAR, 0.5, Normalize.KINETICS, 0.01);
    }

    /** Crops of half the picture and more, cubic, mirrored half the time. */
    private static Run.Data images(int side) {
        return new Run.Data(
                null,
                new StillImage(),
                side,
                0.5,
                1,
                0.75,
                1.3333,
                Resize.Filter.BICUBIC,
                0.5,
                Normalize.IMAGENET,
                0.01);
    }
}
