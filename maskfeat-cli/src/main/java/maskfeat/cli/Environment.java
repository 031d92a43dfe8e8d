package maskfeat.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import maskfeat.torch.Natives;

/** What a run ran on, as names and values: for {@code env.json}, the report and {@code doctor}. */
final class Environment {
    private Environment() {}

    static Map<String, String> describe(Natives natives) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("maskfeat", Version.text());
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
        facts.put("libtorch threads", Integer.toString(natives.threads()));
        facts.put("CUDA devices", Long.toString(natives.cudaDevices()));
        facts.put("JavaCPP", natives.javacpp());
        return facts;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "unknown";
        }
    }
}
