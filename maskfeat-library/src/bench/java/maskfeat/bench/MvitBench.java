package maskfeat.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import maskfeat.model.ClipSize;
import maskfeat.model.Mvit;
import maskfeat.model.PlainMvit;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.torch.Natives;
import maskfeat.torch.Threads;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Forward and backward of MViTv2-S in pre-training on clips of 16 frames of 224 px, against the published formulation in
 * turn. Arguments: {@code batch=1 threads=1 steps=3}.
 */
public final class MvitBench {
    private static final double HIDDEN = 0.4;

    private MvitBench() {}

    public static void main(String[] args) {
        Threads.use(Timings.argument(args, "threads", 1));
        int batch = Timings.argument(args, "batch", 1);
        int steps = Timings.argument(args, "steps", 3);
        boolean plainToo = Timings.argument(args, "plain", 1) == 1;
        System.out.println(Natives.load().summary());
        Mvit.Config config = Mvit.Config.small();
        ClipSize size = ClipSize.square(16, 224);
        Timings timings = new Timings();
        try (Init init = new Init(0);
                Mvit mvit = (Mvit) config.build(size, init)) {
            for (int i = -1; i < steps; i++) {
                step(timings, i >= 0, "fast", mvit, plain(mvit), batch, config.grid(size).size());
                if (plainToo) {
                    step(timings, i >= 0, "plain", mvit, plain(mvit), batch, config.grid(size).size());
                }
            }
        }
        timings.print(plainToo ? "plain: both" : "fast: both");
    }

    private static void step(
            Timings timings, boolean counts, String form, Mvit mvit, PlainMvit plain, int batch, int tokens) {
        try (PointerScope scope = new PointerScope()) {
            Random random = new Random(0);
            float[] pixels = new float[batch * 3 * 16 * 224 * 224];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (float) random.nextGaussian();
            }
            Tensor frames = Arrays.tensor(pixels, batch, 3, 16, 224, 224);
            long[] hidden = random.longs(0, (long) batch * tokens)
                    .distinct()
                    .limit((long) (HIDDEN * batch * tokens))
                    .sorted()
                    .toArray();
            Tensor rows = Arrays.tensor(hidden, hidden.length);
            Tensor[] y = new Tensor[1];
            timings.time(form + ": both", counts, () -> {
                timings.time(form + ": forward", counts, () -> y[0] = form.equals("fast")
                        ? mvit.encode(mvit.embed(frames), rows)
                        : plain.encode(plain.embed(frames)).patches().flatten(0, 1).index_select(0, rows));
                timings.time(form + ": backward", counts, () -> y[0].square().mean().backward());
            });
            for (Tensor parameter : mvit.parameters().values()) {
                parameter.mutable_grad().reset();
            }
        }
    }

    private static PlainMvit plain(Mvit mvit) {
        int[] stages = {1, 2, 11, 2};
        List<PlainMvit.Block> blocks = new ArrayList<>();
        int kv = 8;
        for (int stage = 0; stage < stages.length; stage++) {
            for (int i = 0; i < stages[stage]; i++) {
                int q = i == 0 && stage > 0 && stage < stages.length - 1 ? 2 : 1;
                kv /= q;
                boolean widens = i == stages[stage] - 1 && stage < stages.length - 1;
                int dim = 96 << stage;
                blocks.add(new PlainMvit.Block(
                        1 << stage,
                        dim,
                        widens ? 2 * dim : dim,
                        new PlainMvit.Stride(1, q, q),
                        new PlainMvit.Stride(1, kv, kv)));
            }
        }
        return new PlainMvit(
                new PlainMvit.Sizes(new PlainMvit.Stride(2, 4, 4), blocks, false, true), mvit.parameters());
    }
}
