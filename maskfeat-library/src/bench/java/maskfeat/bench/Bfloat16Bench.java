package maskfeat.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import maskfeat.model.ClipSize;
import maskfeat.model.MaskFeat;
import maskfeat.nn.Init;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.torch.Arrays;
import maskfeat.torch.Bfloat16;
import maskfeat.torch.Natives;
import maskfeat.torch.Precision;
import maskfeat.torch.TakenDetours;
import maskfeat.torch.Threads;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Forward and backward of pre-training in float32 and in bfloat16: with libtorch's own operators, and with each of the ways around
 * those of them that are slow, which are what the table in {@code Detour} is made from. On one thread and in its processor time,
 * in turn, so that other work on the machine counts little. Arguments, batches and rounds, of which 0 leaves one out:
 * {@code vit=2 mvit=1 image=32 video=16 rounds=5}.
 */
public final class Bfloat16Bench {
    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();
    private static final int OUTPUTS = 108;
    private static final double HIDDEN = 0.4;

    private static final Map<String, String[]> WAYS = new LinkedHashMap<>();

    static {
        WAYS.put("bfloat16, libtorch's own ways", new String[] {});
        WAYS.put("+ attention as products", new String[] {"ATTENTION"});
        WAYS.put("+ bias added by itself", new String[] {"ATTENTION", "BIAS"});
        WAYS.put("+ strided convolutions in float32", new String[] {"ATTENTION", "BIAS", "STRIDED_DEPTHWISE"});
        WAYS.put("the last without the bias by itself", new String[] {"ATTENTION", "STRIDED_DEPTHWISE"});
    }

    private Bfloat16Bench() {}

    public static void main(String[] args) {
        Threads.use(1);
        System.out.println(Natives.load().summary() + ", " + Bfloat16.ofProcessor().word());
        int rounds = Timings.argument(args, "rounds", 5);
        network("in1k-vit-b-pt", Timings.argument(args, "vit", 2), rounds);
        network("k400-mvitv2-s-16x4-pt", Timings.argument(args, "mvit", 1), rounds);
        network("sample-image", Timings.argument(args, "image", 32), 3 * rounds);
        network("sample-video", Timings.argument(args, "video", 16), 3 * rounds);
    }

    private static void network(String recipe, int batch, int rounds) {
        if (batch == 0) {
            return;
        }
        System.out.printf("%n%s, batch %d%n", recipe, batch);
        Run run = Recipes.named(recipe);
        ClipSize size = run.data().input().size();
        Random random = new Random(1);
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                MaskFeat model = new MaskFeat(run.model().build(size, init), OUTPUTS, init)) {
            Tensor frames = torch.randn(new long[] {batch, 3, size.frames(), size.height(), size.width()});
            boolean[] hidden = new boolean[batch * run.model().embedGrid(size).size()];
            for (int i = 0; i < hidden.length; i++) {
                hidden[i] = random.nextDouble() < HIDDEN;
            }
            int tokens = batch * run.model().grid(size).size();
            long[] rows = new long[(int) (HIDDEN * tokens)];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = (long) i * tokens / rows.length;
            }
            Tensor mask = Arrays.tensor(hidden, batch, hidden.length / batch);
            Tensor wanted = torch.rand(new long[] {rows.length, OUTPUTS});
            Tensor at = Arrays.tensor(rows, rows.length);
            Timings timings = new Timings();
            for (int round = -1; round < rounds; round++) {
                boolean counts = round >= 0;
                model.backbone().compute(Precision.FLOAT32, Precision.FLOAT32);
                step(timings, "float32", counts, model, frames, mask, at, wanted);
                model.backbone().compute(Precision.BFLOAT16, Precision.FLOAT32);
                WAYS.forEach((name, detours) -> {
                    try (TakenDetours taken = TakenDetours.named(detours)) {
                        step(timings, name, counts, model, frames, mask, at, wanted);
                    }
                });
            }
            timings.print("float32");
        }
    }

    private static void step(
            Timings timings, String name, boolean counts, MaskFeat model, Tensor frames, Tensor mask, Tensor at, Tensor wanted) {
        long start = THREAD.getCurrentThreadCpuTime();
        try (PointerScope scope = new PointerScope()) {
            Tensor loss = torch.mse_loss(model.forward(frames, mask, List.of(at)).get(0), wanted);
            loss.backward();
            model.parameters().values().forEach(parameter -> parameter.mutable_grad().reset());
        }
        if (counts) {
            timings.add(name, (THREAD.getCurrentThreadCpuTime() - start) * 1e-9);
        }
    }
}
