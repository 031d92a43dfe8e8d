package maskfeat.media;

import java.util.Arrays;

/**
 * All that is known of a video file after it was read once, enough to decode some of its frames alone. Shared by all
 * that open the file.
 */
final class VideoIndex {
    final PacketTable packets;
    final FrameIndex frames;
    final VideoInfo info;
    final Coding coding;
    /** Width, height and format of the first frame, as stored. */
    final int width;

    final int height;
    final int format;
    /** One of the values of {@link Orientation}. */
    final int orientation;
    /** Length in seconds of the unit of packet times. */
    final double tick;

    final Demuxer.Length declared;
    /** Whether another open file can use it. */
    final boolean complete;

    /**
     * How many key packets before the nearest decoding starts, where the rules of the codec do not tell; more than
     * {@link #FARTHEST} if it must start with the first packet.
     */
    volatile int keysBack;

    static final int FARTHEST = 1;

    VideoIndex(
            PacketTable packets,
            FrameIndex frames,
            VideoInfo info,
            Coding coding,
            int[] shape,
            int orientation,
            double tick,
            Demuxer.Length declared,
            boolean complete) {
        this.packets = packets;
        this.frames = frames;
        this.info = info;
        this.coding = coding;
        width = shape[0];
        height = shape[1];
        format = shape[2];
        this.orientation = orientation;
        this.tick = tick;
        this.declared = declared;
        this.complete = complete;
    }

    /** Whether another index of the file has the same frames at the same times. */
    boolean hasFramesOf(VideoIndex other) {
        return Arrays.equals(frames.packet(), other.frames.packet())
                && Arrays.equals(
                        info.timeline().seconds(), other.info.timeline().seconds())
                && info.timeline().rate() == other.info.timeline().rate()
                && width == other.width
                && height == other.height;
    }

    /** The same but for what is known of packets. */
    VideoIndex with(PacketTable others) {
        return new VideoIndex(
                others, frames, info, coding, new int[] {width, height, format}, orientation, tick, declared, complete);
    }

    /** Bytes of memory, roughly. */
    long weight() {
        return 2000 + packets.weight() + frames.frames() * 24L;
    }
}
