package maskfeat.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.NewerFile;
import maskfeat.disk.Plural;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file {@code shards.json} beside tar files that are one folder together, as {@code data prepare --shards} writes them: it says
 * which there are, so that one that is missing is missed.
 *
 * @param sizes of the shards in bytes, in their order; the shard of number i is {@link #name}
 * @param isFinished false while they are being written
 */
public record TarShards(List<Long> sizes, boolean isFinished) {
    private static final int VERSION = 1;
    private static final String KIND = "maskfeat tar shards";
    private static final String FILE = "shards.json";

    public TarShards {
        sizes = List.copyOf(sizes);
    }

    /** The name of a shard, as WebDataset's tools number them. @param number counted from 0 */
    public static String name(int number) {
        return String.format(Locale.ROOT, "%06d.tar", number);
    }

    /** Whether a folder on the disk is one of such shards. */
    public static boolean areIn(Path folder) throws IOException {
        return !Archives.isInside(folder) && Files.isRegularFile(folder.resolve(FILE)) && isOurs(folder.resolve(FILE));
    }

    private static boolean isOurs(Path file) throws IOException {
        try {
            return JsonMapper.shared()
                    .readTree(Files.readAllBytes(file))
                    .path("kind")
                    .asString("")
                    .equals(KIND);
        } catch (JacksonException other) {
            return false;
        }
    }

    /** Says in a folder what shards are in it. */
    public void write(Path folder) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", KIND);
        json.put(NewerFile.VERSION, VERSION);
        json.put("finished", isFinished);
        json.put("bytes", sizes);
        AtomicFile.writeText(
                folder.resolve(FILE),
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }

    /** @throws DamagedFile if the shards are not finished */
    static TarShards require(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        JsonNode json;
        try {
            json = JsonMapper.shared().readTree(Files.readAllBytes(file));
        } catch (JacksonException bad) {
            throw new DamagedFile(file, "is no JSON: " + bad.getOriginalMessage(), bad);
        }
        NewerFile.refuse(file, json, VERSION);
        if (!json.path("finished").asBoolean(false)) {
            throw new DamagedFile(
                    folder, "holds shards that are not finished; run 'data prepare' again with the same words");
        }
        List<Long> sizes = new ArrayList<>();
        json.path("bytes").forEach(size -> sizes.add(size.asLong(-1)));
        if (sizes.isEmpty()) {
            throw new DamagedFile(file, "names no shard");
        }
        return new TarShards(sizes, true);
    }

    /** The shards, which are all there. */
    List<Path> files(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < sizes.size(); i++) {
            Path file = folder.resolve(name(i));
            if (!Files.isRegularFile(file)) {
                throw new DamagedFile(
                        file, "is not there, and " + FILE + " beside it counts " + Plural.of(sizes.size(), "shard"));
            }
            if (Files.size(file) != sizes.get(i)) {
                throw new DamagedFile(
                        file,
                        "has " + Plural.of(Files.size(file), "byte") + ", and " + FILE + " beside it says "
                                + sizes.get(i) + "; copy it anew, or run 'data prepare' again");
            }
            files.add(file);
        }
        return files;
    }
}
