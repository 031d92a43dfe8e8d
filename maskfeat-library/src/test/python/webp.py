"""Makes src/test/resources/stills/*.webp and a PNG of Pillow's pixels beside each.

Needs Pillow 12 and NumPy. Run: python webp.py OUT
"""
import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

OUT = Path(sys.argv[1])
OUT.mkdir(parents=True, exist_ok=True)


def scene(width, height, seed=1):
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x * 255 // width, y * 255 // height, (x + y) * 5 % 256], -1).astype(np.uint8)
    picture[height // 4: height // 2, width // 4: width // 2] = (230, 20, 40)
    picture[height // 2: height * 3 // 4, width // 2:] = (10, 60 + 90 * (seed % 3), 240)
    return picture


def with_alpha(width, height, kind, seed=1):
    y, x = np.mgrid[0:height, 0:width]
    alpha = {
        "slope": x * 255 // width,
        "holes": np.where((x // 7 + y // 5) % 3 == 0, 0, 255),
        "opaque": np.full((height, width), 255),
        "clear": np.zeros((height, width)),
        "noise": np.random.RandomState(5).randint(0, 256, (height, width)),
    }[kind]
    return Image.fromarray(np.dstack([scene(width, height, seed), alpha.astype(np.uint8)]), "RGBA")


def save(name, picture, **settings):
    out = io.BytesIO()
    picture.save(out, "WEBP", **settings)
    (OUT / name).write_bytes(out.getvalue())
    read = ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue())))
    if read.mode == "RGBA":
        array = np.array(read).astype(int)
        a = array[..., 3:]
        read = Image.fromarray(((array[..., :3] * a + 255 * (255 - a) + 127) // 255).astype(np.uint8))
    read.convert("RGB").save(OUT / (name + ".png"), optimize=True)


opaque = Image.fromarray(scene(61, 43))
save("lossy.webp", opaque, quality=70)
save("lossy_best.webp", opaque, quality=100, method=6)
save("lossless.webp", opaque, lossless=True)
save("lossless_slow.webp", opaque, lossless=True, quality=100, method=6)
save("lossless_gray.webp", opaque.convert("L"), lossless=True)
save("lossless_few_colours.webp", opaque.quantize(13).convert("RGB"), lossless=True)
save("lossless_two_colours.webp", opaque.convert("1").convert("RGB"), lossless=True)
save("lossless_one_colour.webp", Image.new("RGB", (33, 21), (200, 100, 7)), lossless=True)
save("lossless_one_pixel.webp", Image.new("RGBA", (1, 1), (200, 100, 7, 90)), lossless=True)
for kind in ("slope", "holes", "opaque", "clear", "noise"):
    save(f"lossless_alpha_{kind}.webp", with_alpha(61, 43, kind), lossless=True)
    save(f"lossy_alpha_{kind}.webp", with_alpha(61, 43, kind), quality=60)
save("lossless_alpha_exact.webp", with_alpha(61, 43, "holes"), lossless=True, exact=True)
save("lossless_alpha_palette.webp", with_alpha(61, 43, "holes").quantize(9).convert("RGBA"), lossless=True)
save("lossy_alpha_coarse.webp", with_alpha(61, 43, "slope"), quality=60, alpha_quality=20)
for orientation in (3, 6):
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(f"lossy_orientation_{orientation}.webp", opaque, exif=exif)
    save(f"lossless_alpha_orientation_{orientation}.webp", with_alpha(61, 43, "slope"), lossless=True, exif=exif)
save("lossless_with_profile.webp", with_alpha(61, 43, "slope"), lossless=True, icc_profile=b"not a profile", xmp=b"<x/>")
frames = [Image.fromarray(scene(40, 30, seed)) for seed in range(3)]
save("animated.webp", frames[0], save_all=True, append_images=frames[1:], quality=70)
save("animated_lossless.webp", frames[0], save_all=True, append_images=frames[1:], lossless=True)
frames = [with_alpha(40, 30, "holes", seed) for seed in range(3)]
save("animated_alpha.webp", frames[0], save_all=True, append_images=frames[1:], quality=70)
save("animated_lossless_alpha.webp", frames[0], save_all=True, append_images=frames[1:], lossless=True)
save("animated_mixed.webp", frames[0], save_all=True, append_images=frames[1:], allow_mixed=True)
