"""Makes src/test/resources/stills/*.tif and a PNG of Pillow's pixels beside each.

Needs Pillow 12 and NumPy. Kinds that Pillow does not write are put together here, tag by tag. Of samples of more than 8
bits the upper 8 are kept, where Pillow clips gray ones. Run: python tiff.py OUT
"""
import io
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

OUT = Path(sys.argv[1])
OUT.mkdir(parents=True, exist_ok=True)
W, H = 37, 23


def scene(width=W, height=H):
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x * 255 // width, y * 255 // height, (x + y) * 5 % 256], -1).astype(np.uint8)
    picture[height // 4: height // 2, width // 4: width // 2] = (230, 20, 40)
    return picture


def slope():
    return (np.mgrid[0:H, 0:W].sum(0) * 4 % 256).astype(np.uint8)


def over_white(array):
    a = array[..., 3:].astype(int)
    return ((array[..., :3] * a + 255 * (255 - a) + 127) // 255).astype(np.uint8)


def pixels(file, bits):
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(file)))
    if picture.mode in ("I;16", "I;16B"):
        return np.repeat((np.array(picture).astype(int) >> (bits - 8)).astype(np.uint8)[..., None], 3, -1)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        return over_white(np.array(picture.convert("RGBA")).astype(int))
    if picture.mode == "RGBX":
        picture = picture.convert("RGB")
    return np.array(picture.convert("RGB"))


def save(name, file, bits=16):
    try:
        right = pixels(file, bits)
    except Exception as error:
        print(name, "is not read by Pillow:", error)
        return
    (OUT / (name + ".tif")).write_bytes(file)
    Image.fromarray(right).save(OUT / (name + ".tif.png"), optimize=True)


def written(name, picture, **settings):
    out = io.BytesIO()
    picture.save(out, "TIFF", **settings)
    save(name, out.getvalue())


def tiff(data, photometric, bits, samples, order="<", more=(), width=W, height=H):
    """One strip a plane; more: (tag, type, values)."""
    strips = data if isinstance(data, list) else [data]
    tags = {256: (4, [width]), 257: (4, [height]), 258: (3, [bits] * samples), 259: (3, [1]), 262: (3, [photometric]),
            273: (4, [0] * len(strips)), 277: (3, [samples]), 278: (4, [height]), 279: (4, [len(s) for s in strips])}
    for tag, kind, values in more:
        tags[tag] = (kind, values)
    def code(kind):
        return {1: "B", 3: "H", 4: "I", 5: "II", 7: "B"}[kind]

    def body(at):
        head = struct.pack(order + "H", len(tags))
        beside = b""
        start = at + 2 + 12 * len(tags) + 4
        for tag in sorted(tags):
            kind, values = tags[tag]
            raw = b"".join(struct.pack(order + code(kind), *(v if isinstance(v, tuple) else (v,))) for v in values)
            head += struct.pack(order + "HHI", tag, kind, len(values))
            if len(raw) <= 4:
                head += raw.ljust(4, b"\0")
            else:
                head += struct.pack(order + "I", start + len(beside))
                beside += raw + b"\0" * (len(raw) % 2)
        return head + bytes(4) + beside

    place = 8 + len(body(8))
    for i, strip in enumerate(strips):
        tags[273][1][i] = place
        place += len(strip)
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8) + body(8) + b"".join(strips)


def packed(values, bits):
    """Rows of samples of fewer than 8 bits, or 12."""
    rows = []
    for row in values.reshape(values.shape[0], -1):
        stream = "".join(format(int(v), f"0{bits}b") for v in row)
        stream += "0" * (-len(stream) % 8)
        rows.append(int(stream, 2).to_bytes(len(stream) // 8, "big"))
    return b"".join(rows)


rgb = Image.fromarray(scene())
rgba = Image.fromarray(np.dstack([scene(), slope()]), "RGBA")
for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "jpeg"):
    written(f"rgb_{compression}", rgb, compression=compression)
for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate"):
    written(f"rgba_{compression}", rgba, compression=compression)
written("gray_alpha", rgba.convert("LA"))
written("gray", rgb.convert("L"), compression="tiff_lzw")
written("gray_jpeg", rgb.convert("L"), compression="jpeg")
written("palette", rgb.quantize(30), compression="packbits")
written("black_and_white", rgb.convert("1"))
for compression in ("group3", "group4", "tiff_ccitt"):
    written(f"black_and_white_{compression}", rgb.convert("1"), compression=compression)
written("ink", rgb.convert("CMYK"), compression="tiff_lzw")
written("ink_jpeg", rgb.convert("CMYK"), compression="jpeg")
written("ycbcr", rgb.convert("YCbCr"))
written("gray_16", Image.fromarray((slope().astype(np.uint16) * 257 + 3)), compression="tiff_lzw")
written("predicted_lzw", rgb, compression="tiff_lzw", tiffinfo={317: 2})
written("predicted_deflate_rgba", rgba, compression="tiff_adobe_deflate", tiffinfo={317: 2})
written("strips", rgb, compression="tiff_lzw", strip_size=700)
written("turned", rgb, tiffinfo={274: 6})

flat = scene().tobytes()
four = np.dstack([scene(), slope()])
for order, name in (("<", "little"), (">", "big")):
    save(f"rgb_16_{name}", tiff((scene().astype(int) * 256 + 77).astype(order + "u2").tobytes(), 2, 16, 3, order))
    save(f"gray_16_{name}", tiff((slope().astype(int) * 256 + 77).astype(order + "u2").tobytes(), 1, 16, 1, order))
    save(f"rgba_16_{name}", tiff((four.astype(int) * 257).astype(order + "u2").tobytes(), 2, 16, 4, order, [(338, 3, [2])]))
for photometric in (0, 1):
    for bits in (1, 2, 4):
        values = slope() >> (8 - bits)
        save(f"gray_{bits}_bits_{photometric}", tiff(packed(values, bits), photometric, bits, 1))
        save(f"gray_{bits}_bits_{photometric}_lowest_first",
             tiff(bytes(int(f"{b:08b}"[::-1], 2) for b in packed(values, bits)), photometric, bits, 1, more=[(266, 3, [2])]))
    save(f"gray_8_{photometric}", tiff(slope().tobytes(), photometric, 8, 1))
save("gray_8_lowest_first", tiff(bytes(int(f"{b:08b}"[::-1], 2) for b in slope().tobytes()), 1, 8, 1, more=[(266, 3, [2])]))
save("rgb_8_lowest_first", tiff(bytes(int(f"{b:08b}"[::-1], 2) for b in flat), 2, 8, 3, more=[(266, 3, [2])]))
save("gray_12", tiff(packed(slope().astype(int) * 16 + 5, 12), 1, 12, 1), 12)
for bits in (1, 2, 4, 8):
    values = slope() >> (8 - bits)
    map_ = [(v * 7919 % 256) * 257 for c in range(3) for v in range(c, c + (1 << bits))]
    save(f"palette_{bits}_bits", tiff(packed(values, bits), 3, bits, 1, more=[(320, 3, map_)]))
map_ = [(v * 7919 % 256) * 257 for c in range(3) for v in range(c, c + 256)]
save("palette_alpha", tiff(np.dstack([slope(), slope()[::-1]]).tobytes(), 3, 8, 2, more=[(320, 3, map_), (338, 3, [2])]))
save("palette_more", tiff(np.dstack([slope(), slope()[::-1]]).tobytes(), 3, 8, 2, more=[(320, 3, map_), (338, 3, [0])]))
save("fourth_sample_undescribed", tiff(four.tobytes(), 2, 8, 4))
for extra in (0, 1, 2, 999):
    save(f"fourth_sample_{extra}", tiff(four.tobytes(), 2, 8, 4, more=[(338, 3, [extra])]))
    save(f"second_sample_{extra}", tiff(np.dstack([slope(), slope()[::-1]]).tobytes(), 1, 8, 2, more=[(338, 3, [extra])]))
    five = np.dstack([four, slope()[::-1]]).tobytes()
    save(f"fifth_sample_{extra}_0", tiff(five, 2, 8, 5, more=[(338, 3, [extra, 0])]))
    save(f"fifth_sample_0_{extra}", tiff(five, 2, 8, 5, more=[(338, 3, [0, extra])]))
save("second_sample_undescribed", tiff(np.dstack([slope(), slope()[::-1]]).tobytes(), 1, 8, 2))
premultiplied = np.dstack([(scene().astype(int) * slope()[..., None] // 255).astype(np.uint8), slope()])
save("premultiplied", tiff(premultiplied.tobytes(), 2, 8, 4, more=[(338, 3, [1])]))
save("planes", tiff([scene()[..., c].tobytes() for c in range(3)], 2, 8, 3, more=[(284, 3, [2])]))
save("planes_deflate", tiff([zlib.compress(scene()[..., c].tobytes()) for c in range(3)], 2, 8, 3,
                            more=[(284, 3, [2]), (259, 3, [8])]))
save("planes_alpha", tiff([four[..., c].tobytes() for c in range(4)], 2, 8, 4, more=[(284, 3, [2]), (338, 3, [2])]))
for name, array in (("rgb", scene()), ("rgba", four)):
    wide, high = 48, 32
    room = np.zeros((high, wide, array.shape[2]), np.uint8)
    room[:H, :W] = array
    tiles = [zlib.compress(room[y:y + 16, x:x + 16].tobytes()) for y in range(0, high, 16) for x in range(0, wide, 16)]
    file = tiff(tiles, 2, 8, array.shape[2], more=[(322, 4, [16]), (323, 4, [16]), (259, 3, [8])] +
                ([(338, 3, [2])] if name == "rgba" else []))
    # Strips become tiles by their tags.
    for old, new in ((273, 324), (279, 325)):
        file = file.replace(struct.pack("<HHI", old, 4, len(tiles)), struct.pack("<HHI", new, 4, len(tiles)))
    at = file.index(struct.pack("<HHI", 278, 4, 1))
    count = struct.unpack("<H", file[8:10])[0]
    entries = sorted((file[10 + 12 * i:22 + 12 * i] for i in range(count)), key=lambda e: struct.unpack("<H", e[:2])[0])
    save(f"tiles_{name}", file[:10] + b"".join(entries) + file[10 + 12 * count:])
differences = scene().astype(int)
differences[:, 1:] -= differences[:, :-1].copy()
save("predicted", tiff(zlib.compress((differences % 256).astype(np.uint8).tobytes()), 2, 8, 3, more=[(259, 3, [8]), (317, 3, [2])]))
deep = scene().astype(int) * 256 + 9
deep[:, 1:] -= deep[:, :-1].copy()
save("predicted_16", tiff(zlib.compress((deep % 65536).astype("<u2").tobytes()), 2, 16, 3, more=[(259, 3, [8]), (317, 3, [2])]))
ycc = np.array(rgb.convert("YCbCr"))
save("ycbcr_full", tiff(ycc.tobytes(), 6, 8, 3, more=[(530, 3, [1, 1])]))
save("ycbcr_undescribed", tiff(ycc.tobytes(), 6, 8, 3))
save("ink_alpha", tiff(np.dstack([four, slope()]).tobytes(), 5, 8, 5, more=[(338, 3, [2])]))
save("ink_more", tiff(np.dstack([four, slope()]).tobytes(), 5, 8, 5, more=[(338, 3, [0])]))
written("ycbcr_lzw", rgb.convert("YCbCr"), compression="tiff_lzw")
save("ycbcr_deflate", tiff(zlib.compress(ycc.tobytes()), 6, 8, 3, more=[(530, 3, [1, 1]), (259, 3, [8])]))
save("lowest_first_deflate", tiff(bytes(int(f"{b:08b}"[::-1], 2) for b in zlib.compress(flat)), 2, 8, 3,
                                  more=[(266, 3, [2]), (259, 3, [8])]))
written("jpeg_fine", rgb, compression="jpeg", quality=95)
written("wide_jpeg", Image.fromarray(scene(70, 90)), compression="jpeg", strip_size=70 * 3 * 16)
save("five_bits", tiff(packed(slope() >> 3, 5), 1, 5, 1))
