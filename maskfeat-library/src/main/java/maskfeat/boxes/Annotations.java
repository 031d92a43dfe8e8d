package maskfeat.boxes;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import maskfeat.disk.DamagedFile;

/**
 * What a set of files says: the key frames of its videos.
 *
 * @param keyFrames video after video, each by time
 * @param classes name of each class id, ascending ids; classes without a name are called by their id
 * @param videos what is known of each video that has facts
 * @param oddities what was skipped, and what was kept although it is odd
 */
public record Annotations(
        List<KeyFrame> keyFrames, Map<Integer, String> classes, Map<String, VideoFacts> videos, Oddities oddities) {
    public Annotations {
        keyFrames = List.copyOf(keyFrames);
    }

    /**
     * These, if there is a key frame among them.
     *
     * @param file that was read
     * @throws DamagedFile if there is none, saying what became of the rows
     */
    public Annotations orNone(Path file) throws DamagedFile {
        if (keyFrames.isEmpty()) {
            throw oddities.nothing(file);
        }
        return this;
    }

    /** Boxes of all key frames. */
    public long boxes() {
        return keyFrames.stream().mapToLong(frame -> frame.boxes().size()).sum();
    }
}
