package maskfeat.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import maskfeat.augment.Augment;
import maskfeat.augment.HorizontalFlip;
import maskfeat.augment.Pipeline;
import maskfeat.augment.Recolour;
import maskfeat.data.Loader;
import maskfeat.data.SampleMaker;
import maskfeat.data.Samples;
import maskfeat.data.TwoViewSamples;
import maskfeat.data.TwoViews;
import maskfeat.model.Backbone;
import maskfeat.model.Contrast;
import maskfeat.network.ContrastHead;
import maskfeat.network.NetworkSpec;
import maskfeat.network.Transfer;
import maskfeat.report.EventFile;
import maskfeat.report.HtmlReport;
import maskfeat.task.Contrastive;
import maskfeat.torch.Ranks;
import maskfeat.train.Listener;
import maskfeat.train.Task;
import org.bytedeco.pytorch.Device;

/** {@link ContrastConfig} put together. */
final class ContrastPlan implements TaskPlan<TwoViews> {
    private final Run run;
    private final ContrastConfig settings;
    private final RunData data;
    private final NetworkSpec spec;
    private final Contrast network;
    private final Contrast.Encoder slow;
    private final Contrastive task;

    ContrastPlan(Run run, ContrastConfig settings, RunData data, NetworkSpec spec, Device device) {
        this.run = run;
        this.settings = settings;
        this.data = data;
        this.spec = spec;
        network = (Contrast) spec.build(run.seed(), device);
        slow = NetworkSpec.on(device, run.seed(), init -> settings.head().encoder(spec.input(), spec.backbone(), init));
        int stepsPerEpoch = Loader.stepsPerEpoch(
                data.train().size(), run.train().stepSize(), run.augment().repeat());
        task = new Contrastive(
                network,
                slow,
                run.data().normalize(),
                settings.temperature(),
                new Contrastive.Momentum(
                        settings.momentum(), stepsPerEpoch, run.train().epochs()),
                device);
    }

    @Override
    public NetworkSpec spec() {
        return spec;
    }

    @Override
    public Contrast network() {
        return network;
    }

    @Override
    public List<Backbone> backbones() {
        return List.of(network.backbone(), slow.backbone());
    }

    @Override
    public Task<TwoViews> task() {
        return task;
    }

    @Override
    public void among(Ranks ranks) {
        task.among(ranks);
    }

    @Override
    public boolean begin(
            Transfer transfer, Ranks ranks, BiConsumer<Path, String> leftOut, BooleanSupplier stopRequested) {
        task.begin();
        return true;
    }

    @Override
    public boolean keeps(String parameter) {
        return !ContrastHead.isForTraining(parameter);
    }

    @Override
    public SampleMaker<TwoViews> maker() {
        return new TwoViewSamples(view(settings.first()), view(settings.second()));
    }

    private Augment view(Recolour recolour) {
        return Pipeline.of(
                run.augment().crop().of(run.data().side(), run.data().resize()),
                recolour,
                new HorizontalFlip(run.augment().flip()));
    }

    @Override
    public Listener pictures(Samples<TwoViews> samples, Path folder, EventFile events) {
        return new ViewPairs(samples, data.train(), run, folder, events);
    }

    @Override
    public Pictures drawn(Path folder) throws IOException {
        return new Pictures(ViewPairs.of(folder));
    }

    @Override
    public List<HtmlReport.Fact> summary() {
        return List.of(
                new HtmlReport.Fact(
                        "network",
                        String.format(
                                Locale.ROOT,
                                "%,d parameters, reads %s; positions are fixed sines and cosines of row and column, the patch"
                                        + " projection stays as it began; projector and predictor are thrown away",
                                network.parameterCount(),
                                spec.size())),
                new HtmlReport.Fact(
                        "task",
                        "of the " + run.train().microBatch()
                                + " images of a batch, find the one that another view is of"));
    }

    @Override
    public String describe() {
        return String.format(
                Locale.ROOT,
                "each view finds its image among %d, momentum from %s; %,d parameters",
                run.train().microBatch(),
                settings.momentum(),
                network.parameterCount());
    }

    @Override
    public void close() {
        task.close();
        slow.close();
        network.close();
    }
}
