package maskfeat.train;

import maskfeat.data.Loader;
import org.jspecify.annotations.Nullable;

/** Measures how long steps take and how long they wait for data. Training does not depend on it. */
final class Stopwatch {
    private @Nullable Loader<?> loader;
    private long lapStart = System.nanoTime();
    private long lastSave = lapStart;
    private double waitedAtLap;
    private long steps;
    private long samples;

    void start(Loader<?> batches) {
        loader = batches;
        waitedAtLap = batches.waitedSeconds();
        lapStart = System.nanoTime();
        lastSave = lapStart;
    }

    void count(int size) {
        steps++;
        samples += size;
    }

    double samplesPerSecond() {
        return samples / seconds();
    }

    double stepSeconds() {
        return seconds() / Math.max(1, steps);
    }

    /** Part of the time since the last lap that the step waited for data. */
    double dataShare() {
        double waited = loader == null ? 0 : loader.waitedSeconds() - waitedAtLap;
        return Math.min(1, waited / seconds());
    }

    void lap() {
        waitedAtLap = loader == null ? 0 : loader.waitedSeconds();
        lapStart = System.nanoTime();
        steps = 0;
        samples = 0;
    }

    /** Restarts a lap without steps, so that time that listeners take at an epoch's end does not count as a step's. */
    void pause() {
        if (steps == 0) {
            lap();
        }
    }

    double secondsSinceSave() {
        return (System.nanoTime() - lastSave) * 1e-9;
    }

    void saved() {
        lastSave = System.nanoTime();
    }

    private double seconds() {
        return Math.max(1e-9, (System.nanoTime() - lapStart) * 1e-9);
    }
}
