package maskfeat.media;

import java.io.IOException;
import java.nio.file.Path;

/** What it takes to decode a whole video, and to make pixels of its frames. */
public final class Conversion {
    private Conversion() {}

    /** How many frames were decoded, without making pixels of them. */
    public static int decoded(Path file, int shortSide) throws IOException {
        try (Video video = VideoReader.scalingTo(shortSide).open(file)) {
            return video.decodeAll();
        }
    }

    /** How many frames were decoded, with their pixels. */
    public static int converted(Path file, int shortSide) throws IOException {
        try (Video video = VideoReader.scalingTo(shortSide).open(file)) {
            return video.decodeAll((number, frame) -> {});
        }
    }
}
