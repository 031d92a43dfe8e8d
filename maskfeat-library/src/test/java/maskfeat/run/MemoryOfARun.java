package maskfeat.run;

import maskfeat.settings.Settings;

/** Makes some steps of a run and prints the memory that was estimated and the most that was used, in MiB. */
final class MemoryOfARun {
    private MemoryOfARun() {}

    /** @param args a recipe, and assignments */
    public static void main(String[] args) throws Exception {
        Settings<Run> settings = Recipes.BOOK.settings(args[0]);
        for (int i = 1; i < args.length; i++) {
            settings = settings.set(args[i]);
        }
        Run run = settings.value();
        try (Training training = Training.of(run, RunData.open(run))) {
            double estimate = training.memory(MachineMemory.now()).total();
            training.measure(1);
            System.out.println(estimate / (1 << 20) + " " + MachineMemory.now().peak() / (1 << 20));
        }
    }
}
