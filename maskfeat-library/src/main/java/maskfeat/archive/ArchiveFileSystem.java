package maskfeat.archive;

import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import maskfeat.disk.PathText;
import org.jspecify.annotations.Nullable;

/**
 * The members of one archive, or of several that belong together, as files in folders. Read only. Of several, each is a
 * folder named as the archive is, with an exclamation mark behind it; of shards of one folder, all are that folder.
 */
final class ArchiveFileSystem extends FileSystem {
    /** Stands behind the name of an archive where a member of it is named: {@code photos.zip!/cat/1.jpg}. */
    static final String MARK = "!";

    private final Path place;

    /** Where the archives lie; null for one alone. */
    private final @Nullable Path folder;

    /** By their paths from the folder; one alone by no name. */
    private final NavigableMap<String, Archive> archives;

    /** Of shards of one folder which of them holds each member, by the key in {@link #archives}; else null. */
    private final @Nullable NavigableMap<String, String> owners;

    private final String placeText;
    private final String prefix;

    private ArchiveFileSystem(
            Path place,
            @Nullable Path folder,
            NavigableMap<String, Archive> archives,
            @Nullable NavigableMap<String, String> owners) {
        this.place = place;
        this.folder = folder;
        this.archives = archives;
        this.owners = owners;
        this.placeText = PathText.of(place);
        String base = folder != null ? PathText.of(folder) : owners != null ? placeText : placeText + MARK;
        this.prefix = base.isEmpty() || base.endsWith("/") ? base : base + "/";
    }

    /** Of one archive. */
    static ArchiveFileSystem of(Path place, Archive archive) {
        return new ArchiveFileSystem(place, null, new TreeMap<>(Map.of("", archive)), null);
    }

    /**
     * Of several archives.
     *
     * @param place what names all of them
     * @param folder where they lie
     * @param archives by their paths from the folder, each with the {@link #MARK}
     */
    static ArchiveFileSystem of(Path place, Path folder, Map<String, Archive> archives) {
        return new ArchiveFileSystem(place, folder, new TreeMap<>(archives), null);
    }

    /**
     * Of shards that are one folder together.
     *
     * @param place the folder where they lie
     * @param archives by their names, each with the {@link #MARK}
     */
    static ArchiveFileSystem ofShards(Path place, Map<String, Archive> archives) {
        NavigableMap<String, String> owners = new TreeMap<>();
        archives.forEach((name, archive) -> archive.names().forEach(member -> owners.put(member, name)));
        return new ArchiveFileSystem(place, null, new TreeMap<>(archives), owners);
    }

    /** The same with an absolute place. */
    ArchiveFileSystem absolute() {
        return place.isAbsolute()
                ? this
                : new ArchiveFileSystem(
                        place.toAbsolutePath(), folder == null ? null : folder.toAbsolutePath(), archives, owners);
    }

    /** Where a path leads that lies in an archive. */
    record Found(Archive archive, String name) {}

    @Nullable Found find(String path) {
        if (owners != null) {
            String owner = owners.get(path);
            return owner == null ? null : new Found(Objects.requireNonNull(archives.get(owner)), path);
        }
        if (!isSeveral()) {
            return new Found(archives.firstEntry().getValue(), path);
        }
        for (int end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
            Archive archive = archives.get(path.substring(0, end));
            if (archive != null) {
                return new Found(archive, path.substring(end + 1));
            }
        }
        Archive archive = archives.get(path);
        return archive == null ? null : new Found(archive, "");
    }

    boolean isFolder(String path) {
        Found found = find(path);
        return found == null
                ? path.isEmpty() || Archive.holds(keys(), path)
                : found.archive().isFolder(found.name());
    }

    /** The names in a folder, in their order. */
    List<String> names(String path) {
        Found found = find(path);
        return found == null ? Archive.names(keys(), path) : found.archive().names(found.name());
    }

    private NavigableMap<String, ?> keys() {
        return owners == null ? archives : owners;
    }

    boolean isSeveral() {
        return folder != null;
    }

    boolean isOfShards() {
        return owners != null;
    }

    Path place() {
        return place;
    }

    NavigableMap<String, Archive> archives() {
        return archives;
    }

    ArchivePath root() {
        return new ArchivePath(this, "", true);
    }

    /** How a path in it is written, so that it can be read back. */
    String text(String path) {
        if (path.isEmpty()) {
            return placeText;
        }
        // One of several archives is written as its file is.
        if (owners != null && !archives.containsKey(path)) {
            String owner = owners.get(path);
            return owner == null ? placeText + MARK + "/" + path : prefix + owner + "/" + path;
        }
        String name = (isSeveral() || owners != null) && archives.containsKey(path)
                ? path.substring(0, path.length() - MARK.length())
                : path;
        return prefix + name;
    }

    @Override
    public FileSystemProvider provider() {
        return ArchiveProvider.INSTANCE;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("an archive holds nothing open");
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(root());
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic");
    }

    /** A relative path; to be resolved against one in the archive. */
    @Override
    public Path getPath(String first, String... more) {
        String joined = more.length == 0 ? first : first + "/" + String.join("/", more);
        return ArchivePath.relative(this, joined);
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher(syntaxAndPattern);
        return path -> matcher.matches(Path.of(path.toString()));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException("members of an archive have no owners");
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("an archive does not change");
    }
}
