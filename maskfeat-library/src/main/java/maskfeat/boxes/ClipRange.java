package maskfeat.boxes;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Which part of each film was annotated, and how its frames are counted.
 *
 * @param first second of the first key frame
 * @param last second of the last key frame
 * @param start second of the film that frame 0 shows
 * @param framesPerSecond of the extracted frames
 */
public record ClipRange(int first, int last, int start, int framesPerSecond) {
    /** AVA's: seconds 902 to 1798 of films whose frames were extracted from second 900 on, 30 a second. */
    public static final ClipRange AVA = new ClipRange(902, 1798, 900, 30);

    /** AVA's. */
    public static ClipRange defaults() {
        return AVA;
    }

    /** Whether a key frame can be there; frames, which have no seconds, always can. */
    public boolean contains(Moment moment) {
        return moment.unit() == Moment.Unit.FRAME
                || moment.value().compareTo(BigDecimal.valueOf(first)) >= 0
                        && moment.value().compareTo(BigDecimal.valueOf(last)) <= 0;
    }

    /** The number of the frame that is shown at a second, from 0. */
    public long centre(Moment moment) {
        if (moment.unit() == Moment.Unit.FRAME) {
            throw new IllegalArgumentException("frame " + moment.text() + " is no second");
        }
        return moment.value()
                .subtract(BigDecimal.valueOf(start))
                .multiply(BigDecimal.valueOf(framesPerSecond))
                .setScale(0, RoundingMode.HALF_UP)
                .longValueExact();
    }
}
