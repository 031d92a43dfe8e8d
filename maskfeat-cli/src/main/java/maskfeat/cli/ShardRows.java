package maskfeat.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import maskfeat.data.Item;
import maskfeat.data.Scan;
import maskfeat.disk.PathText;
import maskfeat.eval.Prediction;
import maskfeat.infer.EmbeddingFile;
import maskfeat.shard.ShardResults;
import tools.jackson.databind.JsonNode;

/** How results stand in the files of shards, and are read from there. Vectors are Base64 of little-endian float32: exact, and short. */
final class ShardRows {
    private ShardRows() {}

    static Map<String, Object> features(List<EmbeddingFile.Row> rows) {
        List<Map<String, Object>> vectors = new ArrayList<>();
        for (EmbeddingFile.Row row : rows) {
            Map<String, Object> vector = new LinkedHashMap<>();
            row.start().ifPresent(seconds -> vector.put("start", seconds));
            row.end().ifPresent(seconds -> vector.put("end", seconds));
            vector.put("features", text(row.features()));
            vectors.add(vector);
        }
        return Map.of("vectors", vectors);
    }

    static List<EmbeddingFile.Row> features(ShardResults.Row row, JsonNode result) {
        List<EmbeddingFile.Row> rows = new ArrayList<>();
        result.required("vectors")
                .forEach(vector -> rows.add(new EmbeddingFile.Row(
                        row.file(),
                        seconds(vector.path("start")),
                        seconds(vector.path("end")),
                        floats(vector, "features"))));
        return rows;
    }

    private static OptionalDouble seconds(JsonNode number) {
        return number.isNumber() ? OptionalDouble.of(number.doubleValue()) : OptionalDouble.empty();
    }

    static Map<String, Object> scores(Prediction prediction) {
        return Map.of("scores", text(prediction.scores()));
    }

    static Prediction prediction(ShardResults.Row row, JsonNode result) {
        return new Prediction(row.file(), Prediction.UNLABELLED, floats(result, "scores"));
    }

    /** @param absolute path, for lists, which are read from elsewhere */
    record Found(Scan.Finding finding, String absolute) {}

    static Map<String, Object> finding(Scan.Finding finding) {
        Scan.Facts facts = finding.facts();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("verdict", finding.verdict());
        result.put("kind", facts.kind().name());
        result.put("width", facts.width());
        result.put("height", facts.height());
        result.put("frames", facts.frames());
        result.put("rate", facts.rate());
        result.put("seconds", facts.seconds());
        result.put("codec", facts.codec());
        result.put("reason", finding.reason());
        result.put("absolute", PathText.of(finding.item().file().toAbsolutePath()));
        return result;
    }

    static Found finding(ShardResults.Row row, JsonNode result) {
        Scan.Facts facts = new Scan.Facts(
                Scan.Kind.valueOf(result.required("kind").asString()),
                result.required("width").intValue(),
                result.required("height").intValue(),
                result.required("frames").intValue(),
                result.required("rate").doubleValue(),
                result.required("seconds").doubleValue(),
                result.required("codec").asString());
        return new Found(
                new Scan.Finding(
                        new Item(PathText.path(row.file()), row.label()),
                        result.required("verdict").asString(),
                        facts,
                        result.required("reason").asString()),
                result.required("absolute").asString());
    }

    private static String text(float[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    private static float[] floats(JsonNode object, String key) {
        ByteBuffer bytes = ByteBuffer.wrap(
                        Base64.getDecoder().decode(object.required(key).asString()))
                .order(ByteOrder.LITTLE_ENDIAN);
        float[] numbers = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(numbers);
        return numbers;
    }
}
