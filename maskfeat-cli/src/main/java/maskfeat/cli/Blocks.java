package maskfeat.cli;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Blocks of a network as {@code --block} names them. */
public final class Blocks {
    private Blocks() {}

    /**
     * Their numbers, ascending.
     *
     * @param text numbers from 0 with commas between, {@code all}, or null for the last
     * @param depth blocks of the network
     * @throws IllegalArgumentException if it is something else, or there is no such block
     */
    public static List<Integer> parse(@Nullable String text, int depth) {
        if (text == null) {
            return List.of(depth - 1);
        }
        if (text.strip().equals("all")) {
            return IntStream.range(0, depth).boxed().toList();
        }
        TreeSet<Integer> blocks = new TreeSet<>();
        for (String number : text.split(",", -1)) {
            if (!number.strip().matches("\\d{1,4}") || Integer.parseInt(number.strip()) >= depth) {
                throw new IllegalArgumentException(
                        "--block " + Launcher.word(text) + ": the blocks of this network are 0 to " + (depth - 1)
                                + ", such as " + (depth - 1) / 2 + "," + (depth - 1) + ", or all");
            }
            blocks.add(Integer.parseInt(number.strip()));
        }
        return List.copyOf(blocks);
    }
}
