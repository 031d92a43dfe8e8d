"""Makes src/test/resources/randaugment: what Pillow gives for each operation of RandAugment on small synthetic pictures.

Needs Pillow and numpy; the build does not run it. Made with Pillow 9.4 on x86-64:

    python3 src/test/python/randaugment.py src/test/resources/randaugment

cases.csv has one line a case: the input picture, the operation, its magnitude, whether its sign is negative, the first
16 hexadecimal digits of the SHA-256 of the resulting pixels (rows of red, green, blue, without padding), and for some
cases the picture with the result, for looking at.
"""

import hashlib
import pathlib
import sys

import numpy
from PIL import Image, ImageEnhance, ImageOps

FILL = (124, 116, 104)


def affine(a, b, c, d, e, f):
    return lambda image: image.transform(
        image.size, Image.AFFINE, (a, b, c, d, e, f), resample=Image.BICUBIC, fillcolor=FILL
    )


def below(threshold, change):
    return [change(i) if i < threshold else i for i in range(256)] * 3


# Operation to the function of (magnitude / 10, sign, width, height) that gives the function of the picture.
UNSIGNED = {
    "AUTO_CONTRAST": lambda m, w, h: ImageOps.autocontrast,
    "EQUALIZE": lambda m, w, h: ImageOps.equalize,
    "INVERT": lambda m, w, h: ImageOps.invert,
    "POSTERIZE": lambda m, w, h: lambda image: ImageOps.posterize(image, 4 - int(m * 4)),
    "SOLARIZE": lambda m, w, h: lambda image: ImageOps.solarize(image, 256 - int(m * 256)),
    "SOLARIZE_ADD": lambda m, w, h: lambda image: image.point(below(128, lambda i: min(255, i + int(m * 110)))),
}
SIGNED = {
    "ROTATE": lambda m, s, w, h: lambda image: image.rotate(s * (m * 30.0), resample=Image.BICUBIC, fillcolor=FILL),
    "COLOR": lambda m, s, w, h: lambda image: ImageEnhance.Color(image).enhance(1.0 + s * (m * 0.9)),
    "CONTRAST": lambda m, s, w, h: lambda image: ImageEnhance.Contrast(image).enhance(1.0 + s * (m * 0.9)),
    "BRIGHTNESS": lambda m, s, w, h: lambda image: ImageEnhance.Brightness(image).enhance(1.0 + s * (m * 0.9)),
    "SHARPNESS": lambda m, s, w, h: lambda image: ImageEnhance.Sharpness(image).enhance(1.0 + s * (m * 0.9)),
    "SHEAR_X": lambda m, s, w, h: affine(1, s * (m * 0.3), 0, 0, 1, 0),
    "SHEAR_Y": lambda m, s, w, h: affine(1, 0, 0, s * (m * 0.3), 1, 0),
    "TRANSLATE_X": lambda m, s, w, h: affine(1, 0, s * (m * 0.45) * w, 0, 1, 0),
    "TRANSLATE_Y": lambda m, s, w, h: affine(1, 0, 0, 0, 1, s * (m * 0.45) * h),
}


def picture(pixels):
    return Image.fromarray(numpy.asarray(pixels).clip(0, 255).astype(numpy.uint8), "RGB")


def noise(height, width, seed):
    return picture(numpy.random.RandomState(seed).randint(0, 256, (height, width, 3)))


def flat(height, width, colour):
    return picture(numpy.full((height, width, 3), colour))


def two_colours(height, width):
    y, x = numpy.mgrid[0:height, 0:width]
    return picture(numpy.where(((x // 5 + y // 3) % 2 == 0)[:, :, None], (250, 3, 90), (20, 200, 90)))


def smooth(height, width):
    """Low contrast, few values: the histograms have gaps; blue has one value but for one pixel."""
    y, x = numpy.mgrid[0:height, 0:width]
    pixels = numpy.stack([90 + 30 * numpy.sin(x / 9.0 + y / 13.0), 60 + 2 * y + x, 0 * x + 77], axis=2)
    pixels[height // 2, width // 3] = (100, 90, 80)
    return picture(pixels)


def scene(height, width, seed):
    """Smooth colours, hard edges (the cubic filter overshoots and must be clipped) and a patch of noise."""
    random = numpy.random.RandomState(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    pixels = numpy.stack([128 + 127 * numpy.sin(x / 7.0 + c) * numpy.cos(y / 11.0 - c) for c in range(3)], axis=2)
    pixels[(x // 6 + y // 5) % 5 == 0] = (255, 0, 255)
    pixels[(x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(height, width) / 4) ** 2] = (0, 255, 3)
    pixels[: height // 2, : width // 4] = random.randint(0, 256, (height // 2, width // 4, 3))
    return picture(pixels)


MAGNITUDES = (0, 1.3, 4.75, 7, 9.1, 10)
SHOWN = ("scene", 7)
INPUTS = {
    "noise": noise(17, 23, 1),
    "flat": flat(32, 32, (10, 130, 255)),
    "twoColours": two_colours(23, 17),
    "smooth": smooth(32, 32),
    "scene": scene(30, 48, 2),
    "large": scene(61, 90, 3),
    "row": noise(1, 9, 4),
    "column": noise(9, 1, 5),
    "pair": noise(2, 2, 6),
    "pixel": noise(1, 1, 7),
}


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["input,operation,magnitude,negative,sha256,picture"]
    for name, image in INPUTS.items():
        image.save(folder / f"{name}.png", optimize=True)
        size = image.size
        for magnitude in MAGNITUDES:
            m = magnitude / 10
            cases = [(operation, False, of(m, *size)) for operation, of in UNSIGNED.items()]
            for negative in (False, True):
                cases += [(operation, negative, of(m, -1 if negative else 1, *size)) for operation, of in SIGNED.items()]
            for operation, negative, change in cases:
                result = change(image)
                digest = hashlib.sha256(result.tobytes()).hexdigest()[:16]
                shown = ""
                if (name, magnitude) == SHOWN and not negative:
                    shown = f"{operation.lower()}.png"
                    result.save(folder / shown, optimize=True)
                lines.append(f"{name}.png,{operation},{magnitude},{str(negative).lower()},{digest},{shown}")
    (folder / "cases.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
