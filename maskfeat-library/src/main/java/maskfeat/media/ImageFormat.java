package maskfeat.media;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import maskfeat.media.UnreadableFile.Verdict;

/** The image formats that are read, recognised by their first bytes. */
enum ImageFormat {
    JPEG,
    PNG,
    GIF,
    WEBP,
    BMP,
    TIFF,
    PNM,
    /** HEIC and AVIF. */
    HEIF;

    /** Major brands of HEIF files, and minor ones of files whose major brand is less known. */
    private static final Set<String> PICTURE_BRANDS = Set.of(
            "avif", "avis", "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "mif2", "msf1");

    /** What a film may begin with, whatever it is compatible with. */
    private static final Set<String> FILM_BRANDS =
            Set.of("isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "qt  ", "M4V ", "avc1");

    /** @throws Refused for a known format that is not read, naming it, and for unknown ones */
    static ImageFormat of(byte[] data) throws Refused {
        Bytes file = Bytes.bigEndian(data);
        if (file.has(0, "\u00ff\u00d8\u00ff")) {
            return JPEG;
        }
        if (file.has(0, "\u0089PNG\r\n\u001a\n")) {
            return PNG;
        }
        if (file.has(0, "GIF87a") || file.has(0, "GIF89a")) {
            return GIF;
        }
        if (file.has(0, "RIFF") && file.has(8, "WEBP")) {
            return WEBP;
        }
        if (file.has(0, "BM") && data.length > 18 && Bytes.littleEndian(data).u32(14) <= 256) {
            return BMP;
        }
        if (file.has(0, "II*\0") || file.has(0, "MM\0*")) {
            return TIFF;
        }
        if (data.length > 3
                && data[0] == 'P'
                && data[1] >= '1'
                && data[1] <= '7'
                && (data[2] == '#' || data[2] <= ' ')) {
            return PNM;
        }
        if (file.has(4, "ftyp") && isPicture(file)) {
            return HEIF;
        }
        String other = other(file);
        if (other.isEmpty()) {
            throw new Refused(Verdict.NOT_AN_IMAGE, "is not an image: it starts with " + start(data));
        }
        throw Refused.unsupported("is " + other + "; JPEG, PNG, WebP, GIF, BMP, TIFF, PNM, HEIC and AVIF are read");
    }

    /** ISO base media: the brands tell pictures from films. */
    private static boolean isPicture(Bytes file) throws Refused {
        long end = Math.min(file.u32(0), file.length());
        for (int at = 8; at + 4 <= end; at += 4) {
            String brand = new String(file.data(), at, 4, StandardCharsets.ISO_8859_1);
            if (PICTURE_BRANDS.contains(brand)) {
                return true;
            }
            if (at == 8) {
                if (FILM_BRANDS.contains(brand)) {
                    return false;
                }
                at += 4; // the version of the major brand
            }
        }
        return false;
    }

    private static String other(Bytes file) {
        if (file.has(4, "ftyp")) {
            return "a video (ISO base media)";
        }
        if (file.has(0, "\0\0\0\fJXL ") || file.has(0, "\u00ff\n")) {
            return "a JPEG XL picture";
        }
        if (file.has(0, "\0\0\0\fjP  ") || file.has(0, "\u00ffO\u00ffQ")) {
            return "a JPEG 2000 picture";
        }
        if (file.has(0, "II+\0") || file.has(0, "MM\0+")) {
            return "a BigTIFF picture";
        }
        if (file.has(0, "8BPS")) {
            return "a Photoshop document";
        }
        if (file.has(0, "\0\0\1\0")) {
            return "an icon";
        }
        if (file.has(0, "DDS ")) {
            return "a DirectDraw surface";
        }
        if (file.has(0, "v/1\1")) {
            return "an OpenEXR picture";
        }
        if (file.has(0, "qoif")) {
            return "a QOI picture";
        }
        if (file.has(0, "%PDF")) {
            return "a PDF document";
        }
        if (file.has(0, "\u001aE\u00df\u00a3")) {
            return "a video (Matroska)";
        }
        return "";
    }

    private static String start(byte[] data) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < Math.min(8, data.length); i++) {
            bytes.append(i == 0 ? "" : " ").append(String.format(Locale.ROOT, "%02x", data[i]));
        }
        return bytes.toString();
    }
}
