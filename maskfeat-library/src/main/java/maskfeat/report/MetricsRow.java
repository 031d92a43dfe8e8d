package maskfeat.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.disk.NewerFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A line of the metrics file.
 *
 * @param line its text in the file
 * @param values all values except step and version, by tag, in the file's order; null becomes NaN
 */
record MetricsRow(long step, String line, Map<String, Double> values) {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsRow.class);
    private static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The first row of a file, with the version of the format. */
    static String first(long step, Map<String, Double> values) {
        return json(step, true, values);
    }

    static String json(long step, Map<String, Double> values) {
        return json(step, false, values);
    }

    private static String json(long step, boolean first, Map<String, Double> values) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put(Scalars.STEP, step);
        if (first) {
            row.put(NewerFile.VERSION, VERSION);
        }
        values.forEach((tag, value) -> row.put(tag, Numbers.json(value)));
        return JSON.writeValueAsString(row);
    }

    /**
     * Reads all complete rows; incomplete ones of a killed run are logged and skipped.
     *
     * @throws NewerFile if the file has a newer version of the format
     */
    static List<MetricsRow> read(Path file) throws IOException {
        // Not readAllLines, because a line cut off by a crash may not be UTF-8.
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        List<MetricsRow> rows = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            Optional<MetricsRow> row = parse(file, line);
            row.ifPresent(rows::add);
            if (row.isEmpty()) {
                LOG.warn("{}:{} is not a complete row and is left out", file, number);
            }
        }
        return rows;
    }

    /** The value of a tag; NaN if there is none. */
    double value(String tag) {
        return values.getOrDefault(tag, Double.NaN);
    }

    /** Joins adjacent rows of one step, the step report and its scores, into one row. */
    static List<MetricsRow> joined(List<MetricsRow> rows) {
        List<MetricsRow> joined = new ArrayList<>();
        for (MetricsRow row : rows) {
            int last = joined.size() - 1;
            if (last >= 0 && joined.get(last).step() == row.step()) {
                Map<String, Double> both = new LinkedHashMap<>(joined.get(last).values());
                both.putAll(row.values());
                joined.set(last, new MetricsRow(row.step(), joined.get(last).line() + "\n" + row.line(), both));
            } else {
                joined.add(row);
            }
        }
        return joined;
    }

    /**
     * Reads the rows of a file; none if it is missing.
     *
     * @throws UncheckedIOException if the file exists but cannot be read, naming it
     */
    static List<MetricsRow> readIfThere(Path file) {
        try {
            return Files.exists(file) ? read(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    private static Optional<MetricsRow> parse(Path file, String line) throws IOException {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JacksonException e) {
            return Optional.empty();
        }
        if (!node.isObject() || !node.path(Scalars.STEP).isIntegralNumber()) {
            return Optional.empty();
        }
        NewerFile.refuse(file, node, VERSION);
        Map<String, Double> values = new LinkedHashMap<>();
        node.properties().forEach(entry -> {
            if (!entry.getKey().equals(Scalars.STEP) && !entry.getKey().equals(NewerFile.VERSION)) {
                values.put(
                        entry.getKey(),
                        entry.getValue().isNumber() ? entry.getValue().doubleValue() : Double.NaN);
            }
        });
        return Optional.of(new MetricsRow(node.path(Scalars.STEP).longValue(), line, values));
    }
}
