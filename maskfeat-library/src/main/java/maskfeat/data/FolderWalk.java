package maskfeat.data;

import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import maskfeat.archive.Archives;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.disk.Uris;

/**
 * What lies in a folder at any depth, as every data set looks for it: hidden files and folders are not there, links are
 * followed and loops are not.
 *
 * @param root the folder
 * @param files from the root, ordered by their characters, the same on every platform
 * @param special pipes, devices and sockets, of an archive links too, from the root, which are passed over
 */
record FolderWalk(Path root, List<Path> files, List<Path> special) {
    /** The last one in an archive, which does not change while it is open. */
    private static volatile SoftReference<FolderWalk> last = new SoftReference<>(null);

    /** @throws DatasetException if a folder cannot be read */
    static FolderWalk of(Path root) throws IOException {
        if (!Archives.isInside(root)) {
            return walked(root);
        }
        FolderWalk known = last.get();
        if (known != null && known.root.getFileSystem() == root.getFileSystem() && known.root.equals(root)) {
            return known;
        }
        FolderWalk found = walked(root);
        FolderWalk walk = new FolderWalk(root, List.copyOf(found.files), List.copyOf(found.special));
        last = new SoftReference<>(walk);
        return walk;
    }

    private static FolderWalk walked(Path root) throws IOException {
        List<Path> files = new ArrayList<>();
        List<Path> special = new ArrayList<>();
        Files.walkFileTree(
                root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                        return !Uris.in(root, dir).equals(root) && isHidden(dir)
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (attributes.isOther()) {
                            special.add(root.relativize(Uris.in(root, file)));
                            return FileVisitResult.CONTINUE;
                        }
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
                        if (!isHidden(file)) {
                            files.add(root.relativize(Uris.in(root, file)));
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        sort(files);
        sort(special);
        return new FolderWalk(root, files, special);
    }

    /** Endings in a sentence: the common ones of them, and how many more there are. */
    static String some(List<String> common, Set<String> endings) {
        return String.join(", ", common) + " and " + (endings.size() - common.size())
                + " others (docs/data.md lists them)";
    }

    /** What a person should know of what was found, a sentence each. */
    List<String> notices() {
        List<String> notices = new ArrayList<>(Archives.notices(root));
        if (!special.isEmpty()) {
            notices.add(root + ": " + special.size() + " of what is in it " + (special.size() == 1 ? "is" : "are")
                    + (Archives.isInside(root) ? " a link, pipe or device" : " a pipe, device or socket")
                    + " and passed over, the first " + PathText.of(special.get(0)));
        }
        return notices;
    }

    static void sort(List<Path> files) {
        files.sort(Comparator.comparing(FolderWalk::slashed));
    }

    /** The same order on every platform. */
    static String slashed(Path path) {
        return PathText.of(path).replace(path.getFileSystem().getSeparator(), "/");
    }

    static boolean isHidden(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    /** In lower case, without the dot; empty where there is none. */
    static String ending(Path file) {
        return ending(file.getFileName().toString());
    }

    /** As of a file of this name. */
    static String ending(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /**
     * Its videos by their names without the ending; of several of one name the first.
     *
     * @param names that are wanted
     */
    Map<String, Path> videos(Collection<String> names) {
        Set<String> wanted = new HashSet<>(names);
        Map<String, Path> found = new HashMap<>();
        for (Path file : files) {
            String name = PathText.of(file.getFileName());
            int dot = name.lastIndexOf('.');
            if (dot > 0 && VideoDataset.ENDINGS.contains(ending(name)) && wanted.contains(name.substring(0, dot))) {
                found.putIfAbsent(name.substring(0, dot), root.resolve(file));
            }
        }
        return found;
    }

    /** How many of the files have each ending. */
    static Map<String, Integer> endings(Collection<Path> files) {
        Map<String, Integer> endings = new TreeMap<>();
        files.forEach(file -> endings.merge(ending(file), 1, Integer::sum));
        return endings;
    }

    /** Endings in words: {@code 2200 files ending in jpg, 1 in txt}. */
    static String counted(Map<String, Integer> endings) {
        List<String> words = new ArrayList<>();
        endings.forEach((ending, count) -> words.add((words.isEmpty() ? Plural.of(count, "file") : count)
                + (ending.isEmpty() ? " without an ending" : " ending in " + ending)));
        return String.join(", ", words);
    }

    /** How many files have one of some endings. */
    static int count(Map<String, Integer> endings, Collection<String> some) {
        return some.stream().mapToInt(ending -> endings.getOrDefault(ending, 0)).sum();
    }

    /** The first-level folders of some of its files, sorted, if each lies in one; else none. */
    static List<String> classes(List<Path> files) {
        return files.stream().allMatch(file -> file.getNameCount() > 1)
                ? files.stream()
                        .map(file -> PathText.of(file.getName(0)))
                        .distinct()
                        .sorted()
                        .toList()
                : List.of();
    }

    /** Some of its files, with the number of their class. */
    List<Item> items(List<Path> some, List<String> classes) {
        Map<String, Integer> labels = new HashMap<>();
        classes.forEach(name -> labels.put(name, labels.size()));
        return some.stream()
                .map(file -> new Item(
                        root.resolve(file), labels.getOrDefault(PathText.of(file.getName(0)), Item.UNLABELLED)))
                .toList();
    }
}
