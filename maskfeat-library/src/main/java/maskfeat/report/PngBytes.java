package maskfeat.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;

/** Encodes images as PNG. */
public final class PngBytes {
    private PngBytes() {}

    /** Writes a picture, whole or not at all. */
    public static void write(Path file, BufferedImage picture) throws IOException {
        AtomicFile.write(file, Content.of(encode(picture)));
    }

    static byte[] encode(BufferedImage picture) {
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            if (!ImageIO.write(picture, "png", out)) {
                throw new IllegalArgumentException("no PNG writer for an image of type " + picture.getType());
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
