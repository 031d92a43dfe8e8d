package maskfeat.archive;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names of several files in one text, as shells and WebDataset have them: {@code a-{000..099}.tar}, {@code {a,b}.tar}. */
final class Braces {
    private static final int MOST = 1_000_000;
    private static final Pattern BRACE = Pattern.compile("\\{([^{}]*)}");
    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})\\.\\.(\\d{1,9})");
    private static final Pattern NUMBER = Pattern.compile("(\\D*)(\\d{1,9})(\\D*)");

    private Braces() {}

    /** Whether a text stands for several. */
    static boolean areIn(String text) {
        Matcher brace = BRACE.matcher(text);
        while (brace.find()) {
            if (brace.group(1).indexOf(',') >= 0
                    || RANGE.matcher(brace.group(1)).matches()) {
                return true;
            }
        }
        return false;
    }

    /**
     * All that a text stands for, in order.
     *
     * @throws IllegalArgumentException if they are too many
     */
    static List<String> expanded(String text) {
        Matcher brace = BRACE.matcher(text);
        while (brace.find()) {
            List<String> choices = choices(brace.group(1));
            if (!choices.isEmpty()) {
                List<String> rest = expanded(text.substring(brace.end()));
                if ((long) choices.size() * rest.size() > MOST) {
                    throw new IllegalArgumentException(text + " stands for more than " + MOST + " files");
                }
                String before = text.substring(0, brace.start());
                List<String> all = new ArrayList<>();
                choices.forEach(choice -> rest.forEach(end -> all.add(before + choice + end)));
                return all;
            }
        }
        return List.of(text);
    }

    private static List<String> choices(String inside) {
        Matcher range = RANGE.matcher(inside);
        if (!range.matches()) {
            return inside.indexOf(',') < 0 ? List.of() : List.of(inside.split(",", -1));
        }
        int from = Integer.parseInt(range.group(1));
        int to = Integer.parseInt(range.group(2));
        if (Math.abs(to - from) >= MOST) {
            throw new IllegalArgumentException("{" + inside + "} stands for more than " + MOST + " files");
        }
        boolean padded = range.group(1).startsWith("0") && range.group(1).length() > 1
                || range.group(2).startsWith("0") && range.group(2).length() > 1;
        int digits = padded ? Math.max(range.group(1).length(), range.group(2).length()) : 1;
        List<String> numbers = new ArrayList<>();
        for (int number = from; ; number += from <= to ? 1 : -1) {
            numbers.add(String.format(Locale.ROOT, "%0" + digits + "d", number));
            if (number == to) {
                return numbers;
            }
        }
    }

    /** A text that stands for some names: a range if they are one, else all of them. */
    static String joined(List<String> names) {
        if (names.size() == 1) {
            return names.get(0);
        }
        Matcher first = NUMBER.matcher(names.get(0));
        Matcher last = NUMBER.matcher(names.get(names.size() - 1));
        if (first.matches() && last.matches()) {
            String range = first.group(1) + "{" + first.group(2) + ".." + last.group(2) + "}" + first.group(3);
            if (Math.abs(Integer.parseInt(last.group(2)) - Integer.parseInt(first.group(2))) < MOST
                    && expanded(range).equals(names)) {
                return range;
            }
        }
        return names.stream().collect(Collectors.joining(",", "{", "}"));
    }
}
