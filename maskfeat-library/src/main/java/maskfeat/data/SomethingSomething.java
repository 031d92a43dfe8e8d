package maskfeat.data;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import maskfeat.disk.Plural;
import maskfeat.disk.RegularFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The forms of Something-Something v2 (Goyal et al. 2017).
 *
 * <ul>
 *   <li>{@code something-something-v2-labels.json}: an object of template to number.
 *   <li>{@code something-something-v2-train.json}, {@code ...-validation.json}, {@code ...-test.json}: an array of
 *       objects with {@code id} and {@code template}, whose square brackets are taken off before it is looked up; the last
 *       has no templates and so no labels. All may go without {@code something-something-v2-}.
 *   <li>Videos: {@code ID.webm}, {@code ID.mp4} or the like, or a folder {@code ID} of frames, anywhere under the lists.
 *   <li>SlowFast's lists of frames: a header and {@code original_vido_id video_id frame_id path labels} for each frame,
 *       path from the list's folder; labels come from the lists above where those lie beside it.
 * </ul>
 */
final class SomethingSomething implements ListingFormat {
    private static final String PREFIX = "something-something-v2-";
    private static final String LABELS = "labels.json";
    private static final String TRAIN = "train.json";
    private static final String VALIDATION = "validation.json";
    private static final String FRAMES_HEADER = "original_vido_id";

    // Where the videos lie after unpacking, for naming one that is not there.
    private static final String VIDEOS = "20bn-something-something-v2";

    /** One entry of a list of clips. */
    private record Clip(String id, int label) {}

    @Override
    public boolean isOf(boolean images) {
        return !images;
    }

    @Override
    public boolean recognises(Path source) throws IOException {
        if (Files.isDirectory(source)) {
            return Files.exists(list(source, LABELS)) && Files.exists(list(source, TRAIN));
        }
        return FolderWalk.ending(source).equals("json")
                || ListText.firstLine(source).startsWith(FRAMES_HEADER);
    }

    @Override
    public Listing read(Path source) throws IOException {
        if (Files.isDirectory(source)) {
            return clips(list(source, TRAIN));
        }
        return FolderWalk.ending(source).equals("json") ? clips(source) : frames(source);
    }

    @Override
    public String whatNamesClasses() {
        return "templates";
    }

    @Override
    public SplitLayout splits(Path folder) {
        Path train = list(folder, TRAIN);
        Path validation = validation(folder).orElse(null);
        List<String> notices = validation == null
                ? List.of(folder + " has the list " + train.getFileName() + " and none for validation")
                : List.of();
        return new SplitLayout(train, validation, notices);
    }

    @Override
    public Optional<Path> beside(Path training) {
        Path folder = training.toAbsolutePath().resolveSibling("");
        return String.valueOf(training.getFileName())
                        .equals(String.valueOf(list(folder, TRAIN).getFileName()))
                ? validation(folder).map(found -> training.resolveSibling(found.getFileName()))
                : SplitLayout.validationBeside(training);
    }

    /** The list of a folder's clips for validation, if it is there. */
    private static Optional<Path> validation(Path folder) {
        return Optional.of(list(folder, VALIDATION)).filter(Files::exists);
    }

    private static Path list(Path folder, String name) {
        Path official = folder.resolve(PREFIX + name);
        return Files.exists(official) ? official : folder.resolve(name);
    }

    private static Listing clips(Path list) throws IOException {
        Path folder = list.toAbsolutePath().resolveSibling("");
        List<String> classes = classes(list(folder, LABELS));
        List<Clip> clips = entries(list, numbers(classes));
        Map<String, Path> videos = find(folder, clips);
        if (videos.isEmpty()) {
            throw new DatasetException(
                    list + " names " + Plural.of(clips.size(), "clip") + ", none of which is under " + folder
                            + "; looked for files and folders of frames named by number, such as " + VIDEOS + "/"
                            + clips.get(0).id() + ".webm");
        }
        // One that is not there is an item too: reading it will say so.
        return new Listing(
                clips.stream()
                        .map(clip -> new Item(
                                videos.getOrDefault(
                                        clip.id(), folder.resolve(VIDEOS).resolve(clip.id() + ".webm")),
                                clip.label()))
                        .toList(),
                classes);
    }

    private static Map<String, Integer> numbers(List<String> classes) {
        Map<String, Integer> numbers = new HashMap<>();
        classes.forEach(name -> numbers.put(name, numbers.size()));
        return numbers;
    }

    private static List<String> classes(Path labels) throws IOException {
        JsonNode object = json(labels);
        int count = object.size();
        List<String> classes = new ArrayList<>(Collections.nCopies(count, ""));
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            int number = number(entry.getValue().asString(""));
            if (number < 0 || number >= count || !classes.get(number).isEmpty()) {
                throw new DatasetException(labels + ": '" + entry.getKey() + "' has the number " + entry.getValue()
                        + "; the " + count + " labels must have the numbers from 0 to " + (count - 1) + ", each once");
            }
            classes.set(number, entry.getKey());
        }
        if (count == 0) {
            throw new DatasetException(labels + " holds no labels; it should be an object of template to number");
        }
        return classes;
    }

    private static int number(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    }

    private static List<Clip> entries(Path list, Map<String, Integer> numbers) throws IOException {
        List<Clip> clips = new ArrayList<>();
        JsonNode array = json(list);
        if (!array.isArray() || array.isEmpty()) {
            throw new DatasetException(list + " holds no clips; it should be an array of objects with id and template");
        }
        for (JsonNode entry : array) {
            String id = entry.path("id").asString("");
            if (id.isEmpty() || !id.matches("[\\w-]+")) {
                throw new DatasetException(list + ": entry " + (clips.size() + 1) + " has no usable id: " + entry);
            }
            int label = Item.UNLABELLED;
            if (entry.has("template")) {
                String template =
                        entry.path("template").asString("").replace("[", "").replace("]", "");
                label = numbers.getOrDefault(template, Item.UNLABELLED);
                if (label == Item.UNLABELLED) {
                    throw new DatasetException(list + ": clip " + id + " has the template '" + template
                            + "', which is none of the labels");
                }
            }
            clips.add(new Clip(id, label));
        }
        return clips;
    }

    private static JsonNode json(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new DatasetException(file + " is missing; Something-Something v2 is a folder with " + PREFIX + LABELS
                    + ", " + PREFIX + TRAIN + " and the videos");
        }
        try {
            return JsonMapper.shared().readTree(Files.readAllBytes(RegularFile.require(file)));
        } catch (JacksonException bad) {
            throw new DatasetException(file + " is not JSON: " + bad.getOriginalMessage());
        }
    }

    /** The video of each clip. Folders of frames are not looked into: there are millions of frames. */
    private static Map<String, Path> find(Path root, List<Clip> clips) throws IOException {
        Set<String> ids = new HashSet<>();
        clips.forEach(clip -> ids.add(clip.id()));
        Map<String, Path> found = new HashMap<>();
        Files.walkFileTree(
                root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                        String name = dir.getFileName() == null
                                ? ""
                                : dir.getFileName().toString();
                        if (!dir.equals(root) && ids.contains(name)) {
                            take(name, dir);
                            return FileVisitResult.SKIP_SUBTREE;
                        }
                        return !dir.equals(root) && name.startsWith(".")
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (attributes.isOther()) {
                            return FileVisitResult.CONTINUE;
                        }
                        String name = file.getFileName().toString();
                        int dot = name.lastIndexOf('.');
                        if (dot > 0
                                && ids.contains(name.substring(0, dot))
                                && VideoDataset.ENDINGS.contains(FolderWalk.ending(file))) {
                            take(name.substring(0, dot), file);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException error) throws IOException {
                        if (Files.isDirectory(file) && !(error instanceof FileSystemLoopException)) {
                            throw new DatasetException("the folder " + file + " cannot be read: " + error);
                        }
                        return FileVisitResult.CONTINUE; // a link to a folder above or to nowhere
                    }

                    /** The first in order of the characters, where there are several: not the file system's. */
                    private void take(String id, Path place) {
                        found.merge(id, place, (a, b) -> a.compareTo(b) <= 0 ? a : b);
                    }
                });
        return found;
    }

    private static Listing frames(Path list) throws IOException {
        Path folder = list.toAbsolutePath().resolveSibling("");
        Map<String, Path> folders = new LinkedHashMap<>();
        int number = 0;
        for (String line : ListText.lines(list)) {
            number++;
            String[] columns = line.strip().split("\\s+");
            if (number == 1 || line.isBlank()) {
                continue;
            }
            if (columns.length < 4) {
                throw new DatasetException(list + ":" + number
                        + ": expected 'original_vido_id video_id frame_id path labels', found '" + line + "'");
            }
            Path frames = folder.resolve(columns[3]).resolveSibling("");
            Path before = folders.putIfAbsent(columns[0], frames);
            if (before != null && !before.equals(frames)) {
                throw new DatasetException(list + ":" + number + ": the frames of " + columns[0]
                        + " lie in two folders, " + before + " and " + frames);
            }
        }
        if (folders.isEmpty()) {
            throw new DatasetException(list + " names no frame");
        }
        Map<String, Integer> labels = new HashMap<>();
        List<String> classes = Files.exists(list(folder, LABELS)) ? classes(list(folder, LABELS)) : List.of();
        if (!classes.isEmpty()) {
            for (Path split : Stream.of(TRAIN, VALIDATION)
                    .map(name -> list(folder, name))
                    .filter(Files::exists)
                    .toList()) {
                entries(split, numbers(classes)).forEach(clip -> labels.put(clip.id(), clip.label()));
            }
        }
        return new Listing(
                folders.entrySet().stream()
                        .map(clip -> new Item(clip.getValue(), labels.getOrDefault(clip.getKey(), Item.UNLABELLED)))
                        .toList(),
                classes);
    }
}
