package maskfeat.serve;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;

/** What a service counts, in the text form that Prometheus reads. Thread-safe. */
final class ServiceMetrics {
    private static final double[] SECONDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
    private static final double[] SIZES = {1, 2, 4, 8, 16, 32, 64};

    private static final class Histogram {
        private final double[] bounds;
        private final long[] counts;
        private double sum;

        Histogram(double[] bounds) {
            this.bounds = bounds;
            this.counts = new long[bounds.length + 1];
        }

        synchronized void add(double value) {
            int place = 0;
            while (place < bounds.length && value > bounds[place]) {
                place++;
            }
            counts[place]++;
            sum += value;
        }

        synchronized void write(String name, String label, StringBuilder out) {
            long all = 0;
            for (int i = 0; i < counts.length; i++) {
                all += counts[i];
                String bound = i < bounds.length ? number(bounds[i]) : "+Inf";
                out.append(name + "_bucket{" + label + ",le=\"" + bound + "\"} " + all + "\n");
            }
            out.append(name + "_sum{" + label + "} " + sum + "\n");
            out.append(name + "_count{" + label + "} " + all + "\n");
        }
    }

    private final Map<String, LongAdder> requests = new TreeMap<>();
    private final Map<String, Histogram> seconds = new TreeMap<>();
    private final Map<String, Histogram> sizes = new TreeMap<>();
    private final Map<String, IntSupplier> waiting = new TreeMap<>();

    /** @param route one of a few, never what a client wrote */
    void answered(String route, int code, double took) {
        LongAdder count;
        Histogram times;
        synchronized (this) {
            String labels = label("route", route) + "," + label("code", String.valueOf(code));
            count = requests.computeIfAbsent(labels, key -> new LongAdder());
            times = seconds.computeIfAbsent(label("route", route), key -> new Histogram(SECONDS));
        }
        count.increment();
        times.add(took);
    }

    void computed(String model, int views) {
        Histogram of;
        synchronized (this) {
            of = sizes.computeIfAbsent(label("model", model), key -> new Histogram(SIZES));
        }
        of.add(views);
    }

    synchronized void queue(String model, IntSupplier length) {
        waiting.put(label("model", model), length);
    }

    /**
     * @param ready whether requests are taken
     * @param admitted number of requests that are worked on or wait
     */
    synchronized String text(boolean ready, int admitted) {
        StringBuilder out = new StringBuilder();
        head("maskfeat_ready", "gauge", "Whether requests are taken.", out);
        out.append("maskfeat_ready " + (ready ? 1 : 0) + "\n");
        head("maskfeat_requests_total", "counter", "Answers, by route and HTTP code.", out);
        requests.forEach((labels, count) -> out.append("maskfeat_requests_total{" + labels + "} " + count + "\n"));
        head("maskfeat_request_seconds", "histogram", "From the first line of a request to its answer.", out);
        seconds.forEach((label, times) -> times.write("maskfeat_request_seconds", label, out));
        head("maskfeat_requests_admitted", "gauge", "Requests that are worked on or wait; bounded by --queue.", out);
        out.append("maskfeat_requests_admitted " + admitted + "\n");
        head("maskfeat_queue_length", "gauge", "Files that are read and wait for the network.", out);
        waiting.forEach(
                (label, length) -> out.append("maskfeat_queue_length{" + label + "} " + length.getAsInt() + "\n"));
        head("maskfeat_batch_size", "histogram", "Views that went through the network together.", out);
        sizes.forEach((label, of) -> of.write("maskfeat_batch_size", label, out));
        return out.toString();
    }

    private static void head(String name, String type, String help, StringBuilder out) {
        out.append("# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n");
    }

    private static String label(String name, String value) {
        return name + "=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    private static String number(double bound) {
        return bound == Math.rint(bound) ? String.format(Locale.ROOT, "%.0f", bound) : String.valueOf(bound);
    }
}
