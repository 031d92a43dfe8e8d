package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.media.VideoWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilmTest {
    private static final ClipSample CLIP = ClipSamples.of("a.mp4", 16, new Grid(8, 4, 4));
    private static final int PANEL = 168;

    /** Of the first clip, whose caption takes 36 pixels below it and whose panels are followed by nothing else. */
    private static int red(Frames film, int step, int panel, int token) {
        int bottom = film.height() - film.height() % 2 - 10 - 36;
        int top = bottom - PANEL;
        int side = PANEL / 4;
        int x = 20 + panel * (PANEL + 12) + token % 4 * side + side / 2;
        int y = top + token / 4 * side + side / 2;
        return film.rgb()[film.at(step, y, x)] & 255;
    }

    @Test
    void eachStepOfTimeHasItsFrameMaskAndTarget() {
        Frames film = Film.of(List.of(CLIP));
        assertThat(film.count()).isEqualTo(8);
        for (int step = 0; step < 8; step++) {
            assertThat(red(film, step, 0, 15)).isEqualTo(7 * 2 * step);
            assertThat(red(film, step, 1, 15)).isEqualTo(7 * 2 * step);
            assertThat(red(film, step, 1, step)).isEqualTo(0x80);
            assertThat(red(film, step, 2, 15)).isEqualTo(Math.round(255 * (step + 1) / 8f));
            assertThat(red(film, step, 3, step)).isZero();
        }
    }

    @Test
    void bothSidesAreEvenWhateverTheNumberOfClips() {
        ClipSample odd = ClipSamples.of("a.mp4", 4, new Grid(4, 5, 5)); // 5 cells of 33 px
        for (int count = 1; count <= 2; count++) {
            Frames film = Film.of(Collections.nCopies(count, odd));
            assertThat(film.height() % 2).isZero();
            assertThat(film.width() % 2).isZero();
            int corner = film.at(0, film.height() - 1, film.width() - 1);
            assertThat(film.rgb()[corner]).isEqualTo((byte) 255);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 7, 8, 14, 28})
    void isReadableAndFitsThePage(int cells) {
        Frames film = Film.of(List.of(ClipSamples.of("a.mp4", 2, new Grid(1, cells, cells))));
        assertThat(film.width()).isBetween(600, 1100);
    }

    @Test
    void canBeWrittenAsAVideo(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("film.mp4");
        VideoWriter.write(file, Film.of(List.of(CLIP, CLIP)), Film.FRAMES_PER_SECOND, VideoWriter.Codec.H264);
        byte[] bytes = Files.readAllBytes(file);
        assertThat(new String(bytes, 4, 4, StandardCharsets.US_ASCII)).isEqualTo("ftyp");
        assertThat(bytes.length).isLessThan(1_000_000);
    }

    @Test
    void refusesClipsOfDifferentLengths() {
        ClipSample shorter = ClipSamples.of("b.mp4", 8, new Grid(4, 4, 4));
        assertThatThrownBy(() -> Film.of(List.of(CLIP, shorter)))
                .hasMessage("clips in one film must be of one length, got 8 steps of 2 frames"
                        + " and, in b.mp4, 4 steps of 2 frames");
        assertThatThrownBy(() -> Film.of(List.of())).hasMessageContaining("at least one clip");
    }
}
