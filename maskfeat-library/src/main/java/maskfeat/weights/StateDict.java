package maskfeat.weights;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Shown;
import maskfeat.pickle.Pickled;
import org.jspecify.annotations.Nullable;

/**
 * Where in a checkpoint the weights are, and what is told beside them.
 *
 * <p>Every container is looked into once and to a limited depth, so that one which holds itself, or the same thing a
 * million times over, costs no more than its bytes.
 */
final class StateDict {
    /** Where training programs put the weights, in the order in which they are looked for. */
    private static final List<String> PLACES = List.of(
            "model_state", // SlowFast
            "state_dict", // OpenMMLab, Lightning, MoCo
            "model", // timm, DeiT, MAE, BEiT
            "model_state_dict", // PyTorch's tutorials
            "module", // DeepSpeed
            "model_ema",
            "state_dict_ema"); // timm

    /** Networks that are read although they were pickled whole: their classes hold nothing but parameters and parts. */
    private static final Set<String> NETWORKS = Set.of("dall_e.encoder.Encoder");

    private static final List<String> TRAINING = List.of("optim", "lr_sched", "sched", "scaler", "amp", "loss_scaler");
    private static final int MAX_DEPTH = 8;
    private static final int MAX_TENSORS = 100_000; // as in safetensors files
    private static final int MAX_NAME = 512;
    private static final int MAX_TEXTS = 10_000;
    private static final int KEYS_SHOWN = 8;

    private final Path file;
    private final SortedMap<String, TorchTensor> tensors = new TreeMap<>();
    private final SortedMap<String, String> unreadable = new TreeMap<>();
    private final SortedMap<String, String> texts = new TreeMap<>();
    private final Set<Object> asked = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Object> walked = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Object> told = Collections.newSetFromMap(new IdentityHashMap<>());
    private final SortedSet<String> others = new TreeSet<>();
    private @Nullable String key;

    private StateDict(Path file) {
        this.file = file;
    }

    /** Finds the weights in what {@code torch.save} saved. */
    static StateDict in(Path file, Object root) throws DamagedFile {
        return in(file, root, Optional.empty());
    }

    /** @param wanted the key that the weights are under, if there are tensors under it */
    static StateDict in(Path file, Object root, Optional<String> wanted) throws DamagedFile {
        StateDict found = new StateDict(file);
        found.find(root, wanted);
        return found;
    }

    /** A file that holds one tensor, which gets the name {@code tensor}. */
    static StateDict ofTensor(Path file, Object root) throws DamagedFile {
        if (!(root instanceof TorchTensor tensor) || tensor.type().type() == null) {
            throw new DamagedFile(file, "holds " + Pickled.kind(root) + " instead of a tensor");
        }
        StateDict found = new StateDict(file);
        found.tensors.put("tensor", tensor);
        return found;
    }

    /** By name. */
    SortedMap<String, TorchTensor> tensors() {
        return tensors;
    }

    /** Why each of these cannot be read, by name. */
    SortedMap<String, String> unreadable() {
        return unreadable;
    }

    /** Texts, numbers and truth values that stand beside the weights, by name. */
    SortedMap<String, String> texts() {
        return texts;
    }

    /** Under which key the weights were; empty where they are all of the file. */
    Optional<String> key() {
        return Optional.ofNullable(key);
    }

    /** Other keys under which there are whole dictionaries of tensors, sorted; empty where all of the file was taken. */
    SortedSet<String> others() {
        return others;
    }

    private void find(Object root, Optional<String> wanted) throws DamagedFile {
        if (root instanceof TorchModule network && NETWORKS.contains(network.name())) {
            walk("", network, 0);
            if (tensors.isEmpty() && unreadable.isEmpty()) {
                throw new DamagedFile(file, "holds " + Pickled.kind(network) + " without parameters");
            }
            return;
        }
        if (!(root instanceof Pickled.Dict)
                && !(root instanceof Pickled.Sequence)
                && !(root instanceof Pickled.Tuple)) {
            throw new DamagedFile(
                    file,
                    "holds " + Pickled.kind(root) + " instead of a dictionary of tensors"
                            + (isWhole(root) ? ". " + TorchGlobals.SAVE_STATE_DICT : ""));
        }
        Map<Object, Object> items = root instanceof Pickled.Dict dict ? dict.items() : Map.of();
        SortedSet<String> filled = new TreeSet<>();
        items.forEach((name, value) -> {
            if (name instanceof String text
                    && text.length() <= MAX_NAME
                    && !isTraining(text)
                    && filled.size() < KEYS_SHOWN
                    && value instanceof Pickled.Dict
                    && hasTensors(value)) {
                filled.add(text);
            }
        });
        String place = Stream.concat(wanted.stream(), PLACES.stream())
                .filter(filled::contains)
                .findFirst()
                .orElse(null);
        key = place;
        if (place == null) {
            walk("", root, 0, true);
        } else {
            others.addAll(filled);
            others.remove(place);
            items.forEach((name, value) -> {
                if (!place.equals(name)) {
                    tell(name(name), value, 0);
                }
            });
            Object weights = items.get(place);
            if (weights != null) {
                walk("", weights, 0, false);
            }
        }
        if (tensors.isEmpty() && unreadable.isEmpty()) {
            throw new DamagedFile(
                    file,
                    "holds no tensors"
                            + (items.isEmpty() ? "" : "; it has the keys " + shown(items.keySet()))
                            + items.values().stream()
                                    .filter(StateDict::isWhole)
                                    .findFirst()
                                    .map(whole -> ". One of them holds " + Pickled.kind(whole) + ". "
                                            + TorchGlobals.SAVE_STATE_DICT)
                                    .orElse(""));
        }
    }

    /** Directly, or one level down. */
    private boolean hasTensors(@Nullable Object dict) {
        for (Object value : values(dict)) {
            if (isTensor(value) || values(value).stream().anyMatch(StateDict::isTensor)) {
                return true;
            }
        }
        return false;
    }

    /** Of a dictionary that has not been asked for them before: one may be named a million times. */
    private Collection<Object> values(@Nullable Object value) {
        return value instanceof Pickled.Dict dict && asked.add(dict)
                ? dict.items().values()
                : List.of();
    }

    /** A network, or another object. */
    private static boolean isWhole(Object value) {
        return value instanceof Pickled.Opaque || value instanceof TorchModule;
    }

    private static boolean isTensor(Object value) {
        return value instanceof TorchTensor || value instanceof TorchGlobals.Unreadable;
    }

    private static List<String> shown(Set<Object> keys) {
        List<String> shown = new ArrayList<>();
        for (Object key : keys) {
            if (shown.size() == KEYS_SHOWN) {
                shown.add("...");
                break;
            }
            shown.add(Shown.text(String.valueOf(name(key))));
        }
        return shown;
    }

    /**
     * Lists the tensors under a value.
     *
     * @param beside whether there is no place for the weights alone, so that what belongs to training must be left out
     */
    private void walk(String name, Object value, int depth, boolean beside) throws DamagedFile {
        if (isTensor(value)) {
            list(name, value);
        } else if (depth <= MAX_DEPTH && value instanceof Pickled.Dict dict && walked.add(value)) {
            for (Map.Entry<Object, Object> item : dict.items().entrySet()) {
                String own = name(item.getKey());
                if (own != null && !(beside && isTraining(own) && !isTensor(item.getValue()))) {
                    step(name, own, item.getValue(), depth);
                    if (beside) {
                        tell(own, item.getValue(), 0);
                    }
                }
            }
        } else if (depth <= MAX_DEPTH && isRow(value) && walked.add(value)) {
            List<Object> items =
                    value instanceof Pickled.Tuple tuple ? tuple.items() : ((Pickled.Sequence) value).items();
            for (int i = 0; i < items.size(); i++) {
                step(name, Integer.toString(i), items.get(i), depth);
            }
        }
    }

    /** Lists the parameters of a network's module and of those in it. */
    private void walk(String name, TorchModule module, int depth) throws DamagedFile {
        if (depth > MAX_DEPTH || !walked.add(module)) {
            return;
        }
        for (Map.Entry<Object, Object> parameter : module.parameters().entrySet()) {
            String own = name(parameter.getKey());
            if (own != null && isTensor(parameter.getValue())) {
                list(checked(name, own), parameter.getValue());
            }
        }
        for (Map.Entry<Object, Object> part : module.modules().entrySet()) {
            String own = name(part.getKey());
            if (own != null && part.getValue() instanceof TorchModule inner && !walked.contains(inner)) {
                walk(checked(name, own), inner, depth + 1);
            }
        }
    }

    private String checked(String before, String own) throws DamagedFile {
        if (before.length() + own.length() >= MAX_NAME) {
            throw new DamagedFile(file, "has a tensor whose name is longer than " + MAX_NAME);
        }
        return joined(before, own);
    }

    private void step(String name, String own, Object value, int depth) throws DamagedFile {
        // Names are joined only where they are needed: each costs memory, and there may be millions of values.
        if (isTensor(value) || (value instanceof Pickled.Dict || isRow(value)) && !walked.contains(value)) {
            walk(checked(name, own), value, depth + 1, false);
        }
    }

    private static boolean isRow(Object value) {
        return value instanceof Pickled.Sequence || value instanceof Pickled.Tuple;
    }

    private void list(String name, Object tensor) throws DamagedFile {
        boolean twice = tensors.containsKey(name) || unreadable.containsKey(name);
        if (twice || name.equals(SafetensorsHeader.METADATA)) {
            throw new DamagedFile(
                    file, "has " + (twice ? "two tensors" : "a tensor") + " named '" + Shown.text(name) + "'");
        }
        if (tensors.size() + unreadable.size() >= MAX_TENSORS) {
            throw new DamagedFile(file, "has more than " + MAX_TENSORS + " tensors");
        }
        if (tensor instanceof TorchTensor readable) {
            tensors.put(name, readable);
        } else {
            unreadable.put(name, ((TorchGlobals.Unreadable) tensor).reason());
        }
    }

    /** Notes a simple value; of a dictionary those in it, under its name and a dot. */
    private void tell(@Nullable String name, Object value, int depth) {
        if (name == null || name.length() > MAX_NAME || texts.size() >= MAX_TEXTS) {
            return;
        }
        boolean simple = value instanceof String
                || value instanceof Long
                || value instanceof BigInteger
                || value instanceof Double
                || value instanceof Boolean;
        if (simple) {
            texts.putIfAbsent(name, value.toString());
        } else if (value instanceof Pickled.Dict dict && depth < MAX_DEPTH && !isTraining(name) && told.add(value)) {
            for (Map.Entry<Object, Object> item : dict.items().entrySet()) {
                String own = name(item.getKey());
                if (own != null && own.length() < MAX_NAME) {
                    tell(joined(name, own), item.getValue(), depth + 1);
                }
            }
        }
    }

    private static boolean isTraining(String name) {
        return TRAINING.stream().anyMatch(name::startsWith);
    }

    private static String joined(String before, String own) {
        return before.isEmpty() ? own : before + "." + own;
    }

    private static @Nullable String name(Object key) {
        return key instanceof String || key instanceof Long ? key.toString() : null;
    }
}
