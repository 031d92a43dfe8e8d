package maskfeat.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;

/** An image encoded as PNG, which takes longer than a small network's step: once, however many places it goes to. */
public final class PngBytes {
    private final byte[] bytes;
    private final int width;
    private final int height;
    private final boolean hasAlpha;

    private PngBytes(byte[] bytes, BufferedImage picture) {
        this.bytes = bytes;
        width = picture.getWidth();
        height = picture.getHeight();
        hasAlpha = picture.getColorModel().hasAlpha();
    }

    /** Encodes a picture. */
    public static PngBytes of(BufferedImage picture) {
        return new PngBytes(encode(picture), picture);
    }

    /**
     * Writes a picture, whole or not at all.
     *
     * @return what was written
     */
    public static PngBytes write(Path file, BufferedImage picture) throws IOException {
        PngBytes encoded = of(picture);
        AtomicFile.write(file, Content.of(encoded.bytes));
        return encoded;
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

    byte[] bytes() {
        return bytes;
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    boolean hasAlpha() {
        return hasAlpha;
    }
}
