package maskfeat.sample;

import java.util.Locale;

/**
 * A shape around the origin, about 1 unit from centre to corner, y downwards.
 *
 * <p>Given by its signed distance function: negative inside, positive outside, exact or nearly exact close to the
 * outline, where the edge is drawn.
 */
enum Outline {
    DISC {
        @Override
        double distance(double x, double y) {
            return Math.hypot(x, y) - 0.9;
        }
    },
    SQUARE {
        @Override
        double distance(double x, double y) {
            return box(x, y, 0.8, 0.8);
        }
    },
    TRIANGLE {
        @Override
        double distance(double x, double y) {
            return spikes(x, y - 0.15, 3, 1.12, 0.56);
        }
    },
    STAR {
        @Override
        double distance(double x, double y) {
            return spikes(x, y, 5, 1.15, 0.52);
        }
    },
    /** A square on its corner, with a disc on each of the two upper sides. */
    HEART {
        private static final double HALF = 0.58;
        private static final double MIDDLE = HALF / 1.4142135623730951;

        @Override
        double distance(double x, double y) {
            double down = y - 0.18;
            double square = box((x + down) * 0.7071067811865476, (x - down) * 0.7071067811865476, HALF, HALF);
            return Math.min(square, Math.hypot(Math.abs(x) - MIDDLE, down + MIDDLE) - HALF);
        }
    },
    CROSS {
        @Override
        double distance(double x, double y) {
            return Math.min(box(x, y, 0.95, 0.32), box(x, y, 0.32, 0.95));
        }
    },
    RING {
        @Override
        double distance(double x, double y) {
            return Math.abs(Math.hypot(x, y) - 0.7) - 0.22;
        }
    };

    /** The largest distance of any outline from the origin. */
    static final double REACH = 1.35;

    abstract double distance(double x, double y);

    /** Its name as part of class names. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static double box(double x, double y, double halfWidth, double halfHeight) {
        double right = Math.abs(x) - halfWidth;
        double below = Math.abs(y) - halfHeight;
        return Math.hypot(Math.max(right, 0), Math.max(below, 0)) + Math.min(Math.max(right, below), 0);
    }

    /**
     * A star with its first spike at the top.
     *
     * @param outer distance of the spikes from the origin
     * @param inner distance of the corners between them from the origin
     */
    private static double spikes(double x, double y, int count, double outer, double inner) {
        double sector = 2 * Math.PI / count;
        double turn = Math.atan2(x, -y) / sector;
        double angle = Math.abs(turn - Math.rint(turn)) * sector; // all spikes are alike, so measure from the nearest
        double radius = Math.hypot(x, y);
        double fromX = radius * Math.cos(angle) - outer;
        double fromY = radius * Math.sin(angle);
        double sideX = inner * Math.cos(sector / 2) - outer;
        double sideY = inner * Math.sin(sector / 2);
        double share = (fromX * sideX + fromY * sideY) / (sideX * sideX + sideY * sideY);
        double onSide = Math.min(1, Math.max(0, share));
        double distance = Math.hypot(fromX - onSide * sideX, fromY - onSide * sideY);
        return sideX * fromY > sideY * fromX ? -distance : distance;
    }
}
