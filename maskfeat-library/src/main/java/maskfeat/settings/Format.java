package maskfeat.settings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import maskfeat.settings.Node.Mapping;
import maskfeat.settings.Node.Scalar;

/**
 * A kind of file that holds a value of settings, and all its versions until today. Files carry their version under the key
 * {@code version}; those that carry none are of version 1, the oldest.
 *
 * @param type the record, or the sealed interface of records, that a file holds
 * @param name for messages, in the plural or as a mass: {@code run settings}
 * @param version that is written now, from 1; {@link #UNVERSIONED} for values that are no files of their own
 * @param migrations from older versions, in any order; a version without one differs only by {@link Added} keys
 * @param <R> what a file holds
 */
public record Format<R>(Class<R> type, String name, int version, List<Migration> migrations) {
    /** Neither written nor read. */
    public static final int UNVERSIONED = 0;

    /** The key of the version. */
    static final String KEY = "version";

    public Format {
        migrations = List.copyOf(migrations);
        if (version < UNVERSIONED) {
            throw new IllegalArgumentException("version " + version + " of " + name + " must be at least 1");
        }
        Set<Integer> seen = new HashSet<>();
        for (Migration migration : migrations) {
            if (migration.from() >= version || !seen.add(migration.from())) {
                throw new IllegalArgumentException("migrations of " + name
                        + " must each begin at another version below " + version + ", got " + migration.from());
            }
        }
        if (SettingType.of(type) instanceof SettingType.RecordType record
                && record.component(KEY).isPresent()) {
            throw new IllegalArgumentException(type.getName() + " must not have a component of the name '" + KEY + "'");
        }
    }

    /** A value that is no file of its own, such as a part of one: no version is written or read. */
    static <R> Format<R> unversioned(Class<R> type) {
        return new Format<>(type, KeyName.of(type.getSimpleName()), UNVERSIONED, List.of());
    }

    /**
     * What a file says, brought to the version of today.
     *
     * @param version that it was written in
     * @param content without the key of the version
     */
    record Current(int version, Node content) {}

    /**
     * Reads a file's version and migrates its keys.
     *
     * @param file its name, for messages
     * @param complete whether the file must hold every key: only then is a missing version the oldest one
     * @throws SettingsException if the version is newer than ours, or is none
     */
    Current current(String file, Node content, boolean complete) {
        if (version == UNVERSIONED || !(content instanceof Mapping mapping)) {
            return new Current(version, content);
        }
        int written = complete ? 1 : version;
        List<Node.Entry> rest = new ArrayList<>();
        for (Node.Entry entry : mapping.entries()) {
            if (entry.key().equals(KEY)) {
                written = version(entry.value());
            } else {
                rest.add(entry);
            }
        }
        if (written > version) {
            throw new SettingsException(file + " is of version " + written + ", and this program reads " + name
                    + " up to version " + version + "; take the release that wrote it, or a newer one");
        }
        Document document = new Document(new Mapping(List.copyOf(rest), mapping.origin()), complete);
        for (int from = written; from < version; from++) {
            int version = from;
            document.begin(version);
            migrations.stream()
                    .filter(migration -> migration.from() == version)
                    .forEach(migration -> migration.change().accept(document));
        }
        return new Current(written, document.content());
    }

    private static int version(Node value) {
        if (value instanceof Scalar scalar && !scalar.quoted() && scalar.text().matches("[1-9][0-9]{0,8}")) {
            return Integer.parseInt(scalar.text());
        }
        throw SettingsException.at(KEY, "expected a whole number from 1, got " + value.found(), value.origin());
    }
}
