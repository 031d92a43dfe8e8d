package maskfeat.torch;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a processor computes in another way in bfloat16, because libtorch 2.10's own way is slow there. A table of what was
 * measured on each kind of processor; the benchmark {@code Bfloat16Bench} measures it again.
 */
enum Detour {
    /**
     * Products and a softmax in place of fused attention, whose backward falls into a scalar loop: against a step of ViT-B in
     * float32, one with it takes 1.42 times as long and one without 0.52 (AVX512-BF16), or 1.06 and 0.43 (AMX).
     */
    ATTENTION(Bfloat16.AMX, Bfloat16.AVX512, Bfloat16.NONE),
    /**
     * The bias of a linear layer added after the product. With both in one, libtorch's float32 products by way of bfloat16 stay on
     * a kernel without tiles, at a quarter of the rate (AMX); autocast was not measured apart. With AVX512-BF16 it is the same
     * either way, to 4 %.
     */
    BIAS(Bfloat16.AMX),
    /**
     * Depthwise convolutions with a stride in float32: a step of MViTv2-S takes 0.54 of float32's time with it and 0.88 without
     * (AVX512-BF16); their backward alone 2.3 s of it (AMX).
     */
    STRIDED_DEPTHWISE(Bfloat16.AMX, Bfloat16.AVX512, Bfloat16.NONE);

    private static volatile Set<Detour> taken = EnumSet.noneOf(Detour.class);

    static {
        take(of(Bfloat16.ofProcessor()));
    }

    private final Set<Bfloat16> where;

    Detour(Bfloat16... where) {
        this.where = Set.of(where);
    }

    /** Those that pay on a kind of processor. */
    static Set<Detour> of(Bfloat16 processor) {
        Set<Detour> those = EnumSet.noneOf(Detour.class);
        for (Detour detour : values()) {
            if (detour.where.contains(processor)) {
                those.add(detour);
            }
        }
        return those;
    }

    /** Takes these from now on, in place of those of this machine's processor: for tests and benchmarks. */
    static void take(Set<Detour> detours) {
        taken = detours;
    }

    /** Whether this thread computes in bfloat16, on a processor where this one pays. */
    boolean isTaken() {
        return taken.contains(this) && Autocast.isOnProcessor();
    }
}
