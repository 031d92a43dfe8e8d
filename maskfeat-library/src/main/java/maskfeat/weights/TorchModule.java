package maskfeat.weights;

import java.util.Map;
import maskfeat.disk.Shown;
import maskfeat.pickle.Pickled;

/**
 * A module of a network that was pickled whole: the name of its class, its parameters and the modules in it. Its class is never
 * looked up, and all else that the pickle says of it is left out.
 */
final class TorchModule implements Pickled.Named {
    private static final String PARAMETERS = "_parameters";
    private static final String MODULES = "_modules";

    private final String name;
    private Map<Object, Object> parameters = Map.of();
    private Map<Object, Object> modules = Map.of();

    TorchModule(String name) {
        this.name = name;
    }

    /** Takes what is used of an object's attributes. */
    void take(Pickled.Dict attributes) {
        if (attributes.items().get(PARAMETERS) instanceof Pickled.Dict dict) {
            parameters = dict.items();
        }
        if (attributes.items().get(MODULES) instanceof Pickled.Dict dict) {
            modules = dict.items();
        }
    }

    /** Module and name of its class. */
    String name() {
        return name;
    }

    /** Tensors by name, and other values that are none. */
    Map<Object, Object> parameters() {
        return parameters;
    }

    /** Modules by name, and other values that are none. */
    Map<Object, Object> modules() {
        return modules;
    }

    @Override
    public String kind() {
        return "a " + Shown.text(name);
    }
}
