package maskfeat.disk;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Paths of file systems other than the disk's, written as URIs such as {@code s3://bucket/clips}: of any {@code java.nio.file}
 * provider that is installed, which a jar on the class path is.
 */
public final class Uris {
    // Two letters at least: C:\clips is a path of Windows.
    private static final Pattern WITH_SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):(.*)", Pattern.DOTALL);
    /** Follows what it is said of. */
    public static final String ON_DISK =
            " must lie on a disk, where it can be locked, renamed and written whole; name a folder of a"
                    + " disk, and copy what is finished";

    private static final String IN_ARCHIVE = "!/";

    private Uris() {}

    /**
     * Whether a text is a URI and no path of the disk: {@code scheme://...}, or the scheme of an installed provider before a path
     * from the root or, as in {@code jar:file:///a.zip!/b}, another URI. So a file may be called {@code file:1.jpg}.
     */
    public static boolean isUri(String text) {
        Matcher parts = WITH_SCHEME.matcher(text);
        if (!parts.matches()) {
            return false;
        }
        String rest = parts.group(2);
        return rest.startsWith("//")
                || provider(parts.group(1)).isPresent()
                        && (rest.startsWith("/") || WITH_SCHEME.matcher(rest).matches());
    }

    /** Whether a path lies neither on the disk nor in an archive that we read, but where a provider leads. */
    public static boolean isElsewhere(Path path) {
        return path.getFileSystem() != FileSystems.getDefault()
                && provider(path.getFileSystem().provider().getScheme()).isPresent();
    }

    /**
     * The path that a URI names.
     *
     * @param text of {@link #isUri}. Characters that a URI may not have, such as spaces and braces, are taken as they are
     * @throws InvalidPathException if there is no provider for it, or the provider refuses it
     */
    static Path path(String text) {
        URI uri;
        try {
            uri = new URI(encoded(text));
        } catch (URISyntaxException bad) {
            throw new InvalidPathException(text, "is no URI: " + bad.getReason());
        }
        String scheme = String.valueOf(uri.getScheme());
        FileSystemProvider provider = provider(scheme).orElseThrow(() -> missing(text, scheme));
        try {
            Path path = path(provider, uri);
            return text.endsWith("/") || Files.exists(path) ? path : folderOr(provider, uri, path);
        } catch (NoSuchFileException missing) {
            throw new InvalidPathException(text, "cannot be opened: there is no " + missing.getFile());
        } catch (IOException | RuntimeException refused) {
            String why = refused.getMessage() == null ? refused.getClass().getSimpleName() : refused.getMessage();
            throw new InvalidPathException(
                    text,
                    "cannot be opened, says the provider of " + scheme + ": " + why
                            + (scheme.equals("file") ? "; it takes three slashes: file:///folder/name" : ""));
        }
    }

    private static Path path(FileSystemProvider provider, URI uri) throws IOException {
        try {
            return provider.getPath(uri);
        } catch (FileSystemNotFoundException notYetOpen) {
            try {
                provider.newFileSystem(uri, Map.of());
            } catch (FileSystemAlreadyExistsException openedMeanwhile) {
                return provider.getPath(uri);
            }
            return provider.getPath(uri);
        }
    }

    /** Stores of objects have no folders, and providers for them take for one only what ends in a slash. */
    private static Path folderOr(FileSystemProvider provider, URI uri, Path path) throws IOException {
        Path folder = path(provider, URI.create(uri + "/"));
        if (folder.equals(path) || !Files.isDirectory(folder)) {
            return path;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            return entries.iterator().hasNext() ? folder : path;
        }
    }

    private static InvalidPathException missing(String text, String scheme) {
        List<String> here = List.copyOf(new TreeSet<>(
                Providers.ALL.stream().map(FileSystemProvider::getScheme).toList()));
        return new InvalidPathException(
                text,
                "no provider of " + scheme + ": is on the class path, only of " + String.join(", ", here)
                        + "; put the jars of one (a java.nio.file.spi.FileSystemProvider) into lib/ or the folder that"
                        + " MASKFEAT_LIB names, or copy the files to a disk");
    }

    /**
     * The text of an absolute path of {@link #isElsewhere}, which {@link #path} makes it of again. Folders may end in a slash, as
     * the provider has it.
     */
    static String text(Path path) {
        return path.toUri().toString();
    }

    /** Those that Java knows, and those beside our own classes, which a container may load apart. */
    private static final class Providers {
        private static final List<FileSystemProvider> ALL = all();

        private static List<FileSystemProvider> all() {
            List<FileSystemProvider> all = new ArrayList<>(FileSystemProvider.installedProviders());
            Set<String> known =
                    all.stream().map(FileSystemProvider::getScheme).collect(Collectors.toCollection(HashSet::new));
            ServiceLoader.load(FileSystemProvider.class, Uris.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(provider -> known.add(provider.getScheme()))
                    .forEach(all::add);
            return List.copyOf(all);
        }
    }

    private static Optional<FileSystemProvider> provider(String scheme) {
        return Providers.ALL.stream()
                .filter(provider -> provider.getScheme().equalsIgnoreCase(scheme))
                .findFirst();
    }

    /** What a URI may not have becomes %20 and the like; % stays where it begins such a one already. */
    private static String encoded(String text) {
        // A name in an archive of ours stands as it is; the jar: of the JDK is a URI to its end.
        boolean isJar = text.toLowerCase(Locale.ROOT).startsWith("jar:");
        int inside = isJar ? -1 : text.indexOf(IN_ARCHIVE);
        StringBuilder uri = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            boolean isEscape = c == '%' && text.substring(at).matches("(?s)%[0-9A-Fa-f]{2}.*");
            boolean isPlain = c > 127 && !Character.isSpaceChar(c) && !Character.isISOControl(c)
                    || c < 128 && (Character.isLetterOrDigit(c) || "-._~:/!$&'()*+,;=@".indexOf(c) >= 0);
            if (isPlain || isEscape && (inside < 0 || at < inside)) {
                uri.appendCodePoint(c);
            } else {
                HexFormat hex = HexFormat.of().withUpperCase();
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    uri.append('%').append(hex.toHexDigits(b));
                }
            }
            at += Character.charCount(c);
        }
        return uri.toString();
    }

    /** Whether a path lies in a folder, as {@link Path#startsWith(Path)} has it, which fails at the root of S3. */
    public static boolean liesIn(Path folder, Path path) {
        return folder.getNameCount() == 0 && isElsewhere(folder)
                ? path.isAbsolute() && path.getFileSystem() == folder.getFileSystem()
                : path.startsWith(folder);
    }

    /**
     * What was found in a folder, absolute where the folder is, as all paths should be that lie in it; some providers list relative
     * ones.
     */
    public static Path in(Path folder, Path entry) {
        return entry.isAbsolute() || !folder.isAbsolute() ? entry : entry.toAbsolutePath();
    }

    /** Whether a text is a URI that leads elsewhere than to the disk, whether or not there is a provider for it. */
    public static boolean leadsElsewhere(String text) {
        return isUri(text) && !text.regionMatches(true, 0, "file:", 0, "file:".length());
    }

    /**
     * Checks that a path, of what is to be written, lies on a disk: results are locked, renamed and written whole, which other
     * file systems cannot do.
     *
     * @param what it is, for the message, such as an option
     * @return the same path
     * @throws InvalidPathException if it does not
     */
    public static Path requireDisk(Path path, String what) {
        if (isElsewhere(path)) {
            throw new InvalidPathException(text(path.toAbsolutePath()), what + ON_DISK);
        }
        return path;
    }
}
