package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import maskfeat.disk.DamagedFile;
import maskfeat.eval.Corners;
import maskfeat.eval.FrameBoxes;

/**
 * Boxes of a file as an evaluation needs them: classes counted from 0 in the order of the label map, frames named {@code
 * video,0902}, rows of classes that do not count and of excluded moments left out.
 *
 * @param boxes in the order of the file
 * @param oddities what was left out
 */
public record EvaluationBoxes(FrameBoxes boxes, Oddities oddities) {
    private static final int YOWO_COLUMNS = 5;

    /**
     * Reads the truth: every box counts, also a degenerate one.
     *
     * @throws DamagedFile if the file is of no format that is known
     */
    public static EvaluationBoxes truth(Path file, LabelMap labels, ExcludedMoments excluded) throws IOException {
        return read(BoxFormats.of(file), file, labels, excluded, Double.NaN);
    }

    /**
     * Reads detections, each with its score; a file without scores has 1 for each.
     *
     * @throws DamagedFile if the file is of no format that is known
     */
    public static EvaluationBoxes detections(Path file, LabelMap labels, ExcludedMoments excluded) throws IOException {
        BoxFormat format = BoxFormats.of(file);
        // Whole scores look like persons.
        return read(format instanceof AvaTruthFormat ? new AvaDetectionFormat() : format, file, labels, excluded, 1);
    }

    /** @param usualScore of rows without one */
    private static EvaluationBoxes read(
            BoxFormat format, Path file, LabelMap labels, ExcludedMoments excluded, double usualScore)
            throws IOException {
        Map<Integer, Integer> numbers = new HashMap<>();
        Map<String, Integer> named = new HashMap<>();
        for (Map.Entry<Integer, String> label : labels.names().entrySet()) {
            named.put(label.getValue(), numbers.size());
            numbers.put(label.getKey(), numbers.size());
        }
        FrameBoxes boxes = new FrameBoxes(numbers.size());
        Oddities oddities = new Oddities();
        format.read(file, row -> {
            if (excluded.contains(row.video(), row.moment())) {
                oddities.count(
                        Oddity.EXCLUDED,
                        () -> row.place() + ", " + row.video() + " at "
                                + row.moment().text());
                return;
            }
            if (row.classId() == null && row.className() == null) {
                oddities.count(Oddity.NOT_MEASURED, row::place);
                return;
            }
            Integer number = row.classId() != null ? numbers.get(row.classId()) : named.get(row.className());
            if (number == null) {
                oddities.count(
                        Oddity.UNKNOWN_NAME,
                        () -> row.place() + ", class " + (row.classId() != null ? row.classId() : row.className()));
                return;
            }
            if (row.corners().isDegenerate()) {
                oddities.count(Oddity.DEGENERATE, () -> row.place() + ", box " + row.text());
            }
            boxes.add(
                    ExcludedMoments.frame(row.video(), row.moment()),
                    row.corners(),
                    number,
                    row.score() == null ? usualScore : row.score());
        });
        return new EvaluationBoxes(boxes, oddities);
    }

    /**
     * Reads the truth of YOWO: a folder with a text file for each frame, lines {@code class x1 y1 x2 y2}, classes from 1,
     * pixels. Frames are named by their file.
     *
     * @param classes how many there are
     * @throws DamagedFile if a line is another
     */
    public static FrameBoxes yowoTruth(Path folder, int classes) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "*.txt")) {
            all.forEach(files::add);
        }
        Collections.sort(files);
        FrameBoxes boxes = new FrameBoxes(classes);
        for (Path file : files) {
            String frame = file.getFileName().toString().replaceFirst("\\.txt$", "");
            try (Lines lines = Lines.open(file)) {
                for (List<String> fields = lines.fields(); fields != null; fields = lines.fields()) {
                    double id = fields.size() == YOWO_COLUMNS ? Numbers.parse(fields.get(0)) : Double.NaN;
                    if (!(id >= 1 && id <= classes) || id != Math.rint(id)) {
                        throw lines.damage("is not 'class x1 y1 x2 y2' with a class from 1 to " + classes);
                    }
                    Corners corners = AvaTable.corners(lines, fields, 1);
                    boxes.add(frame, corners, (int) id - 1);
                }
            }
        }
        return boxes;
    }
}
