package maskfeat.train;

import java.util.function.DoubleSupplier;
import maskfeat.data.Loader;
import maskfeat.torch.Ranks;
import org.jspecify.annotations.Nullable;

/** Measures how long steps take and how long they wait for data and for frozen networks. Training does not depend on it. */
final class Stopwatch {
    private final DoubleSupplier teacherSeconds;
    private Ranks ranks = Ranks.ALONE;
    private @Nullable Loader<?> loader;
    private long lapStart = System.nanoTime();
    private long lastSave = lapStart;
    private double waitedAtLap;
    private double teachersAtLap;
    private double ranksAtLap;
    private long steps;
    private long samples;
    private double flops;
    private long leftOut;

    /** @param teacherSeconds time spent in frozen networks so far; NaN where there are none */
    Stopwatch(DoubleSupplier teacherSeconds) {
        this.teacherSeconds = teacherSeconds;
    }

    /** Measures the time spent with other ranks too. */
    void among(Ranks others) {
        ranks = others;
    }

    void start(Loader<?> batches) {
        loader = batches;
        waitedAtLap = batches.waitedSeconds();
        teachersAtLap = teacherSeconds.getAsDouble();
        ranksAtLap = ranks.seconds();
        lapStart = System.nanoTime();
        lastSave = lapStart;
    }

    void count(int size, double operations) {
        steps++;
        samples += size;
        flops += operations;
    }

    double samplesPerSecond() {
        return samples / seconds();
    }

    double stepSeconds() {
        return seconds() / Math.max(1, steps);
    }

    /** Operations a second since the last lap, the time of waiting included. */
    double flopsPerSecond() {
        return flops / seconds();
    }

    /** Part of the time since the last lap that the step waited for data. */
    double dataShare() {
        double waited = loader == null ? 0 : loader.waitedSeconds() - waitedAtLap;
        return Math.min(1, waited / seconds());
    }

    /** Part of the time since the last lap that was spent in frozen networks; NaN where there are none. */
    double teacherShare() {
        return Math.min(1, (teacherSeconds.getAsDouble() - teachersAtLap) / seconds());
    }

    /** Part of the time since the last lap that was spent in sums with other ranks and in waiting for them; NaN in one process. */
    double ranksShare() {
        return ranks.isAlone() ? Double.NaN : Math.min(1, (ranks.seconds() - ranksAtLap) / seconds());
    }

    void lap() {
        ranksAtLap = ranks.seconds();
        teachersAtLap = teacherSeconds.getAsDouble();
        waitedAtLap = loader == null ? 0 : loader.waitedSeconds();
        lapStart = System.nanoTime();
        steps = 0;
        samples = 0;
        flops = 0;
    }

    /** Restarts a lap without steps, so that time that listeners take at an epoch's end does not count as a step's. */
    void pause() {
        if (steps == 0) {
            lap();
        }
    }

    /** Does what is no part of the steps of the lap, and leaves it out of their times. */
    void leavingOut(Runnable body) {
        long start = System.nanoTime();
        double teachers = teacherSeconds.getAsDouble();
        body.run();
        long took = System.nanoTime() - start;
        lapStart += took;
        leftOut += took;
        teachersAtLap += teacherSeconds.getAsDouble() - teachers;
    }

    /** Of all that was left out so far. */
    double leftOutSeconds() {
        return leftOut * 1e-9;
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
