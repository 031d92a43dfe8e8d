package maskfeat.network;

import java.util.Map;
import maskfeat.disk.DamagedFile;
import maskfeat.settings.Settings;
import maskfeat.weights.TensorReader;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a {@link NetworkSpec} stands in a file of weights: JSON under one key of its metadata. Version 1 had two forms under
 * two keys, one of pre-training and one of classifiers.
 */
final class SpecFormat {
    /** Of the metadata of our files. */
    static final String KEY = "maskfeat";

    private static final String CLASSIFIER_KEY = "maskfeat-classifier"; // version 1 only
    private static final String VERSION = "version";
    private static final int CURRENT = 2;

    private SpecFormat() {}

    /** Whether the file says by itself what network it is for. */
    static boolean isOurs(TensorReader weights) {
        return weights.metadata().containsKey(KEY) || weights.metadata().containsKey(CLASSIFIER_KEY);
    }

    static String write(NetworkSpec spec) {
        ObjectNode json = JsonMapper.shared().createObjectNode().put(VERSION, CURRENT);
        json.setAll((ObjectNode) JsonMapper.shared().readTree(Settings.toJson(NetworkSpec.class, spec)));
        return json.toString();
    }

    /**
     * What our own file says of itself, whatever version wrote it.
     *
     * @throws DamagedFile if it does not say it, or a newer version wrote it
     */
    static NetworkSpec read(TensorReader weights) throws DamagedFile {
        Map<String, String> metadata = weights.metadata();
        boolean classifier = metadata.containsKey(CLASSIFIER_KEY);
        String text = metadata.getOrDefault(classifier ? CLASSIFIER_KEY : KEY, "");
        try {
            ObjectNode json = parsed(text);
            int version = json.path(VERSION).asInt(1);
            json.remove(VERSION);
            if (version > CURRENT) {
                throw new DamagedFile(
                        weights.file(),
                        "says what network it is for in version " + version + ", and this program reads up to "
                                + CURRENT + "; take the release that wrote it, or a newer one");
            }
            if (version == 1) {
                json = classifier ? fromClassifier(json) : fromPretraining(json);
            }
            return Settings.fromJson(NetworkSpec.class, weights.file().toString(), json.toString());
        } catch (JacksonException | IllegalArgumentException bad) {
            throw new DamagedFile(weights.file(), "does not say what network it is for: " + bad.getMessage(), bad);
        }
    }

    private static ObjectNode parsed(String text) {
        JsonNode json = JsonMapper.shared().readTree(text);
        if (!(json instanceof ObjectNode object)) {
            throw new IllegalArgumentException("'" + text + "' is no JSON object");
        }
        return object;
    }

    private static ObjectNode fromPretraining(ObjectNode old) {
        ObjectNode spec = JsonMapper.shared().createObjectNode();
        ObjectNode input = spec.putObject("input");
        move(old, input, "clip", "side");
        input.put(
                "short-side",
                Input.usualShortSide(old.path("side").asInt(input.path("side").asInt())));
        move(old, input, "resize", "normalize");
        spec.set("backbone", old.remove("model"));
        ObjectNode head = spec.putObject("head").put("kind", "prediction");
        move(old, head, "depths", "mask", "target");
        spec.setAll(old); // what is left is refused by name
        return spec;
    }

    private static ObjectNode fromClassifier(ObjectNode old) {
        ObjectNode spec = JsonMapper.shared().createObjectNode();
        move(old, spec, "input");
        spec.set("backbone", old.remove("model"));
        ObjectNode head = spec.putObject("head").put("kind", "classes");
        if (old.remove("head") instanceof ObjectNode pooled) {
            head.setAll(pooled);
        }
        head.set("names", old.remove("classes"));
        spec.setAll(old);
        return spec;
    }

    private static void move(ObjectNode from, ObjectNode to, String... keys) {
        for (String key : keys) {
            JsonNode value = from.remove(key);
            if (value != null) {
                to.set(key, value);
            }
        }
    }
}
