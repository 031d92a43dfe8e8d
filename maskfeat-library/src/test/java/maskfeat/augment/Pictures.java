package maskfeat.augment;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import maskfeat.media.Frames;

/** Pictures for the tests of this package. */
final class Pictures {
    private Pictures() {}

    /** Every byte at random. */
    static Frames noise(int count, int height, int width, long seed) {
        byte[] rgb = new byte[count * height * width * Frames.CHANNELS];
        new Random(seed).nextBytes(rgb);
        return new Frames(count, height, width, rgb);
    }

    /** A copy of one frame. */
    static Frames frame(Frames clip, int frame) {
        byte[] rgb = Arrays.copyOfRange(clip.rgb(), clip.at(frame, 0, 0), clip.at(frame + 1, 0, 0));
        return Frames.image(clip.height(), clip.width(), rgb);
    }

    /** A copy of a box of every frame. */
    static Frames cut(Frames frames, Box box) {
        int row = box.width() * Frames.CHANNELS;
        byte[] rgb = new byte[frames.count() * box.height() * row];
        for (int i = 0; i < frames.count() * box.height(); i++) {
            int from = frames.at(i / box.height(), box.top() + i % box.height(), box.left());
            System.arraycopy(frames.rgb(), from, rgb, i * row, row);
        }
        return new Frames(frames.count(), box.height(), box.width(), rgb);
    }

    /** A PNG of the test resources. */
    static Frames read(String name) throws IOException {
        try (InputStream png = resource(name)) {
            BufferedImage image = ImageIO.read(png);
            int[] samples = image.getRaster().getPixels(0, 0, image.getWidth(), image.getHeight(), (int[]) null);
            byte[] rgb = new byte[samples.length];
            for (int i = 0; i < samples.length; i++) {
                rgb[i] = (byte) samples[i];
            }
            return Frames.image(image.getHeight(), image.getWidth(), rgb);
        }
    }

    /** The lines of a table of the test resources, without its heading. */
    static Stream<String> lines(String name) throws IOException {
        try (InputStream csv = resource(name)) {
            return new String(csv.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1);
        }
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(Pictures.class.getResourceAsStream(name), name);
    }
}
