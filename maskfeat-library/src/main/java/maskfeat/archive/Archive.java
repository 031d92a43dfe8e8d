package maskfeat.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import maskfeat.archive.Member.Packing;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Extent;
import maskfeat.disk.FileBytes;
import maskfeat.disk.RegularFile;
import org.jspecify.annotations.Nullable;

/**
 * One zip or tar file and where in it everything lies, found once. Immutable; any number of threads and processes may read
 * at the same time, each member through a channel of its own.
 */
final class Archive {
    /** The most bytes that a deflated member may unpack to, as all of them are held in memory. */
    private static final long MOST_UNPACKED = 1L << 29;

    private static final int SHARE_OF_HEAP = 4;
    private static final int DEFLATE_SLACK = 1 << 16;

    private final Path file;
    private final long size;
    private final FileTime changed;
    private final NavigableMap<String, Member> members;
    private final Map<String, String> skipped;
    private final List<String> damage;
    private final List<String> notices;

    private Archive(Path file, BasicFileAttributes found, Contents contents) {
        this.file = file;
        this.size = found.size();
        this.changed = found.lastModifiedTime();
        this.members = contents.members();
        this.skipped = contents.skipped();
        this.damage = contents.damage();
        this.notices = contents.notices();
    }

    /**
     * Finds out what lies where.
     *
     * @throws DamagedFile naming the file, if nothing in it can be found
     */
    static Archive open(Path file) throws IOException {
        BasicFileAttributes found = Files.readAttributes(RegularFile.require(file), BasicFileAttributes.class);
        Kind kind = Kind.of(file);
        try (FileBytes opened = FileBytes.open(file)) {
            return switch (kind) {
                case ZIP -> new Archive(file, found, ZipIndex.read(file, opened));
                case TAR -> new Archive(file, found, TarIndex.read(file, opened));
                case NONE, COMPRESSED ->
                    throw new DamagedFile(file, found.size() == 0 ? "is empty" : "is neither a zip nor a tar file");
            };
        }
    }

    /** What a file is by its first bytes. */
    enum Kind {
        ZIP,
        TAR,
        /** A compressed file, or an archive of another kind. */
        COMPRESSED,
        NONE;

        static Kind of(Path file) throws IOException {
            byte[] start = start(file);
            if (begins(start, 'P', 'K', 3, 4) || begins(start, 'P', 'K', 5, 6)) {
                return ZIP;
            }
            if (TarIndex.begins(start)) {
                return TAR;
            }
            return compression(start).isEmpty() ? NONE : COMPRESSED;
        }

        /** How a file is compressed, by its first bytes, and what to do about it; empty if it is not. */
        static String compression(byte[] start) {
            if (begins(start, 0x1f, 0x8b)) {
                return "compressed with gzip: gunzip it first";
            }
            if (begins(start, 0x28, 0xb5, 0x2f, 0xfd)) {
                return "compressed with Zstandard: unpack it first, with zstd -d";
            }
            if (begins(start, 0xfd, '7', 'z', 'X', 'Z')) {
                return "compressed with xz: unpack it first, with unxz";
            }
            if (begins(start, 'B', 'Z', 'h')) {
                return "compressed with bzip2: unpack it first, with bunzip2";
            }
            if (begins(start, '7', 'z', 0xbc, 0xaf) || begins(start, 'R', 'a', 'r', '!')) {
                return "an archive that is neither zip nor tar: unpack it, or pack it anew as one of these";
            }
            return "";
        }

        static byte[] start(Path file) throws IOException {
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(TarIndex.BLOCK);
            }
        }

        private static boolean begins(byte[] start, int... with) {
            for (int i = 0; i < with.length; i++) {
                if (i >= start.length || (start[i] & 0xff) != with[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Whether the file is still the one that was looked at. */
    boolean isCurrent() throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return now.size() == size && now.lastModifiedTime().equals(changed);
    }

    Path file() {
        return file;
    }

    @Nullable Member member(String name) {
        return members.get(name);
    }

    /** The names of all members. */
    Set<String> names() {
        return members.keySet();
    }

    boolean isFolder(String name) {
        return name.isEmpty() || holds(members, name);
    }

    /** Whether some key lies under another. */
    static boolean holds(NavigableMap<String, ?> keys, String folder) {
        String next = keys.ceilingKey(folder + "/");
        return next != null && next.startsWith(folder + "/");
    }

    /** The names of what lies in a folder, in their order. */
    List<String> names(String folder) {
        return names(members, folder);
    }

    /** The first parts of the keys under a folder. */
    static List<String> names(NavigableMap<String, ?> keys, String folder) {
        String prefix = folder.isEmpty() ? "" : folder + "/";
        List<String> names = new ArrayList<>();
        String key = keys.ceilingKey(prefix);
        while (key != null && key.startsWith(prefix)) {
            int slash = key.indexOf('/', prefix.length());
            names.add(slash < 0 ? key.substring(prefix.length()) : key.substring(prefix.length(), slash));
            // Of a folder the rest is passed over: '0' follows '/'.
            key = slash < 0 ? keys.higherKey(key) : keys.ceilingKey(key.substring(0, slash) + '0');
        }
        return names;
    }

    /** When a member was changed; where it does not say, when the archive was. */
    FileTime changed(@Nullable Member member) {
        return member == null || member.changed() < 0 ? changed : FileTime.fromMillis(member.changed());
    }

    /** Names that were passed over, with what follows them in a sentence. */
    Map<String, String> skipped() {
        return skipped;
    }

    /** What is wrong with the archive itself: what follows its name in a sentence. */
    List<String> damage() {
        return damage;
    }

    /** What a person should know of it: what follows its name in a sentence. */
    List<String> notices() {
        return notices;
    }

    /**
     * Opens a member.
     *
     * @param path of the member, for messages
     * @return of its bytes once unpacked, for one thread
     * @throws DamagedFile naming the member, if it cannot be read
     */
    SeekableByteChannel read(Path path, Member member) throws IOException {
        if (!member.fault().isEmpty()) {
            throw new DamagedFile(path, member.fault());
        }
        FileBytes opened = FileBytes.open(file, member.start() + member.packed());
        try {
            if (opened.size() != size || !isCurrent()) {
                throw new DamagedFile(path, "cannot be read: " + file + " has changed since it was opened");
            }
            long start = member.packing() == Packing.PLAIN ? member.start() : behindHeader(path, opened, member);
            if (member.packing() != Packing.DEFLATED) {
                return new Stretch(opened, start, member.size());
            }
            SeekableByteChannel unpacked = new Stretch.InMemory(inflated(path, opened, start, member));
            opened.close();
            return unpacked;
        } catch (IOException | RuntimeException | Error failed) {
            opened.close();
            throw failed;
        }
    }

    private long behindHeader(Path path, FileBytes opened, Member member) throws IOException {
        ByteBuffer local = ByteBuffer.allocate(ZipIndex.LOCAL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Extent.readFully(path, opened, local, member.start());
        int method = local.getShort(8);
        long start =
                member.start() + ZipIndex.LOCAL_BYTES + (local.getShort(26) & 0xffff) + (local.getShort(28) & 0xffff);
        boolean matches = local.getInt(0) == ZipIndex.LOCAL_HEADER
                && method == (member.packing() == Packing.STORED ? 0 : 8)
                && member.packed() <= size - start;
        if (!matches) {
            throw new DamagedFile(path, "is not where the directory of the archive says, which is damaged");
        }
        return start;
    }

    private static byte[] inflated(Path path, FileBytes opened, long start, Member member) throws IOException {
        long most = Math.min(MOST_UNPACKED, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
        if (member.size() > most || member.packed() > most + DEFLATE_SLACK) {
            throw new DamagedFile(
                    path,
                    "has " + member.size() + " bytes, and a compressed member is unpacked into memory, at most " + most
                            + " bytes; store it uncompressed, with zip -0 or in a tar file");
        }
        ByteBuffer packed = ByteBuffer.allocate((int) member.packed());
        Extent.readFully(path, opened, packed, start);
        byte[] unpacked = new byte[(int) member.size()];
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(packed.flip());
            int count = 0;
            while (count < unpacked.length) {
                int more = inflater.inflate(unpacked, count, unpacked.length - count);
                if (more == 0 && (inflater.finished() || inflater.needsInput() || inflater.needsDictionary())) {
                    throw new DamagedFile(
                            path,
                            "unpacks to " + count + " bytes and not the " + unpacked.length + " that the archive says");
                }
                count += more;
            }
            boolean isMore = inflater.inflate(new byte[1]) > 0;
            CRC32 crc = new CRC32();
            crc.update(unpacked);
            if (isMore || crc.getValue() != member.crc()) {
                throw new DamagedFile(path, "does not unpack to what the archive says: its checksum is another");
            }
            return unpacked;
        } catch (DataFormatException bad) {
            throw new DamagedFile(path, "is damaged and does not unpack: " + bad.getMessage(), bad);
        } finally {
            inflater.end();
        }
    }
}
