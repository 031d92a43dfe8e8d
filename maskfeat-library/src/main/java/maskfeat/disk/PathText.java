package maskfeat.disk;

import java.io.File;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Paths as text and back, the same in every locale. Java decodes names of files with the charset of the locale: under
 * {@code LC_ALL=C} two names that are not ASCII may become the same text, and no such text becomes a path again. On Linux and
 * macOS a name is a row of bytes, which is UTF-8 nearly everywhere; Windows has no such trouble.
 */
public final class PathText {
    private static final boolean NAMES_ARE_BYTES = File.separatorChar == '/';
    private static final boolean LOCALE_IS_UTF_8 =
            System.getProperty("sun.jnu.encoding", "UTF-8").equalsIgnoreCase("UTF-8");
    private static final char UNDECODABLE = '\uFFFD';

    private PathText() {}

    /**
     * The path as text, decoded as UTF-8 whatever the locale is. Bytes that are not UTF-8 become {@code \xE9} and the like, so
     * that different paths have different texts.
     */
    public static String of(Path path) {
        String text = path.toString();
        if (!isOnDisk(path)) {
            return Uris.isElsewhere(path) ? path.isAbsolute() ? Uris.text(path) : withoutSlash(text) : text;
        }
        boolean faithful = isAscii(text) || LOCALE_IS_UTF_8 && text.indexOf(UNDECODABLE) < 0;
        if (faithful || !NAMES_ARE_BYTES) {
            return text;
        }
        StringBuilder exact = new StringBuilder(path.isAbsolute() ? "/" : "");
        for (Path name : path) {
            exact.append(exact.isEmpty() || exact.charAt(exact.length() - 1) == '/' ? "" : "/")
                    .append(isAscii(name.toString()) ? name.toString() : decoded(name));
        }
        return exact.toString();
    }

    /**
     * The path of a text of {@link #of}, relative if the text is; also that of a URI.
     *
     * @throws InvalidPathException if it cannot be one in any locale, or no provider of the URI is there
     */
    public static Path path(String text) {
        return Uris.isUri(text) ? Uris.path(text) : local(text);
    }

    private static Path local(String text) {
        if (isAscii(text) || LOCALE_IS_UTF_8 || !NAMES_ARE_BYTES) {
            return Path.of(text);
        }
        if (text.indexOf('\0') >= 0) {
            throw new InvalidPathException(text, "Nul character not allowed");
        }
        Path here = Path.of("").toAbsolutePath();
        Path exact = text.startsWith("/")
                ? encoded(text)
                : here.relativize(encoded(here.toUri().getRawPath(), text));
        if (Files.exists(exact)) {
            return exact;
        }
        try {
            Path local = Path.of(text); // another charset than UTF-8, in which the file may have been named
            return Files.exists(local) ? local : exact;
        } catch (InvalidPathException beyondTheLocale) {
            return exact;
        }
    }

    /**
     * A file in a folder, which may not be there yet.
     *
     * @param name as {@link #of} gives it
     */
    public static Path in(Path folder, String name) {
        return isOnDisk(folder) ? folder.resolve(local(name)) : folder.resolve(name);
    }

    /** The name beside a path, as {@link Path#resolveSibling(String)} has it. */
    public static Path beside(Path path, String name) {
        return isOnDisk(path) ? path.resolveSibling(local(name)) : path.resolveSibling(name);
    }

    /**
     * What a line of a list names: a path from the list's folder, an absolute one or a URI. Never for names out of archives, which
     * must not lead elsewhere.
     */
    public static Path listed(Path list, String text) {
        return Uris.isUri(text) ? path(text) : beside(list, text);
    }

    /** The path as messages name it: as {@link #of} has it where it is a URI, else as Java does. */
    public static String shown(Path path) {
        return Uris.isElsewhere(path) ? of(path.toAbsolutePath()) : path.toString();
    }

    /** Other file systems, such as archives, have names that are text. */
    private static boolean isOnDisk(Path path) {
        return path.getFileSystem() == FileSystems.getDefault();
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 128);
    }

    /** Some providers mark names of folders so. */
    private static String withoutSlash(String text) {
        return text.length() > 1 && text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /** One name; its URI has the bytes. */
    private static String decoded(Path name) {
        String raw = name.toUri().getRawPath();
        raw = raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
        byte[] bytes = bytes(raw.substring(raw.lastIndexOf('/') + 1));
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return name.toString().indexOf(UNDECODABLE) < 0 ? name.toString() : escaped(bytes);
        }
    }

    private static byte[] bytes(String raw) {
        ByteBuffer bytes = ByteBuffer.allocate(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) == '%') {
                bytes.put((byte) HexFormat.fromHexDigits(raw, i + 1, i + 3));
                i += 2;
            } else {
                bytes.put((byte) raw.charAt(i));
            }
        }
        byte[] all = new byte[bytes.flip().remaining()];
        bytes.get(all);
        return all;
    }

    private static String escaped(byte[] bytes) {
        HexFormat hex = HexFormat.of().withUpperCase();
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(b >= 0 ? String.valueOf((char) b) : "\\x" + hex.toHexDigits(b));
        }
        return text.toString();
    }

    private static Path encoded(String rawFolder, String text) {
        return Path.of(URI.create("file://" + rawFolder + (rawFolder.endsWith("/") ? "" : "/") + raw(text)));
    }

    private static Path encoded(String text) {
        return Path.of(URI.create("file://" + raw(text)));
    }

    private static String raw(String text) {
        HexFormat hex = HexFormat.of().withUpperCase();
        StringBuilder raw = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b == '/';
            raw.append(plain ? String.valueOf((char) b) : "%" + hex.toHexDigits(b));
        }
        return raw.toString();
    }
}
