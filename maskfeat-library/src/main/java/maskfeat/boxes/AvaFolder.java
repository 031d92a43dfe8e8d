package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;

/**
 * AVA's folder as published, or as PySlowFast and mmaction2 lay it out: what each of its files is. Files are told apart by
 * content; their names say which part of the data they are of. Of several versions the last by name is taken.
 *
 * @param folder where they are
 * @param labels the classes that count, if a label map is there
 * @param parts train and val, those of them that have something
 */
public record AvaFolder(Path folder, Optional<Path> labels, Map<Part, Files> parts) {
    private static final int DEPTH = 4;
    private static final int MOST_FILES = 100_000;
    private static final Pattern TABLE = Pattern.compile(".*\\.(csv|txt|pkl|pbtxt)");

    /** A part of the data set. */
    public enum Part {
        TRAIN,
        VAL;

        private boolean isNamedBy(String name) {
            return name.contains(name().toLowerCase(Locale.ROOT));
        }
    }

    /**
     * The files of a part.
     *
     * @param truth annotations
     * @param detections boxes of a detector with scores, and mmaction2's proposals
     * @param excluded moments that do not count
     * @param frames list of extracted frames
     */
    public record Files(Optional<Path> truth, List<Path> detections, Optional<Path> excluded, Optional<Path> frames) {
        public Files {
            detections = List.copyOf(detections);
        }
    }

    private static final class Found {
        private Optional<Path> truth = Optional.empty();
        private final List<Path> detections = new ArrayList<>();
        private Optional<Path> excluded = Optional.empty();
        private Optional<Path> frames = Optional.empty();
    }

    /**
     * Looks through a folder, four levels deep. Images and videos are not opened.
     *
     * @throws DamagedFile if there is no annotation of AVA's form in it
     */
    public static AvaFolder open(Path folder) throws IOException {
        AvaFolder found = find(folder);
        if (found.parts.values().stream().noneMatch(part -> part.truth().isPresent())) {
            throw new DamagedFile(
                    folder, "has no annotations such as ava_train_v2.2.csv: video,second,x1,y1,x2,y2,class,person");
        }
        return found;
    }

    static AvaFolder find(Path folder) throws IOException {
        Optional<Path> labels = Optional.empty();
        Map<Part, Found> parts = new EnumMap<>(Part.class);
        for (Path file : tables(folder)) {
            String name = name(file);
            if (name.contains(".pbtxt")) {
                // The 60 classes that count are in the list for ActivityNet.
                if (labels.isEmpty()
                        || name.contains("activitynet")
                        || !name(labels.get()).contains("activitynet")) {
                    labels = Optional.of(file);
                }
                continue;
            }
            boolean ofAll =
                    name.contains("excluded") && Arrays.stream(Part.values()).noneMatch(part -> part.isNamedBy(name));
            for (Part part : Part.values()) {
                if (ofAll || part.isNamedBy(name)) {
                    put(parts.computeIfAbsent(part, key -> new Found()), file, name);
                }
            }
        }
        Map<Part, Files> files = new EnumMap<>(Part.class);
        parts.forEach((part, of) -> files.put(part, new Files(of.truth, of.detections, of.excluded, of.frames)));
        return new AvaFolder(folder, labels, files);
    }

    private static void put(Found of, Path file, String name) throws IOException {
        if (name.contains("excluded")) {
            of.excluded = Optional.of(file);
        } else if (name.endsWith(".pkl")) {
            if (PickledBoxes.begins(file) && !PickledBoxes.namesTubes(file)) {
                of.detections.add(file);
            }
        } else if (FrameList.recognises(file)) {
            of.frames = Optional.of(file);
        } else {
            AvaTable.Last last = AvaTable.last(file);
            if (last == AvaTable.Last.SCORE) {
                of.detections.add(file);
            } else if (last == AvaTable.Last.PERSON) {
                of.truth = Optional.of(file);
            }
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    }

    private static List<Path> tables(Path folder) throws IOException {
        try (Stream<Path> all = java.nio.file.Files.walk(folder, DEPTH)) {
            return all.limit(MOST_FILES)
                    .filter(file -> TABLE.matcher(name(file)).matches())
                    .filter(java.nio.file.Files::isRegularFile)
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        }
    }
}
