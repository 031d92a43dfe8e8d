package maskfeat.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadTest {
    private static final String TYPE = "multipart/form-data; boundary=LINE";

    private static byte[] form(String disposition, byte[] content) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes(("--LINE\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        form.writeBytes(content);
        form.writeBytes("\r\n--LINE--\r\n".getBytes(StandardCharsets.UTF_8));
        return form.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Of lengths around those of buffers, and with what looks like a boundary or the end of a line. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4095, 4096, 4097, 8191, 8200, 300_000})
    void theBytesOfAFileArriveAsTheyAre(int length) throws Refusal {
        byte[] file = new byte[length];
        new Random(length).nextBytes(file);
        byte[] odd = bytes("\r\n--LIN\r\n --LINE\n\r--LINEmore\r\n\r\n\n");
        for (int at = 50; at + odd.length < length; at += 1021) {
            System.arraycopy(odd, 0, file, at, odd.length);
        }
        for (byte end : bytes("\r\n-a")) {
            file[length - 1] = end;
            assertThat(Upload.read(form("name=\"file\"", file), TYPE, false).file())
                    .isEqualTo(file);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name=\"file\"; filename=\"Straße 7.mp4\"",
                "name=file; filename=\"/home/me/Straße 7.mp4\"",
                "filename=\"C:/me/Straße 7.mp4\"; name=\"file\"",
            })
    void aFileIsCalledAsTheClientCallsItWithoutItsFolders(String disposition) throws Refusal {
        Upload upload = Upload.read(form(disposition, bytes("x")), TYPE, false);
        assertThat(upload.name()).isEqualTo("Straße 7.mp4");
        assertThat(upload.boxes()).isNull();
    }

    @Test
    void aFileWithoutANameHasOneOfOurs() throws Refusal {
        assertThat(Upload.read(form("name=file; filename=\"\"", bytes("x")), TYPE, false)
                        .name())
                .isEqualTo(Upload.NAME);
    }

    @Test
    void aFormWithinAFormIsRefused() {
        byte[] form =
                form("name=file\r\nContent-Type: multipart/mixed; boundary=X", bytes("--X\r\n\r\ninner\r\n--X--\r\n"));
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> Upload.read(form, TYPE, false))
                .withMessageContaining("is a form itself");
    }

    @Test
    void whateverIsSentIsReadOrRefused() {
        byte[] good = form("name=\"file\"; filename=\"a b.mp4\"\r\nContent-Type: video/mp4", bytes("0123456789"));
        Random random = new Random(5);
        int read = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] odd = Arrays.copyOf(good, random.nextInt(4) == 0 ? 1 + random.nextInt(good.length) : good.length);
            for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
                byte[] telling = bytes("\r\n-\",;:=0.9()\\ ");
                odd[random.nextInt(odd.length)] =
                        random.nextBoolean() ? (byte) random.nextInt() : telling[random.nextInt(telling.length)];
            }
            try {
                assertThat(Upload.read(odd, TYPE, false).file()).isNotEmpty();
                read++;
            } catch (Refusal refusal) {
                assertThat(refusal).hasMessageNotContaining("Exception");
            }
        }
        assertThat(read).isBetween(1_000, 49_000);
    }

    /** Also where it would fit into a buffer. */
    @Test
    void aHeaderOfManyLinesIsRefused() {
        byte[] form = form("name=file" + "\r\nX: 1".repeat(100), bytes("x"));
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> Upload.read(form, TYPE, false))
                .withMessageContaining("no end of its header within 8192 bytes and 64 lines");
    }

    @Test
    void onlyPartsThatAreOfUseAreNamed() {
        byte[] form = form("name=files", bytes("x"));
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> Upload.read(form, TYPE, false))
                .withMessage("there is no part 'files' of the form; known: file");
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> Upload.read(form, TYPE, true))
                .withMessage("there is no part 'files' of the form; known: file, boxes");
    }
}
