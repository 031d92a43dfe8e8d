package maskfeat.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Set;
import maskfeat.media.UnreadableFile.Verdict;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIndexEntry;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVDictionaryEntry;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** Reads the packets of a file's video stream in the order of the container. */
final class Demuxer implements AutoCloseable {
    static {
        LibavLog.quiet();
    }

    // The first of libav's names of each format. No playlists, lists of images or other formats that name further
    // files.
    private static final Set<String> VIDEO = Set.of(
            "mov",
            "matroska",
            "avi",
            "mpeg",
            "mpegts",
            "mpegvideo",
            "flv",
            "live_flv",
            "ogg",
            "h264",
            "hevc",
            "vvc",
            "m4v",
            "h263",
            "ivf",
            "obu",
            "av1",
            "gif",
            "apng",
            "mjpeg",
            "asf",
            "rm",
            "nut",
            "mxf",
            "yuv4mpegpipe",
            "dv",
            "vc1",
            "amv",
            "nsv",
            "dhav",
            "swf",
            "wtv");
    // Opened only to report that they hold sound.
    private static final Set<String> SOUND = Set.of("mp3", "wav", "flac", "aac", "aiff", "ac3", "au", "caf", "w64");

    // AVPROBE_SCORE_RETRY: up to this score libav only guesses, and takes noise for music.
    private static final int LEAST_CERTAIN = 25;

    private static final int PROBE_BYTES = 1 << 20;
    private static final int ANALYSED_BYTES = 5 << 20;
    private static final long ANALYSED_MICROSECONDS = 5_000_000;
    private static final int MOST_STREAMS = 64;
    private static final int INDEX_BYTES = 32 << 20;

    private boolean brokenOff;
    private final FileInput input;
    private final String container;
    private final boolean certain;
    private final AVFormatContext format;
    private final AVStream stream;
    private final int index;

    private Demuxer(FileInput input, String container, boolean certain, AVFormatContext format, int index) {
        this.input = input;
        this.container = container;
        this.certain = certain;
        this.format = format;
        this.index = index;
        stream = format.streams(index);
    }

    static Demuxer open(FileInput input, long maxPixels) throws Refused, IOException {
        // Another demuxer may have moved its position.
        avformat.avio_seek(input.context(), 0, 0);
        AVInputFormat kind = new AVInputFormat(null);
        int probed = avformat.av_probe_input_buffer2(input.context(), kind, (BytePointer) null, null, 0, PROBE_BYTES);
        if (probed < 0 || kind.isNull()) {
            throw refuse(
                    input,
                    new Refused(Verdict.NOT_A_VIDEO, notAVideo().getMessage() + ": it starts with " + start(input)));
        }
        boolean certain = probed > LEAST_CERTAIN;
        String container = text(kind.name());
        if (container.equals("jpeg_pipe") && JpegStream.is(input)) {
            // libav takes it for pictures that someone else cuts apart.
            kind = avformat.av_find_input_format("mjpeg");
            container = text(kind.name());
            certain = true;
        }
        String first = container.split(",", 2)[0];
        if (!VIDEO.contains(first) && !SOUND.contains(first)) {
            throw new Refused(Verdict.NOT_A_VIDEO, "is not a video but " + text(kind.long_name()));
        }
        AVFormatContext format = avformat.avformat_alloc_context();
        AVDictionary options = new AVDictionary(null);
        try {
            input.attach(format);
            format.flags(format.flags() | AVFormatContext.AVFMT_FLAG_CUSTOM_IO);
            format.max_streams(MOST_STREAMS);
            format.max_index_size(INDEX_BYTES);
            format.probesize(ANALYSED_BYTES);
            format.max_analyze_duration(ANALYSED_MICROSECONDS);
            // Containers may not open other files.
            avutil.av_dict_set(options, "protocol_whitelist", "none", 0);
            int code = avformat.avformat_open_input(format, (BytePointer) null, kind, options);
            if (code < 0) {
                // libav has freed it.
                format = new AVFormatContext(null);
                throw refuse(
                        input,
                        !certain
                                ? notAVideo()
                                : container.startsWith("mov") && DeclaredBytes.exceed(input, container)
                                        ? Refused.truncated("its last box is longer than the file")
                                        : Refused.damaged(LibavStill.reason(code)));
            }
            code = describeStreams(format, maxPixels);
            if (code < 0) {
                throw refuse(input, certain ? Refused.damaged(LibavStill.reason(code)) : notAVideo());
            }
            int index = avformat.av_find_best_stream(format, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
            if (index < 0 || (format.streams(index).disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) != 0) {
                throw refuse(
                        input,
                        certain ? new Refused(Verdict.NO_VIDEO_STREAM, "holds no moving pictures") : notAVideo());
            }
            for (int i = 0; i < format.nb_streams(); i++) {
                format.streams(i).discard(i == index ? avcodec.AVDISCARD_DEFAULT : avcodec.AVDISCARD_ALL);
            }
            Demuxer opened = new Demuxer(input, container, certain, format, index);
            format = new AVFormatContext(null);
            return opened;
        } finally {
            avutil.av_dict_free(options);
            avformat.avformat_close_input(format);
        }
    }

    /** Lets libav fill in what headers lack. It may decode a frame for this, but none beyond the limit. */
    private static int describeStreams(AVFormatContext format, long maxPixels) {
        int streams = format.nb_streams();
        try (PointerPointer<AVDictionary> options = new PointerPointer<>(Math.max(1, streams))) {
            for (int i = 0; i < streams; i++) {
                AVDictionary ofStream = new AVDictionary(null);
                avutil.av_dict_set(ofStream, "max_pixels", Long.toString(Decoder.allowed(maxPixels)), 0);
                options.put(i, ofStream);
            }
            int code = avformat.avformat_find_stream_info(format, options);
            for (int i = 0; i < streams; i++) {
                avutil.av_dict_free(new AVDictionary(options.get(i)));
            }
            return code;
        }
    }

    String container() {
        return container;
    }

    AVCodecParameters parameters() {
        return stream.codecpar();
    }

    /** Length in seconds of the unit of packet times. */
    double tick() {
        try (AVRational tick = stream.time_base()) {
            return avutil.av_q2d(tick);
        }
    }

    /**
     * Reads the next packet of the video stream.
     *
     * @return false at the end, or if the rest of the container cannot be parsed
     */
    boolean read(AVPacket packet) throws Refused, IOException {
        while (true) {
            int code = avformat.av_read_frame(format, packet);
            if (code < 0) {
                check(input);
                brokenOff = code != avutil.AVERROR_EOF();
                return false;
            }
            if (packet.stream_index() == index) {
                return true;
            }
            avcodec.av_packet_unref(packet);
            check(input);
        }
    }

    /**
     * Begins again with the first packet of a container that lists all of them. From now on packets have all but their
     * bytes, and the file is not read.
     *
     * @return whether it could
     */
    boolean listFromStart() {
        AVIndexEntry first = avformat.avformat_index_get_entry(stream, 0);
        // Flushed parsers are made again only if they are wanted.
        format.flags(format.flags() | AVFormatContext.AVFMT_FLAG_NOPARSE | AVFormatContext.AVFMT_FLAG_NOFILLIN);
        if (first == null || first.isNull() || !seek(first.timestamp())) {
            return false;
        }
        input.hollow(true);
        return true;
    }

    /** Whether unreadable data instead of the end followed the last packet. */
    boolean brokenOff() {
        return brokenOff;
    }

    /** Seeks a start packet at or before a decoding time; false if the container cannot. */
    boolean seek(long time) {
        return avformat.av_seek_frame(format, index, time, avformat.AVSEEK_FLAG_BACKWARD) >= 0;
    }

    /** Seeks a byte of the file; false if the container cannot. */
    boolean seekByte(long place) {
        return avformat.av_seek_frame(format, index, place, avformat.AVSEEK_FLAG_BYTE) >= 0;
    }

    /** The number of packets that the container lists, present or not; 0 if it has no complete list. */
    int listed() {
        return container.startsWith("mov") ? avformat.avformat_index_get_entries_count(stream) : 0;
    }

    /** Whether the container says how long it or the video is, so that a missing end can be noticed. */
    static boolean declaresItsEnd(String container) {
        return !Set.of(
                        "mpegts",
                        "mpeg",
                        "mpegvideo",
                        "h264",
                        "hevc",
                        "vvc",
                        "m4v",
                        "h263",
                        "mjpeg",
                        "vc1",
                        "dv",
                        "dhav")
                .contains(container.split(",", 2)[0]);
    }

    /**
     * When the video ends by the container's header, or, if it states no such time, when the longest of its streams
     * does: seconds from the first time of the container; 0 if unknown.
     */
    Length declaredLength() {
        if (container.startsWith("mov") || !declaresItsEnd(container)) {
            // Movies list their packets; lengths of the others are libav's estimates.
            return new Length(0, true);
        }
        double ofStream = stream.duration() == avutil.AV_NOPTS_VALUE ? 0 : stream.duration() * tick();
        if (container.equals("avi")) {
            // libav shortens the length to the size of the file, but not this number.
            ofStream = Math.max(ofStream, stream.nb_frames() * tick());
        }
        if (ofStream > 0) {
            // Some demuxers give each stream the length of the file.
            return new Length(ofStream, container.equals("avi") || format.nb_streams() == 1);
        }
        AVDictionaryEntry tag = avutil.av_dict_get(stream.metadata(), "DURATION", null, avutil.AV_DICT_IGNORE_SUFFIX);
        if (tag != null) {
            double tagged = seconds(tag.value().getString(StandardCharsets.UTF_8));
            if (tagged > 0) {
                return new Length(tagged, true);
            }
        }
        boolean stated = format.duration_estimation_method() == avformat.AVFMT_DURATION_FROM_STREAM;
        return new Length(
                stated && format.duration() > 0 ? format.duration() / (double) avutil.AV_TIME_BASE : 0,
                format.nb_streams() == 1);
    }

    /**
     * A length that a container states.
     *
     * @param seconds 0 if unknown
     * @param ofVideo whether it is that of the video alone
     */
    record Length(double seconds, boolean ofVideo) {}

    /** Hours, minutes and seconds with a fraction, as Matroska's statistics have them; 0 for anything else. */
    private static double seconds(String text) {
        String[] parts = text.split(":");
        try {
            return parts.length == 3
                    ? 3600 * Double.parseDouble(parts[0])
                            + 60 * Double.parseDouble(parts[1])
                            + Double.parseDouble(parts[2])
                    : 0;
        } catch (NumberFormatException other) {
            return 0;
        }
    }

    /** Reads all streams to the end and returns when the last of them ends, in seconds of the container's clock. */
    double lastEnd() throws Refused, IOException {
        for (int i = 0; i < format.nb_streams(); i++) {
            format.streams(i).discard(avcodec.AVDISCARD_DEFAULT);
        }
        double end = 0;
        try (AVPacket packet = avcodec.av_packet_alloc()) {
            while (avformat.av_read_frame(format, packet) >= 0) {
                long time = packet.pts() == avutil.AV_NOPTS_VALUE ? packet.dts() : packet.pts();
                if (time != avutil.AV_NOPTS_VALUE) {
                    try (AVRational tick = format.streams(packet.stream_index()).time_base()) {
                        end = Math.max(end, (time + packet.duration()) * avutil.av_q2d(tick));
                    }
                }
                avcodec.av_packet_unref(packet);
                check(input);
            }
            avcodec.av_packet_free(packet);
        }
        return end;
    }

    /** Frames per second as the container states them; 0 or less if it does not. */
    double rate() {
        try (AVRational average = stream.avg_frame_rate();
                AVRational base = stream.r_frame_rate()) {
            return average.num() > 0 && average.den() > 0
                    ? avutil.av_q2d(average)
                    : base.den() > 0 ? avutil.av_q2d(base) : 0;
        }
    }

    /**
     * Frames per second after libav weighed the container's rate against the codec's; 0 or less if unknown. Containers
     * often state the rate of fields, of the unit of time, or of nothing at all.
     */
    double guessedRate() {
        try (AVRational guess = avformat.av_guess_frame_rate(format, stream, null)) {
            return guess.den() > 0 ? avutil.av_q2d(guess) : 0;
        }
    }

    /** Throws an error of the disk, or if the deadline has passed. */
    static void check(FileInput input) throws Refused, IOException {
        IOException failure = input.failure();
        if (failure != null) {
            throw failure;
        }
        if (input.isLate()) {
            throw new Refused(Verdict.TOO_SLOW, "was not read in time");
        }
    }

    /** The first bytes of a file, for people who know where it comes from. */
    private static String start(FileInput input) throws IOException {
        ByteBuffer first = ByteBuffer.allocate(8);
        input.peek(first, 0);
        return HexFormat.ofDelimiter(" ").formatHex(first.array(), 0, first.position());
    }

    private static Refused notAVideo() {
        return new Refused(Verdict.NOT_A_VIDEO, "is not a video, nor anything else that is known");
    }

    /** The error of a file in which no packet gives a frame. */
    Refused nothingDecodes(int packets) {
        return certain ? Refused.damaged("none of its " + packets + " packets decodes") : notAVideo();
    }

    private static Refused refuse(FileInput input, Refused otherwise) throws Refused, IOException {
        check(input);
        return otherwise;
    }

    private static String text(BytePointer words) {
        return words.getString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        avformat.avformat_close_input(format);
    }
}
