package maskfeat.cli;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import maskfeat.data.DatasetException;
import maskfeat.data.Item;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Fingerprint;
import maskfeat.disk.PathText;
import maskfeat.shard.ShardResults;
import tools.jackson.databind.JsonNode;

/**
 * Files that are written of each video, such as its film: in the folder of {@code --out}, where the file of a shard lies too, which
 * names them.
 */
final class FilesBeside {
    private static final String KEY = "files";
    private static final String AGAIN =
            "give the command that made that again, which writes what is missing or has changed";

    private final Map<Path, String> names = new HashMap<>();

    /**
     * Names for all videos of a command: those of the videos. Of files of one name, from several folders, the later ones get a number.
     * So a name depends on the list alone, and is the same in all shards.
     */
    FilesBeside(List<Item> items) {
        Set<String> taken = new HashSet<>();
        for (Item item : items) {
            if (names.containsKey(item.file())) {
                continue;
            }
            String name = PathText.of(item.file().getFileName());
            String own = name;
            for (int number = 2; !taken.add(own); number++) {
                own = number + "-" + name;
            }
            names.put(item.file(), own);
        }
    }

    /** What the files of a video are called, but for their endings. */
    String name(Path file) {
        String name = names.get(file);
        if (name == null) {
            throw new IllegalStateException(file + " is not of the list");
        }
        return name;
    }

    /**
     * As they stand in the file of a shard: with size and checksums, by which damage is known.
     *
     * @param folder that has them
     */
    static Map<String, Object> result(Path folder, List<String> names) throws IOException {
        List<Map<String, Object>> files = new ArrayList<>();
        for (String name : names) {
            Fingerprint of = Fingerprint.of(PathText.in(folder, name));
            Map<String, Object> file = new LinkedHashMap<>();
            file.put("name", name);
            file.put("size", of.size());
            file.put("crc32c", of.crc32c());
            file.put("sha256", of.sha256());
            files.add(file);
        }
        return Map.of(KEY, files);
    }

    /** Whether a result that is there names these files, and all are in the folder as they were written. */
    static boolean stand(Path folder, List<String> files, JsonNode result) {
        Map<String, Fingerprint> named = named(result);
        if (!List.copyOf(named.keySet()).equals(files)) {
            return false;
        }
        for (Map.Entry<String, Fingerprint> file : named.entrySet()) {
            try {
                file.getValue().check(PathText.in(folder, file.getKey()));
            } catch (IOException missingOrDamaged) {
                return false; // it is written again
            }
        }
        return true;
    }

    /** The files that a result has, by their names; none for one without. */
    static Map<String, Fingerprint> named(JsonNode result) {
        Map<String, Fingerprint> files = new LinkedHashMap<>();
        result.path(KEY).forEach(each -> {
            String name = each.path("name").asString("");
            // Whoever merges does not write elsewhere because a damaged file says so.
            if (name.isEmpty() || name.equals(".") || name.equals("..") || name.matches("(?s).*[/\\\\].*")) {
                throw new IllegalArgumentException("'" + name + "' is no name of a file");
            }
            files.put(
                    name,
                    new Fingerprint(
                            each.path("size").asLong(-1),
                            each.path("crc32c").asString(""),
                            each.path("sha256").asString("")));
        });
        return files;
    }

    /** What a result says of files, with where they are. */
    record Found(Path shard, Map<String, Fingerprint> files) {
        static Found of(ShardResults.Row row, JsonNode result) {
            return new Found(row.shard(), named(result));
        }

        /** Copies them into a folder, unless it is theirs. */
        void into(Path folder) throws IOException {
            for (Map.Entry<String, Fingerprint> file : files.entrySet()) {
                Path from = PathText.beside(shard, file.getKey());
                Path to = PathText.in(folder, file.getKey());
                if (!Files.isRegularFile(from)) {
                    throw new DatasetException(from + " is missing, which " + shard + " names; " + AGAIN);
                }
                try {
                    file.getValue().check(from);
                } catch (DamagedFile changed) {
                    throw new DatasetException(changed.getMessage() + ", as " + shard + " has it; " + AGAIN);
                }
                if (!Files.exists(to) || !Files.isSameFile(from, to)) {
                    AtomicFile.writeAnywhere(to, written -> Files.copy(from, Channels.newOutputStream(written)));
                }
            }
        }
    }
}
