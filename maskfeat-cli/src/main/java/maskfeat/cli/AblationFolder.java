package maskfeat.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.ablation.AblationTable;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.NewerFile;
import maskfeat.run.RunResult;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The folder of a comparison: a folder for each row, how it was set up, and the table so far. Held by one process at a time.
 *
 * @param path of the folder
 * @param lock that holds it
 */
record AblationFolder(Path path, FileChannel lock) implements AutoCloseable {
    private static final String PAGE = "ablation.html";
    private static final String CSV = "ablation.csv";
    private static final String SETUP = "ablation.json";
    private static final String LOCK = "ablation.lock";
    private static final int VERSION = 1;

    /** What a folder was begun with that is older than the option. */
    private static final Map<String, String> BEFORE_THERE_WAS_ONE =
            Map.of(BenchAblation.SUPERVISED_SETS, BenchAblation.said(List.of()), BenchAblation.PRETRAININGS, "1");

    /**
     * Makes the folder, or goes on with one that was set up in the same way: what is done in it is taken for done.
     *
     * @param setup what decides the figures, by name
     * @throws IllegalArgumentException if it is no folder, that of a run, in use, or set up in another way
     */
    static AblationFolder hold(Path path, Map<String, String> setup) throws IOException {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new IllegalArgumentException("--out " + path + " is a file; give a folder");
        }
        if (Files.exists(path.resolve("config.yaml")) || Files.exists(path.resolve(RunResult.FILE))) {
            throw new IllegalArgumentException("--out " + path + " is the folder of a run; give another one");
        }
        AtomicFile.folder(path);
        FileChannel lock = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        AblationFolder folder = new AblationFolder(path, lock);
        boolean held = false;
        try {
            folder.alone();
            folder.sameAsBefore(setup);
            held = true;
            return folder;
        } finally {
            if (!held) {
                folder.close();
            }
        }
    }

    private void alone() throws IOException {
        boolean free;
        try {
            free = lock.tryLock() != null;
        } catch (OverlappingFileLockException thisProcess) {
            free = false;
        }
        if (!free) {
            throw new IllegalArgumentException(
                    "another comparison is running in " + path + "; wait for it, or give another --out");
        }
    }

    private void sameAsBefore(Map<String, String> setup) throws IOException {
        Path file = path.resolve(SETUP);
        if (!Files.exists(file) || !isBegun()) {
            Map<String, Object> content = new LinkedHashMap<>();
            content.put(NewerFile.VERSION, VERSION);
            content.putAll(setup);
            AtomicFile.writeText(
                    file, JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n");
            return;
        }
        try {
            JsonNode before = JsonMapper.shared().readTree(Files.readString(file));
            NewerFile.refuse(file, before, VERSION);
            setup.forEach((name, value) -> {
                String was = before.path(name).asString(BEFORE_THERE_WAS_ONE.getOrDefault(name, "nothing"));
                if (!was.equals(value)) {
                    throw new IllegalArgumentException(path + " holds a comparison that was begun with " + name + ": "
                            + was + "; now it is: " + value + ". Give another --out");
                }
            });
        } catch (JacksonException damaged) {
            throw new DamagedFile(file, "is not the set-up of a comparison: " + damaged.getOriginalMessage());
        }
    }

    /** Whether a row has left anything: a set-up that failed at once, such as by a wrong path, holds nobody to it. */
    private boolean isBegun() throws IOException {
        try (Stream<Path> children = Files.list(path)) {
            return children.anyMatch(Files::isDirectory);
        }
    }

    /** Writes the table so far. */
    void write(AblationTable table) throws IOException {
        table.page().write(page());
        AtomicFile.writeText(path.resolve(CSV), table.csv());
    }

    Path page() {
        return path.resolve(PAGE);
    }

    /** Lets it go. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
