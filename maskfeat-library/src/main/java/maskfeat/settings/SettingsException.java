package maskfeat.settings;

import java.io.Serial;

/** A setting that is refused: one or two lines that name the key, what was found, what is accepted and where it was written. */
public final class SettingsException extends IllegalArgumentException {
    @Serial
    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(message);
    }

    public SettingsException(String message, Throwable cause) {
        super(message, cause);
    }

    /** {@code key: problem (where)}; the root of the tree has an empty key and goes unnamed. */
    static SettingsException at(String key, String problem, Origin origin) {
        return new SettingsException((key.isEmpty() ? "" : key + ": ") + problem + " (" + origin.detail() + ")");
    }
}
