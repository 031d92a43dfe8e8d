package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Shown;

/**
 * Moments that do not count in an evaluation, as AVA's {@code excluded_timestamps} lists them: {@code video,second}.
 *
 * @param frames video and {@link Moment#key()}, with a comma between
 */
public record ExcludedMoments(Set<String> frames) {
    /** Nothing is excluded. */
    public static final ExcludedMoments NONE = new ExcludedMoments(Set.of());

    public ExcludedMoments {
        frames = Set.copyOf(frames);
    }

    /**
     * Reads such a file, which may be empty.
     *
     * @throws DamagedFile if it has other columns, naming the line
     */
    public static ExcludedMoments read(Path file) throws IOException {
        Set<String> frames = new HashSet<>();
        try (Lines lines = Lines.open(file)) {
            for (List<String> fields = lines.fields(); fields != null; fields = lines.fields()) {
                Moment moment = fields.size() == 2 ? Moment.parse(Moment.Unit.SECOND, fields.get(1)) : null;
                if (moment == null) {
                    throw lines.damage("is '" + Shown.text(String.join(",", fields))
                            + "'; an excluded moment is a video and a second");
                }
                frames.add(frame(fields.get(0), moment));
            }
        }
        return new ExcludedMoments(frames);
    }

    /** Whether a moment does not count. */
    public boolean contains(String video, Moment moment) {
        return !frames.isEmpty() && frames.contains(frame(video, moment));
    }

    /** The name of a frame in evaluations. */
    public static String frame(String video, Moment moment) {
        return video + "," + moment.key();
    }
}
