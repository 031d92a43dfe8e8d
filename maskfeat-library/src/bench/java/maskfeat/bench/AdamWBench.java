package maskfeat.bench;

import java.util.List;
import java.util.Map;
import maskfeat.feature.HogTarget;
import maskfeat.mask.BlockMask;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.nn.Layer;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.torch.Natives;
import maskfeat.torch.Threads;
import maskfeat.train.AdamW;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * AdamW on the parameters of ViT-B: one fused call with norm, clipping and guard, against libtorch's loop with its
 * clipping before it, in turn. Arguments: {@code threads=2 steps=9}.
 */
public final class AdamWBench {
    private static final int WARM_UP = 2;

    private AdamWBench() {}

    public static void main(String[] args) {
        Threads.use(Timings.argument(args, "threads", 2));
        int steps = Timings.argument(args, "steps", 15);
        System.out.println(Natives.load().summary());
        Run run = Recipes.named("in1k-vit-b-pt");
        NetworkSpec network = new NetworkSpec(
                run.data().input(),
                run.model(),
                new Head.Prediction(List.of(), BlockMask.of(0.4), HogTarget.Config.paper()));
        try (Layer ours = network.build(0, new Device("cpu"));
                Layer theirs = network.build(0, new Device("cpu"));
                AdamW fused = new AdamW(ours.parameters(), run.optim().adamw())) {
            TensorVector parameters =
                    new TensorVector(theirs.parameters().values().toArray(Tensor[]::new));
            AdamWOptions options = new AdamWOptions(1e-4);
            options.weight_decay().put(run.optim().adamw().weightDecay());
            org.bytedeco.pytorch.AdamW loop = new org.bytedeco.pytorch.AdamW(parameters, options);
            Timings timings = new Timings();
            for (int i = -WARM_UP; i < steps; i++) {
                boolean counts = i >= 0;
                setGradients(ours.parameters());
                try (PointerScope scope = new PointerScope()) {
                    timings.time("fused step", counts, () -> fused.step(1e-4).item_float());
                }
                setGradients(theirs.parameters());
                try (PointerScope scope = new PointerScope()) {
                    timings.time("libtorch's loop", counts, () -> {
                        torch.clip_grad_norm_(parameters, 0.02);
                        loop.step();
                        loop.zero_grad();
                    });
                }
            }
            timings.print("libtorch's loop");
        }
    }

    private static void setGradients(Map<String, Tensor> parameters) {
        try (PointerScope scope = new PointerScope()) {
            for (Tensor parameter : parameters.values()) {
                parameter.mutable_grad().put(torch.randn_like(parameter.detach()));
            }
        }
    }
}
