package maskfeat.infer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import maskfeat.data.ClipSampler;
import maskfeat.data.Footage;
import maskfeat.data.Item;
import maskfeat.data.StillImage;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.media.MediaSource;
import maskfeat.media.Timeline;

/** Reads views of files outside data sets: images, or videos and folders of frames. */
public final class FileViews implements ViewSource {
    private final ClipSampler clip;
    private final ImageReader images = new ImageReader();
    private final Map<Path, Timeline> timelines = new ConcurrentHashMap<>();

    /** @param clip how frames are sampled from videos, or that the files are images */
    public FileViews(ClipSampler clip) {
        this.clip = clip;
    }

    @Override
    public Frames readView(Item item, int view, int views) throws IOException {
        if (clip instanceof StillImage) {
            return images.read(item.file());
        }
        try (Footage footage = Footage.open(item.file())) {
            timelines.put(item.file(), footage.info().timeline());
            return frames(footage, view, views);
        }
    }

    /** The frame times of a video; empty for images, and before a view of it was read. */
    public Optional<Timeline> timeline(Path video) {
        return Optional.ofNullable(timelines.get(video));
    }

    /** Reads views of a file or of bytes in memory. */
    Frames read(MediaSource source, int view, int views) throws IOException {
        if (clip instanceof StillImage) {
            return images.read(source);
        }
        try (Footage footage = Footage.open(source)) {
            return frames(footage, view, views);
        }
    }

    private Frames frames(Footage footage, int view, int views) throws IOException {
        return footage.frames(clip.view(footage.info().timeline(), view, views));
    }
}
