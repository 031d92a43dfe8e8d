package maskfeat.data;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import maskfeat.archive.Archives;
import maskfeat.archive.TarShards;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.PathText;
import maskfeat.disk.Uris;

/** What somebody names as data. Zip and tar files, one or several, are the folders of what is in them. */
final class Sources {
    /** Endings of what a folder is searched for. */
    static final Set<String> ARCHIVES = Set.of("zip", "tar");

    private static final Set<String> COMPRESSED = Set.of("tgz", "tbz2", "txz", "gz", "zst", "xz", "bz2");

    /** What macOS adds to zip files. */
    private static final String RESOURCE_FORKS = "__MACOSX";

    private static final Pattern ARCHIVE = Pattern.compile("(?i).*\\.(zip|tar)");

    private Sources() {}

    /**
     * The folder of an archive's members, or of several archives, where a path names these; else the same path, whether or not
     * there is something.
     *
     * @throws DatasetException if an archive cannot be read, or is compressed
     * @throws java.nio.file.NoSuchFileException if some of several archives are not there
     */
    static Path of(Path given) throws IOException {
        Path within = Archives.within(given);
        if (Archives.isInside(within)) {
            return within;
        }
        try {
            List<Path> several = Archives.expanded(given);
            if (!several.isEmpty()) {
                return Archives.open(given, several);
            }
            if (Files.isDirectory(given)) {
                return folder(given);
            }
            if (ListFile.isMedia(given.toString())) {
                return given;
            }
            if (Archives.isArchive(given)) {
                return withoutWrapping(Archives.open(given));
            }
            Optional<String> compression = Archives.compression(given);
            if (compression.isPresent()) {
                throw new DatasetException(given + " is " + compression.get());
            }
            if (Files.isRegularFile(given) && ARCHIVE.matcher(given.toString()).matches()) {
                throw new DatasetException(given + " is no zip or tar file although it is called one"
                        + (Files.size(given) == 0 ? ": it is empty" : ": it does not begin as they do")
                        + "; if it is a list, give it another ending");
            }
            return given;
        } catch (DamagedFile bad) {
            throw new DatasetException(String.valueOf(bad.getMessage()));
        }
    }

    /** A file that lies beside the data, such as one with names of classes. */
    static Path beside(Path source, String name) {
        return Archives.isSeveral(source)
                ? Archives.files(source).get(0).resolveSibling(name)
                : source.resolveSibling(name);
    }

    /** A folder that holds archives and no data of its own is the data in these; shards of a folder are that folder. */
    private static Path folder(Path folder) throws IOException {
        if (TarShards.areIn(folder)) {
            return Archives.openShards(folder);
        }
        List<Path> archives = new ArrayList<>();
        List<Path> compressed = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path each : entries) {
                Path entry = Uris.in(folder, each);
                if (FolderWalk.isHidden(entry)) {
                    continue;
                }
                String ending = FolderWalk.ending(entry);
                if (ListFile.isMedia(PathText.of(entry.getFileName()))
                        || SplitLayout.isSplitList(
                                PathText.of(entry.getFileName()).toLowerCase(Locale.ROOT))
                        || Files.isDirectory(entry)) {
                    return folder;
                }
                if (ARCHIVES.contains(ending)) {
                    archives.add(entry);
                } else if (COMPRESSED.contains(ending)) {
                    compressed.add(entry);
                }
            }
        }
        if (archives.isEmpty() && !compressed.isEmpty()) {
            FolderWalk.sort(compressed);
            Optional<String> compression = Archives.compression(compressed.get(0));
            if (compression.isPresent()) {
                throw new DatasetException(folder + " holds no data but in compressed files: " + compressed.get(0)
                        + " is " + compression.get());
            }
        }
        if (archives.isEmpty() || ListingFormats.of(folder).isPresent()) {
            return folder;
        }
        FolderWalk.sort(archives);
        return archives.size() == 1 ? withoutWrapping(Archives.open(archives.get(0))) : Archives.open(folder, archives);
    }

    /** Folders that are packed have their own name in the archive before all others; that is no class. */
    private static Path withoutWrapping(Path root) throws IOException {
        Path folder = root;
        Optional<Path> only = onlyFolder(folder);
        while (only.isPresent()
                && !SplitLayout.isSplit(PathText.of(only.get().getFileName()))
                && holdsFoldersAlone(only.get())) {
            folder = only.get();
            only = onlyFolder(folder);
        }
        return folder;
    }

    /** The folder in another, if there is but one and no image or video beside it. */
    private static Optional<Path> onlyFolder(Path folder) throws IOException {
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path each : entries) {
                Path entry = Uris.in(folder, each);
                if (FolderWalk.isHidden(entry)
                        || PathText.of(entry.getFileName()).equals(RESOURCE_FORKS)) {
                    continue;
                }
                if (Files.isDirectory(entry)) {
                    folders.add(entry);
                } else if (ListFile.isMedia(PathText.of(entry.getFileName()))) {
                    return Optional.empty();
                }
            }
        }
        return folders.size() == 1 ? Optional.of(folders.get(0)) : Optional.empty();
    }

    private static boolean holdsFoldersAlone(Path folder) throws IOException {
        boolean some = false;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path each : entries) {
                Path entry = Uris.in(folder, each);
                boolean isFolder = Files.isDirectory(entry);
                some |= isFolder;
                if (!isFolder && ListFile.isMedia(PathText.of(entry.getFileName()))) {
                    return false;
                }
            }
        }
        return some;
    }
}
