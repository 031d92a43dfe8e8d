package maskfeat.boxes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import maskfeat.disk.DamagedFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BoxTablesTest {
    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return ReadRows.write(folder, "boxes.csv", text);
    }

    private List<String> shown(String text) throws IOException {
        return ReadRows.of(file(text)).shown();
    }

    @Test
    void avasTruthHasAPersonOrNoneAndWholeSecondsOrDecimals() throws IOException {
        assertThat(shown("v,0902,0.1,0.2,0.3,0.4,12,7\nv,0.08,0.1,0.2,0.3,0.4,3\n"))
                .containsExactly(
                        "v 0902 0.1,0.2,0.3,0.4 FRACTION 12 null null 7",
                        "v 0.08 0.1,0.2,0.3,0.4 FRACTION 3 null null null");
    }

    @Test
    void detectionsHaveAScoreAndOftenNoClass() throws IOException {
        assertThat(shown("v,0902,0.1,0.2,0.3,0.4,,0.5\nv,0902,0.1,0.2,0.3,0.4,5,1\nv,0902,0.1,0.2,0.3,0.4,-1,1\n"))
                .containsExactly(
                        "v 0902 0.1,0.2,0.3,0.4 FRACTION null null 0.5 null",
                        "v 0902 0.1,0.2,0.3,0.4 FRACTION 5 null 1.0 null",
                        "v 0902 0.1,0.2,0.3,0.4 FRACTION null null 1.0 null");
    }

    /** One row of truth without a class does not make scores of all the persons. */
    @Test
    void truthMayLackAClassHereAndThere() throws IOException {
        assertThat(shown("v,0902,0.1,0.2,0.3,0.4,12,0\nv,0903,0.1,0.2,0.3,0.4,,2\n"))
                .containsExactly(
                        "v 0902 0.1,0.2,0.3,0.4 FRACTION 12 null null 0",
                        "v 0903 0.1,0.2,0.3,0.4 FRACTION null null null 2");
        assertThat(shown("v,0902,0.1,0.2,0.3,0.4,,1\nv,0903,0.1,0.2,0.3,0.4,,0\n"))
                .containsExactly(
                        "v 0902 0.1,0.2,0.3,0.4 FRACTION null null 1.0 null",
                        "v 0903 0.1,0.2,0.3,0.4 FRACTION null null 0.0 null");
        assertThat(shown("v,0902,0.1,0.2,0.3,0.4,\n"))
                .containsExactly("v 0902 0.1,0.2,0.3,0.4 FRACTION null null null null");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "video,second,x1,y1,x2,y2,class,person\nv w,1.5,0.1,0.2,0.3,0.4,run,p\n",
                "\ufeffvideo,second,x1,y1,x2,y2,class,person\r\nv w,1.5,0.1,0.2,0.3,0.4,run,p\r\n\r\n",
                "video;second;x1;y1;x2;y2;class;person\rv w;1.5;0.1;0.2;0.3;0.4;run;p",
                "video\tsecond\tx1\ty1\tx2\ty2\tclass\tperson\nv w\t1.5\t0.1\t0.2\t0.3\t0.4\trun\tp\n",
                "video second x1 y1 x2 y2 class person\n\"v w\" 1.5 0.1 0.2 0.3  0.4 run p \n",
                "\"Person\", \"class\", \"Y2\",x2,y1,x1,second,video,note\n\"p\",run,0.4,0.3,0.2,0.1,1.5,\"v w\",\"a, \"\"b\"\"\"\n"
            })
    void onesOwnTableIsReadHoweverItIsWritten(String text) throws IOException {
        assertThat(shown(text)).containsExactly("v w 1.5 0.1,0.2,0.3,0.4 FRACTION null run null p");
    }

    @Test
    void pixelsAndFractionsAreToldApartForTheWholeFile() throws IOException {
        String head = "video,frame,x1,y1,x2,y2,class\n";
        assertThat(ReadRows.of(file(head + "v,1,-0.1,0,1.02,1,3\n")).rows.get(0).unit())
                .isEqualTo(BoxUnit.FRACTION);
        String pixels = "v,2,10,20,300,200,3\n".repeat(20);
        assertThat(ReadRows.of(file(head + "v,1,0,0,1,1,3\n" + pixels)).rows)
                .allSatisfy(row -> assertThat(row.unit()).isEqualTo(BoxUnit.PIXEL));
        Path mixed = file(head + "v,1,0.1,0.2,0.3,0.4,3\nv,1,10,20,300,200,3\n");
        assertThatThrownBy(() -> ReadRows.of(mixed))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining(
                        "fractions of the frame (the first is line 2) and 1 in pixels (the first is line 3)");
    }

    @Test
    void classesAreNumbersIfAllAreAndNamesOtherwise() throws IOException {
        String head = "video,frame,x1,y1,x2,y2,class\n";
        assertThat(shown(head + "v,1,0,0,1,1,3\nv,1,0,0,1,1,\n"))
                .containsExactly("v #1 0,0,1,1 FRACTION 3 null null null", "v #1 0,0,1,1 FRACTION null null null null");
        assertThat(shown(head + "v,1,0,0,1,1,3\nv,1,0,0,1,1,run\n"))
                .containsExactly("v #1 0,0,1,1 FRACTION null 3 null null", "v #1 0,0,1,1 FRACTION null run null null");
        assertThat(shown("video_id,frame,x1,y1,x2,y2,action_id,action\nv,1,0,0,1,1,3,run\n"))
                .containsExactly("v #1 0,0,1,1 FRACTION 3 run null null");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "video;second;x1;y1;x2;y2\\nv;1;0,1;0.2;0.3;0.4|line 2 has '0,1' for x1; write decimals with a point",
                "video,second,x1,y1,x2,y2\\nv,1,0,1,0,2,0,3,0,4|line 2 has 10 columns and the header 6; if numbers have a"
                        + " decimal comma, write a point",
                "video,second,x1,y1,x2,y2\\nv,1,0.1,,0.3,0.4|line 2 has '' for y1; a number is needed",
                "video,second,x1,y1,x2,y2\\nv,1,0.1,nan,0.3,0.4|line 2 has 'nan' for y1, which is no number",
                "video,second,x1,y1,x2,y2\\nv,1,0.1,1f,0.3,0.4|line 2 has '1f' for y1",
                "frame,x1,y1,x2,y2,class\\n1,0,0,1,1,walk|names no column video",
                "video,second,x1,y1,x2\\nv,1,0,0,1|names no column y2",
                "video,frame,x1,y1,x2,y2\\nv,1.5,0,0,1,1|line 2 has '1.5' for a frame, which is a whole number",
                "video,second,x1,y1,x2,y2\\nv,1,\"0,0,1,1|line 2 has a quote that is not closed",
                "v,0902,0.1,0.2,0.3,0.4,12,7\\nv,902|line 2 has 2 columns",
                "v,0902,0.1,0.2,0.3,0.4,12,7\\nv,0902,0.1,0.2,0.3,0.4,run,7|line 2 has 'run' for a class",
                "v,0902,0.1,0.2,0.3,0.4,12,7\\nv,1e9,0.1,0.2,0.3,0.4,1,7|line 2 has '1e9' for a second",
                "original_vido_id video_id frame_id path labels\\nv 0 0 a.jpg \"\"|is a list of frames",
                "1: bend/bow|is a label map, which has no boxes",
                "v,0902|is a list of excluded moments, which has no boxes",
                "hello|is no file of boxes that is known; known are ava-folder"
            })
    void whatCannotBeReadIsNamedWithItsLine(String text, String found) throws IOException {
        Path file = file(text.replace("\\n", "\n"));
        assertThatThrownBy(() -> ReadRows.of(file))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(found);
    }

    @Test
    void bytesThatAreNoTextAreRefused() throws IOException {
        Path file = folder.resolve("boxes.csv");
        Files.write(file, "video,second,x1,y1,x2,y2\n\u00e9,1,0,0,1,1".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ReadRows.of(file)).hasMessageContaining("is not in UTF-8 (line 2)");
        Files.write(file, "video,second,x1,y1,x2,y2\nv,1,0,0,1,1".getBytes(StandardCharsets.UTF_16LE));
        assertThatThrownBy(() -> ReadRows.of(file)).isInstanceOf(DamagedFile.class);
        Files.write(file, new byte[1 << 20]);
        assertThatThrownBy(() -> ReadRows.of(file)).isInstanceOf(DamagedFile.class);
    }

    @Test
    @Timeout(120) // takes some seconds
    void aMillionRowsAreGroupedWithinBoundedMemory() throws IOException {
        Path file = folder.resolve("many.csv");
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < 1_000_000; i++) {
                out.write("video" + i / 4000 + ",0" + (902 + i / 4 % 90) + ",0." + i % 1000 + ",0.2,0." + (i % 997 + 1)
                        + ",0.9,,0.9" + i % 10 + "\n");
            }
        }
        System.gc();
        long before = used();
        Annotations read = Grouping.ava().withThreshold(0).read(List.of(file));
        System.gc();
        assertThat(read.keyFrames()).hasSize(250 * 90);
        assertThat(used() - before).isLessThan(400L << 20);
        assertThat(read.oddities().count(Oddity.NO_LABEL)).isEqualTo(1_000_000);
    }

    private static long used() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
