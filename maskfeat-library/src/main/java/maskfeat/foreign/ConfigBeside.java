package maskfeat.foreign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.disk.DamagedFile;
import maskfeat.model.Classifier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** What {@code config.json} and {@code preprocessor_config.json} tell about the weights beside them: transformers' and timm's. */
final class ConfigBeside {
    private static final String CONFIG = "config.json";
    private static final String PREPROCESSOR = "preprocessor_config.json";
    private static final int LIMIT = 1 << 24; // names of 20 thousand classes are 1 MB
    private static final int MAX_DEPTH = 50;

    private static final ObjectReader JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .build()
            .reader();

    private final JsonNode root;
    private final Claims claims;

    private ConfigBeside(JsonNode root, Claims claims) {
        this.root = root;
        this.claims = claims;
    }

    /**
     * Adds what the files tell, if there are any.
     *
     * @throws DamagedFile if one is no JSON object
     */
    static void read(Path weights, Claims claims) throws IOException {
        JsonNode config = tree(weights.resolveSibling(CONFIG));
        ConfigBeside beside = new ConfigBeside(config, claims);
        if (config.has("architecture")) {
            beside.timm();
        } else {
            beside.transformers();
        }
        new PreprocessorConfig(PREPROCESSOR, tree(weights.resolveSibling(PREPROCESSOR)), claims).transformers();
    }

    private static JsonNode tree(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return JSON.createObjectNode();
        }
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LIMIT + 1);
        }
        if (bytes.length > LIMIT) {
            throw new DamagedFile(file, "has more than " + LIMIT + " bytes; no settings of a network need so many");
        }
        try {
            JsonNode tree = JSON.readTree(bytes);
            if (!tree.isObject()) {
                throw new DamagedFile(file, "is " + tree.getNodeType() + ", not a JSON object");
            }
            return tree;
        } catch (JacksonException e) {
            throw new DamagedFile(file, "is not the JSON it should be: " + e.getOriginalMessage(), e);
        }
    }

    private void transformers() {
        number(Claims.Fact.HEADS, "num_attention_heads");
        number(Claims.Fact.DEPTH, "num_hidden_layers");
        number(Claims.Fact.DIM, "hidden_size");
        number(Claims.Fact.HIDDEN_DIM, "intermediate_size");
        mlpRatio(root, "mlp_ratio");
        side(Claims.Fact.SIDE, root, "image_size");
        side(Claims.Fact.PATCH, root, "patch_size");
        number(Claims.Fact.FRAMES, "num_frames");
        number(Claims.Fact.CUBE_FRAMES, "tubelet_size");
        if (root.path("layer_norm_eps").isNumber()) {
            claims.epsilon(root.path("layer_norm_eps").doubleValue());
        }
        JsonNode activation = root.path("hidden_act");
        if (activation.isString() && !activation.stringValue().equals("gelu")) {
            claims.refuse("lies beside a " + CONFIG + " with hidden_act '" + activation.stringValue()
                    + "'; ours have the exact gelu");
        }
        if (root.path("model_config").isObject()) {
            videoMae2();
        }
        labels(root.path("id2label"));
    }

    /** VideoMAE V2's, as OpenGVLab publishes its networks for transformers. */
    private void videoMae2() {
        JsonNode model = root.path("model_config");
        number(Claims.Fact.HEADS, model, "num_heads");
        number(Claims.Fact.DEPTH, model, "depth");
        number(Claims.Fact.DIM, model, "embed_dim");
        mlpRatio(model, "model_config.mlp_ratio");
        side(Claims.Fact.SIDE, model, "img_size");
        side(Claims.Fact.PATCH, model, "patch_size");
        number(Claims.Fact.FRAMES, model, "num_frames");
        number(Claims.Fact.CUBE_FRAMES, model, "tubelet_size");
        if (model.path("layer_norm_eps").isNumber()) {
            claims.epsilon(model.path("layer_norm_eps").doubleValue());
        }
        if (model.path("cos_attn").asBoolean(false)) {
            claims.refuse("lies beside a " + CONFIG
                    + " with cos_attn true (cosine attention); ours take the product of queries and keys");
        }
    }

    private void timm() {
        JsonNode arguments = root.path("model_args");
        mlpRatio(arguments, "model_args.mlp_ratio");
        heads(arguments, root.path("architecture").asString(""));
        JsonNode input = root.path("pretrained_cfg");
        new PreprocessorConfig(CONFIG + " pretrained_cfg", input, claims).timm();
        JsonNode size = input.path("input_size");
        if (size.size() == 3
                && size.path(1).equals(size.path(2))
                && size.path(1).isIntegralNumber()) {
            claims.add(Claims.Fact.SIDE, size.path(1).longValue(), CONFIG + " pretrained_cfg.input_size");
        }
        JsonNode pool = arguments.has("global_pool") ? arguments.path("global_pool") : root.path("global_pool");
        if (pool.isString()) {
            switch (pool.stringValue()) {
                case "token" -> claims.pooling(Classifier.Pooling.CLASS_TOKEN);
                case "avg" -> claims.pooling(Classifier.Pooling.NORM_MEAN); // unless the names have fc_norm
                case "" -> {} // no classifier
                default ->
                    claims.pooledOtherwise("is pooled as global_pool '" + pool.stringValue() + "' (" + CONFIG
                            + "); ours take the class token or the mean of the patches");
            }
        }
        List<String> names = new ArrayList<>();
        root.path("label_names").forEach(name -> names.add(name.asString("")));
        claims.classNames(names);
    }

    /** Arguments change what an architecture is built with. */
    private void heads(JsonNode arguments, String architecture) {
        JsonNode given = arguments.path("num_heads");
        if (given.isIntegralNumber() && given.canConvertToInt()) {
            claims.add(Claims.Fact.HEADS, given.intValue(), CONFIG + " model_args.num_heads");
        }
        claims.architecture(architecture);
        if (arguments.has("embed_dim")) {
            Heads.ofArchitecture(architecture)
                    .ifPresent(heads ->
                            claims.add(Claims.Fact.HEADS, heads, CONFIG + " architecture '" + architecture + "'"));
        }
    }

    /** Names by number; transformers fills up with LABEL_0, LABEL_1 and so on where there are none. */
    private void labels(JsonNode byNumber) {
        List<String> names = new ArrayList<>();
        for (int i = 0; byNumber.has(String.valueOf(i)); i++) {
            names.add(byNumber.path(String.valueOf(i)).asString(""));
        }
        if (names.size() == byNumber.size() && !names.stream().allMatch(name -> name.matches("LABEL_\\d+"))) {
            claims.classNames(names);
        }
    }

    private void mlpRatio(JsonNode arguments, String where) {
        JsonNode ratio = arguments.path("mlp_ratio");
        if (ratio.isNumber()) {
            claims.mlpRatio(ratio.doubleValue(), CONFIG + " " + where);
        }
    }

    private void number(Claims.Fact fact, String key) {
        number(fact, root, key);
    }

    private void number(Claims.Fact fact, JsonNode object, String key) {
        add(fact, object.path(key), key);
    }

    private void add(Claims.Fact fact, JsonNode value, String key) {
        if (value.isIntegralNumber() && value.canConvertToInt()) {
            claims.add(fact, value.intValue(), CONFIG + " " + key);
        }
    }

    /** The side of a square, which may be written as height and width. */
    private void side(Claims.Fact fact, JsonNode object, String key) {
        JsonNode value = object.path(key);
        if (!value.isArray()) {
            add(fact, value, key);
        } else if (value.size() == 2 && value.path(0).equals(value.path(1))) {
            add(fact, value.path(0), key);
        } else {
            claims.refuse("lies beside a " + CONFIG + " with " + key + " " + value + "; ours are of squares");
        }
    }

    static List<Double> doubles(JsonNode list) {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode value : list) {
            if (value.isNumber()) {
                numbers.add(value.doubleValue());
            }
        }
        return numbers;
    }
}
