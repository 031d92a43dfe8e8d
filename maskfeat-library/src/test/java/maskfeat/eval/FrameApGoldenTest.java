package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.boxes.EvaluationBoxes;
import maskfeat.boxes.ExcludedMoments;
import maskfeat.boxes.LabelMap;
import maskfeat.golden.GoldenDir;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Average precision in frames against the programs whose rules the protocols are. */
@Tag("golden")
class FrameApGoldenTest {
    private static final Path FRAME_MAP = GoldenDir.path().resolve("detection/frame_map");
    private static final Path AVA = GoldenDir.path().resolve("ava_eval");

    static Stream<String> figures() {
        return json(FRAME_MAP.resolve("expected.json")).get("expected").propertyNames().stream();
    }

    @ParameterizedTest
    @MethodSource("figures")
    void threeProtocolsGiveTheFiguresOfTheirPrograms(String figure) throws IOException {
        JsonNode file = json(FRAME_MAP.resolve("expected.json"));
        JsonNode expected = file.get("expected").get(figure);
        int classes = file.get("classes").asInt();
        String[] parts = figure.split("@", -1);
        BoxProtocol protocol = BoxProtocol.valueOf(parts[0].toUpperCase(java.util.Locale.ROOT));
        FrameBoxes truth = new FrameBoxes(classes);
        for (String[] row : rows(FRAME_MAP.resolve("groundtruth.csv"))) {
            truth.add(row[0] + "," + row[1], corners(row, 3), Integer.parseInt(row[2]));
        }
        FrameBoxes detections = new FrameBoxes(classes);
        for (String[] row : rows(FRAME_MAP.resolve("detections.csv"))) {
            detections.add(
                    row[0] + "," + row[1], corners(row, 4), Integer.parseInt(row[2]), Double.parseDouble(row[3]));
        }
        FrameAp measured = FrameAp.of(protocol, Double.parseDouble(parts[1]), truth, detections);
        double tolerance = protocol == BoxProtocol.ACT ? 1e-6 : 1e-12; // ACT's program computes in float32
        assertThat(measured.mean()).isCloseTo(expected.get("map").asDouble(), within(tolerance));
        for (int c = 0; c < classes; c++) {
            JsonNode ap = expected.get("ap").path(Integer.toString(c));
            if (ap.isMissingNode() || ap.isNull()) {
                assertThat(measured.classes().get(c).counts()).as("class " + c).isFalse();
            } else {
                assertThat(measured.classes().get(c).ap()).as("class " + c).isCloseTo(ap.asDouble(), within(tolerance));
            }
            if (expected.has("true_positives")) {
                assertThat(measured.classes().get(c).found())
                        .isEqualTo(expected.get("true_positives")
                                .path(Integer.toString(c))
                                .asInt());
            }
        }
    }

    @Test
    void avaIsOfficialToTheDigitAndTheOrderOfRowsMatters() throws IOException {
        JsonNode expected = json(AVA.resolve("expected.json"));
        for (String file : List.of("detections", "detections_ascending_score")) {
            JsonNode figures = expected.get(file);
            assertThat(figures).as(file).isNotNull();
            LabelMap labels = LabelMap.read(AVA.resolve("labelmap.pbtxt"));
            ExcludedMoments excluded = ExcludedMoments.read(AVA.resolve("excluded.csv"));
            List<Integer> ids = labels.ids();
            FrameAp measured = FrameAp.of(
                    BoxProtocol.AVA,
                    expected.get("iou_threshold").asDouble(),
                    EvaluationBoxes.truth(AVA.resolve("groundtruth.csv"), labels, excluded)
                            .boxes(),
                    EvaluationBoxes.detections(AVA.resolve(file + ".csv"), labels, excluded)
                            .boxes());
            assertThat(measured.mean()).as(file).isCloseTo(figures.get("mAP").asDouble(), within(1e-12));
            for (int c = 0; c < ids.size(); c++) {
                JsonNode ap = figures.get("ap_by_class_id").get(ids.get(c).toString());
                if (ap.isNull()) {
                    assertThat(measured.classes().get(c).counts()).isFalse();
                } else {
                    assertThat(measured.classes().get(c).ap()).isCloseTo(ap.asDouble(), within(1e-12));
                }
            }
        }
    }

    private static Corners corners(String[] row, int first) {
        return new Corners(
                Double.parseDouble(row[first]),
                Double.parseDouble(row[first + 1]),
                Double.parseDouble(row[first + 2]),
                Double.parseDouble(row[first + 3]));
    }

    private static List<String[]> rows(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank())
                .map(line -> line.split(",", -1))
                .toList();
    }

    private static JsonNode json(Path file) {
        return JsonMapper.shared().readTree(file.toFile());
    }
}
