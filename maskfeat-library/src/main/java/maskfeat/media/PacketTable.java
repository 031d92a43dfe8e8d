package maskfeat.media;

import java.util.Arrays;
import org.bytedeco.ffmpeg.global.avutil;

/** What is known of each packet of a video without decoding, in decoding order, numbered from 0. */
final class PacketTable {
    /** Flag in addition to those of {@link Bitstream}: the container marks it as a key packet. */
    static final int KEY = 32;
    /** The container marks its frame as not part of the video. */
    static final int DISCARDED = 64;

    /** An offset of a packet whose bytes do not lie together in the file. */
    static final int SCATTERED = -1;

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

    /** Bytes of memory. */
    long weight() {
        return times.length * 34L;
    }

    /** Whether a packet has a flag of {@link Bitstream} or of this class. */
    boolean is(int packet, int flag) {
        return (flags[packet] & flag) != 0;
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
