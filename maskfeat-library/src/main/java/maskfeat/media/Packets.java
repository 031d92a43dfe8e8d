package maskfeat.media;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import maskfeat.media.VideoReader.Limits;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.jspecify.annotations.Nullable;

/**
 * The packets of a video, for the decoder.
 *
 * <p>The first pass over a file keeps few packets, as of a clip, in memory. Others are read again when they are wanted:
 * where the bytes of a packet lie together, from their place in the file, without the demuxer. Otherwise the demuxer
 * seeks, by bytes or by time, to a key packet before. What it gives is compared with the size and the checksum of the
 * first pass; if it seeks to the wrong place, it reads from the start.
 */
final class Packets implements AutoCloseable {
    // Reading on is faster than seeking over fewer bytes.
    private static final int READ_ON = 300;

    // After seeking by bytes a parser may first give parts of packets, and a demuxer may find the clock later.
    private static final int LOOK = 64;

    private static final int LARGEST_OFFSET = 64;
    private static final int COMPARED = 16;

    // Formats without an index of times that is complete, which libav would make by reading everything.
    private static final Set<String> BY_BYTES = Set.of(
            "mpegts",
            "mpeg",
            "mpegvideo",
            "h264",
            "hevc",
            "vvc",
            "m4v",
            "h263",
            "vc1",
            "mjpeg",
            "flv",
            "live_flv",
            "dv",
            "obu",
            "ivf",
            "mxf",
            "amv");

    /** Codecs whose packets in MP4 are the bytes of a sample and give a frame each. */
    private static final Set<Integer> ONE_FRAME_A_SAMPLE = Set.of(
            avcodec.AV_CODEC_ID_H264,
            avcodec.AV_CODEC_ID_HEVC,
            avcodec.AV_CODEC_ID_MPEG4,
            avcodec.AV_CODEC_ID_VP9,
            avcodec.AV_CODEC_ID_AV1,
            avcodec.AV_CODEC_ID_MJPEG,
            avcodec.AV_CODEC_ID_PRORES);

    // Where the header names fewer key packets, there may be more.
    private static final int FARTHEST_KEY = 1000;

    private final FileInput input;
    private final Limits limits;
    private final PacketTable table;
    private @Nullable Demuxer demuxer;
    private @Nullable List<AVPacket> kept;
    private @Nullable Bitstream bitstream;
    private boolean contiguous;

    // State for reading packets again.
    private final AVPacket scratch = avcodec.av_packet_alloc();
    private final CRC32C sum = new CRC32C();
    private int held = -1;
    private int next;
    private boolean ahead;

    private Packets(FileInput input, Limits limits, PacketTable table, @Nullable Demuxer demuxer) {
        this.input = input;
        this.limits = limits;
        this.table = table;
        this.demuxer = demuxer;
    }

    /**
     * Finds all packets.
     *
     * @param keptBytes packets that are read stay in memory up to this many bytes
     * @param byHeader whether the list in a header is enough, if there is one
     */
    static Packets open(FileInput input, Limits limits, long keptBytes, boolean byHeader) throws Refused, IOException {
        Demuxer demuxer = Demuxer.open(input, limits.maxPixels());
        if (byHeader && demuxer.listed() > 0) {
            Packets listed = list(input, demuxer, limits);
            if (listed != null) {
                return listed;
            }
            demuxer = Demuxer.open(input, limits.maxPixels());
        }
        return read(input, demuxer, limits, keptBytes);
    }

    /**
     * Reads all packets.
     *
     * @param demuxer closed with the result, or if this fails
     */
    private static Packets read(FileInput input, Demuxer demuxer, Limits limits, long keptBytes)
            throws Refused, IOException {
        Packets packets = new Packets(input, limits, new PacketTable(64), demuxer);
        try {
            packets.readAll(demuxer, keptBytes);
            return packets;
        } catch (Refused | IOException | RuntimeException | Error failed) {
            packets.close();
            throw failed;
        }
    }

    /**
     * Lists all packets by the header of the container, without reading them.
     *
     * @param demuxer not usable afterwards but for what headers say; closed with the result, or if this fails
     * @return null if the header does not tell enough; the demuxer is then closed
     */
    private static @Nullable Packets list(FileInput input, Demuxer demuxer, Limits limits) throws Refused, IOException {
        Packets packets = new Packets(input, limits, new PacketTable(64), demuxer);
        boolean enough = false;
        try {
            enough = ONE_FRAME_A_SAMPLE.contains(packets.codec(demuxer))
                    && DeclaredBytes.isMovieWithoutFragments(input)
                    && packets.listAll(demuxer)
                    && packets.beginsAsListed(demuxer);
            return enough ? packets : null;
        } finally {
            if (!enough) {
                packets.close();
            }
        }
    }

    private int codec(Demuxer from) {
        try (AVCodecParameters parameters = from.parameters()) {
            return parameters.codec_id();
        }
    }

    private boolean listAll(Demuxer from) throws Refused, IOException {
        int codec = codec(from);
        int keys = 0;
        int listed = from.listed();
        if (listed == 0 || !from.listFromStart()) {
            return false;
        }
        try {
            table.resize(listed);
            while (from.read(scratch)) {
                int at = table.count;
                if (at == limits.maxFrames()) {
                    throw limits.tooMany();
                }
                // Pictures of MPEG-4 that wait for later ones keep times, so all of them are decoded once.
                if (at == listed
                        || scratch.size() == 0
                        || scratch.pos() < 0
                        || scratch.side_data_elems() > 0
                        || scratch.pts() == avutil.AV_NOPTS_VALUE
                        || codec == avcodec.AV_CODEC_ID_MPEG4
                                && (scratch.size() < Bitstream.SHORTEST_MPEG4 || scratch.pts() != scratch.dts())) {
                    return false;
                }
                int found = Bitstream.SHOWN;
                found |= (scratch.flags() & avcodec.AV_PKT_FLAG_KEY) != 0 ? PacketTable.KEY : 0;
                found |= (scratch.flags() & avcodec.AV_PKT_FLAG_DISCARD) != 0 ? PacketTable.DISCARDED : 0;
                keys += (found & PacketTable.KEY) != 0 ? 1 : 0;
                table.cut = (scratch.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0;
                table.times[at] = scratch.pts();
                table.decodeTimes[at] = scratch.dts();
                table.places[at] = scratch.pos();
                table.sizes[at] = scratch.size();
                table.flags[at] = (byte) found;
                table.count++;
                avcodec.av_packet_unref(scratch);
            }
        } finally {
            avcodec.av_packet_unref(scratch);
            input.hollow(false);
        }
        table.listed = listed;
        table.brokenOff = from.brokenOff();
        if (table.cut && table.count > 1) {
            // An incomplete packet gives no frame.
            table.count--;
        }
        table.resize(table.count);
        table.listedOnly = true;
        // HEVC marks them by layers, of which the highest is not known.
        table.disposable = codec != avcodec.AV_CODEC_ID_HEVC;
        table.startsSound = true;
        contiguous = true;
        return !table.brokenOff && table.count > 0 && table.count / FARTHEST_KEY <= keys;
    }

    /** Looks at the first packet. */
    private boolean beginsAsListed(Demuxer from) throws Refused, IOException {
        bitstream = Bitstream.of(from.parameters());
        try {
            int found = readPlace(0) ? table.flags[0] : 0;
            table.firstHeaders = bitstream.firstHeaders();
            return (found & Bitstream.START) != 0;
        } catch (HeaderMistaken other) {
            return false;
        }
    }

    /** The packets of a file that was read before. */
    static Packets known(FileInput input, Limits limits, PacketTable table, AVCodecParameters parameters) {
        Packets packets = new Packets(input, limits, table, null);
        packets.bitstream = table.listedOnly ? Bitstream.later(parameters, table.firstHeaders) : null;
        packets.contiguous = table.contiguous;
        return packets;
    }

    private void readAll(Demuxer from, long keptBytes) throws Refused, IOException {
        Bitstream look = Bitstream.of(from.parameters());
        Places places = new Places(from.container());
        List<AVPacket> inMemory = new ArrayList<>();
        kept = inMemory;
        long bytes = 0;
        while (from.read(scratch)) {
            int at = table.count;
            if (at == limits.maxFrames()) {
                throw limits.tooMany();
            }
            Demuxer.check(input);
            if (at == table.times.length) {
                table.resize(at * 2);
            }
            int size = scratch.size();
            ByteBuffer data = data(scratch);
            int found = look.look(data) | PacketTable.LOOKED;
            found |= (scratch.flags() & avcodec.AV_PKT_FLAG_KEY) != 0 ? PacketTable.KEY : 0;
            found |= (scratch.flags() & avcodec.AV_PKT_FLAG_DISCARD) != 0 ? PacketTable.DISCARDED : 0;
            table.cut = (scratch.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0;
            table.times[at] = scratch.pts();
            table.decodeTimes[at] = scratch.dts();
            table.places[at] = scratch.pos();
            table.sizes[at] = size;
            table.sums[at] = sum(data);
            table.flags[at] = (byte) found;
            table.offsets[at] = (byte) places.offset(scratch, data);
            table.contiguous &= table.offsets[at] != PacketTable.SCATTERED;
            table.count++;
            bytes += size;
            if (kept != null && bytes > keptBytes) {
                release();
            }
            if (kept != null) {
                AVPacket packet = avcodec.av_packet_alloc();
                avcodec.av_packet_move_ref(packet, scratch);
                number(packet, at);
                inMemory.add(packet);
            } else {
                avcodec.av_packet_unref(scratch);
            }
            next = table.count;
        }
        table.listed = from.listed();
        table.brokenOff = from.brokenOff();
        if (table.cut && table.count > 1) {
            // An incomplete packet gives no frame.
            table.count--;
            if (kept != null) {
                avcodec.av_packet_free(inMemory.remove(table.count));
            }
        }
        table.disposable = look.disposablesAreSound();
        table.startsSound = look.startsAreSound();
        for (int i = 1; i < table.count; i++) {
            table.startsSound &= !table.is(i, Bitstream.SETTINGS);
        }
        table.resize(table.count);
        contiguous = table.contiguous;
    }

    /** Finds out how far after the place that a demuxer names the bytes of a packet begin. */
    private final class Places {
        private final ByteBuffer near = ByteBuffer.allocate(LARGEST_OFFSET + COMPARED);
        private final boolean exact;
        private boolean given = true;

        Places(String container) {
            exact = container.startsWith("mov");
        }

        int offset(AVPacket packet, ByteBuffer data) throws IOException {
            int size = data.capacity();
            if (!given || packet.pos() < 0 || size == 0 || changesSettings(packet)) {
                given = false;
                return PacketTable.SCATTERED;
            }
            if (exact) {
                return 0;
            }
            near.clear();
            input.peek(near, packet.pos());
            near.flip();
            int compared = Math.min(size, COMPARED);
            ByteBuffer start = data.slice(0, compared);
            for (int offset = 0; offset <= LARGEST_OFFSET && offset + compared <= near.limit(); offset++) {
                if (near.slice(offset, compared).equals(start)) {
                    return offset;
                }
            }
            given = false;
            return PacketTable.SCATTERED;
        }
    }

    /** Whether the decoder gets more from the demuxer than the bytes. */
    private static boolean changesSettings(AVPacket packet) {
        return packet.side_data_elems() > 0
                && (avcodec.av_packet_get_side_data(packet, avcodec.AV_PKT_DATA_PALETTE, (SizeTPointer) null) != null
                        || avcodec.av_packet_get_side_data(
                                        packet, avcodec.AV_PKT_DATA_NEW_EXTRADATA, (SizeTPointer) null)
                                != null
                        || avcodec.av_packet_get_side_data(
                                        packet, avcodec.AV_PKT_DATA_PARAM_CHANGE, (SizeTPointer) null)
                                != null);
    }

    private int sum(ByteBuffer data) {
        sum.reset();
        sum.update(data.duplicate());
        return (int) sum.getValue();
    }

    private static ByteBuffer data(AVPacket packet) {
        int size = packet.size();
        if (size == 0) {
            return ByteBuffer.allocate(0);
        }
        try (BytePointer bytes = packet.data()) {
            return bytes.capacity(size).asByteBuffer();
        }
    }

    // Decoders copy a packet's time to its frame. Its number is used instead, which is never missing or repeated.
    private static void number(AVPacket packet, int number) {
        packet.pts(number);
        packet.dts(number);
    }

    PacketTable table() {
        return table;
    }

    int count() {
        return table.count;
    }

    /** A packet for the decoder, with its number in place of its times; valid until the next call. */
    AVPacket get(int packet) throws Refused, IOException {
        if (kept != null) {
            return kept.get(packet);
        }
        if (contiguous) {
            if (held == packet || readPlace(packet)) {
                held = packet;
                return scratch;
            }
            held = -1;
            if (table.listedOnly) {
                throw new HeaderMistaken();
            }
            contiguous = false;
            table.contiguous = false; // for those that open it later
            next = Integer.MAX_VALUE;
        }
        if (demuxer == null || packet < next || packet - next > READ_ON) {
            seek(packet);
        }
        boolean reopened = false;
        while (true) {
            if (!ahead) {
                avcodec.av_packet_unref(scratch);
                if (!demuxer().read(scratch) || !isContent(next)) {
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

    /** Reads a packet from its bytes in the file; false if they are not the same as before. */
    private boolean readPlace(int packet) throws Refused, IOException {
        Demuxer.check(input);
        held = -1;
        avcodec.av_packet_unref(scratch);
        ByteBuffer bytes = ByteBuffer.allocate(table.sizes[packet]);
        input.peek(bytes, table.places[packet] + table.offsets[packet]);
        if (bytes.hasRemaining()) {
            return false;
        }
        int sum = sum(bytes.flip());
        if (!table.isSame(packet, sum)) {
            return false;
        }
        if (!table.is(packet, PacketTable.LOOKED)) {
            look(packet, bytes, sum);
        }
        if (avcodec.av_new_packet(scratch, table.sizes[packet]) < 0) {
            throw new OutOfMemoryError("a packet of " + table.sizes[packet] + " bytes");
        }
        try (BytePointer to = scratch.data()) {
            to.put(bytes.array(), 0, table.sizes[packet]);
        }
        scratch.flags((table.is(packet, PacketTable.KEY) ? avcodec.AV_PKT_FLAG_KEY : 0)
                | (table.is(packet, PacketTable.DISCARDED) ? avcodec.AV_PKT_FLAG_DISCARD : 0));
        number(scratch, packet);
        return true;
    }

    /** Notes what a packet is that was only listed so far, if it is as supposed. */
    private void look(int packet, ByteBuffer bytes, int sum) throws Refused {
        Bitstream look = requireNonNull(bitstream);
        int found = look.look(bytes);
        boolean supposed = (found & (Bitstream.SHOWN | Bitstream.UNSURE)) == Bitstream.SHOWN
                && (packet == 0 || (found & Bitstream.SETTINGS) == 0)
                && look.startsAreSound();
        if (!supposed) {
            throw new HeaderMistaken();
        }
        table.looked(packet, found, sum);
    }

    /** Whether decoding may start at a packet, by the rules of the codec; for this it may be read. */
    boolean isStart(int packet) throws Refused, IOException {
        if (table.listedOnly && table.is(packet, PacketTable.KEY) && !table.is(packet, PacketTable.LOOKED)) {
            get(packet);
        }
        return table.isStart(packet);
    }

    /** Whether no other frame refers to a packet's; for this it may be read. */
    boolean isDisposable(int packet) throws Refused, IOException {
        if (table.listedOnly && table.disposable && !table.is(packet, PacketTable.LOOKED)) {
            get(packet);
        }
        return table.isDisposable(packet);
    }

    private boolean isContent(int packet) {
        return packet < table.count
                && scratch.size() == table.sizes[packet]
                && sum(data(scratch)) == table.sums[packet];
    }

    /** Moves to a packet at or before the wanted one. */
    private void seek(int packet) throws Refused, IOException {
        Demuxer from = demuxer();
        boolean bytesFirst = BY_BYTES.contains(from.container().split(",", 2)[0]);
        int key = table.keyBefore(packet);
        if (!(seek(key, packet, bytesFirst) || seek(key, packet, !bytesFirst))) {
            int before = key > 0 ? table.keyBefore(key - 1) : 0;
            if (before == 0 || !seek(before, packet, bytesFirst)) {
                reopen();
            }
        }
    }

    private boolean seek(int key, int packet, boolean byBytes) throws Refused, IOException {
        Demuxer from = demuxer();
        long time = table.decodeTimes[key] == avutil.AV_NOPTS_VALUE ? table.times[key] : table.decodeTimes[key];
        long target = byBytes ? table.places[key] : time;
        avcodec.av_packet_unref(scratch);
        ahead = false;
        if (byBytes ? target < 0 || !from.seekByte(target) : target == avutil.AV_NOPTS_VALUE || !from.seek(target)) {
            return false;
        }
        for (int i = 0; i < LOOK && from.read(scratch); i++) {
            Demuxer.check(input);
            // Some containers seek by other times and land on an earlier or a later key packet.
            int found = isContent(key) ? key : search(packet);
            if (found >= 0) {
                next = found;
                ahead = true;
                return true;
            }
            avcodec.av_packet_unref(scratch);
        }
        return false;
    }

    /** The packet at or before another whose place and content are those of the packet just read, or -1. */
    private int search(int packet) {
        int size = scratch.size();
        long place = scratch.pos();
        for (int i = packet; i >= 0 && place >= 0; i--) {
            if (table.places[i] == place && table.sizes[i] == size && isContent(i)) {
                return i;
            }
        }
        return -1;
    }

    /** Reads from the start again. */
    void reopen() throws Refused, IOException {
        avcodec.av_packet_unref(scratch);
        if (demuxer != null) {
            demuxer.close();
            demuxer = null;
        }
        demuxer = Demuxer.open(input, limits.maxPixels());
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

    /** The demuxer, opened if it is not yet. */
    Demuxer demuxer() throws Refused, IOException {
        if (demuxer == null) {
            reopen();
        }
        return requireNonNull(demuxer);
    }

    @Override
    public void close() {
        release();
        avcodec.av_packet_free(scratch);
        if (demuxer != null) {
            demuxer.close();
        }
    }
}
