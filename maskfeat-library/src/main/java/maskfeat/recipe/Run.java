package maskfeat.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import maskfeat.augment.Augment;
import maskfeat.augment.HorizontalFlip;
import maskfeat.augment.Normalize;
import maskfeat.augment.Pipeline;
import maskfeat.augment.RandomResizedCrop;
import maskfeat.augment.Resize;
import maskfeat.data.ClipSampler;
import maskfeat.data.StillImage;
import maskfeat.data.VideoDataset;
import maskfeat.feature.FeatureTarget;
import maskfeat.mask.MaskStrategy;
import maskfeat.model.Backbone;
import maskfeat.network.Targets;
import maskfeat.train.AdamW;
import maskfeat.train.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * A pre-training run as a value: every setting there is. The same value on the same data gives the same weights.
 *
 * @param seed of everything random
 * @param from run folder, checkpoint folder or file of the weights to begin with; null for random ones
 * @param data what the network sees
 * @param model how tokens are encoded
 * @param depths blocks after which is predicted, counted from 0, ascending; none: after the last. What lies behind the
 *     last of them is left out of the network
 * @param mask what is hidden
 * @param target what is predicted
 * @param optim how weights move
 * @param train how long, in what portions, where
 * @param loader how data is made ready; changes no result
 * @param checkpoint when the run is saved; changes no result
 * @param report what is shown; changes no result
 */
public record Run(
        long seed,
        @Nullable String from,
        Data data,
        Backbone.Config model,
        List<Integer> depths,
        MaskStrategy mask,
        FeatureTarget.Config target,
        Optim optim,
        Train train,
        Loading loader,
        Saving checkpoint,
        Reporting report)
        implements RunSettings {
    public Run {
        depths = List.copyOf(depths);
        Targets targets = new Blueprint(data.clip, data.side, data.resize, data.normalize, model, depths, mask, target)
                .targets(); // refuses what does not divide
        mask.draw(targets.maskGrid(), new SplittableRandom(0)); // refuses a grid that its rule does not know
        optim.schedule(train); // refuses a warm-up that does not fit
    }

    /**
     * What the network sees.
     *
     * @param path folder of images or videos, or list file; null for the generated sample set
     * @param clip which frames of a video are taken, or that the data are images
     * @param side of the square crop, in pixels
     * @param minArea smallest part of the picture that a crop takes, 0 to 1
     * @param maxArea largest part of the picture that a crop takes, 0 to 1
     * @param minAspect smallest width of a crop in units of its height
     * @param maxAspect largest width of a crop in units of its height
     * @param resize filter by which a crop is brought to size
     * @param flip probability of a mirrored crop
     * @param normalize what is taken off each colour and what it is divided by
     * @param maxBadShare share of files, 0 to 1, past which unreadable ones stop the run
     */
    public record Data(
            @Nullable String path,
            ClipSampler clip,
            int side,
            double minArea,
            double maxArea,
            double minAspect,
            double maxAspect,
            Resize.Filter resize,
            double flip,
            Normalize normalize,
            double maxBadShare) {
        public Data {
            new RandomResizedCrop(
                    minArea, maxArea, minAspect, maxAspect, side, resize); // each refuses what it cannot do
            new HorizontalFlip(flip);
            if (!(clip instanceof StillImage) && side > VideoDataset.SHORT_SIDE) {
                throw new IllegalArgumentException("side " + side + " is more than the short side of "
                        + VideoDataset.SHORT_SIDE + " px that frames of videos are read with");
            }
            if (!(maxBadShare >= 0 && maxBadShare <= 1)) {
                throw new IllegalArgumentException("max-bad-share " + maxBadShare + " must lie between 0 and 1");
            }
        }

        /** Crop and flip. */
        public Augment augment() {
            return new Pipeline(List.of(
                    new RandomResizedCrop(minArea, maxArea, minAspect, maxAspect, side, resize),
                    new HorizontalFlip(flip)));
        }
    }

    /**
     * How weights move. Learning rates hold for a step of {@code referenceBatch} samples and are scaled with the step's
     * size: {@code lr * train.batch * train.accumulate / referenceBatch}.
     *
     * @param lr highest learning rate
     * @param warmupLr learning rate at the very beginning
     * @param endLr learning rate at the very end
     * @param referenceBatch samples a step that the three rates are for
     * @param warmupEpochs over which the learning rate rises; may have a fraction
     * @param adamw the rest of the optimizer
     */
    public record Optim(
            double lr, double warmupLr, double endLr, int referenceBatch, double warmupEpochs, AdamW.Config adamw) {
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

        /** Which of these settings do nothing in such a run. */
        List<Idle> idle(Train train) {
            List<Idle> idle = new ArrayList<>();
            if (warmupEpochs == 0) {
                idle.add(new Idle("optim.warmup-lr", "optim.warmup-epochs is 0, so there is no warm-up"));
            }
            if (warmupEpochs == train.epochs) {
                idle.add(new Idle("optim.end-lr", "optim.warmup-epochs is train.epochs, so the rate never falls"));
            }
            return idle;
        }
    }

    /**
     * How long, in what portions, where.
     *
     * @param epochs passes over the data
     * @param batch samples that go through the network together
     * @param accumulate batches of one optimizer step
     * @param device {@code cpu}, {@code cuda}, {@code cuda:N}, or {@code auto} for a GPU where there is one
     * @param threads of the network's arithmetic; 0 for all cores. Sums, and so the last bits, depend on it
     * @param maxNonFinite steps in a row that may be skipped because loss or gradient is not finite
     */
    public record Train(int epochs, int batch, int accumulate, String device, int threads, int maxNonFinite) {
        public Train {
            if (epochs < 1 || batch < 1 || accumulate < 1 || maxNonFinite < 1) {
                throw new IllegalArgumentException("epochs " + epochs + ", batch " + batch + ", accumulate "
                        + accumulate + " and max-non-finite " + maxNonFinite + " must be at least 1");
            }
            if (threads < 0) {
                throw new IllegalArgumentException("threads " + threads + " must not be negative; 0 is all cores");
            }
        }

        /** Samples of one optimizer step. */
        public int stepSize() {
            return Math.multiplyExact(batch, accumulate);
        }
    }

    /**
     * How data is made ready.
     *
     * @param threads that decode and augment; 0 for half the cores
     * @param ahead optimizer steps to have ready
     */
    public record Loading(int threads, int ahead) {
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
     * @param everyEpochs passes between checkpoints
     * @param everyMinutes the same in time, whichever comes first
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
     * @param logEvery steps between lines of the log
     * @param picturesEvery passes between pictures; 0 for none
     * @param pictures samples in each
     */
    public record Reporting(int logEvery, int picturesEvery, int pictures) {
        public Reporting {
            if (logEvery < 1 || picturesEvery < 0 || pictures < 1) {
                throw new IllegalArgumentException("log-every " + logEvery + " and pictures " + pictures
                        + " must be at least 1, pictures-every " + picturesEvery + " must not be negative");
            }
        }
    }

    /** The learning rate over the run, scaled to the size of a step. */
    public Schedule schedule() {
        return optim.schedule(train);
    }

    @Override
    public @Nullable String dataPath() {
        return data.path;
    }

    @Override
    public ClipSampler clip() {
        return data.clip;
    }

    @Override
    public List<Idle> idle() {
        List<Idle> idle = new ArrayList<>(optim.idle(train));
        if (report.picturesEvery == 0) {
            idle.add(new Idle("report.pictures", "report.pictures-every is 0, so there are no pictures"));
        }
        return idle;
    }
}
