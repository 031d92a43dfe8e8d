package maskfeat.boxes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Extent;
import maskfeat.disk.FileBytes;
import maskfeat.disk.Shown;
import maskfeat.eval.Corners;
import maskfeat.pickle.NumpyArray;
import maskfeat.pickle.NumpyGlobals;
import maskfeat.pickle.PickleInput;
import maskfeat.pickle.Pickled;
import maskfeat.pickle.Unpickler;
import org.jspecify.annotations.Nullable;

/** Boxes in a pickle: its dictionary, its names, its tables of numbers. Nothing in the file is executed. */
final class PickledBoxes {
    private static final long MAX_BYTES = 1L << 30; // AVA's proposals for training are some 100 MB
    private static final byte[] TUBES = "gttubes".getBytes(StandardCharsets.US_ASCII);
    private static final int PIECE = 1 << 16;

    private static final int WALKS = 4; // how often the whole of an honest file is gone over, and more

    private final Path file;
    private long budget;

    PickledBoxes(Path file) {
        this.file = file;
    }

    /** Whether a file begins as pickles of dictionaries do, in any protocol. */
    static boolean begins(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(3);
            return head.length == 3
                    && ((head[0] & 0xff) == 0x80 && head[1] >= 2 && head[1] <= 5
                            || head[0] == '(' && head[1] == 'd'
                            || head[0] == '}' && (head[1] == 'q' || head[1] == '(')
                            || head[0] == 'c' && head[1] == 'c' && head[2] == 'o');
        }
    }

    /** Whether the name of the tubes is anywhere in the file: the order of a dictionary of Python 2 is not told. */
    static boolean namesTubes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] piece = new byte[PIECE];
            int matched = 0;
            for (int count = in.read(piece); count > 0; count = in.read(piece)) {
                for (int i = 0; i < count; i++) {
                    // No beginning of the name is repeated within it but its first letter.
                    matched = piece[i] == TUBES[matched] ? matched + 1 : piece[i] == TUBES[0] ? 1 : 0;
                    if (matched == TUBES.length) {
                        return true;
                    }
                }
            }
            return false;
        }
    }

    Pickled.Dict root() throws IOException {
        try (FileBytes opened = FileBytes.open(file)) {
            PickleInput in = new PickleInput(new Extent(file, opened, 0, opened.size()), 0, MAX_BYTES);
            budget = WALKS * opened.size();
            Object root = Unpickler.read(in, new NumpyGlobals(in));
            if (in.position() != opened.size()) {
                throw damage("has " + (opened.size() - in.position()) + " bytes after its pickle's end");
            }
            return dict(root, "the whole file");
        }
    }

    DamagedFile damage(String found) {
        return new DamagedFile(file, found);
    }

    /** A few bytes may say the same list a million times. */
    private void spend(long items) throws DamagedFile {
        budget -= items;
        if (budget < 0) {
            throw damage("says the same again and again: it has more boxes than bytes");
        }
    }

    Pickled.Dict dict(@Nullable Object value, String what) throws DamagedFile {
        if (value instanceof Pickled.Dict dict) {
            spend(dict.items().size());
            return dict;
        }
        throw damage("has " + kind(value) + " for " + what + " instead of a dictionary");
    }

    List<Object> list(@Nullable Object value, String what) throws DamagedFile {
        if (value instanceof Pickled.Sequence list) {
            spend(list.items().size());
            return list.items();
        }
        if (value instanceof Pickled.Tuple tuple) {
            spend(tuple.size());
            return tuple.items();
        }
        throw damage("has " + kind(value) + " for " + what + " instead of a list");
    }

    /** A name. Bytes of Python 2 that are UTF-8 are that. */
    String name(@Nullable Object value, String what) throws DamagedFile {
        if (!(value instanceof String text) || text.isEmpty()) {
            throw damage("has " + kind(value) + " for " + what + " instead of a name");
        }
        if (text.chars().anyMatch(c -> c > 0x7f) && text.chars().allMatch(c -> c <= 0xff)) {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)))
                        .toString();
            } catch (CharacterCodingException latin) {
                return text;
            }
        }
        return text;
    }

    int count(@Nullable Object value, String what) throws DamagedFile {
        if (value instanceof Long number && number >= 0 && number <= Integer.MAX_VALUE) {
            return number.intValue();
        }
        if (value instanceof Double number
                && number >= 0
                && number <= Integer.MAX_VALUE
                && number == Math.rint(number)) {
            return number.intValue();
        }
        throw damage("has " + (value instanceof Number ? value.toString() : kind(value)) + " for " + what
                + " instead of a whole number");
    }

    private static String kind(@Nullable Object value) {
        return value == null ? "nothing" : Pickled.kind(value);
    }

    /**
     * A table of numbers.
     *
     * @param array where they are; null if they are in lists
     * @param lists one for each row; empty if there is an array
     */
    record Grid(
            PickledBoxes from,
            @Nullable NumpyArray array,
            List<List<Object>> lists,
            int rows,
            int columns,
            String what) {
        double get(int row, int column) throws DamagedFile {
            double number = Double.NaN;
            if (array != null) {
                number = array.get(row, column);
            } else if (lists.get(row).get(column) instanceof Number plain) {
                number = plain.doubleValue();
            }
            if (!Double.isFinite(number)) {
                throw from.damage("has " + what + " with something in row " + row + " that is no finite number");
            }
            return number;
        }

        Corners corners(int row, int first) throws DamagedFile {
            return new Corners(get(row, first), get(row, first + 1), get(row, first + 2), get(row, first + 3));
        }

        /** The four numbers with the digits that they have. */
        String text(int row, int first) throws DamagedFile {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 4; i++) {
                double number = get(row, first + i);
                text.append(i == 0 ? "" : ",");
                if (array != null && array.isSingle()) {
                    text.append((float) number);
                } else {
                    text.append(number);
                }
            }
            return text.toString();
        }
    }

    /** @param what for messages, such as "the boxes of video 'a'" */
    Grid grid(@Nullable Object value, String what) throws DamagedFile {
        if (value instanceof NumpyArray array) {
            List<Integer> shape = array.shape();
            if (shape.size() != 2 && !shape.equals(List.of(0))) {
                throw damage("has an array of " + shape.size() + " axes for " + what + " instead of 2");
            }
            spend(shape.get(0));
            return new Grid(this, array, List.of(), shape.get(0), shape.size() == 2 ? shape.get(1) : 0, what);
        }
        List<List<Object>> lists = new ArrayList<>();
        for (Object row : list(value, what)) {
            lists.add(list(row, what));
            if (lists.get(lists.size() - 1).size() != lists.get(0).size()) {
                throw damage("has rows of " + lists.get(0).size() + " and of "
                        + lists.get(lists.size() - 1).size() + " numbers in " + what);
            }
        }
        return new Grid(
                this,
                null,
                lists,
                lists.size(),
                lists.isEmpty() ? 0 : lists.get(0).size(),
                what);
    }

    static String quoted(String name) {
        return "'" + Shown.text(name) + "'";
    }
}
