package maskfeat.foreign;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a caller tells of weights that do not tell it themselves.
 *
 * @param heads number of attention heads in the first stage; shapes do not tell a vision transformer's
 * @param network which of several networks in the file, by the name under which they are listed
 */
public record Told(OptionalInt heads, Optional<String> network) {
    /** Nothing: what the file does not tell is as is usual, or refused. */
    public static final Told NOTHING = new Told(OptionalInt.empty(), Optional.empty());

    public Told {
        if (heads.isPresent() && heads.getAsInt() < 1) {
            throw new IllegalArgumentException("heads " + heads.getAsInt() + " must be at least 1");
        }
    }

    /** The number of heads alone. */
    public static Told heads(OptionalInt heads) {
        return new Told(heads, Optional.empty());
    }
}
