package maskfeat.spark;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import maskfeat.data.Item;
import maskfeat.data.Scan;
import maskfeat.media.Frames;
import maskfeat.media.MediaSource;
import org.jspecify.annotations.Nullable;

/**
 * The process of a {@link DecoderApart}. On standard input stand pairs of a name and a local file, on standard output the answers:
 * clips and an end, or a refusal, or a finding. It ends when its input does.
 */
final class DecoderProcess {
    private static final int MOST_SIDE = 1 << 15;
    private static final long MOST_BYTES = 1L << 30;
    static final int END = 0;
    static final int CLIP = 1;
    static final int REFUSED = 2;
    static final int FINDING = 3;

    static final Scan.Facts UNKNOWN = new Scan.Facts(Scan.Kind.UNKNOWN, 0, 0, 0, 0, 0, "");

    /** The most characters of a sentence, so that they fit into what {@code writeUTF} can write. */
    private static final int LONGEST = 10_000;

    private DecoderProcess() {}

    public static void main(String[] args) throws IOException {
        DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
        System.setOut(System.err); // nothing else may come between the answers
        Decoding decoding = Decoding.parse(List.of(args));
        ClipReader clips = decoding.weights().isEmpty() ? null : decoding.clips();
        DataInputStream in = new DataInputStream(System.in);
        while (true) {
            String name;
            try {
                name = in.readUTF();
            } catch (EOFException end) {
                return;
            }
            Path copy = Path.of(in.readUTF());
            answer(decoding, clips, MediaSource.of(name, Files.size(copy), () -> Files.newByteChannel(copy)), out);
            out.flush();
        }
    }

    private static void answer(Decoding decoding, @Nullable ClipReader clips, MediaSource source, DataOutputStream out)
            throws IOException {
        if (clips == null) {
            String name = source.toString();
            Path file = Path.of(name.substring(name.lastIndexOf('/') + 1));
            write(decoding.scan().look(new Item(file, Item.UNLABELLED), source), out);
            return;
        }
        try {
            double seconds = clips.read(source, clip -> write(clip, out));
            out.writeByte(END);
            out.writeDouble(seconds);
        } catch (BrokenAnswer broken) {
            throw broken;
        } catch (IOException bad) {
            out.writeByte(REFUSED);
            out.writeUTF(Verdicts.of(bad));
            out.writeUTF(cut(bad.getMessage()));
        }
    }

    private static void write(ClipReader.Clip clip, DataOutputStream out) throws BrokenAnswer {
        try {
            out.writeByte(CLIP);
            out.writeDouble(clip.start());
            out.writeDouble(clip.end());
            out.writeInt(clip.frames().count());
            out.writeInt(clip.frames().height());
            out.writeInt(clip.frames().width());
            out.write(clip.frames().rgb());
        } catch (IOException broken) {
            throw new BrokenAnswer(broken);
        }
    }

    /** What follows {@link #CLIP}. */
    static ClipReader.Clip clip(DataInputStream in) throws IOException {
        double start = in.readDouble();
        double end = in.readDouble();
        int count = in.readInt();
        int height = in.readInt();
        int width = in.readInt();
        byte[] rgb = new byte[bytes(count, height, width)];
        in.readFully(rgb);
        return new ClipReader.Clip(start, end, new Frames(count, height, width, rgb));
    }

    /** What a crash writes into the answer must not be taken for a size. */
    private static int bytes(int count, int height, int width) throws IOException {
        boolean possible = count > 0 && height > 0 && width > 0 && height <= MOST_SIDE && width <= MOST_SIDE;
        long bytes = possible ? (long) height * width * Frames.CHANNELS * count : -1;
        if (!possible || count > MOST_SIDE || bytes > MOST_BYTES) {
            throw new IOException(count + " frames of " + width + " x " + height + " cannot be");
        }
        return (int) bytes;
    }

    private static void write(Scan.Finding finding, DataOutputStream out) throws IOException {
        Scan.Facts facts = finding.facts();
        out.writeByte(FINDING);
        out.writeUTF(finding.verdict());
        out.writeUTF(facts.kind().name());
        out.writeInt(facts.width());
        out.writeInt(facts.height());
        out.writeInt(facts.frames());
        out.writeDouble(facts.rate());
        out.writeDouble(facts.seconds());
        out.writeUTF(facts.codec());
        out.writeUTF(cut(finding.reason()));
    }

    /** What follows {@link #FINDING}. */
    static Scan.Finding finding(DataInputStream in, Item item) throws IOException {
        String verdict = in.readUTF();
        Scan.Facts facts = new Scan.Facts(
                Scan.Kind.valueOf(in.readUTF()),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readDouble(),
                in.readDouble(),
                in.readUTF());
        return new Scan.Finding(item, verdict, facts, in.readUTF());
    }

    private static String cut(@Nullable String sentence) {
        String text = String.valueOf(sentence);
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }

    /** Nobody reads the answers any more. */
    private static final class BrokenAnswer extends IOException {
        private static final long serialVersionUID = 1;

        BrokenAnswer(IOException cause) {
            super(cause);
        }
    }
}
