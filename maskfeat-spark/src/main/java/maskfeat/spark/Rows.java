package maskfeat.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import maskfeat.data.Scan;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The columns of the tables, and rows of them. */
final class Rows {
    static final String PATH = "path";
    static final String BYTES = "bytes";
    static final String VERDICT = "verdict";
    static final String MODEL = "model";
    static final String VECTOR = "vector";
    static final String SCORES = "scores";
    static final String WINDOWS = "windows";

    private static final List<StructField> OF_ALL = List.of(
            field(PATH, DataTypes.StringType),
            field(BYTES, DataTypes.LongType),
            field("seconds", DataTypes.DoubleType),
            field(VERDICT, DataTypes.StringType),
            field("error", DataTypes.StringType),
            field(MODEL, DataTypes.StringType));

    private Rows() {}

    private static StructField field(String name, DataType type) {
        return DataTypes.createStructField(name, type, true);
    }

    private static StructType with(StructField... more) {
        List<StructField> fields = new ArrayList<>(OF_ALL);
        fields.addAll(List.of(more));
        return DataTypes.createStructType(fields);
    }

    private static StructField floats(String name) {
        return field(name, DataTypes.createArrayType(DataTypes.FloatType, false));
    }

    private static StructField windows(String numbers) {
        return field(
                WINDOWS,
                DataTypes.createArrayType(
                        DataTypes.createStructType(List.of(
                                field("start", DataTypes.DoubleType),
                                field("end", DataTypes.DoubleType),
                                floats(numbers))),
                        false));
    }

    /** What a file is known by. */
    static StructType ofKeys() {
        return DataTypes.createStructType(List.of(field(PATH, DataTypes.StringType), field(BYTES, DataTypes.LongType)));
    }

    /** Of files with a vector each, or with one a window. */
    static StructType ofVectors(boolean ofWindows) {
        return with(ofWindows ? windows(VECTOR) : floats(VECTOR));
    }

    /** Of files with scores each, or with the mean over their windows and these beside. */
    static StructType ofScores(boolean ofWindows) {
        return ofWindows ? with(floats(SCORES), windows(SCORES)) : with(floats(SCORES));
    }

    static StructType ofFindings() {
        return with(
                field("kind", DataTypes.StringType),
                field("width", DataTypes.IntegerType),
                field("height", DataTypes.IntegerType),
                field("frames", DataTypes.IntegerType),
                field("rate", DataTypes.DoubleType),
                field("codec", DataTypes.StringType));
    }

    /** A row of a file that could be read. */
    static Row ok(RemoteFile file, double seconds, String model, List<?> results) {
        List<@Nullable Object> row = new ArrayList<>();
        row.add(file.path());
        row.add(file.bytes());
        row.add(seconds);
        row.add(Verdicts.OK);
        row.add(null);
        row.add(model);
        row.addAll(results);
        return RowFactory.create(row.toArray());
    }

    /** A row of a file that could not. @param columns of the table */
    static Row bad(RemoteFile file, String verdict, @Nullable String why, @Nullable String model, int columns) {
        @Nullable Object[] row = new @Nullable Object[columns];
        row[0] = file.path();
        row[1] = file.bytes();
        row[3] = verdict;
        row[4] = why;
        row[5] = model;
        return RowFactory.create(row);
    }

    static Row of(RemoteFile file, Scan.Finding finding) {
        Scan.Facts facts = finding.facts();
        boolean known = facts.kind() != Scan.Kind.UNKNOWN;
        return RowFactory.create(
                file.path(),
                file.bytes(),
                known ? facts.seconds() : null,
                finding.verdict(),
                finding.reason().isEmpty() ? null : finding.reason(),
                null,
                facts.kind().name().toLowerCase(Locale.ROOT),
                known ? facts.width() : null,
                known ? facts.height() : null,
                known ? facts.frames() : null,
                known ? facts.rate() : null,
                known ? facts.codec() : null);
    }
}
