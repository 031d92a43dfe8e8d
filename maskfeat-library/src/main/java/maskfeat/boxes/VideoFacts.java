package maskfeat.boxes;

import java.util.Set;

/**
 * What a file of annotations says of a video.
 *
 * @param video its name
 * @param frames how many it has; 0 if that is not said
 * @param width in pixels; 0 if that is not said
 * @param height in pixels; 0 if that is not said
 * @param splits parts of the data set that it is in, such as {@code train-1}
 */
public record VideoFacts(String video, int frames, int width, int height, Set<String> splits) {
    public VideoFacts {
        splits = Set.copyOf(splits);
    }
}
