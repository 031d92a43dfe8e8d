package maskfeat.run;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import maskfeat.torch.Bfloat16;
import maskfeat.torch.Natives;

/** What a run ran on, as names and values: for {@code env.json}, the report and {@code doctor}. */
public final class Environment {
    private Environment() {}

    /** Names and values, in an order for people. */
    public static Map<String, String> describe(Natives natives) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("maskfeat", version());
        facts.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"));
        facts.put("host", host());
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("java heap", Runtime.getRuntime().maxMemory() / (1 << 20) + " MiB at most");
        facts.put("libtorch", natives.libtorch() + " for " + natives.platform());
        facts.put("BLAS", natives.blas());
        facts.put("vector instructions", natives.cpuCapability());
        facts.put("bfloat16", Bfloat16.ofProcessor().reason());
        facts.put("libtorch threads", Integer.toString(natives.threads()));
        facts.put("CUDA devices", Long.toString(natives.cudaDevices()));
        facts.put("JavaCPP", natives.javacpp());
        return facts;
    }

    /** The library's version from its jar's manifest; {@code development} if run from class files. */
    public static String version() {
        String version = Environment.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "unknown";
        }
    }
}
