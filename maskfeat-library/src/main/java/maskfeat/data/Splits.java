package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import maskfeat.data.LabelledSet.Known;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import org.jspecify.annotations.Nullable;

/**
 * Labelled data for training a classifier and for measuring it, with the same classes.
 *
 * <p>In a folder are found, the first that is there:
 *
 * <ul>
 *   <li>for clips, Something-Something v2: its JSON lists for training and validation;
 *   <li>two list files with labels, as Kinetics has them in SlowFast: {@code train.csv} and {@code val.csv}, or {@code .txt};
 *   <li>two folders of class folders, as ImageNet and Kinetics have them: {@code train} and {@code val};
 *   <li>one folder or list of these names and nothing else of its kind;
 *   <li>class folders.
 * </ul>
 *
 * <p>For {@code train} it may be {@code training}; for {@code val}, {@code validation}, {@code valid} or, where there is
 * none of these, {@code test} or {@code testing}; in capitals or not.
 *
 * <p>Classes of folders are numbered by their sorted names, as ImageNet's are. Classes of a list are named by
 * {@code classes.txt} beside it, whose line i names label i, counted from 0, and else by their numbers.
 *
 * @param train each item labelled
 * @param validation each item labelled; empty where nothing is known to measure on
 * @param classes names by label, of both
 * @param notices what a person should know, a sentence each, to be shown once
 */
public record Splits(Dataset train, Optional<Dataset> validation, List<String> classes, List<String> notices) {
    /**
     * How much of the data trains, and what measures.
     *
     * @param perClass training items of each class, drawn by the seed; 0 for all. A smaller draw is part of a larger, and
     *     the same whatever else is set
     * @param holdOut share of each class's training items, 0 to 1, both excluded, that are drawn for validation instead:
     *     rounded, but one at least of each class that has two, and never all; 0 for none
     * @param seed of both draws
     * @param classNames names the labels of list files in place of {@code classes.txt} beside them; null for that
     */
    public record Options(
            int perClass,
            double holdOut,
            long seed,
            @Nullable Path classNames) {
        /** All for training, nothing held out. */
        public static final Options NONE = new Options(0, 0, 0, null);

        public Options {
            if (perClass < 0) {
                throw new IllegalArgumentException(
                        perClass + " training items of each class: must be 1 or more, or 0 for all");
            }
            if (!(holdOut >= 0 && holdOut < 1)) {
                throw new IllegalArgumentException(
                        "a share of " + holdOut + " to hold out must lie between 0 and 1, or be 0 for none");
            }
        }
    }

    public Splits {
        classes = List.copyOf(classes);
        notices = List.copyOf(notices);
    }

    /**
     * Opens labelled data for training.
     *
     * @param source a folder in one of the forms above, or a list file. For a list {@code train.csv} with {@code val.csv}
     *     beside it that one is for validation, or likewise with another ending, if neither {@code validation} is given
     *     nor anything held out
     * @param validation a folder or list for validation; null for what is found in or beside {@code source}
     * @param clip which frames of a video are taken, or that the data are images
     * @throws java.nio.file.NoSuchFileException if there is nothing at one of the paths
     * @throws DatasetException if items have no label, there is but one class, validation has a class that training has
     *     not, or items would be held out where there are others for validation
     * @throws IllegalArgumentException if an option would do nothing or contradicts {@code validation}
     */
    public static Splits open(Path source, @Nullable Path validation, ClipSampler clip, Options options)
            throws IOException {
        return opened(Sources.of(source), validation == null ? null : Sources.of(validation), clip, options);
    }

    private static Splits opened(Path source, @Nullable Path validation, ClipSampler clip, Options options)
            throws IOException {
        if (validation != null && options.holdOut() > 0) {
            throw new IllegalArgumentException("a share of " + options.holdOut() + " to hold out and the validation"
                    + " data " + validation + " exclude each other; leave one of them away");
        }
        SplitLayout layout = SplitLayout.of(source, clip, true);
        List<String> notices = new ArrayList<>(validation == null ? layout.notices() : List.of());
        Path trainSource = layout.train();
        if (trainSource == null) {
            throw new DatasetException(source + " holds data for validation, " + layout.validation()
                    + ", and none for training; name those train");
        }
        Path validationSource = validation == null ? layout.validation() : validation(validation, clip, notices::add);
        if (validationSource != null && options.holdOut() > 0) {
            throw new DatasetException(source + " has data for validation already, " + validationSource
                    + "; hold nothing out, or give " + trainSource + " as the data");
        }
        if (validationSource == null && options.holdOut() == 0) {
            validationSource = SplitLayout.beside(trainSource).orElse(null);
        }
        if (validation != null && layout.validation() != null && !samePlace(validationSource, layout.validation())) {
            notices.add(layout.validation() + " is not used: measured on is " + validation);
        }
        LabelledSet labelled = LabelledSet.open(trainSource, clip, options.classNames());
        Dataset all = labelled.data();
        notices.addAll(all.notices());
        checkClasses(all);
        List<String> classes = all.classes();
        noteMissing(all, "for training", notices::add);
        noteSplitsInside(all, notices::add);
        Dataset train = all;
        Dataset held = null;
        if (options.perClass() > 0 || options.holdOut() > 0) {
            ClassDraw draw = new ClassDraw(all, options.seed());
            noteRepeated(all, draw, notices::add);
            IntUnaryOperator heldOut = label -> heldOut(draw.count(label), options.holdOut());
            if (options.holdOut() > 0) {
                held = heldOut(all, draw, heldOut, notices::add);
            }
            train = training(all, draw, heldOut, options.perClass(), notices::add);
        }
        if (validationSource != null) {
            Known known = new Known(classes, "the training data " + trainSource);
            LabelledSet measured = LabelledSet.open(validationSource, clip, namesFor(validationSource, options));
            notices.addAll(measured.data().notices());
            held = measured.in(known, notices::add);
            noteMissing(held, "for validation", notices::add);
            noteShared(train, held, notices::add);
        }
        return new Splits(train, Optional.ofNullable(held), classes, notices);
    }

    /**
     * Opens labelled data for measuring a trained classifier. Labels are brought to its classes by their names; where one
     * side has numbers alone, as a list has without {@code classes.txt}, by number.
     *
     * @param source a folder of splits, of which the one for validation is taken; or a folder of class folders, or a list
     * @param clip which frames of a video are taken, or that the data are images
     * @param classes names by label, of the classifier; {@code 0, 1, 2, ...} where it has none
     * @param notice takes what a person should know, a sentence each
     * @return each item labelled, with {@code classes} as its classes
     * @throws java.nio.file.NoSuchFileException if there is nothing at {@code source}
     * @throws DatasetException if items have no label, or one that is none of the classes
     */
    public static Dataset labelled(Path source, ClipSampler clip, List<String> classes, Consumer<String> notice)
            throws IOException {
        LabelledSet labelled = LabelledSet.open(validation(Sources.of(source), clip, notice), clip, null);
        labelled.data().notices().forEach(notice);
        Dataset data = labelled.in(new Known(classes, "the checkpoint"), notice);
        noteMissing(data, "to be measured", notice);
        return data;
    }

    /**
     * Opens data for training without labels. Of a folder that holds parts of a data set, lists or folders named train, val
     * and the like, the one for training is taken.
     *
     * @param source a folder of images or videos, or a list
     * @param clip which frames of a video are taken, or that the data are images
     * @param notice takes what a person should know, a sentence each
     * @throws java.nio.file.NoSuchFileException if there is nothing at {@code source}
     * @throws DatasetException if there is nothing in it to train on
     */
    public static Dataset unlabelled(Path source, ClipSampler clip, Consumer<String> notice) throws IOException {
        Path folder = Sources.of(source);
        SplitLayout layout = SplitLayout.of(folder, clip, false);
        Path train = layout.train();
        if (train == null) {
            notice.accept(source + " has nothing named train: trains on all of it, " + names(layout.parts()));
            train = folder;
        } else if (!train.equals(folder)) {
            Path taken = train;
            List<Path> left =
                    layout.parts().stream().filter(part -> !part.equals(taken)).toList();
            notice.accept(source + " holds parts of a data set: trains on " + train.getFileName() + " alone"
                    + (left.isEmpty()
                            ? ""
                            : "; " + names(left) + (left.size() == 1 ? " is" : " are")
                                    + " left out (a list file may name files of all)"));
        }
        Dataset data = Dataset.open(train, clip);
        data.notices().forEach(notice);
        noteSplitsFurtherDown(data, notice);
        return data;
    }

    /**
     * Opens other data than is trained on, to measure what was learned, with or without labels. Of a folder that holds parts of a
     * data set the one for validation is taken.
     *
     * @param train what is trained on, labelled or not
     * @param source a folder of images or videos, or a list
     * @param clip which frames of a video are taken, or that the data are images
     * @param notice takes what a person should know, a sentence each
     * @return with the classes of {@code train}, and labels among them, where both are labelled and the classes of the one are known
     *     to the other
     * @throws java.nio.file.NoSuchFileException if there is nothing at {@code source}
     * @throws DatasetException if there is nothing in it to measure on
     */
    public static Dataset beside(Dataset train, Path source, ClipSampler clip, Consumer<String> notice)
            throws IOException {
        Path part = validation(Sources.of(source), clip, notice);
        Dataset data = Dataset.open(part, clip);
        data.notices().forEach(notice);
        noteShared(train, data, notice);
        if (!isLabelled(data)) {
            return data;
        }
        LabelledSet labelled = LabelledSet.open(part, clip, null);
        if (!isLabelled(train)) {
            return labelled.data();
        }
        try {
            return labelled.in(new Known(train.classes(), "the training data " + train.place()), notice);
        } catch (DatasetException others) {
            // Folders may be albums, which are no classes.
            notice.accept(others.getMessage() + "; labels of training are not used");
            return labelled.data();
        }
    }

    /** Whether every item has a label, and there are two classes or more. */
    public static boolean isLabelled(Dataset data) {
        return data.classes().size() > 1 && data.items().stream().noneMatch(item -> item.label() == Item.UNLABELLED);
    }

    private static String names(List<Path> parts) {
        return parts.stream().map(part -> String.valueOf(part.getFileName())).collect(Collectors.joining(", "));
    }

    private static boolean samePlace(@Nullable Path a, Path b) {
        return a != null
                && a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
    }

    /** The part of a source that is for validation: itself, where it has no parts. */
    private static Path validation(Path source, ClipSampler clip, Consumer<String> notice) throws IOException {
        SplitLayout layout = SplitLayout.of(source, clip, true);
        Path validation = layout.validation();
        if (validation != null) {
            layout.notices().forEach(notice);
            return validation;
        }
        Path train = layout.train();
        if (train != null && !train.equals(source)) {
            throw new DatasetException(source + " holds data for training, " + train
                    + ", and none for validation; name that val, or give " + train + " itself");
        }
        return source;
    }

    /** Of two lists one file names the classes; a folder names its own. */
    private static @Nullable Path namesFor(Path validation, Options options) {
        return Files.isDirectory(validation) ? null : options.classNames();
    }

    private static void checkClasses(Dataset data) throws DatasetException {
        Set<Integer> present = LabelledSet.present(data);
        if (present.size() < 2) {
            throw new DatasetException(data.place() + " holds one class alone, '"
                    + data.classes().get(present.iterator().next())
                    + "'; a classifier needs two or more: if the classes are folders further down, give the folder"
                    + " that holds them");
        }
    }

    private static int heldOut(int count, double share) {
        return share == 0 || count < 2 ? 0 : (int) Math.min(Math.max(Math.round(share * count), 1), count - 1);
    }

    private static Dataset heldOut(Dataset all, ClassDraw draw, IntUnaryOperator heldOut, Consumer<String> notice)
            throws DatasetException {
        List<Item> items = draw.back(heldOut);
        if (items.isEmpty()) {
            throw new DatasetException(all.place() + " has no class of two " + all.noun()
                    + " or more, so none can be held out; give data for validation");
        }
        List<String> single = IntStream.range(0, all.classes().size())
                .filter(label -> draw.count(label) == 1)
                .mapToObj(all.classes()::get)
                .toList();
        if (!single.isEmpty()) {
            notice.accept(all.place() + ": nothing is held out of " + classes(ClassNames.quoted(single))
                    + ", each with a single item");
        }
        return Subset.of(all, items, all.classes());
    }

    private static Dataset training(
            Dataset all, ClassDraw draw, IntUnaryOperator heldOut, int perClass, Consumer<String> notice) {
        List<String> fewer = new ArrayList<>();
        List<Item> items = draw.front(label -> {
            int there = draw.count(label) - heldOut.applyAsInt(label);
            if (there > 0 && there < perClass) {
                fewer.add(ClassNames.quoted(all.classes().get(label)) + " (" + there + ")");
            }
            return perClass == 0 ? there : Math.min(perClass, there);
        });
        if (!fewer.isEmpty()) {
            notice.accept(all.place() + " has fewer than " + Plural.of(perClass, "item") + " for training of "
                    + classes(fewer) + ": all of them are taken");
        }
        return Subset.of(all, items, all.classes());
    }

    private static void noteMissing(Dataset data, String purpose, Consumer<String> notice) {
        Set<Integer> present = LabelledSet.present(data);
        List<String> missing = IntStream.range(0, data.classes().size())
                .filter(label -> !present.contains(label))
                .mapToObj(data.classes()::get)
                .toList();
        if (!missing.isEmpty()) {
            notice.accept(data.place() + " has no item " + purpose + " of " + classes(ClassNames.quoted(missing)));
        }
    }

    /** Several data sets in a folder look like so many classes. */
    private static void noteSplitsInside(Dataset data, Consumer<String> notice) {
        if (!Files.isDirectory(data.source())) {
            return;
        }
        for (Item item : data.items()) {
            Path path = data.source().relativize(item.file());
            boolean inClass = data.classes().contains(PathText.of(path.getName(0)));
            if (path.getNameCount() > 2
                    && inClass
                    && SplitLayout.isSplit(path.getName(1).toString())) {
                notice.accept("all in " + PathText.shown(data.source().resolve(path.getName(0))) + ", its folder "
                        + path.getName(1)
                        + " too, is taken for items of the class '" + path.getName(0)
                        + "'; if it is a data set of its own, give it as the data");
                return;
            }
        }
    }

    private static void noteSplitsFurtherDown(Dataset data, Consumer<String> notice) {
        if (!Files.isDirectory(data.source())) {
            return;
        }
        for (Item item : data.items()) {
            Path path = data.source().relativize(item.file());
            for (int depth = 1; depth < path.getNameCount() - 1; depth++) {
                if (SplitLayout.isSplit(path.getName(depth).toString())) {
                    notice.accept("trains on all in " + data.place() + ", in which "
                            + path.subpath(0, depth + 1)
                            + " and the folders beside it may be parts of a data set; give one of them as the data to"
                            + " leave out the others");
                    return;
                }
            }
        }
    }

    private static void noteRepeated(Dataset all, ClassDraw draw, Consumer<String> notice) {
        int distinct = IntStream.range(0, all.classes().size()).map(draw::count).sum();
        if (distinct < all.size()) {
            notice.accept(all.place() + " names " + (all.size() - distinct) + " of its " + all.noun()
                    + " again; they count once in what is drawn");
        }
    }

    private static void noteShared(Dataset train, Dataset validation, Consumer<String> notice) {
        Set<Path> files = new HashSet<>();
        train.items().forEach(item -> files.add(place(item)));
        List<Item> shared = validation.items().stream()
                .filter(item -> files.contains(place(item)))
                .toList();
        if (!shared.isEmpty()) {
            notice.accept(shared.size() + " of the " + validation.size() + " " + validation.noun()
                    + " for validation are for training too, the first "
                    + shared.get(0).file()
                    + ": what is measured on them says little");
        }
    }

    private static Path place(Item item) {
        return item.file().toAbsolutePath().normalize();
    }

    private static String classes(List<String> quoted) {
        return (quoted.size() == 1 ? "the class " : quoted.size() + " classes, ") + ClassNames.few(quoted);
    }
}
