package maskfeat.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;

/** What a device has for products of bfloat16 numbers, and so what {@link Precision#AUTO} decides. */
public enum Bfloat16 {
    /** Tiles of an Intel processor: at best some six times the rate of float32. */
    AMX(true, "AMX", "this processor multiplies bfloat16 in tiles, by AMX"),
    /** Dot products of vectors: at best some twice the rate of float32. */
    AVX512(true, "AVX512-BF16", "this processor multiplies bfloat16 in vectors, by AVX512-BF16"),
    /** A graphics card. Whether it is one that has it, libtorch's bindings do not tell. */
    CUDA(true, "CUDA", "cards since Ampere multiply bfloat16; set float32 for an older one"),
    /** Nothing. libtorch converts to float32 and back. */
    NONE(false, "emulated", "this processor has neither AMX nor AVX512-BF16, and emulates bfloat16");

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Bfloat16 HERE = ofProcessor(flags());

    private final boolean pays;
    private final String word;
    private final String reason;

    Bfloat16(boolean pays, String word, String reason) {
        this.pays = pays;
        this.word = word;
        this.reason = reason;
    }

    /** That of a device of this machine. */
    public static Bfloat16 of(Device device) {
        return device.is_cuda() ? CUDA : HERE;
    }

    /** That of this machine's processor. */
    public static Bfloat16 ofProcessor() {
        return HERE;
    }

    /** @param flags names of a processor's abilities, as Linux lists them */
    static Bfloat16 ofProcessor(Set<String> flags) {
        if (flags.contains("amx_tile") && flags.contains("amx_bf16")) {
            return AMX;
        }
        return flags.contains("avx512_bf16") ? AVX512 : NONE;
    }

    /** Whether training steps are faster in bfloat16 than in float32. */
    public boolean pays() {
        return pays;
    }

    /** Its name. */
    public String word() {
        return word;
    }

    /** Whether and why bfloat16 pays, in words. */
    public String reason() {
        return reason;
    }

    /** Of the first processor, as all are alike; none on systems that do not list them. */
    private static Set<String> flags() {
        if (!Files.isReadable(PROCESSORS)) {
            return Set.of();
        }
        try (Stream<String> lines = Files.lines(PROCESSORS)) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> Set.copyOf(List.of(
                            line.substring(line.indexOf(':') + 1).strip().split("\\s+"))))
                    .orElse(Set.of());
        } catch (IOException unreadable) {
            return Set.of();
        }
    }
}
