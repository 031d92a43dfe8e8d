package maskfeat.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import maskfeat.disk.NativeCache;
import maskfeat.disk.Plural;
import maskfeat.media.MediaVersions;
import maskfeat.report.Terminal;
import maskfeat.report.WrappedText;
import maskfeat.run.Environment;
import maskfeat.torch.Natives;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code maskfeat doctor}. */
@Command(
        name = "doctor",
        description = "Reports natives, BLAS, devices, threads and versions in use, and problems with them.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  maskfeat doctor", "  maskfeat doctor --json"})
final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Natives natives;
        try {
            natives = Natives.load();
        } catch (LinkageError missing) {
            String why = NativeCache.failure().map(Throwable::getMessage).orElse(String.valueOf(missing.getMessage()));
            print(
                    out,
                    Map.of("system", System.getProperty("os.name") + ", " + System.getProperty("os.arch")),
                    List.of(why));
            return Exit.DISK;
        }
        Map<String, String> facts = new LinkedHashMap<>(Environment.describe(natives));
        facts.put("libav", MediaVersions.libav() + ", " + MediaVersions.licence());
        facts.put("native libraries in", NativeCache.here().folder().toString());
        facts.put("malloc settings", System.getenv().getOrDefault("GLIBC_TUNABLES", "none"));
        List<String> complaints = new ArrayList<>(complaints(natives, System.getenv()));
        String trouble = NativeCache.here().trouble();
        if (!trouble.isEmpty()) {
            complaints.add("Native libraries of another version could not be unpacked: " + trouble + ".");
        }
        print(out, facts, complaints);
        if (complaints.isEmpty()) {
            Console.of(spec).next("pretrain");
        }
        return Exit.OK;
    }

    private void print(PrintWriter out, Map<String, String> facts, List<String> complaints) {
        if (json) {
            out.println(JsonMapper.shared().writeValueAsString(Map.of("facts", facts, "complaints", complaints)));
        } else {
            OptionalInt columns = Terminal.columnsOfStdout();
            facts.forEach((name, value) -> out.println(WrappedText.beside(
                    String.format(Locale.ROOT, "%-20s ", name), value.replace(":glibc.", ", glibc."), columns)));
            out.println(complaints.isEmpty() ? "Nothing is wrong." : "");
            complaints.forEach(complaint -> out.println(WrappedText.beside("! ", complaint, columns)));
        }
        out.flush();
    }

    /** What costs speed or safety here, each with what to do about it. */
    static List<String> complaints(Natives natives, Map<String, String> environment) {
        List<String> complaints = new ArrayList<>();
        if (natives.platform().endsWith("x86_64")
                && !natives.blas().startsWith("MKL")
                && !natives.blas().startsWith("mkl")) {
            complaints.add(
                    "BLAS is " + natives.blas() + ", at half the speed of MKL here. Start through ./maskfeat, or "
                            + "with -Dorg.bytedeco.openblas.load=mkl and the mkl redist jar.");
        }
        if (natives.explicitCollections()) {
            complaints.add("JavaCPP collects garbage by itself and fails above four times the heap. Start through "
                    + "./maskfeat, or with -Dorg.bytedeco.javacpp.maxBytes=0 "
                    + "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0.");
        }
        if (natives.platform().startsWith("linux") && !environment.containsKey("GLIBC_TUNABLES")) {
            complaints.add(
                    "glibc gives large tensors back to the system after each use and faults them in again. Start "
                            + "through ./maskfeat, which sets GLIBC_TUNABLES.");
        }
        if (natives.threads() > Runtime.getRuntime().availableProcessors()) {
            complaints.add("libtorch uses " + Plural.of(natives.threads(), "thread") + " on "
                    + Plural.of(Runtime.getRuntime().availableProcessors(), "core")
                    + "; set OMP_NUM_THREADS or train.threads.");
        }
        if (natives.cpuCapability().equals("DEFAULT") && natives.platform().endsWith("x86_64")) {
            complaints.add("This processor, or ATEN_CPU_CAPABILITY, allows no vector instructions: kernels are slow.");
        }
        return complaints;
    }
}
