package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Shown;
import maskfeat.eval.Corners;
import org.jspecify.annotations.Nullable;

/** The columns that AVA's truth and detections have in common: video, second, the box, class, and one more. */
final class AvaTable {
    private static final int BOX = 2;
    private static final int LABEL = 6;
    private static final int LAST = 7;
    private static final int LOOKED_AT = 1000;

    /** What the last column is. */
    enum Last {
        PERSON,
        SCORE
    }

    private AvaTable() {}

    /** What the file's last column seems to be; null if it is no such table. */
    static @Nullable Last last(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try (Lines lines = Lines.open(file)) {
            boolean labelled = false;
            boolean scored = false;
            boolean wide = false;
            for (int i = 0; i < LOOKED_AT; i++) {
                List<String> fields = lines.fields();
                if (fields == null
                        || fields.size() != LAST && fields.size() != LAST + 1
                        || Moment.parse(Moment.Unit.SECOND, fields.get(1)) == null
                        || Double.isNaN(Numbers.parse(fields.get(BOX)))) {
                    if (i == 0) {
                        return null;
                    }
                    break;
                }
                labelled |= !fields.get(LABEL).isEmpty();
                wide |= fields.size() > LAST;
                scored |= fields.size() > LAST
                        && Double.isFinite(Numbers.parse(fields.get(LAST)))
                        && !fields.get(LAST).matches("\\d+");
            }
            // Truth may lack a class here and there; boxes of a detector that finds people lack all of them.
            return scored || wide && !labelled ? Last.SCORE : Last.PERSON;
        } catch (DamagedFile notText) {
            return null;
        }
    }

    static void read(Path file, Last last, BoxReceiver to) throws IOException {
        Map<String, String> videos = new HashMap<>();
        Map<String, Moment> moments = new HashMap<>();
        try (Lines lines = Lines.open(file)) {
            for (List<String> fields = lines.fields(); fields != null; fields = lines.fields()) {
                if (fields.size() != LAST && fields.size() != LAST + 1) {
                    throw lines.damage("has " + fields.size()
                            + " columns; AVA's rows have video, second, x1, y1, x2, y2, class and "
                            + (last == Last.SCORE ? "score" : "person")
                            + (fields.size() > LAST + 1 ? ", and decimals have a point" : ""));
                }
                String video = videos.computeIfAbsent(fields.get(0), name -> name);
                if (video.isEmpty()) {
                    throw lines.damage("has no video in its first column");
                }
                Moment moment = moments.get(fields.get(1));
                if (moment == null) {
                    moment = Moment.parse(Moment.Unit.SECOND, fields.get(1));
                    if (moment == null) {
                        throw lines.damage("has '" + Shown.text(fields.get(1)) + "' for a second"
                                + (fields.get(1).contains(",") ? "; write decimals with a point" : ""));
                    }
                    moments.put(fields.get(1), moment);
                }
                Double score = null;
                String person = null;
                if (last == Last.SCORE) {
                    score = fields.size() == LAST ? 1.0 : (Double) lines.number(fields.get(LAST), "a score");
                } else if (fields.size() > LAST && !fields.get(LAST).isEmpty()) {
                    person = fields.get(LAST);
                }
                to.row(new BoxRow(
                        video,
                        moment,
                        corners(lines, fields, BOX),
                        String.join(",", fields.subList(BOX, BOX + 4)),
                        BoxUnit.FRACTION,
                        label(lines, fields.get(LABEL)),
                        null,
                        score,
                        person,
                        file,
                        lines.number()));
            }
        }
    }

    static Corners corners(Lines lines, List<String> fields, int first) throws DamagedFile {
        return new Corners(
                lines.number(fields.get(first), "x1"),
                lines.number(fields.get(first + 1), "y1"),
                lines.number(fields.get(first + 2), "x2"),
                lines.number(fields.get(first + 3), "y2"));
    }

    /** Null for none, which files say by nothing or by -1. */
    private static @Nullable Integer label(Lines lines, String text) throws DamagedFile {
        if (text.isEmpty() || text.equals("-1")) {
            return null;
        }
        if (!text.matches("-?\\d{1,9}")) {
            throw lines.damage("has '" + Shown.text(text) + "' for a class; AVA's are whole numbers");
        }
        return Integer.valueOf(text);
    }
}
