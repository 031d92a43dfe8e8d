package maskfeat.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import maskfeat.boxes.FrameList;
import maskfeat.data.DatasetException;
import maskfeat.data.Item;
import maskfeat.data.TimedClip;
import maskfeat.data.VideoDataset;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.disk.Uris;

/** The videos and folders of frames below a folder, found by what annotations call them: a path, a file name, or that without ending. */
final class VideoNames {
    private final Path root;
    private final int count;
    private final Map<String, Set<Path>> byName = new HashMap<>();

    private VideoNames(Path root, List<Path> videos) {
        this.root = root;
        count = videos.size();
        for (Path video : videos) {
            for (String name : names(video)) {
                byName.computeIfAbsent(name, key -> new LinkedHashSet<>()).add(video);
            }
        }
    }

    /** @throws DatasetException if there is no video */
    static VideoNames in(Path root) throws IOException {
        List<Path> videos = new ArrayList<>();
        for (Item item : VideoDataset.open(root, TimedClip.defaults()).items()) {
            videos.add(item.file());
        }
        return new VideoNames(root, videos);
    }

    private List<String> names(Path video) {
        String file = PathText.of(video.getFileName());
        String path =
                Uris.liesIn(root, video) ? PathText.of(root.relativize(video)).replace('\\', '/') : file;
        return List.of(path, withoutEnding(path), file, withoutEnding(file));
    }

    private static String withoutEnding(String name) {
        int dot = name.lastIndexOf('.');
        return dot > name.lastIndexOf('/') + 1 ? name.substring(0, dot) : name;
    }

    String describe() {
        return Plural.of(count, "video");
    }

    private Set<Path> ofPart(Set<Path> videos, Part part) {
        Set<Path> of = new LinkedHashSet<>();
        for (Path video : videos) {
            if (Uris.liesIn(root, video) && part.has(root.relativize(video))) {
                of.add(video);
            }
        }
        return of.size() == 1 ? of : videos;
    }

    /** Which part of the data set is read: of several videos of one name, that in a folder of the part is meant. */
    enum Part {
        TRAINING("train", "training"),
        VALIDATION("val", "valid", "validation", "test", "testing");

        private final Set<String> folders;

        Part(String... folders) {
            this.folders = Set.of(folders);
        }

        private boolean has(Path video) {
            for (Path name : video) {
                if (folders.contains(name.toString().toLowerCase(Locale.ROOT))) {
                    return true;
                }
            }
            return false;
        }
    }

    /** As below; a folder of frames that is called otherwise is found by the paths that a list has for the name. */
    Optional<Path> find(String name, Part part, Optional<FrameList> list) throws DatasetException {
        Optional<Path> found = find(name, part);
        List<String> frames =
                found.isPresent() || list.isEmpty() ? null : list.get().frames().get(name);
        if (frames == null) {
            return found;
        }
        String first = frames.get(0).replace('\\', '/');
        int slash = first.lastIndexOf('/');
        return slash <= 0 ? found : find(first.substring(0, slash), part);
    }

    /**
     * The video of a name. What stands before its last parts is tried without: annotations may have paths of another machine.
     *
     * @return empty if there is none
     * @throws DatasetException if there are several
     */
    Optional<Path> find(String name, Part part) throws DatasetException {
        String rest = name.replace('\\', '/');
        while (true) {
            for (String each : List.of(rest, withoutEnding(rest))) {
                Set<Path> found = byName.getOrDefault(each, Set.of());
                if (found.size() > 1) {
                    found = ofPart(found, part);
                }
                if (found.size() > 1) {
                    throw new DatasetException("annotations have boxes of the video '" + name + "', and in " + root
                            + " there are several: "
                            + String.join(
                                    ", ",
                                    found.stream().limit(3).map(PathText::of).toList())
                            + "; call it by its path from there");
                }
                if (found.size() == 1) {
                    return Optional.of(found.iterator().next());
                }
            }
            int slash = rest.indexOf('/');
            if (slash < 0) {
                return Optional.empty();
            }
            rest = rest.substring(slash + 1);
        }
    }
}
