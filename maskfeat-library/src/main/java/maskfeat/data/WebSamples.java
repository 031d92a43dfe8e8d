package maskfeat.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Shown;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Samples as WebDataset writes them into archives. The members of a sample have one key, their path up to the first dot of
 * its last name: {@code 000012.jpg} with the number or name of its class in {@code 000012.cls}, or in {@code 000012.json} as
 * {@code label}, {@code cls} or {@code class}.
 *
 * @param samples those that have an image or a video, in the order of their keys
 * @param others files that belong to no sample
 * @param more how many images and videos beside the first of their sample are passed over
 */
record WebSamples(Path root, List<Keyed> samples, List<Path> others, int more) {
    private static final String CLASS = "cls";
    private static final String JSON = "json";
    private static final String TEXT = "txt";
    private static final List<String> KEYS = List.of("label", "cls", "class");
    private static final int MOST_CLASS_BYTES = 1 << 10;
    private static final int MOST_JSON_BYTES = 1 << 26;

    /** So many files of JSON are looked into for labels before they are taken for something else. */
    private static final int LOOKED_AT = 64;

    /**
     * One sample, its files from the root.
     *
     * @param text a caption, as far as anybody knows
     */
    record Keyed(
            Path media,
            @Nullable Path label,
            @Nullable Path json,
            @Nullable Path text) {}

    /**
     * A file of a sample.
     *
     * @param path written with slashes
     * @param keyed how many characters of it are the key
     */
    private record Part(Path file, String path, int keyed) {
        static Part of(Path file) {
            String path = FolderWalk.slashed(file);
            int dot = path.indexOf('.', path.lastIndexOf('/') + 1);
            return new Part(file, path, dot < 0 ? path.length() : dot);
        }

        /** The path up to the first dot of the last name. */
        boolean hasKeyOf(Part other) {
            return keyed == other.keyed && path.regionMatches(0, other.path, 0, keyed);
        }

        boolean is(String ending) {
            return path.length() == keyed + 1 + ending.length()
                    && path.regionMatches(true, keyed + 1, ending, 0, ending.length());
        }

        boolean isOneOf(Set<String> endings) {
            return endings.contains(FolderWalk.ending(path));
        }

        /** Whether nothing stands between key and ending. */
        boolean isPlain() {
            return path.lastIndexOf('.') == keyed;
        }
    }

    /** @param endings of the images or videos that are wanted */
    static WebSamples of(FolderWalk walk, Set<String> endings) {
        List<Keyed> samples = new ArrayList<>();
        List<Path> others = new ArrayList<>();
        int more = 0;
        List<Part> members = new ArrayList<>();
        for (Path file : walk.files()) {
            Part next = Part.of(file);
            if (!members.isEmpty() && !next.hasKeyOf(members.get(0))) {
                more += take(members, endings, samples, others);
                members.clear();
            }
            members.add(next);
        }
        more += take(members, endings, samples, others);
        return new WebSamples(walk.root(), samples, others, more);
    }

    /** @return how many images or videos of one key are not taken */
    private static int take(List<Part> members, Set<String> endings, List<Keyed> samples, List<Path> others) {
        Part taken = null;
        int media = 0;
        for (Part part : members) {
            if (part.isOneOf(endings)) {
                media++;
                taken = taken == null || part.isPlain() && !taken.isPlain() ? part : taken;
            }
        }
        if (taken == null) {
            members.forEach(part -> others.add(part.file()));
            return 0;
        }
        samples.add(new Keyed(taken.file(), part(members, CLASS), part(members, JSON), part(members, TEXT)));
        return media - 1;
    }

    private static @Nullable Path part(List<Part> members, String ending) {
        for (Part part : members) {
            if (part.is(ending)) {
                return part.file();
            }
        }
        return null;
    }

    /** Whether the files are such samples, and not class folders with something beside their images. */
    boolean hasLabels() {
        int looked = 0;
        for (Keyed sample : samples) {
            if (sample.label() != null) {
                return true;
            }
            if (sample.json() != null && looked++ < LOOKED_AT) {
                try {
                    if (ofJson(sample.json()) != null) {
                        return true;
                    }
                } catch (IOException none) {
                    continue; // said where labels are read
                }
            }
        }
        return false;
    }

    /** Whether there is anything beside the images and videos that WebDataset has there. */
    boolean haveParts() {
        return samples.stream()
                .anyMatch(sample -> sample.label() != null || sample.json() != null || sample.text() != null);
    }

    /**
     * The samples with their labels.
     *
     * @param faults takes the labels that cannot be read, with a sentence that begins with the member; those samples are
     *     then unlabelled
     */
    Listing listing(Map<Path, String> faults) {
        List<@Nullable String> labels = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>();
        int captions = 0;
        for (Keyed sample : samples) {
            String label = null;
            try {
                label = label(sample);
            } catch (IOException bad) {
                faults.put(root.resolve(source(sample)), String.valueOf(bad.getMessage()));
            }
            labels.add(label);
            if (label != null) {
                names.add(label);
            }
            captions += sample.text() != null ? 1 : 0;
        }
        boolean numbers = names.stream().allMatch(WebSamples::isNumber);
        long ofNumbers = names.stream().filter(WebSamples::isNumber).count();
        List<String> classes = numbers ? numbered(names) : List.copyOf(names);
        Map<String, Integer> places = new HashMap<>();
        classes.forEach(name -> places.put(name, places.size()));
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            String label = labels.get(i);
            int number = label == null
                    ? Item.UNLABELLED
                    : numbers
                            ? Math.max(Item.UNLABELLED, Integer.parseInt(label))
                            : places.getOrDefault(label, Item.UNLABELLED);
            items.add(new Item(root.resolve(samples.get(i).media()), number));
        }
        List<String> notices = notices(captions);
        if (!numbers && ofNumbers > 0) {
            notices.add(root + ": labels are names and numbers; " + ofNumbers
                    + (ofNumbers == 1
                            ? " number is taken for the name of a class"
                            : " numbers are taken for names of classes"));
        }
        return new Listing(items, classes, notices);
    }

    private List<String> notices(int captions) {
        List<String> notices = new ArrayList<>();
        if (captions > 0) {
            notices.add(root + ": " + captions + " of the " + samples.size()
                    + " samples have a .txt, which is taken for a caption and not read; labels are in .cls or .json");
        }
        if (more > 0) {
            notices.add(root + ": samples have more than one image or video: the first of each is taken, and " + more
                    + " more are not");
        }
        return notices;
    }

    private static List<String> numbered(Set<String> names) {
        int most = names.stream().mapToInt(Integer::parseInt).max().orElse(Item.UNLABELLED);
        return IntStream.rangeClosed(0, most).mapToObj(Integer::toString).toList();
    }

    private static Path source(Keyed sample) {
        return sample.label() != null ? sample.label() : Objects.requireNonNullElse(sample.json(), sample.media());
    }

    private @Nullable String label(Keyed sample) throws IOException {
        Path json = sample.json();
        if (sample.label() == null) {
            return json == null ? null : ofJson(json);
        }
        String label = ofClass(sample.label());
        String other = json == null ? null : beside(json);
        // A number in one and its name in the other are the usual case.
        if (json != null && other != null && !other.equals(label) && isNumber(other) == isNumber(label)) {
            throw new DatasetException(root.resolve(sample.label()) + " says the class " + Shown.text(label) + ", and "
                    + json.getFileName() + " beside it " + Shown.text(other) + "; they should agree");
        }
        return label;
    }

    private @Nullable String beside(Path json) {
        try {
            return ofJson(json);
        } catch (IOException another) {
            return null; // the label does not come from there
        }
    }

    private static boolean isNumber(String label) {
        return label.matches("-?\\d{1,6}");
    }

    private String ofClass(Path member) throws IOException {
        String text = new String(bytes(member, MOST_CLASS_BYTES), StandardCharsets.UTF_8).strip();
        if (text.isEmpty() || text.lines().count() > 1) {
            throw new DatasetException(root.resolve(member) + " should hold the number or name of a class, and "
                    + (text.isEmpty() ? "is empty" : "holds several lines"));
        }
        return text;
    }

    /** Null where it has no label. */
    private @Nullable String ofJson(Path member) throws IOException {
        JsonNode json;
        try {
            json = JsonMapper.shared().readTree(bytes(member, MOST_JSON_BYTES));
        } catch (JacksonException bad) {
            throw new DatasetException(root.resolve(member) + " is no JSON: " + bad.getOriginalMessage());
        }
        for (String key : KEYS) {
            JsonNode value = json.path(key);
            if (value.isString() && !value.asString().isBlank()) {
                return value.asString().strip();
            }
            if (value.isIntegralNumber()) {
                return value.asString();
            }
            if (!value.isMissingNode() && !value.isNull()) {
                throw new DatasetException(root.resolve(member) + ": '" + key + "' is " + Shown.text(value.toString())
                        + "; it should be the number or name of one class");
            }
        }
        return null;
    }

    private byte[] bytes(Path member, int most) throws IOException {
        Path file = root.resolve(member);
        long size = Files.size(file);
        if (size > most) {
            throw new DamagedFile(file, "has " + size + " bytes; at most " + most + " are read for a label");
        }
        return Files.readAllBytes(file);
    }

    /** What a sample is made of beside its image or video, from the root. */
    Map<Path, Keyed> parts() {
        Map<Path, Keyed> parts = new LinkedHashMap<>();
        for (Keyed sample : samples) {
            for (Path part : new Path[] {sample.label(), sample.json(), sample.text()}) {
                if (part != null) {
                    parts.put(part, sample);
                }
            }
        }
        return parts;
    }
}
