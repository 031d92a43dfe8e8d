package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Raw MJPEG is one JPEG after the other; libav takes some of it for pictures. */
class JpegStreamTest {
    private static byte[] jpeg(int width, int height, int seed) {
        return TestPictures.file(TestPictures.colours(width, height, BufferedImage.TYPE_3BYTE_BGR, seed), "jpeg");
    }

    private static int frames(byte[]... parts) throws IOException {
        try (Video video = new VideoReader().open(MediaSource.of("clip.mjpeg", TestPictures.joined(parts)))) {
            video.decodeAll();
            assertThat(video.info().container()).isEqualTo("mjpeg");
            return video.info().timeline().seconds().length;
        }
    }

    @Test
    void picturesOfOneSizeInARowAreAVideo() throws Exception {
        List<byte[]> pictures = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            pictures.add(jpeg(64, 48, i));
            assertThat(i == 0 ? 1 : frames(pictures.toArray(new byte[0][]))).isEqualTo(i + 1);
        }
    }

    @Test
    void picturesThatAreLargerThanWhatIsLookedAtFirst() throws Exception {
        assertThat(frames(jpeg(1500, 1100, 1), jpeg(1500, 1100, 2), jpeg(1500, 1100, 3)))
                .isEqualTo(3);
    }

    @Test
    void fillersBetweenPicturesAreSkipped() throws Exception {
        assertThat(frames(jpeg(64, 48, 1), new byte[300], jpeg(64, 48, 2), new byte[77], jpeg(64, 48, 3)))
                .isEqualTo(3);
    }

    @Test
    void onePictureIsNoVideo() {
        assertThatThrownBy(() -> frames(jpeg(64, 48, 1)))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining("not a video");
    }

    @Test
    void whatNobodyKnowsIsSaidToBeginAsItDoes() {
        byte[] unknown = TestPictures.joined(new byte[] {0x44, 0x53, 0x01, 0x7f}, new byte[5000]);
        assertThatThrownBy(() -> new VideoReader().open(MediaSource.of("camera.dav", unknown)))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining("camera.dav")
                .hasMessageContaining("44 53 01 7f");
    }
}
