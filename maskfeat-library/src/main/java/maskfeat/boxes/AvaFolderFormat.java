package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A folder with AVA's files: the truth of all its parts. {@link AvaFolder} gives them one by one. */
final class AvaFolderFormat implements BoxFormat {
    private static final AvaTruthFormat TRUTH = new AvaTruthFormat();

    @Override
    public String name() {
        return "ava-folder";
    }

    @Override
    public boolean recognises(Path source) throws IOException {
        return Files.isDirectory(source)
                && AvaFolder.find(source).parts().values().stream()
                        .anyMatch(part -> part.truth().isPresent());
    }

    @Override
    public void read(Path source, BoxReceiver to) throws IOException {
        AvaFolder folder = AvaFolder.open(source);
        if (folder.labels().isPresent()) {
            for (Map.Entry<Integer, String> label :
                    LabelMap.read(folder.labels().get()).names().entrySet()) {
                to.label(label.getKey(), label.getValue());
            }
        }
        for (AvaFolder.Files part : folder.parts().values()) {
            if (part.truth().isPresent()) {
                TRUTH.read(part.truth().get(), to);
            }
        }
    }
}
