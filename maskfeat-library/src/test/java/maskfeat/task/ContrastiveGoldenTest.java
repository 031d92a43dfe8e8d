package maskfeat.task;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import maskfeat.augment.Normalize;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.model.ClipSize;
import maskfeat.model.Contrast;
import maskfeat.model.Vit;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.train.AdamW;
import maskfeat.train.Schedule;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A reduced MoCo v3 against the official one: the same weights and views give the same everything, three steps long. */
@Tag("golden")
class ContrastiveGoldenTest {
    private static final Path FOLDER = GoldenDir.path().resolve("mocov3");
    private static final JsonNode CONFIG =
            JsonMapper.shared().readTree(FOLDER.resolve("config.json").toFile());
    private static final GoldenTensors GOLDEN = GoldenTensors.open(FOLDER.resolve("mocov3.safetensors"));
    private static final Tolerance TOLERANCE = new Tolerance(GOLDEN, FOLDER.resolve("tolerance.json"));
    private static final String COUNT = "num_batches_tracked";

    private final Contrast model;
    private final Contrast.Encoder slow;
    private final Contrastive task;

    ContrastiveGoldenTest() {
        Vit.Config vit = new Vit.Config(number("patch"), 1, number("dim"), number("depth"), number("heads"), 4, 0);
        ClipSize size = new ClipSize(1, number("img"), number("img"));
        Contrast.Widths widths = new Contrast.Widths(number("mlp"), number("out"));
        try (PointerScope scope = new PointerScope();
                Init init = new Init(0)) {
            model = new Contrast(vit, size, widths, init);
            slow = new Contrast.Encoder(vit, size, widths, init);
        }
        task = new Contrastive(
                model,
                slow,
                Normalize.IMAGENET,
                CONFIG.get("T").asDouble(),
                new Contrastive.Momentum(CONFIG.get("m").asDouble(), number("iters"), number("epochs")),
                new Device("cpu"));
        set("w.");
    }

    private static int number(String key) {
        return CONFIG.get(key).asInt();
    }

    /** All tensors of the three parts by their official names. */
    private Map<String, Tensor> all() {
        Map<String, Tensor> all = new LinkedHashMap<>(task.state());
        task.parameters().forEach((name, tensor) -> all.put(Contrastive.officialName(name), tensor));
        return all;
    }

    private void set(String prefix) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            all().forEach((name, tensor) -> {
                String from = GOLDEN.has(prefix + name) ? prefix : "w.";
                tensor.copy_(Arrays.tensor(GOLDEN.values(from + name), tensor.shape()));
            });
        }
    }

    private static Tensor view(String name) {
        return Arrays.tensor(GOLDEN.values(name), GOLDEN.shape(name)).unsqueeze(2);
    }

    private Contrastive.Result step(int step) {
        return task.loss((long) number("first_epoch") * number("iters") + step, view("x1"), view("x2"));
    }

    @AfterEach
    void free() {
        task.close();
        model.close();
        slow.close();
    }

    @Test
    void hasTheOfficialNamesAndShapes() {
        TreeSet<String> official = new TreeSet<>();
        GOLDEN.names().stream().filter(name -> name.startsWith("w.")).forEach(name -> official.add(name.substring(2)));
        assertThat(all().keySet()).containsExactlyInAnyOrderElementsOf(official);
        all().forEach((name, tensor) -> assertThat(tensor.shape()).as(name).isEqualTo(GOLDEN.shape("w." + name)));
    }

    @Test
    void positionsAreTheOfficialOnesFromTheBeginning() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(7);
                Contrast.Encoder fresh = new Contrast.Encoder(
                        new Vit.Config(number("patch"), 1, number("dim"), number("depth"), number("heads"), 4, 0),
                        new ClipSize(1, number("img"), number("img")),
                        Contrast.Widths.PAPER,
                        init)) {
            assertThat(Arrays.floats(requireNonNull(fresh.parameters().get("pos_embed"))))
                    .containsExactly(GOLDEN.values("w.base_encoder.pos_embed"), within(1e-6f));
        }
    }

    @Test
    void forwardAndLossAreTheOfficialOnes() {
        try (PointerScope scope = new PointerScope()) {
            Tensor z = model.encoder().forward(view("x1"));
            TOLERANCE.assertClose("z1", Arrays.floats(z));
            TOLERANCE.assertClose("z2", Arrays.floats(model.encoder().forward(view("x2"))));
            set("w."); // those passes have moved running statistics
            Contrastive.Result result = step(0);
            TOLERANCE.assertClose("q1", Arrays.floats(result.q1()));
            TOLERANCE.assertClose("q2", Arrays.floats(result.q2()));
            TOLERANCE.assertClose("k1", Arrays.floats(result.k1()));
            TOLERANCE.assertClose("k2", Arrays.floats(result.k2()));
            TOLERANCE.assertClose("loss_q1k2", Arrays.floats(result.first().loss()));
            TOLERANCE.assertClose("loss_q2k1", Arrays.floats(result.second().loss()));
            TOLERANCE.assertClose(
                    "loss",
                    Arrays.floats(result.first().loss().add(result.second().loss())));
        }
    }

    @Test
    void gradientsAreTheOfficialOnesAndTheFrozenHaveNone() {
        try (PointerScope scope = new PointerScope()) {
            Contrastive.Result result = step(0);
            result.first().loss().add(result.second().loss()).backward();
            task.parameters().forEach((name, parameter) -> {
                String official = Contrastive.officialName(name);
                boolean trained = GOLDEN.has("g." + official);
                assertThat(parameter.requires_grad()).as(official).isEqualTo(trained);
                if (trained) {
                    TOLERANCE.assertClose("g." + official, Arrays.floats(parameter.grad()));
                } else {
                    assertThat(parameter.grad().defined()).as(official).isFalse();
                }
            });
            slow.parameters()
                    .forEach((name, parameter) ->
                            assertThat(parameter.grad().defined()).as(name).isFalse());
        }
    }

    @Test
    void threeStepsEndAtTheOfficialStateAndItsFeatures() {
        Map<String, Tensor> trained = new LinkedHashMap<>(task.parameters());
        trained.values().removeIf(parameter -> !parameter.requires_grad());
        AdamW.Config adamw = new AdamW.Config(
                CONFIG.get("betas").get(0).asDouble(),
                CONFIG.get("betas").get(1).asDouble(),
                CONFIG.get("eps").asDouble(),
                CONFIG.get("weight_decay").asDouble(),
                true,
                null);
        double lr = CONFIG.get("lr").asDouble();
        int warmup = number("warmup");
        Schedule schedule = new Schedule(0, warmup, new Schedule.Cosine(lr, 0, warmup, number("epochs")));
        float[] rates = GOLDEN.values("lr_steps");
        float[] momenta = GOLDEN.values("m_steps");
        try (AdamW optimizer = new AdamW(trained, adamw)) {
            for (int i = 0; i < rates.length; i++) {
                double epoch = number("first_epoch") + (double) i / number("iters");
                assertThat(schedule.at(epoch)).isCloseTo(rates[i], within(1e-6 * rates[i]));
                Contrastive.Momentum momentum =
                        new Contrastive.Momentum(CONFIG.get("m").asDouble(), number("iters"), number("epochs"));
                assertThat(momentum.at((long) number("first_epoch") * number("iters") + i))
                        .isCloseTo(momenta[i], within(1e-7));
                try (PointerScope scope = new PointerScope()) {
                    Contrastive.Result result = step(i);
                    Tensor loss = result.first().loss().add(result.second().loss());
                    assertThat((double) loss.item_float()).isCloseTo(GOLDEN.values("loss_steps")[i], within(5e-5));
                    loss.backward();
                    optimizer.step(schedule.at(epoch));
                    if (i == 0) {
                        assertState("a1.");
                    }
                }
            }
            assertState("a3.");
        }
        set("a3.");
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            model.train(false);
            assertThat(Arrays.floats(model.encoder().feature(view("x1"))))
                    .containsExactly(GOLDEN.values("eval.feature"), within(1e-5f));
            assertThat(Arrays.floats(model.encoder().forward(view("x1"))))
                    .containsExactly(GOLDEN.values("eval.projected"), within(1e-5f));
        }
    }

    private void assertState(String prefix) {
        all().forEach((name, tensor) -> {
            if (name.endsWith(COUNT)) {
                assertThat(Arrays.floats(tensor)).containsExactly(GOLDEN.values(prefix + name));
            } else if (GOLDEN.has("g." + name)) {
                TOLERANCE.assertMoved(prefix, name, Arrays.floats(tensor), 1);
            } else if (GOLDEN.has(prefix + name)) {
                TOLERANCE.assertClose(prefix + name, Arrays.floats(tensor));
            } else {
                assertThat(Arrays.floats(tensor)).as(name + " never moves").isEqualTo(GOLDEN.values("w." + name));
            }
        });
    }

    @Test
    void lossOverSeveralRanksIsTheOfficialOne() {
        GoldenTensors ranks = GoldenTensors.open(FOLDER.resolve("ranks.safetensors"));
        int count = (int)
                ranks.names().stream().filter(name -> name.startsWith("loss.")).count();
        try (PointerScope scope = new PointerScope()) {
            Tensor keys = Arrays.tensor(ranks.values("k"), ranks.shape("k")).flatten(0, -2);
            Tensor queries = Arrays.tensor(ranks.values("q"), ranks.shape("q")).flatten(0, -2);
            long each = queries.size(0) / count;
            for (int rank = 0; rank < count; rank++) {
                Tensor own = queries.narrow(0, rank * each, each).clone();
                own.set_requires_grad(true);
                Tensor loss = Contrastive.contrast(own, keys, rank * each, ranks.values("T")[0])
                        .loss();
                loss.backward();
                assertThat(Arrays.floats(loss)).containsExactly(ranks.values("loss." + rank), within(1e-6f));
                assertThat(Arrays.floats(own.grad())).containsExactly(ranks.values("grad." + rank), within(1e-6f));
            }
        }
    }
}
