package maskfeat.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** How many operations a second a device makes in one large matrix product: what nothing that is made of products exceeds. */
public final class ProductRate implements AutoCloseable {
    /** A device does not change while a process runs; threads may. */
    private record Kind(String device, Precision precision, int threads) {}

    private static final double ENOUGH_SECONDS = 0.2;
    private static final int ENOUGH = 3;
    private static final Map<Kind, Double> KNOWN = new ConcurrentHashMap<>();

    private final Device device;
    private final Tensor left;
    private final Tensor right;
    private final long rows;
    private final long inner;
    private final long columns;
    private final List<Double> rates = new ArrayList<>();

    /** Of float32 or bfloat16; not {@link Precision#AUTO}. */
    public ProductRate(Device device, Precision precision) {
        this(device, precision, 1536, 3072);
    }

    /** The sizes are those on a processor: a card's product is large in any case. */
    private ProductRate(Device device, Precision precision, long rows, long columns) {
        this.device = device;
        this.rows = device.is_cuda() ? 8192 : rows;
        inner = device.is_cuda() ? 8192 : 768;
        this.columns = device.is_cuda() ? 8192 : columns;
        ScalarType type = switch (precision) {
            case FLOAT32 -> ScalarType.Float;
            case BFLOAT16 -> ScalarType.BFloat16;
            case AUTO -> throw new IllegalStateException("which precision was never decided");
        };
        try (PointerScope scope = new PointerScope()) {
            left = Scopes.keep(torch.ones(new long[] {this.rows, inner}).to(device, type));
            right = Scopes.keep(torch.ones(new long[] {inner, this.columns}).to(device, type));
            torch.mm(left, right); // the first time, kernels are made
        }
    }

    /**
     * Operations a second, as a process measures it once, in a tenth of a second or so: less exact than a rate that is measured
     * between the steps that it is held against.
     */
    public static double once(Device device, Precision precision) {
        return KNOWN.computeIfAbsent(
                new Kind(Devices.name(device), precision, torch.get_num_threads()), kind -> quickly(device, precision));
    }

    /**
     * What share of a large product's rate is reached. No step is faster than a product: where one seems to be, the machine was
     * busy when the product was measured, so that it is measured once more.
     *
     * @param reached operations a second
     * @return 0 to 1; NaN while no product is as fast as what was reached, because the machine is busy now too
     */
    public static double share(double reached, Device device, Precision precision) {
        double rate = once(device, precision);
        if (reached > rate) {
            Kind kind = new Kind(Devices.name(device), precision, torch.get_num_threads());
            rate = KNOWN.merge(kind, quickly(device, precision), Math::max);
        }
        return reached > rate ? Double.NaN : reached / rate;
    }

    private static double quickly(Device device, Precision precision) {
        // A sixth of the other's operations, at the same rate: every run waits for it at its first report.
        try (ProductRate rate = new ProductRate(device, precision, 512, 1536)) {
            long start = System.nanoTime();
            do {
                rate.measure();
            } while (rate.rates.size() < ENOUGH && (System.nanoTime() - start) * 1e-9 < ENOUGH_SECONDS);
            return rate.median();
        }
    }

    /** Multiplies once. */
    public void measure() {
        try (PointerScope scope = new PointerScope()) {
            Devices.waitFor(device);
            long start = System.nanoTime();
            torch.mm(left, right);
            Devices.waitFor(device);
            rates.add(2.0 * rows * inner * columns / (System.nanoTime() - start) * 1e9);
        }
    }

    /** Operations a second, the median of what was measured; NaN if nothing was. */
    public double median() {
        List<Double> sorted = rates.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }

    /** The sizes of the product, such as "1536 x 768 x 3072". */
    public String sizes() {
        return rows + " x " + inner + " x " + columns;
    }

    @Override
    public void close() {
        Scopes.release(left);
        Scopes.release(right);
    }
}
