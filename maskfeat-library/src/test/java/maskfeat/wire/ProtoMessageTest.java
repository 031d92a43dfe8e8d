package maskfeat.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ProtoMessageTest {
    private static String hex(ProtoMessage message) {
        return HexFormat.of().formatHex(message.toBytes());
    }

    /** The examples of the format's documentation, and a negative number. */
    @Test
    void fieldsAreWrittenAsTheFormatSays() {
        assertThat(hex(new ProtoMessage().integer(1, 150))).isEqualTo("089601");
        assertThat(hex(new ProtoMessage().text(2, "testing"))).isEqualTo("120774657374696e67");
        assertThat(hex(new ProtoMessage().message(3, new ProtoMessage().integer(1, 150))))
                .isEqualTo("1a03089601");
        assertThat(hex(new ProtoMessage().integer(1, -1))).isEqualTo("08ffffffffffffffffff01");
        assertThat(hex(new ProtoMessage().single(1, 1))).isEqualTo("0d0000803f");
        assertThat(hex(new ProtoMessage().real(1, 1))).isEqualTo("09000000000000f03f");
    }

    @Test
    void bytesThatComeLaterGiveTheSameFileAsBytesThatAreThere() throws IOException {
        byte[] large = new byte[300];
        java.util.Arrays.fill(large, (byte) 7);
        ProtoMessage there =
                outer(new ProtoMessage().integer(1, 5).bytes(9, large).text(2, "end"));
        ProtoMessage later = outer(new ProtoMessage()
                .integer(1, 5)
                .bytes(9, large.length, out -> {
                    out.write(ByteBuffer.wrap(large, 0, 100));
                    out.write(ByteBuffer.wrap(large, 100, 200));
                })
                .text(2, "end"));
        assertThat(hex(later)).isEqualTo(hex(there));
        assertThat(later.size()).isEqualTo(there.toBytes().length);
        ByteArrayOutputStream streamed = new ByteArrayOutputStream();
        later.writeTo(Channels.newChannel(streamed));
        assertThat(streamed.toByteArray()).isEqualTo(there.toBytes());
    }

    private static ProtoMessage outer(ProtoMessage inner) {
        return new ProtoMessage()
                .text(1, "a")
                .message(4, inner)
                .message(4, inner)
                .integer(3, 1);
    }

    @Test
    void aMessageIsTakenAsItIs() {
        ProtoMessage inner = new ProtoMessage().bytes(1, 2, out -> out.write(ByteBuffer.wrap(new byte[] {1, 2})));
        ProtoMessage outer = new ProtoMessage().message(1, inner);
        inner.integer(2, 3);
        assertThat(hex(outer)).isEqualTo("0a040a020102");
    }

    /** Nothing is computed of a size alone: messages may be larger than memory. */
    @Test
    void aSizeIsKnownWithoutTheBytes() {
        ProtoMessage huge = new ProtoMessage().bytes(1, 5L << 30, out -> {
            throw new IOException("not asked for");
        });
        assertThat(new ProtoMessage().message(1, huge).size()).isEqualTo((5L << 30) + 6 + 6);
    }

    @Test
    void aFieldOfAnotherLengthThanWasSaidIsRefused() {
        ProtoMessage message = new ProtoMessage().bytes(1, 3, out -> out.write(ByteBuffer.wrap(new byte[2])));
        assertThatIllegalStateException()
                .isThrownBy(message::toBytes)
                .withMessage("a field wrote 2 bytes, declared were 3");
    }

    /** A channel may take less than it is given. */
    @Test
    void allIsWrittenToAChannelThatTakesLittle() throws IOException {
        ByteArrayOutputStream slow = new ByteArrayOutputStream();
        WritableByteChannel one = new WritableByteChannel() {
            @Override
            public int write(ByteBuffer bytes) {
                slow.write(bytes.get());
                return 1;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        ProtoMessage message = new ProtoMessage()
                .text(1, "abc")
                .bytes(2, 4, out -> out.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4})))
                .text(3, "def");
        message.writeTo(one);
        assertThat(slow.toByteArray()).isEqualTo(message.toBytes());
    }
}
