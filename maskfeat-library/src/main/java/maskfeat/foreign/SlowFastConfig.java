package maskfeat.foreign;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.disk.DamagedFile;
import maskfeat.model.Classifier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The settings that PySlowFast keeps in its checkpoints, as YAML text. */
final class SlowFastConfig {
    /** The metadata that holds them. */
    static final String KEY = "cfg";

    private static final int LIMIT = 1 << 20; // those published have 10 kB
    private static final int MAX_DEPTH = 50;

    // Only maps, lists and scalars come out of it: tags make no objects, and aliases are not followed.
    private static final ObjectReader YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .build()
            .reader();

    private final JsonNode root;
    private final boolean multiscale;
    private final Claims claims;

    private SlowFastConfig(JsonNode root, boolean multiscale, Claims claims) {
        this.root = root;
        this.multiscale = multiscale;
        this.claims = claims;
    }

    /**
     * Adds what the text says.
     *
     * @throws DamagedFile if it is no YAML
     */
    static void read(Path file, String text, boolean multiscale, Claims claims) throws DamagedFile {
        if (text.length() > LIMIT) {
            throw new DamagedFile(
                    file, "has a cfg of " + text.length() + " characters; more than " + LIMIT + " are not read");
        }
        JsonNode root;
        try {
            root = YAML.readTree(text);
        } catch (JacksonException e) {
            throw new DamagedFile(file, "has a cfg that is not the YAML it should be: " + e.getOriginalMessage(), e);
        }
        new SlowFastConfig(root, multiscale, claims).read();
    }

    private void read() {
        number(Claims.Fact.HEADS, "MVIT", "NUM_HEADS");
        number(Claims.Fact.DEPTH, "MVIT", "DEPTH");
        number(Claims.Fact.DIM, "MVIT", "EMBED_DIM");
        number(Claims.Fact.SIDE, "DATA", "TRAIN_CROP_SIZE");
        JsonNode mlpRatio = get("MVIT", "MLP_RATIO");
        if (mlpRatio.isNumber()) {
            claims.mlpRatio(mlpRatio.doubleValue(), "cfg MVIT.MLP_RATIO");
        }
        flag(Claims.Fact.CLASS_TOKEN, "CLS_EMBED_ON");
        if (!get("MVIT", "PATCH_2D").asBoolean(false)) {
            number(Claims.Fact.FRAMES, "DATA", "NUM_FRAMES");
            number(Claims.Fact.STRIDE_FRAMES, "DATA", "SAMPLING_RATE");
        }
        claims.colours(doubles(get("DATA", "MEAN")), doubles(get("DATA", "STD")));
        if (multiscale) {
            multiscale();
        } else {
            must("MVIT", "PATCH_STRIDE", get("MVIT", "PATCH_KERNEL"), "cubes side by side");
        }
        if (get("MASK", "ENABLE").asBoolean(false)) {
            claims.depths(ints(get("MASK", "PRETRAIN_DEPTH")));
        } else {
            number(Claims.Fact.CLASSES, "MODEL", "NUM_CLASSES");
            pooling();
        }
        must("MVIT", "POOL_FIRST", "false", "pooling after the projections");
        must("MVIT", "MODE", "conv", "pooling by convolution");
        must("MVIT", "NORM", "layernorm", "LayerNorm");
        must("MVIT", "SEPARATE_QKV", "false", "one layer for queries, keys and values");
        must("MVIT", "USE_FIXED_SINCOS_POS", "false", "learned positions");
        must("DATA", "REVERSE_INPUT_CHANNEL", "false", "red first");
        JsonNode reversible = get("MVIT", "REV").path("ENABLE");
        if (reversible.asBoolean(false)) {
            claims.refuse("has a cfg with MVIT.REV.ENABLE true; our blocks are not reversible");
        }
    }

    private void multiscale() {
        flag(Claims.Fact.WIDEN_IN_ATTENTION, "DIM_MUL_IN_ATT");
        must("MVIT", "RESIDUAL_POOLING", "true", "residual pooling");
        must("MVIT", "PATCH_STRIDE", "[2,4,4]", "cubes of 2 x 4 x 4 apart");
        JsonNode adaptive = get("MVIT", "POOL_KV_STRIDE_ADAPTIVE");
        if (ints(adaptive).size() == 3) {
            kvStride("POOL_KV_STRIDE_ADAPTIVE", ints(adaptive));
        } else {
            for (JsonNode entry : get("MVIT", "POOL_KV_STRIDE")) {
                List<Integer> numbers = ints(entry);
                if (numbers.size() == 4 && numbers.get(0) == 0) {
                    kvStride("POOL_KV_STRIDE", numbers.subList(1, 4));
                }
            }
        }
        for (JsonNode entry : get("MVIT", "POOL_Q_STRIDE")) {
            List<Integer> numbers = ints(entry);
            if (numbers.size() != 4 || numbers.get(1) != 1 || !numbers.get(2).equals(numbers.get(3))) {
                claims.refuse("has a cfg with " + entry
                        + " in MVIT.POOL_Q_STRIDE; ours pool rows and columns alike and not" + " time");
                return;
            }
            claims.qStride(numbers.get(0), numbers.get(2));
        }
    }

    private void kvStride(String key, List<Integer> stride) {
        if (stride.get(0) != 1 || !stride.get(1).equals(stride.get(2))) {
            claims.refuse(
                    "has a cfg with MVIT." + key + " " + stride + "; ours pool rows and columns alike and not time");
        } else {
            claims.add(Claims.Fact.KV_STRIDE, stride.get(1), "cfg MVIT." + key);
        }
    }

    /** Settings of before there was a choice take the class token. */
    private void pooling() {
        if (root.path("MVIT").isObject()) {
            boolean mean = get("MVIT", "USE_MEAN_POOLING").asBoolean(false);
            boolean token = get("MVIT", "CLS_EMBED_ON").asBoolean(true);
            Classifier.Pooling normFirst = token ? Classifier.Pooling.CLASS_TOKEN : Classifier.Pooling.NORM_MEAN;
            claims.pooling(mean ? Classifier.Pooling.MEAN : normFirst);
        }
    }

    private JsonNode get(String section, String key) {
        return root.path(section).path(key);
    }

    private void number(Claims.Fact fact, String section, String key) {
        JsonNode value = get(section, key);
        if (value.isIntegralNumber() && value.canConvertToInt()) {
            claims.add(fact, value.intValue(), "cfg " + section + "." + key);
        }
    }

    private void flag(Claims.Fact fact, String key) {
        JsonNode value = get("MVIT", key);
        if (value.isBoolean()) {
            claims.add(fact, value.booleanValue() ? 1 : 0, "cfg MVIT." + key);
        }
    }

    private void must(String section, String key, JsonNode wanted, String ours) {
        if (!wanted.isMissingNode()) {
            must(section, key, wanted.toString(), ours);
        }
    }

    private void must(String section, String key, String wanted, String ours) {
        JsonNode value = get(section, key);
        String found = value.isString() ? value.stringValue() : value.toString();
        if (!value.isMissingNode() && !value.isNull() && !found.equals(wanted)) {
            claims.refuse("has a cfg with " + section + "." + key + " " + found + "; ours have " + ours + " (" + wanted
                    + ")");
        }
    }

    private static List<Integer> ints(JsonNode list) {
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode value : list) {
            if (value.isIntegralNumber() && value.canConvertToInt()) {
                numbers.add(value.intValue());
            }
        }
        return numbers;
    }

    private static List<Double> doubles(JsonNode list) {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode value : list) {
            if (value.isNumber()) {
                numbers.add(value.doubleValue());
            }
        }
        return numbers;
    }
}
