package maskfeat.archive;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A path in an archive, written {@code photos.zip!/cat/1.jpg}, or a piece of one, written {@code cat/1.jpg}. Paths that are
 * written alike are equal.
 */
final class ArchivePath implements Path {
    private final ArchiveFileSystem files;
    private final String names;
    private final boolean isWhole;

    /**
     * @param names with slashes between them, none before or behind
     * @param isWhole whether it begins at the root
     */
    ArchivePath(ArchiveFileSystem files, String names, boolean isWhole) {
        this.files = files;
        this.names = names;
        this.isWhole = isWhole;
    }

    static ArchivePath relative(ArchiveFileSystem files, String text) {
        List<String> parts = new ArrayList<>();
        for (String part : text.split("/")) {
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        return new ArchivePath(files, String.join("/", parts), false);
    }

    /** From the root, without dots. */
    String names() {
        return ((ArchivePath) normalize()).names;
    }

    @Override
    public ArchiveFileSystem getFileSystem() {
        return files;
    }

    @Override
    public boolean isAbsolute() {
        return isWhole && files.place().isAbsolute();
    }

    boolean isWhole() {
        return isWhole;
    }

    @Override
    public @Nullable Path getRoot() {
        return isWhole ? files.root() : null;
    }

    private String[] parts() {
        return names.isEmpty() ? new String[0] : names.split("/");
    }

    /** The last name; of a root, that of the archive. */
    @Override
    public Path getFileName() {
        if (names.isEmpty() && isWhole) {
            return new ArchivePath(files, String.valueOf(files.place().getFileName()), false);
        }
        return new ArchivePath(files, names.substring(names.lastIndexOf('/') + 1), false);
    }

    @Override
    public @Nullable Path getParent() {
        int slash = names.lastIndexOf('/');
        if (slash >= 0) {
            return new ArchivePath(files, names.substring(0, slash), isWhole);
        }
        return isWhole && !names.isEmpty() ? files.root() : null;
    }

    @Override
    public int getNameCount() {
        return names.isEmpty() ? (isWhole ? 0 : 1) : parts().length;
    }

    @Override
    public Path getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public Path subpath(int from, int to) {
        if (from < 0 || to > getNameCount() || from >= to) {
            throw new IllegalArgumentException(
                    "names " + from + " to " + to + " of the " + getNameCount() + " of " + this);
        }
        String[] parts = names.isEmpty() ? new String[] {""} : parts();
        return new ArchivePath(files, String.join("/", List.of(parts).subList(from, to)), false);
    }

    @Override
    public boolean startsWith(Path other) {
        if (!(other instanceof ArchivePath of) || of.isWhole != isWhole) {
            return false;
        }
        if (samePlace(of) || !isWhole) {
            return of.names.isEmpty() ? isWhole || names.isEmpty() : isUnder(names, of.names);
        }
        return isUnder(toString(), of.toString()) || toString().startsWith(of + ArchiveFileSystem.MARK + "/");
    }

    private static boolean isUnder(String text, String other) {
        return text.equals(other) || text.startsWith(other + "/");
    }

    private boolean samePlace(ArchivePath other) {
        return files == other.files || files.text("").equals(other.files.text(""));
    }

    @Override
    public boolean endsWith(Path other) {
        if (!(other instanceof ArchivePath of)) {
            return false;
        }
        return of.isWhole ? equals(of) : names.equals(of.names) || names.endsWith("/" + of.names);
    }

    @Override
    public Path normalize() {
        if (names.indexOf('.') < 0) {
            return this;
        }
        List<String> kept = new ArrayList<>();
        for (String part : parts()) {
            if (part.equals("..")
                    && !kept.isEmpty()
                    && !kept.get(kept.size() - 1).equals("..")) {
                kept.remove(kept.size() - 1);
            } else if (part.equals("..") && isWhole) {
                continue; // nothing is above the root
            } else if (!part.equals(".")) {
                kept.add(part);
            }
        }
        return new ArchivePath(files, String.join("/", kept), isWhole);
    }

    @Override
    public Path resolve(Path other) {
        if (!(other instanceof ArchivePath of)) {
            return other.isAbsolute()
                    ? other
                    : resolve(getFileSystem().getPath(other.toString().replace('\\', '/')));
        }
        if (of.isWhole || names.isEmpty() && !isWhole) {
            return of;
        }
        String joined = names.isEmpty() ? of.names : of.names.isEmpty() ? names : names + "/" + of.names;
        return new ArchivePath(files, joined, isWhole);
    }

    /** Beside a root lie the files beside the archive. */
    @Override
    public Path resolveSibling(Path other) {
        if (isWhole && names.isEmpty()) {
            return other instanceof ArchivePath
                    ? files.place().resolveSibling(other.toString())
                    : files.place().resolveSibling(other);
        }
        Path parent = getParent();
        return parent == null ? other : parent.resolve(other);
    }

    @Override
    public Path resolveSibling(String other) {
        return isWhole && names.isEmpty() ? files.place().resolveSibling(other) : resolveSibling(files.getPath(other));
    }

    @Override
    public Path relativize(Path other) {
        if (!(other instanceof ArchivePath of) || of.isWhole != isWhole) {
            throw new IllegalArgumentException(other + " and " + this + " are paths of different kinds");
        }
        if (!samePlace(of) || !(names.isEmpty() || isUnder(of.names, names))) {
            throw new IllegalArgumentException(other + " does not lie in " + this);
        }
        String rest = names.isEmpty() ? of.names : of.names.substring(Math.min(of.names.length(), names.length() + 1));
        return new ArchivePath(files, rest, false);
    }

    @Override
    public URI toUri() {
        try {
            return new URI(ArchiveProvider.SCHEME, null, "/" + toAbsolutePath(), null);
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public Path toAbsolutePath() {
        return isAbsolute() ? this : new ArchivePath(files.absolute(), names, true);
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
        return toAbsolutePath().normalize();
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("an archive does not change");
    }

    @Override
    public int compareTo(Path other) {
        ArchivePath of = (ArchivePath) other;
        boolean sameStart = files == of.files && isWhole && of.isWhole && !names.isEmpty() && !of.names.isEmpty();
        return sameStart ? names.compareTo(of.names) : toString().compareTo(of.toString());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof ArchivePath of) || of.isWhole != isWhole) {
            return false;
        }
        return files == of.files ? names.equals(of.names) : of.toString().equals(toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    @Override
    public String toString() {
        return isWhole ? files.text(names) : names;
    }
}
