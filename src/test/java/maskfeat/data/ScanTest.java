package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanTest {
    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void countsVerdictsAndKeepsTheOrder(int threads) throws Exception {
        PictureFiles.write(temp.resolve("good.png"), 20, 10, 1);
        byte[] whole = Files.readAllBytes(PictureFiles.write(temp.resolve("good.jpg"), 40, 30, 2));
        Files.write(temp.resolve("short.jpg"), Arrays.copyOf(whole, whole.length / 2));
        Files.write(temp.resolve("renamed.dat"), whole);
        Files.write(temp.resolve("empty.png"), new byte[0]);
        PictureFiles.bad(temp.resolve("text.png"));
        // More than are looked at ahead.
        String lines = "good.png\nshort.jpg\nmissing.png\nrenamed.dat\nempty.png\ntext.png\ngood.jpg\n".repeat(15);
        ImageDataset dataset = ImageDataset.open(Files.writeString(temp.resolve("list.txt"), lines));
        List<Scan.Finding> findings = new ArrayList<>();

        Map<String, Integer> counts = Scan.of(dataset, threads, findings::add);

        assertThat(counts)
                .isEqualTo(Map.of(
                        "ok", 30,
                        "ok, but not by its name", 15,
                        "missing", 15,
                        "truncated", 15,
                        "empty", 15,
                        "not an image", 15));
        assertThat(findings).extracting(Scan.Finding::item).isEqualTo(dataset.items());
        assertThat(findings)
                .filteredOn(finding -> !finding.usable())
                .hasSize(60)
                .allSatisfy(finding -> {
                    assertThat(finding.width() + finding.height()).isZero();
                    assertThat(finding.reason()).contains(finding.item().file().toString());
                });
        Scan.Finding first = findings.get(0);
        assertThat(first).isEqualTo(new Scan.Finding(dataset.items().get(0), "ok", 20, 10, ""));
        Scan.Finding renamed = findings.get(3);
        assertThat(renamed.usable()).isTrue();
        assertThat(renamed.width()).isEqualTo(40);
        assertThat(renamed.reason()).contains("renamed.dat").contains("rename it");
    }

    @Test
    void whatTheListenerThrowsEndsTheScan() throws IOException {
        ImageDataset dataset = ImageDataset.open(PictureFiles.folder(temp.resolve("images"), 5, 8));
        assertThatIllegalStateException()
                .isThrownBy(() -> Scan.of(dataset, 2, finding -> {
                    throw new IllegalStateException("enough");
                }))
                .withMessage("enough");
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("pool-") && thread.isAlive())
                .allSatisfy(thread -> thread.join(60_000));
    }
}
