package maskfeat.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import maskfeat.data.MaskedClip;
import maskfeat.data.MaskedSamples;
import maskfeat.data.SampleMaker;
import maskfeat.data.Samples;
import maskfeat.model.MaskFeat;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.network.Targets;
import maskfeat.report.EventFile;
import maskfeat.report.HtmlReport;
import maskfeat.task.MaskedPrediction;
import maskfeat.train.Listener;
import maskfeat.train.Task;
import org.bytedeco.pytorch.Device;

/** {@link MaskedConfig} put together. */
final class MaskedPlan implements TaskPlan<MaskedClip> {
    private final Run run;
    private final RunData data;
    private final NetworkSpec spec;
    private final Head.Prediction head;
    private final Targets targets;
    private final MaskFeat network;
    private final MaskedPrediction task;

    MaskedPlan(Run run, RunData data, NetworkSpec spec, Head.Prediction head, Device device) {
        this.run = run;
        this.data = data;
        this.spec = spec;
        this.head = head;
        targets = head.targets(spec.input(), spec.backbone());
        network = NetworkSpec.on(device, run.seed(), init -> head.build(spec.input(), spec.backbone(), init));
        task = new MaskedPrediction(network, run.data().normalize(), targets, device);
    }

    @Override
    public NetworkSpec spec() {
        return spec;
    }

    @Override
    public MaskFeat network() {
        return network;
    }

    @Override
    public Task<MaskedClip> task() {
        return task;
    }

    @Override
    public SampleMaker<MaskedClip> maker() {
        return new MaskedSamples(run.augment().of(run.data()), head.mask(), targets.maskGrid(), targets);
    }

    @Override
    public Listener pictures(Samples<MaskedClip> samples, Path folder, EventFile events) {
        return new Reconstructions(task, data.train(), samples, run, folder, events);
    }

    @Override
    public Pictures drawn(Path folder) throws IOException {
        return new Pictures(Reconstructions.of(folder), List.of());
    }

    @Override
    public List<HtmlReport.Fact> summary() {
        Targets.Depth last = targets.last();
        return List.of(
                new HtmlReport.Fact(
                        "network",
                        String.format(
                                Locale.ROOT,
                                "%,d parameters, %s tokens of %d px",
                                network.parameterCount(),
                                targets.maskGrid(),
                                spec.backbone().patch(last.block()))),
                new HtmlReport.Fact(
                        "target",
                        last.target().dim() + " numbers for each hidden token, "
                                + Math.round(100 * head.mask().ratio()) + " % of tokens hidden"));
    }

    @Override
    public String describe() {
        Targets.Depth last = targets.last();
        return String.format(
                Locale.ROOT,
                "%s tokens of %d px, %d numbers to predict for each hidden one; %,d parameters",
                targets.maskGrid(),
                spec.backbone().patch(last.block()),
                last.target().dim(),
                network.parameterCount());
    }

    @Override
    public void close() {
        network.close();
    }
}
