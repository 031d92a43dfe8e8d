package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.eval.ActionEvaluation;
import maskfeat.eval.BoxProtocol;
import maskfeat.eval.Corners;
import maskfeat.eval.FrameAp;
import maskfeat.eval.FrameAp.ClassAp;
import maskfeat.eval.FrameBoxes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecisionRecallPictureTest {
    private static final int LEFT = 64;
    private static final int TOP = 16;
    private static final int SIDE = 440;
    private static final int BLACK = 0xff22262b;
    private static final int FIRST = 0xff1f6fb4;

    @TempDir
    private Path folder = Path.of("");

    /** Precision is the same at all recalls. */
    private static ClassAp flat(double precision, int truths) {
        return new ClassAp(precision, truths, 100, 10, Collections.nCopies(FrameAp.RECALLS, precision));
    }

    private static int at(BufferedImage picture, double recall, double precision) {
        return picture.getRGB((int) Math.round(LEFT + recall * SIDE), (int) Math.round(TOP + (1 - precision) * SIDE));
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(c -> "class " + c).toList();
    }

    @Test
    void aCurveIsWhereItsPrecisionIs() {
        FrameAp ap = new FrameAp(BoxProtocol.AVA, 0.5, List.of(flat(0.3, 5), flat(0.7, 5)));
        BufferedImage picture = PrecisionRecallPicture.draw(ap, names(2));
        assertThat(at(picture, 0.5, 0.7)).isEqualTo(FIRST);
        assertThat(at(picture, 0.5, 0.5)).isEqualTo(BLACK);
        assertThat(at(picture, 0.5, 0.3)).isNotIn(0xffffffff, FIRST, BLACK);
        assertThat(at(picture, 0.5, 0.9)).isEqualTo(0xffffffff);
    }

    @Test
    void ofManyClassesSomeAreInColoursAndNoneTwice() {
        // Class 0 has most boxes; the higher the number, the better.
        List<ClassAp> classes = IntStream.range(0, 80)
                .mapToObj(c -> c % 4 == 3
                        ? new ClassAp(Double.NaN, 0, 100, 0, Collections.nCopies(FrameAp.RECALLS, 0.0))
                        : flat((c + 1) / 110.0, 200 - c))
                .toList();
        FrameAp ap = new FrameAp(BoxProtocol.AVA, 0.5, classes);
        Map<String, List<Integer>> chosen = PrecisionRecallPicture.chosen(ap);
        assertThat(chosen.values()).containsExactly(List.of(0, 1, 2), List.of(78, 77, 76), List.of(4, 5));
        BufferedImage picture = PrecisionRecallPicture.draw(ap, names(80));
        assertThat(at(picture, 0.5, 51 / 110.0) & 0xff).as("a grey line").isBetween(0xc0, 0xf0);
        assertThat(at(picture, 0.5, 1 / 110.0)).isEqualTo(FIRST);
    }

    @Test
    void classesOfWhichThereIsNothingToFindAreNotTheWorst() {
        List<ClassAp> classes =
                IntStream.range(0, 12).mapToObj(c -> flat(c / 20.0, c)).toList();
        assertThat(PrecisionRecallPicture.chosen(new FrameAp(BoxProtocol.ACT, 0.5, classes))
                        .get("worst of the others"))
                .containsExactly(1, 2);
    }

    @Test
    void thePageTellsWhoseRulesAndTheFilesHaveTheNumbers() throws Exception {
        for (BoxProtocol protocol : BoxProtocol.values()) {
            FrameAp ap = new FrameAp(protocol, 0.5, List.of(flat(0.25, 5), flat(0.75, 5)));
            MeasuredActions measured = new MeasuredActions(
                    new ActionEvaluation(List.of("sit, still", "run"), List.of(0, 1), ap, ap, ap, 10, 5, 10, 3, 2, ""),
                    3);
            assertThat(measured.page().figures()).hasSize(1);
            assertThat(measured.page().figures().get(0).caption())
                    .contains("rules of " + protocol + " at IoU 0.5")
                    .contains(protocol == BoxProtocol.ACT ? "joined by lines" : "highest precision");
            measured.write(folder);
            List<String> lines = Files.readAllLines(folder.resolve("precision_recall.csv"));
            assertThat(lines).hasSize(102);
            assertThat(lines.get(0)).isEqualTo("recall,mean,\"sit, still\",run");
            assertThat(lines.get(31)).isEqualTo("0.30,0.5,0.25,0.75");
        }
    }

    @Test
    void whatWasSuppressedIsSaidInLinesThatFit() {
        FrameAp ap = new FrameAp(BoxProtocol.YOWO, 0.5, List.of(flat(0.25, 5)));
        FrameBoxes boxes = new FrameBoxes(1);
        boxes.add("v,1", new Corners(0, 0, 10, 10), 0, 0.9);
        boxes.add("v,1", new Corners(0, 0, 10, 11), 0, 0.8);
        String sentence = BoxProtocol.YOWO.suppress(boxes).sentence();
        MeasuredActions measured = new MeasuredActions(
                new ActionEvaluation(List.of("run"), List.of(0), ap, ap, ap, 10, 5, 10, 3, 2, sentence), 3);
        assertThat(sentence).contains("of 2 boxes").contains("removed 1 that");
        assertThat(measured.facts()).containsEntry("suppression", sentence);
        assertThat(measured.json()).containsEntry("suppression", sentence);
        assertThat(measured.text(true).replace('\n', ' ')).contains(sentence);
        assertThat(measured.text(true)).contains("key frames without a box     2 of 3");
        assertThat(measured.json()).containsEntry("key_frames_without_box", 2);
        assertThat(measured.text(true).lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void refusesWhatHasNoCurves() {
        FrameAp none = new FrameAp(
                BoxProtocol.AVA,
                0.5,
                List.of(new ClassAp(Double.NaN, 0, 0, 0, Collections.nCopies(FrameAp.RECALLS, 0.0))));
        assertThatThrownBy(() -> PrecisionRecallPicture.draw(none, names(1))).hasMessageContaining("no curves");
        assertThatThrownBy(() -> PrecisionRecallPicture.draw(none, names(2))).hasMessageContaining("2 names");
        assertThat(new MeasuredActions(
                                new ActionEvaluation(List.of("run"), List.of(0), none, none, none, 0, 0, 0, 0, 0, ""),
                                0)
                        .page()
                        .figures())
                .isEmpty();
    }
}
