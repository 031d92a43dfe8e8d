package maskfeat.media;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Indexes of videos in a folder, a file for each: a version, what the video was when it was read, the index, and a
 * checksum. A file that is damaged, of another version, or of a video that has changed is as none; the index is then made
 * again.
 */
final class IndexFile {
    private static final int MAGIC = 0x4d465649; // "MFVI"
    private static final int VERSION = 1;
    private static final int CHECKSUM = 8;
    private static final long LARGEST = 1L << 30;

    private IndexFile() {}

    static Path in(Path folder, VideoIndexes.Key key) {
        try {
            byte[] name = MessageDigest.getInstance("SHA-256")
                    .digest(key.file().toString().getBytes(StandardCharsets.UTF_8));
            return folder.resolve(HexFormat.of().formatHex(name, 0, 16) + ".index");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    /** Writes an index, or nothing if the disk does not take it: the run goes on without. */
    static void write(Path folder, VideoIndexes.Key key, VideoIndex index) {
        Path file = in(folder, key);
        Path unfinished = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            Files.createDirectories(folder);
            Files.write(unfinished, bytes(key, index));
            Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException full) {
            delete(unfinished);
        }
    }

    private static void delete(Path unfinished) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException gone) {
            // Nothing that is read later.
        }
    }

    /** Reads an index; null if there is none of this video as it is now. */
    static @Nullable VideoIndex read(Path folder, VideoIndexes.Key key) {
        Path file = in(folder, key);
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
                return null;
            }
            byte[] bytes = Files.readAllBytes(file);
            int length = bytes.length - CHECKSUM;
            if (length < 0) {
                return null;
            }
            DataInputStream checksum = new DataInputStream(new ByteArrayInputStream(bytes, length, CHECKSUM));
            if (checksum.readLong() != sum(bytes, length)) {
                return null;
            }
            return read(new DataInputStream(new ByteArrayInputStream(bytes, 0, length)), key);
        } catch (IOException | IllegalArgumentException damaged) {
            return null;
        }
    }

    private static long sum(byte[] bytes, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, length);
        return sum.getValue();
    }

    private static byte[] bytes(VideoIndexes.Key key, VideoIndex index) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream to = new DataOutputStream(bytes);
        to.writeInt(MAGIC);
        to.writeInt(VERSION);
        writeKey(key, to);
        to.writeUTF(MediaVersions.libav()); // another one may see other packets
        VideoInfo info = index.info;
        to.writeUTF(info.container());
        to.writeUTF(info.codec());
        to.writeUTF(info.pixelFormat());
        to.writeInt(info.width());
        to.writeInt(info.height());
        to.writeDouble(info.timeline().rate());
        to.writeInt(info.timeline().frames());
        for (double second : info.timeline().seconds()) {
            to.writeDouble(second);
        }
        for (long number : index.coding.numbers()) {
            to.writeLong(number);
        }
        to.writeInt(index.coding.extra().length);
        to.write(index.coding.extra());
        to.writeInt(index.width);
        to.writeInt(index.height);
        to.writeInt(index.format);
        to.writeInt(index.orientation);
        to.writeDouble(index.tick);
        to.writeDouble(index.declared.seconds());
        to.writeBoolean(index.declared.ofVideo());
        index.packets.write(to);
        FrameIndex frames = index.frames;
        to.writeBoolean(frames.proven());
        to.writeInt(frames.packet().length);
        for (int packet : frames.packet()) {
            to.writeInt(packet);
        }
        to.writeInt(frames.times().length);
        for (long time : frames.times()) {
            to.writeLong(time);
        }
        to.writeInt(frames.sums().length);
        for (int each : frames.sums()) {
            to.writeInt(each);
        }
        to.writeLong(sum(bytes.toByteArray(), bytes.size()));
        return bytes.toByteArray();
    }

    private static void writeKey(VideoIndexes.Key key, DataOutputStream to) throws IOException {
        byte[] name = key.file().toString().getBytes(StandardCharsets.UTF_8);
        to.writeInt(name.length);
        to.write(name);
        to.writeLong(key.size());
        to.writeUTF(key.time().toString());
        to.writeLong(key.maxPixels());
        to.writeInt(key.maxFrames());
    }

    private static @Nullable VideoIndex read(DataInputStream from, VideoIndexes.Key key) throws IOException {
        if (from.readInt() != MAGIC || from.readInt() != VERSION) {
            return null;
        }
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        writeKey(key, new DataOutputStream(expected));
        byte[] found = from.readNBytes(expected.size());
        if (!MessageDigest.isEqual(found, expected.toByteArray())
                || !from.readUTF().equals(MediaVersions.libav())) {
            return null;
        }
        String container = from.readUTF();
        String codec = from.readUTF();
        String pixelFormat = from.readUTF();
        int width = from.readInt();
        int height = from.readInt();
        double rate = from.readDouble();
        double[] seconds = new double[from.readInt()];
        for (int i = 0; i < seconds.length; i++) {
            seconds[i] = from.readDouble();
        }
        VideoInfo info = new VideoInfo(container, codec, pixelFormat, width, height, new Timeline(rate, seconds));
        long[] numbers = new long[Coding.NUMBERS];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = from.readLong();
        }
        Coding coding = new Coding(numbers, from.readNBytes(from.readInt()));
        int[] shape = {from.readInt(), from.readInt(), from.readInt()};
        int orientation = from.readInt();
        double tick = from.readDouble();
        Demuxer.Length declared = new Demuxer.Length(from.readDouble(), from.readBoolean());
        PacketTable packets = PacketTable.read(from);
        boolean proven = from.readBoolean();
        int[] packet = new int[from.readInt()];
        for (int i = 0; i < packet.length; i++) {
            packet[i] = from.readInt();
        }
        long[] times = new long[from.readInt()];
        for (int i = 0; i < times.length; i++) {
            times[i] = from.readLong();
        }
        int[] sums = new int[from.readInt()];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = from.readInt();
        }
        FrameIndex frames = new FrameIndex(packet, times, proven, sums);
        return new VideoIndex(packets, frames, info, coding, shape, orientation, tick, declared, true);
    }
}
