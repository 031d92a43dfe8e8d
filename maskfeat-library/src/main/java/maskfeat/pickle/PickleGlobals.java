package maskfeat.pickle;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import maskfeat.disk.DamagedFile;

/**
 * What the names in a pickle mean: the list of all that is let through.
 *
 * <p>A pickle is a program: it names functions of Python by module and name, and calls them. Here nothing is ever called;
 * who reads says which names such a file has cause to hold, and what a call of each would have given.
 */
public interface PickleGlobals {
    /**
     * What a name means.
     *
     * @throws DamagedFile if the file must not be read because of it
     */
    Object global(String module, String name) throws DamagedFile;

    /**
     * What a call would give. Nothing is called.
     *
     * @param callee what {@link #global} gave, or anything else where the file is damaged
     * @param arguments a {@link Pickled.Tuple}, or anything else where the file is damaged
     * @throws DamagedFile if it cannot be called so
     */
    Object call(Object callee, Object arguments) throws DamagedFile;

    /**
     * What a persistent id stands for.
     *
     * @throws DamagedFile if there are none in such files
     */
    Object persistent(Object id) throws DamagedFile;

    /**
     * Gives a thing its state.
     *
     * @return whether that meant something; otherwise the state is left out, or the pickle refused where the thing has none
     * @throws DamagedFile if the state does not fit the thing
     */
    default boolean build(Object thing, Object state) throws DamagedFile {
        return false;
    }

    /** A text of Python 2, which has no encoding of its own: UTF-8 where it is that, and Latin-1 otherwise. */
    default String oldText(byte[] bytes) {
        // A decoder takes a hundred times the memory of the two bytes that a text may be in the file.
        for (byte b : bytes) {
            if (b < 0) {
                try {
                    return StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString();
                } catch (CharacterCodingException e) {
                    return new String(bytes, StandardCharsets.ISO_8859_1);
                }
            }
        }
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
