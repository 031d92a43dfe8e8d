package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Plural;

/**
 * PySlowFast's list of frames, {@code train.csv} or {@code val.csv}: a header, then {@code original_vido_id video_id frame_id
 * path labels} for each frame.
 *
 * @param frames paths of each video's frames, by first appearance
 */
public record FrameList(Map<String, List<String>> frames) {
    private static final int COLUMNS = 5;
    private static final int PATH = 3;

    /** Whether a file begins as such a list does; the original's header is misspelt. */
    static boolean recognises(Path file) throws IOException {
        try (Lines lines = Lines.open(file)) {
            String head = lines.text();
            return head != null && (head.startsWith("original_vido_id") || head.startsWith("original_video_id"));
        } catch (DamagedFile notText) {
            return false;
        }
    }

    /**
     * Reads one.
     *
     * @throws DamagedFile if it is none, naming the line
     */
    public static FrameList read(Path file) throws IOException {
        if (!recognises(file)) {
            throw new DamagedFile(
                    file,
                    "is no list of frames: its first line must be 'original_vido_id video_id frame_id path labels'");
        }
        Map<String, List<String>> frames = new LinkedHashMap<>();
        try (Lines lines = Lines.open(file)) {
            lines.fields();
            for (List<String> fields = lines.fields(); fields != null; fields = lines.fields()) {
                if (fields.size() != COLUMNS) {
                    throw lines.damage("has " + Plural.of(fields.size(), "column") + "; a list of frames has " + COLUMNS
                            + ", set apart by spaces");
                }
                frames.computeIfAbsent(fields.get(0), video -> new FramePaths()).add(fields.get(PATH));
            }
        }
        return new FrameList(frames);
    }

    /**
     * How the frames of a folder differ from what is listed, in a sentence: where one is not there, those after it are taken
     * for earlier ones.
     *
     * @param video as the list calls it
     * @param there number of frames in its folder
     * @return empty if there is no difference, or the video is not listed
     */
    public Optional<String> difference(String video, int there) {
        List<String> listed = frames.get(video);
        return listed == null || listed.size() == there
                ? Optional.empty()
                : Optional.of(
                        "video '" + video + "' has " + Plural.of(there, "frame") + ", and " + listed.size()
                                + " are listed; "
                                + "frames are counted in its folder, so that those after a gap come too early: extract them anew");
    }

    /** The videos, by first appearance. */
    public List<String> videos() {
        return List.copyOf(frames.keySet());
    }
}
