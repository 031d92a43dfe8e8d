package maskfeat.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Tells from the lengths that a container states of its own parts whether the end of the file is missing. */
final class DeclaredBytes {
    private static final int HEAD = 24;

    private static final int FRAGMENT = 0x6d6f6f66; // moof
    private static final int MOST_BOXES = 10_000;

    // RFC 8794: identifiers of the EBML header and of Matroska's segment.
    private static final long EBML = 0x1A45DFA3L;
    private static final long SEGMENT = 0x18538067L;

    // RFC 3533: a page has at most 255 segments of 255 bytes.
    private static final int OGG_HEAD = 27;
    private static final int LARGEST_OGG_PAGE = OGG_HEAD + 255 + 255 * 255;

    private DeclaredBytes() {}

    /** Whether the last part of the file is longer than what is left of the file; false for other containers. */
    static boolean exceed(FileInput input, String container) throws IOException {
        String first = container.split(",", 2)[0];
        return switch (first) {
            case "mov" -> chunks(input, DeclaredBytes::box);
            case "avi" -> chunks(input, DeclaredBytes::riff);
            case "asf" -> chunks(input, DeclaredBytes::object);
            case "matroska" -> chunks(input, DeclaredBytes::element);
            case "ogg" -> lastPageIsCut(input);
            default -> false;
        };
    }

    /**
     * Whether a file consists of boxes of ISO/IEC 14496-12 and none of them is a fragment, which lists packets of its own
     * beside those of the header.
     */
    static boolean isMovieWithoutFragments(FileInput input) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD);
        long at = 0;
        for (int boxes = 0; at < input.size(); boxes++) {
            head.clear();
            input.peek(head, at);
            head.flip();
            long length = box(head);
            if (boxes == MOST_BOXES || head.limit() < 8 || head.getInt(4) == FRAGMENT || length < 0) {
                return false;
            }
            if (length == 0) {
                return head.getInt(0) == 0;
            }
            at = length > input.size() - at ? input.size() : at + length;
        }
        return true;
    }

    private interface Chunk {
        /**
         * Length with its head.
         *
         * @param head first bytes of the chunk, fewer at the end of the file
         * @return 0 if it has no length of its own, or is not a chunk
         */
        long length(ByteBuffer head);
    }

    private static boolean chunks(FileInput input, Chunk chunk) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD);
        for (long at = 0; at < input.size(); ) {
            head.clear();
            input.peek(head, at);
            head.flip();
            long length = chunk.length(head);
            if (length <= 0) {
                return false;
            }
            if (length > input.size() - at) {
                return true;
            }
            at += length;
        }
        return false;
    }

    /** ISO/IEC 14496-12, 4.2. */
    private static long box(ByteBuffer head) {
        if (head.limit() < 8) {
            return Long.MAX_VALUE;
        }
        long length = head.getInt(0) & 0xffffffffL;
        if (length == 1 && head.limit() >= 16) {
            length = head.getLong(8);
        }
        // 0 means up to the end; other small values are not lengths.
        return length < 8 ? 0 : length;
    }

    /** Large AVI files are several chunks. Odd lengths are padded, but the last one need not be. */
    private static long riff(ByteBuffer head) {
        if (head.limit() < 8) {
            return 0;
        }
        long length = head.order(ByteOrder.LITTLE_ENDIAN).getInt(4) & 0xffffffffL;
        String name = StandardCharsets.ISO_8859_1.decode(head.slice(0, 4)).toString();
        return name.equals("RIFF") && length > 0 ? 8 + length : 0;
    }

    /** Objects of ASF have a GUID and 64 bits of length, 0 while it is being recorded. */
    private static long object(ByteBuffer head) {
        long length =
                head.limit() < HEAD ? 0 : head.order(ByteOrder.LITTLE_ENDIAN).getLong(16);
        return length < HEAD ? 0 : length;
    }

    /** RFC 8794, sections 4 and 5; all ones mean an unknown length. */
    private static long element(ByteBuffer head) {
        if (head.limit() < 5) {
            return 0;
        }
        long name = head.getInt(0) & 0xffffffffL;
        int width = Integer.numberOfLeadingZeros(head.get(4) & 0xff) - 24 + 1;
        if (name != EBML && name != SEGMENT || width > 8 || head.limit() < 4 + width) {
            return 0;
        }
        long length = head.get(4) & 0xff >> width;
        for (int i = 1; i < width; i++) {
            length = length << 8 | head.get(4 + i) & 0xff;
        }
        boolean unknown = length == (1L << 7 * width) - 1;
        return unknown ? 0 : 4 + width + length;
    }

    private static boolean lastPageIsCut(FileInput input) throws IOException {
        long from = Math.max(0, input.size() - LARGEST_OGG_PAGE);
        ByteBuffer end = ByteBuffer.allocate((int) (input.size() - from));
        input.peek(end, from);
        end.flip();
        for (int at = end.limit() - 4; at >= 0; at--) {
            if (end.getInt(at) == 0x4f676753 && (at + 4 >= end.limit() || end.get(at + 4) == 0)) {
                long length = OGG_HEAD;
                int segments = at + OGG_HEAD <= end.limit() ? end.get(at + OGG_HEAD - 1) & 0xff : 0;
                length += segments;
                for (int i = 0; i < segments && at + OGG_HEAD + i < end.limit(); i++) {
                    length += end.get(at + OGG_HEAD + i) & 0xff;
                }
                return at + length > end.limit();
            }
        }
        return false;
    }
}
