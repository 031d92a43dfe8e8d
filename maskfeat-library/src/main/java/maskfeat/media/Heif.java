package maskfeat.media;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import maskfeat.media.CodedPicture.Meaning;
import maskfeat.media.HeifItems.Item;
import maskfeat.media.HeifItems.Property;
import maskfeat.media.YuvColours.Like;
import org.bytedeco.ffmpeg.global.avcodec;
import org.jspecify.annotations.Nullable;

/**
 * Decodes HEIC and AVIF: the primary picture of a HEIF file (ISO/IEC 23008-12), coded as HEVC or AV1, in one piece or as
 * a grid of tiles, as cameras of phones write it. The pictures themselves are decoded by libav.
 *
 * <p>Rotation, mirroring and cropping are those of the file's properties; the Exif orientation is only a note there, and
 * thumbnails, depth and gain maps are other pictures.
 */
final class Heif {
    private static final String ALPHA = ":auxiliary:alpha";
    private static final String ALPHA_OF_HEVC = "urn:mpeg:hevc:2015:auxid:1";

    /** What does not need to be understood, or is. */
    private static final Set<String> UNDERSTOOD =
            Set.of("hvcC", "av1C", "ispe", "pixi", "colr", "irot", "imir", "clap", "pasp", "auxC", "a1op");

    private final HeifItems items;
    private final ImageReader.Limits limits;
    private Like like = Like.LIBHEIF;

    private Heif(HeifItems items, ImageReader.Limits limits) {
        this.items = items;
        this.limits = limits;
    }

    static Still decode(byte[] data, ImageReader.Limits limits) throws Refused {
        return new Still(new Heif(HeifItems.of(data), limits).frames(), Orientation.UPRIGHT);
    }

    private Frames frames() throws Refused {
        Item primary = items.primary();
        CodedPicture picture = picture(primary);
        int width = picture.width();
        int height = picture.height();
        byte[] rgb = YuvColours.rgb(picture, like);
        Item alpha = alpha(primary);
        if (alpha != null) {
            CodedPicture transparency = picture(alpha);
            if (transparency.width() != width || transparency.height() != height) {
                throw Refused.unsupported("is a HEIF picture of " + width + " x " + height
                        + " pixels whose transparency has " + transparency.width() + " x " + transparency.height());
            }
            overWhite(rgb, transparency.opacity(), !items.from(primary, "prem").isEmpty());
        }
        Frames frames = Frames.image(height, width, rgb);
        for (Property property : primary.properties()) {
            frames = transformed(frames, property);
        }
        return frames;
    }

    private static void overWhite(byte[] rgb, byte[] opacity, boolean premultiplied) {
        for (int i = 0; i < opacity.length; i++) {
            int opaque = opacity[i] & 0xff;
            for (int c = 3 * i; c < 3 * i + 3; c++) {
                int value = rgb[c] & 0xff;
                if (premultiplied && opaque > 0 && opaque < 255) {
                    // libyuv divides by a table of 65536 / opacity.
                    value = Math.min(255, (int) ((long) value * 0x0101 * (opaque == 1 ? 65535 : 65536 / opaque) >> 16));
                }
                rgb[c] = (byte) ((value * opaque + 255 * (255 - opaque) + 127) / 255);
            }
        }
    }

    private @Nullable Item alpha(Item of) throws Refused {
        for (Item auxiliary : items.to(of, "auxl")) {
            Optional<Property> kind = auxiliary.property("auxC");
            if (kind.isPresent()) {
                String name = HeifItems.text(items.content(kind.get()), 4);
                if (name.endsWith(ALPHA) || name.equals(ALPHA_OF_HEVC)) {
                    return auxiliary;
                }
            }
        }
        return null;
    }

    /** An item's picture, as it is coded: neither turned nor cropped. */
    private CodedPicture picture(Item item) throws Refused {
        for (Property property : item.properties()) {
            if (property.essential() && !UNDERSTOOD.contains(property.kind())) {
                throw Refused.unsupported(
                        "is a HEIF picture that needs the property '" + property.kind() + "', which is not read");
            }
        }
        CodedPicture picture = switch (item.type()) {
            case "hvc1" -> coded(item, avcodec.AV_CODEC_ID_HEVC, setup(item, "hvcC"));
            case "av01" -> {
                like = Like.LIBAVIF;
                yield coded(item, avcodec.AV_CODEC_ID_AV1, null);
            }
            case "grid" -> grid(item);
            default ->
                throw Refused.unsupported("is a HEIF picture of kind '" + item.type()
                        + "'; hvc1 (HEVC), av01 (AV1) and grids of these are read");
        };
        for (Property property : item.properties()) {
            if (property.kind().equals("colr") && items.file().has(property.from(), "nclx")) {
                int matrix = items.file().u16(property.from() + 8);
                boolean full = items.file().u8(property.from() + 10) >> 7 == 1;
                boolean rgb = picture.coding().rgb();
                return picture.meaning(new Meaning(rgb, matrix, rgb || full));
            }
        }
        return picture;
    }

    private byte[] setup(Item item, String kind) throws Refused {
        return items.content(
                item.property(kind).orElseThrow(() -> Refused.damaged("its picture has no set-up for the decoder")));
    }

    private CodedPicture coded(Item item, int codec, byte @Nullable [] setup) throws Refused {
        Property size = item.property("ispe").orElseThrow(() -> Refused.damaged("its picture states no size"));
        long width = items.file().u32(size.from() + 4);
        long height = items.file().u32(size.from() + 8);
        limits.check(width, height);
        return LibavStill.decode(codec, setup, items.data(item), (int) width, (int) height, CodedPicture::of);
    }

    private CodedPicture grid(Item item) throws Refused {
        Bytes head = Bytes.bigEndian(items.data(item));
        boolean wide = (head.u8(1) & 1) == 1;
        int rows = head.u8(2) + 1;
        int columns = head.u8(3) + 1;
        long width = wide ? head.u32(4) : head.u16(4);
        long height = wide ? head.u32(8) : head.u16(6);
        limits.check(width, height);
        List<Item> tiles = items.from(item, "dimg");
        if (tiles.size() != rows * columns) {
            throw Refused.damaged("it has " + tiles.size() + " of " + rows * columns + " tiles");
        }
        CodedPicture canvas = null;
        int tileWidth = 0;
        int tileHeight = 0;
        for (int i = 0; i < tiles.size(); i++) {
            if (tiles.get(i).type().equals("grid")) {
                throw Refused.damaged("a tile is a grid itself");
            }
            if (alpha(item) == null && alpha(tiles.get(i)) != null) {
                throw Refused.unsupported(
                        "is a HEIF picture whose tiles are transparent one by one, which is not read");
            }
            CodedPicture tile = picture(tiles.get(i));
            if (canvas == null) {
                tileWidth = tile.width();
                tileHeight = tile.height();
                if ((long) tileWidth * columns < width
                        || (long) tileHeight * rows < height
                        || (long) tileWidth * (columns - 1) >= width
                        || (long) tileHeight * (rows - 1) >= height) {
                    throw Refused.damaged(columns + " x " + rows + " tiles of " + tileWidth + " x " + tileHeight
                            + " pixels do not make " + width + " x " + height);
                }
                canvas = tile.canvas((int) width, (int) height);
            } else if (tile.width() != tileWidth || tile.height() != tileHeight) {
                throw Refused.damaged("its tiles differ in size");
            }
            canvas.put(tile, i % columns * tileWidth, i / columns * tileHeight);
        }
        if (canvas == null) {
            throw Refused.damaged("it has no tiles");
        }
        return canvas;
    }

    private Frames transformed(Frames frames, Property property) throws Refused {
        Bytes file = items.file();
        return switch (property.kind()) {
            case "irot" ->
                // Quarter turns to the left.
                Orientation.upright(frames, new int[] {1, 8, 3, 6}[file.u8(property.from()) & 3]);
            case "imir" ->
                // Top and bottom, or left and right, change places.
                Orientation.upright(frames, (file.u8(property.from()) & 1) == 0 ? 4 : 2);
            // libavif leaves cropping to its callers, and Pillow does none.
            case "clap" -> like == Like.LIBAVIF ? frames : cropped(frames, property.from());
            default -> frames;
        };
    }

    /** Width, height and the way of the middle from the picture's, each a fraction of two numbers. */
    private Frames cropped(Frames frames, int from) throws Refused {
        double[] values = new double[4];
        for (int i = 0; i < values.length; i++) {
            int over = (int) items.file().u32(from + 8L * i);
            int under = (int) items.file().u32(from + 8L * i + 4);
            if (under == 0) {
                throw Refused.damaged("it is to be cropped by a fraction of 0");
            }
            values[i] = (double) over / under;
        }
        int width = (int) Math.round(values[0]);
        int height = (int) Math.round(values[1]);
        int left = (int) Math.round(values[2] + (frames.width() - 1) / 2.0 - (values[0] - 1) / 2);
        int top = (int) Math.round(values[3] + (frames.height() - 1) / 2.0 - (values[1] - 1) / 2);
        if (width < 1
                || height < 1
                || left < 0
                || top < 0
                || width > frames.width() - left
                || height > frames.height() - top) {
            throw Refused.damaged("it is to be cropped to " + width + " x " + height + " pixels from " + left + ", "
                    + top + " of " + frames.width() + " x " + frames.height());
        }
        byte[] rgb = new byte[width * height * Frames.CHANNELS];
        for (int y = 0; y < height; y++) {
            System.arraycopy(
                    frames.rgb(),
                    frames.at(0, top + y, left),
                    rgb,
                    y * width * Frames.CHANNELS,
                    width * Frames.CHANNELS);
        }
        return Frames.image(height, width, rgb);
    }
}
