package maskfeat.cli;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The default file system, counting how often each file is opened. Its paths print as those of the default one. */
final class CountingFiles extends FileSystemProvider {
    private final Map<Path, Integer> opens = new ConcurrentHashMap<>();
    private final Counting system = new Counting();

    /** What is behind a path of ours. */
    private interface Wrapper {
        Path inner();
    }

    Path path(String name) {
        return wrap(Path.of(name));
    }

    /** How often a file was opened. */
    int opens(Path file) {
        return opens.getOrDefault(unwrap(file).toAbsolutePath(), 0);
    }

    private static Path unwrap(Path path) {
        return path instanceof Wrapper wrapper ? wrapper.inner() : path;
    }

    private Path wrap(Path path) {
        return (Path) Proxy.newProxyInstance(
                CountingFiles.class.getClassLoader(),
                new Class<?>[] {Path.class, Wrapper.class},
                (proxy, method, args) -> call(path, method, args == null ? new Object[0] : args));
    }

    private @Nullable Object call(Path path, Method method, Object[] args) throws Throwable {
        switch (method.getName()) {
            case "inner":
                return path;
            case "getFileSystem":
                return system;
            case "equals":
                return args[0] instanceof Wrapper other && other.inner().equals(path);
            case "iterator":
                List<Path> names = new ArrayList<>();
                path.forEach(name -> names.add(wrap(name)));
                return names.iterator();
            default:
        }
        Object[] inner = new Object[args.length];
        for (int i = 0; i < args.length; i++) {
            inner[i] = args[i] instanceof Path of ? unwrap(of) : args[i];
        }
        try {
            Object result = method.invoke(path, inner);
            return result instanceof Path found ? wrap(found) : result;
        } catch (InvocationTargetException failed) {
            throw failed.getCause();
        }
    }

    private static FileSystemProvider real() {
        return Path.of("").getFileSystem().provider();
    }

    private void count(Path file) {
        opens.merge(unwrap(file).toAbsolutePath(), 1, Integer::sum);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        count(path);
        return real().newByteChannel(unwrap(path), options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        count(path);
        return real().newFileChannel(unwrap(path), options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        DirectoryStream<Path> found = real().newDirectoryStream(unwrap(folder), path -> filter.accept(wrap(path)));
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                Iterator<Path> paths = found.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return paths.hasNext();
                    }

                    @Override
                    public Path next() {
                        return wrap(paths.next());
                    }
                };
            }

            @Override
            public void close() throws IOException {
                found.close();
            }
        };
    }

    @Override
    public String getScheme() {
        return "counting";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return system;
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
        real().createDirectory(unwrap(folder), attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
        real().delete(unwrap(path));
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) throws IOException {
        real().copy(unwrap(from), unwrap(to), options);
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
        real().move(unwrap(from), unwrap(to), options);
    }

    @Override
    public boolean isSameFile(Path one, Path two) throws IOException {
        return real().isSameFile(unwrap(one), unwrap(two));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return real().isHidden(unwrap(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return real().getFileStore(unwrap(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real().checkAccess(unwrap(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return real().getFileAttributeView(unwrap(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return real().readAttributes(unwrap(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return real().readAttributes(unwrap(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        real().setAttribute(unwrap(path), attribute, value, options);
    }

    private final class Counting extends FileSystem {
        private final FileSystem real = Path.of("").getFileSystem();

        @Override
        public FileSystemProvider provider() {
            return CountingFiles.this;
        }

        @Override
        public Path getPath(String first, String... more) {
            return wrap(real.getPath(first, more));
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            PathMatcher matcher = real.getPathMatcher(pattern);
            return path -> matcher.matches(unwrap(path));
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return real.getSeparator();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            List<Path> roots = new ArrayList<>();
            real.getRootDirectories().forEach(root -> roots.add(wrap(root)));
            return roots;
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return real.getFileStores();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return real.supportedFileAttributeViews();
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            return real.getUserPrincipalLookupService();
        }

        @Override
        public WatchService newWatchService() throws IOException {
            return real.newWatchService();
        }
    }
}
