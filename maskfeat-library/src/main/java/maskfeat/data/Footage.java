package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.media.Frames;
import maskfeat.media.Video;
import maskfeat.media.VideoInfo;
import maskfeat.media.VideoReader;
import org.jspecify.annotations.Nullable;

/**
 * One open video or folder of frames, read as data sets read them: frames above a short side of
 * {@link VideoDataset#SHORT_SIDE} px are scaled to it. For one thread.
 */
public final class Footage implements AutoCloseable {
    private static final VideoReader READER = VideoReader.scalingTo(VideoDataset.SHORT_SIDE);

    private interface Source {
        Frames frames(int... numbers) throws IOException;
    }

    private final VideoInfo info;
    private final Source source;
    private final @Nullable Video video;

    private Footage(VideoInfo info, Source source, @Nullable Video video) {
        this.info = info;
        this.source = source;
        this.video = video;
    }

    /**
     * Opens a video, or a folder of frames as a clip.
     *
     * @return to be closed by the caller
     * @throws IOException naming the file, if it cannot be used
     */
    public static Footage open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            FrameFolder folder = FrameFolder.open(file);
            return new Footage(folder.info(), folder::frames, null);
        }
        Video video = READER.open(file);
        return new Footage(video.info(), video::frames, video);
    }

    /** What is known of it; its size is that before scaling. */
    public VideoInfo info() {
        return info;
    }

    /**
     * Decodes some frames.
     *
     * @param numbers from 0, in order of showing, ascending; the same frame may be asked for several times
     * @return [T, H, W, 3], upright RGB, one frame for each number
     * @throws IOException naming the file, if one of them cannot be decoded
     */
    public Frames frames(int... numbers) throws IOException {
        return source.frames(numbers);
    }

    @Override
    public void close() throws IOException {
        if (video != null) {
            video.close();
        }
    }
}
