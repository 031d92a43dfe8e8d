package maskfeat.network;

import java.util.LinkedHashMap;
import java.util.Map;
import maskfeat.model.Backbone;
import maskfeat.model.ClipSize;
import maskfeat.model.Detector;
import org.bytedeco.pytorch.Device;

/**
 * A detector for frames of any size. For each size that occurs there is a network, and all share the weights of one; positions
 * are resized from that, each once. For one thread at a time.
 */
public final class DetectorSizes implements AutoCloseable {
    /** Sizes that are kept: each needs little but its positions, yet cameras of many shapes are rare. */
    private static final int MOST = 16;

    private final Backbone.Config config;
    private final ClipSize size;
    private final Detector network;
    private final int classes;
    private final Device device;
    private final Map<ClipSize, Detector> others = new LinkedHashMap<>();

    /**
     * @param spec of {@code network}, which stays its owner's
     * @param classes number of its outputs
     */
    public DetectorSizes(NetworkSpec spec, Detector network, int classes, Device device) {
        this.config = spec.backbone();
        this.size = spec.size();
        this.network = network;
        this.classes = classes;
        this.device = device;
    }

    /** The network for clips of a size, in evaluation mode unless it is the original. */
    public Detector at(ClipSize wanted) {
        if (wanted.equals(size)) {
            return network;
        }
        Detector known = others.get(wanted);
        if (known == null) {
            if (others.size() >= MOST) {
                close();
            }
            known = NetworkSpec.on(device, 0, init -> new Detector(config.build(wanted, init), 0, classes, init));
            known.train(false);
            share(wanted, known);
            others.put(wanted, known);
        }
        known.backbone().computeAs(network.backbone());
        return known;
    }

    /** To be called when the weights have changed: resized positions follow. */
    public void refresh() {
        others.forEach(this::share);
    }

    private void share(ClipSize wanted, Detector other) {
        Transfer.share(network.parameters(), config.embedGrid(size), other.parameters(), config.embedGrid(wanted));
    }

    @Override
    public void close() {
        others.values().forEach(Detector::close);
        others.clear();
    }
}
