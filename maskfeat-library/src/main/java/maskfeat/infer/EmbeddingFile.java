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
 * Features of files, as they are collected and written: a table that {@code numpy.load} reads, CSV or safetensors. For one
 * thread.
 */
public final class EmbeddingFile {
    private final List<Row> rows = new ArrayList<>();

    /** How they are written. */
    public enum Format {
        /** A float32 table, and beside it {@code NAME.names.csv} with the file of each row. */
        NPY,
        /** A row for each vector: file, start, end, numbers. */
        CSV,
        /** One tensor, {@code features}, with the files as {@code names} in the metadata. */
        SAFETENSORS;

        /**
         * The format that the name of a file says.
         *
         * @throws IllegalArgumentException if it ends in none of them
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
     * A vector.
     *
     * @param start of the part of the video that it is of, in seconds; empty for all of it
     * @param end of the part, in seconds; empty for all of it
     * @param features [C]
     */
    @SuppressWarnings("ArrayRecordComponent") // on its way into a file; nobody compares rows with equals
    public record Row(String file, OptionalDouble start, OptionalDouble end, float[] features) {
        private String times() {
            return time(start) + "," + time(end);
        }

        private static String time(OptionalDouble seconds) {
            return seconds.isEmpty() ? "" : String.format(Locale.ROOT, "%.3f", seconds.getAsDouble());
        }
    }

    /** Adds a whole file. */
    public void add(String file, float[] features) {
        rows.add(new Row(file, OptionalDouble.empty(), OptionalDouble.empty(), features));
    }

    /** Adds the windows of a video, of each the features after the first block. */
    public void add(String file, List<WindowFeatures> windows) {
        windows.forEach(window -> rows.add(new Row(
                file,
                OptionalDouble.of(window.startSeconds()),
                OptionalDouble.of(window.endSeconds()),
                window.features()[0])));
    }

    /** All vectors so far, in their order. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /**
     * Writes all of it, each file whole or not at all.
     *
     * @param out file to write
     * @return what was written
     * @throws IllegalStateException if there is no vector
     */
    public List<Path> write(Path out, Format format) throws IOException {
        if (rows.isEmpty()) {
            throw new IllegalStateException("there are no features to be written to " + out);
        }
        switch (format) {
            case NPY -> {
                String name = String.valueOf(out.getFileName());
                Path names = out.resolveSibling(name.substring(0, name.length() - ".npy".length()) + ".names.csv");
                // The table last: where it is, its names are.
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
