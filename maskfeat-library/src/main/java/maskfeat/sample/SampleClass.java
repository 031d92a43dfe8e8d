package maskfeat.sample;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.media.Frames;
import maskfeat.media.VideoWriter;

/** A class of the sample set: draws and writes its files. */
sealed interface SampleClass {
    /** One in this many files has the rarer format, so that both are read. */
    int RARER_FORMAT_EVERY = 8;

    /** Folder of all classes of this medium. */
    String medium();

    /** Name of the class and its folder. */
    String label();

    /** The file name of one sample. */
    String file(int index);

    void write(Path file, int index, Random random, SampleSet.Size size) throws IOException;

    /** The classes of images: two textures for each shape and two shapes for each texture. */
    static List<SampleClass> ofImages() {
        return List.of(
                new Still(Outline.DISC, Texture.BRICKS),
                new Still(Outline.DISC, Texture.CHECKS),
                new Still(Outline.HEART, Texture.CHECKS),
                new Still(Outline.HEART, Texture.DOTS),
                new Still(Outline.SQUARE, Texture.DOTS),
                new Still(Outline.SQUARE, Texture.STRIPES),
                new Still(Outline.STAR, Texture.STRIPES),
                new Still(Outline.STAR, Texture.WAVES),
                new Still(Outline.TRIANGLE, Texture.BRICKS),
                new Still(Outline.TRIANGLE, Texture.WAVES));
    }

    /** The classes of clips: two motions for each texture and two textures for each motion. */
    static List<SampleClass> ofClips() {
        return List.of(
                new Moving(Texture.BRICKS, Motion.DRIFT),
                new Moving(Texture.BRICKS, Motion.ROTATE),
                new Moving(Texture.CHECKS, Motion.ROTATE),
                new Moving(Texture.CHECKS, Motion.SHAKE),
                new Moving(Texture.DOTS, Motion.SHAKE),
                new Moving(Texture.DOTS, Motion.ZOOM),
                new Moving(Texture.STRIPES, Motion.BOUNCE),
                new Moving(Texture.STRIPES, Motion.ZOOM),
                new Moving(Texture.WAVES, Motion.BOUNCE),
                new Moving(Texture.WAVES, Motion.SWAY),
                new Moving(Texture.ZIGZAG, Motion.DRIFT),
                new Moving(Texture.ZIGZAG, Motion.SWAY));
    }

    private static boolean rarer(int index) {
        return index % RARER_FORMAT_EVERY == RARER_FORMAT_EVERY - 1;
    }

    /** Images of a shape with a texture: JPEG, some PNG. */
    record Still(Outline shape, Texture texture) implements SampleClass {
        private static final float JPEG_QUALITY = 0.9f;

        @Override
        public String medium() {
            return "images";
        }

        @Override
        public String label() {
            return shape.label() + "-" + texture.label();
        }

        @Override
        public String file(int index) {
            return String.format(Locale.ROOT, "%04d.%s", index, rarer(index) ? "png" : "jpg");
        }

        @Override
        public void write(Path file, int index, Random random, SampleSet.Size size) throws IOException {
            int range = size.images().maxSide() - size.images().minSide() + 1;
            int width = size.images().minSide() + random.nextInt(range);
            int height = size.images().minSide() + random.nextInt(range);
            Frames frames =
                    SampleScene.image(random, width, height, shape, texture).draw(1);
            AtomicFile.write(file, Content.of(encode(buffered(frames), rarer(index) ? "png" : "jpeg")));
        }

        private static BufferedImage buffered(Frames frames) {
            BufferedImage image = new BufferedImage(frames.width(), frames.height(), BufferedImage.TYPE_INT_RGB);
            byte[] rgb = frames.rgb();
            for (int y = 0; y < frames.height(); y++) {
                for (int x = 0; x < frames.width(); x++) {
                    int at = frames.at(0, y, x);
                    image.setRGB(x, y, (rgb[at] & 0xFF) << 16 | (rgb[at + 1] & 0xFF) << 8 | (rgb[at + 2] & 0xFF));
                }
            }
            return image;
        }

        private static byte[] encode(BufferedImage image, String format) throws IOException {
            ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
                ImageWriteParam param = writer.getDefaultWriteParam();
                if (format.equals("jpeg")) {
                    param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                    param.setCompressionQuality(JPEG_QUALITY);
                }
                writer.setOutput(out);
                writer.write(null, new IIOImage(image, null, null), param);
            } finally {
                writer.dispose();
            }
            return bytes.toByteArray();
        }
    }

    /** Clips of a texture in motion: H.264, some MPEG-4. */
    record Moving(Texture texture, Motion motion) implements SampleClass {
        @Override
        public String medium() {
            return "clips";
        }

        @Override
        public String label() {
            return texture.label() + "-" + motion.label();
        }

        @Override
        public String file(int index) {
            return String.format(Locale.ROOT, "%04d.mp4", index);
        }

        @Override
        public void write(Path file, int index, Random random, SampleSet.Size size) throws IOException {
            Frames frames = SampleScene.clip(random, size.clips().side(), texture, motion)
                    .draw(size.clips().frames());
            VideoWriter.write(
                    file,
                    frames,
                    SampleScene.FRAME_RATE,
                    rarer(index) ? VideoWriter.Codec.MPEG4 : VideoWriter.Codec.H264);
        }
    }

    /** Clips in which one to three objects act, each with its own motion: H.264, some MPEG-4. All are of one kind. */
    record Acting() implements SampleClass {
        @Override
        public String medium() {
            return "scenes";
        }

        /** None: what is done is said of each box. */
        @Override
        public String label() {
            return "";
        }

        @Override
        public String file(int index) {
            return String.format(Locale.ROOT, "%04d.mp4", index);
        }

        static SampleScene scene(Random random, SampleSet.Scenes size) {
            return SampleScene.acting(random, size.width(), size.height());
        }

        @Override
        public void write(Path file, int index, Random random, SampleSet.Size size) throws IOException {
            VideoWriter.write(
                    file,
                    scene(random, size.scenes()).draw(size.scenes().frames()),
                    SampleScene.FRAME_RATE,
                    rarer(index) ? VideoWriter.Codec.MPEG4 : VideoWriter.Codec.H264);
        }
    }
}
