package maskfeat.media;

import maskfeat.media.LibavStill.Alpha;
import org.bytedeco.ffmpeg.global.avcodec;

/** The first page of a TIFF 6.0 file through libav. */
final class Tiff {
    private static final int WIDTH = 256;
    private static final int HEIGHT = 257;
    private static final int STRIP_OFFSETS = 273;
    private static final int ORIENTATION = 274;
    private static final int STRIP_BYTES = 279;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_BYTES = 325;
    private static final int EXTRA_SAMPLES = 338;

    private static final int MOST_STRIPS = 1 << 20;
    private static final int[] BYTES_OF_TYPE = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};

    private final Bytes file;

    private Tiff(byte[] data) {
        file = new Bytes(data, data[0] == 'M');
    }

    static Still decode(byte[] data, ImageReader.Limits limits) throws Refused {
        return new Tiff(data).decode(limits);
    }

    private Still decode(ImageReader.Limits limits) throws Refused {
        long directory = file.u32(4);
        int entries = file.u16(directory);
        long[] width = {};
        long[] height = {};
        long[] orientation = {};
        long[] offsets = {};
        long[] sizes = {};
        long[] extra = {};
        for (int i = 0; i < entries; i++) {
            long entry = directory + 2 + 12L * i;
            switch (file.u16(entry)) {
                case WIDTH -> width = values(entry);
                case HEIGHT -> height = values(entry);
                case ORIENTATION -> orientation = values(entry);
                case STRIP_OFFSETS, TILE_OFFSETS -> offsets = values(entry);
                case STRIP_BYTES, TILE_BYTES -> sizes = values(entry);
                case EXTRA_SAMPLES -> extra = values(entry);
                default -> {
                    // A value that leaves the file would make the decoder allocate for it.
                    checkPlace(entry);
                }
            }
        }
        if (width.length != 1 || height.length != 1) {
            throw Refused.damaged("its first page states no size");
        }
        limits.check(width[0], height[0]);
        if (offsets.length == 0) {
            throw Refused.damaged("its first page holds no data");
        }
        for (int i = 0; i < Math.min(offsets.length, sizes.length); i++) {
            file.need(offsets[i], sizes[i]);
        }
        boolean transparent = extra.length > 0 && extra[0] > 0;
        Frames frames = LibavStill.decode(
                avcodec.AV_CODEC_ID_TIFF,
                file.data(),
                (int) width[0],
                (int) height[0],
                transparent ? Alpha.OVER_WHITE : Alpha.IGNORED);
        return new Still(frames, orientation.length == 1 ? Orientation.valid(orientation[0]) : Orientation.UPRIGHT);
    }

    private long checkPlace(long entry) throws Refused {
        int type = file.u16(entry + 2);
        long bytes = (type < BYTES_OF_TYPE.length ? BYTES_OF_TYPE[type] : 1) * file.u32(entry + 4);
        long at = bytes <= 4 ? entry + 8 : file.u32(entry + 8);
        file.need(at, bytes);
        return at;
    }

    /** The whole numbers of an entry; none for other types. */
    private long[] values(long entry) throws Refused {
        long at = checkPlace(entry);
        int type = file.u16(entry + 2);
        if (type != 3 && type != 4) {
            return new long[0];
        }
        if (file.u32(entry + 4) > MOST_STRIPS) {
            throw Refused.damaged("its first page is cut into " + file.u32(entry + 4) + " parts");
        }
        long[] values = new long[(int) file.u32(entry + 4)];
        for (int i = 0; i < values.length; i++) {
            values[i] = type == 3 ? file.u16(at + 2L * i) : file.u32(at + 4L * i);
        }
        return values;
    }
}
