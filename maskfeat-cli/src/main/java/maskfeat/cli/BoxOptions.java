package maskfeat.cli;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import maskfeat.disk.PathText;
import maskfeat.eval.BoxProtocol;
import maskfeat.run.DetectConfig;
import maskfeat.run.Run;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which annotations a detector of actions is measured on, and by which rules. What is not said is as in its run. */
final class BoxOptions {
    @Option(
            names = "--boxes",
            paramLabel = "PATH",
            description = "Annotations: a folder in AVA's form, or a file (AVA's csv, a table, CVAT, gttubes).")
    private @Nullable Path boxes;

    @Option(
            names = "--given",
            paramLabel = "FILE",
            description = "Boxes of a detector to measure with. Default: found in --boxes, else the annotated ones.")
    private @Nullable Path given;

    @Option(names = "--labels", paramLabel = "FILE", description = "Label map that says which classes count.")
    private @Nullable Path labels;

    @Option(
            names = "--excluded",
            paramLabel = "FILE",
            description = "Moments that are not measured, as AVA lists them.")
    private @Nullable Path excluded;

    @Option(
            names = "--protocol",
            completionCandidates = Choices.Protocols.class,
            paramLabel = "RULES",
            description = "Whose rules of average precision: ava, yowo or act.")
    private @Nullable String protocol;

    @Option(names = "--iou", paramLabel = "SHARE", description = "Overlap from which a box is found, such as 0.5.")
    private @Nullable Double iou;

    @Option(names = "--threshold", paramLabel = "SCORE", description = "Score from which a given box is used.")
    private @Nullable Double threshold;

    @Option(
            names = "--range",
            paramLabel = "FROM-TO",
            description =
                    "Annotated seconds of the films that --boxes are of, such as AVA's 902-1798, whose films begin"
                            + " at second 900.")
    private @Nullable String range;

    /** The annotations as they were named; a word for them where they were not. */
    Object source() {
        return boxes == null ? "BOXES" : boxes;
    }

    /** Whether {@code --range} was given, which says nothing without annotations. */
    boolean hasRange() {
        return range != null;
    }

    /** Whether any but {@code --range} was given. */
    boolean isAsked() {
        return boxes != null
                || given != null
                || labels != null
                || excluded != null
                || protocol != null
                || iou != null
                || threshold != null;
    }

    /** Settings of the run that the network is of, changed by what was asked for; the usual ones where there is none. */
    DetectConfig over(Optional<Run> run) {
        DetectConfig start = run.map(each -> (DetectConfig) each.task()).orElse(DetectConfig.defaults());
        DetectConfig.Boxes of = start.boxes();
        boolean other = boxes != null;
        return new DetectConfig(
                new DetectConfig.Boxes(
                        text(boxes, of.source()),
                        other ? null : of.validation(),
                        text(given, other ? null : of.given()),
                        null,
                        text(labels, other ? null : of.labels()),
                        text(excluded, other ? null : of.excluded()),
                        range == null ? of.range() : DetectConfig.Boxes.annotated(range),
                        of.firstFrame(),
                        threshold == null ? of.threshold() : threshold,
                        of.split(),
                        0),
                start.dropout(),
                start.boxRule(),
                start.leastVisible(),
                start.wholeFrames(),
                protocol == null ? start.protocol() : protocol(protocol),
                iou == null ? start.iou() : iou);
    }

    /**
     * What to scan.
     *
     * @param source annotations, if {@code --boxes} does not name them
     */
    DetectConfig.Boxes forScan(@Nullable Path source) {
        if (source != null && boxes != null) {
            throw new IllegalArgumentException(source
                    + " is a file of boxes, and --boxes names another; give the folder of the videos instead of one");
        }
        if (source == null && boxes == null) {
            throw new IllegalArgumentException("--boxes is missing: it names the annotations");
        }
        if (protocol != null || iou != null) {
            throw new IllegalArgumentException("--protocol and --iou are for evaluate; a scan measures nothing");
        }
        return new DetectConfig.Boxes(
                PathText.of(source == null ? requireNonNull(boxes) : source),
                null,
                text(given, null),
                null,
                text(labels, null),
                text(excluded, null),
                range == null ? null : DetectConfig.Boxes.annotated(range),
                null,
                threshold == null ? DetectConfig.Boxes.defaults().threshold() : threshold,
                1,
                0);
    }

    private static @Nullable String text(@Nullable Path path, @Nullable String otherwise) {
        return path == null ? otherwise : PathText.of(path);
    }

    private static BoxProtocol protocol(String name) {
        for (BoxProtocol each : BoxProtocol.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
                return each;
            }
        }
        throw new IllegalArgumentException("--protocol " + Launcher.word(name) + ": there are ava, yowo and act");
    }
}
