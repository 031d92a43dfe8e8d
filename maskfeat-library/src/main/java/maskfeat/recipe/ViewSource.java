package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Path;
import maskfeat.data.ClipSampler;
import maskfeat.data.Item;
import maskfeat.data.StillImage;
import maskfeat.data.VideoDataset;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;

/** Where views of items come from: a data set, by {@code dataset::readView}, or files by themselves. */
@FunctionalInterface
public interface ViewSource {
    /**
     * Decodes one of several clips that together cover a video, or the one image.
     *
     * @param view counted from 0
     * @param views how many there are; 1 for images
     * @throws IOException naming the file, if it cannot be used
     */
    Frames readView(Item item, int view, int views) throws IOException;

    /** Files that no data set holds: images, or videos and folders of frames. */
    static ViewSource files(ClipSampler clip) {
        ImageReader images = new ImageReader();
        return (item, view, views) -> {
            Path file = item.file();
            return clip instanceof StillImage ? images.read(file) : VideoDataset.clip(file, clip, view, views);
        };
    }
}
