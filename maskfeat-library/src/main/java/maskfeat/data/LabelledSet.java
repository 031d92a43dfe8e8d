package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import maskfeat.disk.PathText;
import org.jspecify.annotations.Nullable;

/**
 * A data set whose every item has a label.
 *
 * @param isList whether it is a list file, whose labels are written as numbers
 * @param isNamed whether its classes have names of their own, not numbers alone
 */
record LabelledSet(Dataset data, boolean isList, boolean isNamed) {
    /**
     * Classes that labels are brought to.
     *
     * @param names by label
     * @param owner who knows them, for messages
     */
    record Known(List<String> names, String owner) {}

    /**
     * Opens a folder of class folders, a list with labels, or a list of Something-Something v2.
     *
     * @param classNames names the labels of a list; where null, {@code classes.txt} beside it does if it is there
     * @throws DatasetException if items have no label, or a label has no name
     * @throws IllegalArgumentException if {@code classNames} is given for what is no list
     */
    static LabelledSet open(Path source, ClipSampler clip, @Nullable Path classNames) throws IOException {
        Dataset data = Dataset.open(source, clip);
        boolean isFolder = Files.isDirectory(source);
        Optional<ListingFormat> format = ListingFormats.of(source, clip);
        boolean isList = !isFolder && format.isEmpty();
        checkLabels(data, isFolder && format.isEmpty(), isList);
        if (!isList) {
            if (classNames != null) {
                throw new IllegalArgumentException(classNames + " would name nothing: the classes of " + source
                        + " are named by its "
                        + format.map(ListingFormat::whatNamesClasses).orElse("folders")
                        + "; leave it away, or give a list file");
            }
            return new LabelledSet(data, false, true);
        }
        Path beside = source.resolveSibling(ClassNames.FILE);
        Path names = classNames == null && Files.isRegularFile(beside) ? beside : classNames;
        return names == null
                ? new LabelledSet(data, true, false)
                : new LabelledSet(named(data, ClassNames.read(names), names), true, true);
    }

    private static void checkLabels(Dataset data, boolean isFolder, boolean isList) throws IOException {
        int[] unlabelled = isFolder ? outsideFolders(data) : unlabelled(data);
        if (unlabelled.length == 0) {
            return;
        }
        Path source = data.source();
        String count = data.size() + " " + data.noun();
        if (unlabelled.length == data.size()) {
            throw new DatasetException(source + " holds " + count + " and no label; give a folder in which each class"
                    + " is a folder of its own, or a list of 'path label'");
        }
        Item first = data.items().get(unlabelled[0]);
        if (isFolder) {
            throw new DatasetException(unlabelled.length + " of the " + count + " in " + source
                    + " lie in no class folder, the first " + first.file()
                    + ", so none has a label; move them into folders of classes, or away");
        }
        String place = isList ? ListFile.place(source, unlabelled[0]) : source + ": " + first.file();
        throw new DatasetException(place + " has no label, and " + (unlabelled.length - 1) + " more of the " + count
                + "; all others have one: label them, or leave them out");
    }

    /** A single one of these takes the labels from all others. */
    private static int[] outsideFolders(Dataset data) {
        return IntStream.range(0, data.size())
                .filter(i ->
                        data.source().relativize(data.items().get(i).file()).getNameCount() < 2)
                .toArray();
    }

    private static int[] unlabelled(Dataset data) {
        return IntStream.range(0, data.size())
                .filter(i -> data.items().get(i).label() == Item.UNLABELLED)
                .toArray();
    }

    private static Dataset named(Dataset list, List<String> names, Path file) throws IOException {
        for (int i = 0; i < list.size(); i++) {
            int label = list.items().get(i).label();
            if (label >= names.size()) {
                boolean fromOne = label == names.size()
                        && list.items().stream().mapToInt(Item::label).min().orElse(0) == 1;
                throw new DatasetException(ListFile.place(list.source(), i) + ": label " + label + " has no name in "
                        + file + ", whose " + names.size() + " lines name the labels 0 to " + (names.size() - 1)
                        + (fromOne
                                ? "; the labels seem to count from 1, and should from 0"
                                : "; add the missing lines, or give the file that belongs to the list"));
            }
        }
        return Subset.of(list, list.items(), names);
    }

    /** The labels that have an item. */
    static TreeSet<Integer> present(Dataset data) {
        TreeSet<Integer> labels = new TreeSet<>();
        data.items().forEach(item -> labels.add(item.label()));
        return labels;
    }

    /** The names of the classes that have an item. */
    private List<String> presentNames() {
        return present(data).stream().map(data.classes()::get).toList();
    }

    /**
     * The same items with the labels of other classes of the same names. Where one side has numbers alone, a label is the
     * number of its class.
     *
     * @param notice takes what a person should know of this
     * @throws DatasetException if there is no class of a name or number
     */
    Dataset in(Known known, Consumer<String> notice) throws IOException {
        if (data.classes().equals(known.names())) {
            return data;
        }
        boolean byName = isNamed && known.names().containsAll(presentNames());
        if (byName) {
            return renumbered(known);
        }
        boolean knownAreNumbers = ClassNames.areNumbers(known.names());
        boolean labelsAreNumbers =
                isList || data.classes().size() == known.names().size();
        if (isNamed && !(knownAreNumbers && labelsAreNumbers)) {
            throw unknown(known);
        }
        checkRange(known);
        if (isNamed) {
            notice.accept(known.owner() + " knows its classes by number alone: those of " + data.source()
                    + " are taken in their order, 0 for '" + data.classes().get(0) + "'");
        } else if (!knownAreNumbers) {
            notice.accept(data.source() + " does not name its classes, and has no " + ClassNames.FILE
                    + " beside it: its labels are taken for numbers of those of " + known.owner() + ", 0 for '"
                    + known.names().get(0) + "'");
        }
        return Subset.of(data, data.items(), known.names());
    }

    private Dataset renumbered(Known known) {
        Map<String, Integer> numbers = new HashMap<>();
        known.names().forEach(name -> numbers.put(name, numbers.size()));
        List<Item> items = new ArrayList<>();
        for (Item item : data.items()) {
            Integer label = numbers.get(data.classes().get(item.label()));
            items.add(new Item(item.file(), label == null ? Item.UNLABELLED : label));
        }
        return Subset.of(data, items, known.names());
    }

    private DatasetException unknown(Known known) {
        List<String> unknown = presentNames().stream()
                .filter(name -> !known.names().contains(name))
                .toList();
        String message = data.source() + " has the " + (unknown.size() == 1 ? "class " : "classes ")
                + ClassNames.few(ClassNames.quoted(unknown)) + ", which " + known.owner() + " does not know; ";
        if (ClassNames.areNumbers(known.names())) {
            return new DatasetException(
                    message + "it knows its " + known.names().size()
                            + " classes by number alone, and this data has "
                            + data.classes().size() + "; give a list file with its labels");
        }
        return new DatasetException(message + "the nearest to '" + unknown.get(0) + "' is '"
                + ClassNames.nearest(unknown.get(0), known.names()) + "', and it knows "
                + known.names().size() + " in all: " + ClassNames.few(ClassNames.quoted(known.names())));
    }

    private void checkRange(Known known) throws IOException {
        int count = known.names().size();
        for (int i = 0; i < data.size(); i++) {
            int label = data.items().get(i).label();
            if (label >= count) {
                String place = isList
                        ? ListFile.place(data.source(), i)
                        : PathText.of(data.items().get(i).file());
                throw new DatasetException(place + ": label " + label + " is none of 0 to " + (count - 1)
                        + ", the labels of the " + count + " classes that " + known.owner() + " knows");
            }
        }
    }
}
