package maskfeat.settings;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A small run with one of everything that settings can hold. */
record SampleRun(
        String name,
        long seed,
        Data data,
        Target target,
        Train train,
        @Nullable Ema ema) {

    static SampleRun recipe() {
        return new SampleRun(
                "in1k-small",
                1L << 40,
                new Data(
                        Path.of("data/train.csv"),
                        null,
                        List.of("jpg", "png"),
                        new Channels(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f)),
                        Sampling.DENSE_UNIFORM),
                new Hog(9, 8, false),
                new Train(64, 1.6e-3f, 0.05, null, 0.01),
                null);
    }

    record Data(Path list, @Nullable Path val, List<String> extensions, Channels normalize, Sampling sampling) {
        Data {
            extensions = List.copyOf(extensions);
        }
    }

    record Channels(List<Float> mean, List<Float> std) {
        Channels {
            mean = List.copyOf(mean);
            std = List.copyOf(std);
            if (mean.size() != 3 || std.size() != 3) {
                throw new IllegalArgumentException(
                        "wants three means and three deviations, got " + mean + " and " + std);
            }
        }
    }

    enum Sampling {
        DENSE_UNIFORM,
        SPARSE {
            @Override
            int clips() {
                return 2;
            }
        },
        OFF;

        int clips() {
            return 1;
        }
    }

    sealed interface Target permits Hog, Pixels, Deep {}

    @JsonTypeName("hog")
    record Hog(int bins, int cellPx, boolean signed) implements Target {
        public static Hog defaults() {
            return new Hog(9, 8, false);
        }
    }

    @JsonTypeName("pixels")
    record Pixels(int patchPx, boolean normalized) implements Target {
        public static Pixels defaults() {
            return new Pixels(16, true);
        }
    }

    /** Kinds may be grouped. */
    sealed interface Deep extends Target permits Dino, Nothing {}

    @JsonTypeName("dino")
    record Dino(Path weights, Head head) implements Deep {
        public static Dino defaults() {
            return new Dino(Path.of("dino.safetensors"), new Linear(256));
        }
    }

    @JsonTypeName("none")
    record Nothing() implements Deep {
        public static Nothing defaults() {
            return new Nothing();
        }
    }

    sealed interface Head permits Linear {}

    @JsonTypeName("linear")
    record Linear(int width) implements Head {
        public static Linear defaults() {
            return new Linear(128);
        }
    }

    record Train(
            int batch,
            float baseLR,
            double weightDecay,
            @Nullable Integer warmUpSteps,
            double maxBadShare) {
        Train {
            if (batch < 1) {
                throw new IllegalArgumentException("batch " + batch + " must be at least 1");
            }
            if (warmUpSteps != null && warmUpSteps < 0) {
                throw new IllegalArgumentException("warm-up-steps " + warmUpSteps + " must not be negative");
            }
        }
    }

    record Ema(double decay, @Nullable String note) {
        public static Ema defaults() {
            return new Ema(0.9999, null);
        }
    }
}
