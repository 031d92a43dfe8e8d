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
        if ((long) count * each > Integer.MAX_VALUE - 8) {
            throw bad("'" + INPUT + "' is too large for one request; send several");
        }
        byte[] all;
        if (binary == null) {
            all = numbers(input.path("data"), said(shape, count));
        } else if (input.has("data")) {
            throw bad("'" + INPUT + "' has data in the JSON and behind it; send one of them");
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

    private static int[] said(int[] shape, int count) {
        int[] said = shape.clone();
        said[0] = count;
        return said;
    }

    /** Row by row: in one list, or in lists within lists of the lengths of the shape. */
    private static byte[] numbers(JsonNode data, int[] shape) throws Refusal {
        long expected = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
        if (!data.isArray()) {
            throw bad("'" + INPUT + "' has no list of data");
        }
        boolean flat = data.isEmpty() || !data.get(0).isArray();
        if (data.size() != (flat ? expected : shape[0])) {
            throw flat ? wrongCount(data.size(), expected) : wrongLists(shape);
        }
        byte[] values = new byte[Math.toIntExact(expected)];
        fill(values, 0, data, flat ? new int[] {values.length} : shape, 0);
        return values;
    }

    private static int fill(byte[] values, int from, JsonNode data, int[] shape, int axis) throws Refusal {
        int at = from;
        if (!data.isArray() || data.size() != shape[axis]) {
            throw wrongLists(shape);
        }
        for (JsonNode element : data) {
            if (axis + 1 < shape.length) {
                at = fill(values, at, element, shape, axis + 1);
            } else if (!element.isInt() || element.asInt() < 0 || element.asInt() > MOST) {
                String found = element.isContainer() ? "a list" : element.toString();
                throw bad("'" + INPUT + "' has " + found + " among its data; each must be a whole number from 0 to "
                        + MOST);
            } else {
                values[at] = (byte) element.asInt();
                at++;
            }
        }
        return at;
    }

    private static Refusal wrongLists(int[] shape) {
        return bad("data of '" + INPUT
                + "' must be one list of numbers, or lists within lists of the lengths of its shape, "
                + Arrays.toString(shape));
    }
}
