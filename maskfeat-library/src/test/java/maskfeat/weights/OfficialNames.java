package maskfeat.weights;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The tensors of the official models, with their names in other programs: {@code params/*.tsv}. */
public record OfficialNames(String official, List<Long> shape, String openMmlab, String timm) {
    private static final String NONE = "-";

    /** @param model such as {@code vit_b_pt} */
    public static List<OfficialNames> of(String model) {
        try (InputStream in = OfficialNames.class.getResourceAsStream("/params/" + model + ".tsv")) {
            return new String(Objects.requireNonNull(in, model).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .map(line -> line.split("\t"))
                    .map(cells -> new OfficialNames(
                            cells[0],
                            Arrays.stream(cells[1].split("x"))
                                    .map(Long::valueOf)
                                    .toList(),
                            cells[2],
                            cells[3]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it is a kernel of HOG, which is no parameter. */
    public boolean isBuffer() {
        return official.startsWith("hogs.");
    }

    public boolean inTimm() {
        return !timm.equals(NONE);
    }

    /** All of a model under our names. */
    public static MadeUpTensors ours(String model) {
        MadeUpTensors tensors = new MadeUpTensors();
        of(model).stream().filter(row -> !row.isBuffer()).forEach(row -> tensors.with(row.official, row.shape));
        return tensors;
    }
}
