package maskfeat.serve;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import maskfeat.disk.Plural;
import maskfeat.media.Frames;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The input of the Open Inference Protocol for who decodes by themselves: {@value #INPUT}, UINT8, [n, T, S, S, 3] of videos and
 * [n, S, S, 3] of images, RGB from 0 to 255, of the frames and size that the network looks at.
 */
final class PixelTensor {
    static final String INPUT = "pixels";
    static final String TYPE = "UINT8";

    private static final int MOST = 255;

    private PixelTensor() {}

    /** Its shape, with -1 for any number. */
    static int[] shape(ServedModel model) {
        int side = model.side();
        return model.ofImages()
                ? new int[] {-1, side, side, Frames.CHANNELS}
                : new int[] {-1, model.frames(), side, side, Frames.CHANNELS};
    }

    /**
     * Reads it.
     *
     * @param input as the JSON has it
     * @param binary its bytes; null if they are in the JSON
     * @param most elements of a request
     * @return for each element, what the network looks at
     * @throws Refusal saying what is wrong with it
     */
    static List<Frames> read(JsonNode input, @Nullable ByteBuffer binary, ServedModel model, int most) throws Refusal {
        if (!input.path("datatype").asString("").equals(TYPE)) {
            throw bad("datatype of '" + INPUT + "' is " + input.path("datatype") + "; it must be " + TYPE
                    + ": RGB from 0 to 255, which the network normalizes by itself");
        }
        int[] shape = shape(model);
        int count = count(input.path("shape"), shape);
        if (count > most) {
            throw bad(count + " elements are more than the " + most + " of one request; send several");
        }
        int each = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
        byte[] all;
        if (binary == null) {
            Numbers numbers = new Numbers((long) count * each);
            numbers.add(input.path("data"));
            all = numbers.whole();
        } else {
            all = new byte[binary.remaining()];
            binary.get(all);
        }
        if (all.length != (long) count * each) {
            throw wrongCount(all.length, (long) count * each);
        }
        List<Frames> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            elements.add(new Frames(
                    model.frames(), model.side(), model.side(), Arrays.copyOfRange(all, i * each, (i + 1) * each)));
        }
        return elements;
    }

    private static int count(JsonNode said, int[] shape) throws Refusal {
        boolean fits = said.isArray()
                && said.size() == shape.length
                && said.get(0).isInt()
                && said.get(0).asInt() > 0;
        for (int axis = 1; fits && axis < shape.length; axis++) {
            fits = said.get(axis).isInt() && said.get(axis).asInt() == shape[axis];
        }
        if (!fits) {
            throw bad("shape of '" + INPUT + "' is " + said + "; it must be " + Arrays.toString(shape)
                    + ", with any number of elements in place of -1: scale and cut pictures before");
        }
        return said.get(0).asInt();
    }

    private static Refusal wrongCount(long found, long expected) {
        return bad("'" + INPUT + "' has " + Plural.of(found, "number") + ", and its shape has " + expected);
    }

    private static Refusal bad(String message) {
        return new Refusal(Refusal.BAD_REQUEST, message);
    }

    /** Of nested lists, row by row. */
    private static final class Numbers {
        private final byte[] values;
        private int count;

        Numbers(long expected) throws Refusal {
            if (expected > Integer.MAX_VALUE - 8) {
                throw bad("'" + INPUT + "' of " + expected + " numbers is too large for one request");
            }
            values = new byte[(int) expected];
        }

        void add(JsonNode data) throws Refusal {
            for (JsonNode element : data) {
                if (element.isArray()) {
                    add(element);
                    continue;
                }
                if (!element.isInt() || element.asInt() < 0 || element.asInt() > MOST) {
                    throw bad("'" + INPUT + "' has " + element
                            + " among its data; each must be a whole number from 0 to " + MOST);
                }
                if (count < values.length) {
                    values[count] = (byte) element.asInt();
                }
                count++;
            }
        }

        byte[] whole() throws Refusal {
            if (count != values.length) {
                throw wrongCount(count, values.length);
            }
            return values;
        }
    }
}
