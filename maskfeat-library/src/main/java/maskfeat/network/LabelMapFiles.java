package maskfeat.network;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import maskfeat.data.DatasetException;
import maskfeat.data.Item;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.feature.LabelMap;
import maskfeat.feature.LabelMaps;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import maskfeat.weights.TorchCheckpoint;

/**
 * Token Labeling's files of maps: of each picture one tensor [2, kept, rows, columns] that {@code torch.save} wrote, scores
 * first, then the numbers of their classes.
 */
public final class LabelMapFiles {
    private static final String ENDING = ".pt";
    private static final int PARTS = 2;
    private static final int DIMENSIONS = 4;

    /** The published ones are [2, 5, 18, 18]; a whole picture's pixels are no map. */
    private static final long MOST_NUMBERS = 1 << 20;

    private final LabelMaps maps;
    private final Path folder;

    /** @throws NullPointerException if the settings name no folder */
    public LabelMapFiles(LabelMaps maps) {
        this.maps = maps;
        folder = PathText.path(Objects.requireNonNull(maps.folder()).toString());
    }

    /** Where the map of an item is: in a folder of the name of its own, under its name up to the first dot. */
    Path file(Item item) {
        Path picture = item.file().toAbsolutePath();
        String name = String.valueOf(picture.getFileName());
        int dot = name.indexOf('.');
        Path parent = picture.getParent();
        String of = parent == null || parent.getFileName() == null
                ? ""
                : parent.getFileName().toString();
        return folder.resolve(of).resolve((dot < 0 ? name : name.substring(0, dot)) + ENDING);
    }

    /**
     * Looks at the map of one item, as far as reading it tells.
     *
     * @throws NoSuchFileException if it is not there
     * @throws DamagedFile if it is no such map
     * @throws IOException naming the file, if it cannot be read
     */
    public void check(Item item) throws IOException {
        requireFolder();
        Path file = file(item);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(PathText.shown(file), null, "there is no such map");
        }
        read(item);
    }

    /** @throws NoSuchFileException if there is no folder of maps */
    public void requireFolder() throws NoSuchFileException {
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(
                    folder.toString(), null, "there is no such folder of maps; task.target.maps.folder names it");
        }
    }

    /**
     * Refuses pictures without maps, before a run begins.
     *
     * @throws DatasetException naming the first of them, and where its map should be
     */
    public void check(Path source, List<Item> items) throws IOException {
        requireFolder();
        long missing = 0;
        Item first = null;
        for (Item item : items) {
            if (!Files.isRegularFile(file(item))) {
                missing++;
                first = first == null ? item : first;
            }
        }
        if (first != null) {
            throw new DatasetException(source + ": " + missing + " of " + Plural.of(items.size(), "image")
                    + (missing == 1 ? " has" : " have") + " no map of classes in " + folder + ": that of "
                    + first.file() + " should be " + file(first)
                    + "; task.target.maps.folder names the folder whose folders are the classes'");
        }
        read(items.get(0));
    }

    /**
     * Reads the map of an item. Nothing in the file is executed.
     *
     * @throws DamagedFile if it is no such map
     * @throws IOException naming the file, if it cannot be read
     */
    LabelMap read(Item item) throws IOException {
        Path file = file(item);
        try (TensorReader reader = TorchCheckpoint.openTensor(file)) {
            TensorEntry entry = reader.entries().values().iterator().next();
            List<Long> shape = entry.shape();
            if (shape.size() != DIMENSIONS
                    || shape.get(0) != PARTS
                    || entry.count() == 0
                    || entry.count() > MOST_NUMBERS
                    || !entry.type().isReal()) {
                throw new DamagedFile(
                        file,
                        "holds a tensor " + shape + " of " + entry.type() + ", and a map of classes is [2, kept, rows,"
                                + " columns] of F16 or F32: scores and the numbers of their classes, as Token Labeling"
                                + " publishes them");
            }
            return map(file, shape, numbers(reader, entry));
        }
    }

    private static float[] numbers(TensorReader reader, TensorEntry entry) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(entry.size())).order(ByteOrder.LITTLE_ENDIAN);
        reader.read(entry, bytes);
        bytes.flip();
        float[] numbers = new float[Math.toIntExact(entry.count())];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) entry.type().real(bytes);
        }
        return numbers;
    }

    private LabelMap map(Path file, List<Long> shape, float[] numbers) throws DamagedFile {
        int half = numbers.length / PARTS;
        float[] scores = new float[half];
        int[] labels = new int[half];
        for (int i = 0; i < half; i++) {
            scores[i] = numbers[i];
            labels[i] = (int) numbers[half + i];
            if (labels[i] != numbers[half + i]) {
                throw new DamagedFile(file, "has " + numbers[half + i] + " for the number of a class");
            }
        }
        try {
            return new LabelMap(
                    maps.classes(),
                    Math.toIntExact(shape.get(1)),
                    Math.toIntExact(shape.get(2)),
                    Math.toIntExact(shape.get(3)),
                    scores,
                    labels);
        } catch (IllegalArgumentException e) {
            throw new DamagedFile(file, String.valueOf(e.getMessage()), e);
        }
    }
}
