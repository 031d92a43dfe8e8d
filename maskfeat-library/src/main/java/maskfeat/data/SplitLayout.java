package maskfeat.data;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.disk.PathText;
import org.jspecify.annotations.Nullable;

/**
 * Where in a folder the items for training and for validation are.
 *
 * @param train null where there are items for validation alone; the folder itself where it holds no splits
 * @param validation null where there is none
 * @param parts all that lie beside each other under such names, the others too; empty where the folder holds no splits
 * @param notices what a person should know of the choice
 */
record SplitLayout(@Nullable Path train, @Nullable Path validation, List<Path> parts, List<String> notices) {
    private static final List<String> TRAIN = List.of("train", "training");
    private static final List<String> VALIDATION = List.of("val", "validation", "valid", "validate");
    private static final List<String> TEST = List.of("test", "testing");
    private static final List<String> LISTS = List.of(".csv", ".txt");

    SplitLayout {
        parts = List.copyOf(parts);
        notices = List.copyOf(notices);
    }

    SplitLayout(@Nullable Path train, @Nullable Path validation, List<String> notices) {
        this(
                train,
                validation,
                Stream.of(train, validation).filter(Objects::nonNull).toList(),
                notices);
    }

    /** What holds no splits. */
    private static SplitLayout none(Path source) {
        return new SplitLayout(source, null, List.of(), List.of());
    }

    /**
     * Looks for splits in a folder; a list file and what is not there are no folder with splits.
     *
     * @param labelled whether lists without labels are none
     */
    static SplitLayout of(Path source, ClipSampler clip, boolean labelled) throws IOException {
        if (!Files.isDirectory(source)) {
            return none(source);
        }
        Optional<ListingFormat> format = ListingFormats.of(source, clip);
        if (format.isPresent()) {
            return format.get().splits(source);
        }
        Entries entries = Entries.of(source, labelled);
        SplitLayout folders = split(source, entries.folders, "");
        for (String ending : LISTS) {
            SplitLayout lists = split(source, entries.lists, ending);
            if (lists.isWhole() && folders.isWhole()) {
                return lists.noting(source + " has lists and folders of these names: reads " + lists.names()
                        + ", not the folders " + folders.names());
            }
            if (lists.isWhole()) {
                return lists;
            }
        }
        // A folder named train among others may well be a class: of trains.
        boolean splitsAlone = entries.folders.keySet().stream().allMatch(SplitLayout::isSplit);
        if (folders.isWhole() || !folders.isEmpty() && splitsAlone) {
            return folders;
        }
        for (String ending : LISTS) {
            SplitLayout list = split(source, entries.lists, ending);
            if (!list.isEmpty()) {
                return list.noting(source + " has the list " + list.names() + " and no other: reads that alone");
            }
        }
        return none(source);
    }

    /**
     * The list for validation that stands beside one for training: {@code val.csv} beside {@code train.csv}, and alike
     * for any ending; of Something-Something v2 the official name.
     */
    static Optional<Path> beside(Path list) throws IOException {
        if (Files.isDirectory(list)) {
            return Optional.empty();
        }
        Optional<ListingFormat> format = ListingFormats.of(list);
        return format.isPresent() ? format.get().beside(list) : validationBeside(list);
    }

    /** {@code val.csv} beside {@code train.csv}, and alike for any ending, if it is there. */
    static Optional<Path> validationBeside(Path list) {
        String name = String.valueOf(list.getFileName());
        if (!name.startsWith("train.")) {
            return Optional.empty();
        }
        String ending = name.substring("train".length());
        return VALIDATION.stream()
                .map(validation -> list.resolveSibling(validation + ending))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** Whether something is called as a part of a data set is, in lower case or not. */
    static boolean isSplit(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return TRAIN.contains(lower) || VALIDATION.contains(lower) || TEST.contains(lower);
    }

    /** Of parts by their names, such as train and val, in lower case. */
    static SplitLayout ofParts(Path source, Map<String, Path> parts) {
        return split(source, parts, "");
    }

    private boolean isWhole() {
        return train != null && validation != null;
    }

    private boolean isEmpty() {
        return train == null && validation == null;
    }

    private String names() {
        return Stream.of(train, validation)
                .filter(Objects::nonNull)
                .map(path -> PathText.of(path.getFileName()))
                .collect(Collectors.joining(" and "));
    }

    private SplitLayout noting(String notice) {
        List<String> all = new ArrayList<>(notices);
        all.add(notice);
        return new SplitLayout(train, validation, parts, all);
    }

    /** Whether a name in lower case is one of a list of a part. */
    static boolean isSplitList(String name) {
        return LISTS.stream()
                .filter(name::endsWith)
                .map(ending -> name.substring(0, name.length() - ending.length()))
                .anyMatch(SplitLayout::isSplit);
    }

    private static SplitLayout split(Path source, Map<String, Path> entries, String ending) {
        Path train = first(entries, TRAIN, ending);
        Path validation = first(entries, VALIDATION, ending);
        Path test = first(entries, TEST, ending);
        List<Path> parts = Stream.of(TRAIN, VALIDATION, TEST)
                .flatMap(List::stream)
                .map(name -> entries.get(name + ending))
                .filter(Objects::nonNull)
                .toList();
        return validation == null && test != null
                ? new SplitLayout(
                        train,
                        test,
                        parts,
                        List.of(source + " has nothing named val or validation; takes " + test + " for it"))
                : new SplitLayout(train, validation, parts, List.of());
    }

    private static @Nullable Path first(Map<String, Path> entries, List<String> names, String ending) {
        for (String name : names) {
            Path found = entries.get(name + ending);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /**
     * What lies in a folder, by its name in lower case.
     *
     * @param lists the files that list labelled items; others of the same name are about the data
     */
    private record Entries(Map<String, Path> folders, Map<String, Path> lists) {
        static Entries of(Path source, boolean labelled) throws IOException {
            Map<String, Path> folders = new TreeMap<>();
            Map<String, Path> lists = new TreeMap<>();
            List<Path> all = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(source)) {
                entries.forEach(all::add);
            }
            FolderWalk.sort(all);
            for (Path entry : all) {
                String name = PathText.of(entry.getFileName()).toLowerCase(Locale.ROOT);
                if (FolderWalk.isHidden(entry)) {
                    continue;
                }
                if (Files.isDirectory(entry)) {
                    folders.putIfAbsent(name, entry);
                } else if (isSplitList(name)
                        && Files.isRegularFile(entry)
                        && (ListingFormats.of(entry).isPresent()
                                || ListFile.isLabelled(entry)
                                || !labelled && ListFile.namesFiles(entry))) {
                    lists.putIfAbsent(name, entry);
                }
            }
            return new Entries(folders, lists);
        }
    }
}
