package maskfeat.infer;

import maskfeat.data.Views;

/**
 * How many items are taken through a network.
 *
 * @param views of each item, whose results are averaged
 * @param batch views that go through the network together; changes results by rounding at most
 * @param threads that read and decode; changes no result
 */
public record Batching(Views views, int batch, int threads) {
    public Batching {
        if (batch < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "a batch of " + batch + " views on " + threads + " threads: both must be at least 1");
        }
    }

    /** Read by a thread for every two cores: the others compute. */
    public static Batching of(Views views, int batch) {
        return new Batching(views, batch, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }
}
