package maskfeat.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import maskfeat.data.MaskedClip;
import maskfeat.data.MaskedSamples;
import maskfeat.data.SampleMaker;
import maskfeat.data.Samples;
import maskfeat.feature.Target;
import maskfeat.feature.TeacherTarget;
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
    private final FrozenTeachers teachers;

    /** @param teachers closed with this */
    MaskedPlan(Run run, RunData data, NetworkSpec spec, Head.Prediction head, FrozenTeachers teachers, Device device) {
        this.run = run;
        this.data = data;
        this.spec = spec;
        this.head = head;
        targets = head.targets(spec.input(), spec.backbone());
        network = NetworkSpec.on(device, run.seed(), init -> head.build(spec.input(), spec.backbone(), init));
        this.teachers = teachers;
        task = new MaskedPrediction(network, run.data().normalize(), targets, teachers.byTarget(), device);
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
        return new Pictures(Reconstructions.of(folder), Reconstructions.rows(folder), List.of());
    }

    @Override
    public List<HtmlReport.Fact> summary() {
        Targets.Depth last = targets.last();
        List<HtmlReport.Fact> facts = new ArrayList<>();
        facts.add(new HtmlReport.Fact(
                "network",
                String.format(
                        Locale.ROOT,
                        "%,d parameters, %s tokens of %d px",
                        network.parameterCount(),
                        targets.maskGrid(),
                        spec.backbone().patch(last.block()))));
        facts.add(new HtmlReport.Fact(
                "target",
                outputs() + " for each hidden token, "
                        + Math.round(100 * head.mask().ratio()) + " % of tokens hidden"));
        teachers.descriptions().forEach(each -> facts.add(new HtmlReport.Fact("teacher", each)));
        return facts;
    }

    /** As in "108 numbers", "108 numbers (hog) and 192 numbers (pixels)" or "... (features_2 of other.safetensors)". */
    private String outputs() {
        List<String> names = targets.names();
        List<Integer> ofLast = IntStream.range(0, names.size())
                .filter(i -> targets.depths().get(i).block() == targets.last().block())
                .boxed()
                .toList();
        Map<String, Long> kinds = ofLast.stream()
                .collect(Collectors.groupingBy(
                        i -> targets.depths().get(i).target().name(), Collectors.counting()));
        if (ofLast.size() == 1) {
            return targets.last().target().dim() + " numbers";
        }
        return ofLast.stream()
                .map(i -> {
                    Target target = targets.depths().get(i).target();
                    boolean several = kinds.getOrDefault(target.name(), 0L) > 1;
                    return target.dim() + " numbers (" + (several ? names.get(i) + from(target) : target.name()) + ")";
                })
                .collect(Collectors.joining(" and "));
    }

    /** The file that a target of a frozen network comes from. */
    private static String from(Target target) {
        return target instanceof TeacherTarget of && of.teacher().file() != null
                ? " of " + of.teacher().file()
                : "";
    }

    @Override
    public String describe() {
        Targets.Depth last = targets.last();
        return String.format(
                Locale.ROOT,
                "%s tokens of %d px, %s to predict for each hidden one; %,d parameters",
                targets.maskGrid(),
                spec.backbone().patch(last.block()),
                outputs(),
                network.parameterCount());
    }

    /** A run goes on with the same frozen networks, wherever their files are now. */
    @Override
    public void checkResume(NetworkSpec before, String checkpoint) {
        if (before.head() instanceof Head.Prediction predicted) {
            FrozenTeachers.checkSame(predicted.target(), head.target(), checkpoint);
        }
    }

    @Override
    public void close() {
        network.close();
        teachers.close();
    }
}
