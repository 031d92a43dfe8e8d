package maskfeat.run;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import maskfeat.augment.RandomErasing;
import maskfeat.data.Dataset;
import maskfeat.data.LabelledClip;
import maskfeat.data.LabelledSamples;
import maskfeat.data.SampleMaker;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.data.Views;
import maskfeat.disk.Plural;
import maskfeat.eval.Evaluation;
import maskfeat.infer.Batching;
import maskfeat.infer.LabelledFeatures;
import maskfeat.infer.Progress;
import maskfeat.infer.Scoring;
import maskfeat.model.Classifier;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.network.Transfer;
import maskfeat.report.EventFile;
import maskfeat.report.HtmlReport;
import maskfeat.report.MeasuredClasses;
import maskfeat.report.Scorecard;
import maskfeat.task.Classification;
import maskfeat.task.LinearProbe;
import maskfeat.torch.Ranks;
import maskfeat.train.Listener;
import maskfeat.train.Task;
import org.bytedeco.pytorch.Device;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link ClassifyConfig} put together. */
final class ClassifyPlan implements TaskPlan<LabelledClip> {
    private static final Logger LOG = LoggerFactory.getLogger("maskfeat");

    private static final Duration SPOKEN_EVERY = Duration.ofSeconds(10);

    private final Run run;
    private final ClassifyConfig settings;
    private final RunData data;
    private final NetworkSpec spec;
    private final Classifier network;
    private final Classification task;
    private final Device device;

    ClassifyPlan(Run run, ClassifyConfig settings, RunData data, NetworkSpec spec, Device device) {
        this.run = run;
        this.settings = settings;
        this.data = data;
        this.spec = spec;
        this.device = device;
        network = (Classifier) spec.build(run.seed(), device);
        task = new Classification(
                network, data.classes().size(), run.data().normalize(), objective(), new Seeds(run.seed()), device);
    }

    private Classification.Objective objective() {
        Optional<float[]> weights = settings.loss().classWeights() == ClassifyConfig.ClassWeights.BALANCED
                ? Optional.of(balancedWeights(data.train(), data.classes().size()))
                : Optional.empty();
        return new Classification.Objective(settings.loss().smoothing(), weights, Optional.ofNullable(settings.mix()));
    }

    /** One over the share of each class, so that their mean over the items is 1; 0 for a class without items. */
    private static float[] balancedWeights(Dataset dataset, int classes) {
        int[] counts = new int[classes];
        dataset.items().forEach(item -> counts[item.label()]++);
        long present = Arrays.stream(counts).filter(count -> count > 0).count();
        float[] weights = new float[classes];
        for (int c = 0; c < classes; c++) {
            weights[c] = counts[c] == 0 ? 0 : (float) dataset.size() / (present * counts[c]);
        }
        return weights;
    }

    @Override
    public NetworkSpec spec() {
        return spec;
    }

    @Override
    public Classifier network() {
        return network;
    }

    @Override
    public Task<LabelledClip> task() {
        return task;
    }

    @Override
    public boolean begin(
            Transfer transfer, Ranks ranks, BiConsumer<Path, String> leftOut, BooleanSupplier stopRequested)
            throws IOException, InterruptedException {
        if (settings.headStart() == ClassifyConfig.HeadStart.SMALL) {
            return true;
        }
        if (transfer.loaded().contains(Classifier.LAST + ".weight")) {
            LOG.info(
                    "last layer: that of the weights, which knows these classes, and no linear probe (task.head-start)");
            return true;
        }
        Dataset train = data.train();
        LOG.info("last layer: a linear probe; reading {} for it (task.head-start)", train.counted());
        Optional<LabelledFeatures> read = LabelledFeatures.of(
                train,
                ranks,
                task::features,
                spec.input(),
                batching(Views.MIDDLE),
                run.data().maxBadShare(),
                leftOut,
                stopRequested,
                spoken("{} of {} read"));
        if (read.isEmpty()) {
            return false;
        }
        LabelledFeatures known = read.get();
        LinearProbe probe = LinearProbe.train(
                known.features(),
                known.labels(),
                data.classes().size(),
                LinearProbe.Config.defaults().choosing(LinearProbe.Best.LOSS),
                run.seed(),
                device,
                spoken("fitted for {} of {} steps")::at);
        task.beginWith(probe.weight(), probe.bias());
        LOG.info(String.format(
                Locale.ROOT,
                "last layer: right on %.1f %% of the %s that its folds left out",
                100 * probe.chosen().top1(),
                train.noun()));
        return true;
    }

    /** A line of the log now and then. */
    private static Progress spoken(String done) {
        long[] last = {System.nanoTime()};
        return (now, of) -> {
            if (System.nanoTime() - last[0] > SPOKEN_EVERY.toNanos()) {
                last[0] = System.nanoTime();
                LOG.info("last layer: " + done, now, of);
            }
        };
    }

    private Batching batching(Views views) {
        return new Batching(views, run.train().microBatch(), run.loader().threadCount());
    }

    @Override
    public SampleMaker<LabelledClip> maker() {
        return new LabelledSamples(run.augment().of(run.data()), erasing());
    }

    private Optional<RandomErasing> erasing() {
        if (settings.erasing() == 0) {
            return Optional.empty();
        }
        return Optional.of(
                run.data().ofImages()
                        ? RandomErasing.images(settings.erasing())
                        : RandomErasing.clips(settings.erasing()));
    }

    @Override
    public Optional<Evaluator> evaluator(Ranks ranks, BiConsumer<Path, String> leftOut) {
        if (data.validation().isEmpty()) {
            return Optional.empty();
        }
        Dataset held = data.validation().get();
        Scoring scoring = new Scoring(
                        held,
                        task::scores,
                        spec.input(),
                        batching(Views.parse(requireNonNull(run.validate()).views())))
                .leavingOut(run.data().maxBadShare(), leftOut)
                .among(ranks);
        return Optional.of((stop, progress) -> scoring.run(stop, progress)
                .map(predictions ->
                        new MeasuredClasses(new Scorecard(Evaluation.of(data.classes(), predictions)), held.size())));
    }

    /** Data that was moved must still number its classes in the same way. */
    @Override
    public void checkResume(NetworkSpec before, String checkpoint) {
        SameClasses.check(
                before.head() instanceof Head.Classes classes ? classes.names() : List.of(),
                data.classes(),
                checkpoint);
    }

    @Override
    public Listener pictures(Samples<LabelledClip> samples, Path folder, EventFile events) {
        return new AugmentedSamples(samples, data.classes(), run, folder, events);
    }

    @Override
    public Pictures drawn(Path folder) throws IOException {
        return new Pictures(AugmentedSamples.of(folder, run.augment(), settings));
    }

    @Override
    public List<HtmlReport.Fact> summary() {
        return List.of(
                new HtmlReport.Fact(
                        "network",
                        String.format(Locale.ROOT, "%,d parameters, reads %s", network.parameterCount(), spec.size())),
                new HtmlReport.Fact("classes", Integer.toString(data.classes().size())));
    }

    @Override
    public String describe() {
        return String.format(
                Locale.ROOT,
                "%s, %,d parameters",
                Plural.of(data.classes().size(), "class", "classes"),
                network.parameterCount());
    }

    @Override
    public void close() {
        network.close();
    }
}
