package maskfeat.data;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;

/**
 * Images in a folder of any depth, or named by a list file.
 *
 * <p>In a folder, the first-level folders are the classes where every image lies in one; otherwise the images are
 * unlabelled. Order is by path, so class numbers follow the sorted folder names, as in ImageNet's loaders.
 */
public final class ImageDataset implements Dataset {
    /** Endings, in lower case, of the files that a folder is searched for. A list file may name any file. */
    public static final Set<String> ENDINGS =
            Set.of("jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "gif", "tif", "tiff", "ppm", "pgm", "pbm");

    private final Path source;
    private final List<Item> items;
    private final List<String> classes;
    private final Map<String, Integer> ignored;
    private final ImageReader reader = new ImageReader();

    private ImageDataset(Path source, List<Item> items, List<String> classes, Map<String, Integer> ignored) {
        this.source = source;
        this.items = List.copyOf(items);
        this.classes = List.copyOf(classes);
        this.ignored = Collections.unmodifiableMap(ignored);
    }

    /**
     * Opens a folder or a list file.
     *
     * @throws NoSuchFileException if there is nothing at {@code source}
     * @throws DatasetException if there is no image in it, or a line of the list makes no sense
     */
    public static ImageDataset open(Path source) throws IOException {
        return open(source, false);
    }

    /** As {@link #open}, but in a folder every file counts, whatever its ending: for finding out what is there. */
    public static ImageDataset openEveryFile(Path source) throws IOException {
        return open(source, true);
    }

    private static ImageDataset open(Path source, boolean everyFile) throws IOException {
        if (!Files.exists(source)) {
            throw new NoSuchFileException(source.toString(), null, "there is no such folder or list file");
        }
        return Files.isDirectory(source) ? folder(source, everyFile) : list(source);
    }

    private static ImageDataset folder(Path root, boolean everyFile) throws IOException {
        List<Path> files = new ArrayList<>();
        Map<String, Integer> ignored = new TreeMap<>();
        Files.walkFileTree(
                root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                        return !dir.equals(root) && isHidden(dir)
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        return take(file);
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException error) throws IOException {
                        if (error instanceof FileSystemLoopException) {
                            return FileVisitResult.CONTINUE; // a link to a folder above: all of it is visited anyway
                        }
                        if (Files.isDirectory(file)) {
                            throw new DatasetException("the folder " + file + " cannot be read: " + error);
                        }
                        return take(file); // a dangling link or the like: reading it will say what is wrong
                    }

                    private FileVisitResult take(Path file) {
                        if (!isHidden(file) && (everyFile || ENDINGS.contains(ending(file)))) {
                            files.add(root.relativize(file));
                        } else if (!isHidden(file)) {
                            ignored.merge(ending(file), 1, Integer::sum);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        if (files.isEmpty()) {
            throw new DatasetException(root + " holds no image; looked at any depth for files ending in "
                    + String.join(", ", new TreeSet<>(ENDINGS))
                    + (ignored.isEmpty() ? "" : " and found these endings: " + ignored));
        }
        files.sort(Comparator.comparing(ImageDataset::slashed));
        boolean labelled = files.stream().allMatch(file -> file.getNameCount() > 1);
        List<String> classes = labelled
                ? files.stream()
                        .map(file -> file.getName(0).toString())
                        .distinct()
                        .sorted()
                        .toList()
                : List.of();
        Map<String, Integer> labels = new HashMap<>();
        classes.forEach(name -> labels.put(name, labels.size()));
        List<Item> items = new ArrayList<>(files.size());
        for (Path file : files) {
            int label = labels.getOrDefault(file.getName(0).toString(), Item.UNLABELLED);
            items.add(new Item(root.resolve(file), label));
        }
        return new ImageDataset(root, items, classes, ignored);
    }

    private static ImageDataset list(Path file) throws IOException {
        List<Item> items = ListFile.read(file);
        int most = items.stream().mapToInt(Item::label).max().orElse(Item.UNLABELLED);
        List<String> classes = new ArrayList<>();
        for (int label = 0; label <= most; label++) {
            classes.add(Integer.toString(label));
        }
        return new ImageDataset(file, items, classes, Map.of());
    }

    /** The same order on every platform. */
    private static String slashed(Path path) {
        return path.toString().replace(path.getFileSystem().getSeparator(), "/");
    }

    private static boolean isHidden(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    /** In lower case, without the dot; empty where there is none. */
    public static String ending(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /** How many files of the folder were passed over for their ending, by ending. */
    public Map<String, Integer> ignored() {
        return ignored;
    }

    @Override
    public List<Item> items() {
        return items;
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public Path source() {
        return source;
    }

    @Override
    public Frames read(Item item, RandomGenerator random) throws IOException {
        return reader.read(item.file());
    }
}
