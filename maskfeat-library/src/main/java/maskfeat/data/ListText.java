package maskfeat.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import maskfeat.disk.RegularFile;

/**
 * The lines of a text that somebody wrote beside data: UTF-8, or UTF-16 with its mark as spreadsheets and PowerShell write
 * it, with any ends of lines.
 */
final class ListText {
    /** Far above a list of all videos of any published data set, and far below memory. */
    private static final long MOST_BYTES = 1L << 29;

    private static final int HEAD = 1 << 16;

    private ListText() {}

    /** @throws DatasetException if it is no text, or a text in another coding */
    static List<String> lines(Path file) throws IOException {
        long size = Files.size(RegularFile.require(file));
        if (size > MOST_BYTES) {
            throw new DatasetException(file + " is not a list of files: it has " + size
                    + " bytes, and no list needs more" + " than " + MOST_BYTES + "; give a folder, or a list");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            return decoded(bytes, bytes.length).lines().toList();
        } catch (CharacterCodingException notText) {
            throw new DatasetException(file + " is not a list of files: it is no text in UTF-8; give a folder,"
                    + " or a list saved as UTF-8");
        }
    }

    /** The first line of a text; empty of anything else, also of what cannot be read. */
    static String firstLine(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return "";
        }
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(HEAD);
        }
        int end = 0;
        while (end < head.length && head[end] != '\n' && head[end] != '\r') {
            end++;
        }
        boolean wide = charset(head) != StandardCharsets.UTF_8;
        try {
            return decoded(head, wide ? head.length / 2 * 2 : end)
                    .lines()
                    .findFirst()
                    .orElse("");
        } catch (CharacterCodingException notText) {
            return "";
        }
    }

    private static String decoded(byte[] bytes, int length) throws CharacterCodingException {
        Charset charset = charset(bytes);
        if (charset == StandardCharsets.UTF_8 && length > 1 && (bytes[0] == 0 || bytes[1] == 0)) {
            throw new CharacterCodingException(); // UTF-16 without its mark, or no text at all
        }
        String text =
                charset.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length)).toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static Charset charset(byte[] bytes) {
        if (bytes.length < 2) {
            return StandardCharsets.UTF_8;
        }
        int mark = (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        return mark == 0xfeff
                ? StandardCharsets.UTF_16BE
                : mark == 0xfffe ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8;
    }
}
