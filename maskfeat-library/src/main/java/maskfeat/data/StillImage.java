package maskfeat.data;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import maskfeat.media.Timeline;

/** No clip at all: the data are images, each a clip of one frame. */
@JsonTypeName("image")
public record StillImage() implements ClipSampler {
    /** What {@code kind: image} begins with; there is nothing to set. */
    public static StillImage defaults() {
        return new StillImage();
    }

    @Override
    public int frames() {
        return 1;
    }

    @Override
    public int[] draw(Timeline timeline, RandomGenerator random) {
        return new int[] {0};
    }

    @Override
    public int[] view(Timeline timeline, int view, int views) {
        return new int[] {0};
    }

    /** The frame that is shown then. */
    @Override
    public int[] around(Timeline timeline, double seconds) {
        return new int[] {timeline.shownAt(seconds)};
    }

    @Override
    public OptionalDouble length(Timeline timeline) {
        return OptionalDouble.empty();
    }

    @Override
    public int[] part(Timeline timeline, double first, double length) {
        return new int[] {(int) first};
    }
}
