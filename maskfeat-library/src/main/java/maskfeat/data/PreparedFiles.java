package maskfeat.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import maskfeat.archive.TarShards;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.NewerFile;
import maskfeat.disk.WriteFailed;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@link Preparation} has written into a folder, so that it knows its own files from those of others: a file of JSON lines that
 * grows with each of them. A line that was torn off is not there. Thread-safe.
 */
final class PreparedFiles implements AutoCloseable {
    private static final String NAME = ".maskfeat-files";
    private static final int VERSION = 1;
    private static final String KIND = "maskfeat prepared files";

    private final Path file;
    private final Map<String, Written> files = new TreeMap<>();
    private final Map<Integer, List<Shard>> shards = new TreeMap<>();
    private @Nullable FileChannel out;

    /** @param size in bytes @param changed when, in milliseconds since 1970 */
    record Written(long size, long changed) {}

    /**
     * A file in a shard.
     *
     * @param original what it was made of
     * @param size of the copy in bytes; -1 if the original cannot be read and there is none
     */
    record Member(String name, Written original, long size) {
        boolean isThere() {
            return size >= 0;
        }
    }

    /** A tar file. @param self the file as it was written */
    record Shard(int number, Written self, List<Member> members) {}

    private PreparedFiles(Path file) {
        this.file = file;
    }

    /**
     * What is known of a folder, which may be nothing.
     *
     * @throws DamagedFile if the file of it makes no sense
     */
    static PreparedFiles read(Path folder) throws IOException {
        PreparedFiles known = new PreparedFiles(folder.resolve(NAME));
        if (Files.exists(known.file)) {
            known.take(Files.readString(known.file));
        }
        return known;
    }

    private void take(String text) throws IOException {
        int number = 0;
        for (int at = 0, end = text.indexOf('\n'); end >= 0; at = end + 1, end = text.indexOf('\n', at)) {
            number++;
            try {
                JsonNode row = JsonMapper.shared().readTree(text.substring(at, end));
                if (number == 1) {
                    if (!row.path("kind").asString("").equals(KIND)) {
                        throw new DamagedFile(file, "does not begin as the list of prepared files does");
                    }
                    NewerFile.refuse(file, row, VERSION);
                } else {
                    take(row);
                }
            } catch (JacksonException bad) {
                throw new DamagedFile(
                        file,
                        "has a line " + number + " that is no JSON; delete this file, and the next run writes it"
                                + " anew of the files that it finds",
                        bad);
            }
        }
    }

    private void take(JsonNode row) {
        if (row.has("gone")) {
            files.remove(row.required("gone").asString());
        } else if (row.has("file")) {
            files.put(row.required("file").asString(), written(row));
        } else {
            List<Member> members = new ArrayList<>();
            row.required("members")
                    .forEach(member -> members.add(new Member(
                            member.required("file").asString(),
                            written(member),
                            member.path("copy").asLong(-1))));
            add(new Shard(row.required("shard").intValue(), written(row), members));
        }
    }

    private static Written written(JsonNode row) {
        return new Written(
                row.required("size").longValue(), row.required("changed").longValue());
    }

    private void add(Shard shard) {
        shards.computeIfAbsent(shard.number, number -> new ArrayList<>()).add(shard);
    }

    /** Writes what is known, and is ready for more. */
    void begin() throws IOException {
        close();
        List<String> lines = new ArrayList<>();
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("kind", KIND);
        head.put(NewerFile.VERSION, VERSION);
        lines.add(line(head));
        files.forEach((name, written) -> lines.add(line(row(name, written))));
        shards.values().forEach(all -> all.forEach(shard -> lines.add(line(row(shard)))));
        AtomicFile.writeText(file, String.join("", lines));
        out = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    private static Map<String, Object> row(String name, Written written) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("file", name);
        row.put("size", written.size);
        row.put("changed", written.changed);
        return row;
    }

    private static Map<String, Object> row(Shard shard) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("shard", shard.number);
        row.put("size", shard.self.size);
        row.put("changed", shard.self.changed);
        row.put(
                "members",
                shard.members.stream()
                        .map(member -> {
                            Map<String, Object> each = row(member.name, member.original);
                            if (member.isThere()) {
                                each.put("copy", member.size);
                            }
                            return each;
                        })
                        .toList());
        return row;
    }

    private static String line(Map<String, Object> row) {
        return JsonMapper.shared().writeValueAsString(row) + "\n";
    }

    private void append(Map<String, Object> row) throws IOException {
        if (out == null) {
            throw new IllegalStateException(file + " is not being written");
        }
        ByteBuffer bytes = ByteBuffer.wrap(line(row).getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw WriteFailed.of(file, e);
        }
    }

    /** Takes down a file that was written, or was there as it should be. */
    synchronized void wrote(String name, Written written) throws IOException {
        if (!written.equals(files.put(name, written))) {
            append(row(name, written));
        }
    }

    /** Takes down that a file is not there any more. */
    synchronized void gone(String name) throws IOException {
        if (files.remove(name) != null) {
            append(Map.of("gone", name));
        }
    }

    /** Takes down a shard that is about to get its name. */
    synchronized void willWrite(Shard shard) throws IOException {
        add(shard);
        append(row(shard));
        if (out != null) {
            out.force(true);
        }
    }

    /** All files by their names with slashes. */
    synchronized Map<String, Written> files() {
        return new TreeMap<>(files);
    }

    /** A shard that lies in the folder as it was written. */
    Optional<Shard> shard(Path folder, int number) throws IOException {
        Path tar = folder.resolve(TarShards.name(number));
        if (!Files.isRegularFile(tar)) {
            return Optional.empty();
        }
        Written found = of(tar);
        return shards.getOrDefault(number, List.of()).stream()
                .filter(shard -> shard.self.equals(found))
                .reduce((one, later) -> later);
    }

    /** All shards that lie in the folder as they were written. */
    List<Shard> shards(Path folder) throws IOException {
        List<Shard> there = new ArrayList<>();
        for (int number : shards.keySet()) {
            shard(folder, number).ifPresent(there::add);
        }
        return there;
    }

    /** All shards that were ever written, whether or not they are still there. */
    List<Shard> allShards() {
        return shards.values().stream().flatMap(List::stream).toList();
    }

    /** Forgets shards that are not there any more. */
    void forgetOldShards(Path folder) throws IOException {
        List<Shard> there = shards(folder);
        shards.clear();
        there.forEach(this::add);
        begin();
    }

    /** What a file is now. */
    static Written of(Path file) throws IOException {
        return new Written(Files.size(file), Files.getLastModifiedTime(file).toMillis());
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }
}
