package maskfeat.torch;

/** Has the processor taken for another one: libtorch emulates bfloat16 everywhere, so each kind's way can be tried on all. */
public final class TakenDetours implements AutoCloseable {
    private TakenDetours() {}

    /** Until it is closed, products in bfloat16 go the ways that pay on such a processor. */
    public static TakenDetours of(Bfloat16 processor) {
        Detour.take(Detour.of(processor));
        return new TakenDetours();
    }

    /** Until it is closed, products in bfloat16 go the ways of these names. */
    public static TakenDetours named(String... names) {
        Detour.take(java.util.Arrays.stream(names).map(Detour::valueOf).collect(java.util.stream.Collectors.toSet()));
        return new TakenDetours();
    }

    @Override
    public void close() {
        Detour.take(Detour.of(Bfloat16.ofProcessor()));
    }
}
