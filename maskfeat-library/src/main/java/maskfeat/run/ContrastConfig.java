package maskfeat.run;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.util.Map;
import maskfeat.augment.Recolour;
import maskfeat.model.Backbone;
import maskfeat.model.Contrast;
import maskfeat.network.ContrastHead;
import maskfeat.network.NetworkSpec;
import maskfeat.report.Yardstick;
import org.bytedeco.pytorch.Device;

/**
 * Contrastive learning of images, MoCo v3 (Chen et al. 2021): pre-training without labels. Of all images of a batch, the
 * network must find the one that another view is of.
 *
 * @param hidden width of the hidden layers of projector and predictor, which are thrown away after training
 * @param out width of what is compared
 * @param temperature that similarities are divided by
 * @param momentum share of itself that the momentum encoder keeps in the first step; it rises to 1 by half a cosine
 * @param first what becomes of the colours of the first view
 * @param second what becomes of the colours of the second view
 */
@JsonTypeName("contrast")
public record ContrastConfig(int hidden, int out, double temperature, double momentum, Recolour first, Recolour second)
        implements TaskConfig {
    public ContrastConfig {
        new Contrast.Widths(hidden, out); // refuses
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature " + temperature + " must be above 0; 0.2 is usual");
        }
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException(
                    "momentum " + momentum + " must be at least 0 and below 1; 0.99 is usual");
        }
    }

    /** What {@code kind: contrast} begins with: MoCo v3's numbers. */
    public static ContrastConfig defaults() {
        return new ContrastConfig(
                Contrast.Widths.PAPER.hidden(),
                Contrast.Widths.PAPER.out(),
                0.2,
                0.99,
                Recolour.FIRST,
                Recolour.SECOND);
    }

    ContrastHead head() {
        return new ContrastHead(hidden, out);
    }

    @Override
    public boolean comparesSamples() {
        return true;
    }

    /** Of how many images one is to be found, and how sharply similarities are told apart. */
    @Override
    public Yardstick lossOf(Run.Train train) {
        return new Yardstick(
                kind() + " of " + train.microBatch(),
                Map.of("task", kind(), "loss", temperature + " " + train.microBatch()));
    }

    @Override
    public int clipsOfASample() {
        return 2; // views
    }

    @Override
    public String command() {
        return "pretrain";
    }

    @Override
    public void check(Run.Data data, Backbone.Config model, Run.Train train) {
        head().check(data.input(), model);
        if (train.accumulate() > 1) {
            throw new IllegalArgumentException(
                    "train.accumulate is " + train.accumulate() + ", and contrastive learning"
                            + " compares the images of a micro-batch only with each other, so that micro-batches are not the whole"
                            + " batch; set it to 1, and train.batch to " + train.stepSize() + " if memory allows");
        }
        if (train.microBatch() < 2) {
            throw new IllegalArgumentException(
                    "train.batch is 1, and contrastive learning compares the images of a batch"
                            + " with each other; raise it, to 128 or more if memory allows");
        }
    }

    @Override
    public void check(Run.Augmentation augment) {
        if (augment.rand() != null) {
            throw new IllegalArgumentException(
                    "augment.rand would do nothing: the views of contrastive learning are changed"
                            + " as task.first and task.second say; set it to null");
        }
        if (augment.repeat() > 1) {
            throw new IllegalArgumentException(
                    "augment.repeat is " + augment.repeat() + ", and contrastive learning would"
                            + " take copies of one image for different images; set it to 1");
        }
    }

    @Override
    public NetworkSpec spec(Run run, RunData data) {
        return new NetworkSpec(run.data().input(), run.model(), head());
    }

    @Override
    public TaskPlan<?> plan(Run run, RunData data, Device device) {
        return new ContrastPlan(run, this, data, spec(run, data), device);
    }

    @Override
    public RunData open(Run run) throws IOException {
        return RunData.unlabelled(run);
    }
}
