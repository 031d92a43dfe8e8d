package maskfeat.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import maskfeat.archive.Archives;
import maskfeat.data.Item;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardFileTest {
    private static final Job JOB = Job.of("embed", "abc", Map.of("--block", "1"), List.of());

    @TempDir
    private Path folder = Path.of("");

    private static Item item(Path file) {
        return new Item(file, Item.UNLABELLED);
    }

    /** Gives each item that is to be done its number in the list. */
    private int doAll(Path file, Shard shard, List<Item> all) throws IOException {
        try (ShardFile results = ShardFile.open(file, shard, JOB, all)) {
            for (Item item : results.rest()) {
                results.add(item, Map.of("name", item.file().getFileName().toString()));
            }
            results.finish();
            return results.kept();
        }
    }

    @Test
    void shardsAreEvenAndTogetherAll() {
        List<Integer> all = IntStream.range(0, 11).boxed().toList();
        List<Integer> together = new ArrayList<>();
        for (int number = 1; number <= 4; number++) {
            Shard shard = new Shard(number, 4);
            assertThat(shard.of(all)).allMatch(shard::has).hasSize(shard.sizeOf(11));
            assertThat(shard.sizeOf(11)).isBetween(2, 3);
            together.addAll(shard.of(all));
        }
        assertThat(together).containsExactlyInAnyOrderElementsOf(all);
        assertThat(new Shard(2, 4).of(all)).containsExactly(1, 5, 9);
        assertThat(new Shard(3, 4).sizeOf(2)).isZero();
        assertThat(new Shard(1, 2).fileOf(folder.resolve("a.b.npy")).getFileName())
                .hasToString("a.b.shard-1-of-2.jsonl");
    }

    @Test
    void aFileThatIsNamedTwiceHasTwoResults() throws IOException {
        Item a = item(Files.writeString(folder.resolve("a"), "1"));
        Item b = item(Files.writeString(folder.resolve("b"), "1"));
        Path file = folder.resolve("x.jsonl");
        doAll(file, new Shard(1, 1), List.of(a, b, a));
        assertThat(ShardResults.of(List.of(file))
                        .read((row, result) -> result.path("name").asString()))
                .containsExactly("a", "b", "a");
    }

    @Test
    void resultsThatAreMissingAreNoEnd() throws IOException {
        Item a = item(Files.writeString(folder.resolve("a"), "1"));
        try (ShardFile results = ShardFile.open(folder.resolve("x.jsonl"), new Shard(1, 1), JOB, List.of(a))) {
            assertThatThrownBy(results::finish).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aFolderOfFramesChangesWithItsFrames() throws IOException {
        Path clip = Files.createDirectory(folder.resolve("clip"));
        Path frame = Files.writeString(clip.resolve("1.jpg"), "one");
        FileTime before = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(frame, before);
        Files.setLastModifiedTime(clip, before);
        Path file = folder.resolve("x.jsonl");
        assertThat(doAll(file, new Shard(1, 1), List.of(item(clip)))).isZero();
        assertThat(doAll(file, new Shard(1, 1), List.of(item(clip)))).isOne();
        Files.setLastModifiedTime(frame, FileTime.fromMillis(2_000_000));
        assertThat(doAll(file, new Shard(1, 1), List.of(item(clip)))).isZero();
    }

    /** Programs that make archives often give all members one time. */
    @Test
    void aMemberChangesWithItsArchive() throws IOException {
        Path file = folder.resolve("x.jsonl");
        Path zip = zip("one", 1_000_000);
        assertThat(doAll(file, new Shard(1, 1), List.of(member(zip)))).isZero();
        assertThat(doAll(file, new Shard(1, 1), List.of(member(zip)))).isOne();
        zip("two", 2_000_000);
        assertThat(doAll(file, new Shard(1, 1), List.of(member(zip)))).isZero();
    }

    private static Item member(Path zip) throws IOException {
        return item(Archives.open(zip).resolve("a.jpg"));
    }

    private Path zip(String content, long millis) throws IOException {
        Path zip = folder.resolve("a.zip");
        try (OutputStream out = Files.newOutputStream(zip);
                ZipOutputStream members = new ZipOutputStream(out)) {
            ZipEntry entry = new ZipEntry("a.jpg");
            entry.setTime(0);
            members.putNextEntry(entry);
            members.write(content.getBytes(StandardCharsets.UTF_8));
            members.closeEntry();
        }
        return Files.setLastModifiedTime(zip, FileTime.fromMillis(millis));
    }

    @Test
    void twoDoNotWriteOneShard() throws IOException {
        List<Item> all = List.of(item(Files.writeString(folder.resolve("a"), "1")));
        Path file = folder.resolve("x.jsonl");
        try (ShardFile first = ShardFile.open(file, new Shard(1, 1), JOB, all)) {
            assertThatThrownBy(() -> ShardFile.open(file, new Shard(1, 1), JOB, all))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(file.toString(), "another process");
            first.add(all.get(0), Map.of("name", "a"));
            first.finish();
        }
        assertThat(doAll(file, new Shard(1, 1), all)).isEqualTo(1);
        // One that is refused holds nothing.
        assertThatThrownBy(() -> ShardFile.open(file, new Shard(1, 2), JOB, all))
                .hasMessageContaining("shard 1/1");
        assertThat(doAll(file, new Shard(1, 1), all)).isEqualTo(1);
    }

    /** A lock file that a killed process left is no lock. */
    @Test
    void aLockIsThatOfAProcessAndNotAFile() throws Exception {
        Path file = folder.resolve("x.jsonl");
        List<Item> all = List.of(item(Files.writeString(folder.resolve("a"), "1")));
        Path ready = folder.resolve("ready");
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        file.toString(),
                        folder.resolve("a").toString(),
                        ready.toString())
                .inheritIO()
                .start();
        try {
            while (!Files.exists(ready)) {
                assertThat(other.isAlive()).isTrue();
                Thread.sleep(20);
            }
            assertThatThrownBy(() -> ShardFile.open(file, new Shard(1, 1), JOB, all))
                    .hasMessageContaining("another process");
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThat(folder.resolve(".x.jsonl.lock")).exists();
        assertThat(doAll(file, new Shard(1, 1), all)).isZero();
    }

    /** A process that writes a shard until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            List<Item> all = List.of(item(Path.of(arguments[1])));
            try (ShardFile held = ShardFile.open(Path.of(arguments[0]), new Shard(1, 1), JOB, all)) {
                Files.writeString(Path.of(arguments[2]), Integer.toString(held.size()));
                Thread.sleep(600_000);
            }
        }
    }
}
