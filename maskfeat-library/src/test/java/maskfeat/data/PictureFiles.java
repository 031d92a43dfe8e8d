package maskfeat.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;

/** Small picture files that differ from each other. */
public final class PictureFiles {
    private PictureFiles() {}

    /** Writes a picture, in the format that the file's ending names, with its folders. */
    public static Path write(Path file, int width, int height, long seed) throws IOException {
        Random random = new Random(seed);
        int colour = random.nextInt(1 << 24);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, colour ^ (x * 0x050300 + y * 0x000307) ^ random.nextInt(64));
            }
        }
        Files.createDirectories(file.getParent());
        String format = ImageDataset.ending(file).equals("png") ? "png" : "jpg";
        if (!ImageIO.write(image, format, file.toFile())) {
            throw new IOException("no writer for " + file);
        }
        return file;
    }

    /** Writes so many pictures, in turn PNG and JPEG, named in their order: 000.png, 001.jpg, ... */
    public static Path folder(Path folder, int count, int side) throws IOException {
        for (int i = 0; i < count; i++) {
            write(folder.resolve(String.format("%03d.%s", i, i % 2 == 0 ? "png" : "jpg")), side, side, i);
        }
        return folder;
    }

    /** Writes a file that is not a picture, whatever its name says. */
    public static Path bad(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "Dear reader, this is no picture");
    }
}
