package maskfeat.spark;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * The local disk by the scheme {@code crash}, where {@code clip 2.mp4} stands for a file that native code crashes of: whoever reads
 * it to decode it in an executor dies by SIGSEGV. To be copied it can be read.
 */
public final class CrashingFiles extends RawLocalFileSystem {
    private static final URI PLACE = URI.create("crash:///");

    @Override
    public URI getUri() {
        return PLACE;
    }

    @Override
    public String getScheme() {
        return "crash";
    }

    @Override
    public FSDataInputStream open(Path file, int buffer) throws IOException {
        if (file.getName().equals("clip 2.mp4") && isDecodedHere()) {
            crash();
        }
        return super.open(file, buffer);
    }

    @Override
    public FileStatus getFileStatus(Path file) throws IOException {
        return plain(super.getFileStatus(file));
    }

    @Override
    public FileStatus[] listStatus(Path folder) throws IOException {
        return Arrays.stream(super.listStatus(folder)).map(this::plain).toArray(FileStatus[]::new);
    }

    /** Those of the local disk ask it for permissions by paths of its own scheme. */
    private FileStatus plain(FileStatus file) {
        return new FileStatus(
                file.getLen(),
                file.isDirectory(),
                file.getReplication(),
                file.getBlockSize(),
                file.getModificationTime(),
                makeQualified(file.getPath()));
    }

    private static boolean isDecodedHere() {
        return Arrays.stream(Thread.currentThread().getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(DecoderHere.class.getName()));
    }

    /** As a decoder would: native code writes where nothing is. */
    static void crash() {
        Pointer.memset(
                new BytePointer() {
                    {
                        address = 8;
                    }
                },
                0,
                1);
    }
}
