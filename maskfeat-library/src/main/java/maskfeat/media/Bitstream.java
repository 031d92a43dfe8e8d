package maskfeat.media;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.avcodec.AVCodecDescriptor;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a coded packet, without decoding it, whether it gives a frame, whether decoding may start at it, and
 * whether other frames refer to it.
 *
 * <p>The key flags of containers are not enough: they are also set in open groups, where later frames still refer to
 * earlier ones. For codecs without a rule here the answer is {@link #UNSURE}.
 */
final class Bitstream {
    /** Gives exactly one frame. */
    static final int SHOWN = 1;
    /** A new decoder that starts here gives this frame and all shown after it, bit for bit. */
    static final int START = 2;
    /** No other frame refers to it. */
    static final int DISPOSABLE = 4;
    /** Changes the settings of later packets without being a start. */
    static final int SETTINGS = 8;
    /** May give no frame or several. */
    static final int UNSURE = 16;

    // Code points of ISO/IEC 14496-10 table 7-1.
    private static final int AVC_SLICE = 1;
    private static final int AVC_IDR = 5;
    private static final int AVC_SPS = 7;
    private static final int AVC_PPS = 8;

    // ISO/IEC 23008-2 table 7-1.
    private static final int HEVC_LAST_LEADING_OR_TRAILING = 15;
    private static final int HEVC_BLA = 16;
    private static final int HEVC_IDR = 19;
    private static final int HEVC_CRA = 21;
    private static final int HEVC_LAST_PICTURE = 31;
    private static final int HEVC_VPS = 32;
    private static final int HEVC_PPS = 34;
    private static final int HEVC_END_OF_SEQUENCE = 36;
    private static final int HEVC_END_OF_BITSTREAM = 37;

    // ISO/IEC 14496-2 table 6-3.
    private static final int MPEG4_VOL_FIRST = 0x20;
    private static final int MPEG4_VOL_LAST = 0x2f;
    private static final int MPEG4_USER_DATA = 0xb2;
    private static final int MPEG4_VOP = 0xb6;

    // Coded frames of the smallest usual size are longer; shorter packets mean "same as before" and give no frame.
    static final int SHORTEST_MPEG4 = 24;

    private static final String X264 = "x264 - core ";
    private static final int FIRST_WORDS = 2048;
    // Later versions code direct prediction and 4:4:4 as the standard does.
    private static final int X264_DIRECT = 33;
    private static final int X264_444 = 151;

    private interface Rule {
        int of(ByteBuffer packet);
    }

    private final @Nullable Rule rule;
    private int nalLength;
    private boolean wide;
    private boolean encoderKnown;
    private boolean encoderMistaken;
    private int firstHeaders = -1;
    private boolean bidirectional;
    private int highestLayer;
    private int lowestDisposableLayer = Integer.MAX_VALUE;

    private Bitstream(AVCodecParameters parameters) {
        int codec = parameters.codec_id();
        ByteBuffer extra = parameters.extradata_size() > 0
                ? parameters.extradata().capacity(parameters.extradata_size()).asByteBuffer()
                : ByteBuffer.allocate(0);
        // Interlaced frames may be two packets each.
        boolean progressive = parameters.field_order() == avcodec.AV_FIELD_PROGRESSIVE
                || parameters.field_order() == avcodec.AV_FIELD_UNKNOWN;
        Rule found = null;
        if (!progressive) {
            found = null;
        } else if (codec == avcodec.AV_CODEC_ID_H264 && extra.capacity() > 6 && extra.get(0) == 1) {
            nalLength = (extra.get(4) & 3) + 1;
            found = this::avc;
            wide = parameters.format() != avutil.AV_PIX_FMT_YUV420P
                    && parameters.format() != avutil.AV_PIX_FMT_YUVJ420P;
        } else if (codec == avcodec.AV_CODEC_ID_HEVC && extra.capacity() > 22 && extra.get(0) == 1) {
            nalLength = (extra.get(21) & 3) + 1;
            found = this::hevc;
        } else if (codec == avcodec.AV_CODEC_ID_VP8) {
            found = Bitstream::vp8;
        } else if (codec == avcodec.AV_CODEC_ID_VP9) {
            found = Bitstream::vp9;
        } else if (codec == avcodec.AV_CODEC_ID_AV1) {
            found = Bitstream::av1;
        } else if (codec == avcodec.AV_CODEC_ID_MPEG4) {
            found = this::mpeg4;
        } else if (codec == avcodec.AV_CODEC_ID_MJPEG) {
            found = this::mjpeg;
        } else if (isIntraOnly(codec)) {
            found = packet -> packet.capacity() > 0 ? SHOWN | START | DISPOSABLE : UNSURE;
        }
        rule = found;
    }

    static Bitstream of(AVCodecParameters parameters) {
        return new Bitstream(parameters);
    }

    /** Looks at later packets of a stream of whose first the {@linkplain #firstHeaders headers} are known. */
    static Bitstream later(AVCodecParameters parameters, int firstHeaders) {
        Bitstream later = new Bitstream(parameters);
        later.firstHeaders = firstHeaders;
        later.encoderKnown = true;
        return later;
    }

    /** Which headers the first packet had. */
    int firstHeaders() {
        return firstHeaders;
    }

    private static boolean isIntraOnly(int codec) {
        AVCodecDescriptor descriptor = avcodec.avcodec_descriptor_get(codec);
        return descriptor != null && (descriptor.props() & avcodec.AV_CODEC_PROP_INTRA_ONLY) != 0;
    }

    /** Flags of the next packet in decoding order. */
    int look(ByteBuffer packet) {
        if (rule == null) {
            return UNSURE;
        }
        try {
            return rule.of(packet);
        } catch (IndexOutOfBoundsException cut) {
            // Damaged: counts as a frame, and decoding shows whether it is one.
            return SHOWN;
        }
    }

    /** After the last packet: whether packets marked {@link #START}, other than the first, really are starts. */
    boolean startsAreSound() {
        return !encoderMistaken && !bidirectional;
    }

    /**
     * After the last packet: whether packets marked {@link #DISPOSABLE} really are. HEVC marks them only within a
     * temporal layer; higher layers may still refer to them.
     */
    boolean disposablesAreSound() {
        return lowestDisposableLayer >= highestLayer;
    }

    private int avc(ByteBuffer packet) {
        if (!encoderKnown) {
            encoderKnown = true;
            encoderMistaken = isOldX264(packet);
        }
        int pictures = 0;
        boolean idr = false;
        boolean referred = false;
        boolean settings = false;
        for (int at = 0; at < packet.capacity(); ) {
            int length = length(packet, at);
            at += nalLength;
            if (length <= 0 || length > packet.capacity() - at) {
                throw new IndexOutOfBoundsException();
            }
            int head = packet.get(at);
            int type = head & 0x1f;
            if (type == AVC_SLICE || type == AVC_IDR) {
                // first_mb_in_slice is 0, one bit.
                pictures += (packet.get(at + 1) & 0x80) >> 7;
                idr |= type == AVC_IDR;
                referred |= (head & 0x60) != 0;
            } else {
                settings |= type == AVC_SPS || type == AVC_PPS;
            }
            at += length;
        }
        if (pictures != 1) {
            return UNSURE;
        }
        return SHOWN | (idr ? START : settings ? SETTINGS : 0) | (referred ? 0 : DISPOSABLE);
    }

    /**
     * Whether the first packet names an x264 version whose mistakes the decoder corrects. The name is only there, so
     * decoding must start there.
     */
    private boolean isOldX264(ByteBuffer packet) {
        int searched = Math.min(packet.capacity(), FIRST_WORDS);
        byte[] words = new byte[searched];
        packet.get(0, words);
        String text = new String(words, StandardCharsets.ISO_8859_1);
        int at = text.indexOf(X264);
        if (at < 0) {
            return false;
        }
        int version = 0;
        for (int i = at + X264.length();
                i < text.length() && Character.isDigit(text.charAt(i)) && version < 1000;
                i++) {
            version = version * 10 + text.charAt(i) - '0';
        }
        return version <= X264_DIRECT || wide && version < X264_444;
    }

    private int hevc(ByteBuffer packet) {
        int pictures = 0;
        boolean start = false;
        boolean referred = false;
        boolean settings = false;
        int layer = 0;
        for (int at = 0; at < packet.capacity(); ) {
            int length = length(packet, at);
            at += nalLength;
            if (length <= 0 || length > packet.capacity() - at) {
                throw new IndexOutOfBoundsException();
            }
            int type = packet.get(at) >> 1 & 0x3f;
            boolean base = (packet.get(at) & 1) == 0 && (packet.get(at + 1) & 0xf8) == 0;
            if (base && type <= HEVC_LAST_PICTURE) {
                pictures += (packet.get(at + 2) & 0x80) >> 7;
                layer = (packet.get(at + 1) & 7) - 1;
                start |= type >= HEVC_IDR && type <= HEVC_CRA;
                referred |= type > HEVC_LAST_LEADING_OR_TRAILING || (type & 1) != 0;
                if (type >= HEVC_BLA && type < HEVC_IDR) {
                    return UNSURE;
                }
            } else if (type == HEVC_END_OF_SEQUENCE || type == HEVC_END_OF_BITSTREAM) {
                // A decoder that starts at a random access picture drops its leading pictures.
                return UNSURE;
            } else {
                settings |= type >= HEVC_VPS && type <= HEVC_PPS;
            }
            at += length;
        }
        if (pictures != 1) {
            return UNSURE;
        }
        highestLayer = Math.max(highestLayer, layer);
        if (!referred) {
            lowestDisposableLayer = Math.min(lowestDisposableLayer, layer);
        }
        return SHOWN | (start ? START : settings ? SETTINGS : 0) | (referred ? 0 : DISPOSABLE);
    }

    private int length(ByteBuffer packet, int at) {
        int length = 0;
        for (int i = 0; i < nalLength; i++) {
            length = length << 8 | packet.get(at + i) & 0xff;
        }
        return length;
    }

    /** Frame tag of RFC 6386, section 9.1. */
    private static int vp8(ByteBuffer packet) {
        if (packet.capacity() == 0) {
            return UNSURE;
        }
        int tag = packet.get(0);
        return ((tag & 1) == 0 ? START : 0) | ((tag & 0x10) != 0 ? SHOWN : 0);
    }

    /** VP9 bitstream specification, annex B and section 6.2. */
    private static int vp9(ByteBuffer packet) {
        int size = packet.capacity();
        if (size == 0) {
            return UNSURE;
        }
        int last = packet.get(size - 1) & 0xff;
        int frames = 1;
        int magnitude = 0;
        int table = size;
        if ((last & 0xe0) == 0xc0) {
            frames = (last & 7) + 1;
            magnitude = (last >> 3 & 3) + 1;
            table = size - 2 - frames * magnitude;
            if (table < 0 || (packet.get(table) & 0xff) != last) {
                frames = 1;
                table = size;
            }
        }
        int shown = 0;
        boolean start = false;
        int at = 0;
        for (int frame = 0; frame < frames; frame++) {
            int head = packet.get(at) & 0xff;
            boolean reserved = (head & 0x30) == 0x30;
            // Skips the marker, two bits of the profile and, for the last profile, one reserved bit.
            int bits = reserved ? head << 1 : head;
            boolean existing = (bits & 8) != 0;
            if (head >> 6 != 2) {
                return UNSURE;
            }
            if (existing) {
                shown++;
            } else {
                boolean visible = reserved ? (packet.get(at) & 1) != 0 : (head & 2) != 0;
                boolean key = (bits & 4) == 0;
                shown += visible ? 1 : 0;
                start |= frame == 0 && key;
            }
            if (frames > 1) {
                for (int i = 0, shift = 0; i < magnitude; i++, shift += 8) {
                    at += (packet.get(table + 1 + frame * magnitude + i) & 0xff) << shift;
                }
            }
        }
        return shown > 1 ? UNSURE : (shown == 1 ? SHOWN : 0) | (start ? START : 0);
    }

    /** AV1 bitstream specification, section 5.3 and 5.9: a temporal unit shows one frame. */
    private static int av1(ByteBuffer packet) {
        boolean sequence = false;
        for (int at = 0; at < packet.capacity(); ) {
            int head = packet.get(at++);
            int type = head >> 3 & 0xf;
            at += (head & 4) != 0 ? 1 : 0;
            long length = packet.capacity() - at;
            if ((head & 2) != 0) {
                length = 0;
                int more = 1;
                for (int shift = 0; more != 0 && shift < 56; shift += 7) {
                    int b = packet.get(at++);
                    length |= (long) (b & 0x7f) << shift;
                    more = b & 0x80;
                }
            }
            if (type == 1) {
                sequence = true;
            } else if (type == 3 || type == 6) {
                // Not a repeated frame, but a key frame that is shown.
                boolean key = (packet.get(at) & 0xf0) == 0x10;
                return SHOWN | (key && sequence ? START : sequence ? SETTINGS : 0);
            }
            if (length > packet.capacity() - at) {
                throw new IndexOutOfBoundsException();
            }
            at += (int) length;
        }
        return UNSURE;
    }

    /**
     * Decoders correct mistakes of the encoder that the first headers name, so a start must repeat these headers. With
     * bidirectional pictures they also keep times, so such files are decoded from the start.
     */
    private int mpeg4(ByteBuffer packet) {
        int headers = 0;
        int pictures = 0;
        int type = -1;
        for (int at = 0; at + 4 < packet.capacity(); at++) {
            if (packet.get(at) != 0 || packet.get(at + 1) != 0 || packet.get(at + 2) != 1) {
                continue;
            }
            int code = packet.get(at + 3) & 0xff;
            if (code >= MPEG4_VOL_FIRST && code <= MPEG4_VOL_LAST) {
                headers |= 1;
            } else if (code == MPEG4_USER_DATA) {
                headers |= 2;
            } else if (code == MPEG4_VOP) {
                pictures++;
                type = (packet.get(at + 4) & 0xc0) >> 6;
            }
        }
        if (firstHeaders < 0) {
            firstHeaders = headers;
        }
        bidirectional |= type == 2;
        if (pictures != 1 || packet.capacity() < SHORTEST_MPEG4) {
            return UNSURE;
        }
        boolean start = type == 0 && headers == firstHeaders;
        return SHOWN | (start ? START : headers != 0 ? SETTINGS : 0);
    }

    /** Tables may be missing if earlier frames had them. */
    private int mjpeg(ByteBuffer packet) {
        int tables = 0;
        for (int at = 2; at + 4 <= packet.capacity() && (packet.get(at) & 0xff) == 0xff; ) {
            int marker = packet.get(at + 1) & 0xff;
            if (marker == 0xda) {
                break;
            }
            tables |= marker == 0xdb ? 1 : marker == 0xc4 ? 2 : 0;
            at += 2 + (packet.getShort(at + 2) & 0xffff);
        }
        if (firstHeaders < 0) {
            firstHeaders = tables;
        }
        if (packet.capacity() < 4) {
            return UNSURE;
        }
        return SHOWN | (tables == firstHeaders ? START | DISPOSABLE : SETTINGS);
    }
}
