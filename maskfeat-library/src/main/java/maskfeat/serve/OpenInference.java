package maskfeat.serve;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.disk.Plural;
import maskfeat.eval.Prediction;
import maskfeat.media.Frames;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests and answers of the Open Inference Protocol, version 2, with its extension of binary tensors.
 *
 * <p>The input is {@value #INPUT}, of whole files: base64 in JSON, or their bytes behind it; or a {@link PixelTensor}. Outputs are
 * the scores of the classes, their names, and the features.
 */
final class OpenInference {
    static final String INPUT = "file";
    static final String SCORES = "scores";
    static final String LABELS = "labels";
    static final String FEATURES = "features";

    /** Says how much of a body is JSON; binary tensors follow it. */
    static final String HEADER_LENGTH = "Inference-Header-Content-Length";

    /** More files of one request would keep others waiting for long. */
    static final int MOST_FILES = 256;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE) // files in base64; Service bounds the body
                            .build())
                    .build())
            .build();

    private OpenInference() {}

    /**
     * An output that is asked for.
     *
     * @param binary whether it is sent behind the JSON
     */
    record Asked(String name, boolean binary) {}

    /**
     * A request.
     *
     * @param id to be repeated
     * @param given what is to be looked at
     * @param top number of classes, best first; empty for all in their order
     */
    record Request(Optional<String> id, Given given, Optional<Integer> top, List<Asked> outputs) {
        boolean wants(String... names) {
            return outputs.stream().anyMatch(output -> List.of(names).contains(output.name()));
        }
    }

    /**
     * One of the two.
     *
     * @param files the bytes of each
     * @param pixels what the network looks at, of each
     */
    record Given(List<byte[]> files, List<Frames> pixels) {}

    /**
     * An answer.
     *
     * @param jsonLength number of bytes of JSON at its beginning, if something follows
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answer(byte[] body, Optional<Integer> jsonLength) {}

    static Map<String, Object> metadata(ServedModel model) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", model.name());
        data.put("platform", "maskfeat");
        data.put(
                "inputs",
                List.of(
                        tensor(INPUT, "BYTES", -1),
                        tensor(PixelTensor.INPUT, PixelTensor.TYPE, PixelTensor.shape(model))));
        List<Map<String, Object>> outputs = new ArrayList<>();
        if (model.isClassifier()) {
            outputs.add(tensor(SCORES, "FP32", -1, model.classes().size()));
            outputs.add(tensor(LABELS, "BYTES", -1, model.classes().size()));
        }
        outputs.add(tensor(FEATURES, "FP32", -1, model.width()));
        data.put("outputs", outputs);
        return data;
    }

    private static Map<String, Object> tensor(String name, String type, int... shape) {
        Map<String, Object> tensor = new LinkedHashMap<>();
        tensor.put("name", name);
        tensor.put("datatype", type);
        tensor.put("shape", shape);
        return tensor;
    }

    /** @param headerLength what the header {@value #HEADER_LENGTH} says, if it is there */
    static Request read(byte[] body, @Nullable String headerLength, ServedModel model) throws Refusal {
        int json = headerLength == null ? body.length : length(headerLength, body.length);
        if (json == 0 && headerLength != null) {
            return new Request(
                    Optional.empty(), new Given(List.of(body), List.of()), Optional.empty(), all(model, false));
        }
        JsonNode root;
        try {
            root = JSON.readTree(body, 0, json);
        } catch (JacksonException broken) {
            throw bad("the body is not JSON: " + why(broken) + "; to send a file alone, POST it to"
                    + " /v1/predict or /v1/embed");
        }
        if (!root.isObject()) {
            throw bad("the body must be a JSON object with 'inputs'");
        }
        JsonNode parameters = root.path("parameters");
        boolean binary = flag(parameters, "binary_data_output", false);
        return new Request(
                Optional.of(root.path("id")).filter(JsonNode::isString).map(JsonNode::asString),
                given(root.path("inputs"), ByteBuffer.wrap(body, json, body.length - json), model),
                top(parameters.path("top")),
                outputs(root.path("outputs"), binary, model));
    }

    /** Without what the reader says of itself. */
    private static String why(JacksonException broken) {
        return broken.getOriginalMessage()
                .replaceAll(" \\(start marker at \\[.*?]\\)", "")
                .replaceAll(": enable `.*", "")
                .replaceAll(", from `[^`]*`", "");
    }

    private static int length(String text, int all) throws Refusal {
        if (!text.strip().matches("\\d{1,9}") || Integer.parseInt(text.strip()) > all) {
            throw bad(HEADER_LENGTH + " is '" + text + "'; it must be the number of bytes of JSON, of " + all
                    + " in the body, or 0 where the body is one file");
        }
        return Integer.parseInt(text.strip());
    }

    private static Given given(JsonNode inputs, ByteBuffer behind, ServedModel model) throws Refusal {
        if (!inputs.isArray() || inputs.size() != 1) {
            throw bad("'inputs' must be one tensor, '" + INPUT + "' or '" + PixelTensor.INPUT + "', and there are "
                    + inputs.size());
        }
        JsonNode input = inputs.get(0);
        String name = input.path("name").asString("");
        if (!name.equals(INPUT) && !name.equals(PixelTensor.INPUT)) {
            throw bad("there is no input " + input.path("name") + "; there are '" + INPUT + "', whole files, and '"
                    + PixelTensor.INPUT + "', numbers");
        }
        JsonNode size = input.path("parameters").path("binary_data_size");
        ByteBuffer own = size.isMissingNode() ? null : own(name, size, behind);
        if (behind.hasRemaining()) {
            throw bad(Plural.of(behind.remaining(), "byte")
                    + " at the end of the body are of no input; binary_data_size must count them");
        }
        return name.equals(INPUT)
                ? new Given(files(input, own), List.of())
                : new Given(List.of(), PixelTensor.read(input, own, model, MOST_FILES));
    }

    private static List<byte[]> files(JsonNode input, @Nullable ByteBuffer own) throws Refusal {
        if (!input.path("datatype").asString("").equals("BYTES")) {
            throw bad("datatype of '" + INPUT + "' is " + input.path("datatype")
                    + "; it must be BYTES: each element is a whole image or video file");
        }
        List<byte[]> files = own == null ? base64(input.path("data")) : binary(own);
        if (files.isEmpty()) {
            throw bad("'" + INPUT + "' has no data");
        }
        if (files.size() > MOST_FILES) {
            throw bad(files.size() + " files are more than the " + MOST_FILES + " of one request; send several");
        }
        double elements = 1;
        for (JsonNode axis : input.path("shape")) {
            elements *= axis.asLong(-1);
        }
        if (!input.path("shape").isArray() || elements != files.size()) {
            throw bad("shape of '" + INPUT + "' is " + input.path("shape") + ", and there are " + files.size()
                    + " elements; [" + files.size() + "] would do");
        }
        return files;
    }

    private static List<byte[]> base64(JsonNode data) throws Refusal {
        List<byte[]> files = new ArrayList<>();
        for (JsonNode element : data) {
            if (element.isArray()) {
                files.addAll(base64(element));
                continue;
            }
            if (!element.isString()) {
                throw bad("element " + files.size() + " of '" + INPUT + "' is no text; it must be a file in base64");
            }
            try {
                files.add(Base64.getDecoder().decode(element.asString()));
            } catch (IllegalArgumentException wrong) {
                throw bad("element " + files.size() + " of '" + INPUT + "' is not base64: " + wrong.getMessage());
            }
        }
        return files;
    }

    /** What is behind the JSON for an input. */
    private static ByteBuffer own(String name, JsonNode size, ByteBuffer behind) throws Refusal {
        if (!size.isInt() || size.asInt() < 0 || size.asInt() > behind.remaining()) {
            throw bad("binary_data_size of '" + name + "' is " + size + ", and behind the JSON are "
                    + behind.remaining() + " bytes; " + HEADER_LENGTH + " says where they begin");
        }
        ByteBuffer own = behind.slice().limit(size.asInt()).order(ByteOrder.LITTLE_ENDIAN);
        behind.position(behind.position() + size.asInt());
        return own;
    }

    private static List<byte[]> binary(ByteBuffer own) throws Refusal {
        List<byte[]> files = new ArrayList<>();
        try {
            while (own.hasRemaining()) {
                int length = own.getInt();
                if (length < 0 || length > own.remaining()) {
                    throw new BufferUnderflowException();
                }
                byte[] file = new byte[length];
                own.get(file);
                files.add(file);
            }
        } catch (BufferUnderflowException short_) {
            throw bad("element " + files.size() + " of '" + INPUT + "' is longer than binary_data_size leaves;"
                    + " before each stands its length, 4 bytes, little endian");
        }
        return files;
    }

    private static Optional<Integer> top(JsonNode top) throws Refusal {
        if (top.isMissingNode()) {
            return Optional.empty();
        }
        if (!top.isInt() || top.asInt() < 1) {
            throw bad("parameter 'top' is " + top + "; it must be a number of classes, at least 1");
        }
        return Optional.of(top.asInt());
    }

    private static List<Asked> outputs(JsonNode asked, boolean binary, ServedModel model) throws Refusal {
        List<Asked> known = all(model, binary);
        if (asked.isMissingNode() || asked.isArray() && asked.isEmpty()) {
            return known;
        }
        List<Asked> outputs = new ArrayList<>();
        for (JsonNode output : asked) {
            String name = output.path("name").asString("");
            List<String> names = known.stream().map(Asked::name).toList();
            if (!names.contains(name)) {
                throw bad("there is no output " + output.path("name") + "; " + model.name() + " has " + names);
            }
            outputs.add(new Asked(name, flag(output.path("parameters"), "binary_data", binary)));
        }
        return outputs;
    }

    private static List<Asked> all(ServedModel model, boolean binary) {
        List<Asked> all = new ArrayList<>();
        if (model.isClassifier()) {
            all.add(new Asked(SCORES, binary));
            all.add(new Asked(LABELS, binary));
        }
        all.add(new Asked(FEATURES, binary));
        return all;
    }

    private static boolean flag(JsonNode parameters, String name, boolean otherwise) throws Refusal {
        JsonNode flag = parameters.path(name);
        if (flag.isMissingNode()) {
            return otherwise;
        }
        if (!flag.isBoolean()) {
            throw bad("parameter '" + name + "' is " + flag + "; it must be true or false");
        }
        return flag.asBoolean();
    }

    private static Refusal bad(String message) {
        return new Refusal(Refusal.BAD_REQUEST, message);
    }

    /** @param files what was computed of each */
    static Answer answer(ServedModel model, Request request, List<Batcher.Outputs> files) {
        ByteArrayOutputStream behind = new ByteArrayOutputStream();
        List<int[]> classes = files.stream()
                .map(file -> request.wants(SCORES, LABELS) ? classes(file.scores(), request.top()) : new int[0])
                .toList();
        List<Map<String, Object>> outputs = new ArrayList<>();
        for (Asked asked : request.outputs()) {
            outputs.add(
                    switch (asked.name()) {
                        case SCORES -> floats(asked, scores(files, classes), behind);
                        case LABELS -> labels(asked, model.classes(), classes, behind);
                        default ->
                            floats(
                                    asked,
                                    files.stream()
                                            .map(Batcher.Outputs::features)
                                            .toList(),
                                    behind);
                    });
        }
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("model_name", model.name());
        request.id().ifPresent(id -> root.put("id", id));
        root.put("outputs", outputs);
        byte[] json = JSON.writeValueAsBytes(root);
        if (request.outputs().stream().noneMatch(Asked::binary)) {
            return new Answer(json, Optional.empty());
        }
        byte[] all = Arrays.copyOf(json, json.length + behind.size());
        System.arraycopy(behind.toByteArray(), 0, all, json.length, behind.size());
        return new Answer(all, Optional.of(json.length));
    }

    /** Numbers of the classes in the order in which they are given out. */
    private static int[] classes(float[] scores, Optional<Integer> top) {
        if (top.isPresent()) {
            return new Prediction(INPUT, Prediction.UNLABELLED, scores).top(top.get());
        }
        int[] all = new int[scores.length];
        Arrays.setAll(all, number -> number);
        return all;
    }

    private static List<float[]> scores(List<Batcher.Outputs> files, List<int[]> classes) {
        List<float[]> rows = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            float[] row = new float[classes.get(i).length];
            for (int c = 0; c < row.length; c++) {
                row[c] = files.get(i).scores()[classes.get(i)[c]];
            }
            rows.add(row);
        }
        return rows;
    }

    private static Map<String, Object> floats(Asked asked, List<float[]> rows, ByteArrayOutputStream behind) {
        int width = rows.get(0).length;
        Map<String, Object> output = tensor(asked.name(), "FP32", rows.size(), width);
        ByteBuffer bytes =
                ByteBuffer.allocate(rows.size() * width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        float[] flat = new float[rows.size() * width];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, flat, i * width, width);
        }
        bytes.asFloatBuffer().put(flat);
        put(asked, output, flat, bytes.array(), behind);
        return output;
    }

    private static Map<String, Object> labels(
            Asked asked, List<String> names, List<int[]> classes, ByteArrayOutputStream behind) {
        List<String> labels = classes.stream()
                .flatMap(row -> Arrays.stream(row).mapToObj(names::get))
                .toList();
        Map<String, Object> output = tensor(asked.name(), "BYTES", classes.size(), classes.get(0).length);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String label : labels) {
            byte[] text = label.getBytes(StandardCharsets.UTF_8);
            bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(text.length)
                    .array());
            bytes.writeBytes(text);
        }
        put(asked, output, labels, bytes.toByteArray(), behind);
        return output;
    }

    private static void put(
            Asked asked, Map<String, Object> output, Object data, byte[] bytes, ByteArrayOutputStream behind) {
        if (asked.binary()) {
            output.put("parameters", Map.of("binary_data_size", bytes.length));
            behind.writeBytes(bytes);
        } else {
            output.put("data", data);
        }
    }
}
