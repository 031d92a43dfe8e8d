package maskfeat.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import maskfeat.augment.Augment;
import maskfeat.augment.WholeFrame;
import maskfeat.data.ActorClip;
import maskfeat.data.ActorSamples;
import maskfeat.data.KeyFrameDataset;
import maskfeat.data.SampleMaker;
import maskfeat.data.Samples;
import maskfeat.disk.Plural;
import maskfeat.infer.BoxScores;
import maskfeat.infer.DetectionScoring;
import maskfeat.model.Detector;
import maskfeat.network.ActionHead;
import maskfeat.network.Input;
import maskfeat.network.NetworkSpec;
import maskfeat.report.EventFile;
import maskfeat.report.HtmlReport;
import maskfeat.report.MeasuredActions;
import maskfeat.task.ActionDetection;
import maskfeat.torch.Ranks;
import maskfeat.train.Listener;
import maskfeat.train.Task;
import org.bytedeco.pytorch.Device;

/** {@link DetectConfig} put together. */
final class DetectPlan implements TaskPlan<ActorClip> {
    private final Run run;
    private final DetectConfig settings;
    private final KeyFrameDataset train;
    private final Optional<KeyFrameDataset> validation;
    private final NetworkSpec spec;
    private final Detector network;
    private final ActionDetection task;
    private final BoxScores scores;

    DetectPlan(Run run, DetectConfig settings, RunData data, NetworkSpec spec, Device device) {
        this.run = run;
        this.settings = settings;
        this.spec = spec;
        train = (KeyFrameDataset) data.train();
        validation = data.validation().map(KeyFrameDataset.class::cast);
        network = (Detector) spec.build(run.seed(), device);
        task = new ActionDetection(network, train.classes().size(), run.data().normalize(), device);
        scores = new BoxScores(spec, network, device);
    }

    @Override
    public NetworkSpec spec() {
        return spec;
    }

    @Override
    public Detector network() {
        return network;
    }

    @Override
    public Task<ActorClip> task() {
        return task;
    }

    @Override
    public SampleMaker<ActorClip> maker() {
        return new ActorSamples(train, run.augment().of(run.data()), settings.boxRule(), settings.leastVisible());
    }

    /** What a detector sees of a clip where nothing is drawn. */
    static Augment frame(NetworkSpec spec, boolean whole) {
        Input input = spec.input();
        return whole
                ? new WholeFrame(input.side(), spec.backbone().patch(), input.resize())
                : (frames, random) -> input.crop(1).apply(frames, 0);
    }

    @Override
    public Optional<Evaluator> evaluator(Ranks ranks, BiConsumer<Path, String> leftOut) {
        if (validation.isEmpty()) {
            return Optional.empty();
        }
        KeyFrameDataset held = validation.get();
        DetectionScoring scoring = new DetectionScoring(
                held,
                frame(spec, settings.wholeFrames()),
                settings.boxRule(),
                settings.protocol(),
                run.train().microBatch(),
                run.loader().threadCount(),
                ranks);
        return Optional.of((stop, progress) -> scoring.evaluate(
                        scores,
                        run.data().maxBadShare(),
                        leftOut,
                        held.actions().counted(),
                        settings.iou(),
                        stop,
                        progress)
                .map(found -> new MeasuredActions(found, held.size())));
    }

    /** Data that was moved must still number its actions in the same way. */
    @Override
    public void checkResume(NetworkSpec before, String checkpoint) {
        SameClasses.check(
                before.head() instanceof ActionHead head ? head.names() : List.of(), train.classes(), checkpoint);
    }

    @Override
    public Listener pictures(Samples<ActorClip> samples, Path folder, EventFile events) {
        return new AnnotatedSamples(samples, train.classes(), run.report(), folder, events);
    }

    @Override
    public Pictures drawn(Path folder) throws IOException {
        return new Pictures(AnnotatedSamples.of(folder));
    }

    @Override
    public List<HtmlReport.Fact> summary() {
        return List.of(
                new HtmlReport.Fact(
                        "network",
                        String.format(Locale.ROOT, "%,d parameters, reads %s", network.parameterCount(), spec.size())),
                new HtmlReport.Fact("actions", Integer.toString(train.classes().size())));
    }

    @Override
    public String describe() {
        return String.format(
                Locale.ROOT,
                "%s, %,d parameters",
                Plural.of(train.classes().size(), "action"),
                network.parameterCount());
    }

    @Override
    public void close() {
        scores.close();
        network.close();
    }
}
