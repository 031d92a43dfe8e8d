package maskfeat.infer;

import java.io.IOException;
import maskfeat.data.Item;
import maskfeat.media.Frames;

/** Where views of items come from: a data set, by {@code dataset::readView}, or {@link FileViews}. */
@FunctionalInterface
public interface ViewSource {
    /**
     * Decodes one of several clips that together cover a video, or the one image. Called by many threads.
     *
     * @param view counted from 0
     * @param views how many there are; 1 for images
     * @throws IOException naming the file, if it cannot be used
     */
    Frames readView(Item item, int view, int views) throws IOException;
}
