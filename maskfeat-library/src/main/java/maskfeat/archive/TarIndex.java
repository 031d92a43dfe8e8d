package maskfeat.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import maskfeat.archive.Member.Packing;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Extent;
import maskfeat.disk.FileBytes;
import maskfeat.disk.Shown;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers of a tar file in one pass (POSIX.1-1988 ustar, POSIX.1-2001 pax, GNU's long names and numbers) and
 * passes over the data between them.
 *
 * <p>Damage ends the pass: where a header is no header, nobody knows where the next one is. What stood before counts.
 */
final class TarIndex {
    static final int BLOCK = 512;

    private static final int WINDOW = 1 << 13; // several small members, little of a large one
    private static final int MOST_RECORDS = 1 << 24;
    private static final int USUAL_END = 1 << 16; // zeros that programs write after the last member, at most
    private static final int CHECKSUM = 148;
    private static final int AFTER_CHECKSUM = 156;
    private static final int SPARSE_GOES_ON = 482;
    private static final int SPARSE_MAP_GOES_ON = 504;

    private final Path file;
    private final FileBytes opened;
    private final long size;
    private final Contents contents = new Contents();
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
    private long windowStart;

    /** Records of a pax header for the next member, or for all. */
    private final Map<String, String> pax = new HashMap<>();

    private final Map<String, String> paxForAll = new HashMap<>();
    private @Nullable String longName;
    private @Nullable String longTarget;

    private TarIndex(Path file, FileBytes opened) throws IOException {
        this.file = file;
        this.opened = opened;
        this.size = opened.size();
    }

    /** @throws DamagedFile if it does not begin as a tar file does */
    static Contents read(Path file, FileBytes opened) throws IOException {
        return new TarIndex(file, opened).read();
    }

    /** Whether a file may begin so. */
    static boolean begins(byte[] start) {
        return start.length >= BLOCK && isHeader(start);
    }

    private Contents read() throws IOException {
        long at = 0;
        while (at + BLOCK <= size) {
            byte[] header = bytes(at, BLOCK);
            if (isZero(header)) {
                checkRest(at);
                return contents;
            }
            if (!isHeader(header)) {
                if (at == 0) {
                    throw new DamagedFile(file, "is no tar file, or its first header is damaged");
                }
                contents.damaged("is damaged: at byte " + at + " a header should be and is not (its checksum is wrong);"
                        + " what follows is not read");
                return contents;
            }
            long bytes = dataSize(header);
            if (bytes < 0 || bytes > Long.MAX_VALUE - at - 2 * BLOCK) {
                contents.damaged("is damaged: the header at byte " + at
                        + " gives no size that can be; what follows is not" + " read");
                return contents;
            }
            long data = at + BLOCK + sparseMap(header, at + BLOCK);
            try {
                take(header, data, bytes);
            } catch (DamagedFile bad) {
                contents.damaged(bad.found());
                return contents;
            }
            if (bytes > size - data) {
                contents.damaged("is cut off: its last member should have " + bytes + " bytes and " + (size - data)
                        + " are there");
                return contents;
            }
            at = data + (bytes + BLOCK - 1) / BLOCK * BLOCK;
        }
        contents.damaged("is cut off, or was not finished: the end that a tar file has is not there");
        return contents;
    }

    /** Looks for more behind the zeros that end an archive. */
    private void checkRest(long end) throws IOException {
        byte[] rest = bytes(end, (int) Math.min(size - end, USUAL_END));
        if (!isZero(rest)) {
            contents.damaged("has more behind its end at byte " + end + ", perhaps another archive that was appended;"
                    + " that is not read");
        }
    }

    /** How many bytes of a map follow the header of a member with holes, as old versions of GNU's tar write it. */
    private long sparseMap(byte[] header, long from) throws IOException {
        long bytes = 0;
        boolean more = header[AFTER_CHECKSUM] == 'S' && header[SPARSE_GOES_ON] != 0;
        while (more && from + bytes + BLOCK <= size) {
            more = bytes(from + bytes, BLOCK)[SPARSE_MAP_GOES_ON] != 0;
            bytes += BLOCK;
        }
        return bytes;
    }

    private void take(byte[] header, long data, long bytes) throws IOException {
        char type = (char) (header[AFTER_CHECKSUM] & 0xff);
        switch (type) {
            case 'L' -> longName = text(records(data, bytes), 0, (int) bytes);
            case 'x', 'X' -> readPax(records(data, bytes), pax);
            case 'g' -> readPax(records(data, bytes), paxForAll);
            case 'K' -> longTarget = text(records(data, bytes), 0, (int) bytes);
            case 'V' -> {} // the name of the volume
            default -> {
                String name = name(header);
                boolean isFolder = type == '5' || type == 'D' || name.endsWith("/");
                if (!isFolder) {
                    contents.add(name, member(type, header, data, bytes));
                }
                longName = null;
                longTarget = null;
                pax.clear();
            }
        }
    }

    private Member member(char type, byte[] header, long data, long bytes) {
        long changed = changed(header);
        if (type == '1') {
            String target = target(header);
            return contents.file(target)
                    .orElseGet(() -> Member.special(
                            changed, "is a link to '" + Shown.text(target) + "', which is not there before it"));
        }
        if (type == '2') {
            return Member.special(changed, "is a link, and no file of its own: pack it with tar --dereference");
        }
        if (type == '3' || type == '4' || type == '6') {
            return Member.special(changed, "is a device or a pipe");
        }
        boolean isSparse = type == 'S' || pax.keySet().stream().anyMatch(key -> key.startsWith("GNU.sparse."));
        if (isSparse) {
            return Member.faulty(
                    bytes, changed, "is stored with holes (sparse), which is not read: pack it without -S");
        }
        if (type == 'M') {
            return Member.faulty(bytes, changed, "continues a member of another volume");
        }
        if (bytes > size - data) {
            return Member.faulty(
                    bytes, changed, "is cut off: the archive ends after " + Math.max(0, size - data) + " of its bytes");
        }
        return new Member(Packing.PLAIN, data, bytes, bytes, -1, changed, "");
    }

    private Optional<String> record(String key) {
        return Optional.ofNullable(pax.getOrDefault(key, paxForAll.get(key)));
    }

    private String name(byte[] header) {
        Optional<String> path = record("path");
        if (path.isPresent()) {
            return path.get();
        }
        if (longName != null) {
            return longName;
        }
        String name = text(header, 0, 100);
        boolean hasPrefix = text(header, 257, 6).equals("ustar") && header[345] != 0;
        return hasPrefix ? text(header, 345, 155) + "/" + name : name;
    }

    /** What another name of a file stands for. */
    private String target(byte[] header) {
        return record("linkpath").orElse(longTarget == null ? text(header, 157, 100) : longTarget);
    }

    private long changed(byte[] header) {
        Optional<String> given = record("mtime");
        try {
            double seconds = given.isPresent() ? Double.parseDouble(given.get()) : number(header, 136, 12);
            return seconds <= 0 || seconds > Long.MAX_VALUE / 1e4 ? -1 : (long) Math.floor(seconds * 1000);
        } catch (NumberFormatException none) {
            return -1;
        }
    }

    /** Of the member; a link or folder has none whatever its header says. -1 if it is no number. */
    private long dataSize(byte[] header) {
        char type = (char) (header[AFTER_CHECKSUM] & 0xff);
        if (type >= '1' && type <= '6') {
            return 0;
        }
        boolean ofNext = type == 'L' || type == 'K' || type == 'x' || type == 'X' || type == 'g';
        Optional<String> given = ofNext ? Optional.empty() : record("size");
        try {
            return given.isPresent() ? Long.parseLong(given.get()) : number(header, 124, 12);
        } catch (NumberFormatException none) {
            return -1;
        }
    }

    private byte[] records(long data, long bytes) throws IOException {
        if (bytes > MOST_RECORDS || bytes > size - data) {
            throw new DamagedFile(
                    file,
                    "is damaged: a header at byte " + (data - BLOCK) + " needs " + bytes
                            + " bytes for the name of a member; what follows is not read");
        }
        return bytes(data, (int) bytes);
    }

    /** Records are {@code LENGTH KEY=VALUE\n}, the length with all of it. */
    private void readPax(byte[] records, Map<String, String> into) throws DamagedFile {
        int at = 0;
        while (at < records.length && records[at] != 0) {
            int space = at;
            long length = 0;
            while (space < records.length
                    && records[space] >= '0'
                    && records[space] <= '9'
                    && length < records.length) {
                length = length * 10 + records[space++] - '0';
            }
            int end = (int) Math.min(Integer.MAX_VALUE, at + length);
            int equals = space;
            while (equals < records.length && records[equals] != '=') {
                equals++;
            }
            if (end > records.length || equals >= end || end <= space + 1 || records[space] != ' ') {
                throw new DamagedFile(file, "is damaged: a pax header is none; what follows is not read");
            }
            String key = new String(records, space + 1, equals - space - 1, StandardCharsets.UTF_8);
            into.put(key, decoded(records, equals + 1, end - 1 - equals - 1));
            at = end;
        }
    }

    // ---- headers
    // -----------------------------------------------------------------------------------------------------

    /** By its checksum, which some programs made of signed bytes. */
    private static boolean isHeader(byte[] header) {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BLOCK; i++) {
            byte b = i >= CHECKSUM && i < AFTER_CHECKSUM ? (byte) ' ' : header[i];
            unsigned += b & 0xff;
            signed += b;
        }
        long said = number(header, CHECKSUM, AFTER_CHECKSUM - CHECKSUM);
        return said > 0 && (said == unsigned || said == signed);
    }

    private static boolean isZero(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** Octal digits, or GNU's binary numbers; -1 if it is neither. */
    private static long number(byte[] header, int from, int length) {
        if ((header[from] & 0x80) != 0) {
            if ((header[from] & 0xff) != 0x80) {
                return -1; // below zero, or larger than any file
            }
            long value = 0;
            for (int i = from + 1; i < from + length; i++) {
                if (value >> 55 != 0) {
                    return -1;
                }
                value = value << 8 | header[i] & 0xff;
            }
            return value;
        }
        String digits = text(header, from, length).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
        } catch (NumberFormatException none) {
            return -1;
        }
    }

    /** To the first zero. */
    private static String text(byte[] bytes, int from, int most) {
        int length = 0;
        while (length < most && bytes[from + length] != 0) {
            length++;
        }
        return decoded(bytes, from, length);
    }

    /** UTF-8, as nearly all are; else a character a byte. */
    static String decoded(byte[] bytes, int from, int length) {
        return decoded(bytes, from, length, StandardCharsets.ISO_8859_1);
    }

    static String decoded(byte[] bytes, int from, int length, Charset otherwise) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, length))
                    .toString();
        } catch (CharacterCodingException other) {
            return new String(bytes, from, length, otherwise);
        }
    }

    private byte[] bytes(long from, int count) throws IOException {
        byte[] bytes = new byte[count];
        if (count > WINDOW) {
            Extent.readFully(file, opened, ByteBuffer.wrap(bytes), from);
            return bytes;
        }
        if (from < windowStart || from + count > windowStart + window.limit()) {
            window.clear().limit((int) Math.min(WINDOW, size - from));
            Extent.readFully(file, opened, window, from);
            windowStart = from;
        }
        window.get((int) (from - windowStart), bytes);
        return bytes;
    }
}
