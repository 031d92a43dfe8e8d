package maskfeat.weights;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.FileBytes;
import maskfeat.disk.RegularFile;
import maskfeat.disk.Shown;

/** Files of weights, of any format that is read here. What a file is, its content says, not its name. */
public final class Weights {
    static final int HEAD = 512;

    /** The ending of the parts of a checkpoint that several processes wrote. */
    private static final String DISTRIBUTED = ".distcp";

    private static final int SHOWN_BYTES = 8;
    private static final int SHOWN_TEXT = 60;
    private static final int LEAST_TEXT = 16;

    /** The first line of its log is the time and the address. */
    private static final Pattern WGET = Pattern.compile("^--\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}--");

    private static final int SAFETENSORS_LENGTH = 8;
    private static final int TAR_MARK = 257;

    private Weights() {}

    /**
     * Opens a file of weights, safetensors (of several files by their index) or PyTorch's, and checks it.
     *
     * @throws DamagedFile if it is neither, or not whole, or refused as {@link TorchCheckpoint} says
     */
    public static TensorReader open(Path file) throws IOException {
        return open(file, Optional.empty());
    }

    /**
     * As {@link #open(Path)}.
     *
     * @param key of the dictionary in a PyTorch checkpoint under which the weights are looked for first; other files have none
     */
    public static TensorReader open(Path file, Optional<String> key) throws IOException {
        if (Files.isDirectory(file)) {
            throw new DamagedFile(file, "is a folder, not a file of weights");
        }
        if (file.toString().endsWith(DISTRIBUTED)) {
            throw new DamagedFile(
                    file,
                    "is a part of a distributed checkpoint of PyTorch (" + DISTRIBUTED + "), which is not read; "
                            + TorchGlobals.JOIN);
        }
        FileBytes opened = FileBytes.open(RegularFile.require(file));
        byte[] head;
        try {
            head = TorchCheckpoint.head(file, opened);
        } catch (Throwable failed) {
            opened.close();
            throw failed;
        }
        // First, as the length of a header may look like the mark of a pickle: 640 is 80 02.
        if (isSafetensors(head)) {
            return Safetensors.open(file, opened);
        }
        if (TorchCheckpoint.begins(head)) {
            return TorchCheckpoint.open(file, opened, key);
        }
        opened.close();
        if (head.length > 0 && head[0] == '{') {
            return ShardedSafetensors.open(file);
        }
        throw new DamagedFile(file, "is neither a safetensors file nor a PyTorch checkpoint: " + beginning(head));
    }

    /**
     * Why a folder has weights that are not read, and what to do; empty if it has none such.
     *
     * @throws IOException if the folder cannot be listed
     */
    public static Optional<String> unreadable(Path folder) throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + DISTRIBUTED)) {
            return parts.iterator().hasNext()
                    ? Optional.of("is a distributed checkpoint of PyTorch (" + DISTRIBUTED
                            + " files), which is not read; " + TorchGlobals.JOIN)
                    : Optional.empty();
        }
    }

    /** A length that is no text, and the brace of the header behind it. */
    private static boolean isSafetensors(byte[] head) {
        return head.length > SAFETENSORS_LENGTH
                && head[SAFETENSORS_LENGTH] == '{'
                && head[SAFETENSORS_LENGTH - 1] == 0
                && head[SAFETENSORS_LENGTH - 2] == 0;
    }

    /** A known beginning of files that are taken for weights. */
    private record Known(String begins, String what) {}

    private static final List<Known> KNOWN = List.of(
            new Known("\u0089HDF\r\n", "it is an HDF5 file, as Keras writes; convert it to safetensors"),
            new Known("\u001f\u008b", "it is compressed by gzip; unpack it first"),
            new Known("BZh", "it is compressed by bzip2; unpack it first"),
            new Known("\u00fd7zXZ", "it is compressed by xz; unpack it first"),
            new Known("\u0028\u00b5\u002f\u00fd", "it is compressed by zstd; unpack it first"),
            new Known("\u0093NUMPY", "it is one array of numpy, without a name"),
            new Known("GGUF", "it is a GGUF file, as llama.cpp reads; look for the safetensors file of the model"),
            new Known(
                    "version https://git-lfs",
                    "it is a pointer of Git LFS, not the file itself; fetch it with 'git lfs pull'"),
            new Known("PK\u0005\u0006", "it is an empty zip archive"),
            new Known("<?xml", "it is an XML document, perhaps a server's message saved in place of the file"));

    /** Letters and line ends alone, and more than a few. */
    private static boolean isText(byte[] head) {
        for (byte b : head) {
            if (b < ' ' && b != '\n' && b != '\r' && b != '\t') {
                return false;
            }
        }
        return head.length >= LEAST_TEXT;
    }

    /** What a file is that begins so, for messages: {@code "it ..."}. */
    static String beginning(byte[] head) {
        if (head.length == 0) {
            return "it is empty";
        }
        String text = new String(head, StandardCharsets.ISO_8859_1);
        for (Known known : KNOWN) {
            if (text.startsWith(known.begins())) {
                return known.what();
            }
        }
        String start = text.stripLeading().toLowerCase(Locale.ROOT);
        if (start.startsWith("<!doctype html") || start.startsWith("<html")) {
            return "it is a web page, saved in place of the file";
        }
        if (text.startsWith("ustar", TAR_MARK)) {
            return "it is a tar archive, perhaps of PyTorch 0.1, which is not read; load and save it with a newer PyTorch";
        }
        // A ModelProto begins with its version and mostly with its producer: fields 1 and 2.
        if (head.length > 3 && head[0] == 0x08 && head[1] > 0 && head[1] < 32 && (head[2] == 0x12 || head[2] == 0x3a)) {
            return "it is probably an ONNX model; look for the PyTorch or safetensors file it was made of";
        }
        if (isText(head)) {
            boolean log = WGET.matcher(text).find();
            return "it is " + (log ? "a log of wget" : "text")
                    + ", perhaps because a command of the form 'wget -o FILE URL'"
                    + " wrote its log in place of the file: -O names the file; it begins with '"
                    + Shown.text(text.substring(0, Math.min(SHOWN_TEXT, text.length()))
                            .strip()) + "'";
        }
        int shown = Math.min(SHOWN_BYTES, head.length);
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < shown; i++) {
            letters.append(head[i] >= ' ' && head[i] < 0x7f ? (char) head[i] : '.');
        }
        return "it begins with the bytes " + HexFormat.ofDelimiter(" ").formatHex(head, 0, shown) + " ('" + letters
                + "')";
    }
}
