package maskfeat.sample;

import java.util.Locale;

/**
 * An infinite regular pattern, so that its hidden parts can be inferred from the visible ones.
 *
 * <p>A function of the position (u, v) with about one repetition per unit, 0 for the first colour and 1 for the second.
 * {@code soft} is the width of an edge in the same units: one pixel, to avoid aliasing.
 */
enum Texture {
    STRIPES {
        @Override
        double at(double u, double v, double soft) {
            return band(u, soft);
        }
    },
    CHECKS {
        @Override
        double at(double u, double v, double soft) {
            double column = band(u * 0.6, soft * 0.6);
            double row = band(v * 0.6, soft * 0.6);
            return column * row + (1 - column) * (1 - row);
        }
    },
    DOTS {
        // Two rectangular lattices, 1 x sqrt(3), shifted by half of each side, make a hexagonal one.
        @Override
        double at(double u, double v, double soft) {
            double even = Math.hypot(offset(u), offset(v / ROOT_3) * ROOT_3);
            double odd = Math.hypot(offset(u + 0.5), offset(v / ROOT_3 + 0.5) * ROOT_3);
            return step(0.3 - Math.min(even, odd), soft);
        }
    },
    BRICKS {
        @Override
        double at(double u, double v, double soft) {
            double row = v * 1.2;
            double shift = Math.floorMod((long) Math.floor(row), 2L) * 0.5;
            double toBed = (0.5 - Math.abs(row - Math.floor(row) - 0.5)) / 1.2;
            double toHead = (0.5 - Math.abs(offset(u * 0.6 + shift))) / 0.6;
            return step(Math.min(toBed, toHead) - 0.11, soft);
        }
    },
    WAVES {
        @Override
        double at(double u, double v, double soft) {
            return band(u + 0.35 * Math.sin(TURN * v * 0.45), soft);
        }
    },
    ZIGZAG {
        @Override
        double at(double u, double v, double soft) {
            return band(u + 1.4 * Math.abs(offset(v * 0.5)), soft);
        }
    },
    GRID {
        @Override
        double at(double u, double v, double soft) {
            double toLine = Math.min(Math.abs(offset(u)), Math.abs(offset(v)));
            return step(toLine - 0.12, soft);
        }
    },
    GRAIN {
        @Override
        double at(double u, double v, double soft) {
            return 0.6 * lattice(u, v) + 0.4 * lattice(2.3 * u + 17, 2.3 * v + 5);
        }
    };

    private static final double TURN = 2 * Math.PI;
    private static final double ROOT_3 = Math.sqrt(3);

    abstract double at(double u, double v, double soft);

    /** Its name as part of class names. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Signed distance to the nearest whole number, -0.5 to 0.5. */
    private static double offset(double u) {
        return u - Math.rint(u);
    }

    /** A step at zero from 0 to 1, with a ramp of width {@code soft}. */
    private static double step(double distance, double soft) {
        return Math.min(1, Math.max(0, 0.5 + distance / soft));
    }

    /** Stripes: 1 in half of each unit, 0 in the other half. */
    private static double band(double u, double soft) {
        return step(0.25 - Math.abs(offset(u)), soft);
    }

    /** Smooth noise: random values at whole (u, v), interpolated between. */
    private static double lattice(double u, double v) {
        double left = Math.floor(u);
        double top = Math.floor(v);
        double x = ease(u - left);
        double y = ease(v - top);
        long column = (long) left;
        long row = (long) top;
        double upper = mix(value(column, row), value(column + 1, row), x);
        double lower = mix(value(column, row + 1), value(column + 1, row + 1), x);
        return mix(upper, lower, y);
    }

    private static double ease(double x) {
        return x * x * (3 - 2 * x);
    }

    private static double mix(double a, double b, double share) {
        return a + (b - a) * share;
    }

    private static double value(long column, long row) {
        return (SampleNoise.mix(column * 0x632BE59BD9B4E019L + row) >>> 11) * 0x1p-53;
    }
}
