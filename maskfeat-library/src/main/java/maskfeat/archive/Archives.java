package maskfeat.archive;

import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import maskfeat.disk.PathText;
import maskfeat.disk.Uris;

/**
 * Zip and tar files as folders that can be read with {@link Files}, without unpacking them. A member is written
 * {@code photos.zip!/cat/1.jpg}, and {@link #within} reads that back.
 *
 * <p>What lies where is found once for each archive and kept. Members that are not compressed are read where they lie; a
 * deflated one is unpacked into memory.
 */
public final class Archives {
    private static final Map<Path, SoftReference<Archive>> KNOWN = new HashMap<>();

    private Archives() {}

    /** Whether a path is a zip or tar file, by its first bytes. */
    public static boolean isArchive(Path file) throws IOException {
        return isOutside(file) && Files.isRegularFile(file) && isReadable(Archive.Kind.of(file));
    }

    private static boolean isReadable(Archive.Kind kind) {
        return kind == Archive.Kind.ZIP || kind == Archive.Kind.TAR;
    }

    /** How a file is compressed that would have to be unpacked first, and what does that; empty if it is not. */
    public static Optional<String> compression(Path file) throws IOException {
        if (!isOutside(file) || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        return Optional.of(Archive.Kind.compression(Archive.Kind.start(file))).filter(text -> !text.isEmpty());
    }

    /** Of an archive in an archive only the outer one is read. */
    private static boolean isOutside(Path path) {
        return !isInside(path);
    }

    /**
     * The folder of all members of an archive.
     *
     * @throws maskfeat.disk.DamagedFile if it is none, or nothing in it can be found
     */
    public static Path open(Path file) throws IOException {
        return ArchiveFileSystem.of(file, archive(file)).root();
    }

    /**
     * The folder of several archives, each a folder of its name with an exclamation mark behind it.
     *
     * @param place what names all of them, for messages
     * @param files at least one, none of them in an archive
     * @throws maskfeat.disk.DamagedFile if one of them is no archive, or nothing in it can be found
     */
    public static Path open(Path place, List<Path> files) throws IOException {
        Path folder = common(files);
        Map<String, Archive> archives = new TreeMap<>();
        for (Path file : files) {
            String name = PathText.of(folder.toString().isEmpty() ? file : folder.relativize(file));
            archives.put(
                    name.replace(file.getFileSystem().getSeparator(), "/") + ArchiveFileSystem.MARK, archive(file));
        }
        return ArchiveFileSystem.of(place, folder, archives).root();
    }

    /**
     * What shards hold, as the one folder that was packed into them: each member where it would be there, written with the
     * shard that it lies in.
     *
     * @param folder that has a {@link TarShards}
     * @throws maskfeat.disk.DamagedFile if it is not finished, or a shard is missing or another than was written
     */
    public static Path openShards(Path folder) throws IOException {
        Map<String, Archive> archives = new TreeMap<>();
        for (Path shard : TarShards.require(folder).files(folder)) {
            archives.put(PathText.of(shard.getFileName()) + ArchiveFileSystem.MARK, archive(shard));
        }
        return ArchiveFileSystem.ofShards(folder, archives).root();
    }

    /** The deepest folder that all lie in. */
    private static Path common(List<Path> files) {
        Path folder = files.get(0).resolveSibling("");
        for (Path file : files) {
            while (!folder.toString().isEmpty() && !Uris.liesIn(folder, file)) {
                Path above = folder.getParent();
                folder = above == null ? folder.resolveSibling("") : above;
            }
        }
        return folder;
    }

    /** An archive, which is read anew only where it has changed. */
    private static synchronized Archive archive(Path file) throws IOException {
        Path key = file.toAbsolutePath().normalize();
        SoftReference<Archive> kept = KNOWN.get(key);
        Archive known = kept == null ? null : kept.get();
        if (known != null && known.isCurrent()) {
            return known;
        }
        Archive read = Archive.open(file);
        KNOWN.put(key, new SoftReference<>(read));
        return read;
    }

    /**
     * The files that a path with braces stands for, such as {@code shards-{000..099}.tar} or {@code {a,b}.tar}.
     *
     * @return empty if it stands for itself alone
     * @throws NoSuchFileException naming the first that is not there
     * @throws IllegalArgumentException if they are too many
     */
    public static List<Path> expanded(Path path) throws IOException {
        boolean isElsewhere = Uris.isElsewhere(path);
        String text = isElsewhere ? path.toString() : PathText.of(path);
        if (!isOutside(path) || !Braces.areIn(text) || Files.exists(path)) {
            return List.of();
        }
        List<Path> files = new ArrayList<>();
        List<Path> missing = new ArrayList<>();
        for (String each : Braces.expanded(text)) {
            Path file = isElsewhere ? path.getFileSystem().getPath(each) : PathText.path(each);
            (Files.exists(file) ? files : missing).add(file);
        }
        if (!missing.isEmpty()) {
            throw new NoSuchFileException(
                    PathText.shown(path),
                    null,
                    missing.size() + " of the " + (files.size() + missing.size())
                            + " files that it stands for " + (missing.size() == 1 ? "is" : "are")
                            + " not there, the first " + PathText.shown(missing.get(0)));
        }
        return files;
    }

    /** One text for files of a folder, of which {@link #expanded} makes them again. */
    public static Path joined(Path folder, List<Path> files) {
        return PathText.in(
                folder,
                Braces.joined(files.stream()
                        .map(file -> PathText.of(file.getFileName()))
                        .toList()));
    }

    /**
     * A path that names a member as messages and lists do, {@code photos.zip!/cat/1.jpg}, as a path in that archive. Any other
     * path stays as it is, also where the archive cannot be read.
     */
    public static Path within(Path named) {
        if (!isOutside(named) || named.toString().indexOf(ArchiveFileSystem.MARK) < 0 || Files.exists(named)) {
            return named;
        }
        for (int i = 1; i <= named.getNameCount(); i++) {
            String name = PathText.of(named.getName(i - 1));
            if (!name.endsWith(ArchiveFileSystem.MARK)) {
                continue;
            }
            Path above = i == 1 ? named.getRoot() : beginning(named, i - 1);
            String own = name.substring(0, name.length() - ArchiveFileSystem.MARK.length());
            Path file = PathText.in(above == null ? named.getFileSystem().getPath("") : above, own);
            try {
                boolean isShards = TarShards.areIn(file);
                if (isShards || isArchive(file)) {
                    Path root = isShards ? openShards(file) : open(file);
                    return i == named.getNameCount()
                            ? root
                            : root.resolve(PathText.of(named.subpath(i, named.getNameCount()))
                                    .replace(named.getFileSystem().getSeparator(), "/"));
                }
            } catch (IOException unreadable) {
                return named; // reading it will say that it is not there
            }
        }
        return named;
    }

    private static Path beginning(Path path, int names) {
        Path part = path.subpath(0, names);
        Path root = path.getRoot();
        return root == null ? part : root.resolve(part);
    }

    /** Whether a path lies in an archive. */
    public static boolean isInside(Path path) {
        return path instanceof ArchivePath;
    }

    /** Whether a path is the folder of several archives. */
    public static boolean isSeveral(Path path) {
        return path instanceof ArchivePath in
                && in.isWhole()
                && in.getNameCount() == 0
                && in.getFileSystem().isSeveral();
    }

    /** Whether a path lies in shards of one folder, which are read as that folder was, whatever lies in it. */
    public static boolean isOfShards(Path path) {
        return path instanceof ArchivePath in && in.getFileSystem().isOfShards();
    }

    /** What a person should know of the archives in which a folder lies, a sentence each; none for a folder on the disk. */
    public static List<String> notices(Path folder) {
        List<String> notices = new ArrayList<>();
        each(folder, (file, archive) -> archive.notices().forEach(notice -> notices.add(file + " " + notice)));
        return notices;
    }

    /** What is wrong with the archives themselves, by the path of each, a sentence that begins with it. */
    public static Map<Path, String> damage(Path folder) {
        Map<Path, String> damage = new LinkedHashMap<>();
        each(folder, (file, archive) -> archive.damage().forEach(what -> damage.put(file, file + " " + what)));
        return damage;
    }

    /** Members that cannot be taken, such as those whose names lead out of the archive, each with a sentence. */
    public static Map<Path, String> skipped(Path folder) {
        Map<Path, String> skipped = new LinkedHashMap<>();
        each(
                folder,
                (file, archive) -> archive.skipped().forEach((name, why) -> {
                    Path member = new ArchivePath(((ArchivePath) file).getFileSystem(), name, true);
                    skipped.put(member, member + " " + why);
                }));
        return skipped;
    }

    /** What a link, a device or the like in an archive is, a sentence; empty for anything else. */
    public static Optional<String> special(Path path) {
        if (!(path instanceof ArchivePath in)) {
            return Optional.empty();
        }
        ArchiveFileSystem.Found found = in.getFileSystem().find(in.names());
        Member member = found == null ? null : found.archive().member(found.name());
        return member == null || member.isFile() ? Optional.empty() : Optional.of(path + " " + member.fault());
    }

    private interface Each {
        /** @param file the folder of the archive's members */
        void accept(Path file, Archive archive);
    }

    private static void each(Path folder, Each each) {
        if (!(folder instanceof ArchivePath in)) {
            return;
        }
        ArchiveFileSystem.Found found = in.getFileSystem().find(in.names());
        if (found != null) {
            ArchiveFileSystem.Found place = found;
            String names = in.names();
            String root = names.substring(0, names.length() - place.name().length());
            each.accept(new ArchivePath(in.getFileSystem(), trimmed(root), true), place.archive());
            return;
        }
        in.getFileSystem()
                .archives()
                .forEach((name, archive) -> each.accept(new ArchivePath(in.getFileSystem(), name, true), archive));
    }

    private static String trimmed(String names) {
        return names.endsWith("/") ? names.substring(0, names.length() - 1) : names;
    }

    /** The archives of a folder of several, in order. */
    public static List<Path> files(Path several) {
        List<Path> files = new ArrayList<>();
        each(several, (file, archive) -> files.add(archive.file()));
        return files;
    }
}
