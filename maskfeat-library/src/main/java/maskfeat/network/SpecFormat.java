package maskfeat.network;

import java.util.List;
import java.util.Map;
import maskfeat.disk.DamagedFile;
import maskfeat.settings.Document;
import maskfeat.settings.Format;
import maskfeat.settings.Migration;
import maskfeat.settings.Settings;
import maskfeat.weights.TensorReader;

/**
 * How a {@link NetworkSpec} stands in a file of weights: JSON under one key of its metadata. Version 1 had two forms under
 * two keys, one of pre-training and one of classifiers.
 */
final class SpecFormat {
    /** Of the metadata of our files. */
    static final String KEY = "maskfeat";

    private static final String CLASSIFIER_KEY = "maskfeat-classifier"; // version 1 only

    private static final Format<NetworkSpec> FORMAT =
            new Format<>(NetworkSpec.class, "networks", 7, List.of(new Migration(1, SpecFormat::fromVersion1)));

    private SpecFormat() {}

    /** Whether the file says by itself what network it is for. */
    static boolean isOurs(TensorReader weights) {
        return weights.metadata().containsKey(KEY) || weights.metadata().containsKey(CLASSIFIER_KEY);
    }

    static String write(NetworkSpec spec) {
        return Settings.toJson(FORMAT, spec);
    }

    /**
     * What our own file says of itself, whatever version wrote it.
     *
     * @throws DamagedFile if it does not say it, or a newer version wrote it
     */
    static NetworkSpec read(TensorReader weights) throws DamagedFile {
        Map<String, String> metadata = weights.metadata();
        String text = metadata.getOrDefault(metadata.containsKey(CLASSIFIER_KEY) ? CLASSIFIER_KEY : KEY, "");
        try {
            return parse(weights.file().toString(), text);
        } catch (IllegalArgumentException bad) {
            throw new DamagedFile(weights.file(), "does not say what network it is for: " + bad.getMessage(), bad);
        }
    }

    /** @param file for messages */
    static NetworkSpec parse(String file, String text) {
        return Settings.fromJson(FORMAT, file, text);
    }

    private static void fromVersion1(Document file) {
        file.move("model", "backbone");
        if (file.has("classes")) {
            file.add("head.kind", "classes");
            file.move("classes", "head.names");
            return;
        }
        for (String key : List.of("clip", "side", "resize", "normalize")) {
            file.move(key, "input." + key);
        }
        // Version 1 had it built in; a side that is no number is refused later.
        file.text("input.side")
                .filter(side -> side.matches("[1-9][0-9]{0,6}"))
                .ifPresent(side ->
                        file.add("input.short-side", Integer.toString(Input.usualShortSide(Integer.parseInt(side)))));
        for (String key : List.of("depths", "mask", "target")) {
            file.move(key, "head." + key);
        }
        file.add("head.kind", "prediction");
    }
}
