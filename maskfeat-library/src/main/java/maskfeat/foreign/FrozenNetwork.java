package maskfeat.foreign;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A network that is none of our backbones and is only used as it is: what it makes of a picture is predicted. Its names and
 * shapes tell all; nothing is built to find out.
 */
public sealed interface FrozenNetwork permits BottleneckResNet, DalleEncoder {
    /** Numbers of a cell. */
    int dim();

    /** Side of a cell in pixels. */
    int cellSide();

    /** How many classes it has scores for; empty if it has none. */
    OptionalInt classes();

    /** Shapes of the tensors that it computes with, by name. */
    Map<String, List<Long>> shapes();

    /** In a line, such as "ResNet-50, 25,557,032 parameters". */
    String describe();
}
