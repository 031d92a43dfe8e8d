package maskfeat.infer;

import java.io.IOException;
import maskfeat.data.Item;
import maskfeat.media.Frames;

/** Reads views of items: from a data set with {@code dataset::readView}, or with {@link FileViews}. */
@FunctionalInterface
public interface ViewSource {
    /**
     * Decodes an image, or one of the clips that together cover a video. Called by many threads.
     *
     * @param view counted from 0
     * @param views number of views; 1 for images
     * @throws IOException if the file cannot be used, naming it
     */
    Frames readView(Item item, int view, int views) throws IOException;
}
