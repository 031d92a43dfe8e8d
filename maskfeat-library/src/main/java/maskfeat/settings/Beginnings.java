package maskfeat.settings;

import java.util.Optional;

/** What records of settings begin with where they are switched on, when that depends on the rest of the recipe. */
public interface Beginnings {
    /** Each record begins with its own {@code defaults()}. */
    Beginnings OWN = record -> Optional.empty();

    /** A value of the record; empty for its own {@code defaults()}. */
    Optional<Object> whereSwitchedOn(Class<?> record);
}
