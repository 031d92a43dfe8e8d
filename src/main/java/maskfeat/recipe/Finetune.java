package maskfeat.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import maskfeat.augment.Augment;
import maskfeat.augment.HorizontalFlip;
import maskfeat.augment.Mix;
import maskfeat.augment.Normalize;
import maskfeat.augment.Pipeline;
import maskfeat.augment.RandAugment;
import maskfeat.augment.RandomErasing;
import maskfeat.augment.Resize;
import maskfeat.augment.ViewCrop;
import maskfeat.data.ClipSampler;
import maskfeat.data.Splits;
import maskfeat.data.StillImage;
import maskfeat.data.VideoDataset;
import maskfeat.data.Views;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.settings.Beginnings;
import maskfeat.task.Classification;
import maskfeat.train.AdamW;
import maskfeat.train.LayerDecay;
import org.jspecify.annotations.Nullable;

/**
 * A fine-tuning run as a value: every setting there is. The same value from the same weights on the same data gives the
 * same classifier.
 *
 * @param seed of everything random
 * @param from run folder, checkpoint folder or file of the weights to begin with; null to train from scratch
 * @param data what the network sees and what it is measured on
 * @param augment what is done to what it trains on
 * @param model how tokens are encoded
 * @param head how classes are read off the tokens
 * @param loss what is minimised
 * @param optim how weights move
 * @param train how long, in what portions, where
 * @param validate when and by what it is judged
 * @param loader how data is made ready; changes no result
 * @param checkpoint when the run is saved; changes no result
 * @param report what is shown; changes no result
 */
public record Finetune(
        long seed,
        @Nullable String from,
        Data data,
        Augmentation augment,
        Backbone.Config model,
        Classifier.Head head,
        Loss loss,
        Optim optim,
        Run.Train train,
        Validate validate,
        Run.Loading loader,
        Run.Saving checkpoint,
        Run.Reporting report)
        implements RunSettings, Beginnings {
    public Finetune {
        model.embedGrid(ClipSize.square(data.clip.frames(), data.side)); // refuses what does not divide
        augment.crop.of(data.side, data.resize); // refuses a square larger than what it is cut from
        if (head.pooling() == Classifier.Pooling.CLASS_TOKEN && !model.classToken()) {
            throw new IllegalArgumentException(
                    "head.pooling is class-token, and model.class-token is false; set it to true, or take mean");
        }
        optim.rates().schedule(train);
        validate.spatial(data);
        if (train.stepSize() % augment.repeat != 0 || train.batch() % augment.repeat != 0) {
            throw new IllegalArgumentException("train.batch " + train.batch() + " must be a multiple of augment.repeat "
                    + augment.repeat + ": the samples of one item go together");
        }
        if (augment.mix != null && train.batch() < 2) {
            throw new IllegalArgumentException(
                    "augment.mix mixes the samples of a batch with each other, and train.batch"
                            + " is 1; raise it, or set augment.mix to null");
        }
        if (augment.mix != null && augment.mix.group() > 0 && train.batch() % augment.mix.group() != 0) {
            throw new IllegalArgumentException("train.batch " + train.batch() + " must be a multiple of"
                    + " augment.mix.group " + augment.mix.group() + ": groups go through the network whole; 0 mixes all"
                    + " of a portion");
        }
    }

    /**
     * What the network sees and what it is measured on.
     *
     * @param path folder or list of labelled data; null for the generated sample set
     * @param validation the same for measuring; null for what is found in or beside {@code path}
     * @param classNames file with the name of class i in line i, for list files; null for {@code classes.txt} beside them
     * @param perClass training items of each class, drawn by the seed; 0 for all
     * @param holdOut share of the training items, 0 to 1, that are used for measuring instead; 0 for none
     * @param balanced whether classes are drawn equally often however many items they have
     * @param clip which frames of a video are taken, or that the data are images
     * @param side of the square that the network reads, in pixels
     * @param shortSide that pictures are resized to for measuring, before the square is cut out of the middle
     * @param resize filter by which pictures are brought to size
     * @param normalize what is taken off each colour and what it is divided by
     * @param maxBadShare share of files, 0 to 1, past which unreadable ones stop the run: of those to train on, and of those
     *     to measure on, which are left out up to that
     */
    public record Data(
            @Nullable String path,
            @Nullable String validation,
            @Nullable String classNames,
            int perClass,
            double holdOut,
            boolean balanced,
            ClipSampler clip,
            int side,
            int shortSide,
            Resize.Filter resize,
            Normalize normalize,
            double maxBadShare) {
        public Data {
            new Splits.Options(perClass, holdOut, 0, null); // refuses
            if (side < 1 || shortSide < side) {
                throw new IllegalArgumentException("short-side " + shortSide + " must be at least the side " + side);
            }
            if (!(clip instanceof StillImage) && side > VideoDataset.SHORT_SIDE) {
                throw new IllegalArgumentException("side " + side + " is more than the short side of "
                        + VideoDataset.SHORT_SIDE + " px that frames of videos are read with");
            }
            if (!(maxBadShare >= 0 && maxBadShare <= 1)) {
                throw new IllegalArgumentException("max-bad-share " + maxBadShare + " must lie between 0 and 1");
            }
        }

        boolean ofImages() {
            return clip instanceof StillImage;
        }

        private Data with(Normalize other) {
            return new Data(
                    path,
                    validation,
                    classNames,
                    perClass,
                    holdOut,
                    balanced,
                    clip,
                    side,
                    shortSide,
                    resize,
                    other,
                    maxBadShare);
        }
    }

    /**
     * What is done to the samples that train.
     *
     * @param crop how the square is cut out
     * @param flip probability of a mirrored sample
     * @param rand random changes of colour and shape; null for none
     * @param erasing probability that a box is replaced by noise
     * @param mix of samples with each other; null for none
     * @param repeat samples made of an item each time it comes (Hoffer et al. 2020)
     */
    public record Augmentation(
            Cropping crop,
            double flip,
            @Nullable RandAugment rand,
            double erasing,
            @Nullable Mix mix,
            int repeat) {
        public Augmentation {
            new HorizontalFlip(flip); // each refuses what it cannot do
            RandomErasing.images(erasing);
            if (repeat < 1) {
                throw new IllegalArgumentException("repeat " + repeat + " must be at least 1");
            }
        }
    }

    /** Weight of the classes in the loss. */
    public enum ClassWeights {
        NONE,
        /** One over a class's share of the data, so that all classes weigh the same. */
        BALANCED
    }

    /**
     * What is minimised: cross entropy.
     *
     * @param smoothing share of each label, 0 to 1, that is spread over all classes
     * @param classWeights weight of the classes
     */
    public record Loss(double smoothing, ClassWeights classWeights) {
        public Loss {
            new Classification.Objective(smoothing, Optional.empty(), Optional.empty()); // refuses
        }
    }

    /**
     * How weights move. Learning rates hold for a step of {@code referenceBatch} samples and are scaled with the step's
     * size: {@code lr * train.batch * train.accumulate / referenceBatch}.
     *
     * @param lr highest learning rate, that of the head
     * @param warmupLr learning rate at the very beginning
     * @param endLr learning rate at the very end
     * @param referenceBatch samples a step that the three rates are for
     * @param warmupEpochs over which the learning rate rises; may have a fraction
     * @param layerDecay factor on the learning rate from each block to the one before; 1 for none
     * @param ema decay of the moving average of the weights, which then is what is judged and kept; 0 for none
     * @param adamw the rest of the optimizer
     */
    public record Optim(
            double lr,
            double warmupLr,
            double endLr,
            int referenceBatch,
            double warmupEpochs,
            double layerDecay,
            double ema,
            AdamW.Config adamw) {
        public Optim {
            new Run.Optim(lr, warmupLr, endLr, referenceBatch, warmupEpochs, adamw); // refuses
            new LayerDecay(layerDecay, 1);
            if (!(ema >= 0 && ema < 1)) {
                throw new IllegalArgumentException("ema " + ema + " must be at least 0 and below 1; 0 is none");
            }
        }

        /** The part that pre-training has too. */
        Run.Optim rates() {
            return new Run.Optim(lr, warmupLr, endLr, referenceBatch, warmupEpochs, adamw);
        }
    }

    /** The figure that decides which weights are the best. */
    public enum Metric {
        TOP1("val/top1"),
        TOP5("val/top5"),
        MEAN_CLASS("val/mean_class"),
        LOSS("val/loss");

        private final String tag;

        Metric(String tag) {
            this.tag = tag;
        }

        /** Its name among the figures. */
        public String tag() {
            return tag;
        }

        public boolean smallerIsBetter() {
            return this == LOSS;
        }
    }

    /**
     * When and by what the network is judged.
     *
     * @param everyEpochs passes between judgements; the last is always judged
     * @param views views of each item whose scores are averaged, clips x crops, such as {@code 1x1} or {@code 10x3}
     * @param metric that decides which weights are the best
     * @param patience passes without a better figure after which training ends; 0 to train to the end
     */
    public record Validate(int everyEpochs, String views, Metric metric, int patience) {
        public Validate {
            if (everyEpochs < 1 || patience < 0) {
                throw new IllegalArgumentException("every-epochs " + everyEpochs + " must be at least 1, patience "
                        + patience + " must not be negative");
            }
            Views.parse(views);
        }

        private void spatial(Data data) {
            Views.parse(views).check(data.clip);
        }
    }

    @Override
    public @Nullable String dataPath() {
        return data.path;
    }

    @Override
    public ClipSampler clip() {
        return data.clip;
    }

    /** Everything that is done to a sample before it is normalised, in the official order. */
    Augment augmentation() {
        List<Augment> steps = new ArrayList<>();
        Augment crop = augment.crop.of(data.side, data.resize);
        if (augment.rand != null && !data.ofImages()) {
            steps.add(augment.rand); // of clips the whole frames are changed, of images the crop
        }
        steps.add(crop);
        steps.add(new HorizontalFlip(augment.flip));
        if (augment.rand != null && data.ofImages()) {
            steps.add(augment.rand);
        }
        return new Pipeline(steps);
    }

    /** What is erased of a sample after it is normalised. */
    Optional<RandomErasing> erasing() {
        if (augment.erasing == 0) {
            return Optional.empty();
        }
        return Optional.of(
                data.ofImages() ? RandomErasing.images(augment.erasing) : RandomErasing.clips(augment.erasing));
    }

    /** What the classifier sees for measuring; see {@link ViewCrop}. */
    ClassifierBlueprint.Input input() {
        return new ClassifierBlueprint.Input(data.clip, data.side, data.shortSide, data.resize, data.normalize);
    }

    /** The same with another network, and colours as it knows them. */
    public Finetune with(Backbone.Config other, Normalize normalize) {
        return new Finetune(
                seed,
                from,
                data.with(normalize),
                augment,
                other,
                head,
                loss,
                optim,
                train,
                validate,
                loader,
                checkpoint,
                report);
    }

    /** RandAugment begins with what its kind of data is fine-tuned with. */
    @Override
    public Optional<Object> whereSwitchedOn(Class<?> record) {
        return record == RandAugment.class
                ? Optional.of(data.ofImages() ? RandAugment.IMAGES : RandAugment.CLIPS)
                : Optional.empty();
    }

    /**
     * The same from random weights, with no layer decay, which holds back the layers that pre-training made good: those
     * that begin at random must all learn.
     */
    public Finetune fromScratch() {
        Optim same = new Optim(
                optim.lr,
                optim.warmupLr,
                optim.endLr,
                optim.referenceBatch,
                optim.warmupEpochs,
                1,
                optim.ema,
                optim.adamw);
        return new Finetune(
                seed, null, data, augment, model, head, loss, same, train, validate, loader, checkpoint, report);
    }

    @Override
    public List<Idle> idle() {
        List<Idle> idle = new ArrayList<>(optim.rates().idle(train));
        if (data.balanced && loss.classWeights == ClassWeights.BALANCED) {
            idle.add(new Idle("loss.class-weights", "data.balanced already makes classes equally frequent"));
        }
        if (augment.mix != null && (augment.mix.mixup() == 0 || augment.mix.cutmix() == 0)) {
            idle.add(new Idle("augment.mix.cutmix-share", "only one kind of mixing is on"));
        }
        if (report.picturesEvery() == 0) {
            idle.add(new Idle("report.pictures", "report.pictures-every is 0, so there are no pictures"));
        }
        return idle;
    }
}
