package maskfeat.settings;

import java.util.List;

/** What somebody wrote, before anything is known of the types it has to fit. */
sealed interface Written {
    Origin origin();

    /** For messages: what was found. */
    String found();

    /**
     * One value without parts.
     *
     * @param quoted the writer said that this is text, whatever it looks like
     */
    record Text(String text, boolean quoted, Origin origin) implements Written {
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

    record Items(List<Written> items, Origin origin) implements Written {
        @Override
        public String found() {
            return "a list";
        }
    }

    record Keys(List<Entry> entries, Origin origin) implements Written {
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
    record Entry(String key, Origin origin, Written value) {}

    /**
     * A value from the command line. Text is taken as it stands, so that a file name may hold braces, stars and colons;
     * only where a list or a map is wanted is it read as YAML.
     */
    record Typed(String raw, Origin origin) implements Written {
        Text text() {
            boolean quoted = raw.length() >= 2
                    && (raw.charAt(0) == '\'' || raw.charAt(0) == '"')
                    && raw.charAt(raw.length() - 1) == raw.charAt(0);
            return quoted && structure() instanceof Text text ? text : new Text(raw, false, origin);
        }

        Written structure() {
            return Syntax.commandLine(raw, origin);
        }

        @Override
        public String found() {
            return text().found();
        }
    }
}
