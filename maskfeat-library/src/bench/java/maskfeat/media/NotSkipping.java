package maskfeat.media;

import java.io.IOException;

/** Opens what only the benchmark wants to call. */
public final class NotSkipping {
    private NotSkipping() {}

    /** Frames of a video, with every packet decoded from the start of their group on. */
    public static Frames frames(Video video, int... numbers) throws IOException {
        return video.frames(false, numbers);
    }
}
