package maskfeat.spark;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;

/** The entry for {@code spark-submit}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        JavaCpp.settings();
        CommandLine line = Jobs.line()
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = line.execute(args);
        } finally {
            if (SparkSession.getDefaultSession().isDefined()) {
                SparkSession.getDefaultSession().get().stop();
            }
        }
        // YARN takes a driver in the cluster that ends by exit for one that failed, whatever the code.
        if (code != 0) {
            System.exit(code);
        }
    }
}
