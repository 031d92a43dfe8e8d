package maskfeat.media;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.bytedeco.ffmpeg.global.avutil;

/** What is known of each packet of a video without decoding, in decoding order, numbered from 0. */
final class PacketTable {
    /** Flag in addition to those of {@link Bitstream}: the container marks it as a key packet. */
    static final int KEY = 32;
    /** The container marks its frame as not part of the video. */
    static final int DISCARDED = 64;
    /** Its content was read: its checksum and the flags of {@link Bitstream} are known. */
    static final int LOOKED = 128;

    /** An offset of a packet whose bytes do not lie together in the file. */
    static final int SCATTERED = -1;

    private static final int BYTES = 34;

    int count;
    long[] times;
    long[] decodeTimes;
    long[] places;
    int[] sizes;
    int[] sums;
    byte[] flags;
    byte[] offsets;

    /** Whether the bytes of every packet lie together in the file, {@link #offsets} after their {@link #places}. */
    volatile boolean contiguous = true;

    /** Whether {@link Bitstream#DISPOSABLE} can be trusted. */
    boolean disposable;

    /** Whether {@link Bitstream#START} can be trusted. */
    boolean startsSound;

    /** Whether the last packet was incomplete; it is not counted. */
    boolean cut;

    /** Whether unreadable data instead of the end followed the last packet. */
    boolean brokenOff;

    /** The number of packets that the container lists, present or not; 0 if it has no complete list. */
    int listed;

    /**
     * Whether it was made from the list in the container's header, so that packets without {@link #LOOKED} are only
     * supposed to give a frame each. Each is checked when it is read.
     */
    boolean listedOnly;

    /** What {@link Bitstream} has to know of the first packet to look at others, if {@link #listedOnly}. */
    int firstHeaders;

    PacketTable(int room) {
        times = new long[room];
        decodeTimes = new long[room];
        places = new long[room];
        sizes = new int[room];
        sums = new int[room];
        flags = new byte[room];
        offsets = new byte[room];
    }

    /** Changes for how many packets there is room, at least {@link #count}. */
    void resize(int room) {
        times = Arrays.copyOf(times, room);
        decodeTimes = Arrays.copyOf(decodeTimes, room);
        places = Arrays.copyOf(places, room);
        sizes = Arrays.copyOf(sizes, room);
        sums = Arrays.copyOf(sums, room);
        flags = Arrays.copyOf(flags, room);
        offsets = Arrays.copyOf(offsets, room);
    }

    void write(DataOutputStream to) throws IOException {
        to.writeInt(count);
        for (int i = 0; i < count; i++) {
            to.writeLong(times[i]);
            to.writeLong(decodeTimes[i]);
            to.writeLong(places[i]);
            to.writeInt(sizes[i]);
            to.writeInt(listedOnly ? 0 : sums[i]);
            to.writeByte(listedOnly ? flags[i] & (Bitstream.SHOWN | KEY | DISCARDED) : flags[i]);
            to.writeByte(offsets[i]);
        }
        to.writeBoolean(contiguous);
        to.writeBoolean(disposable);
        to.writeBoolean(startsSound);
        to.writeBoolean(cut);
        to.writeBoolean(brokenOff);
        to.writeInt(listed);
        to.writeBoolean(listedOnly);
        to.writeInt(firstHeaders);
    }

    static PacketTable read(DataInputStream from) throws IOException {
        PacketTable table = new PacketTable(IndexFile.count(from, BYTES));
        table.count = table.times.length;
        for (int i = 0; i < table.count; i++) {
            table.times[i] = from.readLong();
            table.decodeTimes[i] = from.readLong();
            table.places[i] = from.readLong();
            table.sizes[i] = from.readInt();
            table.sums[i] = from.readInt();
            table.flags[i] = from.readByte();
            table.offsets[i] = from.readByte();
        }
        table.contiguous = from.readBoolean();
        table.disposable = from.readBoolean();
        table.startsSound = from.readBoolean();
        table.cut = from.readBoolean();
        table.brokenOff = from.readBoolean();
        table.listed = from.readInt();
        table.listedOnly = from.readBoolean();
        table.firstHeaders = from.readInt();
        return table;
    }

    /** Whether all packets are as those of a file of so many bytes can be. */
    boolean fits(long size) {
        for (int i = 0; i < count; i++) {
            boolean inside = places[i] >= 0 && offsets[i] >= 0 && places[i] <= size - offsets[i] - sizes[i];
            if (sizes[i] < 0 || contiguous && !inside) {
                return false;
            }
        }
        return count > 0 && (contiguous || !listedOnly);
    }

    /** Bytes of memory. */
    long weight() {
        return times.length * (long) BYTES;
    }

    /** Whether these are the packets that a list names. */
    boolean isListedBy(PacketTable list) {
        return count == list.count && Arrays.equals(places, list.places) && Arrays.equals(sizes, list.sizes);
    }

    /** Whether a packet has a flag of {@link Bitstream} or of this class. */
    boolean is(int packet, int flag) {
        return (flags[packet] & flag) != 0;
    }

    /** Notes what the content of a packet is. */
    synchronized void looked(int packet, int found, int sum) {
        sums[packet] = sum;
        flags[packet] |= (byte) (found | LOOKED);
    }

    /** Whether the content is what it was when it was first read; true if it was not read yet. */
    synchronized boolean isSame(int packet, int sum) {
        return !is(packet, LOOKED) || sums[packet] == sum;
    }

    /** Whether a packet gives a frame that is part of the video. */
    boolean isFrame(int packet) {
        return (flags[packet] & (Bitstream.SHOWN | DISCARDED)) == Bitstream.SHOWN;
    }

    /** Whether decoding may start here, by the rules of the codec. */
    boolean isStart(int packet) {
        return packet == 0 || startsSound && is(packet, Bitstream.START);
    }

    /** Whether no other frame refers to it. */
    boolean isDisposable(int packet) {
        return disposable && is(packet, Bitstream.DISPOSABLE);
    }

    /** The last key packet up to one. */
    int keyBefore(int packet) {
        int key = packet;
        while (key > 0 && !is(key, KEY)) {
            key--;
        }
        return key;
    }

    /** When its frame is shown, in the container's unit, or AV_NOPTS_VALUE. */
    long time(int packet) {
        return times[packet];
    }

    /** When it is decoded, in the container's unit, or AV_NOPTS_VALUE. */
    long decodeTime(int packet) {
        return decodeTimes[packet];
    }

    /** The end of the last frame in the container's unit, with the usual distance of frames for its length; at least 0. */
    long end() {
        long last = 0;
        long before = 0;
        for (int i = 0; i < count; i++) {
            long time = times[i] == avutil.AV_NOPTS_VALUE ? decodeTimes[i] : times[i];
            if (time > last) {
                before = last;
                last = time;
            } else if (time > before && time < last) {
                before = time;
            }
        }
        return 2 * last - before;
    }
}
