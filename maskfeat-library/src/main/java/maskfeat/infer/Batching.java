package maskfeat.infer;

import maskfeat.data.Views;

/**
 * How items are batched through a network.
 *
 * @param views of each item, over which results are averaged
 * @param batch number of views computed together; changes results only by rounding
 * @param threads that read and decode; does not change results
 */
public record Batching(Views views, int batch, int threads) {
    public Batching {
        if (batch < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "a batch of " + batch + " views on " + threads + " threads: both must be at least 1");
        }
    }

    /** Uses one reading thread for every two cores, because the others compute. */
    public static Batching of(Views views, int batch) {
        return new Batching(views, batch, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }
}
