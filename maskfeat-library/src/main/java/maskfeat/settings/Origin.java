package maskfeat.settings;

/**
 * Where the value of a setting was written.
 *
 * <p>{@code toString} is the short form for the end of a line: {@code recipe k400-mvitv2-s}, {@code run.yaml:12},
 * {@code --set}.
 */
public sealed interface Origin {
    /** The long form, for messages: the whole path with line and column, the whole assignment. */
    String detail();

    /** The layer, from the bottom: recipe, files, assignments, flags. */
    int rank();

    /** A recipe, by name. */
    record Recipe(String name) implements Origin {
        @Override
        public String detail() {
            return toString();
        }

        @Override
        public int rank() {
            return 0;
        }

        @Override
        public String toString() {
            return "recipe " + name;
        }
    }

    /** The default of a kind that was chosen, or of a record that was null. */
    record Defaults(String of) implements Origin {
        @Override
        public String detail() {
            return toString();
        }

        @Override
        public int rank() {
            return 0;
        }

        @Override
        public String toString() {
            return "default of " + of;
        }
    }

    /** A value that a file of an older version does not have: the program had it built in then. */
    record OlderVersion(int version) implements Origin {
        @Override
        public String detail() {
            return toString();
        }

        @Override
        public int rank() {
            return 0;
        }

        @Override
        public String toString() {
            return "as in version " + version;
        }
    }

    /**
     * A place in a file.
     *
     * @param file as the caller named it
     * @param line from 1
     * @param column from 1, in characters
     */
    record Line(String file, int line, int column) implements Origin {
        @Override
        public String detail() {
            return file + ":" + line + ":" + column;
        }

        @Override
        public int rank() {
            return 1;
        }

        @Override
        public String toString() {
            return file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1) + ":" + line;
        }
    }

    /** A {@code --set} on the command line, {@code key=value}. */
    record Assignment(String text) implements Origin {
        @Override
        public String detail() {
            return "--set " + (text.isBlank() ? "''" : text);
        }

        @Override
        public int rank() {
            return 2;
        }

        @Override
        public String toString() {
            return "--set";
        }
    }

    /** A command line option that stands for one setting, such as {@code --seed 7}. */
    record Flag(String name, String value) implements Origin {
        @Override
        public String detail() {
            return name + " " + (value.isBlank() ? "''" : value);
        }

        @Override
        public int rank() {
            return 3;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
