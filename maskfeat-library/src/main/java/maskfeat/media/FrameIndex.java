package maskfeat.media;

import java.util.Arrays;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * Which packet gives which frame, in display order.
 *
 * @param packet [frames], index of the packet that gives each frame
 * @param times [frames], in units of the container, ascending; empty if the container has no plausible times
 * @param proven whether a packet identifies its frame; otherwise frames are counted from the first
 */
@SuppressWarnings("ArrayRecordComponent") // one value per frame, never compared
record FrameIndex(int[] packet, long[] times, boolean proven) {
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
    static @Nullable FrameIndex ofPackets(Packets packets) {
        int count = packets.count();
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
        return times.length == 0 ? null : new FrameIndex(packet, times, true);
    }

    /** Builds the index from the frames that a decoder gave. */
    static FrameIndex counted(Packets packets, int[] packet) {
        return new FrameIndex(packet, times(packets, packet), false);
    }

    private static long[] times(Packets packets, int[] packet) {
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
     */
    Timeline timeline(double tick, double declared) {
        int frames = frames();
        double known = declared > 0 && declared < Double.POSITIVE_INFINITY ? declared : DEFAULT_RATE;
        if (times.length == 0) {
            return Timeline.regular(known, frames);
        }
        double[] seconds = new double[frames];
        for (int i = 0; i < frames; i++) {
            seconds[i] = (times[i] - times[0]) * tick;
        }
        if (frames == 1) {
            return new Timeline(known, seconds);
        }
        // The declared rate is exact, unlike rounded times, but it includes frames that edits cut off.
        double measured = (frames - 1) / seconds[frames - 1];
        boolean agree = Math.abs(seconds[frames - 1] - (frames - 1) / known) < HALF_A_FRAME / known;
        return new Timeline(agree ? known : measured, seconds);
    }
}
