package maskfeat.recipe;

import java.util.Optional;

/** What records of settings begin with where they are switched on, when that hangs on the rest of the recipe. */
interface Beginnings {
    /** Each record begins with its own {@code defaults()}. */
    Beginnings OWN = record -> Optional.empty();

    /** A value of the record; empty for its own {@code defaults()}. */
    Optional<Object> whereSwitchedOn(Class<?> record);
}
