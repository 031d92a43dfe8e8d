package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;

class ContactSheetTest {
    /** Frame t is all of the grey level 10 * t. */
    private static Frames frames(int count, int side) {
        byte[] rgb = new byte[count * side * side * 3];
        for (int t = 0; t < count; t++) {
            Arrays.fill(rgb, t * side * side * 3, (t + 1) * side * side * 3, (byte) (10 * t));
        }
        return new Frames(count, side, side, rgb);
    }

    private static int grey(BufferedImage sheet, int x, int y) {
        return sheet.getRGB(x, y) & 255;
    }

    @Test
    void clipsShowTheirFirstMiddleAndLastFrame() {
        BufferedImage sheet = ContactSheet.draw(List.of(new ContactSheet.Named("a", frames(5, 48))));
        int left = Paper.MARGIN;
        assertThat(grey(sheet, left + 72, 80)).isEqualTo(0);
        assertThat(grey(sheet, left + 146 + 72, 80)).isEqualTo(20);
        assertThat(grey(sheet, left + 2 * 146 + 72, 80)).isEqualTo(40);
        assertThat(sheet.getWidth()).isEqualTo(3 * 144 + 2 * 2 + 2 * Paper.MARGIN);
    }

    @Test
    void samplesFillRowsOfAPage() {
        List<ContactSheet.Named> one = List.of(new ContactSheet.Named("a", frames(1, 224)));
        BufferedImage single = ContactSheet.draw(one);
        BufferedImage many = ContactSheet.draw(Collections.nCopies(12, one.get(0)));
        assertThat(single.getWidth()).isEqualTo(144 + 2 * Paper.MARGIN);
        assertThat(many.getWidth()).isBetween(6 * 144, 1100);
        assertThat(many.getHeight()).isBetween(2 * 144, 3 * 144);
    }

    @Test
    void aSheetWithoutSamplesIsRefused() {
        assertThatThrownBy(() -> ContactSheet.draw(List.of())).hasMessageContaining("at least one sample");
    }
}
