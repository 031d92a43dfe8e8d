package maskfeat.weights;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Shown;
import maskfeat.pickle.PickleGlobals;
import maskfeat.pickle.PickleInput;
import maskfeat.pickle.Pickled;
import org.jspecify.annotations.Nullable;

/**
 * What the names in a checkpoint's pickle mean: the list of all that is let through.
 *
 * <p>A pickle is a program: it names functions of Python by module and name, and calls them. Here nothing is ever called;
 * the question is only which names a checkpoint has cause to hold.
 *
 * <ul>
 *   <li>Those that make up tensors are understood: {@code torch._utils._rebuild_tensor}, {@code _v2}, {@code _v3},
 *       {@code _rebuild_parameter}, storages, element types, {@code torch.Size}, {@code collections.OrderedDict}.
 *   <li>Those that checkpoints are known to hold besides, settings and counters as objects (yacs, argparse, numpy scalars,
 *       OpenMMLab's history and the like), become opaque marks that stand for nothing and do nothing.
 *   <li>Classes of networks' modules become {@link TorchModule}s: a network that was pickled whole is read where all of its
 *       classes are PyTorch's own or those of DALL-E.
 *   <li>All others are refused together with the file, known to be harmful or not: a list of harmful names is never
 *       complete. A name with a dot in it is always refused, as it reaches through one module into another.
 * </ul>
 */
final class TorchGlobals implements PickleGlobals {
    private static final Pattern MODULE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*");
    private static final Pattern CLASS = Pattern.compile("[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+)*");
    private static final Pattern METHOD = Pattern.compile("[a-z][a-z0-9_]*");

    /** Packages whose classes (not functions) are harmless as marks. */
    private static final List<String> CLASSES_OF = List.of(
            "yacs",
            "fvcore",
            "omegaconf",
            "mmengine",
            "mmcv",
            "mmpretrain",
            "mmaction",
            "timm",
            "torch.nn",
            "torch.optim",
            "pytorch_lightning",
            "lightning",
            "lightning_fabric");

    /** Single names that are harmless as marks. */
    private static final Map<String, Set<String>> MARKS = Map.ofEntries(
            Map.entry("argparse", Set.of("Namespace")),
            Map.entry("types", Set.of("SimpleNamespace")),
            Map.entry("collections", Set.of("defaultdict", "Counter", "deque")),
            Map.entry(
                    "builtins",
                    Set.of(
                            "set",
                            "frozenset",
                            "list",
                            "dict",
                            "tuple",
                            "slice",
                            "complex",
                            "bytearray",
                            "bytes",
                            "str",
                            "unicode",
                            "range",
                            "xrange",
                            "int",
                            "long",
                            "float",
                            "bool",
                            "object")),
            Map.entry("copyreg", Set.of("_reconstructor")),
            Map.entry("_codecs", Set.of("encode")),
            Map.entry("functools", Set.of("partial")),
            Map.entry("typing", Set.of("Any", "Dict", "List", "Optional", "Union", "Tuple")),
            Map.entry(
                    "pathlib",
                    Set.of("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath")),
            Map.entry("datetime", Set.of("datetime", "date", "time", "timedelta", "timezone")),
            Map.entry(
                    "numpy",
                    Set.of(
                            "dtype",
                            "ndarray",
                            "bool_",
                            "bool",
                            "int8",
                            "int16",
                            "int32",
                            "int64",
                            "uint8",
                            "uint16",
                            "uint32",
                            "uint64",
                            "float16",
                            "float32",
                            "float64",
                            "complex64",
                            "complex128",
                            "str_",
                            "bytes_",
                            "longlong",
                            "ulonglong",
                            "intc",
                            "uintc")),
            Map.entry("numpy.core.multiarray", Set.of("scalar", "_reconstruct")),
            Map.entry("numpy._core.multiarray", Set.of("scalar", "_reconstruct")),
            Map.entry("numpy.core.numeric", Set.of("_frombuffer")),
            Map.entry("numpy._core.numeric", Set.of("_frombuffer")),
            Map.entry(
                    "torch",
                    Set.of(
                            "Tensor",
                            "device",
                            "strided",
                            "sparse_coo",
                            "contiguous_format",
                            "preserve_format",
                            "channels_last",
                            "channels_last_3d",
                            "per_tensor_affine",
                            "per_channel_affine")),
            Map.entry("torch.cuda.amp.grad_scaler", Set.of("GradScaler", "OptState", "_refresh_per_optimizer_state")),
            Map.entry("torch.amp.grad_scaler", Set.of("GradScaler", "OptState", "_refresh_per_optimizer_state")));

    /** Packages whose classes are modules of networks; what is taken of them is in {@link TorchModule}. */
    private static final List<String> MODULES_OF = List.of("torch.nn.modules", "dall_e");

    /** What to do with a network that was pickled whole. */
    static final String SAVE_STATE_DICT =
            "If that is a network, saved whole, save what its state_dict() gives: torch.save(model.state_dict(), ...)";

    /** What to do with a checkpoint that several processes wrote. */
    static final String JOIN =
            "join it first: python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER" + " joined.pth";

    private final PickleInput in;
    private final Map<String, TorchStorage> storages = new TreeMap<>();

    /** @param in the pickle that holds the names, for messages */
    TorchGlobals(PickleInput in) {
        this.in = in;
    }

    /** What a name of {@code torch._utils} and others makes, where it is understood. */
    private enum Function {
        ORDERED_DICT,
        TENSOR,
        TENSOR_V3,
        PARAMETER,
        FROM_TYPE,
        OTHER_TENSOR,
        SIZE,
        VERSION,
        GETATTR
    }

    private record Callable(Function function, String name) {}

    private record StorageClass(TorchType type) {}

    private record ModuleClass(String name) {}

    /**
     * A tensor that is there and that nothing here can hold.
     *
     * @param reason goes on where "it is" ends
     */
    record Unreadable(String reason) implements Pickled.Named {
        @Override
        public String kind() {
            return "a tensor";
        }
    }

    /** All storages that were named, by their key. */
    Map<String, TorchStorage> storages() {
        return storages;
    }

    @Override
    public Object global(String rawModule, String name) throws DamagedFile {
        // Python 3 writes the names of Python 2 in its protocols up to 2.
        String module = switch (rawModule) {
            case "__builtin__" -> "builtins";
            case "copy_reg" -> "copyreg";
            default -> rawModule;
        };
        Object known = known(module, name);
        if (known != null) {
            return known;
        }
        if (MODULE.matcher(module).matches() && isModule(module, name)) {
            return new ModuleClass(module + "." + name);
        }
        if (MODULE.matcher(module).matches() && (isMark(module, name) || isHarmlessClass(module, name))) {
            return new Pickled.Opaque(module + "." + name);
        }
        throw foreign(rawModule + "." + name);
    }

    private DamagedFile foreign(String name) {
        if (name.startsWith("torch.distributed.checkpoint.")) {
            return in.refusal("is a part of a distributed checkpoint of PyTorch, which is not read; " + JOIN);
        }
        String last = name.substring(name.lastIndexOf('.') + 1);
        return in.refusal("names " + Shown.text(name)
                + ", which is no part of a checkpoint; it is refused, and nothing was run"
                + (CLASS.matcher(last).matches() ? ". " + SAVE_STATE_DICT : ""));
    }

    private static boolean isMark(String module, String name) {
        return MARKS.getOrDefault(module, Set.of()).contains(name)
                || module.equals("numpy.dtypes") && CLASS.matcher(name).matches();
    }

    private static boolean isHarmlessClass(String module, String name) {
        return CLASS.matcher(name).matches() && isOf(CLASSES_OF, module);
    }

    private static boolean isModule(String module, String name) {
        return CLASS.matcher(name).matches() && isOf(MODULES_OF, module);
    }

    private static boolean isOf(List<String> packages, String module) {
        return packages.stream().anyMatch(known -> module.equals(known) || module.startsWith(known + "."));
    }

    private static @Nullable Object known(String module, String name) {
        switch (module) {
            case "collections":
                return name.equals("OrderedDict") ? callable(Function.ORDERED_DICT, module, name) : null;
            case "torch._utils":
                switch (name) {
                    case "_rebuild_tensor", "_rebuild_tensor_v2":
                        return callable(Function.TENSOR, module, name);
                    case "_rebuild_tensor_v3":
                        return callable(Function.TENSOR_V3, module, name);
                    case "_rebuild_parameter", "_rebuild_parameter_with_state":
                        return callable(Function.PARAMETER, module, name);
                    case "_rebuild_sparse_tensor",
                            "_rebuild_sparse_csr_tensor",
                            "_rebuild_nested_tensor",
                            "_rebuild_qtensor",
                            "_rebuild_meta_tensor_no_storage",
                            "_rebuild_device_tensor_from_numpy",
                            "_rebuild_device_tensor_from_cpu_tensor",
                            "_rebuild_wrapper_subclass",
                            "_rebuild_xla_tensor":
                        return callable(Function.OTHER_TENSOR, module, name);
                    default:
                        return null;
                }
            case "torch._tensor", "torch.tensor":
                return name.equals("_rebuild_from_type_v2") || name.equals("_rebuild_from_type")
                        ? callable(Function.FROM_TYPE, module, name)
                        : null;
            case "torch.torch_version":
                return name.equals("TorchVersion") ? callable(Function.VERSION, module, name) : null;
            case "builtins":
                return name.equals("getattr") ? callable(Function.GETATTR, module, name) : null;
            case "torch", "torch.storage", "torch.cuda":
                TorchType ofStorage = TorchType.ofStorage(name);
                if (ofStorage != null) {
                    return new StorageClass(ofStorage);
                }
                if (!module.equals("torch")) {
                    return null;
                }
                return name.equals("Size") ? callable(Function.SIZE, module, name) : TorchType.named(name);
            default:
                return null;
        }
    }

    private static Callable callable(Function function, String module, String name) {
        return new Callable(function, module + "." + name);
    }

    /** A storage. */
    @Override
    public Object persistent(Object id) throws DamagedFile {
        if (id instanceof Pickled.Tuple parts) {
            // PyTorch to 1.5 kept the source text of modules this way: ('module', class, file, text).
            if (parts.size() == 4
                    && parts.get(0).equals("module")
                    && (parts.get(1) instanceof Pickled.Opaque || parts.get(1) instanceof ModuleClass)) {
                return parts.get(1);
            }
            if ((parts.size() == 5 || parts.size() == 6)
                    && parts.get(0).equals("storage")
                    && parts.get(1) instanceof StorageClass of
                    && parts.get(2) instanceof String key
                    && parts.get(4) instanceof Long count) {
                return storage(key, of.type(), count, parts.size() == 6 ? parts.get(5) : Pickled.Constant.NONE);
            }
        }
        throw in.damage("refers to something outside that is no storage");
    }

    private TorchStorage storage(String key, TorchType type, long count, Object part) throws DamagedFile {
        if (count < 0 || count > Long.MAX_VALUE / type.bytes()) {
            throw in.damage("has storage '" + Shown.text(key) + "' of " + count + " elements");
        }
        TorchStorage whole = new TorchStorage(key, type, count, 0, count);
        TorchStorage before = storages.putIfAbsent(key, whole);
        if (before != null && !before.equals(whole)) {
            throw in.damage("has storage '" + Shown.text(key) + "' once as " + before.count() + " of "
                    + before.type().name() + " and once as " + count + " of " + type.name());
        }
        if (part == Pickled.Constant.NONE) {
            return whole;
        }
        // Key of the part, first element, elements.
        if (part instanceof Pickled.Tuple view
                && view.size() == 3
                && view.get(1) instanceof Long first
                && view.get(2) instanceof Long length
                && first >= 0
                && length >= 0
                && first <= count - length) {
            return new TorchStorage(key, type, count, first, length);
        }
        throw in.damage("has a part of storage '" + Shown.text(key) + "' that is not within it");
    }

    @Override
    public Object call(Object callee, Object arguments) throws DamagedFile {
        // Two hops at most: a call within a call, as _rebuild_from_type_v2 has, may not hold another.
        return call(callee, arguments, true);
    }

    private Object call(Object callee, Object arguments, boolean nest) throws DamagedFile {
        if (!(arguments instanceof Pickled.Tuple given)) {
            throw in.damage(
                    "calls " + Pickled.kind(callee) + " with " + Pickled.kind(arguments) + " instead of a tuple");
        }
        if (callee instanceof Pickled.Opaque) {
            return callee;
        }
        if (callee instanceof ModuleClass of) {
            return new TorchModule(of.name());
        }
        if (!(callee instanceof Callable callable)) {
            throw in.damage("calls " + Pickled.kind(callee));
        }
        try {
            switch (callable.function()) {
                case ORDERED_DICT:
                    if (given.size() == 0) {
                        return new Pickled.Dict();
                    }
                    if (given.size() == 1) {
                        return orderedDict(given.get(0));
                    }
                    break;
                case TENSOR:
                    if (given.size() >= 4 && given.size() <= 7) {
                        return tensor(TorchTensor.of(given.get(0), null, given.get(1), given.get(2), given.get(3)));
                    }
                    break;
                case TENSOR_V3:
                    if (given.size() >= 7 && given.size() <= 8 && given.get(6) instanceof TorchType type) {
                        return tensor(TorchTensor.of(given.get(0), type, given.get(1), given.get(2), given.get(3)));
                    }
                    break;
                case PARAMETER:
                    if (given.size() >= 3 && given.size() <= 4 && isTensor(given.get(0))) {
                        return given.get(0);
                    }
                    break;
                case FROM_TYPE:
                    if (given.size() == 4 && nest) {
                        return call(given.get(0), given.get(2), false);
                    }
                    break;
                case OTHER_TENSOR:
                    return new Unreadable("made by " + callable.name());
                case SIZE:
                    if (given.size() == 1 && given.get(0) instanceof Pickled.Tuple) {
                        return given.get(0);
                    }
                    break;
                case VERSION:
                    if (given.size() == 1 && given.get(0) instanceof String) {
                        return given.get(0);
                    }
                    break;
                case GETATTR:
                    return attribute(given);
            }
        } catch (TorchTensor.Unfit e) {
            throw in.damage(e.found, e);
        }
        throw in.damage("calls " + callable.name() + " with what does not fit it");
    }

    /** Modules take their parameters and parts; all other attributes are left out. */
    @Override
    public boolean build(Object thing, Object state) {
        if (thing instanceof TorchModule module) {
            if (state instanceof Pickled.Dict attributes) {
                module.take(attributes);
            }
            return true;
        }
        return false;
    }

    private static Object tensor(TorchTensor tensor) {
        return tensor.type().type() == null
                ? new Unreadable("of type torch." + tensor.type().name())
                : tensor;
    }

    private static boolean isTensor(Object value) {
        return value instanceof TorchTensor || value instanceof Unreadable;
    }

    private Pickled.Dict orderedDict(Object pairs) throws DamagedFile {
        Pickled.Dict dict = new Pickled.Dict();
        if (pairs instanceof Pickled.Sequence list) {
            for (Object pair : list.items()) {
                List<Object> two = pair instanceof Pickled.Tuple tuple
                        ? tuple.items()
                        : pair instanceof Pickled.Sequence sequence ? sequence.items() : List.of();
                if (two.size() != 2) {
                    throw in.damage("makes a dictionary of what are no pairs");
                }
                dict.put(two.get(0), two.get(1));
            }
            // Taken over, so that a list of a million pairs cannot become a million dictionaries.
            list.items().clear();
            return dict;
        }
        throw in.damage("makes a dictionary of " + Pickled.kind(pairs));
    }

    /** OpenMMLab's histories hold methods of their own class, which protocol 2 writes as {@code getattr(class, name)}. */
    private Object attribute(Pickled.Tuple given) throws DamagedFile {
        if (given.size() == 2
                && given.get(0) instanceof Pickled.Opaque of
                && given.get(1) instanceof String name
                && (of.name().startsWith("mmengine.") || of.name().startsWith("mmcv."))
                && METHOD.matcher(name).matches()) {
            return of;
        }
        throw foreign("builtins.getattr");
    }
}
