package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation: its code blocks, links and headings.
 *
 * @param file where it lies
 * @param headings as anchors: lower case, without punctuation, spaces as hyphens, a repeated one with its number
 */
record Markdown(Path file, List<Block> blocks, List<Link> links, List<String> headings) {
    private static final Pattern FENCE = Pattern.compile("^\\s*```+\\s*(\\S*).*$");
    private static final Pattern HEADING = Pattern.compile("^#{1,6}\\s+(.*?)\\s*#*$");
    private static final Pattern LINK = Pattern.compile(
            "\\]\\(\\s*<?([^)\\s>]+)>?[^)]*\\)|^\\s*\\[[^\\]]+\\]:\\s+(\\S+)|(?:src|href)=\"([^\"]+)\"");

    /**
     * A code block.
     *
     * @param line of its first line in the page, from 1
     * @param language as written after the fence, or empty
     */
    record Block(Path file, int line, String language, String text) {}

    /** @param target as written: a URL, or a path relative to the page's folder, or an anchor, or both */
    record Link(Path file, int line, String target) {}

    /** The pages of the project: those in its root, in {@code docs} and in {@code examples}. */
    static List<Markdown> pages(Path root) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path folder : List.of(root, root.resolve("docs"), root.resolve("examples"))) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> entries = Files.walk(folder, folder.equals(root) ? 1 : Integer.MAX_VALUE)) {
                    entries.filter(file -> file.toString().endsWith(".md"))
                            .sorted()
                            .forEach(files::add);
                }
            }
        }
        List<Markdown> pages = new ArrayList<>();
        for (Path file : files) {
            pages.add(parse(file, Files.readString(file)));
        }
        return pages;
    }

    static Markdown parse(Path file, String text) {
        List<Block> blocks = new ArrayList<>();
        List<Link> links = new ArrayList<>();
        List<String> headings = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            Matcher fence = FENCE.matcher(lines.get(i));
            if (fence.matches()) {
                int first = i + 1;
                int end = first;
                while (end < lines.size() && !lines.get(end).strip().startsWith("```")) {
                    end++;
                }
                if (end == lines.size()) {
                    throw new IllegalArgumentException(file + ":" + first + ": this code block has no end");
                }
                blocks.add(new Block(
                        file, first + 1, fence.group(1), String.join("\n", lines.subList(first, end)) + "\n"));
                i = end;
                continue;
            }
            Matcher heading = HEADING.matcher(lines.get(i));
            if (heading.matches()) {
                headings.add(anchor(heading.group(1), headings));
            }
            Matcher link = LINK.matcher(lines.get(i).replaceAll("`[^`]*`", "``"));
            while (link.find()) {
                String target =
                        link.group(1) != null ? link.group(1) : link.group(2) != null ? link.group(2) : link.group(3);
                links.add(new Link(file, i + 1, target));
            }
        }
        return new Markdown(file, blocks, links, headings);
    }

    private static String anchor(String heading, List<String> before) {
        String plain = heading.replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1");
        String anchor = plain.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
                .replace(' ', '-');
        String unique = anchor;
        for (int i = 1; before.contains(unique); i++) {
            unique = anchor + "-" + i;
        }
        return unique;
    }
}
