package maskfeat.settings;

import java.util.List;

/** A piece of YAML or JSON as somebody wrote it, with its place; nothing is known yet of the types it has to fit. */
sealed interface Node {
    /** Where it was written. */
    Origin origin();

    /** For messages: what was found. */
    String found();

    /**
     * One value without parts.
     *
     * @param quoted whether it was written in quotes, and so is text whatever it looks like
     */
    record Scalar(String text, boolean quoted, Origin origin) implements Node {
        private static final int SHOWN = 60;

        boolean isNull() {
            return !quoted && (text.isEmpty() || text.equals("null") || text.equals("~"));
        }

        @Override
        public String found() {
            if (!quoted && text.isEmpty()) {
                return "nothing";
            }
            String shown = text.codePointCount(0, text.length()) <= SHOWN
                    ? text
                    : text.substring(0, text.offsetByCodePoints(0, SHOWN)) + "...";
            return (quoted ? "the quoted text '" : "'") + shown.replaceAll("\\p{Cntrl}", " ") + "'";
        }
    }

    /** A list. */
    record Sequence(List<Node> items, Origin origin) implements Node {
        @Override
        public String found() {
            return "a list";
        }
    }

    /** A map; no key is there twice. */
    record Mapping(List<Entry> entries, Origin origin) implements Node {
        @Override
        public String found() {
            return "a map of keys";
        }
    }

    /**
     * One key of a map.
     *
     * @param origin of the key; the value has its own
     */
    record Entry(String key, Origin origin, Node value) {}

    /**
     * A value from the command line. It is taken as it stands, so that a file name may hold braces, stars and colons; it is
     * read as YAML only where a list or a map is expected, or where it is quoted.
     */
    record CommandLine(String raw, Origin origin) implements Node {
        Scalar scalar() {
            boolean quoted = raw.length() >= 2
                    && (raw.charAt(0) == '\'' || raw.charAt(0) == '"')
                    && raw.charAt(raw.length() - 1) == raw.charAt(0);
            return quoted && asYaml() instanceof Scalar scalar ? scalar : new Scalar(raw, false, origin);
        }

        Node asYaml() {
            return NodeReader.text(raw, origin);
        }

        @Override
        public String found() {
            return scalar().found();
        }
    }
}
