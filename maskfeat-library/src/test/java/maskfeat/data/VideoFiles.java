package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import maskfeat.media.Frames;
import maskfeat.media.VideoWriter;

/** Small clips whose frames tell their numbers by how bright they are. */
final class VideoFiles {
    private static final int SIDE = 32;
    private static final int BRIGHTER = 4;

    private VideoFiles() {}

    /** Writes a clip, 30 frames a second, with its folders. */
    static Path write(Path file, int frames) throws IOException {
        byte[] rgb = new byte[frames * SIDE * SIDE * Frames.CHANNELS];
        for (int t = 0; t < frames; t++) {
            int bytes = SIDE * SIDE * Frames.CHANNELS;
            Arrays.fill(rgb, t * bytes, (t + 1) * bytes, (byte) (BRIGHTER * t + 2));
        }
        Files.createDirectories(file.getParent());
        VideoWriter.write(file, new Frames(frames, SIDE, SIDE, rgb), 30, VideoWriter.Codec.MPEG4);
        return file;
    }

    /** Writes a folder of frames that tell their numbers alike, named by a format for a number from 1. */
    static Path frames(Path folder, int frames, String format) throws IOException {
        for (int t = 0; t < frames; t++) {
            int level = BRIGHTER * t + 2;
            Files.createDirectories(folder);
            String header = "P6 " + SIDE + " " + SIDE + " 255\n";
            byte[] pixels = new byte[SIDE * SIDE * Frames.CHANNELS];
            Arrays.fill(pixels, (byte) level);
            byte[] file = Arrays.copyOf(
                    header.getBytes(java.nio.charset.StandardCharsets.US_ASCII), header.length() + pixels.length);
            System.arraycopy(pixels, 0, file, header.length(), pixels.length);
            Files.write(folder.resolve(String.format(format, t + 1)), file);
        }
        return folder;
    }

    /** The numbers that the frames of a clip tell. */
    static int[] numbers(Frames frames) {
        return IntStream.range(0, frames.count())
                .map(t -> Math.round(((frames.rgb()[frames.at(t, SIDE / 2, SIDE / 2)] & 0xff) - 2) / (float) BRIGHTER))
                .toArray();
    }
}
