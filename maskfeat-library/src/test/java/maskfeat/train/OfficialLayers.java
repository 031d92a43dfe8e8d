package maskfeat.train;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Layers of parameters as the official program counts them: by name (SlowFast, optimizer.py). */
public final class OfficialLayers {
    private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d+)\\..*");
    private static final Pattern EMBEDDING = Pattern.compile("(cls_token|mask_token|pos_embed|patch_embed).*");

    private OfficialLayers() {}

    /** Without those behind the blocks. */
    public static Map<String, Integer> of(Collection<String> names) {
        Map<String, Integer> layers = new LinkedHashMap<>();
        for (String name : names) {
            Matcher block = BLOCK.matcher(name);
            if (block.matches()) {
                layers.put(name, Integer.parseInt(block.group(1)) + 1);
            } else if (EMBEDDING.matcher(name).matches()) {
                layers.put(name, 0);
            }
        }
        return layers;
    }
}
