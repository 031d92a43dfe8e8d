package maskfeat.boxes;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;

/**
 * Paths of the frames of a video. AVA's training list has six million, and nearly all differ from the one before by a number
 * that is one higher: such a run is kept as its first path and a count.
 */
final class FramePaths extends AbstractList<String> implements RandomAccess {
    private static final int MAX_DIGITS = 9;

    /**
     * Paths that count up.
     *
     * @param from index of the first
     * @param digits of its number, with zeros before it
     */
    private record Run(int from, String before, int number, int digits, String after) {
        static Run of(int from, String path) {
            int end = path.length();
            int folder = path.lastIndexOf('/');
            while (end > folder + 1 && !isDigit(path.charAt(end - 1))) {
                end--;
            }
            int begin = end;
            while (begin > folder + 1 && end - begin < MAX_DIGITS && isDigit(path.charAt(begin - 1))) {
                begin--;
            }
            return end == begin
                    ? new Run(from, path, 0, 0, "")
                    : new Run(
                            from,
                            path.substring(0, begin),
                            Integer.parseInt(path.substring(begin, end)),
                            end - begin,
                            path.substring(end));
        }

        private static boolean isDigit(char c) {
            return c >= '0' && c <= '9';
        }

        String path(int index) {
            if (digits == 0) {
                return before;
            }
            String shown = Integer.toString(number + index - from);
            return before + "0".repeat(Math.max(0, digits - shown.length())) + shown + after;
        }
    }

    private final List<Run> runs = new ArrayList<>();
    private int size;

    @Override
    public boolean add(String path) {
        if (runs.isEmpty() || !runs.get(runs.size() - 1).path(size).equals(path)) {
            runs.add(Run.of(size, path));
        }
        size++;
        return true;
    }

    @Override
    public String get(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("frame " + index + " of " + size);
        }
        int low = 0;
        int high = runs.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (runs.get(middle).from() <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return runs.get(low).path(index);
    }

    @Override
    public int size() {
        return size;
    }
}
