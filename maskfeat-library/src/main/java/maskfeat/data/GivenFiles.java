package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Files and folders as somebody names them, to be looked at without labels.
 *
 * @param files images or videos, or folders or archives of them
 */
public record GivenFiles(List<Path> files) {
    public GivenFiles {
        files = List.copyOf(files);
    }

    /**
     * The files, and those in the folders. A folder that holds only the frames of one clip is that clip.
     *
     * @throws IOException naming the folder, if there is nothing in it that can be used
     */
    public List<Item> items(ClipSampler clip) throws IOException {
        List<Item> items = new ArrayList<>();
        for (Path given : files) {
            Path file = Sources.of(given);
            if (Files.isDirectory(file)) {
                try {
                    items.addAll(Dataset.open(file, clip).items());
                } catch (OtherMedia other) {
                    throw other.with(", and the network reads " + (other.hasImages() ? "videos" : "images"));
                }
            } else {
                items.add(new Item(file, Item.UNLABELLED));
            }
        }
        return items;
    }
}
