package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.PathText;

/** The formats of boxes that are read. */
public final class BoxFormats {
    /** The first that recognises a file reads it. */
    public static final List<BoxFormat> ALL = List.of(
            new AvaFolderFormat(),
            new CvatFormat(),
            new TubePickleFormat(),
            new ProposalPickleFormat(),
            new TableFormat(),
            new AvaDetectionFormat(),
            new AvaTruthFormat());

    private BoxFormats() {}

    /**
     * The format of a file or folder.
     *
     * @throws NoSuchFileException if it is not there
     * @throws DamagedFile if it is of none of these
     */
    public static BoxFormat of(Path source) throws IOException {
        if (!Files.exists(source)) {
            throw new NoSuchFileException(PathText.shown(source), null, "no such file or folder of boxes");
        }
        for (BoxFormat format : ALL) {
            if (format.recognises(source)) {
                return format;
            }
        }
        if (Files.isRegularFile(source) && Files.size(source) == 0) {
            throw new DamagedFile(source, "is empty");
        }
        String without = withoutBoxes(source);
        if (!without.isEmpty()) {
            throw new DamagedFile(source, "is " + without + ", which has no boxes; give it beside a file of boxes");
        }
        throw new DamagedFile(
                source,
                "is no file of boxes that is known; known are "
                        + ALL.stream().map(BoxFormat::name).collect(Collectors.joining(", "))
                        + "; a table begins with the names of its columns: video,second,x1,y1,x2,y2,class");
    }

    /** What a file is that belongs to boxes and has none; empty if it is something else. */
    private static String withoutBoxes(Path source) throws IOException {
        if (!Files.isRegularFile(source)) {
            return "";
        }
        if (FrameList.recognises(source)) {
            return "a list of frames";
        }
        try {
            LabelMap.read(source);
            return "a label map";
        } catch (DamagedFile another) {
            // Looked at further.
        }
        try {
            return ExcludedMoments.read(source).frames().isEmpty() ? "without any row" : "a list of excluded moments";
        } catch (DamagedFile another) {
            return "";
        }
    }

    /**
     * The format of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static BoxFormat named(String name) {
        return ALL.stream()
                .filter(format -> format.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no format of boxes is called '" + name
                        + "'; there are " + ALL.stream().map(BoxFormat::name).collect(Collectors.joining(", "))));
    }
}
