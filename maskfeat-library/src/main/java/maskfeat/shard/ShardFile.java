package maskfeat.shard;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import maskfeat.data.Item;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Fingerprint;
import maskfeat.disk.NewerFile;
import maskfeat.disk.PathText;
import maskfeat.disk.RegularFile;
import maskfeat.disk.WriteFailed;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The results of a shard while they are made: a file of JSON lines that grows with each result. The first line says of what job
 * and which shard it is, the last one that nothing is missing. Begun a second time, it keeps the results of files whose path, size and
 * time are the same. Not thread-safe.
 *
 * <p>One process at a time writes it: while it does, it holds the lock of a hidden file beside it, which the system takes back
 * whatever ends the process. The file stays, empty; one that is deleted could be locked by two.
 */
public final class ShardFile implements AutoCloseable {
    private static final int VERSION = 1;
    private static final String KIND = "maskfeat shard";

    private final Path file;
    private final List<Item> rest = new ArrayList<>();
    private final Map<Item, Deque<Place>> open = new HashMap<>();
    private final FileChannel out;
    private final FileChannel lock;
    private final CRC32C crc;
    private final int size;
    private final int kept;

    /** Whether a result that is there still holds, of an item that has not changed. */
    @FunctionalInterface
    public interface Standing {
        /** @param result as it was added */
        boolean stands(Item item, JsonNode result);
    }

    /** An item that waits for its result. */
    private record Place(int at, Optional<Stamp> stamp) {}

    /**
     * Begins the results of a shard, or goes on with them.
     *
     * @param file where they are written; may be there
     * @param all items, in the order in which one process would do them
     * @throws IllegalArgumentException if the file is there and holds results of another job or shard, or something else, or
     *     if another process writes it
     * @throws DamagedFile if the file is there and damaged
     */
    public static ShardFile open(Path file, Shard shard, Job job, List<Item> all) throws IOException {
        return open(file, shard, job, all, (item, result) -> true);
    }

    /**
     * As {@link #open(Path, Shard, Job, List)}.
     *
     * @param standing asked of each result that is there and of a file that has not changed; what does not stand is made again
     */
    public static ShardFile open(Path file, Shard shard, Job job, List<Item> all, Standing standing)
            throws IOException {
        FileChannel lock = locked(file);
        try {
            return new ShardFile(file, shard, job, all, standing, lock);
        } catch (IOException | RuntimeException | Error failed) {
            lock.close();
            throw failed;
        }
    }

    private static FileChannel locked(Path file) throws IOException {
        Path beside = PathText.beside(file, "." + PathText.of(file.getFileName()) + ".lock");
        FileChannel channel;
        try {
            channel = FileChannel.open(beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw WriteFailed.of(beside, e);
        }
        boolean free;
        try {
            free = channel.tryLock() != null; // held until the channel is closed
        } catch (OverlappingFileLockException here) {
            free = false;
        } catch (IOException e) {
            channel.close();
            throw WriteFailed.of(beside, e);
        }
        if (!free) {
            channel.close();
            throw new IllegalArgumentException(file + " is being written by another process, which does the same shard;"
                    + " wait for it, stop it, or give this one another --shard or --out");
        }
        return channel;
    }

    private ShardFile(Path file, Shard shard, Job job, List<Item> all, Standing standing, FileChannel lock)
            throws IOException {
        this.file = file;
        this.lock = lock;
        Map<String, JsonNode> known = known(file, shard, job);
        List<byte[]> lines = new ArrayList<>();
        lines.add(line(new Header(shard, job, all.size(), listOf(all)).json()));
        for (int at = 0; at < all.size(); at++) {
            if (!shard.has(at)) {
                continue;
            }
            Item item = all.get(at);
            Optional<Stamp> stamp = Stamp.of(item.file());
            JsonNode before = known.get(PathText.of(item.file()));
            if (before != null
                    && stamp.isPresent()
                    && stampOf(before).equals(stamp)
                    && standing.stands(item, before.path("result"))) {
                lines.add(line(row(at, item, stamp, "result", before.path("result"))));
            } else {
                rest.add(item);
                open.computeIfAbsent(item, same -> new ArrayDeque<>()).add(new Place(at, stamp));
            }
        }
        this.size = shard.sizeOf(all.size());
        this.kept = size - rest.size();
        this.crc = new CRC32C();
        lines.forEach(crc::update);
        AtomicFile.write(file, to -> {
            for (byte[] line : lines) {
                to.write(ByteBuffer.wrap(line));
            }
        });
        this.out = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    /** What is there, by file; a result that is to be made again is left out. */
    private static Map<String, JsonNode> known(Path file, Shard shard, Job job) throws IOException {
        Map<String, JsonNode> known = new HashMap<>();
        if (!Files.exists(file)) {
            return known;
        }
        Read found;
        try {
            found = read(file, row -> {
                if (stampOf(row).isPresent()) {
                    known.put(row.path("file").asString(), row);
                }
            });
        } catch (NotOfAShard other) {
            throw new IllegalArgumentException(
                    file + " is there and holds no results of a shard; give another --out, or move it", other);
        }
        if (!found.header().shard().equals(shard)) {
            throw new IllegalArgumentException(file + " holds results of shard "
                    + found.header().shard() + ", not " + shard + "; give another --out, or move it");
        }
        Optional<String> difference = found.header().job().difference(job);
        if (difference.isPresent()) {
            throw new IllegalArgumentException("the results in " + file + " " + difference.get()
                    + "; give another --out, or delete it to begin anew");
        }
        return known;
    }

    /** The items whose results are not there yet, in order. */
    public List<Item> rest() {
        return List.copyOf(rest);
    }

    /** Number of items whose results were there. */
    public int kept() {
        return kept;
    }

    /** Number of items of the shard. */
    public int size() {
        return size;
    }

    /** Adds the result of an item of {@link #rest}, in any order. @param result what JSON can hold */
    public void add(Item item, Map<String, ?> result) throws IOException {
        Place place = place(item);
        write(row(place.at(), item, place.stamp(), "result", result));
    }

    /** As {@link #add}, of a result that is made again when the shard is done a second time: what may have been a passing fault. */
    public void addForNow(Item item, Map<String, ?> result) throws IOException {
        write(row(place(item).at(), item, Optional.empty(), "result", result));
    }

    /** Says that an item of {@link #rest} cannot be read. The next time it is tried again. */
    public void unreadable(Item item, IOException why) throws IOException {
        write(row(place(item).at(), item, Optional.empty(), "unreadable", String.valueOf(why.getMessage())));
    }

    /**
     * Says that all is there.
     *
     * @throws IllegalStateException if something is missing
     */
    public void finish() throws IOException {
        if (!open.isEmpty()) {
            throw new IllegalStateException(
                    "no result of " + open.keySet().iterator().next());
        }
        Map<String, Object> end = new LinkedHashMap<>();
        end.put("end", size);
        end.put("crc32c", Fingerprint.hex(crc));
        write(end);
        try {
            out.force(true);
        } catch (IOException e) {
            throw WriteFailed.of(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            out.close();
        }
    }

    private Place place(Item item) {
        Deque<Place> places = open.get(item);
        if (places == null) {
            throw new IllegalStateException(item + " has no open place in " + file);
        }
        Place place = places.remove();
        if (places.isEmpty()) {
            open.remove(item);
        }
        return place;
    }

    private void write(Map<String, Object> row) throws IOException {
        byte[] line = line(row);
        crc.update(line);
        ByteBuffer bytes = ByteBuffer.wrap(line);
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw WriteFailed.of(file, e);
        }
    }

    private static Map<String, Object> row(int at, Item item, Optional<Stamp> stamp, String key, Object value) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("at", at);
        row.put("file", PathText.of(item.file()));
        row.put("label", item.label());
        stamp.ifPresent(known -> {
            row.put("size", known.size());
            row.put("modified", known.modified());
        });
        row.put(key, value);
        return row;
    }

    private static Optional<Stamp> stampOf(JsonNode row) {
        return row.path("size").isIntegralNumber() && row.path("modified").isString()
                ? Optional.of(new Stamp(
                        row.path("size").longValue(), row.path("modified").asString()))
                : Optional.empty();
    }

    private static byte[] line(Map<String, Object> object) {
        return (JsonMapper.shared().writeValueAsString(object) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** What tells a list of items from any other, their order too. */
    private static String listOf(List<Item> items) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (Item item : items) {
                sha.update((PathText.of(item.file()) + '\0' + item.label() + '\0').getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The first line. @param files in all shards @param list what tells the list of them from any other */
    record Header(Shard shard, Job job, int files, String list) {
        private Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("kind", KIND);
            json.put(NewerFile.VERSION, VERSION);
            json.put("shard", shard.number());
            json.put("of", shard.count());
            json.put("command", job.command());
            json.put("network", job.network());
            json.put("options", job.options());
            json.put("classes", job.classes());
            json.put("files", files);
            json.put("list", list);
            return json;
        }

        private static Header of(Path file, JsonNode json) throws IOException {
            if (!json.path("kind").asString("").equals(KIND)) {
                throw new NotOfAShard(file);
            }
            NewerFile.refuse(file, json, VERSION);
            TreeMap<String, String> options = new TreeMap<>();
            json.path("options")
                    .properties()
                    .forEach(each -> options.put(each.getKey(), each.getValue().asString()));
            List<String> classes = new ArrayList<>();
            json.path("classes").forEach(name -> classes.add(name.asString()));
            try {
                return new Header(
                        new Shard(json.path("shard").intValue(), json.path("of").intValue()),
                        new Job(
                                json.path("command").asString(),
                                json.path("network").asString(),
                                options,
                                classes),
                        json.path("files").intValue(),
                        json.path("list").asString());
            } catch (IllegalArgumentException | JacksonException bad) {
                throw new DamagedFile(file, "does not say which shard it is of: " + bad.getMessage(), bad);
            }
        }
    }

    /** A file that is something else. */
    static final class NotOfAShard extends IOException {
        NotOfAShard(Path file) {
            super(file + " holds no results of a shard; 'embed', 'predict' and 'data scan' write them with --shard");
        }
    }

    /** What a file says in all. @param rows how many were read @param whole whether the last line is there */
    record Read(Header header, int rows, boolean whole) {}

    /** Takes the rows of a file. */
    @FunctionalInterface
    interface Rows {
        /** @param row one line */
        void take(JsonNode row) throws IOException;
    }

    /** The first line alone. */
    static Header header(Path file) throws IOException {
        try (Lines lines = new Lines(file)) {
            return lines.header();
        }
    }

    /**
     * Reads a file. What follows the last end of a line was torn off and is left out.
     *
     * @throws NotOfAShard if it is something else
     * @throws DamagedFile if a line makes no sense, or the sum of all is not what the last one says
     */
    static Read read(Path file, Rows rows) throws IOException {
        try (Lines lines = new Lines(file)) {
            Header header = lines.header();
            int count = 0;
            boolean whole = false;
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                String before = Fingerprint.hex(lines.crc); // of the lines above
                JsonNode row = lines.parse(line);
                if (whole) {
                    throw lines.damaged("goes on behind its end");
                }
                if (row.has("end")) {
                    boolean same = row.path("end").intValue() == count
                            && row.path("crc32c").asString("").equals(before);
                    if (!same) {
                        throw lines.damaged("has lines that are not those that were written");
                    }
                    whole = true;
                } else {
                    boolean sense = row.path("at").isIntegralNumber()
                            && row.path("file").isString()
                            && (row.path("result").isObject()
                                    || row.path("unreadable").isString());
                    if (!sense) {
                        throw lines.damaged("has a line " + lines.number + " that is no result");
                    }
                    rows.take(row);
                    count++;
                }
                lines.crc.update(line);
            }
            return new Read(header, count, whole);
        }
    }

    /** Whole lines of a file, with their ends. */
    private static final class Lines implements AutoCloseable {
        private static final int LONGEST_HEADER = 1 << 24;

        private final Path file;
        private final InputStream in;
        private final CRC32C crc = new CRC32C();
        private int number;

        private Lines(Path file) throws IOException {
            this.file = file;
            this.in = new BufferedInputStream(Files.newInputStream(RegularFile.require(file)), 1 << 16);
        }

        private byte @Nullable [] next() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                line.write(b);
                if (b == '\n') {
                    number++;
                    return line.toByteArray();
                }
                if (number == 0 && line.size() > LONGEST_HEADER) {
                    throw new NotOfAShard(file); // some large file without lines
                }
            }
            return null;
        }

        private Header header() throws IOException {
            byte[] first = next();
            if (first == null || first[0] != '{') {
                throw new NotOfAShard(file);
            }
            JsonNode json;
            try {
                json = JsonMapper.shared().readTree(first);
            } catch (JacksonException other) {
                throw new NotOfAShard(file);
            }
            Header header = Header.of(file, json);
            crc.update(first);
            return header;
        }

        private JsonNode parse(byte[] line) throws DamagedFile {
            try {
                return Objects.requireNonNull(JsonMapper.shared().readTree(line));
            } catch (JacksonException bad) {
                throw damaged("has a line " + number + " that is no JSON");
            }
        }

        private DamagedFile damaged(String what) {
            return new DamagedFile(file, what + "; delete it and do the shard again");
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
