package maskfeat.data;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
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
    private final ImageReader reader = new ImageReader();

    private ImageDataset(Path source, List<Item> items, List<String> classes) {
        this.source = source;
        this.items = List.copyOf(items);
        this.classes = List.copyOf(classes);
    }

    /**
     * Opens a folder or a list file.
     *
     * @throws NoSuchFileException if there is nothing at {@code source}
     * @throws DatasetException if there is no image in it, or a line of the list makes no sense
     */
    public static ImageDataset open(Path source) throws IOException {
        if (!Files.exists(source)) {
            throw new NoSuchFileException(source.toString(), null, "there is no such folder or list file");
        }
        return Files.isDirectory(source) ? folder(source) : list(source);
    }

    private static ImageDataset folder(Path root) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                boolean hidden = !dir.equals(root) && dir.getFileName().toString().startsWith(".");
                return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (!attributes.isDirectory() && isImageName(file)) {
                    files.add(root.relativize(file));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException error) {
                if (isImageName(file)) {
                    files.add(root.relativize(file)); // a dangling link or the like: reading it will say what is wrong
                }
                return FileVisitResult.CONTINUE;
            }
        });
        if (files.isEmpty()) {
            throw new DatasetException(root + " holds no image; looked at any depth for files ending in "
                    + String.join(", ", new TreeSet<>(ENDINGS)));
        }
        files.sort(Comparator.comparing(ImageDataset::slashed));
        boolean labelled = files.stream().allMatch(file -> file.getNameCount() > 1);
        List<String> classes = labelled
                ? files.stream().map(file -> file.getName(0).toString()).distinct().sorted().toList()
                : List.of();
        List<Item> items = new ArrayList<>(files.size());
        for (Path file : files) {
            int label = labelled ? classes.indexOf(file.getName(0).toString()) : Item.UNLABELLED;
            items.add(new Item(root.resolve(file), label));
        }
        return new ImageDataset(root, items, classes);
    }

    private static ImageDataset list(Path file) throws IOException {
        List<Item> items = ListFile.read(file);
        int most = items.stream().mapToInt(Item::label).max().orElse(Item.UNLABELLED);
        List<String> classes = new ArrayList<>();
        for (int label = 0; label <= most; label++) {
            classes.add(Integer.toString(label));
        }
        return new ImageDataset(file, items, classes);
    }

    /** The same order on every platform. */
    private static String slashed(Path path) {
        return path.toString().replace(path.getFileSystem().getSeparator(), "/");
    }

    private static boolean isImageName(Path file) {
        String name = file.getFileName().toString();
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return !name.startsWith(".") && ENDINGS.contains(ending);
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
    public Frames read(Item item) throws IOException {
        return reader.read(item.file());
    }
}
