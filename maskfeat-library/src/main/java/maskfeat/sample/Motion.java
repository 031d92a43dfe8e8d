package maskfeat.sample;

import java.util.Locale;
import java.util.Random;

/** A kind of motion. All its phases are equally likely at any time, so that a single frame does not reveal it. */
enum Motion {
    /** Straight in one direction. */
    DRIFT {
        @Override
        Pose at(double seconds, Manner manner) {
            double gone = 0.5 * manner.speed * seconds;
            return new Pose(gone * Math.cos(manner.heading), gone * Math.sin(manner.heading), 0, 1);
        }
    },
    /** Rotation about its own centre. */
    ROTATE {
        @Override
        Pose at(double seconds, Manner manner) {
            return new Pose(0, 0, manner.sign * 0.7 * TURN * manner.speed * seconds, 1);
        }
    },
    /** Growing or shrinking. */
    ZOOM {
        @Override
        Pose at(double seconds, Manner manner) {
            return new Pose(0, 0, 0, Math.exp(manner.sign * 0.9 * manner.speed * seconds));
        }
    },
    /** Bouncing on a floor. */
    BOUNCE {
        @Override
        Pose at(double seconds, Manner manner) {
            double hops = 2.1 * manner.speed * seconds + manner.phase;
            double hop = hops - Math.floor(hops);
            double height = 4 * hop * (1 - hop); // free fall
            return new Pose(manner.sign * 0.12 * seconds, 0.32 * (0.6 - height), 0, 1);
        }
    },
    /** Swinging like a pendulum hung above. */
    SWAY {
        @Override
        Pose at(double seconds, Manner manner) {
            double swing = 0.6 * Math.sin(TURN * (1.5 * manner.speed * seconds + manner.phase));
            return new Pose(0.42 * Math.sin(swing), 0.42 * (Math.cos(swing) - 0.9), -swing, 1);
        }
    },
    /** Trembling in place. */
    SHAKE {
        @Override
        Pose at(double seconds, Manner manner) {
            double t = TURN * manner.speed * seconds;
            double right = Math.sin(7.3 * t + TURN * manner.phase) + Math.sin(4.9 * t + manner.heading);
            double down = Math.sin(6.1 * t + manner.heading) + Math.sin(8.3 * t + TURN * manner.phase);
            return new Pose(0.035 * right, 0.035 * down, 0, 1);
        }
    };

    private static final double TURN = 2 * Math.PI;

    /**
     * The parameters of the motion in one clip.
     *
     * @param speed as a multiple of the usual one
     * @param phase of a repeating motion, 0 to 1
     * @param heading in radians
     * @param sign of the direction: 1 or -1
     */
    record Manner(double speed, double phase, double heading, double sign) {
        static Manner draw(Random random) {
            return new Manner(
                    SampleNoise.between(random, 0.75, 1.25),
                    random.nextDouble(),
                    SampleNoise.between(random, 0, TURN),
                    SampleNoise.sign(random));
        }
    }

    /** The pose of the object, {@code seconds} after the middle of the clip. */
    abstract Pose at(double seconds, Manner manner);

    /** Its name as part of class names. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
