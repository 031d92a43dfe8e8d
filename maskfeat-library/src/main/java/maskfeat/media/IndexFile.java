package maskfeat.media;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.PathText;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * Indexes of videos in a folder, a file for each: a version, what the video was when it was read, the index, and a
 * checksum. One of a video that has changed, or that another version of libav made, is as none.
 */
final class IndexFile {
    private static final int MAGIC = 0x4d465649; // "MFVI"
    // Counts up with every change of what an index holds or how it is made.
    private static final int VERSION = 1;
    private static final int CHECKSUM = 8;
    private static final long LARGEST = 1L << 30;

    private IndexFile() {}

    static Path in(Path folder, VideoIndexes.Key key) {
        try {
            byte[] name = MessageDigest.getInstance("SHA-256")
                    .digest(PathText.of(key.file()).getBytes(StandardCharsets.UTF_8));
            return folder.resolve(HexFormat.of().formatHex(name, 0, 16) + ".index");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    /**
     * Writes an index.
     *
     * @throws IOException if the disk does not take it, naming the file
     */
    static void write(Path folder, VideoIndexes.Key key, VideoIndex index) throws IOException {
        AtomicFile.folder(folder);
        AtomicFile.write(in(folder, key), Content.of(bytes(key, index)));
    }

    /**
     * Reads an index.
     *
     * @return null if there is none of this video as it is now
     * @throws IOException if the file is damaged or of another version, without its name
     * @throws IllegalArgumentException if it has impossible content
     */
    static @Nullable VideoIndex read(Path folder, VideoIndexes.Key key) throws IOException {
        Path file = in(folder, key);
        if (!Files.exists(file)) {
            return null;
        }
        if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
            throw new IOException("it is not the index of a video");
        }
        byte[] bytes = Files.readAllBytes(file);
        int length = bytes.length - CHECKSUM;
        ByteBuffer head = ByteBuffer.wrap(bytes);
        if (length < 2 * Integer.BYTES || head.getInt(0) != MAGIC) {
            throw new IOException("it is not the index of a video");
        }
        if (head.getInt(Integer.BYTES) != VERSION) {
            throw new IOException(
                    "it has version " + head.getInt(Integer.BYTES) + ", this program writes version " + VERSION);
        }
        if (head.getLong(length) != sum(bytes, length)) {
            throw new IOException("it is damaged");
        }
        return read(new DataInputStream(new ByteArrayInputStream(bytes, 0, length)), key);
    }

    /** Reads how many entries follow, of so many bytes each, for which there must be room. */
    static int count(DataInputStream from, int bytes) throws IOException {
        int count = from.readInt();
        if (count < 0 || count > from.available() / bytes) {
            throw new IOException("it is damaged: " + count + " entries are more than it holds");
        }
        return count;
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
        byte[] name = PathText.of(key.file()).getBytes(StandardCharsets.UTF_8);
        to.writeInt(name.length);
        to.write(name);
        to.writeLong(key.size());
        to.writeUTF(key.time().toString());
        to.writeLong(key.maxPixels());
        to.writeInt(key.maxFrames());
    }

    private static @Nullable VideoIndex read(DataInputStream from, VideoIndexes.Key key) throws IOException {
        from.skipNBytes(2 * Integer.BYTES);
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
        double[] seconds = new double[count(from, Double.BYTES)];
        for (int i = 0; i < seconds.length; i++) {
            seconds[i] = from.readDouble();
        }
        VideoInfo info = new VideoInfo(container, codec, pixelFormat, width, height, new Timeline(rate, seconds));
        long[] numbers = new long[Coding.NUMBERS];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = from.readLong();
        }
        Coding coding = new Coding(numbers, from.readNBytes(count(from, 1)));
        int[] shape = {from.readInt(), from.readInt(), from.readInt()};
        int orientation = from.readInt();
        double tick = from.readDouble();
        Demuxer.Length declared = new Demuxer.Length(from.readDouble(), from.readBoolean());
        PacketTable packets = PacketTable.read(from);
        boolean proven = from.readBoolean();
        int[] packet = new int[count(from, Integer.BYTES)];
        for (int i = 0; i < packet.length; i++) {
            packet[i] = from.readInt();
        }
        long[] times = new long[count(from, Long.BYTES)];
        for (int i = 0; i < times.length; i++) {
            times[i] = from.readLong();
        }
        int[] sums = new int[count(from, Integer.BYTES)];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = from.readInt();
        }
        FrameIndex frames = new FrameIndex(packet, times, proven, sums);
        boolean possible = packets.fits(key.size())
                && Arrays.stream(packet).allMatch(each -> each >= -1 && each < packets.count)
                && (times.length == 0 || times.length == packet.length)
                && (sums.length == 0 || sums.length == packet.length)
                && seconds.length == packet.length
                && packet.length <= key.maxFrames()
                && numbers[0] == avutil.AVMEDIA_TYPE_VIDEO
                && shape[0] > 0
                && shape[1] > 0
                && shape[0] <= key.maxPixels() / shape[1];
        if (!possible) {
            throw new IOException("it is damaged: it cannot be of this video");
        }
        return new VideoIndex(packets, frames, info, coding, shape, orientation, tick, declared, true);
    }
}
