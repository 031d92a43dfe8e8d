package maskfeat.boxes;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Shown;
import maskfeat.eval.Corners;
import org.jspecify.annotations.Nullable;

/**
 * CVAT's format "CVAT for video 1.1": XML with a track for each person and a box for each frame, in pixels, frames from 0. The
 * class is the track's label, or the value of an attribute. Boxes that are marked as outside are left out.
 */
public final class CvatFormat implements BoxFormat {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_TEXT = 1 << 16;
    private static final int HEAD = 1 << 12;

    private final @Nullable String attribute;
    private final boolean keyFramesOnly;

    /** Classes are labels, and all frames count. */
    public CvatFormat() {
        this(null, false);
    }

    /**
     * With options.
     *
     * @param attribute of a box whose value is its class; null for the label of the track. A box without that attribute has no
     *     class
     * @param keyFramesOnly boxes that somebody drew, without those that CVAT put between
     */
    public CvatFormat(@Nullable String attribute, boolean keyFramesOnly) {
        this.attribute = attribute;
        this.keyFramesOnly = keyFramesOnly;
    }

    @Override
    public String name() {
        return "cvat";
    }

    @Override
    public OptionalInt firstFrame() {
        return OptionalInt.of(0);
    }

    @Override
    public boolean recognises(Path source) throws IOException {
        if (!Files.isRegularFile(source)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(source)) {
            String head =
                    new String(in.readNBytes(HEAD), StandardCharsets.ISO_8859_1).replace("\u00ef\u00bb\u00bf", "");
            return head.stripLeading().startsWith("<") && head.contains("<annotations");
        }
    }

    @Override
    public void read(Path source, BoxReceiver to) throws IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        // A document type could name files and addresses, and entities that unfold without end.
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(source))) {
            XMLStreamReader reader = factory.createXMLStreamReader(in);
            try {
                new Reading(source, reader, to).run();
            } finally {
                reader.close();
            }
        } catch (XMLStreamException e) {
            throw new DamagedFile(source, "is no whole XML: " + Shown.text(String.valueOf(e.getMessage())), e);
        }
    }

    /** Facts of a task as they come together. */
    private static final class Task {
        private String name = "";
        private String source = "";
        private String subset = "";
        private int frames;
        private int width;
        private int height;
        private boolean told;

        String video() {
            return source.isEmpty() ? name : source;
        }
    }

    private final class Reading {
        private final Path source;
        private final XMLStreamReader reader;
        private final BoxReceiver to;
        private final Deque<String> path = new ArrayDeque<>();
        private final StringBuilder text = new StringBuilder();
        private final Map<String, Task> tasks = new LinkedHashMap<>();
        private Task task = new Task();

        private String person = "";
        private String label = "";
        private @Nullable String taskOfTrack;
        private @Nullable String attributeName;
        private @Nullable String value;
        private String[] numbers = {};
        private String frame = "";
        private boolean counts;

        private Reading(Path source, XMLStreamReader reader, BoxReceiver to) {
            this.source = source;
            this.reader = reader;
            this.to = to;
        }

        private DamagedFile damage(String found) {
            return new DamagedFile(source, "line " + reader.getLocation().getLineNumber() + " " + found);
        }

        private void run() throws XMLStreamException, IOException {
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> start(reader.getLocalName());
                    case XMLStreamConstants.END_ELEMENT -> end();
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                        if (text.length() + reader.getTextLength() > MAX_TEXT) {
                            throw damage("has a text of more than " + MAX_TEXT + " characters");
                        }
                        text.append(reader.getText());
                    }
                    case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                        throw damage("has a document type or an entity of its own, which CVAT does not write; it is"
                                + " refused");
                    default -> {}
                }
            }
        }

        private void start(String name) throws DamagedFile {
            if (path.isEmpty() && !name.equals("annotations")) {
                throw damage("begins with <" + Shown.text(name) + "> instead of CVAT's <annotations>");
            }
            if (path.size() >= MAX_DEPTH) {
                throw damage("nests deeper than " + MAX_DEPTH);
            }
            path.push(name);
            text.setLength(0);
            if (path.size() == 2 && name.equals("image")) {
                throw damage("has an <image>: this is 'CVAT for images'; export the task as 'CVAT for video 1.1'");
            }
            if (name.equals("task") || name.equals("job")) {
                task = new Task();
            } else if (path.size() == 2 && name.equals("track")) {
                person = given("id");
                label = given("label");
                taskOfTrack = reader.getAttributeValue(null, "task_id");
            } else if (path.size() == 3 && name.equals("box")) {
                frame = given("frame");
                numbers = new String[] {given("xtl"), given("ytl"), given("xbr"), given("ybr")};
                counts = !"1".equals(reader.getAttributeValue(null, "outside"))
                        && (!keyFramesOnly || "1".equals(reader.getAttributeValue(null, "keyframe")));
                value = null;
            } else if (path.size() == 4 && name.equals("attribute")) {
                attributeName = reader.getAttributeValue(null, "name");
            }
        }

        private String given(String name) throws DamagedFile {
            String given = reader.getAttributeValue(null, name);
            if (given == null) {
                throw damage("has a " + Shown.text(reader.getLocalName()) + " without '" + name + "'");
            }
            return given;
        }

        private void end() throws IOException {
            String name = path.pop();
            String parent = path.isEmpty() ? "" : path.peek();
            if (parent.equals("task") || parent.equals("job")) {
                fact(name, text.toString().strip());
            } else if (parent.equals("original_size")) {
                if (name.equals("width")) {
                    task.width = number(text.toString());
                } else if (name.equals("height")) {
                    task.height = number(text.toString());
                }
            } else if (parent.equals("meta") && name.equals("source") && task.source.isEmpty()) {
                task.source = text.toString().strip();
            } else if (parent.equals("box") && name.equals("attribute") && path.size() == 3) {
                if (attribute != null && attribute.equals(attributeName)) {
                    value = text.toString().strip();
                }
            } else if (name.equals("box") && path.size() == 2) {
                row();
            }
            text.setLength(0);
        }

        private void fact(String name, String text) throws DamagedFile {
            switch (name) {
                case "id" -> tasks.put(text, task);
                case "name" -> task.name = text;
                case "source" -> task.source = text;
                case "subset" -> task.subset = text;
                case "size" -> task.frames = number(text);
                default -> {}
            }
        }

        private int number(String text) throws DamagedFile {
            double number = Numbers.parse(text.strip());
            if (number >= 0 && number <= Integer.MAX_VALUE && number == Math.rint(number)) {
                return (int) number;
            }
            throw damage("has '" + Shown.text(text.strip()) + "' where a whole number should be");
        }

        private void row() throws IOException {
            if (!counts) {
                return;
            }
            Task of = taskOfTrack != null && tasks.containsKey(taskOfTrack) ? tasks.get(taskOfTrack) : task;
            if (of.video().isEmpty()) {
                throw damage("has a box, and the file names no video (<source> or <name> of its task)");
            }
            if (!of.told) {
                of.told = true;
                to.video(new VideoFacts(
                        of.video(),
                        of.frames,
                        of.width,
                        of.height,
                        of.subset.isEmpty() || of.subset.equals("default") ? Set.of() : Set.of(of.subset)));
            }
            double[] box = new double[numbers.length];
            for (int i = 0; i < box.length; i++) {
                box[i] = Numbers.parse(numbers[i]);
                if (!Double.isFinite(box[i])) {
                    throw damage("has '" + Shown.text(numbers[i]) + "' for a number of a box");
                }
            }
            String named = attribute == null ? label : value;
            to.row(new BoxRow(
                    of.video(),
                    Moment.frame(number(frame)),
                    new Corners(box[0], box[1], box[2], box[3]),
                    String.join(",", numbers),
                    BoxUnit.PIXEL,
                    null,
                    named == null || named.isEmpty() ? null : named,
                    null,
                    person,
                    source,
                    reader.getLocation().getLineNumber()));
        }
    }
}
