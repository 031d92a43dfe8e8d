package maskfeat.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import maskfeat.media.VideoReader.Limits;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * All packets of a video in decoding order, numbered from 0, with what is known of each without decoding.
 *
 * <p>The first pass over the file keeps few packets, as of a clip, in memory, so it never seeks. Packets of
 * longer videos are read again and recognised by position and size; if the container seeks to the wrong place, it is
 * read from the start.
 */
final class Packets implements AutoCloseable {
    /** Flag in addition to those of {@link Bitstream}: the container marks it as a key packet. */
    static final int KEY = 32;
    /** The container marks its frame as not part of the video. */
    static final int DISCARDED = 64;

    // Reading on is faster than seeking over fewer bytes.
    private static final int READ_ON = 300;

    private final FileInput input;
    private final long maxPixels;
    private final long keptBytes;
    private Demuxer demuxer;
    private int count;
    private long[] times = new long[64];
    private long[] decodeTimes = new long[64];
    private long[] places = new long[64];
    private int[] sizes = new int[64];
    private byte[] flags = new byte[64];
    private @Nullable List<AVPacket> kept = new ArrayList<>();
    private boolean cut;
    private int listed;
    private boolean disposable;
    private boolean startsSound;

    // State for reading packets again.
    private final AVPacket scratch;
    private int next;
    private boolean ahead;

    private Packets(FileInput input, Demuxer demuxer, long maxPixels, long keptBytes) {
        this.input = input;
        this.maxPixels = maxPixels;
        this.demuxer = demuxer;
        this.keptBytes = keptBytes;
        scratch = avcodec.av_packet_alloc();
    }

    /**
     * Reads all packets.
     *
     * @param demuxer closed with the result, or if this fails
     * @param keptBytes packets stay in memory up to this many bytes
     */
    static Packets read(FileInput input, Demuxer demuxer, Limits limits, long keptBytes) throws Refused, IOException {
        Packets packets = new Packets(input, demuxer, limits.maxPixels(), keptBytes);
        try {
            packets.readAll(limits);
            return packets;
        } catch (Refused | IOException | RuntimeException | Error failed) {
            packets.close();
            throw failed;
        }
    }

    private void readAll(Limits limits) throws Refused, IOException {
        Bitstream bitstream = Bitstream.of(demuxer.parameters());
        long bytes = 0;
        while (demuxer.read(scratch)) {
            if (count == limits.maxFrames()) {
                throw limits.tooMany();
            }
            Demuxer.check(input);
            grow();
            int size = scratch.size();
            ByteBuffer data = size == 0
                    ? ByteBuffer.allocate(0)
                    : scratch.data().capacity(size).asByteBuffer();
            int found = bitstream.look(data);
            found |= (scratch.flags() & avcodec.AV_PKT_FLAG_KEY) != 0 ? KEY : 0;
            found |= (scratch.flags() & avcodec.AV_PKT_FLAG_DISCARD) != 0 ? DISCARDED : 0;
            cut = (scratch.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0;
            times[count] = scratch.pts();
            decodeTimes[count] = scratch.dts();
            places[count] = scratch.pos();
            sizes[count] = size;
            flags[count] = (byte) found;
            bytes += size;
            keep(bytes);
            count++;
            next = count;
        }
        listed = demuxer.listed();
        if (cut && count > 1) {
            // An incomplete packet gives no frame.
            count--;
            if (kept != null) {
                avcodec.av_packet_free(kept.remove(count));
            }
        }
        disposable = bitstream.disposablesAreSound();
        startsSound = bitstream.startsAreSound();
        for (int i = 1; i < count; i++) {
            startsSound &= !is(i, Bitstream.SETTINGS);
        }
    }

    private void grow() {
        if (count == times.length) {
            int room = count * 2;
            times = Arrays.copyOf(times, room);
            decodeTimes = Arrays.copyOf(decodeTimes, room);
            places = Arrays.copyOf(places, room);
            sizes = Arrays.copyOf(sizes, room);
            flags = Arrays.copyOf(flags, room);
        }
    }

    private void keep(long bytes) {
        if (kept == null) {
            avcodec.av_packet_unref(scratch);
            return;
        }
        if (bytes > keptBytes) {
            release();
            avcodec.av_packet_unref(scratch);
            return;
        }
        AVPacket packet = avcodec.av_packet_alloc();
        avcodec.av_packet_move_ref(packet, scratch);
        number(packet, count);
        kept.add(packet);
    }

    // Decoders copy a packet's time to its frame. Its number is used instead, which is never missing or repeated.
    private static void number(AVPacket packet, int number) {
        packet.pts(number);
        packet.dts(number);
    }

    int count() {
        return count;
    }

    /** Whether a packet has a flag of {@link Bitstream} or of this class. */
    boolean is(int packet, int flag) {
        return (flags[packet] & flag) != 0;
    }

    /** Whether a packet gives a frame that is part of the video. */
    boolean isFrame(int packet) {
        return (flags[packet] & (Bitstream.SHOWN | DISCARDED)) == Bitstream.SHOWN;
    }

    /** Whether decoding may start here. */
    boolean isStart(int packet) {
        return packet == 0 || startsSound && is(packet, Bitstream.START);
    }

    /** Whether no other frame refers to it. */
    boolean isDisposable(int packet) {
        return disposable && is(packet, Bitstream.DISPOSABLE);
    }

    /** When its frame is shown, in the container's unit, or AV_NOPTS_VALUE. */
    long time(int packet) {
        return times[packet];
    }

    /** When it is decoded, in the container's unit, or AV_NOPTS_VALUE. */
    long decodeTime(int packet) {
        return decodeTimes[packet];
    }

    /** Its byte position in the file, or -1. */
    long place(int packet) {
        return places[packet];
    }

    int size(int packet) {
        return sizes[packet];
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
            } else if (time > before) {
                before = time;
            }
        }
        return last == avutil.AV_NOPTS_VALUE ? 0 : 2 * last - before;
    }

    /** Whether the last packet was incomplete. */
    boolean isCut() {
        return cut;
    }

    /** The number of packets that the container lists, present or not; 0 if it has no complete list. */
    int listed() {
        return listed;
    }

    /** A packet for the decoder, with its number in place of its times; valid until the next call. */
    AVPacket get(int packet) throws Refused, IOException {
        if (kept != null) {
            return kept.get(packet);
        }
        if (packet < next || packet - next > READ_ON) {
            seek(packet);
        }
        boolean reopened = false;
        while (true) {
            if (!ahead) {
                avcodec.av_packet_unref(scratch);
                if (!demuxer.read(scratch) || !isAt(next)) {
                    if (reopened) {
                        throw Refused.damaged("packet " + next + " was there and is no longer");
                    }
                    reopen();
                    reopened = true;
                    continue;
                }
            }
            ahead = false;
            if (next++ == packet) {
                number(scratch, packet);
                return scratch;
            }
            Demuxer.check(input);
        }
    }

    private boolean isAt(int packet) {
        return scratch.pos() == places[packet] && scratch.size() == sizes[packet];
    }

    /** Moves to a packet at or before the wanted one. */
    private void seek(int packet) throws Refused, IOException {
        int key = packet;
        while (key > 0 && !is(key, KEY)) {
            key--;
        }
        long time = decodeTimes[key] == avutil.AV_NOPTS_VALUE ? times[key] : decodeTimes[key];
        avcodec.av_packet_unref(scratch);
        ahead = time != avutil.AV_NOPTS_VALUE && demuxer.seek(time) && demuxer.read(scratch);
        if (ahead) {
            // Some containers seek by other times and land on an earlier or a later key packet.
            int found = packet;
            while (found >= 0 && (places[found] < 0 || !isAt(found))) {
                found--;
            }
            ahead = found >= 0;
            next = found;
        }
        if (!ahead) {
            reopen();
        }
    }

    /** Reads from the start again. */
    void reopen() throws Refused, IOException {
        avcodec.av_packet_unref(scratch);
        demuxer.close();
        demuxer = Demuxer.open(input, maxPixels);
        ahead = false;
        next = 0;
    }

    private void release() {
        if (kept != null) {
            for (AVPacket packet : kept) {
                avcodec.av_packet_free(packet);
            }
            kept = null;
        }
    }

    Demuxer demuxer() {
        return demuxer;
    }

    @Override
    public void close() {
        release();
        avcodec.av_packet_free(scratch);
        demuxer.close();
    }
}
