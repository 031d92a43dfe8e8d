package maskfeat.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import maskfeat.infer.Inference;
import maskfeat.torch.Precision;
import maskfeat.torch.Threads;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The network as it travels to executors.
 *
 * @param file name of its weights among the files of the job
 * @param identity what tells it from any other
 * @param device where to compute; {@code auto} takes the card that Spark gives to the task
 * @param precision by name
 * @param batch number of views computed together
 * @param threads number of computing threads of a task
 */
record Network(String file, String identity, String device, String precision, int batch, int threads)
        implements Serializable {
    private static final long serialVersionUID = 1;
    private static final String AUTO = "auto";

    /** One an executor and device. */
    private static final Map<String, Inference> OPEN = new HashMap<>();

    /** Where the weights lie on this machine. */
    Path weights() {
        return Path.of(SparkFiles.get(file));
    }

    /** The network of this executor, for the thread of a task. */
    Inference open() throws IOException {
        String place = place();
        synchronized (OPEN) {
            Inference network = OPEN.get(identity + place + precision);
            if (network == null) {
                network = Inference.open(weights(), place).in(Precision.named(precision));
                OPEN.put(identity + place + precision, network);
            }
            Threads.use(threads);
            return network;
        }
    }

    private String place() {
        if (!device.equals(AUTO)) {
            return device;
        }
        ResourceInformation cards = TaskContext.get().resourcesJMap().get("gpu");
        return cards == null ? AUTO : "cuda:" + cards.addresses()[0];
    }
}
