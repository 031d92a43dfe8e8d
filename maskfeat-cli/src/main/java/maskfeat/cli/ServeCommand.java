package maskfeat.cli;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import maskfeat.disk.PathText;
import maskfeat.infer.Inference;
import maskfeat.media.MediaSource;
import maskfeat.network.OpenedWeights;
import maskfeat.people.PeopleFinder;
import maskfeat.serve.People;
import maskfeat.serve.ServeOptions;
import maskfeat.serve.Service;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat serve}. */
@Command(
        name = "serve",
        description =
                "Answers over HTTP what networks say of images or videos: a page in the browser, plain requests with"
                        + " a file as body, and the Open Inference Protocol. Ends when it is told to stop, after the"
                        + " requests that it has.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat serve runs/actions",
            "  maskfeat serve photos=runs/photos/best --port 9000 --max-delay 5",
            "",
            "POST a file to /v1/predict?top=5 or /v1/embed; /v2 is the protocol, /metrics has figures for Prometheus, / is"
                    + " the page. There is no password and no encryption: a host other than this machine's own belongs"
                    + " behind a proxy that has them. docs/serving.md says more.",
            "",
            "Exit codes: 2 usage or the port is taken, 3 input missing or unusable, 6 out of memory,",
            "75 stopped by SIGINT or SIGTERM, 130 and 143 by a second one at once."
        })
final class ServeCommand implements Callable<Integer>, MemoryAdvice {
    private static final long LOOK_MILLIS = 50;
    private static final double MOST_SECONDS = 1e6;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "CHECKPOINT",
            arity = "1..*",
            description =
                    "Run folders, checkpoint folders or model.safetensors, of pre-training or of fine-tuning. Each is"
                            + " called as its folder or file is; NAME=CHECKPOINT gives another name.")
    private List<String> checkpoints = new ArrayList<>();

    @Mixin
    private WeightsOptions loading = new WeightsOptions();

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address to listen on; 0.0.0.0 is all of this machine's. Default: ${DEFAULT-VALUE}.")
    private String host = ServeOptions.defaults().host();

    @Option(names = "--port", paramLabel = "N", description = "Port; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
    private int port = ServeOptions.defaults().port();

    @Option(
            names = "--max-bytes",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "Most bytes of a request, such as 500MB; more get 413. Default: 64 MiB.")
    private long maxBytes = ServeOptions.defaults().maxBytes();

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "Requests that are worked on or wait at one time; more get 429. Default: ${DEFAULT-VALUE}.")
    private int queue = ServeOptions.defaults().queue();

    @Option(
            names = "--max-delay",
            paramLabel = "MS",
            description = "How long a request waits for others to be computed with, where there are fewer than --batch."
                    + " Default: ${DEFAULT-VALUE}; then those go together that came during a computation.")
    private int maxDelay = (int) ServeOptions.defaults().maxDelay().toMillis();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "A request that takes longer gets 504. Default: ${DEFAULT-VALUE}.")
    private double timeout = ServeOptions.defaults().timeout().toSeconds();

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            description = "Time in which requests are still taken after it is told to stop, while /v2/health/ready says"
                    + " already that it is not ready: a load balancer needs a moment. Default: ${DEFAULT-VALUE}.")
    private double drain;

    @Mixin
    private DetectorOptions finding = new DetectorOptions();

    @Option(
            names = "--threshold",
            paramLabel = "SCORE",
            description =
                    "Of a detector of actions: score from which a box of --detector, or one that a request brings, is"
                            + " used. Default: ${DEFAULT-VALUE}.")
    private double threshold = People.given().threshold();

    @Mixin
    private ViewsOption looking = new ViewsOption();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    /** The line that asks the first network something, but for the address, and what stands behind that. */
    private String asking = "";

    private String asked = "";

    @Override
    public String lessMemory() {
        return "Lower --batch, --queue or --max-bytes, or serve fewer networks.";
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        compute.use();
        ServeOptions options = options();
        finding.check(false);
        Console console = Console.of(spec);
        String consequence = drain == 0
                ? "finishing the requests"
                : "taking requests for " + seconds(drain) + " s more, then finishing them";
        try (StopSignal stop = StopSignal.listen(consequence, console::say);
                Service service = start(console, options)) {
            service.describe().forEach(console::say);
            if (options.listensToOthers()) {
                console.say("warning: whoever reaches " + host + " may use it; there is no password");
            }
            console.out().println("listening on " + service.address());
            console.out().flush();
            console.nextLine(asking + " " + Launcher.word(service.address() + asked));
            Heartbeat.silence();
            while (!stop.getAsBoolean()) {
                Thread.sleep(LOOK_MILLIS);
            }
            service.drain();
            Thread.sleep(Math.round(drain * 1000));
        }
        return Exit.STOPPED;
    }

    /** Makes the line that asks the first network something, but for the address. */
    private void ask(Map<String, Inference> networks, boolean findsPeople) {
        Map.Entry<String, Inference> first = networks.entrySet().iterator().next();
        boolean boxes = first.getValue().isDetector() && !findsPeople;
        boolean scores = first.getValue().isDetector() || first.getValue().isClassifier();
        String model = networks.size() == 1
                ? ""
                : "?model="
                        + URLEncoder.encode(first.getKey(), StandardCharsets.UTF_8)
                                .replace("+", "%20");
        asking = boxes ? "curl -F file=@VIDEO -F boxes=@BOXES.csv" : "curl --data-binary @FILE";
        asked = (scores ? "/v1/predict" : "/v1/embed") + model;
    }

    private ServeOptions options() {
        if (!(timeout > 0 && timeout < MOST_SECONDS)) {
            throw new IllegalArgumentException("--timeout " + timeout + " must be a number of seconds above 0");
        }
        if (!(drain >= 0 && drain < MOST_SECONDS)) {
            throw new IllegalArgumentException("--drain " + drain + " must be a number of seconds, at least 0");
        }
        if (maxBytes > MediaSource.MOST_BYTES) {
            throw new IllegalArgumentException("--max-bytes " + maxBytes + " must be at most " + MediaSource.MOST_BYTES
                    + ", 512m, which is the largest file that is read");
        }
        return new ServeOptions(
                host,
                port,
                (int) maxBytes,
                queue,
                compute.batch(),
                Duration.ofMillis(maxDelay),
                Duration.ofMillis(Math.max(1, Math.round(timeout * 1000))),
                compute.threads(),
                looking.views());
    }

    private static String seconds(double seconds) {
        return seconds == Math.rint(seconds) ? String.valueOf((long) seconds) : String.valueOf(seconds);
    }

    private Service start(Console console, ServeOptions options) throws IOException {
        Map<String, Inference> networks = open(console);
        PeopleFinder finder;
        try {
            if (networks.values().stream().noneMatch(Inference::isDetector)) {
                IdleOptions.refuse(
                        spec,
                        "none of the networks is a detector of actions, and others look at no boxes",
                        List.of("--detector", "--threshold"));
            }
            finder = finding.open(compute.threads()).orElse(null);
        } catch (IOException | RuntimeException | Error failed) {
            networks.values().forEach(Inference::close);
            throw failed;
        }
        if (finder != null) {
            console.say("people are found by " + finder);
        }
        ask(networks, finder != null);
        return Service.start(networks, options, new People(finder, finding.every(), threshold));
    }

    private Map<String, Inference> open(Console console) throws IOException {
        Map<String, Path> places = places();
        Map<String, Inference> networks = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Path> place : places.entrySet()) {
                try (OpenedWeights weights = loading.open(place.getValue())) {
                    console.sayNotes(weights);
                    networks.put(place.getKey(), compute.over(Inference.of(weights, compute.device()), console));
                }
            }
        } catch (IOException | RuntimeException | Error failed) {
            networks.values().forEach(Inference::close);
            throw failed;
        }
        return networks;
    }

    /** By name; a file that has an equals sign in its name is one all the same. */
    private Map<String, Path> places() {
        Map<String, Path> places = new LinkedHashMap<>();
        for (String text : checkpoints) {
            int equals = text.indexOf('=');
            boolean named = equals > 0 && !exists(text);
            Path place = PathText.path(named ? text.substring(equals + 1) : text);
            String name = named ? text.substring(0, equals) : nameOf(place);
            if (places.put(name, place) != null) {
                throw new IllegalArgumentException("two networks are called '" + name
                        + "'; give one another name: NAME=" + text.substring(equals + 1));
            }
        }
        return places;
    }

    private static boolean exists(String text) {
        try {
            return Files.exists(PathText.path(text));
        } catch (InvalidPathException noPath) {
            return false;
        }
    }

    private static String nameOf(Path place) {
        Path last = place.toAbsolutePath().normalize().getFileName();
        String name = last == null ? "network" : PathText.of(last);
        int dot = name.lastIndexOf('.');
        return dot > 0 && Files.isRegularFile(place) ? name.substring(0, dot) : name;
    }
}
