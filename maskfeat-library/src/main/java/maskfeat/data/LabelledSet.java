package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import org.jspecify.annotations.Nullable;

/**
 * A data set whose every item has a label.
 *
 * @param isList whether it is a list file
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
    static LabelledSet open(Path given, ClipSampler clip, @Nullable Path classNames) throws IOException {
        Path source = Sources.of(given);
        Dataset data = Dataset.open(source, clip);
        boolean isFolder = Files.isDirectory(source);
        Optional<ListingFormat> format = ListingFormats.of(source, clip);
        boolean isList = !isFolder && format.isEmpty();
        checkLabels(data, isFolder && format.isEmpty(), isList);
        ClassNames.checkDistinct(source.toString(), data.classes());
        boolean numbered = format.isPresent() && ClassNames.areNumbers(data.classes());
        if (!isList && !numbered) {
            if (classNames != null) {
                throw new IllegalArgumentException(classNames + " would name nothing: the classes of " + source
                        + " are named by its "
                        + format.map(ListingFormat::whatNamesClasses).orElse("folders")
                        + "; leave it away, or give a list file");
            }
            return new LabelledSet(data, false, true);
        }
        Path beside = Sources.beside(source, ClassNames.FILE);
        Path names = classNames == null && Files.isRegularFile(beside) ? beside : classNames;
        boolean namesThem = !ClassNames.areNumbers(data.classes());
        if (names == null) {
            return new LabelledSet(data, isList, namesThem);
        }
        List<String> read = ClassNames.read(names);
        if (!namesThem) {
            return new LabelledSet(named(data, isList, read, names), isList, true);
        }
        LabelledSet labelled = new LabelledSet(data, isList, true);
        Known known = new Known(read, "the file of class names " + names);
        return new LabelledSet(labelled.in(known, notice -> {}), isList, true);
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

    private static Dataset named(Dataset list, boolean isList, List<String> names, Path file) throws IOException {
        for (int i = 0; i < list.size(); i++) {
            int label = list.items().get(i).label();
            if (label >= names.size()) {
                boolean fromOne = label == names.size()
                        && list.items().stream().mapToInt(Item::label).min().orElse(0) == 1;
                throw new DatasetException(place(list, isList, i) + ": label " + label + " has no name in "
                        + file + ", which has " + Plural.of(names.size(), "line") + " and so names for the labels 0 to "
                        + (names.size() - 1)
                        + (fromOne
                                ? "; the labels seem to count from 1, and should from 0"
                                : "; add the missing lines, or give the file that belongs to the list"));
            }
        }
        return Subset.of(list, list.items(), names);
    }

    /** Where an item has its label, for messages. */
    private static String place(Dataset data, boolean isList, int index) throws IOException {
        return isList
                ? ListFile.place(data.source(), index)
                : PathText.of(data.items().get(index).file());
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
        if (ClassNames.same(data.classes(), known.names())) {
            return Subset.of(data, data.items(), known.names());
        }
        Set<String> keys = known.names().stream().map(ClassNames::key).collect(Collectors.toSet());
        boolean byName = isNamed && presentNames().stream().map(ClassNames::key).allMatch(keys::contains);
        if (byName) {
            noteNumbers(known, notice);
            return renumbered(known);
        }
        if (!isNamed && namesANumber(known)) {
            return byNumericName(known, notice);
        }
        boolean knownAreNumbers = ClassNames.areNumbers(known.names());
        boolean labelsAreNumbers =
                isList || data.classes().size() == known.names().size();
        if (isNamed && !(knownAreNumbers && labelsAreNumbers)) {
            throw unknown(known);
        }
        checkRange(known);
        if (isNamed) {
            checkOrder(known);
            notice.accept(known.owner() + " knows its classes by number alone: those of " + data.place()
                    + " are taken in their order, 0 for '" + data.classes().get(0) + "'");
        } else if (!knownAreNumbers) {
            notice.accept(data.place() + " does not name its classes, and has no " + ClassNames.FILE
                    + " beside it: its labels are taken for numbers of those of " + known.owner() + ", 0 for '"
                    + known.names().get(0) + "'");
        }
        return Subset.of(data, data.items(), known.names());
    }

    /** Folders named by numbers lie in the order of their characters: 0, 1, 10, 2. */
    private void noteNumbers(Known known, Consumer<String> notice) {
        presentNames().stream()
                .filter(name -> ClassNames.areNumbers(known.names()))
                .filter(name -> data.classes().indexOf(name) != ClassNames.number(name))
                .findFirst()
                .ifPresent(name -> notice.accept("the classes of " + data.place() + " are numbers: '" + name
                        + "' is taken for the class " + name + " of " + known.owner()
                        + ", and not for its place in the order of the names, "
                        + data.classes().indexOf(name)));
    }

    /** Refuses to count classes by their order where their names are numbers that count otherwise. */
    private void checkOrder(Known known) throws DatasetException {
        for (String name : presentNames()) {
            int number = ClassNames.number(name);
            int place = data.classes().indexOf(name);
            if (number >= 0 && number < known.names().size() && number != place) {
                throw new DatasetException("the class '" + name + "' of " + data.place() + " may be the class "
                        + number
                        + " of " + known.owner() + ", which knows its classes by number alone, or, by its place in the"
                        + " order of the names, the class " + place + "; give a list file with the labels");
            }
        }
    }

    /** Whether a label of the list, as a number, is the name of another class than the one that it counts to. */
    private boolean namesANumber(Known known) {
        TreeSet<Integer> labels = present(data);
        for (int place = 0; place < known.names().size(); place++) {
            int number = ClassNames.number(known.names().get(place));
            if (number >= 0 && number != place && labels.contains(number)) {
                return true;
            }
        }
        return false;
    }

    /**
     * A number in a list that is the name of a class means that class.
     *
     * @throws DatasetException with both readings, if not all numbers are such names
     */
    private Dataset byNumericName(Known known, Consumer<String> notice) throws DatasetException {
        Map<Integer, Integer> places = new HashMap<>();
        for (int place = 0; place < known.names().size(); place++) {
            int number = ClassNames.number(known.names().get(place));
            Integer before = number < 0 ? null : places.putIfAbsent(number, place);
            if (before != null && present(data).contains(number)) {
                throw new DatasetException("the label " + number + " of " + data.place() + " may be the class '"
                        + known.names().get(before) + "' or '" + known.names().get(place) + "' of " + known.owner()
                        + "; write the names of the classes instead of numbers");
            }
        }
        TreeSet<Integer> labels = present(data);
        int counted = labels.stream()
                .filter(label -> places.containsKey(label) && !label.equals(places.get(label)))
                .findFirst()
                .orElseThrow();
        String other = counted < known.names().size() ? "'" + known.names().get(counted) + "'" : "none";
        Optional<Integer> unnamed =
                labels.stream().filter(label -> !places.containsKey(label)).findFirst();
        if (unnamed.isPresent()) {
            throw new DatasetException("the label " + counted + " of " + data.place()
                    + " may be the class of that name of "
                    + known.owner() + ", or the class that has that number in the order of the names, " + other
                    + ": the label " + unnamed.get() + " is no name of a class; name the labels in a file "
                    + ClassNames.FILE + " beside the list, or write the names of the classes instead of numbers");
        }
        notice.accept("labels of " + data.place() + " are names of classes: " + counted + " is taken for the class '"
                + known.names().get(Objects.requireNonNull(places.get(counted))) + "' of " + known.owner()
                + ", and not for the one that has that number in the order of the names, " + other);
        return Subset.of(
                data,
                data.items().stream()
                        .map(item ->
                                new Item(item.file(), Objects.requireNonNull(places.get(item.label())), item.part()))
                        .toList(),
                known.names());
    }

    private Dataset renumbered(Known known) {
        Map<String, Integer> numbers = new HashMap<>();
        known.names().forEach(name -> numbers.put(ClassNames.key(name), numbers.size()));
        List<Item> items = new ArrayList<>();
        for (Item item : data.items()) {
            Integer label = numbers.get(ClassNames.key(data.classes().get(item.label())));
            items.add(new Item(item.file(), label == null ? Item.UNLABELLED : label, item.part()));
        }
        return Subset.of(data, items, known.names());
    }

    private DatasetException unknown(Known known) {
        List<String> unknown = presentNames().stream()
                .filter(name -> known.names().stream()
                        .noneMatch(other -> ClassNames.key(other).equals(ClassNames.key(name))))
                .toList();
        String message = data.place() + " has the " + (unknown.size() == 1 ? "class " : "classes ")
                + ClassNames.few(ClassNames.quoted(unknown)) + ", which " + known.owner() + " does not know; ";
        if (ClassNames.areNumbers(known.names())) {
            return new DatasetException(
                    message + "it knows its " + Plural.of(known.names().size(), "class", "classes")
                            + " by number alone, and this data has "
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
                throw new DatasetException(place(data, isList, i) + ": label " + label + " is none of 0 to "
                        + (count - 1) + ", the labels of the " + Plural.of(count, "class", "classes") + " that "
                        + known.owner() + " knows");
            }
        }
    }
}
