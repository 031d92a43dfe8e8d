package maskfeat.media;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import maskfeat.disk.Plural;
import maskfeat.media.UnreadableFile.Verdict;
import maskfeat.media.VideoReader.Limits;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * An open video. Not thread-safe.
 *
 * <p>Frames are numbered from 0 in display order. Reading some of them gives the same bytes as decoding the whole file
 * and selecting. Decoding starts at the last safe start before the first wanted frame, jumps ahead if a later start
 * still precedes the next wanted frame, skips packets that no other frame refers to, and ends with the last wanted
 * frame. If the packets do not tell enough for that (codecs without a rule here, missing times), everything was decoded
 * once, and each frame must have the same checksum as then; if it has not, decoding starts earlier.
 */
public final class Video implements AutoCloseable {
    // Headers state lengths that differ a little from the last frame's end: by rounding, or by one frame more or less.
    private static final double SHORTEST_MISSING_SECONDS = 0.5;
    private static final double MISSING_FRAMES = 3;
    private static final double MISSING_SHARE = 0.01;

    // Opening a file reads so much of it in any case.
    private static final long SMALL = 4L << 20;

    // Packets that take clearly longer to decode than a clip.
    private static final int LONG = 1000;

    private final MediaSource source;
    private final Limits limits;
    private final FileInput input;
    private final Decoder decoder;
    private final Consumer<VideoIndex> keeper;
    private Packets packets;
    private PacketTable table;
    private VideoIndex known;
    private FrameIndex index;
    private final VideoInfo info;
    private final FramePixels pixels;
    private final FrameSum sum = new FrameSum();
    private final int framesWidth;
    private final int framesHeight;
    private int @Nullable [] numbers;
    private final BitSet bad = new BitSet();
    private boolean flawless;
    private boolean closed;

    private interface Needed {
        boolean test(int packet) throws Refused, IOException;
    }

    private interface Sink {
        /**
         * Takes a frame.
         *
         * @param packet that gave it; -1 if unknown
         * @return whether more frames are wanted
         */
        boolean take(int packet, AVFrame frame) throws Refused;
    }

    private Video(
            MediaSource source,
            Limits limits,
            int shortSide,
            int multiple,
            FileInput input,
            Packets packets,
            Decoder decoder,
            @Nullable VideoIndex before,
            Consumer<VideoIndex> keeper)
            throws Refused, IOException {
        this.source = source;
        this.limits = limits;
        this.input = input;
        this.packets = packets;
        this.decoder = decoder;
        this.keeper = keeper;
        table = packets.table();
        known = before == null ? index() : before;
        if (before == null && known.complete) {
            keeper.accept(known);
        }
        index = known.frames;
        info = known.info;
        boolean turned = known.orientation >= 5;
        double scale = Math.min(1, (double) shortSide / Math.min(known.width, known.height));
        int width = side(known.width * scale, multiple);
        int height = side(known.height * scale, multiple);
        pixels = new FramePixels(width, height, known.orientation);
        framesWidth = turned ? height : width;
        framesHeight = turned ? width : height;
    }

    /** A multiple; that above a side is never larger than it where another is there. */
    private static int side(double length, int multiple) {
        int rounded = multiple * (int) Math.rint(length / multiple);
        return Math.max(multiple, rounded > Math.ceil(length) ? rounded - multiple : rounded);
    }

    /** Makes the index, from the packets if they tell enough, otherwise by decoding everything. */
    private VideoIndex index() throws Refused, IOException {
        // Width, height and format of the first frame, which the header need not state.
        int[] shape = new int[3];
        int orientation;
        String codec;
        Coding coding;
        boolean complete;
        // Counting may reopen the file, which frees the demuxer's pointers.
        try (AVCodecParameters lent = packets.demuxer().parameters()) {
            shape[0] = lent.width();
            shape[1] = lent.height();
            shape[2] = lent.format();
            orientation = DisplayMatrix.orientation(lent);
            codec = avcodec.avcodec_get_name(lent.codec_id()).getString();
            coding = Coding.of(lent);
            complete = !Coding.hasMore(lent);
        }
        if (shape[0] > 0 && shape[1] > 0) {
            limits.check(shape[0], shape[1]);
        }
        boolean described = shape[0] > 0 && shape[1] > 0 && shape[2] >= 0;
        FrameIndex frames = described ? FrameIndex.ofPackets(table) : null;
        if (frames == null && table.listedOnly) {
            readAll();
            frames = described ? FrameIndex.ofPackets(table) : null;
        }
        if (frames == null) {
            frames = count(shape);
        } else if (!table.startsSound && table.count >= LONG) {
            // Every clip would begin with the first packet; decoding everything once shows where else it may.
            FrameIndex decoded = count(shape);
            frames = Arrays.equals(decoded.packet(), frames.packet()) ? decoded : frames;
        }
        limits.check(shape[0], shape[1]);
        boolean turned = orientation >= 5;
        Demuxer demuxer = packets.demuxer();
        VideoInfo found = new VideoInfo(
                demuxer.container(),
                codec,
                avutil.av_get_pix_fmt_name(shape[2]).getString(),
                turned ? shape[1] : shape[0],
                turned ? shape[0] : shape[1],
                frames.timeline(table, demuxer.tick(), demuxer.rate(), demuxer.guessedRate()));
        return new VideoIndex(
                table, frames, found, coding, shape, orientation, demuxer.tick(), demuxer.declaredLength(), complete);
    }

    /** Reads all packets, in place of those that the header lists. */
    private void readAll() throws Refused, IOException {
        Packets all = Packets.open(input, limits, 0, false);
        packets.close();
        packets = all;
        table = all.table();
        if (table.count == 0) {
            throw packets.demuxer().nothingDecodes(0);
        }
    }

    /**
     * Reads all packets in place of those that the header lists, and keeps what they are. The frames keep their numbers,
     * so that these never depend on what was read before; where packets give other frames than supposed, some are missing.
     */
    private void indexAll() throws Refused, IOException {
        input.allow(limits.deadline(input.size()));
        VideoIndex listed = known;
        readAll();
        VideoIndex all = index();
        if (all.hasFramesOf(listed)) {
            known = all;
        } else if (table.isListedBy(listed.packets)) {
            table.startsSound = false;
            table.disposable = false;
            known = listed.with(table);
        } else {
            throw new HeaderMistaken();
        }
        index = known.frames;
        numbers = null;
        if (known.complete) {
            keeper.accept(known);
        }
        input.allow(limits.deadline(input.size()));
    }

    /**
     * Opens a video.
     *
     * @param multiple that both sides of frames are to be, at least 1
     * @param known its index, or null to make it
     * @param keeper takes each index that is made, if another open file can use it
     */
    static Video open(
            MediaSource source,
            Limits limits,
            long keptBytes,
            int shortSide,
            int multiple,
            @Nullable VideoIndex known,
            Consumer<VideoIndex> keeper)
            throws Refused, IOException {
        FileInput input = FileInput.open(source);
        Packets packets = null;
        Decoder decoder = null;
        try {
            input.allow(limits.deadline(input.size()));
            if (known == null) {
                boolean byHeader = input.size() > Math.min(keptBytes, SMALL);
                packets = Packets.open(input, limits, keptBytes, byHeader);
                if (packets.count() == 0) {
                    throw packets.demuxer().nothingDecodes(0);
                }
                decoder = new Decoder(packets.demuxer().parameters(), limits.maxPixels());
            } else {
                AVCodecParameters parameters = known.coding.parameters();
                try {
                    packets = Packets.known(input, limits, known.packets, parameters);
                    decoder = new Decoder(parameters, limits.maxPixels());
                } finally {
                    avcodec.avcodec_parameters_free(parameters);
                }
            }
            return new Video(source, limits, shortSide, multiple, input, packets, decoder, known, keeper);
        } catch (Refused | IOException | RuntimeException | Error failed) {
            if (decoder != null) {
                decoder.close();
            }
            if (packets != null) {
                packets.close();
            }
            input.close();
            throw failed;
        }
    }

    /** All that is known of the file. */
    VideoIndex known() {
        return known;
    }

    /** For tests: bytes read since it was opened, opening included. */
    long readBytes() {
        return input.readBytes();
    }

    /** For tests: which packet gives which frame. */
    FrameIndex frameIndex() {
        return index;
    }

    /** For tests. */
    PacketTable packets() {
        return table;
    }

    /** For tests: the number of packets at which decoding may start. */
    int starts() throws IOException {
        return work(() -> {
            int starts = 0;
            for (int i = 0; i < table.count; i++) {
                starts += packets.isStart(i) ? 1 : 0;
            }
            return starts;
        });
    }

    /** Size, format and frame times. */
    public VideoInfo info() {
        return info;
    }

    /**
     * Reads frames.
     *
     * @param numbers indices from 0 in display order, ascending; may repeat
     * @return upright RGB, [T, H, W, 3], one frame for each number; of the size in {@link #info}, unless the reader
     *     scales
     * @throws IllegalArgumentException if the numbers are empty, not ascending or out of range, or the clip has more
     *     than 2^31 - 17 bytes
     * @throws UnreadableFile if a frame cannot be decoded completely or within the deadline
     * @throws IOException if the thread was interrupted
     */
    public Frames frames(int... numbers) throws IOException {
        return frames(true, numbers);
    }

    /**
     * As {@link #frames(int...)}. For the benchmark: optionally also decodes packets that no wanted frame refers to.
     */
    Frames frames(boolean skip, int... numbers) throws IOException {
        checkNumbers(numbers);
        long frameBytes = pixels.bytes();
        if (numbers.length * frameBytes > Limits.LARGEST_ARRAY) {
            throw new IllegalArgumentException(numbers.length + " frames of " + framesWidth + " x " + framesHeight
                    + " pixels are more than one array holds");
        }
        return work(() -> {
            if (table.listedOnly) {
                Clip clip = new Clip(numbers, (int) frameBytes);
                if (readListed(clip, skip)) {
                    return clip.finish();
                }
                indexAll();
            }
            Clip clip = new Clip(numbers, (int) frameBytes);
            if (index.selects()) {
                readSelected(clip, skip);
            }
            int missing = clip.firstMissing();
            if (missing >= 0) {
                readCounting(clip);
                missing = clip.firstMissing();
            }
            if (missing >= 0) {
                throw Refused.damaged("frame " + missing + " of " + index.frames() + " does not decode");
            }
            return clip.finish();
        });
    }

    /** Reads a clip by the list of the header; false if anything is not as it lets expect. */
    private boolean readListed(Clip clip, boolean skip) throws Refused, IOException {
        flawless = true;
        try {
            readSelected(clip, skip);
        } catch (HeaderMistaken other) {
            return false;
        }
        return flawless && clip.firstMissing() < 0;
    }

    /**
     * Decodes the whole file to check that it is intact.
     *
     * @return number of frames decoded
     * @throws UnreadableFile if any frame is missing or damaged, naming it
     */
    public int decodeAll() throws IOException {
        return work(() -> {
            checkListed();
            return decodeWhole(frame -> {});
        });
    }

    /** Takes the frames of a whole video, one after the other. */
    interface Taker {
        /** @param frame [1, H, W, 3], upright */
        void take(int number, Frames frame);
    }

    /**
     * As {@link #decodeAll()}, and hands over what it decodes. What is wrong with the video may be known only in the end: what
     * was taken before is then to be thrown away.
     */
    int decodeAll(Taker taker) throws IOException {
        return work(() -> {
            checkListed();
            byte[] rgb = new byte[pixels.bytes()];
            int[] number = {0};
            return decodeWhole(frame -> {
                if (number[0] < index.frames()) {
                    pixels.rgb(frame, rgb, 0);
                    taker.take(number[0]++, Frames.image(framesHeight, framesWidth, rgb));
                }
            });
        });
    }

    private void checkListed() throws Refused, IOException {
        if (table.listed > packets.count()) {
            throw Refused.truncated(packets.count() + " of " + Plural.of(table.listed, "frame") + " are there");
        }
        if (table.listedOnly) {
            indexAll();
        }
    }

    /** The most packets from one at which decoding can start to the next, or to the end. */
    int longestGroup() throws IOException {
        return work(() -> {
            checkListed();
            int longest = 0;
            for (int i = 0, since = 0; i < table.count; i++) {
                since = packets.isStart(i) ? 1 : since + 1;
                longest = Math.max(longest, since);
            }
            return longest;
        });
    }

    /** Size of the frames, which the reader may have scaled. */
    int framesHeight() {
        return framesHeight;
    }

    /** As {@link #framesHeight}. */
    int framesWidth() {
        return framesWidth;
    }

    /** Length of the unit of the container's times, in seconds. */
    double tick() {
        return known.tick;
    }

    /** An error of this file. */
    UnreadableFile unreadable(Refused why) {
        return new UnreadableFile(source, why);
    }

    private interface Each {
        void take(AVFrame frame) throws Refused;
    }

    private int decodeWhole(Each each) throws Refused, IOException {
        int[] frames = {0};
        decode(0, packets.count(), packet -> true, (packet, frame) -> {
            frames[0]++;
            each.take(frame);
            return true;
        });
        int first = bad.nextSetBit(0);
        boolean onlyTheEnd = first >= packets.count() - 1;
        boolean exceeding = DeclaredBytes.exceed(input, info.container());
        if (first >= 0 && !(onlyTheEnd && exceeding)) {
            int number = frameOf(first);
            if (onlyTheEnd && !Demuxer.declaresItsEnd(info.container())) {
                throw Refused.truncated("it ends inside a frame, after " + first + " others");
            }
            throw Refused.damaged(
                    number < 0
                            ? "packet " + first + " of " + packets.count() + " does not decode"
                            : "frame " + number + " of " + index.frames() + " does not decode");
        }
        if (table.brokenOff) {
            throw Refused.damaged("it cannot be followed after packet " + packets.count());
        }
        if (table.cut) {
            throw Refused.truncated("it ends inside a frame, after " + packets.count() + " others");
        }
        if (exceeding) {
            throw Refused.truncated("its last part is longer than the file; " + frames[0] + " frames are there");
        }
        checkLength();
        if (frames[0] != index.frames()) {
            throw Refused.damaged(frames[0] + " of " + Plural.of(index.frames(), "frame") + " decode");
        }
        return frames[0];
    }

    /** Refuses a video that ends clearly before the length that its container states. */
    private void checkLength() throws Refused, IOException {
        Demuxer.Length declared = known.declared;
        double rate = info.timeline().rate();
        double margin =
                Math.max(SHORTEST_MISSING_SECONDS, Math.max(MISSING_FRAMES / rate, MISSING_SHARE * declared.seconds()));
        double least = declared.seconds() - margin;
        double reached = Math.max(info.timeline().duration(), table.end() * known.tick);
        if (reached < least && !declared.ofVideo()) {
            // The length may be that of sound, which goes on.
            packets.reopen();
            reached = Math.max(reached, packets.demuxer().lastEnd());
            packets.reopen();
        }
        if (reached < least) {
            throw Refused.truncated(
                    String.format(Locale.ROOT, "it ends after %.1f of %.1f seconds", reached, declared.seconds()));
        }
    }

    private interface Work<T> {
        T run() throws Refused, IOException;
    }

    private <T> T work(Work<T> work) throws IOException {
        if (closed) {
            throw new IllegalStateException(source + " is closed");
        }
        input.allow(limits.deadline(input.size()));
        try {
            return work.run();
        } catch (Refused refused) {
            throw new UnreadableFile(source, refused);
        } catch (ClosedByInterruptException interrupted) {
            throw interrupted;
        } catch (IOException failed) {
            throw new UnreadableFile(
                    source, new Refused(Verdict.UNREADABLE, "could not be read: " + failed.getMessage(), failed));
        }
    }

    private void checkNumbers(int[] numbers) {
        if (numbers.length == 0) {
            throw new IllegalArgumentException("no frame is asked for");
        }
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] < 0 || numbers[i] >= index.frames()) {
                throw new IllegalArgumentException(
                        "frame " + numbers[i] + " does not lie between 0 and " + (index.frames() - 1));
            }
            if (i > 0 && numbers[i] < numbers[i - 1]) {
                throw new IllegalArgumentException("frame " + numbers[i] + " must not come after " + numbers[i - 1]);
            }
        }
    }

    private int frameOf(int packet) {
        if (numbers == null) {
            numbers = index.numbers(table);
        }
        return packet < 0 ? -1 : numbers[packet];
    }

    /** Counts the frames by decoding everything, if the packets do not tell. */
    private FrameIndex count(int[] shape) throws Refused, IOException {
        int[][] given = {new int[packets.count()]};
        int[][] sums = {new int[packets.count()]};
        int[] frames = {0};
        decode(0, packets.count(), packet -> true, (packet, frame) -> {
            if (frames[0] == limits.maxFrames()) {
                throw limits.tooMany();
            }
            if (frames[0] == 0) {
                shape[0] = frame.width();
                shape[1] = frame.height();
                shape[2] = frame.format();
            }
            if (frames[0] == given[0].length) {
                given[0] = Arrays.copyOf(given[0], frames[0] * 2);
                sums[0] = Arrays.copyOf(sums[0], frames[0] * 2);
            }
            sums[0][frames[0]] = sum.of(frame);
            given[0][frames[0]++] = packet;
            return true;
        });
        if (frames[0] == 0 || shape[2] < 0) {
            throw packets.demuxer().nothingDecodes(packets.count());
        }
        return FrameIndex.counted(table, Arrays.copyOf(given[0], frames[0]), Arrays.copyOf(sums[0], frames[0]));
    }

    private void readSelected(Clip clip, boolean skip) throws Refused, IOException {
        int[] wanted = clip.wanted;
        BitSet wantedPackets = new BitSet();
        for (int frame : wanted) {
            wantedPackets.set(index.packet()[frame]);
        }
        for (int from = 0; from < wanted.length; ) {
            int back = known.keysBack;
            int start = startOf(wanted[from]);
            int last = index.packet()[wanted[from]];
            int to = from + 1;
            while (to < wanted.length && startOf(wanted[to]) == start) {
                last = Math.max(last, index.packet()[wanted[to]]);
                to++;
            }
            if (readGroup(clip, skip, wantedPackets, from, to, start, last)) {
                from = to;
            } else {
                known.keysBack = back + 1;
            }
        }
    }

    /**
     * Decodes the frames between two numbers of those wanted.
     *
     * @return whether they are those that decoding everything gave
     */
    private boolean readGroup(Clip clip, boolean skip, BitSet wantedPackets, int from, int to, int start, int last)
            throws Refused, IOException {
        int[] wanted = clip.wanted;
        Needed needed = packet -> !skip || wantedPackets.get(packet) || !packets.isDisposable(packet);
        int[] left = {to - from};
        BitSet others = new BitSet();
        decode(start, last + 1, needed, (packet, frame) -> {
            if (packet >= 0 && wantedPackets.get(packet)) {
                for (int i = from; i < to; i++) {
                    if (index.packet()[wanted[i]] == packet) {
                        if (!index.proven() && sum.of(frame) != index.sums()[wanted[i]]) {
                            others.set(wanted[i]);
                        }
                        if (clip.take(i, frame)) {
                            left[0]--;
                        }
                    }
                }
            }
            return left[0] > 0;
        });
        boolean missing = left[0] > 0 && bad.isEmpty() && !index.proven();
        boolean same = start == 0 || others.isEmpty() && !missing;
        clip.forget(from, to, frame -> !same || others.get(frame) || !isSound(index.packet()[frame]));
        return same;
    }

    /**
     * The last packet at which decoding can start to give a frame; leading frames need an earlier start than others.
     */
    private int startOf(int frame) throws Refused, IOException {
        int packet = index.packet()[frame];
        int start = packet;
        if (index.proven()) {
            while (start > 0 && !(table.time(start) <= table.time(packet) && packets.isStart(start))) {
                start--;
            }
            return start;
        }
        int back = known.keysBack;
        if (back > VideoIndex.FARTHEST) {
            return 0;
        }
        start = keyBefore(start, frame);
        for (; back > 0 && start > 0; back--) {
            start = keyBefore(start - 1, frame);
        }
        return start;
    }

    /** The last key packet up to one that is not shown after a frame. */
    private int keyBefore(int packet, int frame) {
        int key = table.keyBefore(packet);
        while (key > 0 && (frameOf(key) < 0 || frameOf(key) > frame)) {
            key = table.keyBefore(key - 1);
        }
        return key;
    }

    /** Decodes all packets from the first. */
    private void readCounting(Clip clip) throws Refused, IOException {
        int[] wanted = clip.wanted;
        int[] next = {0, 0};
        int[] packetOf = new int[wanted.length];
        decode(0, packets.count(), packet -> true, (packet, frame) -> {
            int number = index.proven() ? frameOf(packet) : next[0]++;
            int at = number < 0 ? -1 : Arrays.binarySearch(wanted, number);
            if (at >= 0) {
                packetOf[at] = packet;
                if (!clip.has(at)) {
                    clip.take(at, frame);
                }
                next[1]++;
            }
            return next[1] < wanted.length;
        });
        clip.forget(0, wanted.length, frame -> !isSound(packetOf[Arrays.binarySearch(wanted, frame)]));
    }

    /** Whether all packets from the last key packet to this one decoded without error. */
    private boolean isSound(int packet) {
        if (packet < 0) {
            return bad.isEmpty();
        }
        int from = packet;
        while (from > 0 && !table.is(from, PacketTable.KEY)) {
            from--;
        }
        int first = bad.nextSetBit(from);
        return first < 0 || first > packet;
    }

    /** Resets the decoder and decodes a range of packets, to the last of their frames. */
    private void decode(int from, int to, Needed needed, Sink sink) throws Refused, IOException {
        try {
            decodeRange(from, to, needed, sink);
        } finally {
            flawless &= bad.isEmpty();
        }
    }

    private void decodeRange(int from, int to, Needed needed, Sink sink) throws Refused, IOException {
        bad.clear();
        decoder.flush();
        for (int packet = from; packet <= to; packet++) {
            Demuxer.check(input);
            boolean end = packet == to;
            if (!end && !needed.test(packet)) {
                continue;
            }
            if (!decoder.send(end ? null : packets.get(packet)) && !end) {
                bad.set(packet);
            }
            int code = decoder.receive();
            while (code >= 0) {
                long number = decoder.frame().pts();
                int own = number >= from && number < to ? (int) number : -1;
                if (!decoder.isClean()) {
                    bad.set(own < 0 ? Math.min(packet, to - 1) : own);
                }
                if (!sink.take(own, decoder.frame())) {
                    return;
                }
                Demuxer.check(input);
                code = decoder.receive();
            }
            if (code != avutil.AVERROR_EAGAIN() && code != avutil.AVERROR_EOF()) {
                bad.set(Math.min(packet, to - 1));
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            pixels.close();
            decoder.close();
            packets.close();
            input.close();
        }
    }

    /** Collects the frames of one call. */
    private final class Clip {
        final int[] wanted;
        private final int[] numbers;
        private final int frameBytes;
        private final int[] place;
        private final byte[] rgb;
        private final BitSet there = new BitSet();

        Clip(int[] numbers, int frameBytes) {
            this.numbers = numbers.clone();
            this.frameBytes = frameBytes;
            wanted = Arrays.stream(numbers).distinct().toArray();
            place = new int[wanted.length];
            for (int i = 0, at = 0; i < numbers.length; i++) {
                if (i == 0 || numbers[i] != numbers[i - 1]) {
                    place[at++] = i;
                }
            }
            rgb = new byte[numbers.length * frameBytes];
        }

        boolean has(int i) {
            return there.get(i);
        }

        boolean take(int i, AVFrame frame) throws Refused {
            if (there.get(i)) {
                return false;
            }
            pixels.rgb(frame, rgb, place[i] * frameBytes);
            there.set(i);
            return true;
        }

        void forget(int from, int to, IntPredicate unsound) {
            for (int i = from; i < to; i++) {
                if (there.get(i) && unsound.test(wanted[i])) {
                    there.clear(i);
                }
            }
        }

        /** Number of the first frame still missing, or -1. */
        int firstMissing() {
            int i = there.nextClearBit(0);
            return i < wanted.length ? wanted[i] : -1;
        }

        Frames finish() {
            for (int i = 1; i < numbers.length; i++) {
                if (numbers[i] == numbers[i - 1]) {
                    System.arraycopy(rgb, (i - 1) * frameBytes, rgb, i * frameBytes, frameBytes);
                }
            }
            return new Frames(numbers.length, framesHeight, framesWidth, rgb);
        }
    }
}
