"""Makes src/test/resources/stills/*.heic, *.avif and a PNG of the right pixels beside each.

Needs Pillow 12 (with AVIF), NumPy and ffmpeg with libx265 and libaom. The pixels of AVIF are Pillow's; those of HEIC are
ffmpeg's samples, converted here with the matrices of ITU-T H.273 and the nearest chroma, as libheif does.
Run: python heif.py OUT
"""
import io
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

OUT = Path(sys.argv[1])
OUT.mkdir(parents=True, exist_ok=True)


def scene(width, height, seed=1):
    """Slopes with hard, coloured edges: chroma between the pixels shows."""
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x * 255 // width, y * 255 // height, (x + y) * 5 % 256], -1).astype(np.uint8)
    picture[height // 4: height // 2, width // 4: width // 2] = (230, 20, 40)
    picture[height // 2: height * 3 // 4, width // 2:] = (10, 60 + 90 * (seed % 3), 240)
    picture[-5:, :7] = 255
    picture[:6, -9:] = 0
    return picture


def opacity(width, height):
    y, x = np.mgrid[0:height, 0:width]
    return np.where(x < width // 2, 255, (y * 255 // height)).astype(np.uint8)


def ffmpeg(*arguments, data=b""):
    done = subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], input=data, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    return done.stdout


def coded(picture, codec, layout, full=False, matrix="bt709", crf=18):
    """The decoder's set-up, one coded picture, and its samples as ffmpeg decodes them."""
    height, width = picture.shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        mp4 = f"{folder}/one.mp4"
        gray = layout.startswith("gray")
        vf = f"scale=out_color_matrix={matrix}:out_range={'full' if full else 'limited'}:flags=accurate_rnd,format={layout}"
        if layout.startswith("gbr"):
            vf = f"format={layout}"
        more = ["-x265-params", f"info=0:log-level=none:keyint=1:crf={crf}"] if codec == "libx265" else \
            ["-cpu-used", "6", "-crf", str(crf), "-still-picture", "1"]
        ffmpeg("-f", "rawvideo", "-pix_fmt", "gray" if picture.ndim == 2 else "rgb24", "-s", f"{width}x{height}", "-i", "-",
               "-vf", vf, "-frames:v", "1", "-c:v", codec, *more, "-color_range", "pc" if full else "tv",
               *([] if gray or layout.startswith("gbr") else ["-colorspace", matrix]),
               *(["-tag:v", "hvc1"] if codec == "libx265" else []), mp4, data=picture.tobytes())
        file = Path(mp4).read_bytes()
        raw = ffmpeg("-i", mp4, "-f", "rawvideo", "-")  # in the format of the decoder
    kind = b"hvcC" if codec == "libx265" else b"av1C"
    at = file.index(kind)
    setup = file[at + 4: at - 4 + struct.unpack(">I", file[at - 4: at])[0]]
    at = file.index(b"mdat")
    return setup, file[at + 4: at - 4 + struct.unpack(">I", file[at - 4: at])[0]], raw


def box(kind, *parts):
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def fullbox(kind, version, flags, *parts):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def ispe(width, height):
    return fullbox(b"ispe", 0, 0, struct.pack(">II", width, height))


def nclx(matrix, full):
    return box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, matrix, 128 if full else 0))


def irot(quarters):
    return box(b"irot", bytes([quarters]))


def imir(axis):
    return box(b"imir", bytes([axis]))


def clap(*fractions):
    return box(b"clap", struct.pack(">iiiiiiii", *fractions))


def auxc():
    return fullbox(b"auxC", 0, 0, b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")


def heif(brand, items, references=(), primary=1):
    """A file of items: (type, data, properties, 1 if its data lie in the item data box). Numbers begin with 1."""
    stated, links = [], b""
    for number, (_, _, properties, _) in enumerate(items, 1):
        marks = b""
        for one in properties:
            if one not in stated:
                stated.append(one)
            essential = one[4:8] in (b"hvcC", b"av1C", b"irot", b"imir", b"clap")
            marks += bytes([stated.index(one) + 1 | (128 if essential else 0)])
        links += struct.pack(">HB", number, len(properties)) + marks
    iprp = box(b"iprp", box(b"ipco", *stated), fullbox(b"ipma", 0, 0, struct.pack(">I", len(items)), links))
    iinf = fullbox(b"iinf", 0, 0, struct.pack(">H", len(items)), *(
        fullbox(b"infe", 2, 0, struct.pack(">HH", number, 0), kind, b"\0")
        for number, (kind, _, _, _) in enumerate(items, 1)))
    iref = fullbox(b"iref", 0, 0, *(
        box(kind, struct.pack(">HH", one, len(others)), *(struct.pack(">H", other) for other in others))
        for kind, one, others in references)) if references else b""
    idat = b"".join(data for _, data, _, inside in items if inside)
    ftyp = box(b"ftyp", brand, bytes(4), b"mif1", brand, b"miaf")

    def meta(start):
        places, within, beside = b"", 0, start
        for number, (_, data, _, inside) in enumerate(items, 1):
            places += struct.pack(">HHHHII", number, inside, 0, 1, within if inside else beside, len(data))
            within += len(data) if inside else 0
            beside += 0 if inside else len(data)
        iloc = fullbox(b"iloc", 1, 0, b"\x44\x00", struct.pack(">H", len(items)), places)
        return fullbox(b"meta", 0, 0, fullbox(b"hdlr", 0, 0, bytes(4), b"pict", bytes(12), b"\0"),
                       fullbox(b"pitm", 0, 0, struct.pack(">H", primary)), iinf, iref, iprp,
                       box(b"idat", idat) if idat else b"", iloc)

    start = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(start) + box(b"mdat", *(data for _, data, _, inside in items if not inside))


KR_KB = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}


def planes(raw, layout, width, height):
    deep = "10" in layout
    samples = np.frombuffer(raw, "<u2" if deep else np.uint8).astype(int)
    right = 1 if "420" in layout or "422" in layout else 0
    down = 1 if "420" in layout else 0
    w, h = (width + right) >> right, (height + down) >> down
    result = [samples[:width * height].reshape(height, width)]
    for i in range(0 if "gray" in layout else 2):
        from_ = width * height + i * w * h
        plane = samples[from_:from_ + w * h].reshape(h, w)
        result.append(plane.repeat(1 << down, 0).repeat(1 << right, 1)[:height, :width])
    return [plane >> 2 if deep else plane for plane in result]


def rgb(samples, matrix, full):
    kr, kb = KR_KB[matrix]
    y = samples[0].astype(float) if full else (samples[0] - 16) * 255 / 219
    cb, cr = [(plane - 128) * (1 if full else 255 / 224) for plane in samples[1:]] or [np.zeros_like(y)] * 2
    red, blue = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    green = (y - kr * red - kb * blue) / (1 - kr - kb)
    return np.clip(np.floor(np.stack([red, green, blue], -1) + 0.5), 0, 255).astype(np.uint8)


def over_white(colours, alpha):
    a = alpha.astype(int)[..., None]
    return ((colours.astype(int) * a + 255 * (255 - a) + 127) // 255).astype(np.uint8)


def save(name, file, right):
    (OUT / name).write_bytes(file)
    Image.fromarray(right).save(OUT / (name + ".png"), optimize=True)


def pillow(name, file):
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(file)))
    if picture.mode in ("RGBA", "LA"):
        array = np.array(picture.convert("RGBA"))
        save(name, file, over_white(array[..., :3], array[..., 3]))
    else:
        save(name, file, np.array(picture.convert("RGB")))


def one_heic(name, layout, full, matrix, described, width=64, height=48):
    numbers = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020nc": 9}
    setup, data, raw = coded(scene(width, height), "libx265", layout, full, matrix)
    properties = [box(b"hvcC", setup), ispe(width, height)] + ([nclx(numbers[matrix], full)] if described else [])
    save(name, heif(b"heic", [(b"hvc1", data, properties, 0)]),
         rgb(planes(raw, layout, width, height), numbers[matrix], full))


def heics():
    one_heic("limited_601.heic", "yuv420p", False, "smpte170m", True)
    one_heic("full_709.heic", "yuv420p", True, "bt709", True)
    one_heic("full_601_of_stream.heic", "yuv420p", True, "smpte170m", False)
    one_heic("ten_bits_2020.heic", "yuv420p10le", False, "bt2020nc", True)
    one_heic("ten_bits_422.heic", "yuv422p10le", True, "bt709", True)
    one_heic("444.heic", "yuv444p", True, "smpte170m", True)
    one_heic("gray.heic", "gray", True, "smpte170m", True)

    # As a phone writes it: tiles, turned, with a thumbnail first, a note of Exif and a profile instead of numbers.
    width, height = 100, 110
    whole = scene(128, 128)
    tiles, parts = [], []
    for y in (0, 64):
        for x in (0, 64):
            setup, data, raw = coded(np.ascontiguousarray(whole[y:y + 64, x:x + 64]), "libx265", "yuv420p", True, "smpte170m")
            tiles.append((b"hvc1", data, [box(b"hvcC", setup), ispe(64, 64)], 0))
            parts.append(rgb(planes(raw, "yuv420p", 64, 64), 6, True))
    right = np.vstack([np.hstack(parts[:2]), np.hstack(parts[2:])])[:height, :width]
    setup, thumbnail, _ = coded(scene(32, 32), "libx265", "yuv420p", True, "smpte170m")
    exif = bytes(4) + b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    grid = (b"grid", struct.pack(">BBBBHH", 0, 0, 1, 1, width, height), [ispe(width, height), irot(1)], 1)
    items = [(b"hvc1", thumbnail, [box(b"hvcC", setup), ispe(32, 32)], 0), *tiles, grid, (b"Exif", exif, [], 0)]
    references = [(b"thmb", 1, [6]), (b"dimg", 6, [2, 3, 4, 5]), (b"cdsc", 7, [6])]
    save("grid_turned.heic", heif(b"heic", items, references, primary=6), np.ascontiguousarray(np.rot90(right)))

    setup, data, raw = coded(scene(64, 48), "libx265", "yuv420p", True, "smpte170m", 26)
    right = rgb(planes(raw, "yuv420p", 64, 48), 6, True)
    common = [box(b"hvcC", setup), ispe(64, 48)]
    for name, properties, change in [
        ("turned_left", [irot(1)], lambda p: np.rot90(p)),
        ("turned_round", [irot(2)], lambda p: np.rot90(p, 2)),
        ("turned_right", [irot(3)], lambda p: np.rot90(p, 3)),
        ("upside_down", [imir(0)], lambda p: p[::-1]),
        ("mirrored", [imir(1)], lambda p: p[:, ::-1]),
        ("turned_then_mirrored", [irot(1), imir(1)], lambda p: np.rot90(p)[:, ::-1]),
        ("mirrored_then_turned", [imir(1), irot(1)], lambda p: np.rot90(p[:, ::-1])),
        # 61 x 43 from the left and top: the middle is 1.5 and 2.5 from that of the picture.
        ("cropped", [clap(61, 1, 43, 1, -3, 2, -5, 2)], lambda p: p[:43, :61]),
    ]:
        save(name + ".heic", heif(b"heic", [(b"hvc1", data, common + properties, 0)]), np.ascontiguousarray(change(right)))

    alpha_setup, alpha, alpha_raw = coded(opacity(64, 48), "libx265", "gray", True, "smpte170m")
    transparency = planes(alpha_raw, "gray", 64, 48)[0]
    file = heif(b"heic", [(b"hvc1", data, common, 0),
                          (b"hvc1", alpha, [box(b"hvcC", alpha_setup), ispe(64, 48), nclx(2, True), auxc()], 0)],
                [(b"auxl", 2, [1])])
    save("alpha.heic", file, over_white(right, transparency))


def avif(picture, **settings):
    out = io.BytesIO()
    picture.save(out, "AVIF", **settings)
    return out.getvalue()


def one_avif(name, layout, full, matrix, described, width=61, height=43, more=()):
    numbers = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020nc": 9, "gbr": 0}
    setup, data, _ = coded(scene(width, height), "libaom-av1", layout, full, matrix)
    properties = [box(b"av1C", setup), ispe(width, height)] + ([nclx(numbers[matrix], full)] if described else [])
    pillow(name, heif(b"avif", [(b"av01", data, properties + list(more), 0)]))


def avifs():
    picture = Image.fromarray(scene(61, 43))
    for subsampling in ("4:2:0", "4:2:2", "4:4:4", "4:0:0"):
        pillow(f"pillow_{subsampling.replace(':', '')}.avif", avif(picture, subsampling=subsampling, quality=80))
    pillow("pillow_limited.avif", avif(picture, range="limited", quality=80))
    for subsampling in ("4:2:0", "4:4:4"):
        coloured = picture.copy()
        coloured.putalpha(Image.fromarray(opacity(61, 43)))
        pillow(f"pillow_alpha_{subsampling.replace(':', '')}.avif", avif(coloured, subsampling=subsampling, quality=80))
    premultiplied = picture.copy()
    premultiplied.putalpha(Image.fromarray(opacity(61, 43)))
    pillow("pillow_premultiplied.avif", avif(premultiplied, alpha_premultiplied=True, quality=90, subsampling="4:4:4"))
    exif = Image.Exif()
    for orientation in range(2, 9):
        exif[0x0112] = orientation
        pillow(f"pillow_orientation_{orientation}.avif", avif(picture, exif=exif, quality=50))
    frames = [Image.fromarray(scene(40, 30, seed)) for seed in range(3)]
    pillow("pillow_animated.avif", avif(frames[0], save_all=True, append_images=frames[1:], quality=70))

    one_avif("limited_709.avif", "yuv420p", False, "bt709", True)
    one_avif("full_709.avif", "yuv420p", True, "bt709", True)
    one_avif("full_2020.avif", "yuv420p", True, "bt2020nc", True)
    one_avif("limited_2020_of_stream.avif", "yuv420p", False, "bt2020nc", False)
    one_avif("ten_bits_709.avif", "yuv420p10le", False, "bt709", True)
    one_avif("ten_bits_full_601.avif", "yuv420p10le", True, "smpte170m", True)
    one_avif("ten_bits_422.avif", "yuv422p10le", True, "bt709", True)
    one_avif("ten_bits_444.avif", "yuv444p10le", False, "bt709", True)
    one_avif("twelve_bits.avif", "yuv420p12le", True, "bt709", True)
    one_avif("colours_as_they_are.avif", "gbrp", True, "gbr", True)
    one_avif("turned_then_mirrored.avif", "yuv420p", True, "bt709", True, more=[irot(1), imir(1)])
    whole = scene(128, 128)
    tiles = []
    for y in (0, 64):
        for x in (0, 64):
            setup, data, _ = coded(np.ascontiguousarray(whole[y:y + 64, x:x + 64]), "libaom-av1", "yuv420p", True, "bt709")
            tiles.append((b"av01", data, [box(b"av1C", setup), ispe(64, 64), nclx(1, True)], 0))
    grid = (b"grid", struct.pack(">BBBBHH", 0, 0, 1, 1, 100, 110), [ispe(100, 110), nclx(1, True), irot(3)], 1)
    pillow("grid_turned.avif", heif(b"avif", [grid, *tiles], [(b"dimg", 1, [2, 3, 4, 5])]))


def refused():
    """A grid whose first tile has transparency and whose other tiles have none."""
    tiles = []
    for seed in range(2):
        setup, data, _ = coded(scene(64, 64, seed), "libaom-av1", "yuv420p", True, "bt709")
        tiles.append((b"av01", data, [box(b"av1C", setup), ispe(64, 64), nclx(1, True)], 0))
    grid = (b"grid", struct.pack(">BBBBHH", 0, 0, 0, 1, 128, 64), [ispe(128, 64), nclx(1, True)], 1)
    alpha = (b"av01", tiles[0][1], [*tiles[0][2][:2], auxc()], 0)
    folder = OUT.parent / "stills-refused"
    folder.mkdir(exist_ok=True)
    (folder / "transparency_of_a_tile.avif").write_bytes(
        heif(b"avif", [grid, *tiles, alpha], [(b"dimg", 1, [2, 3]), (b"auxl", 4, [2])]))


heics()
avifs()
refused()
