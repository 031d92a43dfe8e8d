package maskfeat.run;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import maskfeat.data.Dataset;
import maskfeat.data.Splits;
import maskfeat.feature.HogTarget;
import maskfeat.feature.TargetConfig;
import maskfeat.mask.CubeMask;
import maskfeat.mask.MaskStrategy;
import maskfeat.model.Backbone;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import org.bytedeco.pytorch.Device;

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
    public MaskedConfig {
        depths = List.copyOf(depths);
    }

    /** What {@code kind: masked} begins with: HOG of 40 % of the cubes of a clip. */
    public static MaskedConfig defaults() {
        return new MaskedConfig(List.of(), CubeMask.of(0.4), HogTarget.Config.paper());
    }

    private Head.Prediction head() {
        return new Head.Prediction(depths, mask, target);
    }

    @Override
    public String command() {
        return "pretrain";
    }

    @Override
    public void check(Run.Data data, Backbone.Config model, Run.Train train) {
        head().check(data.input(), model);
    }

    @Override
    public NetworkSpec spec(Run run, RunData data) {
        return new NetworkSpec(run.data().input(), run.model(), head());
    }

    @Override
    public TaskPlan<?> plan(Run run, RunData data, Device device) {
        return new MaskedPlan(run, data, spec(run, data), head(), device);
    }

    @Override
    public RunData open(Run run) throws IOException {
        List<String> notices = new ArrayList<>();
        Dataset train =
                Splits.unlabelled(RunData.source(run, "train"), run.data().clip(), notices::add);
        return RunData.unlabelled(train, notices);
    }
}
