package maskfeat.run;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Images and clips by whole-number arithmetic, kept without loss: every machine and every version of the program sees the same
 * pixels. What the files of version 1 were trained on.
 */
final class PatternData {
    private static final int SIDE = 40;
    private static final int FRAMES = 8;

    private PatternData() {}

    /** Writes {@code images/{train,val}/{stripes,rings}}, 6 and 2 of each class, and {@code clips}, 8 folders of frames. */
    static void write(Path folder) throws IOException {
        for (String name : List.of("stripes", "rings")) {
            for (int i = 0; i < 8; i++) {
                Path file = folder.resolve(i < 6 ? "images/train" : "images/val")
                        .resolve(name)
                        .resolve(i + ".png");
                write(file, name.equals("rings"), i, 0);
            }
        }
        for (int i = 0; i < 8; i++) {
            for (int frame = 0; frame < FRAMES; frame++) {
                write(folder.resolve("clips/" + i + "/" + (100 + frame) + ".png"), i % 2 == 0, i, frame);
            }
        }
    }

    private static void write(Path file, boolean rings, int number, int frame) throws IOException {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int dx = x - 10 - 2 * number;
                int dy = y - 20 - frame;
                int wave = rings ? (dx * dx + dy * dy) / 4 : (3 + number) * dx + 5 * dy;
                int red = Math.abs(Math.floorMod(8 * wave, 511) - 255);
                int green = Math.abs(Math.floorMod(5 * wave + 70 * number, 511) - 255);
                int blue = (x * y + 31 * number) % 256;
                image.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }
}
