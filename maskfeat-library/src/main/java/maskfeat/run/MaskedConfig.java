package maskfeat.run;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import maskfeat.feature.HogTarget;
import maskfeat.feature.PseudoLabels;
import maskfeat.feature.TargetConfig;
import maskfeat.mask.CubeMask;
import maskfeat.mask.MaskStrategy;
import maskfeat.model.Backbone;
import maskfeat.network.Head;
import maskfeat.network.LabelMapFiles;
import maskfeat.network.NetworkSpec;
import maskfeat.report.Yardstick;
import org.bytedeco.pytorch.Device;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Masked feature prediction (Wei et al. 2022): pre-training without labels.
 *
 * @param depths blocks after which is predicted, counted from 0, ascending; {@code []} for the last alone. Later blocks are left
 *     out of the network
 * @param mask what is hidden
 * @param target what is predicted
 */
@JsonTypeName("masked")
public record MaskedConfig(List<Integer> depths, MaskStrategy mask, TargetConfig target) implements TaskConfig {
    private static final Logger LOG = LoggerFactory.getLogger("maskfeat");

    public MaskedConfig {
        depths = List.copyOf(depths);
    }

    /** What {@code kind: masked} begins with: HOG of 40 % of the cubes of a clip. */
    public static MaskedConfig defaults() {
        return new MaskedConfig(List.of(), CubeMask.of(0.4), HogTarget.Config.paper());
    }

    @Override
    public Yardstick lossOf(Run.Train train) {
        String targets =
                target.parts().stream().map(part -> part.target().kind()).collect(Collectors.joining(" and "));
        return new Yardstick(targets, Map.of("task", kind(), "loss", depths + " " + target));
    }

    @Override
    public boolean hasBaseline() {
        return true;
    }

    private Head.Prediction head(TargetConfig of) {
        return new Head.Prediction(depths, mask, of);
    }

    @Override
    public String command() {
        return "pretrain";
    }

    @Override
    public void check(Run.Data data, Backbone.Config model, Run.Train train) {
        head(target).check(data.input(), model);
    }

    @Override
    public NetworkSpec spec(Run run, RunData data) {
        return spec(run, target);
    }

    @Override
    public TaskPlan<?> plan(Run run, RunData data, Device device) {
        FrozenTeachers teachers = FrozenTeachers.open(target, run.data().side(), device);
        teachers.notes().forEach(LOG::info);
        try {
            return new MaskedPlan(run, data, spec(run, teachers.target()), head(teachers.target()), teachers, device);
        } catch (RuntimeException failed) {
            teachers.close();
            throw failed;
        }
    }

    private NetworkSpec spec(Run run, TargetConfig of) {
        return new NetworkSpec(run.data().input(), run.model(), head(of));
    }

    @Override
    public RunData open(Run run) throws IOException {
        FrozenTeachers.check(target, run);
        RunData data = RunData.unlabelled(run);
        for (TargetConfig.Weighted part : target.parts()) {
            if (part.target() instanceof PseudoLabels labels && !labels.hasNetwork()) {
                new LabelMapFiles(labels.maps())
                        .check(data.train().source(), data.train().items());
            }
        }
        return data;
    }
}
