package maskfeat.weights;

import static maskfeat.weights.MadeUpTensors.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ShardedSafetensorsTest {
    private static final MadeUpTensors FOUR =
            new MadeUpTensors().with("a", 3, 4).with("b", 5).with("c").with("d", 2, 2, 2);

    @TempDir
    Path folder;

    private Path write(long most) throws IOException {
        return ShardedSafetensors.write(folder, Map.of("format", "pt"), FOUR.sources(), most);
    }

    @ParameterizedTest
    @CsvSource({"1, 4", "32, 3", "48, 3", "69, 2", "1000, 1"})
    void comesBackFromAsManyFilesAsItNeeds(long most, int files) throws IOException {
        Path index = write(most);
        assertThat(index).isEqualTo(folder.resolve("model.safetensors.index.json"));
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).hasSize(files + 1);
        }
        assertThat(folder.resolve(String.format("model-%05d-of-%05d.safetensors", files, files)))
                .exists();
        for (Path path : List.of(folder, index)) {
            try (ShardedSafetensors opened = ShardedSafetensors.open(path)) {
                assertThat(opened.file()).isEqualTo(index);
                assertThat(opened.entries()).isEqualTo(FOUR.entries());
                assertThat(opened.metadata()).containsExactly(Map.entry("format", "pt"));
                for (String name : FOUR.entries().keySet()) {
                    assertThat(bytes(opened, name)).isEqualTo(bytes(FOUR, name));
                }
            }
        }
    }

    @Test
    void theIndexIsWhatOthersExpect() throws IOException {
        JsonNode index = JsonMapper.shared().readTree(Files.readAllBytes(write(60)));
        assertThat(index.path("metadata").path("total_size").longValue()).isEqualTo(48 + 20 + 4 + 32);
        assertThat(index.path("weight_map").path("a").stringValue()).isEqualTo("model-00001-of-00002.safetensors");
        assertThat(index.path("weight_map").path("d").stringValue()).isEqualTo("model-00002-of-00002.safetensors");
        assertThat(index.path("weight_map").size()).isEqualTo(4);
    }

    @Test
    void filesOfManyGigabytesAreSharedOutByArithmetic() {
        long big = 3L << 30;
        MadeUpTensors large =
                new MadeUpTensors().with("a", big).with("b", 1).with("c", big).with("d", big / 4);
        assertThat(ShardedSafetensors.plan(large.sources(), 16L << 30))
                .extracting(shard -> shard.stream().map(s -> s.entry().name()).toList())
                .containsExactly(List.of("a", "b"), List.of("c", "d"));
    }

    @Test
    void anIndexOfBeforeIsGoneWhileFilesAreWritten() throws IOException {
        Path index = write(1000);
        Safetensors.Source failing = new Safetensors.Source(new TensorEntry("z", DType.U8, List.of(1L)), out -> {
            throw new IOException("the disk is full");
        });
        assertThatThrownBy(() -> ShardedSafetensors.write(folder, Map.of(), List.of(failing), 1000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("model-00001-of-00001.safetensors")
                .hasMessageContaining("the disk is full");
        assertThat(index).doesNotExist();
    }

    @Test
    void nothingIsWrittenOfTensorsThatCannotBe() {
        assertThatThrownBy(() -> ShardedSafetensors.write(folder, Map.of(), List.of(), 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there are no tensors to write");
        assertThatThrownBy(() -> write(0)).hasMessage("files of 0 bytes hold nothing; take at least 1");
        List<Safetensors.Source> twice =
                Stream.of(FOUR, FOUR).flatMap(t -> t.sources().stream()).toList();
        assertThatThrownBy(() -> ShardedSafetensors.write(folder, Map.of(), twice, 10))
                .hasMessage("two tensors are named 'a'");
        MadeUpTensors many = new MadeUpTensors();
        for (int i = 0; i < 1001; i++) {
            many.with("t" + i, 1);
        }
        assertThatThrownBy(() -> ShardedSafetensors.write(folder, Map.of(), many.sources(), 4))
                .hasMessageContaining("would be 1001; take so many bytes that there are at most 1000");
        assertThat(folder).isEmptyDirectory();
    }

    private void rewriteIndex(String json) throws IOException {
        Files.writeString(folder.resolve(ShardedSafetensors.INDEX), json);
    }

    private void assertDamaged(String... said) {
        assertThatThrownBy(() -> ShardedSafetensors.open(folder))
                .isInstanceOf(DamagedFile.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(said));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.safetensors",
                "a/x.safetensors",
                "a\\\\x.safetensors",
                "/x.safetensors",
                "C:x.safetensors",
                "x.bin",
                "..",
                "",
                "x\\u0000.safetensors"
            })
    void filesElsewhereAreNotFollowed(String name) throws IOException {
        rewriteIndex("{\"weight_map\":{\"a\":\"" + name + "\"}}");
        assertDamaged("model.safetensors.index.json places tensor 'a' in '", "only names of files beside it");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [] | has START_ARRAY instead of START_OBJECT in the index
            {} | names no tensors; expected them under 'weight_map'
            {"weight_map":{}} | names no tensors
            {"weight_map":{"a":1}} | has VALUE_NUMBER_INT instead of VALUE_STRING in the file of 'a'
            {"weight_map":{"a":"x.safetensors","a":"y.safetensors"}} | is not the JSON it should be: Duplicate
            {"weight_map":{"a":"x.safetensors"},"b":{}} | has an unknown field 'b'
            {"weight_map":{"a":{"b":{}}}} | has START_OBJECT instead of VALUE_STRING
            {"metadata":{"total_size":-1},"weight_map":{"a":"x.safetensors"}} | has a 'total_size' of -1 bytes
            {"metadata":{"total_size":"9"},"weight_map":{"a":"x.safetensors"}} | has VALUE_STRING instead of a number
            {"metadata":{"n":[]},"weight_map":{"a":"x.safetensors"}} | has START_ARRAY instead of a text as 'n'
            {"weight_map":{"a":"x.safetensors"}} {} | has START_OBJECT instead of null in the end of the index
            {"weight_map":{"a":"x.safet | is not the JSON it should be
            {"weight_map":{"a":"x.safetensors"}} | names x.safetensors, and no such file lies beside it
            """)
    void indexesThatAreNoneAreNamedWithTheFault(String json, String said) throws IOException {
        rewriteIndex(json);
        assertDamaged("model.safetensors.index.json " + said);
    }

    @Test
    void anIndexThatIsTooLargeIsNotRead() throws IOException {
        rewriteIndex("{\"weight_map\":{\"" + "a".repeat(1 << 25) + "\":\"x.safetensors\"}}");
        assertDamaged("has more than 33554432 bytes");
    }

    @Test
    void anIndexThatIsNotTextIsRefused() throws IOException {
        Files.write(folder.resolve(ShardedSafetensors.INDEX), new byte[] {'{', (byte) 0xff, '}'});
        assertDamaged("is not UTF-8");
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        write(48);
        Files.delete(folder.resolve("model-00002-of-00003.safetensors"));
        assertDamaged("index.json names model-00002-of-00003.safetensors, and no such file lies beside it");
    }

    @Test
    void aFileCutShortIsNamed() throws IOException {
        write(48);
        Path shard = folder.resolve("model-00002-of-00003.safetensors");
        byte[] whole = Files.readAllBytes(shard);
        Files.write(shard, Arrays.copyOf(whole, whole.length - 1));
        assertDamaged("model-00002-of-00003.safetensors has tensor");
    }

    @Test
    void tensorsMustBeWhereTheIndexPlacesThem() throws IOException {
        Safetensors.write(folder.resolve("x.safetensors"), Map.of(), FOUR.sources());
        Safetensors.write(
                folder.resolve("y.safetensors"),
                Map.of(),
                new MadeUpTensors().with("e", 1).sources());
        String three = "\"a\":\"x.safetensors\",\"b\":\"x.safetensors\",\"c\":\"x.safetensors\",";
        rewriteIndex("{\"weight_map\":{" + three + "\"e\":\"y.safetensors\"}}");
        assertDamaged("x.safetensors has tensor 'd', which model.safetensors.index.json does not know");
        rewriteIndex("{\"weight_map\":{" + three + "\"d\":\"y.safetensors\",\"e\":\"y.safetensors\"}}");
        assertDamaged("x.safetensors has tensor 'd', which model.safetensors.index.json places in y.safetensors");
        rewriteIndex("{\"weight_map\":{" + three
                + "\"d\":\"x.safetensors\",\"e\":\"y.safetensors\",\"f\":\"y.safetensors\"}}");
        assertDamaged("y.safetensors has no tensor 'f', which model.safetensors.index.json places there");
    }

    @Test
    void sizesAndMetadataMustAgree() throws IOException {
        Path index = write(60);
        String json = Files.readString(index);
        rewriteIndex(json.replace("104", "103"));
        assertDamaged("counts 103 bytes of tensors, and its files have 104");
        rewriteIndex(json.replace("104", "1.04e2"));
        ShardedSafetensors.open(folder).close();
        rewriteIndex(json.replace("\"total_size\":104", "\"n\":true"));
        try (ShardedSafetensors opened = ShardedSafetensors.open(folder)) {
            assertThat(opened.metadata()).isEqualTo(new TreeMap<>(Map.of("format", "pt", "n", "true")));
        }
        rewriteIndex(json.replace("\"total_size\":104", "\"format\":\"np\""));
        assertDamaged("has other metadata under 'format' than model.safetensors.index.json or another of its files");
    }

    @Test
    void tensorsOfOtherFilesAreNotRead() throws IOException {
        write(48);
        try (ShardedSafetensors opened = ShardedSafetensors.open(folder)) {
            TensorEntry other = new TensorEntry("e", DType.F32, List.of(1L));
            assertThatThrownBy(() -> opened.read(other, ByteBuffer.allocate(4)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("has no tensor");
            assertThat(opened.entries()).isUnmodifiable();
        }
    }
}
