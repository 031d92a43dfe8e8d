package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;

class BitstreamTest {
    // First bytes of units: type and importance, then first_mb_in_slice = 0 as one bit.
    private static final byte[] AVC_IDR = {0x65, (byte) 0x88, 1, 2};
    private static final byte[] AVC_REFERRED = {0x41, (byte) 0x9a, 3};
    private static final byte[] AVC_NOT_REFERRED = {0x01, (byte) 0x9e, 4};
    private static final byte[] AVC_PPS = {0x68, (byte) 0xee, 5};
    private static final byte[] AVC_SECOND_SLICE = {0x41, 0x1a, 6};

    @Test
    void h264SaysWhatStartsAndWhatNobodyNeeds() {
        Bitstream avc = avc();

        assertThat(avc.look(units(AVC_IDR))).isEqualTo(Bitstream.SHOWN | Bitstream.START);
        assertThat(avc.look(units(AVC_REFERRED, AVC_SECOND_SLICE))).isEqualTo(Bitstream.SHOWN);
        assertThat(avc.look(units(AVC_NOT_REFERRED))).isEqualTo(Bitstream.SHOWN | Bitstream.DISPOSABLE);
        assertThat(avc.look(units(AVC_PPS, AVC_IDR))).isEqualTo(Bitstream.SHOWN | Bitstream.START);
        assertThat(avc.look(units(AVC_PPS, AVC_REFERRED))).isEqualTo(Bitstream.SHOWN | Bitstream.SETTINGS);
        assertThat(avc.startsAreSound()).isTrue();
        assertThat(avc.disposablesAreSound()).isTrue();
    }

    @Test
    void packetsOfNoneOrTwoPicturesAreUnsure() {
        assertThat(avc().look(units(AVC_REFERRED, AVC_REFERRED))).isEqualTo(Bitstream.UNSURE);
        assertThat(avc().look(units(AVC_PPS))).isEqualTo(Bitstream.UNSURE);
        assertThat(avc().look(ByteBuffer.allocate(0))).isEqualTo(Bitstream.UNSURE);
    }

    @Test
    void aDamagedPacketKeepsItsPlace() {
        ByteBuffer cut = ByteBuffer.wrap(new byte[] {0, 0, 1, 0, 0x65, (byte) 0x88});

        assertThat(avc().look(cut)).isEqualTo(Bitstream.SHOWN);
    }

    @Test
    void anEncoderWhoseMistakesTheDecoderUndoesIsDecodedFromTheFirstPacket() {
        Bitstream old = avc();
        old.look(units("\6\5 x264 - core 33 - H.264".getBytes(StandardCharsets.ISO_8859_1), AVC_IDR));
        Bitstream recent = avc();
        recent.look(units("\6\5 x264 - core 164 r3095".getBytes(StandardCharsets.ISO_8859_1), AVC_IDR));

        assertThat(old.startsAreSound()).isFalse();
        assertThat(recent.startsAreSound()).isTrue();
    }

    @Test
    void hevcStartsAtRandomAccessPicturesButNotAtBrokenLinks() {
        Bitstream hevc = hevc();

        assertThat(hevc.look(hevcUnit(19, 1))).isEqualTo(Bitstream.SHOWN | Bitstream.START);
        assertThat(hevc.look(hevcUnit(21, 1))).isEqualTo(Bitstream.SHOWN | Bitstream.START);
        assertThat(hevc.look(hevcUnit(1, 1))).isEqualTo(Bitstream.SHOWN);
        assertThat(hevc.look(hevcUnit(0, 1))).isEqualTo(Bitstream.SHOWN | Bitstream.DISPOSABLE);
        assertThat(hevc.look(hevcUnit(8, 1))).isEqualTo(Bitstream.SHOWN | Bitstream.DISPOSABLE);
        assertThat(hevc.look(hevcUnit(16, 1))).isEqualTo(Bitstream.UNSURE);
        assertThat(hevc.disposablesAreSound()).isTrue();
    }

    @Test
    void hevcPicturesThatHigherLayersMayReferToAreNotLeftOut() {
        Bitstream hevc = hevc();
        hevc.look(hevcUnit(19, 1));
        hevc.look(hevcUnit(0, 1));
        assertThat(hevc.disposablesAreSound()).isTrue();

        hevc.look(hevcUnit(1, 2));

        assertThat(hevc.disposablesAreSound()).isFalse();
    }

    @Test
    void vp8AndVp9TellShownFromHiddenPictures() {
        Bitstream vp8 = bitstream(avcodec.AV_CODEC_ID_VP8, new byte[0]);
        assertThat(vp8.look(bytes(0x10, 0, 0))).isEqualTo(Bitstream.SHOWN | Bitstream.START);
        assertThat(vp8.look(bytes(0x11, 0, 0))).isEqualTo(Bitstream.SHOWN);
        assertThat(vp8.look(bytes(0x01, 0, 0))).isZero();
        assertThat(vp8.look(bytes())).isEqualTo(Bitstream.UNSURE);

        Bitstream vp9 = bitstream(avcodec.AV_CODEC_ID_VP9, new byte[0]);
        assertThat(vp9.look(bytes(0x82, 0x49))).isEqualTo(Bitstream.SHOWN | Bitstream.START);
        assertThat(vp9.look(bytes(0x86, 0))).isEqualTo(Bitstream.SHOWN);
        assertThat(vp9.look(bytes(0x84, 0))).isZero();
        assertThat(vp9.look(bytes(0x88, 0))).isEqualTo(Bitstream.SHOWN);
        // A hidden picture of three bytes and a shown one of two, with the table of their sizes.
        assertThat(vp9.look(bytes(0x84, 1, 2, 0x86, 1, 0xc1, 3, 2, 0xc1))).isEqualTo(Bitstream.SHOWN);
        assertThat(vp9.look(bytes(0x86, 1, 2, 0x86, 1, 0xc1, 3, 2, 0xc1))).isEqualTo(Bitstream.UNSURE);
    }

    @Test
    void codingsWithoutARuleAreUnsure() {
        assertThat(bitstream(avcodec.AV_CODEC_ID_FFV1, new byte[0]).look(bytes(1, 2, 3)))
                .isEqualTo(Bitstream.UNSURE);
        assertThat(bitstream(avcodec.AV_CODEC_ID_H264, new byte[0]).look(units(AVC_IDR)))
                .isEqualTo(Bitstream.UNSURE);
    }

    private static Bitstream avc() {
        return bitstream(avcodec.AV_CODEC_ID_H264, new byte[] {1, 66, 0, 30, (byte) 0xff, (byte) 0xe0, 0, 0});
    }

    private static Bitstream hevc() {
        byte[] extra = new byte[30];
        extra[0] = 1;
        extra[21] = 3;
        return bitstream(avcodec.AV_CODEC_ID_HEVC, extra);
    }

    private static Bitstream bitstream(int codec, byte[] extra) {
        AVCodecParameters parameters = avcodec.avcodec_parameters_alloc();
        try {
            parameters.codec_id(codec);
            parameters.format(avutil.AV_PIX_FMT_YUV420P);
            if (extra.length > 0) {
                BytePointer memory = new BytePointer(avutil.av_mallocz(extra.length + 64L));
                memory.put(extra, 0, extra.length);
                parameters.extradata(memory).extradata_size(extra.length);
            }
            return Bitstream.of(parameters);
        } finally {
            avcodec.avcodec_parameters_free(parameters);
        }
    }

    private static ByteBuffer hevcUnit(int type, int layer) {
        return units(new byte[] {(byte) (type << 1), (byte) layer, (byte) 0x80, 0});
    }

    /** Each after its length, as MP4 and Matroska keep them. */
    private static ByteBuffer units(byte[]... units) {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        for (byte[] unit : units) {
            packet.writeBytes(ByteBuffer.allocate(4).putInt(unit.length).array());
            packet.writeBytes(unit);
        }
        return ByteBuffer.wrap(packet.toByteArray());
    }

    private static ByteBuffer bytes(int... values) {
        ByteBuffer packet = ByteBuffer.allocate(values.length);
        for (int i = 0; i < values.length; i++) {
            packet.put(i, (byte) values[i]);
        }
        return packet;
    }
}
