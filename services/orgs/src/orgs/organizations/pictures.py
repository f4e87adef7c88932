"""Logos made of whatever was uploaded: three sizes of the picture itself, with nothing else that the file held."""

import asyncio
import io

from kernel import Invalid
from PIL import Image, ImageOps

SIZES = {"small": 64, "medium": 256, "large": 1024}
"""The longest side of each size in pixels; a smaller picture is not made larger."""

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
MOST_PIXELS = 16_000_000
MOST_BYTES = 5 * 1024 * 1024

_one_at_a_time = asyncio.Semaphore(1)


async def resized(raw: bytes) -> dict[str, bytes]:
    """PNG files by size. One picture is worked on at a time: an unpacked one takes up to 64 MB.

    Raises Invalid `not-an-image` or `too-many-pixels`.
    """
    async with _one_at_a_time:
        return await asyncio.to_thread(_resize, raw)


def _resize(raw: bytes) -> dict[str, bytes]:
    try:
        with Image.open(io.BytesIO(raw), formats=list(FORMATS.values())) as source:
            _check_pixels(source)
            source.draft("RGB", (SIZES["large"], SIZES["large"]))
            whole = ImageOps.exif_transpose(source).convert("RGBA")
        _check_pixels(whole)
        whole.info = {}
        return {name: _png(whole, side) for name, side in SIZES.items()}
    except Invalid:
        raise
    except Exception as error:
        # a decoder given a broken file may raise anything
        raise Invalid("This is no PNG, JPEG, WebP or GIF picture, or a broken one.", code="not-an-image") from error


def _check_pixels(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise Invalid(f"A logo has at most {MOST_PIXELS} pixels.", code="too-many-pixels")


def _png(whole: Image.Image, side: int) -> bytes:
    picture = whole.copy()
    picture.thumbnail((side, side))
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True)
    return made.getvalue()
