package maskfeat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import maskfeat.archive.Archives;
import maskfeat.disk.NewerFile;
import maskfeat.disk.PathText;
import maskfeat.disk.WriteFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code bad-files.jsonl}: what could not be used, a line each, through all parts of a run. */
final class BadFilesLog implements BiConsumer<Path, String> {
    /**
     * A line.
     *
     * @param file as in the data set
     * @param reason a sentence
     */
    record Entry(Path file, String reason) {}

    private static final int VERSION = 1;
    private static final Logger LOG = LoggerFactory.getLogger(BadFilesLog.class);

    private final Path log;

    BadFilesLog(Path log) {
        this.log = log;
    }

    @Override
    public void accept(Path file, String reason) {
        LOG.warn("{}; another takes its place", reason);
        append(file, reason);
    }

    /** A file to measure on. */
    void leftOut(Path file, String reason) {
        LOG.warn("{}; left out of what is measured", reason);
        append(file, reason);
    }

    private void append(Path file, String reason) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put(NewerFile.VERSION, VERSION);
        row.put("file", PathText.of(file));
        row.put("reason", reason);
        row.put("time", Instant.now().toString());
        try {
            Files.writeString(
                    log,
                    JsonMapper.shared().writeValueAsString(row) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(WriteFailed.of(log, e));
        }
    }

    /** Files that the log names so far; a line that a killed run left unfinished is skipped. */
    List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (!Files.exists(log)) {
            return entries;
        }
        for (String line : Files.readAllLines(log)) {
            try {
                JsonNode row = JsonMapper.shared().readTree(line);
                NewerFile.refuse(log, row, VERSION);
                if (row.hasNonNull("file")) {
                    entries.add(new Entry(
                            Archives.within(PathText.path(row.get("file").asString())),
                            row.path("reason").asString("")));
                }
            } catch (JacksonException unfinished) {
                continue;
            }
        }
        return entries;
    }
}
