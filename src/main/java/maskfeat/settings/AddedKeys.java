package maskfeat.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Gives the settings that an older file could not have the values they had then. */
final class AddedKeys {
    private AddedKeys() {}

    /**
     * Fills in what is missing and was {@link Added} after a version; what is missing otherwise stays so.
     *
     * @param version of the file
     */
    static Tree filled(Tree tree, int version) {
        return filled("", tree, version);
    }

    private static Tree filled(String key, Tree tree, int version) {
        if (!(tree instanceof Tree.Branch branch)) {
            return tree;
        }
        Map<String, Tree> children = new LinkedHashMap<>();
        for (SettingType.Component component : branch.type().components()) {
            Tree child = Objects.requireNonNull(branch.children().get(component.key()));
            String childKey = SettingType.child(key, component.key());
            Tree known = child instanceof Tree.Missing
                    ? component
                            .before(version)
                            .map(text -> before(childKey, branch.type(), component, text, version))
                            .orElse(child)
                    : child;
            children.put(component.key(), filled(childKey, known, version));
        }
        return new Tree.Branch(branch.type(), branch.kind(), children);
    }

    /** Reads the annotation's text as the value of that one component. */
    private static Tree before(
            String key, SettingType.RecordType record, SettingType.Component component, String before, int version) {
        Origin origin = new Origin.OlderVersion(version);
        Node value = NodeReader.text(before, origin);
        Overlay.Change change = new Overlay.Change(List.of(component.key()), value, origin);
        try {
            Tree only = new Overlay(record, Tree.unknown(record, null), Beginnings.OWN).with(List.of(change));
            return Objects.requireNonNull(((Tree.Branch) only).children().get(component.key()));
        } catch (SettingsException e) {
            throw new IllegalStateException(
                    "@Added of " + record.type().getName() + " gives " + key + " the value '" + before
                            + "', which does not fit: " + e.getMessage(),
                    e);
        }
    }
}
