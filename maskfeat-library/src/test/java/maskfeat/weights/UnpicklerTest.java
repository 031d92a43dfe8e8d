package maskfeat.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Extent;
import maskfeat.disk.FileBytes;
import maskfeat.pickle.PickleInput;
import maskfeat.pickle.Pickled;
import maskfeat.pickle.Unpickler;
import maskfeat.weights.PickleWriter.Call;
import maskfeat.weights.PickleWriter.Global;
import maskfeat.weights.PickleWriter.Tensor;
import maskfeat.weights.PickleWriter.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60) // a guard against endless loops; each takes milliseconds
class UnpicklerTest {
    @TempDir
    Path folder;

    private Object read(byte[] pickle) throws IOException {
        Path file = Files.write(folder.resolve("pickle"), pickle);
        try (FileBytes bytes = FileBytes.open(file)) {
            PickleInput in = new PickleInput(new Extent(file, bytes, 0, pickle.length), 0);
            Object value = Unpickler.read(in, new TorchGlobals(in));
            assertThat(in.position()).isEqualTo(pickle.length);
            return value;
        }
    }

    private static PickleWriter pickle() {
        return new PickleWriter(2);
    }

    private static Object plain(Object value) {
        if (value instanceof Pickled.Tuple tuple) {
            return tuple.items().stream().map(UnpicklerTest::plain).toList();
        }
        if (value instanceof Pickled.Sequence list) {
            return list.items().stream().map(UnpicklerTest::plain).toList();
        }
        if (value instanceof Pickled.Dict dict) {
            Map<Object, Object> map = new LinkedHashMap<>();
            dict.items().forEach((key, item) -> map.put(key, plain(item)));
            return map;
        }
        return value == Pickled.Constant.NONE ? "None" : value;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void plainValuesComeBackInEveryProtocol(int protocol) throws IOException {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("text", "a b");
        value.put("empty", "");
        value.put("numbers", List.of(0L, 255L, 256L, -1L, 65536L, -2147483648L, 1L << 40));
        value.put("float", -1.5e-8);
        value.put("truth", List.of(true, false));
        value.put("map", Map.of("k", List.of()));
        assertThat(plain(read(PickleWriter.of(protocol, value)))).isEqualTo(value);
        if (protocol > 0) {
            assertThat(read(PickleWriter.of(protocol, "é\u4e2d\ud83d\ude00"))).isEqualTo("é\u4e2d\ud83d\ude00");
        }
    }

    @Test
    void valuesOfEveryStepAreRead() throws IOException {
        assertThat(plain(read(pickle().raw("(K\u0001K\u0002l").end()))).isEqualTo(List.of(1L, 2L));
        assertThat(plain(read(pickle().raw("(U\u0001aK\u0002d").end()))).isEqualTo(Map.of("a", 2L));
        assertThat(plain(read(pickle().raw("}(U\u0001aK\u0002u").end()))).isEqualTo(Map.of("a", 2L));
        assertThat(plain(read(pickle().raw("](NK\u0002e").end()))).isEqualTo(List.of("None", 2L));
        assertThat(plain(read(pickle().raw("NN\u0086N\u0085\u0086").end())))
                .isEqualTo(List.of(List.of("None", "None"), List.of("None")));
        assertThat(plain(read(pickle().raw("K\u00012N\u0087").end()))).isEqualTo(List.of(1L, 1L, "None"));
        assertThat(plain(read(pickle().raw("K\u0001K\u00020").end()))).isEqualTo(1L);
        assertThat(plain(read(pickle().raw("K\u0001(NN1").end()))).isEqualTo(1L);
        assertThat(plain(read(pickle().raw("K\u0001(0").end()))).isEqualTo(1L);
        assertThat(plain(read(pickle().raw("K\u0007p3\n0g3\n").end()))).isEqualTo(7L);
        assertThat(plain(read(pickle().raw("K\u0007r")
                        .little(4, 70000)
                        .raw("0j")
                        .little(4, 70000)
                        .end())))
                .isEqualTo(7L);
        assertThat(plain(read(new PickleWriter(4)
                        .raw("K\u0007\u0094K\u0008\u00940h\u0000\u0086")
                        .end())))
                .isEqualTo(List.of(7L, 7L));
        assertThat(read(pickle().raw(0x8a, 0).end())).isEqualTo(0L);
        assertThat(read(pickle().raw(0x8a, 2, 0xff, 0x7f).end())).isEqualTo(32767L);
        assertThat(read(pickle().raw(0x8a, 1, 0xff).end())).isEqualTo(-1L);
        assertThat(read(pickle().raw(0x8a, 9).little(8, 0).raw(1).end())).isEqualTo(BigInteger.ONE.shiftLeft(64));
        assertThat(read(pickle().raw(0x8b).little(4, 9).little(8, 0).raw(1).end()))
                .isEqualTo(BigInteger.ONE.shiftLeft(64));
        assertThat(read(new PickleWriter(0).raw("L-12L\n").end())).isEqualTo(-12L);
        assertThat(read(new PickleWriter(0).raw("Finf\n").end())).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(read(new PickleWriter(0).raw("S'a\\n\\'\\x41\\\\'\n").end())).isEqualTo("a\n'A\\");
        assertThat(read(new PickleWriter(0).raw("V\\u4e2d\\U0001f600\u00e9\n").end()))
                .isEqualTo("\u4e2d\ud83d\ude00é");
        assertThat(read(pickle().raw("U\u0002\u00ff\u0041").end())).isEqualTo("\u00ffA");
        assertThat(read(pickle().raw("T").little(4, 2).raw("ab").end())).isEqualTo("ab");
        assertThat(read(new PickleWriter(4).raw(0x8d).little(8, 2).raw("ab").end()))
                .isEqualTo("ab");
        assertThat(read(new PickleWriter(4).raw("C\u0002ab").end())).isEqualTo("ab".getBytes(StandardCharsets.UTF_8));
        assertThat(read(new PickleWriter(4).raw(0x95).little(8, 2).raw("N").end()))
                .isEqualTo(Pickled.Constant.NONE);
    }

    @Test
    void orderedDictionariesAndSizesAreUnderstood() throws IOException {
        Global ordered = new Global("collections", "OrderedDict");
        assertThat(plain(read(PickleWriter.of(2, new Call(ordered, List.of())))))
                .isEqualTo(Map.of());
        Call pairs = new Call(ordered, List.of(List.of(List.of("a", 1L), Tuple.of("b", 2L))));
        assertThat(plain(read(PickleWriter.of(2, pairs)))).isEqualTo(Map.of("a", 1L, "b", 2L));
        // A state dict has attributes.
        byte[] attributes = pickle().value(new Call(ordered, List.of()))
                .value(Map.of("_metadata", Map.of()))
                .raw('b')
                .end();
        assertThat(plain(read(attributes))).isEqualTo(Map.of());
        Call size = new Call(new Global("torch", "Size"), List.of(Tuple.of(3L, 4L)));
        assertThat(plain(read(PickleWriter.of(2, size)))).isEqualTo(List.of(3L, 4L));
        Call version = new Call(new Global("torch.torch_version", "TorchVersion"), List.of("2.1.0+cu118"));
        assertThat(read(PickleWriter.of(2, version))).isEqualTo("2.1.0+cu118");
    }

    @ParameterizedTest
    @CsvSource({
        "yacs.config, CfgNode",
        "fvcore.common.config, CfgNode",
        "argparse, Namespace",
        "omegaconf.dictconfig, DictConfig",
        "typing, Any",
        "mmengine.logging.history_buffer, HistoryBuffer",
        "mmcv.utils.config, ConfigDict",
        "numpy, dtype",
        "numpy.core.multiarray, scalar",
        "numpy._core.multiarray, _reconstruct",
        "pathlib, PosixPath",
        "datetime, datetime",
        "collections, defaultdict",
        "__builtin__, set",
        "copy_reg, _reconstructor",
        "torch, device",
        "torch.optim.lr_scheduler, CosineAnnealingLR"
    })
    void settingsAndCountersBecomeMarksWhateverIsDoneWithThem(String module, String name) throws IOException {
        Object called = read(PickleWriter.of(2, new Call(new Global(module, name), List.of("f8", 0, 1))));
        assertThat(called).isInstanceOf(Pickled.Opaque.class);
        // NEWOBJ, then items as of a dictionary and as of a list, attributes, all of it twice over.
        byte[] made = pickle().global(module, name)
                .raw(")\u0081}(U\u0001aK\u0001ub(U\u0001aK\u0001uU\u0001aK\u0001s(K\u0001eK\u0001a)R}b")
                .end();
        assertThat(read(made)).isEqualTo(called);
        assertThat(read(new PickleWriter(4).global(module, name).raw(")}\u0092").end()))
                .isEqualTo(called);
        assertThat(read(pickle().raw('(').global(module, name).raw("No").end())).isEqualTo(called);
        assertThat(read(pickle().raw("(Ni" + module + "\n" + name + "\n").end()))
                .isEqualTo(called);
    }

    @Test
    void methodsOfHistoriesAreMarksAndOtherAttributesAreRefused() throws IOException {
        Global getattr = new Global("__builtin__", "getattr");
        Global history = new Global("mmengine.logging.history_buffer", "HistoryBuffer");
        assertThat(read(PickleWriter.of(2, new Call(getattr, List.of(history, "mean")))))
                .isInstanceOf(Pickled.Opaque.class);
        for (List<Object> arguments : List.<List<Object>>of(
                List.of(history, "__class__"),
                List.of(history, "_private"),
                List.of(new Global("argparse", "Namespace"), "mean"),
                List.of(new Global("torch", "float32"), "mean"),
                List.of("os", "system"),
                List.of())) {
            assertThatThrownBy(() -> read(PickleWriter.of(2, new Call(getattr, arguments))))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageContaining("names builtins.getattr, which is no part of a checkpoint");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "os, system",
        "posix, system",
        "nt, system",
        "subprocess, Popen",
        "builtins, eval",
        "__builtin__, exec",
        "builtins, __import__",
        "builtins, open",
        "builtins, compile",
        "runpy, run_path",
        "importlib, import_module",
        "pickle, loads",
        "torch, load",
        "torch.hub, load",
        "torch.storage, _load_from_bytes",
        "torch.serialization, os.system",
        "torch.serialization.os, system",
        "torch.nn, functional.os.system",
        "torch.nn.modules.module, os",
        "torch.optim, Adam.__init__",
        "torch.utils.cpp_extension, load",
        "torch.utils.collect_env, run",
        "torch.jit, load",
        "torch._utils, _import_dotted_name",
        "numpy.testing._private.utils, runstring",
        "numpy, load",
        "numpy.core.multiarray, fromfile",
        "yacs.config, load_cfg",
        "yacs.config, _VALID_TYPES",
        "argparse, ArgumentParser",
        "collections, namedtuple",
        "datetime, sys",
        "pathlib, os",
        "pathlib, Path.unlink",
        "omegaconf.omegaconf, OmegaConf.load",
        "mmengine.config.config, os",
        "'yacs config', CfgNode",
        "yacs.config.., CfgNode",
        "yacsy, CfgNode",
        "__main__, Model",
        "some.unknown.package, Class"
    })
    void everyOtherNameIsRefusedAndNamed(String module, String name) {
        List<byte[]> forms = List.of(
                pickle().raw("c" + module + "\n" + name + "\n")
                        .value(Tuple.of("touch pwned"))
                        .raw('R')
                        .end(),
                new PickleWriter(4).value(module).value(name).raw(0x93).end(),
                pickle().raw('(')
                        .value("touch pwned")
                        .raw("i" + module + "\n" + name + "\n")
                        .end(),
                pickle().raw("(c" + module + "\n" + name + "\n")
                        .value("touch pwned")
                        .raw('o')
                        .end(),
                pickle().raw("c" + module + "\n" + name + "\n)\u0081").end());
        for (byte[] form : forms) {
            assertThatThrownBy(() -> read(form))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageContaining(" names " + module + "." + name + ", which is no part of a checkpoint");
        }
    }

    @Test
    void namesInMessagesCannotDoMischief() {
        byte[] hostile = new PickleWriter(4)
                .value("os\n\u001b[2J\u202e")
                .value("x".repeat(200))
                .raw(0x93)
                .end();
        assertThatThrownBy(() -> read(hostile))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining("names os\\u000a\\u001b[2J\\u202e.xxx")
                .hasMessageContaining("x..., which");
    }

    @ParameterizedTest
    @MethodSource
    void stepsThatDoNotFitAreRefused(Consumer<PickleWriter> steps, String reason) {
        PickleWriter pickle = pickle();
        steps.accept(pickle);
        byte[] bytes = pickle.end();
        assertThatThrownBy(() -> read(bytes)).isInstanceOf(DamagedFile.class).hasMessageContaining(reason);
    }

    static Stream<Arguments> stepsThatDoNotFitAreRefused() {
        Tensor tensor = Tensor.whole("FloatStorage", "0", 2);
        String rebuild = "ctorch._utils\n_rebuild_tensor_v2\n";
        return Stream.of(
                steps(p -> p.raw(0x82, 1), "extension registry"),
                steps(p -> p.raw(0x83, 1, 0), "extension registry"),
                steps(p -> p.raw(0x84, 1, 0, 0, 0), "extension registry"),
                steps(p -> p.raw("P0\n"), "by a line of text"),
                steps(p -> p.raw(0x97), "a buffer outside"),
                steps(p -> p.raw(0x80, 6), "protocol 6"),
                steps(p -> p.raw(0xff), "unknown step, byte 0xff"),
                steps(p -> {}, "takes a value where there is none"),
                steps(p -> p.raw("NN"), "values left over"),
                steps(p -> p.raw("N(s"), "takes a value where there is none"),
                steps(p -> p.raw("Nt"), "closes what it has not opened"),
                steps(p -> p.raw("}(Nu"), "a key without a value"),
                steps(p -> p.raw("}]Ns"), "a list as a key"),
                steps(p -> p.raw("}}Ns"), "a dictionary as a key"),
                steps(p -> p.raw("NNNs"), "puts keys into None"),
                steps(p -> p.raw("](NNu"), "puts keys into a list"),
                steps(p -> p.raw(")NNs"), "puts keys into a tuple"),
                steps(p -> p.raw("}Na"), "appends to a dictionary"),
                steps(p -> p.raw(")Na"), "appends to a tuple"),
                steps(p -> p.raw("](\u0090"), "adds items to a list"),
                steps(p -> p.raw("]}b"), "sets attributes of a list"),
                steps(p -> p.value(tensor).raw("}b"), "sets attributes of a tensor"),
                steps(p -> p.value(tensor).raw("NNs"), "puts keys into a tensor"),
                steps(p -> p.storage(tensor).raw("NNs"), "puts keys into a storage"),
                steps(p -> p.raw("N)R"), "calls None"),
                steps(p -> p.raw("ctorch\nFloatStorage\n)R"), "calls a function or type"),
                steps(p -> p.raw("ctorch\nfloat32\n)R"), "calls a function or type"),
                steps(p -> p.raw(rebuild + ")R"), "calls torch._utils._rebuild_tensor_v2 with what does not fit"),
                steps(p -> p.raw(rebuild + "NR"), "with None instead of a tuple"),
                steps(p -> p.raw(rebuild + "]R"), "with a list instead of a tuple"),
                steps(p -> p.raw(rebuild + "(NNNNNNtR"), "a tensor of None instead of a storage"),
                steps(p -> p.raw(rebuild + "(").storage(tensor).raw("K\u0000NNNNtR"), "whose sizes are None"),
                steps(
                        p -> p.raw(rebuild + "(").storage(tensor).raw("NK\u0002\u0085K\u0001\u0085NNtR"),
                        "that begins at None"),
                steps(
                        p -> p.raw(rebuild + "(")
                                .storage(tensor)
                                .raw("K\u0000G")
                                .little(8, 0)
                                .raw("\u0085)NNtR"),
                        "a number among its sizes"),
                steps(
                        p -> p.raw(rebuild + "(")
                                .storage(tensor)
                                .raw("K\u0000(")
                                .times(65, "K\u0000")
                                .raw("t)NNtR"),
                        "no tuple of up to 64"),
                steps(p -> p.raw("ctorch._utils\n_rebuild_parameter\n(NNNtR"), "does not fit"),
                steps(p -> p.raw("ctorch\nSize\n(K\u0001tR"), "does not fit"),
                steps(p -> p.raw("ccollections\nOrderedDict\n(NtR"), "makes a dictionary of None"),
                steps(p -> p.raw("ccollections\nOrderedDict\n(](K\u0001K\u0002etR"), "of what are no pairs"),
                steps(
                        p -> p.raw("ctorch._tensor\n_rebuild_from_type_v2\nq\u0000(h\u0000N(h\u0000N)NtNtR"),
                        "calls torch._tensor._rebuild_from_type_v2 with what does not fit it"),
                steps(p -> p.raw("NQ"), "outside that is no storage"),
                steps(p -> p.value(Tuple.of("storage", 1, "0", "cpu", 2)).raw('Q'), "outside that is no storage"),
                steps(
                        p -> p.value(Tuple.of("storage", new Global("torch", "FloatStorage"), 0, "cpu", 2))
                                .raw('Q'),
                        "outside that is no storage"),
                steps(
                        p -> p.value(Tuple.of(
                                        "storage",
                                        new Global("torch", "FloatStorage"),
                                        "0",
                                        "cpu",
                                        2,
                                        Tuple.of("v", 1, 2)))
                                .raw('Q'),
                        "a part of storage '0' that is not within it"),
                steps(p -> p.raw("h\u0005"), "recalls value 5"),
                steps(p -> p.raw("gx\n"), "no number"),
                steps(p -> p.raw("g-1\n"), "recalls value -1"),
                steps(p -> p.raw("Iabc\n"), "for an integer"),
                steps(p -> p.raw("Fabc\n"), "for a number"),
                steps(p -> p.raw("Sabc\n"), "without its quotes"),
                steps(p -> p.raw("S'a\\x4'\n"), "within an escape"),
                steps(p -> p.raw("Va\\u12\n"), "within an escape"),
                steps(p -> p.raw("V\\Uffffffff\n"), "unknown escape"),
                steps(p -> p.raw("X").little(4, 2).raw("\u00ff\u00ff"), "not UTF-8"),
                steps(p -> p.raw("X").little(4, 0xffffffffL).raw("abc"), "4294967295 should follow"),
                steps(p -> p.raw(0x8e).little(8, Long.MAX_VALUE), "9223372036854775807 should follow"),
                steps(p -> p.raw(0x8d).little(8, -1), "2^63 or more should follow"),
                steps(p -> p.raw(0x8b).little(4, 2000).times(2000, "x"), "an integer of 2000 bytes"),
                steps(p -> p.raw(0x8b).little(4, 0xffffffffL), "an integer of 4294967295 bytes"),
                steps(p -> p.raw("I").times(2000, "1").raw("\n"), "an integer of 2000 digits"),
                steps(p -> p.raw(0x95).little(8, 1 << 30), "1073741824 should follow"),
                steps(p -> p.times(1001, "("), "nests deeper than 1000"));
    }

    private static Arguments steps(Consumer<PickleWriter> steps, String reason) {
        return Arguments.of(steps, reason);
    }

    /** Whole checkpoints of hostile shape: what is good in them is found, or they are refused, soon and in little memory. */
    @ParameterizedTest
    @MethodSource
    void containersWithinContainersCostNoMoreThanTheirBytes(Consumer<PickleWriter> steps) throws IOException {
        PickleWriter pickle = pickle();
        steps.accept(pickle);
        byte[] bytes = ZipWriter.checkpoint(pickle.end())
                .storage("0", PickleWriter.floats(1, 2))
                .bytes();
        Path file = Files.write(folder.resolve("checkpoint"), bytes);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file)) {
            assertThat(checkpoint.entries()).isNotEmpty();
        } catch (DamagedFile e) {
            assertThat(e).hasMessageContaining(file.toString());
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64L * bytes.length + (8 << 20));
    }

    static List<Consumer<PickleWriter>> containersWithinContainersCostNoMoreThanTheirBytes() {
        Tensor tensor = Tensor.whole("FloatStorage", "0", 2);
        List<Consumer<PickleWriter>> shapes = new ArrayList<>();
        // Each list holds the one before twice: 2^60 leaves.
        shapes.add(p -> {
            p.raw('}').value("a").value(tensor).raw('s').value("b").raw("]q\u0000");
            for (int i = 0; i < 60; i++) {
                p.raw("]h").raw(i).raw("ah").raw(i).raw("aq").raw(i + 1);
            }
            p.raw('s');
        });
        // The same with tuples as keys.
        shapes.add(p -> {
            p.raw('}').value("a").value(tensor).raw("s)q\u0000");
            for (int i = 0; i < 60; i++) {
                p.raw("h").raw(i).raw("h").raw(i).raw("\u0086q").raw(i + 1);
            }
            p.raw("Ns");
        });
        shapes.add(p -> p.raw('}')
                .value("a")
                .value(tensor)
                .raw('s')
                .value("deep")
                .times(100_000, "]")
                .times(99_999, "a")
                .raw('s'));
        shapes.add(p -> p.raw('}')
                .value("a")
                .value(tensor)
                .raw('s')
                .value("deep")
                .times(100_000, "}U\u0001k")
                .raw('N')
                .times(100_001, "s"));
        shapes.add(p -> p.raw('}')
                .value("a")
                .value(tensor)
                .raw('s')
                .value("deep")
                .raw(')')
                .times(500_000, "\u0085")
                .raw('s'));
        // A dictionary that holds itself, and lies in every place where weights are looked for.
        shapes.add(p -> {
            p.raw("}q\u0000").value("a").value(tensor).raw('s');
            for (String key : List.of("self", "model_state", "model", "state_dict")) {
                p.value(key).raw("h\u0000s");
            }
        });
        // One dictionary of many, many times.
        shapes.add(p -> {
            p.raw("}").value("model").raw("}q\u0000");
            for (int i = 0; i < 20_000; i++) {
                p.raw("M").little(2, i).raw("Ns");
            }
            p.raw('s').value("state_dict").raw('}');
            for (int i = 0; i < 20_000; i++) {
                p.raw("M").little(2, i).raw("h\u0000s");
            }
            p.value("a").value(tensor).raw("ss");
        });
        // One list of pairs, made a dictionary again and again.
        shapes.add(p -> {
            p.raw("](");
            p.times(10_000, "NN\u0086").raw("e\u0085q\u00000ccollections\nOrderedDict\nq\u00010]");
            p.times(10_000, "h\u0001h\u0000Ra")
                    .raw('0')
                    .value(Map.of())
                    .value("a")
                    .value(tensor)
                    .raw('s');
        });
        // Long names of many tensors.
        shapes.add(p -> {
            p.value(tensor).raw("q\u00000}").value("n".repeat(100_000)).raw('}');
            for (int i = 0; i < 20_000; i++) {
                p.raw("M").little(2, i).raw("h\u0000s");
            }
            p.raw('s');
        });
        shapes.add(p -> p.raw("]")
                .times(300_000, "N\u0094a")
                .raw("0}")
                .value("a")
                .value(tensor)
                .raw('s'));
        shapes.add(p -> p.raw("]")
                .times(300_000, "]a")
                .raw("0}")
                .value("a")
                .value(tensor)
                .raw('s'));
        shapes.add(p -> p.raw("]")
                .times(300_000, "I1\na")
                .raw("0}")
                .value("a")
                .value(tensor)
                .raw('s'));
        shapes.add(p -> p.times(1_000_000, "N")
                .times(1_000_000, "0")
                .raw('}')
                .value("a")
                .value(tensor)
                .raw('s'));
        return shapes;
    }

    @Test
    void truncationAnywhereIsTold() {
        byte[] whole = new PickleWriter(4)
                .value(Map.of("a", Tensor.whole("FloatStorage", "0", 2), "b", List.of(1, 2.5, "text", 70000)))
                .end();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageContaining("ends in the middle");
        }
    }
}
