package maskfeat.serve;

import maskfeat.people.PeopleFinder;
import org.jspecify.annotations.Nullable;

/**
 * How detectors of actions come by boxes.
 *
 * @param finder finds people where a request brings no boxes, and is closed with the service; null if each must bring them
 * @param every seconds from one look for people to the next
 * @param threshold score from which a box is used, of those found and of those that a request brings
 */
public record People(@Nullable PeopleFinder finder, double every, double threshold) {
    private static final double USUAL = 0.5;

    public People {
        if (!(every > 0 && every < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("every " + every + " seconds must be above 0");
        }
        if (Double.isNaN(threshold)) {
            throw new IllegalArgumentException("the threshold of scores is no number");
        }
    }

    /** Requests bring boxes; those with a score count from 0.5. */
    public static People given() {
        return new People(null, USUAL, USUAL);
    }
}
