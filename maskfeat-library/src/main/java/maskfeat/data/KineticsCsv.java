package maskfeat.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import maskfeat.disk.Plural;

/**
 * The official lists of Kinetics (Kay et al. 2017): a header {@code label,youtube_id,time_start,time_end,split}, perhaps
 * with {@code is_cc}, in any order; those for testing have no labels.
 *
 * <p>The clip of a line is {@code ID_000010_000020.mp4}, start and end in seconds, or {@code ID.mp4}, anywhere under the
 * list's folder; where none is there, under the folder above it. Clips that are not there are left out: many videos are no
 * longer on YouTube.
 */
final class KineticsCsv implements ListingFormat {
    private static final String ID = "youtube_id";
    private static final String START = "time_start";
    private static final String END = "time_end";
    private static final String LABEL = "label";

    /** A line of the list. */
    private record Row(String clip, String id, String label) {}

    @Override
    public boolean isOf(boolean images) {
        return !images;
    }

    @Override
    public boolean recognises(Path source) throws IOException {
        List<String> header = ListColumns.cells(ListText.firstLine(source), ',').orElse(List.of());
        return header.containsAll(List.of(ID, START, END));
    }

    @Override
    public String whatNamesClasses() {
        return "labels";
    }

    @Override
    public Listing read(Path source) throws IOException {
        List<Row> rows = rows(source);
        Set<String> names = new HashSet<>();
        rows.forEach(row -> names.addAll(List.of(row.clip(), row.id())));
        Path folder = source.toAbsolutePath().resolveSibling("");
        Map<String, Path> videos = find(folder, names);
        List<String> classes = List.copyOf(new TreeSet<>(
                rows.stream().map(Row::label).filter(label -> !label.isEmpty()).toList()));
        Map<String, Integer> numbers = new HashMap<>();
        classes.forEach(name -> numbers.put(name, numbers.size()));
        List<Item> items = new ArrayList<>();
        for (Row row : rows) {
            Path video = videos.containsKey(row.clip()) ? videos.get(row.clip()) : videos.get(row.id());
            if (video != null) {
                items.add(new Item(video, numbers.getOrDefault(row.label(), Item.UNLABELLED)));
            }
        }
        if (items.isEmpty()) {
            throw new DatasetException(source + " names " + Plural.of(rows.size(), "clip")
                    + " of Kinetics, none of which is under " + folder + " or the folder above; looked for "
                    + rows.get(0).clip() + ".mp4 and the like");
        }
        return new Listing(
                items,
                classes,
                items.size() == rows.size()
                        ? List.of()
                        : List.of(source + " names " + Plural.of(rows.size(), "clip") + ", of which " + items.size()
                                + " are there; the others are left out"));
    }

    private static Map<String, Path> find(Path folder, Collection<String> names) throws IOException {
        Map<String, Path> here = FolderWalk.of(folder).videos(names);
        Path above = folder.getParent();
        return here.isEmpty() && above != null && above.getNameCount() > 0
                ? FolderWalk.of(above).videos(names)
                : here;
    }

    private static List<Row> rows(Path source) throws IOException {
        List<String> lines = ListText.lines(source);
        List<String> header = ListColumns.cells(lines.get(0), ',').orElse(List.of());
        List<Row> rows = new ArrayList<>();
        Map<String, Integer> splits = new LinkedHashMap<>();
        int number = 1;
        for (String line : lines.subList(1, lines.size())) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            List<String> cells = ListColumns.cells(line, ',').orElse(List.of());
            if (cells.size() != header.size()) {
                throw new DatasetException(source + ":" + number + ": expected the " + header.size()
                        + " columns of the header, found '" + line + "'");
            }
            String id = cells.get(header.indexOf(ID));
            String clip = id + "_" + seconds(source, number, cells.get(header.indexOf(START))) + "_"
                    + seconds(source, number, cells.get(header.indexOf(END)));
            int label = header.indexOf(LABEL);
            rows.add(new Row(clip, id, label < 0 ? "" : cells.get(label)));
            int split = header.indexOf("split");
            if (split >= 0) {
                splits.merge(cells.get(split), 1, Integer::sum);
            }
        }
        if (rows.isEmpty()) {
            throw new DatasetException(source + " names no clip");
        }
        if (splits.size() > 1) {
            throw new DatasetException(source + " lists several parts of Kinetics, " + splits
                    + ", which would be one; make a list of each, such as train.csv and val.csv");
        }
        return rows;
    }

    /** As file names have it: six digits. */
    private static String seconds(Path source, int number, String text) throws DatasetException {
        if (!text.matches("\\d{1,6}(\\.0*)?")) {
            throw new DatasetException(source + ":" + number + ": '" + text + "' is no time in seconds");
        }
        return String.format(Locale.ROOT, "%06d", Integer.parseInt(text.replaceFirst("\\..*", "")));
    }
}
