package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.FileBytes;
import maskfeat.disk.Plural;
import maskfeat.disk.Shown;

/**
 * What lies where in a zip file (APPNOTE.TXT 6.3.10, zip64 included), read from its central directory.
 *
 * <p>Stricter than the usual readers, which disagree about odd files: the directory ends where its end records begin and
 * these end the file; what a local header says again is the same; names are there once and stay inside the archive; no
 * two entries share a byte.
 */
final class ZipDirectory {
    static final int LOCAL_HEADER = 0x04034b50; // "PK\3\4"

    private static final int CENTRAL_HEADER = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END64 = 0x06064b50;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR64_BYTES = 20;
    private static final int MAX_COMMENT = 0xffff;
    private static final int ZIP64_EXTRA = 1;
    private static final long FULL16 = 0xffff; // "see the zip64 record"
    private static final long FULL32 = 0xffffffffL;
    private static final int ENCRYPTED = 1 | 1 << 6 | 1 << 13;
    private static final int SIZES_FOLLOW = 1 << 3;
    private static final int MAX_ENTRIES = 1_000_000; // a model has some thousand storages
    private static final long MAX_DIRECTORY = 128L << 20;

    private final Path file;
    private final FileBytes opened;

    private ZipDirectory(Path file, FileBytes opened) {
        this.file = file;
        this.opened = opened;
    }

    /**
     * A file in the archive.
     *
     * @param crc CRC-32 of its bytes once unpacked
     * @param packed bytes as they lie in the archive
     * @param size bytes once unpacked
     * @param header where the local header begins
     * @param start where the packed bytes begin
     */
    record Entry(String name, Method method, long crc, long packed, long size, long header, long start) {}

    /** How an entry is packed. */
    enum Method {
        STORED,
        DEFLATED
    }

    /** All entries, by name. */
    static SortedMap<String, Entry> read(Path file, FileBytes opened) throws IOException {
        return new ZipDirectory(file, opened).read();
    }

    private SortedMap<String, Entry> read() throws IOException {
        Where where = where();
        if (where.count > MAX_ENTRIES || where.size > MAX_DIRECTORY) {
            throw damage("has a zip directory of " + where.count + " entries in " + where.size
                    + " bytes, more than any checkpoint");
        }
        if (where.size < where.count * CENTRAL_BYTES) {
            throw damage("has a zip directory of " + where.size + " bytes, too few for " + where.count + " entries");
        }
        ByteBuffer directory = bytes(where.start, Math.toIntExact(where.size));
        SortedMap<String, Entry> entries = new TreeMap<>();
        for (long i = 0; i < where.count; i++) {
            Entry entry = central(directory);
            if (entries.put(entry.name(), entry) != null) {
                throw damage("has two zip entries named '" + Shown.text(entry.name()) + "'");
            }
        }
        if (directory.hasRemaining()) {
            throw damage("has " + directory.remaining() + " bytes in its zip directory after the last entry");
        }
        checkApart(entries, where.start);
        return Collections.unmodifiableSortedMap(entries);
    }

    private record Where(long start, long size, long count) {}

    /** Where the directory lies, from the record or records at the end of the file. */
    private Where where() throws IOException {
        long fileSize = opened.size();
        if (fileSize < END_BYTES) {
            throw damage("has " + Plural.of(fileSize, "byte") + ", too few for a zip file");
        }
        int tailBytes = (int) Math.min(fileSize, END_BYTES + MAX_COMMENT);
        ByteBuffer tail = bytes(fileSize - tailBytes, tailBytes);
        int at = tailBytes - END_BYTES;
        while (at >= 0 && !(tail.getInt(at) == END && at + END_BYTES + u16(tail, at + 20) == tailBytes)) {
            at--;
        }
        if (at < 0) {
            throw damage("begins as a zip file and does not end as one; it was cut off or appended to");
        }
        long end = fileSize - tailBytes + at;
        long disks = u16(tail, at + 4) | u16(tail, at + 6);
        long countHere = u16(tail, at + 8);
        long count = u16(tail, at + 10);
        long size = u32(tail, at + 12);
        long start = u32(tail, at + 16);
        boolean has64 =
                end >= LOCATOR64_BYTES && bytes(end - LOCATOR64_BYTES, 4).getInt(0) == LOCATOR64;
        if (!has64) {
            return checked(disks, countHere, new Where(start, size, count), end);
        }
        ByteBuffer locator = bytes(end - LOCATOR64_BYTES, LOCATOR64_BYTES);
        long end64 = locator.getLong(8);
        if (locator.getInt(4) != 0
                || locator.getInt(16) > 1
                || end64 < 0
                || end64 > end - LOCATOR64_BYTES - END64_BYTES) {
            throw damage("has a zip64 end record that is not where the file says");
        }
        ByteBuffer record = bytes(end64, END64_BYTES);
        if (record.getInt(0) != END64 || record.getLong(4) != end - LOCATOR64_BYTES - end64 - 12) {
            throw damage("has a zip64 end record that is not where the file says");
        }
        Where wide = new Where(record.getLong(48), record.getLong(40), record.getLong(32));
        if (count != FULL16 && count != wide.count
                || size != FULL32 && size != wide.size
                || start != FULL32 && start != wide.start) {
            throw damage("has two zip end records that contradict each other");
        }
        return checked(record.getInt(16) | record.getInt(20), record.getLong(24), wide, end64);
    }

    private Where checked(long disks, long countHere, Where where, long end) throws DamagedFile {
        if (disks != 0 || countHere != where.count) {
            throw damage("is part of a zip archive of several files");
        }
        if (where.start < 0 || where.size < 0 || where.count < 0 || where.start != end - where.size) {
            throw damage("has a zip directory of " + where.size + " bytes from " + where.start
                    + " on, which does not end at " + end + " where it should");
        }
        return where;
    }

    private Entry central(ByteBuffer directory) throws IOException {
        if (directory.remaining() < CENTRAL_BYTES || directory.getInt(directory.position()) != CENTRAL_HEADER) {
            throw damage("has no zip entry where its directory should have one");
        }
        ByteBuffer fixed = directory.slice(directory.position(), CENTRAL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        directory.position(directory.position() + CENTRAL_BYTES);
        byte[] rawName = take(directory, u16(fixed, 28));
        ByteBuffer extra = ByteBuffer.wrap(take(directory, u16(fixed, 30))).order(ByteOrder.LITTLE_ENDIAN);
        take(directory, u16(fixed, 32));
        String name = name(rawName);
        long crc = u32(fixed, 16);
        long packed = u32(fixed, 20);
        long size = u32(fixed, 24);
        long header = u32(fixed, 42);
        ByteBuffer wide = wide(extra);
        if (size == FULL32) {
            size = next(wide, name);
        }
        if (packed == FULL32) {
            packed = next(wide, name);
        }
        if (header == FULL32) {
            header = next(wide, name);
        }
        int flags = u16(fixed, 8);
        if ((flags & ENCRYPTED) != 0) {
            throw damage("has an encrypted zip entry, '" + Shown.text(name) + "'");
        }
        Method method = switch (u16(fixed, 10)) {
            case 0 -> Method.STORED;
            case 8 -> Method.DEFLATED;
            default ->
                throw damage("has zip entry '" + Shown.text(name) + "' packed by method " + u16(fixed, 10)
                        + "; checkpoints are stored, or deflated");
        };
        if (method == Method.STORED && packed != size) {
            throw damage("has zip entry '" + Shown.text(name) + "' of " + size + " bytes in " + packed);
        }
        if (size < 0 || packed < 0 || header < 0) {
            throw damage("has zip entry '" + Shown.text(name) + "' of a size or place below zero");
        }
        return located(name, rawName, method, crc, packed, size, header);
    }

    /** Finds where the data begins; the local header must not tell another story than the directory. */
    private Entry located(String name, byte[] rawName, Method method, long crc, long packed, long size, long header)
            throws IOException {
        if (header > opened.size() - LOCAL_BYTES - rawName.length) {
            throw damage("has zip entry '" + Shown.text(name) + "' at " + header + ", outside the file");
        }
        ByteBuffer local = bytes(header, LOCAL_BYTES + rawName.length);
        int flags = u16(local, 6);
        int code = method == Method.STORED ? 0 : 8;
        boolean same = local.getInt(0) == LOCAL_HEADER
                && u16(local, 8) == code
                && (flags & ENCRYPTED) == 0
                && u16(local, 26) == rawName.length
                && Arrays.equals(local.array(), LOCAL_BYTES, local.capacity(), rawName, 0, rawName.length);
        if ((flags & SIZES_FOLLOW) == 0) {
            same &= u32(local, 14) == crc
                    && (u32(local, 18) == FULL32 || u32(local, 18) == packed)
                    && (u32(local, 22) == FULL32 || u32(local, 22) == size);
        }
        if (!same) {
            throw damage("has zip entry '" + Shown.text(name) + "' whose own header is not what the directory says");
        }
        long start = header + LOCAL_BYTES + rawName.length + u16(local, 28);
        return new Entry(name, method, crc, packed, size, header, start);
    }

    private void checkApart(SortedMap<String, Entry> entries, long directory) throws DamagedFile {
        List<Entry> order = new ArrayList<>(entries.values());
        order.sort(Comparator.comparingLong(Entry::header));
        long free = 0;
        for (Entry entry : order) {
            if (entry.header() < free) {
                throw damage("has zip entry '" + Shown.text(entry.name()) + "' over another");
            }
            if (entry.start() > directory || entry.packed() > directory - entry.start()) {
                throw damage("has zip entry '" + Shown.text(entry.name()) + "' of " + entry.packed() + " bytes from "
                        + entry.start() + " on, past the end of the data at " + directory);
            }
            free = entry.start() + entry.packed();
        }
    }

    private String name(byte[] raw) throws DamagedFile {
        String name;
        try {
            name = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(raw))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new DamagedFile(file, "has a zip entry whose name is not UTF-8", e);
        }
        boolean outside = name.startsWith("/")
                || name.indexOf('\\') >= 0
                || name.indexOf('\0') >= 0
                || Arrays.asList(name.split("/", -1)).contains("..");
        if (outside || name.isEmpty()) {
            throw damage("has a zip entry named '" + Shown.text(name) + "'");
        }
        return name;
    }

    /** The zip64 field among the extra ones; empty if there is none. */
    private ByteBuffer wide(ByteBuffer extra) throws DamagedFile {
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xffff;
            int length = extra.getShort() & 0xffff;
            if (length > extra.remaining()) {
                throw damage("has a zip entry with a broken extra field");
            }
            if (id == ZIP64_EXTRA) {
                return extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            extra.position(extra.position() + length);
        }
        return ByteBuffer.allocate(0);
    }

    private long next(ByteBuffer wide, String name) throws DamagedFile {
        if (wide.remaining() < Long.BYTES) {
            throw damage("has zip entry '" + Shown.text(name) + "' without the zip64 numbers it needs");
        }
        return wide.getLong();
    }

    private byte[] take(ByteBuffer from, int count) throws DamagedFile {
        if (from.remaining() < count) {
            throw damage("has a zip directory that ends within an entry");
        }
        byte[] taken = new byte[count];
        from.get(taken);
        return taken;
    }

    private ByteBuffer bytes(long position, int count) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        SafetensorsHeader.readFully(file, opened, into, position);
        return into.flip();
    }

    private static int u16(ByteBuffer from, int at) {
        return from.getShort(at) & 0xffff;
    }

    private static long u32(ByteBuffer from, int at) {
        return from.getInt(at) & 0xffffffffL;
    }

    private DamagedFile damage(String found) {
        return new DamagedFile(file, found);
    }
}
