package maskfeat.data;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import maskfeat.augment.Box;
import maskfeat.augment.Resize;
import maskfeat.disk.Plural;
import maskfeat.disk.Uris;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.media.Timeline;
import maskfeat.media.VideoInfo;

/**
 * A clip kept as a folder of pictures, whose names differ by a number alone: {@code img_00001.jpg},
 * {@code img_00002.jpg}, ... They are shown in the order of the numbers, whether or not these have leading zeros, begin
 * at 1 or leave some out.
 */
final class FrameFolder {
    /** Frames a second: SlowFast has frames extracted at that rate (Something-Something v2, AVA). */
    static final double RATE = 30;

    private static final ImageReader READER = new ImageReader();

    private final Path folder;
    private final List<Path> frames;
    private final Frames first;

    private FrameFolder(Path folder, List<Path> frames) throws IOException {
        this.folder = folder;
        this.frames = frames;
        this.first = READER.read(frames.get(0));
    }

    /** @throws IOException if these are no such pictures, or the first of them cannot be read */
    static FrameFolder open(Path folder) throws IOException {
        List<Path> images = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path each : entries) {
                Path entry = Uris.in(folder, each);
                if (isFrame(entry) && !FolderWalk.isHidden(entry)) {
                    images.add(entry);
                }
            }
        }
        return new FrameFolder(
                folder,
                inOrder(images)
                        .orElseThrow(() -> new DatasetException(folder + " is a folder of "
                                + Plural.of(images.size(), "image")
                                + ", which are a clip only where there are two or more, all named alike but"
                                + " for a number")));
    }

    /** Whether a file may be one of the pictures. A GIF counts as a video of its own. */
    static boolean isFrame(Path file) {
        return VideoDataset.isImageOnly(FolderWalk.ending(file));
    }

    /** Pictures of one folder by their numbers; empty if they are fewer than two or differ by more than a number. */
    static Optional<List<Path>> inOrder(Collection<Path> images) {
        if (images.size() < 2) {
            return Optional.empty();
        }
        List<String> names =
                images.stream().map(image -> image.getFileName().toString()).toList();
        String one = names.get(0);
        int before = one.length();
        int after = one.length();
        for (String name : names) {
            before = Math.min(before, common(one, name));
            after = Math.min(after, commonEnd(one, name));
        }
        // The digits around what differs belong to the number too: 09, 10, 11 or 10, 20, 30.
        while (before > 0 && isDigit(one.charAt(before - 1))) {
            before--;
        }
        while (after > 0 && isDigit(one.charAt(one.length() - after))) {
            after--;
        }
        int from = before;
        int left = after;
        Set<String> numbers = new HashSet<>();
        for (String name : names) {
            if (name.length() - left <= from
                    || !name.substring(from, name.length() - left).chars().allMatch(FrameFolder::isDigit)
                    || !numbers.add(number(name, from, left))) {
                return Optional.empty();
            }
        }
        // Without leading zeros a longer number is a larger one.
        return Optional.of(images.stream()
                .sorted(Comparator.<Path>comparingInt(
                                image -> number(image, from, left).length())
                        .thenComparing(image -> number(image, from, left)))
                .toList());
    }

    private static String number(Path image, int before, int after) {
        return number(image.getFileName().toString(), before, after);
    }

    private static String number(String name, int before, int after) {
        String digits = name.substring(before, name.length() - after);
        int zeros = 0;
        while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
            zeros++;
        }
        return digits.substring(zeros);
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static int common(String a, String b) {
        int length = 0;
        while (length < Math.min(a.length(), b.length()) && a.charAt(length) == b.charAt(length)) {
            length++;
        }
        return length;
    }

    private static int commonEnd(String a, String b) {
        int length = 0;
        while (length < Math.min(a.length(), b.length())
                && a.charAt(a.length() - 1 - length) == b.charAt(b.length() - 1 - length)) {
            length++;
        }
        return length;
    }

    VideoInfo info() {
        String codec = frames.stream().map(FolderWalk::ending).distinct().collect(Collectors.joining("/"));
        return new VideoInfo(
                "folder", codec, "rgb24", first.width(), first.height(), Timeline.regular(RATE, frames.size()));
    }

    /** As {@link maskfeat.media.Video#frames}. */
    Frames frames(int... numbers) throws IOException {
        Frames sized = scaled(first);
        int bytes = sized.rgb().length;
        byte[] clip = new byte[Math.multiplyExact(bytes, numbers.length)];
        for (int i = 0; i < numbers.length; i++) {
            if (i > 0 && numbers[i] == numbers[i - 1]) {
                System.arraycopy(clip, (i - 1) * bytes, clip, i * bytes, bytes);
            } else {
                System.arraycopy(scaled(frame(numbers[i])).rgb(), 0, clip, i * bytes, bytes);
            }
        }
        return new Frames(numbers.length, sized.height(), sized.width(), clip);
    }

    /** No larger than frames of videos are read. */
    private static Frames scaled(Frames frame) {
        int shortSide = Math.min(frame.height(), frame.width());
        if (shortSide <= VideoDataset.SHORT_SIDE) {
            return frame;
        }
        double scale = (double) VideoDataset.SHORT_SIDE / shortSide;
        int height = (int) Math.rint(frame.height() * scale);
        int width = (int) Math.rint(frame.width() * scale);
        return Resize.bilinear(frame, Box.whole(frame), height, width);
    }

    /** Reads every frame, to find out whether all are sound. */
    void readAll() throws IOException {
        for (int number = 0; number < frames.size(); number++) {
            Objects.requireNonNull(frame(number));
        }
    }

    private Frames frame(int number) throws IOException {
        if (number == 0) {
            return first;
        }
        Frames frame = READER.read(frames.get(number));
        if (frame.width() != first.width() || frame.height() != first.height()) {
            throw new DatasetException(frames.get(number) + " is " + frame.width() + " x " + frame.height()
                    + " pixels and the first frame " + first.width() + " x " + first.height() + "; the images in "
                    + folder + " were taken for the frames of one clip, as their names differ by a number alone: if"
                    + " they are not, choose an image recipe, or data.clip.kind=image");
        }
        return frame;
    }
}
