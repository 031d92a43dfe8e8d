package maskfeat.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import maskfeat.cli.WindowOptions;
import maskfeat.data.ImageDataset;
import maskfeat.data.VideoDataset;
import maskfeat.network.Input;
import maskfeat.network.OpenedWeights;
import maskfeat.torch.Precision;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which network looks at the files, and how executors compute. */
final class NetworkOptions {
    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description =
                    "Run folder, checkpoint folder or model.safetensors on the driver's machine; or model.safetensors in a"
                            + " file system that Hadoop reaches, with its scheme.")
    private String checkpoint = "";

    @Mixin
    private WindowOptions looking = new WindowOptions();

    @Option(
            names = "--device",
            description =
                    "cpu, cuda, cuda:N or auto, which is the card that Spark gives to a task, where it gives some."
                            + " Default: ${DEFAULT-VALUE}.")
    private String device = "auto";

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "Number of views computed together. With 1 a row depends on its file alone; with more its last digits"
                            + " may depend on the files beside it. Default: ${DEFAULT-VALUE}.")
    private int batch = 1;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Number of computing threads of a task. Default: spark.task.cpus.")
    private int threads;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            description = "In which numbers the backbone multiplies: float32 or bfloat16. Default: ${DEFAULT-VALUE}.")
    private String precision = "float32";

    /** Checks the options against each other. */
    void check() {
        looking.check();
        if (Precision.named(precision) == Precision.AUTO) {
            throw new IllegalArgumentException(
                    "--precision " + precision + " would be another on each kind of executor; say float32 or bfloat16");
        }
        if (batch < 1 || threads < 0) {
            throw new IllegalArgumentException(
                    "--batch " + batch + " must be at least 1, --threads " + threads + " must not be negative");
        }
    }

    /**
     * Opens the weights.
     *
     * @throws IllegalArgumentException if they are of another program, or the options do not go with them
     */
    OpenedWeights open(Configuration hadoop) throws IOException {
        OpenedWeights weights = OpenedWeights.open(here(hadoop));
        try {
            if (!weights.areOurs()) {
                throw new IllegalArgumentException(
                        weights.file() + " holds weights of another program; make a file of ours"
                                + " of them first: maskfeat weights convert " + weights.file() + " model.safetensors");
            }
            if (weights.isDetector()) {
                throw new IllegalArgumentException(weights.file()
                        + " is a detector of actions, which looks around boxes; such jobs are for 'maskfeat predict'");
            }
            looking.views().check(weights.spec().input().clip());
            looking.sliding(weights.spec().input().clip());
            return weights;
        } catch (RuntimeException refused) {
            weights.close();
            throw refused;
        }
    }

    /** What lies elsewhere is copied. */
    private Path here(Configuration hadoop) throws IOException {
        org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(checkpoint);
        String scheme = remote.toUri().getScheme();
        if (scheme == null) {
            return Path.of(checkpoint);
        }
        if (scheme.equals("file")) {
            return Path.of(remote.toUri().getPath());
        }
        FileSystem files = remote.getFileSystem(hadoop);
        if (!files.getFileStatus(remote).isFile()) {
            throw new IllegalArgumentException(checkpoint + " is a folder; name the file of weights in it, such as "
                    + checkpoint + "/model.safetensors");
        }
        Path copy = Files.createTempDirectory("maskfeat").resolve(remote.getName());
        files.copyToLocalFile(false, remote, new org.apache.hadoop.fs.Path(copy.toUri()), true);
        copy.toFile().deleteOnExit();
        return copy;
    }

    /** Gives the weights to all executors. @param identity of them */
    Network send(SparkSession spark, OpenedWeights weights, String identity) throws IOException {
        String name = identity + ".safetensors";
        Path folder = Files.createTempDirectory("maskfeat");
        Path named = folder.resolve(name);
        try {
            Files.createSymbolicLink(named, weights.file().toRealPath());
        } catch (IOException | UnsupportedOperationException noLinks) {
            Files.copy(weights.file(), named);
        }
        named.toFile().deleteOnExit();
        spark.sparkContext().addFile(named.toUri().toString());
        int cpus = Integer.parseInt(spark.sparkContext().conf().get("spark.task.cpus", "1"));
        return new Network(name, identity, device, precision, batch, threads == 0 ? cpus : threads);
    }

    Decoding decoding(OpenedWeights weights) {
        Input input = weights.spec().input();
        return Decoding.ofClips("", looking.views(), looking.sliding(input.clip()));
    }

    /** What changes results, for the table. */
    SortedMap<String, String> said(Map<String, String> more) {
        SortedMap<String, String> said = new TreeMap<>(looking.said());
        said.put("--precision", precision);
        said.putAll(more);
        return said;
    }

    /** Which files of a folder the network looks at, by their ending. */
    static Predicate<String> endings(OpenedWeights weights) {
        return weights.spec().input().ofImages() ? ImageDataset.ENDINGS::contains : VideoDataset.ENDINGS::contains;
    }

    static String noun(OpenedWeights weights) {
        return weights.spec().input().ofImages() ? "image" : "video";
    }
}
