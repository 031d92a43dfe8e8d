package maskfeat.shard;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.disk.PathText;

/**
 * One of several equal parts of a list of files. File k of the list, counted from 0, is in shard (k mod count) + 1.
 *
 * @param number from 1 to {@code count}
 * @param count of all shards
 */
public record Shard(int number, int count) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,6})/([0-9]{1,6})");

    /** @throws IllegalArgumentException if there is no such shard */
    public Shard {
        if (count < 1 || number < 1 || number > count) {
            throw new IllegalArgumentException("there is no shard " + number + " of " + count
                    + (count < 1 ? "; there must be at least one" : "; they are counted from 1 to " + count));
        }
    }

    /**
     * A shard in the form {@code 2/3}.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static Shard parse(String text) {
        Matcher numbers = TEXT.matcher(text);
        if (!numbers.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no shard; write I/N, such as 2/3 for the second of three");
        }
        return new Shard(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)));
    }

    /** Whether a file of the list is in it. @param at counted from 0 */
    public boolean has(int at) {
        return at % count == number - 1;
    }

    /** How many of so many files are in it. */
    public int sizeOf(int files) {
        return (files - number + count) / count;
    }

    /** What is in it, in order. */
    public <T> List<T> of(List<T> all) {
        List<T> own = new ArrayList<>();
        for (int at = number - 1; at < all.size(); at += count) {
            own.add(all.get(at));
        }
        return own;
    }

    /** Where its results are, of a command whose own would be in {@code whole}: {@code features.shard-2-of-3.jsonl}. */
    public Path fileOf(Path whole) {
        String name = PathText.of(whole.getFileName());
        int dot = name.lastIndexOf('.');
        return PathText.beside(whole, (dot > 0 ? name.substring(0, dot) : name) + ending());
    }

    /** What the names of files with its results end in. */
    String ending() {
        return ".shard-" + number + "-of-" + count + ".jsonl";
    }

    @Override
    public String toString() {
        return number + "/" + count;
    }
}
