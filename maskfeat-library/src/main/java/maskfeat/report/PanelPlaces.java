package maskfeat.report;

import java.awt.Dimension;
import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds places for panels beside the boxes that they belong to, so that no two cover each other.
 *
 * <p>Asked about the frames of a film in their order, it keeps a panel on its side of the box until another panel is in the
 * way: panels move with their people, and none jumps to and fro. Nothing is random.
 */
final class PanelPlaces {
    /** Frames in a row in which a larger panel would have fitted, after which it is drawn larger again. */
    private static final int PATIENCE = 25;

    private static final int STEP = 8;

    /**
     * A panel that needs a place.
     *
     * @param person number that is its own in the frame, and the same in all frames
     * @param box in pixels of the frame
     * @param sizes of the panel, the largest first; a smaller one is taken where there is no room
     */
    record Wanted(int person, Rectangle box, List<Dimension> sizes) {
        Wanted {
            sizes = List.copyOf(sizes);
        }
    }

    /**
     * Where a panel is.
     *
     * @param size which of its sizes
     * @param apart whether it is not beside its box, so that a line should join the two
     */
    record Place(Rectangle at, int size, boolean apart) {}

    /** Sides of a box, the most wanted first. */
    private enum Side {
        ABOVE,
        ABOVE_TO_THE_RIGHT,
        BELOW,
        BELOW_TO_THE_RIGHT,
        RIGHT,
        LEFT,
        INSIDE,
        INSIDE_BELOW;

        Rectangle at(Rectangle box, Dimension size) {
            int left = switch (this) {
                case ABOVE, BELOW, INSIDE, INSIDE_BELOW -> box.x;
                case ABOVE_TO_THE_RIGHT, BELOW_TO_THE_RIGHT -> box.x + box.width - size.width;
                case RIGHT -> box.x + box.width + 1;
                case LEFT -> box.x - size.width;
            };
            int top = switch (this) {
                case ABOVE, ABOVE_TO_THE_RIGHT -> box.y - size.height;
                case BELOW, BELOW_TO_THE_RIGHT -> box.y + box.height + 1;
                case RIGHT, LEFT, INSIDE -> box.y;
                case INSIDE_BELOW -> box.y + box.height - size.height;
            };
            return new Rectangle(left, top, size.width, size.height);
        }
    }

    /**
     * What was chosen for somebody.
     *
     * @param side of the box; null for a fixed place
     * @param fixed place; null where a side is chosen
     * @param roomy frames in a row in which a larger panel had room
     */
    private record Chosen(@Nullable Side side, @Nullable Rectangle fixed, int size, int roomy) {}

    private final Map<Integer, Chosen> chosen = new HashMap<>();

    /**
     * Places the panels of one frame. Those that had a place in an earlier frame keep it if they can, before others look for
     * one.
     *
     * @return a place for each; null for a panel that has room in none of its sizes
     */
    List<@Nullable Place> place(List<Wanted> wanted, int width, int height) {
        Rectangle frame = new Rectangle(width, height);
        @Nullable Place[] places = new Place[wanted.size()];
        List<Rectangle> taken = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            Chosen before = chosen.get(wanted.get(i).person());
            Rectangle kept = before == null ? null : kept(before, wanted.get(i), frame);
            if (before != null && kept != null && isFree(kept, taken)) {
                places[i] = new Place(kept, before.size(), before.side() == null);
                taken.add(kept);
            }
        }
        for (int i = 0; i < places.length; i++) {
            Place place = places[i];
            if (place != null && place.size() > 0) {
                places[i] = larger(wanted, i, place, taken, frame);
            }
        }
        for (int i = 0; i < places.length; i++) {
            if (places[i] == null) {
                places[i] = found(wanted, i, wanted.get(i).sizes().size(), taken, frame);
                if (places[i] == null) {
                    chosen.remove(wanted.get(i).person());
                } else {
                    taken.add(places[i].at());
                }
            }
        }
        return Arrays.asList(places);
    }

    /** The chosen place by now: beside the box, moved into the frame; null if the panel does not fit into the frame. */
    private static @Nullable Rectangle kept(Chosen before, Wanted wanted, Rectangle frame) {
        Dimension size =
                wanted.sizes().get(Math.min(before.size(), wanted.sizes().size() - 1));
        if (before.fixed() != null) {
            return moved(new Rectangle(before.fixed().getLocation(), size), frame);
        }
        return before.side() == null ? null : moved(before.side().at(wanted.box(), size), frame);
    }

    private static @Nullable Rectangle moved(Rectangle panel, Rectangle frame) {
        if (panel.width > frame.width || panel.height > frame.height) {
            return null;
        }
        return new Rectangle(
                Math.max(0, Math.min(panel.x, frame.width - panel.width)),
                Math.max(0, Math.min(panel.y, frame.height - panel.height)),
                panel.width,
                panel.height);
    }

    /** A larger panel, if there has been room for it long enough. */
    private Place larger(List<Wanted> wanted, int i, Place place, List<Rectangle> taken, Rectangle frame) {
        Wanted own = wanted.get(i);
        Chosen before = chosen.get(own.person());
        List<Rectangle> others = new ArrayList<>(taken);
        others.remove(place.at());
        Place roomier = found(wanted, i, place.size(), others, frame);
        int roomy = roomier == null || before == null ? 0 : before.roomy() + 1;
        if (roomier != null && roomy >= PATIENCE) {
            taken.remove(place.at());
            taken.add(roomier.at());
            return roomier;
        }
        if (before != null) {
            chosen.put(own.person(), new Chosen(before.side(), before.fixed(), before.size(), roomy));
        }
        return place;
    }

    /** The best free place in the largest size that has one. */
    private @Nullable Place found(List<Wanted> wanted, int i, int sizes, List<Rectangle> taken, Rectangle frame) {
        Wanted own = wanted.get(i);
        for (int size = 0; size < sizes; size++) {
            Dimension extent = own.sizes().get(size);
            Side best = null;
            long least = Long.MAX_VALUE;
            for (Side side : Side.values()) {
                Rectangle panel = shifted(side, own.box(), extent, frame);
                if (frame.contains(panel) && isFree(panel, taken)) {
                    // In quarters: a little more or less of a neighbour is no reason for another side.
                    long cost = 4 * covered(panel, wanted, i) / ((long) panel.width * panel.height);
                    if (cost < least) {
                        least = cost;
                        best = side;
                    }
                }
            }
            if (best != null) {
                chosen.put(own.person(), new Chosen(best, null, size, 0));
                return new Place(shifted(best, own.box(), extent, frame), size, false);
            }
            Rectangle apart = free(own.box(), extent, taken, frame);
            if (apart != null) {
                chosen.put(own.person(), new Chosen(null, apart, size, 0));
                return new Place(apart, size, true);
            }
        }
        return null;
    }

    /** At a side, moved along it into the frame, but not into the box. */
    private static Rectangle shifted(Side side, Rectangle box, Dimension extent, Rectangle frame) {
        Rectangle panel = side.at(box, extent);
        if (side == Side.RIGHT || side == Side.LEFT) {
            panel.y = Math.max(0, Math.min(panel.y, frame.height - panel.height));
        } else if (side != Side.INSIDE && side != Side.INSIDE_BELOW) {
            panel.x = Math.max(0, Math.min(panel.x, frame.width - panel.width));
        } else {
            panel.x = Math.max(0, Math.min(panel.x, frame.width - panel.width));
            panel.y = Math.max(0, Math.min(panel.y, frame.height - panel.height));
        }
        return panel;
    }

    /** The free place that is nearest to the top of the box; null if there is none. */
    private static @Nullable Rectangle free(Rectangle box, Dimension extent, List<Rectangle> taken, Rectangle frame) {
        Rectangle best = null;
        long nearest = Long.MAX_VALUE;
        for (int top = 0; top + extent.height <= frame.height; top += STEP) {
            for (int left = 0; left + extent.width <= frame.width; left += STEP) {
                long across = left + extent.width / 2 - (box.x + box.width / 2);
                long down = top + extent.height - box.y;
                long distance = across * across + down * down;
                Rectangle panel = new Rectangle(left, top, extent.width, extent.height);
                if (distance < nearest && isFree(panel, taken)) {
                    nearest = distance;
                    best = panel;
                }
            }
        }
        return best;
    }

    private static boolean isFree(Rectangle panel, List<Rectangle> taken) {
        return taken.stream().noneMatch(panel::intersects);
    }

    /** Pixels of the others' boxes that a panel covers. */
    private static long covered(Rectangle panel, List<Wanted> wanted, int own) {
        long covered = 0;
        for (int i = 0; i < wanted.size(); i++) {
            Rectangle both = panel.intersection(wanted.get(i).box());
            if (i != own && !both.isEmpty()) {
                covered += (long) both.width * both.height;
            }
        }
        return covered;
    }
}
