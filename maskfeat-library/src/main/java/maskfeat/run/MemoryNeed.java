package maskfeat.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * About how much memory a training takes, in bytes, from what it is made of.
 *
 * @param program what is there but for what follows: the JVM, libtorch, frozen networks
 * @param weights with their gradients, the optimizer's moments and the moving average
 * @param microBatch what goes through the network together, and what the backward pass needs of it
 * @param data samples that are made ready, and those of the micro-batch at hand, or of its step where they are needed together
 */
record MemoryNeed(double program, double weights, double microBatch, double data) {
    /** Part of what is free that a run may be planned to take: the estimate is not exact, and others use the machine too. */
    static final double PART = 0.85;

    /** What the first steps add to the program: compiled code, buffers of the kernels, files being decoded. As measured. */
    static final double WORKING = 0.2 * (1 << 30);

    private static final double LITTLE = 0.05 * (1 << 30);

    double total() {
        return program + weights + microBatch + data;
    }

    /** Whether it fits into what is free and what the process has already. */
    boolean fits(MachineMemory machine) {
        return !(total() > PART * (machine.free() + machine.used())); // where the system does not tell, it is tried
    }

    /** In words, such as "about 2.0 GiB: 0.3 program, 1.3 weights and optimizer, 0.4 a micro-batch of 4". */
    String text(int batch) {
        List<String> parts = new ArrayList<>();
        part("program", program).ifPresent(parts::add);
        part("weights, gradients and optimizer", weights).ifPresent(parts::add);
        part("a micro-batch of " + batch, microBatch).ifPresent(parts::add);
        part("data made ready", data).ifPresent(parts::add);
        return "about " + MachineMemory.text(total()) + ": " + String.join(", ", parts);
    }

    private static Optional<String> part(String name, double bytes) {
        return bytes < LITTLE
                ? Optional.empty()
                : Optional.of(String.format(Locale.ROOT, "%.1f %s", bytes / (1 << 30), name));
    }
}
