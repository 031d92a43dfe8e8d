"""Makes the pictures of src/test/resources/resize: what Pillow's Image.resize gives for small synthetic inputs.

Needs Pillow and numpy; the build does not run it. Made with Pillow 9.4:

    python3 src/test/python/resize.py src/test/resources/resize

cases.csv has one line a case: the input picture, the box cut out of it (top, left, height, width), the size of the
result (height, width), the filter, and the picture with the result. A case is Image.crop followed by Image.resize.
"""

import pathlib
import sys

import numpy
from PIL import Image

FILTERS = {"bicubic": Image.BICUBIC, "bilinear": Image.BILINEAR}


def scene(height, width, seed):
    """Smooth colours, hard edges (the cubic filter overshoots and must be clipped) and a patch of noise."""
    random = numpy.random.RandomState(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    pixels = numpy.stack(
        [128 + 127 * numpy.sin(x / 17.0 + y / 29.0 + c + seed) * numpy.cos(y / 11.0 - c) for c in range(3)], axis=2
    )
    pixels[(x // 13 + y // 9) % 5 == 0] = (255, 0, 255)
    pixels[(x - width / 3) ** 2 + (y - height / 2) ** 2 < (min(height, width) / 4) ** 2] = (0, 255, 3)
    noisy = pixels[: (height + 1) // 2, : (width + 1) // 2]
    noisy[:] = random.randint(0, 256, noisy.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8), "RGB")


def noise(height, width, seed):
    """Black and full colour at random: the largest sums there are."""
    bits = numpy.random.RandomState(seed).randint(0, 2, (height, width, 3))
    return Image.fromarray((255 * bits).astype(numpy.uint8), "RGB")


INPUTS = {
    "scene": scene(120, 161, 1),
    "noise": noise(47, 61, 2),
    "row": noise(1, 37, 3),
    "column": noise(41, 1, 4),
    "pixel": noise(1, 1, 5),
    "strip": scene(5, 300, 6),
    "tower": scene(290, 7, 7),
}

# input, (top, left, height, width) or None for all of it, (height, width) of the result
CASES = [
    ("scene", None, (120, 161)),
    ("scene", None, (64, 64)),
    ("scene", None, (33, 47)),
    ("scene", None, (60, 161)),
    ("scene", None, (120, 80)),
    ("scene", None, (150, 140)),
    ("scene", None, (1, 1)),
    ("scene", None, (1, 97)),
    ("scene", None, (97, 1)),
    ("scene", (11, 23, 90, 75), (112, 112)),
    ("scene", (0, 0, 60, 80), (31, 29)),
    ("scene", (19, 40, 101, 121), (56, 56)),
    ("scene", (50, 60, 3, 2), (40, 50)),
    ("scene", (7, 9, 64, 48), (64, 48)),
    ("scene", (119, 160, 1, 1), (5, 6)),
    ("scene", (3, 0, 117, 1), (20, 20)),
    ("noise", None, (94, 122)),
    ("noise", None, (46, 60)),
    ("noise", None, (48, 62)),
    ("noise", None, (13, 17)),
    ("noise", None, (7, 130)),
    ("noise", (1, 1, 45, 59), (45, 30)),
    ("noise", (10, 20, 30, 30), (56, 56)),
    ("row", None, (16, 16)),
    ("row", None, (1, 9)),
    ("row", (0, 5, 1, 20), (3, 90)),
    ("column", None, (16, 16)),
    ("column", None, (9, 1)),
    ("column", None, (83, 2)),
    ("pixel", None, (8, 5)),
    ("strip", None, (32, 32)),
    ("strip", None, (3, 500)),
    ("strip", (1, 100, 3, 199), (64, 10)),
    ("tower", None, (32, 32)),
    ("tower", None, (500, 3)),
    ("tower", (250, 2, 40, 4), (11, 64)),
]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in INPUTS.items():
        picture.save(folder / f"{name}.png", optimize=True)
    lines = ["input,top,left,boxHeight,boxWidth,height,width,filter,expected"]
    for number, (name, box, (height, width)) in enumerate(CASES):
        picture = INPUTS[name]
        top, left, box_height, box_width = box or (0, 0, picture.height, picture.width)
        cut = picture.crop((left, top, left + box_width, top + box_height))
        for filter_name, resample in FILTERS.items():
            expected = f"{number:02d}_{filter_name}.png"
            cut.resize((width, height), resample).save(folder / expected, optimize=True)
            lines.append(
                f"{name}.png,{top},{left},{box_height},{box_width},{height},{width},{filter_name},{expected}"
            )
    (folder / "cases.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
