package maskfeat.media;

import java.util.Arrays;
import java.util.BitSet;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * Which packet gives which frame, in display order.
 *
 * @param packet [frames], index of the packet that gives each frame
 * @param times [frames], in units of the container, ascending; empty if the container has no plausible times
 * @param proven whether the packets alone tell which of them gives which frame, and where decoding may start
 * @param sums [frames], checksum of each decoded frame, where all were decoded once and every frame has a packet of its
 *     own; otherwise empty. With them decoding may start anywhere, and what comes out is compared
 */
@SuppressWarnings("ArrayRecordComponent") // one value per frame, never compared
record FrameIndex(int[] packet, long[] times, boolean proven, int[] sums) {
    // libav's default for streams without a rate.
    private static final double DEFAULT_RATE = 25;
    private static final double HALF_A_FRAME = 0.5;

    int frames() {
        return packet.length;
    }

    /**
     * Builds the index from the packets alone, or null if a decoder might give something else. Requires at most one
     * frame per packet, different times, and a first packet that is shown first and at which decoding can start.
     */
    static @Nullable FrameIndex ofPackets(PacketTable packets) {
        int count = packets.count;
        if (count == 0 || !packets.is(0, Bitstream.START)) {
            return null;
        }
        int frames = 0;
        for (int i = 0; i < count; i++) {
            if (packets.is(i, Bitstream.UNSURE)
                    || packets.time(i) == avutil.AV_NOPTS_VALUE
                    || packets.time(i) < packets.time(0)) {
                return null;
            }
            frames += packets.isFrame(i) ? 1 : 0;
        }
        if (frames == 0) {
            return null;
        }
        Integer[] order = new Integer[frames];
        for (int i = 0, frame = 0; i < count; i++) {
            if (packets.isFrame(i)) {
                order[frame++] = i;
            }
        }
        Arrays.sort(order, (a, b) -> Long.compare(packets.time(a), packets.time(b)));
        int[] packet = new int[frames];
        for (int i = 0; i < frames; i++) {
            packet[i] = order[i];
        }
        long[] times = times(packets, packet);
        return times.length == 0 ? null : new FrameIndex(packet, times, true, new int[0]);
    }

    /** Builds the index from the frames that a decoder gave, with their checksums. */
    static FrameIndex counted(PacketTable packets, int[] packet, int[] sums) {
        BitSet own = new BitSet();
        for (int each : packet) {
            if (each < 0 || own.get(each)) {
                return new FrameIndex(packet, times(packets, packet), false, new int[0]);
            }
            own.set(each);
        }
        return new FrameIndex(packet, times(packets, packet), false, sums);
    }

    /** Whether single frames can be found without decoding everything before them. */
    boolean selects() {
        return proven || sums.length > 0;
    }

    /** The frame that each packet gives, -1 for none. */
    int[] numbers(PacketTable packets) {
        int[] numbers = new int[packets.count];
        Arrays.fill(numbers, -1);
        for (int i = 0; i < packet.length; i++) {
            if (packet[i] >= 0) {
                numbers[packet[i]] = i;
            }
        }
        return numbers;
    }

    private static long[] times(PacketTable packets, int[] packet) {
        long[] times = new long[packet.length];
        for (int i = 0; i < times.length; i++) {
            times[i] = packet[i] < 0 ? avutil.AV_NOPTS_VALUE : packets.time(packet[i]);
            if (times[i] == avutil.AV_NOPTS_VALUE || i > 0 && times[i] <= times[i - 1]) {
                return new long[0];
            }
        }
        return times;
    }

    /**
     * The times at which the frames are shown.
     *
     * @param tick length in seconds of the container's time unit
     * @param declared the container's rate, 0 if it has none
     * @param guessed the container's rate corrected by the codec's, 0 if unknown
     */
    Timeline timeline(PacketTable packets, double tick, double declared, double guessed) {
        int frames = frames();
        if (times.length == 0) {
            double span = decodeSpan(packets) * tick;
            return Timeline.regular(rate(span, guessed, declared), frames);
        }
        double[] seconds = new double[frames];
        for (int i = 0; i < frames; i++) {
            seconds[i] = (times[i] - times[0]) * tick;
        }
        return new Timeline(rate(seconds[frames - 1], declared, guessed), seconds);
    }

    /**
     * The first of some stated rates that agrees with the measured one, which is taken otherwise. Stated rates are
     * exact, unlike rounded times, but may include frames that edits cut off, count fields, or be wrong.
     *
     * @param span seconds from the first frame to the last, 0 if unknown
     */
    private double rate(double span, double... stated) {
        int intervals = frames() - 1;
        boolean measurable = span > 0 && intervals > 0;
        for (double each : stated) {
            boolean plausible = each > 0 && each < Double.POSITIVE_INFINITY;
            if (plausible && (!measurable || Math.abs(span - intervals / each) < HALF_A_FRAME / each)) {
                return each;
            }
        }
        return measurable ? intervals / span : DEFAULT_RATE;
    }

    /**
     * Time from the first to the last packet that gives a frame, in the order of decoding, which lasts as long as the
     * video; 0 if unknown, or if the clock is set back, as in transport streams that were joined.
     */
    private long decodeSpan(PacketTable packets) {
        int first = Integer.MAX_VALUE;
        int last = -1;
        for (int each : packet) {
            if (each < 0) {
                return 0;
            }
            first = Math.min(first, each);
            last = Math.max(last, each);
        }
        for (int i = first; i <= last; i++) {
            if (packets.decodeTime(i) == avutil.AV_NOPTS_VALUE
                    || i > first && packets.decodeTime(i) < packets.decodeTime(i - 1)) {
                return 0;
            }
        }
        return packets.decodeTime(last) - packets.decodeTime(first);
    }
}
