package maskfeat.infer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.eval.Csv;
import maskfeat.weights.DType;
import maskfeat.weights.Npy;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorEntry;
import tools.jackson.core.io.NumberOutput;
import tools.jackson.databind.json.JsonMapper;

/**
 * Collects features of files and writes them as a table for {@code numpy.load}, CSV or safetensors. Not thread-safe.
 */
public final class EmbeddingFile {
    private final List<Row> rows = new ArrayList<>();

    /** The file formats. */
    public enum Format {
        /** A float32 table, with {@code NAME.names.csv} beside it, which names the file of each row. */
        NPY,
        /** A row for each vector: file, start, end, values. */
        CSV,
        /** One tensor, {@code features}, with the files as {@code names} in the metadata. */
        SAFETENSORS;

        /**
         * The format for the name of a file.
         *
         * @throws IllegalArgumentException if the name has none of the endings
         */
        public static Format of(Path file) {
            String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
            for (Format format : values()) {
                String ending = "." + format.name().toLowerCase(Locale.ROOT);
                if (name.endsWith(ending) && name.length() > ending.length()) {
                    return format;
                }
            }
            throw new IllegalArgumentException(
                    file + ": the name must end in .npy, .csv or .safetensors, which says what is written");
        }
    }

    /**
     * A feature vector.
     *
     * @param start of the window of the video, in seconds; empty for a whole file
     * @param end of the window, in seconds; empty for a whole file
     * @param features [C]
     */
    @SuppressWarnings("ArrayRecordComponent") // to be written, never compared
    public record Row(String file, OptionalDouble start, OptionalDouble end, float[] features) {
        /** Of a whole file. */
        public static Row of(String file, float[] features) {
            return new Row(file, OptionalDouble.empty(), OptionalDouble.empty(), features);
        }

        /** Of a window of a video, with the features of the first of its blocks. */
        public static Row of(String file, WindowFeatures window) {
            return new Row(
                    file,
                    OptionalDouble.of(window.startSeconds()),
                    OptionalDouble.of(window.endSeconds()),
                    window.features()[0]);
        }

        private String times() {
            return time(start) + "," + time(end);
        }

        private static String time(OptionalDouble seconds) {
            return seconds.isEmpty() ? "" : String.format(Locale.ROOT, "%.3f", seconds.getAsDouble());
        }
    }

    /** Adds vectors. */
    public void add(List<Row> more) {
        rows.addAll(more);
    }

    /** All vectors so far, in the order they were added. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /**
     * Writes all vectors, each file atomically.
     *
     * @param out file to write
     * @return the written files
     * @throws IllegalStateException if there are no vectors
     */
    public List<Path> write(Path out, Format format) throws IOException {
        if (rows.isEmpty()) {
            throw new IllegalStateException("there are no features to write to " + out);
        }
        switch (format) {
            case NPY -> {
                String name = String.valueOf(out.getFileName());
                Path names = out.resolveSibling(name.substring(0, name.length() - ".npy".length()) + ".names.csv");
                // The table last, so that its names exist if it does.
                AtomicFile.write(names, Content.of(names().getBytes(StandardCharsets.UTF_8)));
                AtomicFile.write(
                        out, Npy.content(rows.stream().map(Row::features).toList(), columns()));
                return List.of(out, names);
            }
            case CSV -> AtomicFile.write(out, csv());
            case SAFETENSORS -> Safetensors.write(out, metadata(), List.of(new Safetensors.Source(entry(), data())));
        }
        return List.of(out);
    }

    private int columns() {
        return rows.get(0).features().length;
    }

    private String names() {
        StringBuilder text = new StringBuilder("row,file,start,end\n");
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            text.append(i).append(',').append(Csv.field(row.file())).append(',');
            text.append(row.times()).append('\n');
        }
        return text.toString();
    }

    private Content csv() {
        return out -> {
            StringBuilder text = new StringBuilder("file,start,end");
            for (int c = 0; c < columns(); c++) {
                text.append(",f").append(c);
            }
            for (Row row : rows) {
                text.append('\n').append(Csv.field(row.file())).append(',').append(row.times());
                for (float number : row.features()) {
                    text.append(',').append(NumberOutput.toString(number, /* useFastWriter= */ true));
                }
                out.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
                text.setLength(0);
            }
            out.write(ByteBuffer.wrap(new byte[] {'\n'}));
        };
    }

    private Map<String, String> metadata() {
        JsonMapper json = JsonMapper.shared();
        return Map.of(
                "names", json.writeValueAsString(rows.stream().map(Row::file).toList()));
    }

    private TensorEntry entry() {
        return new TensorEntry("features", DType.F32, List.of((long) rows.size(), (long) columns()));
    }

    private Content data() {
        return out -> {
            for (Row row : rows) {
                ByteBuffer bytes = ByteBuffer.allocate(columns() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(row.features());
                out.write(bytes);
            }
        };
    }
}
