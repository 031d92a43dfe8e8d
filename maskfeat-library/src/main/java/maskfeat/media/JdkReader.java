package maskfeat.media;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageInputStreamImpl;

/** The image readers of the JDK, never those on the class path, which may decode differently. */
final class JdkReader {
    private static final ImageReaderSpi JPEG = find("jpeg");
    private static final ImageReaderSpi TIFF = find("tiff");
    private static final ImageReaderSpi BMP = find("bmp");

    private JdkReader() {}

    /** A reader for one thread, to be disposed of by the caller. */
    static ImageReader of(ImageFormat format) {
        ImageReaderSpi provider = switch (format) {
            case JPEG -> JPEG;
            case TIFF -> TIFF;
            case BMP -> BMP;
            default -> throw new IllegalArgumentException(format + " is not read through the JDK");
        };
        try {
            return provider.createReaderInstance();
        } catch (IOException e) {
            throw new UncheckedIOException("the JDK's " + format + " reader does not start", e);
        }
    }

    static ImageInputStream input(byte[] data) {
        return new Memory(data);
    }

    private static ImageReaderSpi find(String format) {
        Iterator<ImageReaderSpi> all =
                IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
        while (all.hasNext()) {
            ImageReaderSpi reader = all.next();
            if (reader.getClass().getModule() == ImageReader.class.getModule()
                    && Arrays.asList(reader.getFormatNames()).contains(format)) {
                return reader;
            }
        }
        throw new IllegalStateException("this Java has no reader of " + format + "; the module java.desktop is needed");
    }

    /** An input stream of bytes for ImageIO, whose own makes another copy and may write it to disk. */
    private static final class Memory extends ImageInputStreamImpl {
        private final byte[] data;

        Memory(byte[] data) {
            this.data = data;
        }

        @Override
        public int read() throws IOException {
            checkClosed();
            bitOffset = 0;
            return streamPos < data.length ? data[(int) streamPos++] & 0xff : -1;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            checkClosed();
            bitOffset = 0;
            int count = (int) Math.min(length, data.length - streamPos);
            if (count <= 0) {
                return length == 0 ? 0 : -1;
            }
            System.arraycopy(data, (int) streamPos, to, offset, count);
            streamPos += count;
            return count;
        }

        @Override
        public long length() {
            return data.length;
        }
    }
}
