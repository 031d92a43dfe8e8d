package maskfeat.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import maskfeat.media.Frames;
import maskfeat.media.MediaSource;
import maskfeat.media.Video;
import maskfeat.media.VideoInfo;
import maskfeat.media.VideoReader;
import org.jspecify.annotations.Nullable;

/**
 * One open video or folder of frames, read as data sets read them: frames above a short side of
 * {@link VideoDataset#SHORT_SIDE} px are scaled to it. For one thread.
 */
public final class Footage implements Closeable {
    private static final VideoReader READER = VideoReader.scalingTo(VideoDataset.SHORT_SIDE);

    private interface Reading {
        Frames frames(int... numbers) throws IOException;
    }

    private final VideoInfo info;
    private final Reading reading;
    private final @Nullable Video video;

    private Footage(VideoInfo info, Reading reading, @Nullable Video video) {
        this.info = info;
        this.reading = reading;
        this.video = video;
    }

    /**
     * From now on keeps the indexes of videos that this process opens in a folder, so that the next process need not read
     * whole files to make them.
     *
     * @param folder null to keep them only in memory
     * @param notices takes what a person should know, a sentence each
     */
    public static void keepIndexesIn(@Nullable Path folder, Consumer<String> notices) {
        READER.keepIndexesIn(folder, notices);
    }

    /**
     * Opens a video, or a folder of frames as a clip.
     *
     * @return to be closed by the caller
     * @throws IOException naming the file, if it cannot be used
     */
    public static Footage open(Path file) throws IOException {
        return open(MediaSource.of(file));
    }

    /** As {@link #open(Path)}, of a file or of bytes in memory. */
    public static Footage open(MediaSource source) throws IOException {
        if (source instanceof MediaSource.OfFile of && Files.isDirectory(of.file())) {
            FrameFolder folder = FrameFolder.open(of.file());
            return new Footage(folder.info(), folder::frames, null);
        }
        Video video = READER.open(source);
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
        return reading.frames(numbers);
    }

    @Override
    public void close() throws IOException {
        if (video != null) {
            video.close();
        }
    }
}
