package maskfeat.media;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import maskfeat.media.LibavStill.Alpha;
import org.bytedeco.ffmpeg.global.avcodec;

/** Decodes the Netpbm family, P1 to P7, with libav. */
final class Pnm {
    private final Bytes file;
    private int at = 2;

    private Pnm(byte[] data) {
        file = Bytes.bigEndian(data);
    }

    static Still decode(byte[] data, ImageReader.Limits limits) throws Refused {
        int kind = data[1] - '0';
        Pnm pnm = new Pnm(data);
        long width;
        long height;
        long samples = kind == 3 || kind == 6 ? 3 : 1;
        long largest = 1;
        if (kind == 7) {
            List<String> words = pnm.wordsOfHeader();
            width = number(words, "WIDTH");
            height = number(words, "HEIGHT");
            samples = number(words, "DEPTH");
            largest = number(words, "MAXVAL");
        } else {
            width = number(pnm.word());
            height = number(pnm.word());
            if (kind != 1 && kind != 4) {
                largest = number(pnm.word());
            }
            pnm.at++;
        }
        limits.check(width, height);
        if (largest < 1 || largest > 65535 || samples < 1 || samples > 4) {
            throw Refused.damaged("it declares " + samples + " samples a pixel up to " + largest);
        }
        if (kind >= 4) {
            long row = kind == 4 ? (width + 7) / 8 : width * samples * (largest > 255 ? 2 : 1);
            pnm.file.need(pnm.at, row * height);
        }
        int codec = switch (kind) {
            case 1, 4 -> avcodec.AV_CODEC_ID_PBM;
            case 2, 5 -> avcodec.AV_CODEC_ID_PGM;
            case 7 -> avcodec.AV_CODEC_ID_PAM;
            default -> avcodec.AV_CODEC_ID_PPM;
        };
        return new Still(
                LibavStill.decode(codec, data, (int) width, (int) height, Alpha.OVER_WHITE), Orientation.UPRIGHT);
    }

    /** The next word after blanks and comments. */
    private String word() throws Refused {
        while (file.u8(at) <= ' ' || file.u8(at) == '#') {
            if (file.u8(at) == '#') {
                while (file.u8(at) != '\n') {
                    at++;
                }
            }
            at++;
        }
        int start = at;
        while (file.u8(at) > ' ' && file.u8(at) != '#' && at - start < 64) {
            at++;
        }
        return new String(file.data(), start, at - start, StandardCharsets.ISO_8859_1);
    }

    private List<String> wordsOfHeader() throws Refused {
        List<String> words = new ArrayList<>();
        while (words.size() < 64) {
            String word = word();
            if (word.equals("ENDHDR")) {
                at++;
                return words;
            }
            words.add(word);
        }
        throw Refused.damaged("its header does not end");
    }

    private static long number(List<String> words, String name) throws Refused {
        int place = words.indexOf(name);
        if (place < 0 || place + 1 == words.size()) {
            throw Refused.damaged("its header lacks " + name);
        }
        return number(words.get(place + 1));
    }

    private static long number(String word) throws Refused {
        if (!word.matches("-?[0-9]{1,9}")) {
            throw Refused.damaged("its header says \"" + word + "\" where a number belongs");
        }
        return Long.parseLong(word);
    }
}
