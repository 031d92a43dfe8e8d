package maskfeat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import maskfeat.data.StillImage;
import maskfeat.disk.Fingerprint;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.feature.FeaturesTarget;
import maskfeat.feature.PseudoLabels;
import maskfeat.feature.TargetConfig;
import maskfeat.feature.TeacherFile;
import maskfeat.feature.TeacherTarget;
import maskfeat.feature.TokensTarget;
import maskfeat.network.OpenedWeights;
import maskfeat.teacher.Teacher;
import maskfeat.teacher.Teachers;
import maskfeat.torch.Arrays;
import maskfeat.torch.Devices;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The frozen networks of a run's targets: opened, tried on an empty picture, and known by their content. */
public final class FrozenTeachers implements AutoCloseable {
    private final Map<TeacherTarget, Teacher> byTarget = new LinkedHashMap<>();
    private final List<String> descriptions = new ArrayList<>();
    private final Map<String, Integer> ofKind = new HashMap<>();
    private final List<String> notes = new ArrayList<>();
    private TargetConfig target;

    private FrozenTeachers(TargetConfig target) {
        this.target = target;
    }

    /**
     * Refuses what cannot begin, before anything is made: opens each network once and closes it.
     *
     * @throws IOException if a file cannot be read
     * @throws IllegalArgumentException if a network is not what its target needs, or the frames are changed so that the crop
     *     cannot be taken again
     */
    static void check(TargetConfig target, Run run) throws IOException {
        for (TargetConfig.Weighted part : target.parts()) {
            String needs = part.target() instanceof TeacherTarget teacher ? needsCrop(part, teacher) : "";
            if (!needs.isEmpty() && run.augment().rand() != null) {
                throw new IllegalArgumentException(needs + " needs the crop of the original a second time,"
                        + " and augment.rand turns and shears it; set augment.rand=null");
            }
            if (part.target() instanceof PseudoLabels labels
                    && !labels.hasNetwork()
                    && !(run.data().clip() instanceof StillImage)) {
                throw new IllegalArgumentException("the maps of " + part.setting("maps.folder")
                        + " are of images, and the data are clips (data.clip); name a classifier by "
                        + part.setting("teacher.file") + " instead");
            }
        }
        try {
            open(target, run.data().side(), Devices.named("cpu")).close();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The setting that makes a target need the crop again; empty if none does. */
    private static String needsCrop(TargetConfig.Weighted part, TeacherTarget target) {
        if (target instanceof TokensTarget) {
            return part.setting("kind") + " tokens";
        }
        if (!target.hasNetwork()) {
            return part.setting("maps.folder");
        }
        return target.teacher().side() == null ? "" : part.setting("teacher.side");
    }

    private static Path path(TargetConfig.Weighted part, TeacherTarget target) {
        Path file = target.teacher().file();
        if (file == null) {
            throw new IllegalArgumentException(part.setting("teacher.file") + " must name " + target.wants());
        }
        // Absolute, so that a message of a run that goes on elsewhere shows where it was looked for.
        return PathText.path(file.toString()).toAbsolutePath();
    }

    /**
     * Opens all.
     *
     * @param side of the frames in pixels
     * @throws UncheckedIOException if a file cannot be read
     * @throws IllegalArgumentException if a network is not what its target needs, naming the file
     */
    static FrozenTeachers open(TargetConfig target, int side, Device device) {
        FrozenTeachers opened = new FrozenTeachers(target);
        try {
            Iterator<TargetConfig.Weighted> parts = target.parts().stream()
                    .filter(part -> part.target() instanceof TeacherTarget)
                    .iterator();
            opened.target = target.withTeachers(each -> opened.open(parts.next(), each, side, device));
            return opened;
        } catch (RuntimeException failed) {
            opened.close();
            throw failed;
        }
    }

    /**
     * Opens those that a network learned from once more, from where they were then.
     *
     * @param learned weights of a pre-trained network
     * @throws IllegalArgumentException if it learned from files of maps
     * @throws NoSuchFileException naming a file that is no longer there
     * @throws FileSystemException naming a file with another content than it had then
     * @throws IOException if one cannot be read
     */
    public static FrozenTeachers again(OpenedWeights learned, Device device) throws IOException {
        TargetConfig target = learned.prediction().target();
        for (TargetConfig.Weighted part : target.parts()) {
            if (part.target() instanceof TeacherTarget teacher) {
                if (!teacher.hasNetwork()) {
                    throw new IllegalArgumentException(learned.file() + " learned " + teacher.name()
                            + " of files of maps, which other pictures have none of; the page of its run draws some");
                }
                checkUnchanged(part, teacher, learned.file());
            }
        }
        try {
            return open(target, learned.spec().input().side(), device);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void checkUnchanged(TargetConfig.Weighted part, TeacherTarget target, Path learned)
            throws IOException {
        String role = " learned to predict " + target.name() + " of it, which cannot be drawn without";
        Path from = path(part, target);
        if (!Files.exists(from)) {
            throw new NoSuchFileException(
                    from.toString(), null, "is no longer there; " + learned + role + "; put the file back");
        }
        String sha256 = Fingerprint.of(OpenedWeights.find(from)).sha256();
        String was = target.teacher().sha256();
        if (was != null && !was.equals(sha256)) {
            throw new FileSystemException(
                    from.toString(),
                    null,
                    "is another file than " + learned + " learned from: its SHA-256 is " + sha256 + ", and that one's "
                            + was + "; put that one back");
        }
    }

    private TeacherTarget open(TargetConfig.Weighted part, TeacherTarget wanted, int sideOfFrames, Device device) {
        if (wanted instanceof PseudoLabels labels && !labels.hasNetwork()) {
            describe(numbered(wanted) + " of the maps in " + labels.maps().folder() + ", "
                    + Plural.of(labels.maps().classes(), "class", "classes"));
            return wanted;
        }
        int side = Objects.requireNonNullElse(wanted.teacher().side(), sideOfFrames);
        Path from = path(part, wanted);
        try {
            checkIsThere(part, wanted, from);
            Teacher teacher = Teachers.open(from, device);
            TeacherTarget known;
            try {
                refuseUnlessFits(part, wanted, from, teacher);
                known = wanted.with(known(
                        part,
                        wanted.teacher(),
                        from,
                        width(wanted, teacher),
                        Fingerprint.of(OpenedWeights.find(from)).sha256()));
                if (!(wanted instanceof TokensTarget) && cellsOfAPicture(teacher, side, device) == 1) {
                    notes.add(from + " sees one cell in a picture of " + side + " px (its cells are "
                            + teacher.cellSide()
                            + " px), so that all tokens have the same target; a larger "
                            + part.setting("teacher.side") + " or data.side has more");
                }
            } catch (RuntimeException | IOException failed) {
                teacher.close();
                throw failed;
            }
            Teacher before = byTarget.put(known, teacher);
            if (before != null) {
                before.close();
            }
            notes.addAll(teacher.notes());
            describe(numbered(wanted) + " of " + teacher.description()
                    + (wanted.teacher().side() == null ? "" : ", which sees pictures of " + side + " px"));
            return known;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As its loss is named, by which several targets of one kind are told apart. */
    private String numbered(TeacherTarget target) {
        int number = ofKind.merge(target.name(), 1, Integer::sum);
        return target.name() + (number == 1 ? "" : "_" + number);
    }

    private void describe(String description) {
        descriptions.add(description);
        notes.add("target: " + description);
    }

    private static void checkIsThere(TargetConfig.Weighted part, TeacherTarget wanted, Path from)
            throws NoSuchFileException {
        Path said = Objects.requireNonNull(wanted.teacher().file());
        if (Files.exists(from)) {
            return;
        }
        String relative = said.isAbsolute()
                ? ""
                : ", which counts from the folder in which the program is started; an absolute path is the same from any";
        throw new NoSuchFileException(
                from.toString(),
                null,
                "there is no such file or folder; " + part.setting("teacher.file") + " is " + said + relative);
    }

    /**
     * What was found in a file; where settings say it too, they must agree. The path is kept whole, since the weights may be
     * looked at from another folder.
     */
    private static TeacherFile known(
            TargetConfig.Weighted part, TeacherFile said, Path from, int width, String sha256) {
        if (said.width() != null && said.width() != width) {
            throw new IllegalArgumentException(part.setting("teacher.width") + " is " + said.width() + ", and " + from
                    + " has " + width + " numbers for each cell; leave the setting out");
        }
        if (said.sha256() != null && !said.sha256().equals(sha256)) {
            throw new IllegalArgumentException(part.setting("teacher.sha256") + " is " + said.sha256() + ", and " + from
                    + " has " + sha256 + ": it is another file; leave the setting out to take it");
        }
        return said.known(from, width, sha256);
    }

    private static void refuseUnlessFits(TargetConfig.Weighted part, TeacherTarget wanted, Path from, Teacher teacher) {
        if (wanted instanceof PseudoLabels && teacher.classes().isEmpty()) {
            throw new IllegalArgumentException(from + " is no classifier (" + teacher.description()
                    + "), and " + part.setting("kind")
                    + " pseudo-labels needs one; take a network that was trained or fine-tuned on"
                    + " classes, or kind features");
        }
        if (wanted instanceof TokensTarget && !teacher.isTokenizer()) {
            throw new IllegalArgumentException(from + " is no tokenizer (" + teacher.description() + "), and "
                    + part.setting("kind") + " tokens needs DALL-E's encoder; take kind features");
        }
        if (wanted instanceof FeaturesTarget && teacher.isTokenizer()) {
            throw new IllegalArgumentException(
                    from + " is a tokenizer (" + teacher.description() + "); take " + part.setting("kind") + " tokens");
        }
    }

    private static int width(TeacherTarget wanted, Teacher teacher) {
        return wanted instanceof PseudoLabels ? teacher.classes().orElseThrow() : teacher.dim();
    }

    /** A network that cannot read pictures of this size says so before the run begins. */
    private static long cellsOfAPicture(Teacher teacher, int side, Device device) {
        return Scopes.withoutGradients(() -> {
            Tensor empty =
                    Arrays.tensor(new float[3 * side * side], 1, 3, side, side).to(device, torch.ScalarType.Float);
            Tensor cells = teacher.cells(empty);
            return cells.size(2) * cells.size(3);
        });
    }

    /**
     * Refuses to go on with other networks.
     *
     * @throws IllegalArgumentException naming the file whose content is another
     */
    static void checkSame(TargetConfig before, TargetConfig now, String checkpoint) {
        for (int i = 0; i < Math.min(before.parts().size(), now.parts().size()); i++) {
            if (before.parts().get(i).target() instanceof TeacherTarget was
                    && now.parts().get(i).target() instanceof TeacherTarget is
                    && !Objects.equals(was.teacher().sha256(), is.teacher().sha256())) {
                throw new IllegalArgumentException(is.teacher().file() + " is not the network that " + checkpoint
                        + " learned from (" + was.teacher().file() + "): it has other content; give the file with the"
                        + " former content by "
                        + now.parts().get(i).setting("teacher.file") + ", or begin a new run");
            }
        }
    }

    /** The settings with what was found in the files. */
    TargetConfig target() {
        return target;
    }

    /** The networks by the targets that they make; closed with this. */
    public Map<TeacherTarget, Teacher> byTarget() {
        return Collections.unmodifiableMap(byTarget);
    }

    /** What a person should know of them, a sentence each. */
    public List<String> notes() {
        return Collections.unmodifiableList(notes);
    }

    /** A line for each. */
    List<String> descriptions() {
        return Collections.unmodifiableList(descriptions);
    }

    @Override
    public void close() {
        byTarget.values().forEach(Teacher::close);
        byTarget.clear();
    }
}
