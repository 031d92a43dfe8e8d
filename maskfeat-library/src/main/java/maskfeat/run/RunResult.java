package maskfeat.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.NewerFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What came out of a command, in its folder's {@code result.json}: for scripts, and for {@code maskfeat report}.
 *
 * @param kind the command: pretrain, finetune, probe, evaluate
 * @param figures by tag, such as {@code val/top1}
 * @param facts in words: what it began with, what it was measured on
 */
public record RunResult(String kind, Map<String, Double> figures, Map<String, String> facts) {
    /** Its name in any folder of results. */
    public static final String FILE = "result.json";

    /** Mean over the last epoch. */
    public static final String EPOCH_LOSS = "train/epoch_loss";

    /** The same as a share of the mean loss of the best constant prediction. */
    public static final String EPOCH_LOSS_VS_BASELINE = "train/epoch_loss_vs_baseline";

    private static final int VERSION = 1;

    public RunResult {
        // In the order given; Map.copyOf has another in each process.
        figures = new LinkedHashMap<>(figures);
        facts = new LinkedHashMap<>(facts);
    }

    /** Writes it as JSON, atomically. */
    public void write(Path file) throws IOException {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put(NewerFile.VERSION, VERSION);
        content.put("kind", kind);
        content.put("figures", figures);
        content.put("facts", facts);
        AtomicFile.writeText(
                file, JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n");
    }

    /**
     * Reads what {@link #write} wrote, of any version until now.
     *
     * @throws DamagedFile if it is no result
     */
    public static RunResult read(Path file) throws IOException {
        try {
            JsonNode json = JsonMapper.shared().readTree(Files.readString(file));
            NewerFile.refuse(file, json, VERSION);
            return JsonMapper.shared().treeToValue(json, RunResult.class);
        } catch (JacksonException damaged) {
            throw new DamagedFile(file, "is not the result of a run: it is cut off or damaged");
        }
    }
}
