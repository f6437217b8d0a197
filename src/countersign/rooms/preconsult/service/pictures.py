"""Makes an attached picture anew, so that nothing but what can be seen travels in it."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

from countersign.ground.interviews import UnfitFile

LARGEST, SIDE = 10 * 1024 * 1024, 2400


def redrawn(content: bytes) -> bytes:
    """The picture as a new JPEG without its metadata, its longer side bounded. Raises UnfitFile."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > 80_000_000:
                raise UnfitFile(megabytes=LARGEST // 1024 // 1024)
            plain = picture.convert("RGB")
            plain.thumbnail((SIDE, SIDE))
            out = BytesIO()
            plain.save(out, "JPEG", quality=85)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise UnfitFile(megabytes=LARGEST // 1024 // 1024) from None
