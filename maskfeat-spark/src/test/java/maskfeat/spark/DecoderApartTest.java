package maskfeat.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import maskfeat.data.ClipSampler;
import maskfeat.data.Scan;
import maskfeat.data.StillImage;
import maskfeat.data.Views;
import maskfeat.data.Windows;
import maskfeat.media.UnreadableFile;
import maskfeat.run.Recipes;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another process decodes as this one does, and may die. */
class DecoderApartTest {
    private static final Configuration HADOOP = new Configuration();
    private static final ClipSampler CLIP =
            Recipes.named("tiny-video").data().input().clip();

    @TempDir
    private static Path folder = Path.of("");

    private static Path weights = Path.of("");
    private static List<RemoteFile> files = List.of();

    @BeforeAll
    static void make() throws IOException {
        Path clips = Files.createDirectory(folder.resolve("clips"));
        Clips.write(clips);
        weights = Clips.weights(folder.resolve("model.safetensors"), 5);
        files = new Listing(HADOOP).files(List.of(clips.toString()), ending -> true, "file");
        assertThat(files).hasSize(10);
    }

    private static String clips(Decoder decoder, RemoteFile file) throws IOException {
        List<String> seen = new ArrayList<>();
        try {
            double seconds = decoder.clips(
                    file,
                    clip -> seen.add(clip.start() + " " + clip.end() + " "
                            + clip.frames().height() + " "
                            + clip.frames().width() + " "
                            + Arrays.hashCode(clip.frames().rgb())));
            return seconds + " " + seen;
        } catch (UnreadableFile | DecoderApart.RefusedApart refused) {
            return Verdicts.of(refused) + ": " + refused.getMessage();
        }
    }

    /** Whole files, and such of which only parts are read. */
    @Test
    void clipsAreThoseThatAreDecodedHere() throws IOException {
        for (Optional<Windows.Sliding> sliding :
                List.<Optional<Windows.Sliding>>of(Optional.empty(), Optional.of(Windows.Sliding.every(0.2)))) {
            Decoding decoding = Decoding.ofClips("", new Views(2, 1), sliding).at(weights.toString());
            assertThat(Decoding.parse(decoding.words())).isEqualTo(decoding);
            HadoopFiles whole = new HadoopFiles(HADOOP);
            try (Decoder here = new DecoderHere(whole, decoding, CLIP);
                    Decoder far = new DecoderHere(new HadoopFiles(HADOOP, 0), decoding, CLIP);
                    Decoder apart = new DecoderApart(whole, decoding)) {
                int good = 0;
                for (RemoteFile file : files) {
                    String wanted = clips(here, file);
                    assertThat(clips(apart, file)).isEqualTo(wanted);
                    assertThat(clips(far, file)).isEqualTo(wanted);
                    good += wanted.contains("[") ? 1 : 0;
                }
                assertThat(good).isEqualTo(6);
            }
        }
    }

    @Test
    void findingsAreThoseOfThisProcess() throws IOException {
        Decoding decoding = Decoding.ofScan(Scan.As.AUTO, 60);
        HadoopFiles whole = new HadoopFiles(HADOOP);
        List<RemoteFile> all = new ArrayList<>(files);
        all.add(new RemoteFile(files.get(0).path() + ".gone", 3, true));
        try (Decoder here = new DecoderHere(whole, decoding, StillImage.defaults());
                Decoder far = new DecoderHere(new HadoopFiles(HADOOP, 0), decoding, StillImage.defaults());
                Decoder apart = new DecoderApart(whole, decoding)) {
            for (RemoteFile file : all) {
                assertThat(apart.look(file)).isEqualTo(here.look(file)).isEqualTo(far.look(file));
            }
            assertThat(here.look(all.get(10)).verdict()).isEqualTo("missing");
        }
    }

    /** Answers nothing, and dies of native code where a name says so. */
    static final class Dying {
        private Dying() {}

        public static void main(String[] args) throws IOException {
            DataInputStream in = new DataInputStream(System.in);
            DataOutputStream out = new DataOutputStream(System.out);
            while (true) {
                boolean dies = in.readUTF().contains("clip 1");
                in.readUTF();
                if (dies) {
                    out.writeByte(DecoderProcess.CLIP);
                    out.writeDouble(0);
                    out.flush();
                    CrashingFiles.crash();
                }
                out.writeByte(DecoderProcess.END);
                out.writeDouble(ProcessHandle.current().pid());
                out.flush();
            }
        }
    }

    @Test
    void aProcessThatDiesIsSaidOfTheFileAndTheNextOneHasAnother() throws IOException {
        List<String> command = new ArrayList<>(DecoderApart.command(Dying.class, List.of()));
        command.add(1, "-XX:ErrorFile=" + folder.resolve("hs_err.log"));
        command.add(1, "-XX:-CreateCoredumpOnCrash");
        RemoteFile killer = files.stream()
                .filter(file -> file.path().contains("clip 1"))
                .findFirst()
                .orElseThrow();
        try (DecoderApart apart = new DecoderApart(new HadoopFiles(HADOOP), command, Scan.As.AUTO)) {
            RemoteFile good = files.get(files.size() - 1);
            double first = apart.clips(good, clip -> {});
            assertThat(apart.clips(good, clip -> {})).as("the same process").isEqualTo(first);
            assertThatThrownBy(() -> apart.clips(killer, clip -> {}))
                    .isInstanceOfSatisfying(
                            DecoderApart.DecoderDied.class,
                            died -> assertThat(Verdicts.of(died)).isEqualTo("crashed"))
                    .hasMessageContainingAll(killer.path(), "ended with exit code");
            assertThat(apart.clips(good, clip -> {})).isNotEqualTo(first);
        }
        assertThat(folder.resolve("hs_err.log")).content().contains("SIGSEGV");
    }
}
