package maskfeat.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a block of shell commands says, as far as documentation needs it: words, quotes, comments, long lines. */
final class ShellBlock {
    private static final Set<String> ENDS = Set.of("|", "||", "&&", ";", "&");

    private ShellBlock() {}

    /**
     * A command.
     *
     * @param line in its block, from 0
     * @param words the program and its arguments, without redirections and without what sets variables before it
     */
    record Command(int line, List<String> words) {}

    /** The commands of a block, in their order; those joined by pipes, {@code &&} or {@code ;} one by one. */
    static List<Command> commands(String text) {
        List<Command> commands = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            int first = i;
            StringBuilder whole = new StringBuilder(lines.get(i));
            while (whole.toString().endsWith("\\") && i + 1 < lines.size()) {
                whole.setLength(whole.length() - 1);
                whole.append(lines.get(++i));
            }
            List<String> command = new ArrayList<>();
            for (String word : words(whole.toString())) {
                if (ENDS.contains(word)) {
                    add(commands, first, command);
                    command = new ArrayList<>();
                } else {
                    command.add(word);
                }
            }
            add(commands, first, command);
        }
        return commands;
    }

    private static void add(List<Command> commands, int line, List<String> words) {
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.matches("[0-9]?(>>?|<)")) {
                i++; // and the file's name after it
            } else if (!word.matches("[0-9]?(>>?|<).+")
                    && !(kept.isEmpty() && (word.equals("$") || word.matches("[A-Z_][A-Z0-9_]*=.*")))) {
                kept.add(word);
            }
        }
        if (!kept.isEmpty()) {
            commands.add(new Command(line, kept));
        }
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (char c : line.toCharArray()) {
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                inWord = true;
            } else if (c == '#' && !inWord) {
                break;
            } else if (!Character.isWhitespace(c)) {
                word.append(c);
                inWord = true;
            } else if (inWord) {
                words.add(word.toString());
                word.setLength(0);
                inWord = false;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("a quote is not closed: " + line);
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }
}
