package maskfeat.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import maskfeat.augment.Augment;
import maskfeat.augment.HorizontalFlip;
import maskfeat.augment.Normalize;
import maskfeat.augment.Pipeline;
import maskfeat.augment.RandAugment;
import maskfeat.augment.Resize;
import maskfeat.data.ClipSampler;
import maskfeat.data.Splits;
import maskfeat.data.StillImage;
import maskfeat.data.VideoDataset;
import maskfeat.data.Views;
import maskfeat.eval.Metric;
import maskfeat.model.Backbone;
import maskfeat.network.Input;
import maskfeat.network.NetworkSpec;
import maskfeat.settings.Added;
import maskfeat.settings.Beginnings;
import maskfeat.settings.NumberOrAuto;
import maskfeat.torch.Precision;
import maskfeat.train.AdamW;
import maskfeat.train.LayerDecay;
import maskfeat.train.Schedule;
import maskfeat.train.Trainer;
import org.jspecify.annotations.Nullable;

/**
 * A run as a value: every setting there is. The same value from the same weights on the same data gives the same network.
 *
 * @param seed seed of everything that is drawn at random
 * @param from run folder, checkpoint folder or file of the weights to begin with; null for random ones
 * @param fromNetwork which of several networks in that file, such as {@code state_dict_ema} or {@code teacher}; null where
 *     there is one, or for the usual one
 * @param data what the network sees
 * @param augment random changes of what it trains on
 * @param model how tokens are encoded
 * @param task what is learned
 * @param optim how weights move
 * @param train how long, in which steps, where
 * @param validate when and by what the network is validated; null for a task that is not validated
 * @param loader how data is made ready; changes no result
 * @param checkpoint when the run is saved; changes no result
 * @param report what is shown; changes no result
 */
public record Run(
        long seed,
        @Nullable String from,
        @Added(in = 3, before = "null") @Nullable String fromNetwork,
        Data data,
        Augmentation augment,
        Backbone.Config model,
        TaskConfig task,
        Optim optim,
        Train train,
        @Nullable Validate validate,
        Loading loader,
        Saving checkpoint,
        Reporting report)
        implements Beginnings {
    public Run {
        model.embedGrid(data.input().size()); // each line refuses what does not fit
        augment.crop.of(data.side, data.resize);
        optim.schedule(train);
        if (train.microBatch() % augment.repeat != 0) {
            throw new IllegalArgumentException("train.batch " + train.batch + " must be a multiple of augment.repeat "
                    + augment.repeat + ": the samples of one item go together");
        }
        if (task.isLabelled() != (data.labels != null)) {
            throw new IllegalArgumentException(
                    task.isLabelled()
                            ? "data.labels is null, and this task needs labels"
                            : "data.labels would do nothing: this task uses no labels; set it to null");
        }
        if ((validate != null) == task.metrics().isEmpty()) {
            throw new IllegalArgumentException(
                    validate == null
                            ? "validate is null, and this task is validated"
                            : "validate would do nothing: this task measures nothing; set it to null");
        }
        if (train.until != null && !task.hasBaseline()) {
            throw new IllegalArgumentException("train.until " + train.until
                    + " is a share of the loss of the best constant prediction, which task.kind " + task.kind()
                    + " does not have: set it to null"
                    + (task.metrics().isEmpty() ? "" : "; validate.patience ends a run that gets no better"));
        }
        task.check(data, model, train);
        task.check(augment);
        if (validate != null) {
            Views.parse(validate.views).check(data.clip);
            metric(task, validate);
        }
    }

    /**
     * What the network sees.
     *
     * @param path folder of images or videos, zip or tar files, or list file; null for the generated sample set
     * @param labels which labels are used and what is measured on; null for a task that uses none
     * @param clip which frames of a video are taken, or that the data are images
     * @param side side of the square that the network reads, in pixels
     * @param shortSide short side in pixels that images and frames are resized to in validation and use, before the square is
     *     cut out of the middle
     * @param resize filter by which images are brought to size
     * @param normalize what is subtracted from each colour and what it is divided by
     * @param maxBadShare largest share of unreadable files, 0 to 1, that are left out; more stop the run. Three are left out
     *     whatever the share, if they are less than half of all; with 0, none is. Training and validation files are counted
     *     apart
     */
    public record Data(
            @Nullable String path,
            @Nullable Labels labels,
            ClipSampler clip,
            int side,
            int shortSide,
            Resize.Filter resize,
            Normalize normalize,
            double maxBadShare) {
        public Data {
            new Input(clip, side, shortSide, resize, normalize); // refuses
            if (!(clip instanceof StillImage) && side > VideoDataset.SHORT_SIDE) {
                throw new IllegalArgumentException("side " + side + " is more than the short side of "
                        + VideoDataset.SHORT_SIDE + " px that frames of videos are read with");
            }
            if (!(maxBadShare >= 0 && maxBadShare <= 1)) {
                throw new IllegalArgumentException("max-bad-share " + maxBadShare + " must lie between 0 and 1");
            }
        }

        /** What the network reads. */
        public Input input() {
            return new Input(clip, side, shortSide, resize, normalize);
        }

        /** Whether the data are images, not clips. */
        public boolean ofImages() {
            return input().ofImages();
        }

        /** The same with colours normalised as {@code other} says. */
        Data with(Normalize other) {
            return new Data(path, labels, clip, side, shortSide, resize, other, maxBadShare);
        }
    }

    /**
     * Which labels are used, and what is measured on.
     *
     * @param validation folder, archives or list for validation; null for what is found in or beside {@code data.path}
     * @param classNames file with the name of class i in line i, for list files; null for {@code classes.txt} beside them
     * @param perClass training items of each class, drawn by the seed; 0 for all
     * @param holdOut share of the training items, 0 to 1, that are used for validation instead; 0 for none
     * @param balanced whether classes are drawn equally often however many items they have
     */
    public record Labels(
            @Nullable String validation, @Nullable String classNames, int perClass, double holdOut, boolean balanced) {
        public Labels {
            new Splits.Options(perClass, holdOut, 0, null); // refuses
        }

        /** All labels that are found, for training; measured is on what is found beside. */
        public static Labels defaults() {
            return new Labels(null, null, 0, 0, false);
        }
    }

    /**
     * Random changes of what the network trains on.
     *
     * @param crop how the square is cut out
     * @param flip probability that a sample is mirrored
     * @param rand random changes of colour and shape; null for none
     * @param repeat samples made of an image or clip each time it is read (Hoffer et al. 2020)
     */
    public record Augmentation(
            Cropping crop, double flip, @Nullable RandAugment rand, int repeat) {
        public Augmentation {
            new HorizontalFlip(flip); // refuses what it cannot do
            if (repeat < 1) {
                throw new IllegalArgumentException("repeat " + repeat + " must be at least 1");
            }
        }

        /** All of them, in the official order. */
        public Augment of(Data data) {
            List<Augment> steps = new ArrayList<>();
            if (rand != null && !data.ofImages()) {
                steps.add(rand); // of clips the whole frames are changed, of images the crop
            }
            steps.add(crop.of(data.side, data.resize));
            steps.add(new HorizontalFlip(flip));
            if (rand != null && data.ofImages()) {
                steps.add(rand);
            }
            return new Pipeline(steps);
        }
    }

    /**
     * How weights move. Learning rates hold for a step of {@code reference-batch} samples and are scaled with the step's
     * size: {@code lr * train.batch * train.accumulate / reference-batch}.
     *
     * @param lr highest learning rate, that of the head
     * @param warmupLr learning rate at the very beginning
     * @param endLr learning rate at the very end
     * @param referenceBatch samples of the step that the three rates are for
     * @param warmupEpochs epochs over which the learning rate rises; may have a fraction
     * @param layerDecay factor on the learning rate from each block to the one before; 1 for none
     * @param ema decay of the moving average of the weights, which is then validated and kept in their place; 0 for none
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
            if (!(lr > 0 && warmupLr >= 0 && endLr >= 0)) {
                throw new IllegalArgumentException("lr " + lr + " must be above 0, warmup-lr " + warmupLr
                        + " and end-lr " + endLr + " must not be negative");
            }
            if (referenceBatch < 1) {
                throw new IllegalArgumentException("reference-batch " + referenceBatch + " must be at least 1");
            }
            if (!(warmupEpochs >= 0)) {
                throw new IllegalArgumentException("warmup-epochs " + warmupEpochs + " must not be negative");
            }
            LayerDecay.check(layerDecay);
            if (!(ema >= 0 && ema < 1)) {
                throw new IllegalArgumentException("ema " + ema + " must be at least 0 and below 1; 0 is none");
            }
        }

        /**
         * The learning rate over a run, scaled to the size of a step.
         *
         * @throws IllegalArgumentException if warm-up is longer than the run
         */
        public Schedule schedule(Train train) {
            if (warmupEpochs > train.epochs) {
                throw new IllegalArgumentException(
                        "optim.warmup-epochs " + warmupEpochs + " does not fit into train.epochs " + train.epochs);
            }
            double scale = (double) train.stepSize() / referenceBatch;
            return new Schedule(
                    warmupLr * scale,
                    warmupEpochs,
                    new Schedule.Cosine(lr * scale, endLr * scale, warmupEpochs, train.epochs));
        }

        /** The same, all layers at the same rate. */
        Optim withoutLayerDecay() {
            return new Optim(lr, warmupLr, endLr, referenceBatch, warmupEpochs, 1, ema, adamw);
        }

        private void addIdle(Train train, List<Idle> idle) {
            if (warmupEpochs == 0) {
                idle.add(new Idle("optim.warmup-lr", "optim.warmup-epochs is 0, so there is no warm-up"));
            }
            if (warmupEpochs == train.epochs) {
                idle.add(new Idle("optim.end-lr", "optim.warmup-epochs is train.epochs, so the rate never falls"));
            }
        }
    }

    /**
     * How long, in which steps, where.
     *
     * @param epochs passes over the data
     * @param until of pre-training, share of the loss of the best constant prediction, above 0 and below 1: after the first epoch
     *     whose loss is at or below it, the learning rate falls to its end over a tenth of the epochs done, and the run ends. Null
     *     to train for all {@code epochs}
     * @param batch samples that go through the network together: a micro-batch; {@code auto} is the largest that is estimated to
     *     fit into memory, of the same step: {@code accumulate} follows. It is decided when a run begins
     * @param accumulate micro-batches of one optimizer step
     * @param device where the network is: {@code cpu}, {@code cuda}, {@code cuda:N}, or {@code auto} for a GPU where there is one
     * @param precision in which numbers the backbone multiplies while it is trained; {@code auto} is bfloat16 where the device is
     *     built for it, and is decided when a run begins. Weights, norms, losses, the optimizer, frozen networks and all that is
     *     measured are float32 in every case
     * @param recompute whether the backward pass computes the blocks of the backbone a second time, instead of keeping all that
     *     they computed: much less memory, about a third more time, the same weights to the last bit
     * @param threads threads of the network's arithmetic; 0 begins with all cores and takes fewer, by measuring, where other
     *     programs use them. Sums, and so the last bits, depend on it
     * @param maxNonFinite steps in a row that may be skipped because loss or gradient is not finite
     */
    public record Train(
            int epochs,
            @Added(in = 10, before = "null") @Nullable Double until,
            NumberOrAuto batch,
            int accumulate,
            String device,
            @Added(in = 7, before = "float32") Precision precision,
            @Added(in = 8, before = "false") boolean recompute,
            int threads,
            int maxNonFinite) {
        public Train {
            if (batch.isAuto() && batch.number() == 0) {
                throw new IllegalArgumentException(
                        "batch is auto, and nothing says how large a step is: begin with a recipe"
                                + " (base: in a file), or set a number");
            }
            if (epochs < 1 || batch.number() < 1 || accumulate < 1 || maxNonFinite < 1) {
                throw new IllegalArgumentException(belowOne(
                        "epochs",
                        epochs,
                        "batch",
                        batch.number(),
                        "accumulate",
                        accumulate,
                        "max-non-finite",
                        maxNonFinite));
            }
            if (until != null && !(until > 0 && until < 1)) {
                throw new IllegalArgumentException("until " + until
                        + " must lie between 0 and 1: it is a share of the loss of the best constant prediction; null trains for"
                        + " all epochs");
            }
            if (threads < 0) {
                throw new IllegalArgumentException(
                        "threads " + threads + " must not be negative; 0 is as many as are fastest");
            }
        }

        /** The same step in other micro-batches. */
        Train ofBatches(int size) {
            return new Train(
                    epochs,
                    until,
                    NumberOrAuto.of(size),
                    stepSize() / size,
                    device,
                    precision,
                    recompute,
                    threads,
                    maxNonFinite);
        }

        /** Steps of one micro-batch, as many epochs as before. */
        Train ofOneMicroBatch() {
            return new Train(
                    epochs,
                    until,
                    NumberOrAuto.of(microBatch()),
                    1,
                    device,
                    precision,
                    recompute,
                    threads,
                    maxNonFinite);
        }

        /** Samples of a micro-batch; where it is still to be decided, those that it would have been without {@code auto}. */
        public int microBatch() {
            return batch.number();
        }

        /** Samples of one optimizer step. */
        public int stepSize() {
            return Math.multiplyExact(batch.number(), accumulate);
        }
    }

    /**
     * When and by what the network is validated.
     *
     * @param everyEpochs epochs from one validation to the next; the last epoch is always validated
     * @param views views of each item whose scores are averaged, clips x crops, such as {@code 1x1} or {@code 10x3}
     * @param metric name of the metric that decides which weights are the best, such as {@code top1}
     * @param patience epochs without a better figure after which training ends; 0 to train to the end
     */
    public record Validate(int everyEpochs, String views, String metric, int patience) {
        public Validate {
            if (everyEpochs < 1) {
                throw new IllegalArgumentException("every-epochs " + everyEpochs + " must be at least 1");
            }
            if (patience < 0) {
                throw new IllegalArgumentException("patience " + patience + " must not be negative");
            }
            Views.parse(views); // refuses
        }

        /** After every epoch, one view of each item, the best by top-1. */
        public static Validate defaults() {
            return new Validate(1, "1x1", "top1", 0);
        }
    }

    /**
     * How data is made ready.
     *
     * @param threads threads that decode and augment; 0 for half the cores
     * @param ahead number of optimizer steps whose data is made ready in advance; where a step has several micro-batches, number of
     *     these, and more only where they hold fewer than two samples for each thread. Detection needs whole steps
     * @param keepIndex whether the index of each video, which tells where its frames lie, is kept in the folder
     *     {@code video-index} beside the run, so that the next run need not read whole files once to make it
     */
    public record Loading(
            int threads,
            int ahead,
            @Added(in = 4, before = "false") boolean keepIndex) {
        public Loading {
            if (threads < 0 || ahead < 1) {
                throw new IllegalArgumentException(
                        "threads " + threads + " must not be negative and ahead " + ahead + " must be at least 1");
            }
        }

        /** Number of threads, with 0 resolved. */
        public int threadCount() {
            return threads > 0 ? threads : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        }
    }

    /**
     * When the run is saved.
     *
     * @param everyEpochs epochs from one checkpoint to the next
     * @param everyMinutes minutes from one checkpoint to the next, whichever comes first
     * @param keep number of checkpoints to keep, the newest
     */
    public record Saving(int everyEpochs, double everyMinutes, int keep) {
        public Saving {
            if (everyEpochs < 1 || !(everyMinutes > 0) || keep < 1) {
                throw new IllegalArgumentException("every-epochs " + everyEpochs + ", every-minutes " + everyMinutes
                        + " and keep " + keep + " must all be above 0");
            }
        }
    }

    /**
     * What is shown.
     *
     * @param logEvery steps from one line of the log to the next
     * @param picturesEvery epochs from one picture to the next; 0 for none
     * @param pictures number of samples in each picture
     * @param featuresEvery of pre-training, epochs from one measurement of the features to the next: nearest neighbours, where the
     *     data have classes, and the effective rank; 0 for none. No result depends on it
     * @param features number of items that are measured, spread evenly over the data. Where nobody sets it, a short run measures
     *     fewer than its recipe says
     * @param featuresVal folder, archives or list of other items to measure, such as validation data; null for the training items.
     *     Neighbours are looked for among as many training items where these have the same classes, else among the other items
     */
    public record Reporting(
            int logEvery,
            int picturesEvery,
            int pictures,
            @Added(in = 9, before = "0") int featuresEvery,
            @Added(in = 9, before = "400") int features,
            @Added(in = 11, before = "null") @Nullable String featuresVal) {
        public Reporting {
            if (logEvery < 1 || pictures < 1) {
                throw new IllegalArgumentException(belowOne("log-every", logEvery, "pictures", pictures));
            }
            if (picturesEvery < 0) {
                throw new IllegalArgumentException("pictures-every " + picturesEvery + " must not be negative");
            }
            if (featuresEvery < 0 || features < 2) {
                throw new IllegalArgumentException("features-every " + featuresEvery
                        + " must not be negative, features " + features + " must be at least 2");
            }
        }
    }

    /**
     * A setting that does nothing.
     *
     * @param key dotted
     * @param why in half a sentence
     */
    public record Idle(String key, String why) {}

    /** The metric that decides which weights are the best; empty for a task that is not validated. */
    public Optional<Metric> metric() {
        return validate == null ? Optional.empty() : Optional.of(metric(task, validate));
    }

    private static Metric metric(TaskConfig task, Validate validate) {
        return Metric.named(validate.metric, task.metrics());
    }

    /** How long and in which micro-batches. */
    public Trainer.Plan plan(int stepsPerEpoch) {
        return plan(stepsPerEpoch, train.accumulate);
    }

    /** As above, where a process makes so many micro-batches of each step. */
    Trainer.Plan plan(int stepsPerEpoch, int microBatches) {
        return new Trainer.Plan(
                stepsPerEpoch,
                train.epochs,
                microBatches,
                report.logEvery,
                (long) checkpoint.everyEpochs * stepsPerEpoch,
                checkpoint.everyMinutes * 60,
                train.maxNonFinite);
    }

    /** Settings that do nothing beside the others, each with the reason: refused where somebody asked for them. */
    public List<Idle> idle() {
        List<Idle> idle = new ArrayList<>();
        optim.addIdle(train, idle);
        if (report.picturesEvery == 0) {
            idle.add(new Idle("report.pictures", "report.pictures-every is 0, so there are no pictures"));
        }
        addIdleFeatures(idle);
        idle.addAll(task.idle(data));
        return idle;
    }

    private void addIdleFeatures(List<Idle> idle) {
        boolean validated = !task.metrics().isEmpty();
        boolean named = report.featuresVal != null;
        if (validated) {
            String why = "task.kind " + task.kind() + " is validated (validate.every-epochs), and its features are not";
            if (report.featuresEvery > 0) {
                idle.add(new Idle("report.features-every", why));
            }
            if (named) {
                idle.add(new Idle("report.features-val", why));
            }
        } else if (report.featuresEvery == 0) {
            String why = "report.features-every is 0, so no features are measured";
            idle.add(new Idle("report.features", why));
            if (named) {
                idle.add(new Idle(
                        "report.features-val",
                        why + "; add --set report.features-every=1 to measure after each epoch"));
            }
        }
    }

    /** RandAugment begins with what its kind of data is fine-tuned with. */
    @Override
    public Optional<Object> whereSwitchedOn(Class<?> record) {
        return record == RandAugment.class
                ? Optional.of(data.ofImages() ? RandAugment.IMAGES : RandAugment.CLIPS)
                : Optional.empty();
    }

    /** Whether the run is for the network of some weights and its input. */
    public boolean fits(NetworkSpec weights) {
        return model.isLike(task.backbone(weights.backbone(), model))
                && data.clip.frames() == weights.input().clip().frames()
                && (data.side == weights.input().side() || task.takesOtherSides());
    }

    /** The run with the network of some weights in place of its own, as far as its task takes that over. */
    public Run adopting(NetworkSpec weights) {
        Backbone.Config adopted = task.backbone(weights.backbone(), model);
        Data seen = task.adoptsColours() ? data.with(weights.input().normalize()) : data;
        return new Run(
                seed,
                from,
                fromNetwork,
                seen,
                augment,
                adopted,
                task,
                optim,
                train,
                validate,
                loader,
                checkpoint,
                report);
    }

    /** Sizes of micro-batches that make the same step, ascending: its divisors, as far as the task takes them. */
    IntStream microBatches() {
        int step = train.stepSize();
        return IntStream.rangeClosed(1, step).filter(size -> step % size == 0 && takes(size));
    }

    private boolean takes(int batch) {
        try {
            with(train.ofBatches(batch));
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }

    /** With steps of one micro-batch, to measure what these take. */
    Run ofOneMicroBatch() {
        return with(train.ofOneMicroBatch());
    }

    private Run with(Train other) {
        return new Run(
                seed,
                from,
                fromNetwork,
                data,
                augment,
                model,
                task,
                optim,
                other,
                validate,
                loader,
                checkpoint,
                report);
    }

    /**
     * The same from random weights, with no layer decay, which holds back the layers that pre-training made good: those
     * that begin at random must all learn.
     */
    public Run fromScratch() {
        return new Run(
                seed,
                null,
                null,
                data,
                augment,
                model,
                task,
                optim.withoutLayerDecay(),
                train,
                validate,
                loader,
                checkpoint,
                report);
    }

    /** What is wrong with numbers of which some are below 1. @param namesAndNumbers by turns, the first wrong one first */
    private static String belowOne(Object... namesAndNumbers) {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < namesAndNumbers.length; i += 2) {
            if ((Integer) namesAndNumbers[i + 1] < 1) {
                wrong.add(namesAndNumbers[i] + " " + namesAndNumbers[i + 1]);
            }
        }
        return String.join(" and ", wrong) + " must be at least 1";
    }
}
