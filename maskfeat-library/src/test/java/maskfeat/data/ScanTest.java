package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

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
        Scan scan = Scan.of(Files.writeString(temp.resolve("list.txt"), lines), Scan.As.IMAGES, DEADLINE);
        List<Scan.Finding> findings = new ArrayList<>();

        Map<String, Integer> counts = scan.run(threads, findings::add);

        assertThat(counts)
                .isEqualTo(Map.of(
                        "ok", 30,
                        "ok, but not by its name", 15,
                        "missing", 15,
                        "truncated", 15,
                        "empty", 15,
                        "not an image", 15));
        assertThat(findings).extracting(Scan.Finding::item).isEqualTo(scan.items());
        assertThat(findings)
                .filteredOn(finding -> !finding.usable())
                .hasSize(60)
                .allSatisfy(finding -> {
                    assertThat(finding.facts()).isEqualTo(Scan.Facts.UNKNOWN);
                    assertThat(finding.reason()).contains(finding.item().file().toString());
                });
        Scan.Finding first = findings.get(0);
        assertThat(first)
                .isEqualTo(new Scan.Finding(
                        scan.items().get(0), "ok", new Scan.Facts(Scan.Kind.IMAGE, 20, 10, 1, 0, 0, ""), ""));
        Scan.Finding renamed = findings.get(3);
        assertThat(renamed.usable()).isTrue();
        assertThat(renamed.facts().width()).isEqualTo(40);
        assertThat(renamed.reason()).contains("renamed.dat").contains("rename it");
    }

    private Map<String, String> verdicts(Scan.As as) throws Exception {
        Map<String, String> verdicts = new TreeMap<>();
        Scan scan = Scan.of(temp, as, DEADLINE);
        scan.run(
                2,
                finding -> verdicts.put(
                        temp.relativize(finding.item().file()).toString().replace('\\', '/'),
                        finding.verdict() + ", " + finding.facts().kind()));
        return verdicts;
    }

    private void mixture() throws IOException {
        VideoFiles.write(temp.resolve("clip.mp4"), 10);
        Files.copy(temp.resolve("clip.mp4"), temp.resolve("clip.bin"));
        Files.copy(temp.resolve("clip.mp4"), temp.resolve("clip.jpg"));
        PictureFiles.write(temp.resolve("photos/1.jpg"), 20, 10, 1);
        PictureFiles.write(temp.resolve("photos/2.jpg"), 20, 10, 2);
        PictureFiles.bad(temp.resolve("text.mp4"));
        PictureFiles.bad(temp.resolve("text.png"));
        PictureFiles.bad(temp.resolve("README.txt"));
        Files.write(temp.resolve("empty.mp4"), new byte[0]);
        byte[] whole = Files.readAllBytes(temp.resolve("clip.mp4"));
        int index = new String(whole, StandardCharsets.ISO_8859_1).indexOf("moov");
        Files.write(temp.resolve("short.mp4"), Arrays.copyOf(whole, index - 50));
    }

    @Test
    void photosOfPhonesAndRawStreamsAreReadByWhatTheyAre() throws Exception {
        copy("grid_turned.heic", "IMG_0001.HEIC");
        copy("alpha.heic", "photo.heif");
        copy("pillow_420.avif", "photo.avif");
        copy("pillow_420.avif", "named.jpg");
        copy("lossless_alpha_noise.webp", "drawing.webp");
        VideoFiles.write(temp.resolve("film.mp4"), 10);
        Files.move(temp.resolve("film.mp4"), temp.resolve("film.heic"));
        byte[] jpeg = Files.readAllBytes(PictureFiles.write(temp.resolve("one.jpg"), 64, 48, 1));
        try (OutputStream out = Files.newOutputStream(temp.resolve("raw.mjpeg"))) {
            for (int i = 0; i < 10; i++) {
                out.write(jpeg);
            }
        }
        assertThat(verdicts(Scan.As.AUTO))
                .isEqualTo(new TreeMap<>(Map.of(
                        "IMG_0001.HEIC", "ok, IMAGE",
                        "film.heic", "ok, but not by its name, VIDEO",
                        "photo.heif", "ok, IMAGE",
                        "photo.avif", "ok, IMAGE",
                        "named.jpg", "ok, IMAGE",
                        "drawing.webp", "ok, IMAGE",
                        "one.jpg", "ok, IMAGE",
                        "raw.mjpeg", "ok, VIDEO")));
        assertThat(ImageDataset.open(temp).items()).hasSize(7);
    }

    private void copy(String resource, String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ScanTest.class.getResourceAsStream("/stills/" + resource))) {
            Files.copy(in, temp.resolve(name));
        }
    }

    @Test
    void eachFileIsReadAsWhatItIs() throws Exception {
        mixture();
        assertThat(verdicts(Scan.As.AUTO))
                .isEqualTo(new TreeMap<>(Map.of(
                        "README.txt", "passed over, UNKNOWN",
                        "clip.bin", "ok, but not by its name, VIDEO",
                        "clip.jpg", "ok, but not by its name, VIDEO",
                        "clip.mp4", "ok, VIDEO",
                        "empty.mp4", "empty, UNKNOWN",
                        "photos/1.jpg", "ok, IMAGE",
                        "photos/2.jpg", "ok, IMAGE",
                        "short.mp4", "truncated, UNKNOWN",
                        "text.mp4", "not a video, UNKNOWN",
                        "text.png", "not an image, UNKNOWN")));
    }

    @Test
    void askedForVideosItTakesNumberedImagesForAClip() throws Exception {
        mixture();
        assertThat(verdicts(Scan.As.VIDEOS))
                .containsEntry("photos", "ok, FRAMES")
                .containsEntry("text.png", "passed over, UNKNOWN")
                .doesNotContainKey("photos/1.jpg");
        assertThat(verdicts(Scan.As.IMAGES))
                .containsEntry("photos/1.jpg", "ok, IMAGE")
                .containsEntry("clip.jpg", "unsupported, UNKNOWN")
                .containsEntry("README.txt", "passed over, UNKNOWN");
    }

    @Test
    void aVideoDamagedBehindItsStartIsOfUseInPart() throws Exception {
        byte[] whole = Files.readAllBytes(VideoFiles.write(temp.resolve("clip.mp4"), 48));
        String text = new String(whole, StandardCharsets.ISO_8859_1);
        int media = text.indexOf("mdat");
        int index = text.indexOf("moov");
        byte[] zeroed = whole.clone();
        Arrays.fill(zeroed, media + (index - media) * 3 / 4, index - 4, (byte) 0);
        Files.write(temp.resolve("clip.mp4"), zeroed);
        List<Scan.Finding> findings = new ArrayList<>();
        Scan.of(temp, Scan.As.AUTO, DEADLINE).run(1, findings::add);
        Scan.Finding finding = findings.get(0);
        assertThat(finding.usable()).isFalse();
        assertThat(finding.usableInPart()).isTrue();
        assertThat(finding.verdict()).isEqualTo("damaged");
        assertThat(finding.reason())
                .containsPattern("(frame|packet) \\d+ of 48 ")
                .endsWith("; training uses clips of what is sound");
        assertThat(finding.facts().kind()).isEqualTo(Scan.Kind.VIDEO);
        assertThat(finding.facts().codec()).isEqualTo("mpeg4");
        assertThat(VideoFiles.numbers(VideoDataset.clip(temp.resolve("clip.mp4"), new StridedClip(4, 2), 0, 8)))
                .containsExactly(0, 2, 4, 6);
    }

    @Test
    void whatTheListenerThrowsEndsTheScan() throws IOException {
        Scan scan = Scan.of(PictureFiles.folder(temp.resolve("images"), 5, 8), Scan.As.AUTO, DEADLINE);
        assertThatIllegalStateException()
                .isThrownBy(() -> scan.run(2, finding -> {
                    throw new IllegalStateException("enough");
                }))
                .withMessage("enough");
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("pool-") && thread.isAlive())
                .allSatisfy(thread -> thread.join(60_000));
    }
}
