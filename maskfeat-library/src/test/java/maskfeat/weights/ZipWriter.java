package maskfeat.weights;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes zip archives, also such as no program writes. */
final class ZipWriter {
    /** An entry; what it says of itself may be changed before the archive is made. */
    static final class Entry {
        String name;
        String localName;
        byte[] packed;
        int method;
        int localMethod;
        int flags;
        long crc;
        long size;
        long packedSize;
        long shift; // added to where the directory says it begins

        Entry(String name, byte[] bytes, boolean deflate) {
            this.name = name;
            localName = name;
            CRC32 of = new CRC32();
            of.update(bytes);
            crc = of.getValue();
            size = bytes.length;
            packed = deflate ? deflated(bytes) : bytes;
            packedSize = packed.length;
            method = deflate ? 8 : 0;
            localMethod = method;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private boolean wide;

    /** A checkpoint of this pickle, as yet without storages. */
    static ZipWriter checkpoint(byte[] pickle) {
        ZipWriter zip = new ZipWriter();
        zip.add("archive/data.pkl", pickle);
        zip.add("archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        zip.add("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
        return zip;
    }

    ZipWriter storage(String key, byte[] bytes) {
        add("archive/data/" + key, bytes);
        return this;
    }

    Entry add(String name, byte[] bytes) {
        entries.add(new Entry(name, bytes, false));
        return entries.get(entries.size() - 1);
    }

    Entry addDeflated(String name, byte[] bytes) {
        entries.add(new Entry(name, bytes, true));
        return entries.get(entries.size() - 1);
    }

    /** With all sizes and places in zip64 fields, as of archives of 4 GiB. */
    ZipWriter wide() {
        wide = true;
        return this;
    }

    byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream directory = new ByteArrayOutputStream();
        for (Entry entry : entries) {
            long at = out.size() + entry.shift;
            byte[] local = entry.localName.getBytes(StandardCharsets.UTF_8);
            put(out, 4, 0x04034b50, 2, 20, 2, entry.flags, 2, entry.localMethod, 4, 0);
            boolean follow = (entry.flags & 8) != 0;
            put(out, 4, follow ? 0 : entry.crc, 4, follow ? 0 : entry.packedSize, 4, follow ? 0 : entry.size);
            put(out, 2, local.length, 2, 0);
            out.writeBytes(local);
            out.writeBytes(entry.packed);

            byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
            long full = 0xffffffffL;
            put(directory, 4, 0x02014b50, 2, 20, 2, 20, 2, entry.flags, 2, entry.method, 4, 0, 4, entry.crc);
            put(directory, 4, wide ? full : entry.packedSize, 4, wide ? full : entry.size);
            put(directory, 2, name.length, 2, wide ? 28 : 0, 2, 0, 2, 0, 2, 0, 4, 0, 4, wide ? full : at);
            directory.writeBytes(name);
            if (wide) {
                put(directory, 2, 1, 2, 24, 8, entry.size, 8, entry.packedSize, 8, at);
            }
        }
        long start = out.size();
        out.writeBytes(directory.toByteArray());
        long count = entries.size();
        if (wide) {
            long end = out.size();
            put(out, 4, 0x06064b50, 8, 44, 2, 45, 2, 45, 4, 0, 4, 0, 8, count, 8, count, 8, directory.size(), 8, start);
            put(out, 4, 0x07064b50, 4, 0, 8, end, 4, 1);
            put(out, 4, 0x06054b50, 2, 0, 2, 0, 2, 0xffff, 2, 0xffff, 4, 0xffffffffL, 4, 0xffffffffL, 2, 0);
        } else {
            put(out, 4, 0x06054b50, 2, 0, 2, 0, 2, count, 2, count, 4, directory.size(), 4, start, 2, 0);
        }
        return out.toByteArray();
    }

    /** Pairs of a number of bytes and a number. */
    private static void put(ByteArrayOutputStream out, long... pairs) {
        for (int i = 0; i < pairs.length; i += 2) {
            for (int b = 0; b < pairs[i]; b++) {
                out.write((int) (pairs[i + 1] >>> (Byte.SIZE * b)));
            }
        }
    }

    private static byte[] deflated(byte[] bytes) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(bytes);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] piece = new byte[1 << 12];
        while (!deflater.finished()) {
            out.write(piece, 0, deflater.deflate(piece));
        }
        deflater.end();
        return out.toByteArray();
    }
}
