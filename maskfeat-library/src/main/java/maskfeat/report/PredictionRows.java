package maskfeat.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.NewerFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The same samples at several steps of a run, in a folder: what the network saw and the target once, the prediction of each
 * step. Of a long run a few steps are kept, the first and the newest among them and the others about evenly between.
 */
public final class PredictionRows {
    /** So many that one of them is near the middle however far the run is. */
    private static final int MOST_STEPS = 9;

    private static final int VERSION = 1;
    private static final String SHEET = "rows.json";

    /**
     * A sample.
     *
     * @param name of its file
     * @param target what is predicted, such as {@code HOG}
     */
    private record Sample(String name, String target, int hiddenPerCent) {
        static Sample of(PictureSample sample) {
            return new Sample(sample.name(), painter(sample).title(), Caption.hiddenPerCent(sample.hidden()));
        }
    }

    private final Path folder;
    private List<Sample> samples = List.of();

    /** Losses of the samples by step. */
    private final TreeMap<Long, List<Double>> steps = new TreeMap<>();

    private PredictionRows(Path folder) {
        this.folder = folder;
    }

    /**
     * Takes up what is there, without what a killed run drew after the step from which it goes on.
     *
     * @param folder made when something is added
     * @throws DamagedFile if what is there cannot be read
     */
    public static PredictionRows open(Path folder, long step) throws IOException {
        PredictionRows rows = read(folder);
        rows.steps.tailMap(step, false).clear();
        return rows;
    }

    /**
     * Draws what is predicted after a step, in place of what was drawn of the same step before. Other samples than before begin
     * anew.
     *
     * @param drawn at least one
     */
    public void add(long step, List<PictureSample> drawn) throws IOException {
        List<Sample> now = drawn.stream().map(Sample::of).toList();
        if (!now.equals(samples)) {
            steps.clear();
            samples = now;
        }
        AtomicFile.folder(folder);
        for (int i = 0; i < drawn.size(); i++) {
            Panels panels = new Panels(drawn.get(i), painter(drawn.get(i)));
            if (steps.isEmpty()) {
                PngBytes.write(seen(i), panels.seen());
                PngBytes.write(target(i), panels.target());
            }
            PngBytes.write(prediction(i, step), panels.prediction());
        }
        steps.put(step, drawn.stream().map(PictureSample::loss).toList());
        thinOut();
        // Before anything is deleted: what is listed is there, whenever the run is killed.
        AtomicFile.writeText(folder.resolve(SHEET), JsonMapper.shared().writeValueAsString(json()) + "\n");
        deleteOthers();
    }

    /** Leaves out the step between two others that are nearest to each other, the first of several, never an end. */
    private void thinOut() {
        while (steps.size() > MOST_STEPS) {
            List<Long> kept = List.copyOf(steps.keySet());
            long out = kept.subList(1, kept.size() - 1).stream()
                    .min(Comparator.comparing(step -> steps.higherKey(step) - steps.lowerKey(step)))
                    .orElseThrow();
            steps.remove(out);
        }
    }

    private void deleteOthers() throws IOException {
        List<Path> wanted = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            wanted.add(seen(i));
            wanted.add(target(i));
            for (long step : steps.keySet()) {
                wanted.add(prediction(i, step));
            }
        }
        List<Path> others;
        try (Stream<Path> files = Files.list(folder)) {
            others = files.filter(file -> file.toString().endsWith(".png") && !wanted.contains(file))
                    .toList();
        }
        for (Path file : others) {
            Files.deleteIfExists(file);
        }
    }

    /**
     * The rows of a page: what the network saw, the target, the prediction of the first step that is there, of one near the
     * middle, and of the newest.
     *
     * @return empty if nothing was drawn
     * @throws DamagedFile if what is there cannot be read
     */
    public static List<HtmlReport.PictureRow> of(Path folder) throws IOException {
        PredictionRows rows = read(folder);
        List<HtmlReport.PictureRow> shown = new ArrayList<>();
        for (int i = 0; i < rows.samples.size(); i++) {
            shown.add(rows.row(i));
        }
        return shown;
    }

    private HtmlReport.PictureRow row(int i) throws IOException {
        Sample sample = samples.get(i);
        List<HtmlReport.Panel> panels = new ArrayList<>();
        panels.add(new HtmlReport.Panel("seen", sample.hiddenPerCent + " % hidden", Files.readAllBytes(seen(i))));
        panels.add(new HtmlReport.Panel("target", sample.target, Files.readAllBytes(target(i))));
        long newest = steps.lastKey();
        Optional<Long> middle = middle();
        if (steps.firstKey() < newest) {
            panels.add(predicted("start", i, steps.firstKey()));
        }
        if (middle.isPresent()) {
            panels.add(predicted("middle", i, middle.get()));
        }
        panels.add(predicted("now", i, newest));
        return new HtmlReport.PictureRow(sample.name, panels);
    }

    private HtmlReport.Panel predicted(String when, int i, long step) throws IOException {
        double loss = steps.getOrDefault(step, List.of()).get(i);
        String after = step == 0 ? "before training" : Numbers.format("step %,d", step);
        return new HtmlReport.Panel(
                when,
                Double.isFinite(loss) ? after + ", loss " + Numbers.loss(loss) : after,
                Files.readAllBytes(prediction(i, step)));
    }

    /** The step that is nearest to the middle between the first and the newest, if there are others. */
    private Optional<Long> middle() {
        long twice = steps.firstKey() + steps.lastKey();
        return steps.keySet().stream()
                .filter(step -> step > steps.firstKey() && step < steps.lastKey())
                .min(Comparator.comparing(step -> Math.abs(2 * step - twice)));
    }

    private static FeaturePainter painter(PictureSample sample) {
        return FeaturePainter.scaledTo(List.of(sample.target()), PanelSize.ROW);
    }

    private Path seen(int i) {
        return folder.resolve((i + 1) + "-seen.png");
    }

    private Path target(int i) {
        return folder.resolve((i + 1) + "-target.png");
    }

    private Path prediction(int i, long step) {
        return folder.resolve(String.format(Locale.ROOT, "%d-step-%08d.png", i + 1, step));
    }

    private Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(NewerFile.VERSION, VERSION);
        json.put(
                "samples",
                samples.stream()
                        .map(sample -> {
                            Map<String, Object> each = new LinkedHashMap<>();
                            each.put("name", sample.name);
                            each.put("target", sample.target);
                            each.put("hidden", sample.hiddenPerCent);
                            return each;
                        })
                        .toList());
        List<Map<String, Object>> drawn = new ArrayList<>();
        steps.forEach((step, losses) -> {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("step", step);
            each.put("loss", losses.stream().map(Numbers::json).collect(Collectors.toList()));
            drawn.add(each);
        });
        json.put("steps", drawn);
        return json;
    }

    private static PredictionRows read(Path folder) throws IOException {
        PredictionRows rows = new PredictionRows(folder);
        Path file = folder.resolve(SHEET);
        if (!Files.isRegularFile(file)) {
            return rows;
        }
        try {
            JsonNode json = JsonMapper.shared().readTree(Files.readString(file));
            NewerFile.refuse(file, json, VERSION);
            rows.samples = json.required("samples")
                    .valueStream()
                    .map(each -> new Sample(
                            each.required("name").stringValue(),
                            each.required("target").stringValue(),
                            each.required("hidden").intValue()))
                    .toList();
            for (JsonNode each : json.required("steps")) {
                List<Double> losses = each.required("loss")
                        .valueStream()
                        .map(loss -> loss.isNull() ? Double.NaN : loss.doubleValue())
                        .toList();
                if (losses.size() != rows.samples.size()) {
                    throw damaged(file, losses.size() + " losses of " + rows.samples.size() + " samples");
                }
                rows.steps.put(each.required("step").longValue(), losses);
            }
        } catch (JacksonException e) {
            throw damaged(file, e.getOriginalMessage());
        }
        if (rows.samples.isEmpty() != rows.steps.isEmpty()) {
            throw damaged(file, rows.steps.size() + " steps of " + rows.samples.size() + " samples");
        }
        rows.leaveOutMissing();
        return rows;
    }

    /** Somebody may have deleted pictures; what is left is shown. */
    private void leaveOutMissing() {
        steps.keySet()
                .removeIf(step -> !areThere(IntStream.range(0, samples.size()).mapToObj(i -> prediction(i, step))));
        if (!areThere(IntStream.range(0, samples.size()).boxed().flatMap(i -> Stream.of(seen(i), target(i))))) {
            steps.clear();
        }
        if (steps.isEmpty()) {
            samples = List.of();
        }
    }

    private static boolean areThere(Stream<Path> files) {
        return files.allMatch(Files::isRegularFile);
    }

    private static DamagedFile damaged(Path file, String what) {
        return new DamagedFile(
                file, "is no list of pictures (" + what + "); delete " + file.getParent() + ", and a run draws anew");
    }
}
