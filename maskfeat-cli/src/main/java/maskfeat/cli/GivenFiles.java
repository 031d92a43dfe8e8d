package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.data.ClipSampler;
import maskfeat.data.Dataset;
import maskfeat.data.Item;

/** Files and folders as a command line names them, to be looked at without labels. */
record GivenFiles(List<Path> files) {
    /** The files, and those in the folders. A folder of nothing but frames of one clip is that clip. */
    List<Item> items(ClipSampler clip) throws IOException {
        List<Item> items = new ArrayList<>();
        for (Path file : files) {
            if (Files.isDirectory(file)) {
                items.addAll(Dataset.open(file, clip).items());
            } else {
                items.add(new Item(file, Item.UNLABELLED));
            }
        }
        return items;
    }
}
