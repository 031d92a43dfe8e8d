package maskfeat.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import maskfeat.archive.Member.Packing;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Extent;
import maskfeat.disk.FileBytes;

/**
 * Reads the directory of a zip file (APPNOTE.TXT 6.3.10, zip64 included). What is wrong with one member is said of that
 * member alone.
 */
final class ZipIndex {
    static final int LOCAL_HEADER = 0x04034b50; // "PK\3\4"
    static final int LOCAL_BYTES = 30;

    private static final int CENTRAL_HEADER = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END64 = 0x06064b50;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR64_BYTES = 20;
    private static final int MAX_COMMENT = 0xffff;
    private static final int ZIP64_EXTRA = 1;
    private static final int TIMES_EXTRA = 0x5455;
    private static final long FULL16 = 0xffff; // "see the zip64 record"
    private static final long FULL32 = 0xffffffffL;
    private static final long MAX_DIRECTORY = 1L << 30;
    private static final int ENCRYPTED = 1 | 1 << 6 | 1 << 13;
    private static final int NAME_IS_UTF_8 = 1 << 11;
    private static final int BY_UNIX = 3;
    private static final int KIND_OF_FILE = 0170000;
    private static final int LINK = 0120000;
    private static final int FIRST_YEAR = 1980;

    /** Deflate makes at most so many bytes of one. */
    private static final long MOST_INFLATED = 1032;

    /** In which programs of DOS wrote names. */
    private static final Charset DOS =
            Charset.isSupported("IBM437") ? Charset.forName("IBM437") : StandardCharsets.ISO_8859_1;

    private final Path file;
    private final FileBytes opened;
    private final long size;
    private final Contents contents = new Contents();

    private ZipIndex(Path file, FileBytes opened) throws IOException {
        this.file = file;
        this.opened = opened;
        this.size = opened.size();
    }

    /** @throws DamagedFile if it has no directory that can be read */
    static Contents read(Path file, FileBytes opened) throws IOException {
        return new ZipIndex(file, opened).read();
    }

    /** @param shift bytes before the archive, which its places do not count */
    private record Where(long start, long size, long count, long shift) {}

    private Contents read() throws IOException {
        Where where = where();
        ByteBuffer directory = bytes(where.start(), (int) where.size());
        for (long i = 0; i < where.count(); i++) {
            if (directory.remaining() < CENTRAL_BYTES || directory.getInt(directory.position()) != CENTRAL_HEADER) {
                contents.damaged("is damaged: its directory ends after " + i + " of " + where.count() + " members");
                break;
            }
            int at = directory.position();
            int name = u16(directory, at + 28);
            int extra = u16(directory, at + 30);
            int comment = u16(directory, at + 32);
            if (directory.remaining() < CENTRAL_BYTES + name + extra + comment) {
                contents.damaged("is damaged: its directory ends within member " + (i + 1) + " of " + where.count());
                break;
            }
            take(directory, at, name, extra, where.shift());
            directory.position(at + CENTRAL_BYTES + name + extra + comment);
        }
        return contents;
    }

    private void take(ByteBuffer directory, int at, int nameBytes, int extraBytes, long shift) {
        int flags = u16(directory, at + 8);
        boolean byUnix = directory.get(at + 5) == BY_UNIX;
        boolean utf8 = (flags & NAME_IS_UTF_8) != 0;
        String name =
                TarIndex.decoded(directory.array(), at + CENTRAL_BYTES, nameBytes, utf8 ? StandardCharsets.UTF_8 : DOS);
        if (!byUnix && name.indexOf('/') < 0) {
            name = name.replace('\\', '/');
        }
        ByteBuffer extra =
                directory.slice(at + CENTRAL_BYTES + nameBytes, extraBytes).order(ByteOrder.LITTLE_ENDIAN);
        if (name.endsWith("/")) {
            return; // a folder, which its members make anyway
        }
        boolean isLink = byUnix && (u16(directory, at + 40) & KIND_OF_FILE) == LINK;
        contents.add(
                name,
                isLink
                        ? Member.special(-1, "is a link, and no file of its own: pack it without zip -y")
                        : member(directory, at, flags, extra, shift));
    }

    private Member member(ByteBuffer directory, int at, int flags, ByteBuffer extra, long shift) {
        int method = u16(directory, at + 10);
        long changed = changed(directory, at, extra);
        long crc = u32(directory, at + 16);
        long[] numbers = {u32(directory, at + 24), u32(directory, at + 20), u32(directory, at + 42)};
        ByteBuffer wide = field(extra, ZIP64_EXTRA);
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] == FULL32 && wide.remaining() >= Long.BYTES) {
                numbers[i] = wide.getLong();
            }
        }
        long unpacked = numbers[0];
        long packed = numbers[1];
        long header = numbers[2] + shift;
        if ((flags & ENCRYPTED) != 0) {
            return Member.faulty(
                    unpacked, changed, "is encrypted; unpack the archive with its password, or pack it without one");
        }
        if (method != 0 && method != 8) {
            return Member.faulty(
                    unpacked,
                    changed,
                    "is compressed by the method " + method + methodName(method)
                            + "; stored and deflated members are read: pack it anew, with zip -0 or a tar file");
        }
        if (unpacked < 0 || packed < 0 || header < 0 || header > size - LOCAL_BYTES || packed > size - header) {
            return Member.faulty(
                    Math.max(0, unpacked), changed, "is said to lie outside of the archive, which is damaged");
        }
        if (method == 0) {
            return packed == unpacked
                    ? new Member(Packing.STORED, header, packed, unpacked, crc, changed, "")
                    : Member.faulty(unpacked, changed, "has two sizes, " + packed + " and " + unpacked);
        }
        if (unpacked > MOST_INFLATED * (packed + 1)) {
            return Member.faulty(
                    unpacked, changed, "is said to have " + unpacked + " bytes, which " + packed + " cannot unpack to");
        }
        return new Member(Packing.DEFLATED, header, packed, unpacked, crc, changed, "");
    }

    private static String methodName(int method) {
        return switch (method) {
            case 9 -> " (Deflate64)";
            case 12 -> " (bzip2)";
            case 14 -> " (LZMA)";
            case 93, 20 -> " (Zstandard)";
            case 95 -> " (xz)";
            case 96 -> " (JPEG)";
            default -> "";
        };
    }

    /** Seconds since 1970 where they are there, else what a clock on the wall showed, without its zone. */
    private static long changed(ByteBuffer directory, int at, ByteBuffer extra) {
        ByteBuffer times = field(extra, TIMES_EXTRA);
        if (times.remaining() >= 1 + Integer.BYTES && (times.get(0) & 1) != 0) {
            return Math.max(-1, times.getInt(1) * 1000L);
        }
        int time = u16(directory, at + 12);
        int date = u16(directory, at + 14);
        boolean unset = date >> 9 == 0;
        if (unset) {
            return -1; // the first year, which programs write that write no times
        }
        try {
            return LocalDateTime.of(
                                    FIRST_YEAR + (date >> 9),
                                    date >> 5 & 15,
                                    date & 31,
                                    time >> 11,
                                    time >> 5 & 63,
                                    (time & 31) * 2)
                            .toEpochSecond(ZoneOffset.UTC)
                    * 1000;
        } catch (DateTimeException none) {
            return -1;
        }
    }

    /** A field among the extra ones; empty if it is not there. */
    private static ByteBuffer field(ByteBuffer extra, int wanted) {
        int at = 0;
        while (at + 4 <= extra.capacity()) {
            int length = u16(extra, at + 2);
            if (length > extra.capacity() - at - 4) {
                break;
            }
            if (u16(extra, at) == wanted) {
                return extra.slice(at + 4, length).order(ByteOrder.LITTLE_ENDIAN);
            }
            at += 4 + length;
        }
        return ByteBuffer.allocate(0);
    }

    /** Where the directory lies, from the record or records at the end of the file. */
    private Where where() throws IOException {
        int tailBytes = (int) Math.min(size, END_BYTES + MAX_COMMENT);
        ByteBuffer tail = bytes(size - tailBytes, tailBytes);
        int at = tailBytes - END_BYTES;
        while (at >= 0 && !(tail.getInt(at) == END && at + END_BYTES + u16(tail, at + 20) <= tailBytes)) {
            at--;
        }
        if (at < 0) {
            throw new DamagedFile(
                    file, "is cut off: the directory at the end of a zip file is not there; copy or load it again");
        }
        long end = size - tailBytes + at;
        long disks = u16(tail, at + 4) | u16(tail, at + 6);
        long count = u16(tail, at + 10);
        long bytes = u32(tail, at + 12);
        long start = u32(tail, at + 16);
        boolean wide = count == FULL16 || bytes == FULL32 || start == FULL32;
        long locatorAt = end - LOCATOR64_BYTES;
        if (wide && locatorAt >= 0 && bytes(locatorAt, 4).getInt(0) == LOCATOR64) {
            long end64 = bytes(locatorAt, LOCATOR64_BYTES).getLong(8);
            // Bytes before the archive are not counted in its places, so the record is looked for before the locator
            // too.
            long beside = locatorAt - END64_BYTES;
            long found = isEnd64(end64, locatorAt) ? end64 : beside;
            if (!isEnd64(found, locatorAt)) {
                throw new DamagedFile(file, "is damaged: its zip64 end record is not where it should be");
            }
            ByteBuffer record = bytes(found, END64_BYTES);
            disks = record.getInt(16) | record.getInt(20);
            count = record.getLong(32);
            bytes = record.getLong(40);
            start = record.getLong(48);
            end = found;
        }
        if (disks != 0) {
            throw new DamagedFile(file, "is one of several parts of a zip archive; join them first, with zip -s 0");
        }
        if (bytes < 0 || start < 0 || count < 0 || bytes > end - start || bytes < count * CENTRAL_BYTES) {
            throw new DamagedFile(
                    file,
                    "is damaged: it says that its directory of " + count + " members has " + bytes + " bytes from byte "
                            + start + " on, which cannot be");
        }
        if (bytes > MAX_DIRECTORY) {
            throw new DamagedFile(
                    file, "has a directory of " + bytes + " bytes; at most " + MAX_DIRECTORY + " are read");
        }
        return new Where(end - bytes, bytes, count, end - bytes - start);
    }

    private boolean isEnd64(long at, long before) throws IOException {
        return at >= 0 && at <= before - END64_BYTES && bytes(at, 4).getInt(0) == END64;
    }

    private ByteBuffer bytes(long position, int count) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        Extent.readFully(file, opened, into, position);
        return into.flip();
    }

    private static int u16(ByteBuffer from, int at) {
        return from.getShort(at) & 0xffff;
    }

    private static long u32(ByteBuffer from, int at) {
        return from.getInt(at) & 0xffffffffL;
    }
}
