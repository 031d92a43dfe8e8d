package maskfeat.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.NewerFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder of Parquet files with one row a file, to which each job adds. Beside them stands {@value #RECORD}: of what command and
 * options the rows are, and which networks made them.
 */
final class Table {
    /** Readers of Parquet pass over names that begin so. */
    static final String RECORD = "_maskfeat.json";

    private static final String KIND = "maskfeat table";
    private static final int VERSION = 1;

    private final String place;
    private final StructType schema;

    private Table(String place, StructType schema) {
        this.place = place;
        this.schema = schema;
    }

    /**
     * What the rows of a job are of.
     *
     * @param command such as {@code embed}
     * @param options by the names that a person gives them by; what changes results
     * @param model what tells the network from any other; null where there is none
     * @param classes of the network, where scores are written
     */
    record Job(
            String command,
            SortedMap<String, String> options,
            @Nullable String model,
            List<String> classes) {}

    /**
     * Begins a table, or opens one for further rows.
     *
     * @throws IllegalArgumentException if there is something else, or a table of another command or of other options
     */
    static Table open(Configuration hadoop, String place, StructType schema, Job job) throws IOException {
        Path folder = new Path(place);
        FileSystem files = folder.getFileSystem(hadoop);
        Path record = new Path(folder, RECORD);
        Optional<JsonNode> found = read(files, record);
        if (found.isEmpty() && files.exists(folder) && files.listStatus(folder).length > 0) {
            throw new IllegalArgumentException(
                    "--out " + place + " is there and is no table of this program; give another" + " folder");
        }
        Map<String, Object> networks = new LinkedHashMap<>();
        if (found.isPresent()) {
            refuseOther(place, found.get(), job);
            found.get().path("networks").properties().forEach(each -> networks.put(each.getKey(), each.getValue()));
        }
        if (job.model() != null) {
            networks.put(job.model(), Map.of("classes", job.classes()));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", KIND);
        json.put(NewerFile.VERSION, VERSION);
        json.put("command", job.command());
        json.put("options", job.options());
        json.put("networks", networks);
        byte[] bytes = JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
        try (OutputStream out = files.create(record, true)) {
            out.write(bytes);
        }
        return new Table(files.makeQualified(folder).toString(), schema);
    }

    private static Optional<JsonNode> read(FileSystem files, Path record) throws IOException {
        try (InputStream in = files.open(record)) {
            JsonNode json = JsonMapper.shared().readTree(in.readAllBytes());
            java.nio.file.Path name = java.nio.file.Path.of(record.toString());
            if (!json.path("kind").asString("").equals(KIND)) {
                throw new DamagedFile(name, "is not the record of a table; move it away, or give another --out");
            }
            NewerFile.refuse(name, json, VERSION);
            return Optional.of(json);
        } catch (FileNotFoundException none) {
            return Optional.empty();
        } catch (JacksonException bad) {
            throw new DamagedFile(
                    java.nio.file.Path.of(record.toString()), "is damaged: " + bad.getOriginalMessage(), bad);
        }
    }

    private static void refuseOther(String place, JsonNode found, Job job) {
        String command = found.path("command").asString("");
        if (!command.equals(job.command())) {
            throw new IllegalArgumentException("--out " + place + " holds rows of " + command + ", not of "
                    + job.command() + "; give another --out");
        }
        Map<String, String> before = new TreeMap<>();
        found.path("options")
                .properties()
                .forEach(each -> before.put(each.getKey(), each.getValue().asString("")));
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(job.options().keySet());
        for (String name : names) {
            String was = before.getOrDefault(name, "not said");
            String is = job.options().getOrDefault(name, "not said");
            if (!was.equals(is)) {
                throw new IllegalArgumentException("--out " + place + " holds rows that were made with " + name + " "
                        + was + ", not " + is + "; give another --out");
            }
        }
    }

    /** Where it is, with its scheme. */
    String place() {
        return place;
    }

    /** All rows of a network, or of scans. */
    Dataset<Row> rows(SparkSession spark, @Nullable String model) {
        Dataset<Row> all = spark.read().schema(schema).parquet(place);
        return model == null ? all : all.filter(functions.col(Rows.MODEL).equalTo(model));
    }

    /** Those of the files that have no row yet for this path, size and network; passing faults are done again. */
    List<RemoteFile> rest(SparkSession spark, List<RemoteFile> files, @Nullable String model) {
        Dataset<Row> done = rows(spark, model)
                .filter(functions.not(functions.col(Rows.VERDICT).isin(Verdicts.PASSING.toArray())))
                .select(Rows.PATH, Rows.BYTES)
                .distinct();
        List<Row> keys = new ArrayList<>();
        files.forEach(file -> keys.add(RowFactory.create(file.path(), file.bytes())));
        Dataset<Row> wanted = spark.createDataFrame(keys, Rows.ofKeys());
        Set<String> rest = new HashSet<>();
        wanted.join(
                        done,
                        CollectionConverters.asScala(List.of(Rows.PATH, Rows.BYTES))
                                .toSeq(),
                        "left_anti")
                .toLocalIterator()
                .forEachRemaining(row -> rest.add(row.getString(0)));
        return files.stream().filter(file -> rest.contains(file.path())).toList();
    }

    /** Adds rows; all of them or none are there afterwards. */
    void add(Dataset<Row> rows) {
        rows.write().mode("append").parquet(place);
    }
}
