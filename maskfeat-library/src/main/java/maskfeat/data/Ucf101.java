package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;

/**
 * The official lists of UCF101 (Soomro et al. 2012): {@code trainlist01.txt} has lines {@code Class/v_name.avi 1},
 * {@code testlist01.txt} the same without numbers, and {@code classInd.txt} beside them {@code 1 Class}, counted from 1.
 *
 * <p>Videos lie anywhere under the lists' folder; where none is there, under the folder above it.
 */
final class Ucf101 implements ListingFormat {
    private static final String CLASSES = "classInd.txt";
    private static final Pattern LIST = Pattern.compile("(train|test)list(\\d+)\\.txt");
    private static final Pattern LINE = Pattern.compile("([^/\\\\]+)[/\\\\](.+)\\.(\\w+)(?:\\s+(\\d+))?");
    private static final Pattern CLASS = Pattern.compile("(\\d{1,6})\\s+(\\S.*)");

    @Override
    public boolean isOf(boolean images) {
        return !images;
    }

    @Override
    public boolean recognises(Path source) {
        return LIST.matcher(String.valueOf(source.getFileName())).matches()
                && Files.isRegularFile(source)
                && Files.isRegularFile(source.resolveSibling(CLASSES));
    }

    @Override
    public String whatNamesClasses() {
        return CLASSES;
    }

    @Override
    public Optional<Path> beside(Path training) {
        Matcher name = LIST.matcher(String.valueOf(training.getFileName()));
        return name.matches() && name.group(1).equals("train")
                ? Optional.of(training.resolveSibling("testlist" + name.group(2) + ".txt"))
                        .filter(Files::isRegularFile)
                : Optional.empty();
    }

    @Override
    public Listing read(Path source) throws IOException {
        List<String> classes = classes(source.resolveSibling(CLASSES));
        Map<String, Integer> labels = new HashMap<>();
        classes.forEach(name -> labels.put(name, labels.size()));
        List<String> names = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        int number = 0;
        for (String line : ListText.lines(source)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            Matcher parts = LINE.matcher(line.strip());
            Integer label = parts.matches() ? labels.get(parts.group(1)) : null;
            if (label == null) {
                throw new DatasetException(
                        source + ":" + number + ": expected 'Class/name.avi' and perhaps the number of"
                                + " the class, which " + CLASSES + " names; found '" + line + "'");
            }
            if (parts.group(4) != null && !parts.group(4).equals(Integer.toString(label + 1))) {
                throw new DatasetException(source + ":" + number + ": the class '" + parts.group(1)
                        + "' has the number " + (label + 1) + " in " + CLASSES + ", and not " + parts.group(4));
            }
            names.add(parts.group(2));
            numbers.add(label);
        }
        Path folder = source.toAbsolutePath().resolveSibling("");
        Map<String, Path> videos = FolderWalk.of(folder).videos(names);
        Path above = folder.getParent();
        if (videos.isEmpty() && above != null && above.getNameCount() > 0) {
            videos = FolderWalk.of(above).videos(names);
        }
        if (videos.isEmpty()) {
            throw new DatasetException(source + " names " + Plural.of(names.size(), "video")
                    + " of UCF101, none of which is under " + PathText.of(folder) + " or the folder above");
        }
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            // One that is not there is an item too: reading it will say so.
            Path missing = folder.resolve(classes.get(numbers.get(i))).resolve(names.get(i) + ".avi");
            items.add(new Item(videos.getOrDefault(names.get(i), missing), numbers.get(i)));
        }
        return new Listing(items, classes);
    }

    private static List<String> classes(Path file) throws IOException {
        List<String> classes = new ArrayList<>();
        for (String line : ListText.lines(file)) {
            if (line.isBlank()) {
                continue;
            }
            Matcher parts = CLASS.matcher(line.strip());
            if (!parts.matches() || Integer.parseInt(parts.group(1)) != classes.size() + 1) {
                throw new DatasetException(file + ":" + (classes.size() + 1) + ": expected '" + (classes.size() + 1)
                        + " Class', found '" + line + "'");
            }
            classes.add(parts.group(2));
        }
        return classes;
    }
}
