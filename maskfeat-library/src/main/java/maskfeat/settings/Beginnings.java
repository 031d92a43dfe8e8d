package maskfeat.settings;

import java.util.Optional;

/**
 * A value of settings that knows what a record, which is null in it, starts from when a user sets one of its keys. For
 * records whose defaults depend on the rest of the value, such as on the kind of data.
 */
public interface Beginnings {
    /** Each record starts from its own {@code defaults()}. */
    Beginnings OWN = record -> Optional.empty();

    /** What the record starts from; empty for its own {@code defaults()}. */
    Optional<Object> whereSwitchedOn(Class<?> record);
}
