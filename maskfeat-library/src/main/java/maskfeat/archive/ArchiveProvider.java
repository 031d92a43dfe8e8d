package maskfeat.archive;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import maskfeat.disk.DamagedFile;
import org.jspecify.annotations.Nullable;

/** What {@link java.nio.file.Files} asks for. Not installed: paths come from {@link Archives}. */
final class ArchiveProvider extends FileSystemProvider {
    static final String SCHEME = "archive";
    static final ArchiveProvider INSTANCE = new ArchiveProvider();

    private ArchiveProvider() {}

    private record Attributes(long size, FileTime lastModifiedTime, boolean isRegularFile, boolean isDirectory)
            implements BasicFileAttributes {
        @Override
        public FileTime lastAccessTime() {
            return lastModifiedTime;
        }

        @Override
        public FileTime creationTime() {
            return lastModifiedTime;
        }

        @Override
        public boolean isSymbolicLink() {
            return false;
        }

        @Override
        public boolean isOther() {
            return !isRegularFile && !isDirectory;
        }

        @Override
        public @Nullable Object fileKey() {
            return null;
        }
    }

    private static ArchivePath own(Path path) {
        return (ArchivePath) path;
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        ArchivePath own = own(path);
        ArchiveFileSystem files = own.getFileSystem();
        String names = own.names();
        ArchiveFileSystem.Found found = files.find(names);
        Member member = found == null ? null : found.archive().member(found.name());
        if (found != null && member != null) {
            return new Attributes(member.size(), found.archive().changed(member), member.isFile(), false);
        }
        if (!files.isFolder(names)) {
            throw new NoSuchFileException(path.toString());
        }
        Archive archive = found == null ? files.archives().firstEntry().getValue() : found.archive();
        return new Attributes(0, archive.changed(null), false, true);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        if (options.stream().anyMatch(option -> option != StandardOpenOption.READ)) {
            throw new ReadOnlyFileSystemException();
        }
        ArchivePath own = own(path);
        ArchiveFileSystem.Found found = own.getFileSystem().find(own.names());
        Member member = found == null ? null : found.archive().member(found.name());
        if (found != null && member != null) {
            return found.archive().read(path, member);
        }
        if (attributes(path).isDirectory()) {
            throw new DamagedFile(path, "is a folder, not a file");
        }
        throw new NoSuchFileException(path.toString());
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        if (!attributes(folder).isDirectory()) {
            throw new NotDirectoryException(folder.toString());
        }
        List<Path> entries = new ArrayList<>();
        for (String name : own(folder).getFileSystem().names(own(folder).names())) {
            Path entry = folder.resolve(name);
            if (filter.accept(entry)) {
                entries.add(entry);
            }
        }
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                return entries.iterator();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public boolean isSameFile(Path path, Path other) {
        return path.equals(other)
                || path.toAbsolutePath()
                        .normalize()
                        .equals(other.toAbsolutePath().normalize());
    }

    @Override
    public boolean isHidden(Path path) {
        return String.valueOf(path.getFileName()).startsWith(".");
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        attributes(path);
        if (List.of(modes).contains(AccessMode.WRITE) || List.of(modes).contains(AccessMode.EXECUTE)) {
            throw new java.nio.file.AccessDeniedException(path.toString());
        }
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        if (!type.isAssignableFrom(BasicFileAttributes.class)) {
            throw new UnsupportedOperationException("members of an archive have basic attributes alone");
        }
        return type.cast(attributes(path));
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) throws IOException {
        BasicFileAttributes found = attributes(path);
        return Map.of(
                "size", found.size(),
                "lastModifiedTime", found.lastModifiedTime(),
                "isRegularFile", found.isRegularFile(),
                "isDirectory", found.isDirectory(),
                "isOther", found.isOther());
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        if (type != BasicFileAttributeView.class) {
            return null;
        }
        return type.cast(new BasicFileAttributeView() {
            @Override
            public String name() {
                return "basic";
            }

            @Override
            public BasicFileAttributes readAttributes() throws IOException {
                return attributes(path);
            }

            @Override
            public void setTimes(@Nullable FileTime changed, @Nullable FileTime accessed, @Nullable FileTime created) {
                throw new ReadOnlyFileSystemException();
            }
        });
    }

    // ---- what archives do not have
    // -----------------------------------------------------------------------------------

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> options) {
        throw new UnsupportedOperationException("archives are opened by their paths");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        throw new UnsupportedOperationException("archives are opened by their paths");
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException("archives are opened by their paths");
    }

    @Override
    public FileStore getFileStore(Path path) {
        throw new UnsupportedOperationException("an archive is no disk");
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) {
        throw new ReadOnlyFileSystemException();
    }

    @Override
    public void delete(Path path) {
        throw new ReadOnlyFileSystemException();
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) {
        throw new ReadOnlyFileSystemException();
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) {
        throw new ReadOnlyFileSystemException();
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new ReadOnlyFileSystemException();
    }
}
