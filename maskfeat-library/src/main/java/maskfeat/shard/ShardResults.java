package maskfeat.shard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import maskfeat.data.Item;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Names;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The results of all shards of a job, in the order of the list of its files. */
public final class ShardResults {
    private final Map<Integer, Path> files;
    private final ShardFile.Header first;

    /**
     * An item that has a result.
     *
     * @param file path, as the command was given it or found it
     * @param label of the item, {@link Item#UNLABELLED} for none
     * @param shard the file that has the result
     */
    public record Row(String file, int label, Path shard) {}

    /**
     * Turns a row into what a command makes of it. A row that makes no sense gives any runtime exception.
     *
     * @param <R> what is made of it
     */
    @FunctionalInterface
    public interface Reading<R> {
        /** @param result as it was added */
        R of(Row row, JsonNode result);
    }

    private ShardResults(Map<Integer, Path> files, ShardFile.Header first) {
        this.files = files;
        this.first = first;
    }

    /**
     * Finds out whether files are all shards of one job.
     *
     * @param given in any order
     * @throws IllegalArgumentException naming the files, if one is missing, doubled, or of another job or list of files
     * @throws IOException naming the file that cannot be read or holds no results of a shard
     */
    public static ShardResults of(List<Path> given) throws IOException {
        Map<Integer, Path> files = new TreeMap<>();
        ShardFile.Header first = ShardFile.header(given.get(0));
        for (Path file : given) {
            ShardFile.Header header = ShardFile.header(file);
            Optional<String> difference = header.job().difference(first.job());
            if (difference.isPresent()) {
                throw new IllegalArgumentException("the results in " + file + " " + difference.get() + " as those in "
                        + given.get(0) + "; merge shards of one job");
            }
            if (header.shard().count() != first.shard().count()) {
                throw new IllegalArgumentException(file + " is shard " + header.shard() + ", and " + given.get(0)
                        + " is " + first.shard() + "; merge shards of one job");
            }
            Path same = files.put(header.shard().number(), file);
            if (same != null) {
                throw new IllegalArgumentException(
                        same + " and " + file + " are both shard " + header.shard() + "; leave one out");
            }
            boolean sameList = header.files() == first.files()
                    && header.list().equals(first.list())
                    && header.job().classes().equals(first.job().classes());
            if (!sameList) {
                throw new IllegalArgumentException("the shards in " + file + " and " + given.get(0)
                        + " are of different lists of files, of " + header.files() + " and " + first.files()
                        + "; do them with the same paths, in the same order");
            }
        }
        int count = first.shard().count();
        List<Shard> missing = IntStream.rangeClosed(1, count)
                .filter(number -> !files.containsKey(number))
                .mapToObj(number -> new Shard(number, count))
                .toList();
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(missing(missing, first, given.get(0)));
        }
        return new ShardResults(files, first);
    }

    /** Says which shards are missing, and what to do about it. */
    private static String missing(List<Shard> missing, ShardFile.Header first, Path given) {
        String names = Names.of(missing.stream().map(Shard::toString).toList());
        String name = PathText.of(given.getFileName());
        String own = first.shard().ending();
        List<Path> there = new ArrayList<>();
        List<Shard> absent = new ArrayList<>();
        for (Shard shard : missing) {
            Path file = PathText.beside(
                    given, name.substring(0, Math.max(0, name.length() - own.length())) + shard.ending());
            if (name.endsWith(own) && Files.exists(file)) {
                there.add(file);
            } else {
                absent.add(shard);
            }
        }
        return "of the " + Plural.of(first.shard().count(), "shard") + " of '"
                + first.job().command() + "' "
                + (missing.size() == 1 ? "one is" : missing.size() + " are") + " missing: " + names + "; "
                + (absent.isEmpty()
                        ? "name " + there.get(0) + " too" + (there.size() == 1 ? "" : ", and so on")
                        : "give the command that made " + given + " again with --shard " + absent.get(0)
                                + (absent.size() == 1 ? "" : " and so on")
                                + " in place of --shard " + first.shard() + ", and merge all of them then");
    }

    /** What was done. */
    public Job job() {
        return first.job();
    }

    /** Number of files in all shards, also those that could not be read. */
    public int size() {
        return first.files();
    }

    /**
     * Reads all results.
     *
     * @return what is made of each, in the order of the list; null for items that could not be read
     * @throws DamagedFile naming the file that is not finished, or whose content makes no sense
     */
    public <R> List<@Nullable R> read(Reading<R> reading) throws IOException {
        List<@Nullable R> all = new ArrayList<>(Collections.nCopies(size(), null));
        boolean[] seen = new boolean[size()];
        for (Path file : files.values()) {
            Shard shard = ShardFile.header(file).shard();
            ShardFile.Read read = ShardFile.read(file, json -> {
                int at = json.path("at").intValue();
                if (at < 0 || at >= seen.length || !shard.has(at) || seen[at]) {
                    throw new DamagedFile(
                            file, "has a result of file " + at + ", which has no place in shard " + shard);
                }
                seen[at] = true;
                JsonNode result = json.get("result");
                if (result != null) {
                    all.set(at, made(file, json, result, reading));
                }
            });
            if (!read.whole()) {
                throw new DamagedFile(
                        file,
                        "is not finished: it has " + read.rows() + " of " + shard.sizeOf(size())
                                + " results; run the command again with --shard " + shard + ", which goes on with it");
            }
            if (read.rows() != shard.sizeOf(size())) {
                throw new DamagedFile(
                        file,
                        "has " + read.rows() + " results, and there should be " + shard.sizeOf(size())
                                + "; delete it and do the shard again");
            }
        }
        return all;
    }

    private static <R> R made(Path file, JsonNode json, JsonNode result, Reading<R> reading) throws DamagedFile {
        String name = json.path("file").asString();
        try {
            return reading.of(new Row(name, json.path("label").asInt(Item.UNLABELLED), file), result);
        } catch (RuntimeException bad) {
            throw new DamagedFile(file, "has a result of " + name + " that makes no sense: " + bad.getMessage(), bad);
        }
    }
}
