"""What a TIFF says of itself, reduced to what names no person."""

from __future__ import annotations

import re
from typing import Any

from countersign.ground.imaging.sayings import identifier, plausible

OME = re.compile(r'PhysicalSize([XY])="([0-9.eE+-]{1,24})"')
OME_UNIT = re.compile(r'PhysicalSize[XY]Unit="([^"]{1,8})"')
OME_PIXELS = re.compile(r"<(?:\w{1,16}:)?Pixels\s[^<>]*>")
ICC_PROFILE = 34675
INCH, CENTIMETRE = 2, 3


def mpp_of(page: Any) -> tuple[float, float] | None:
    """From Aperio's description, OME-XML, or the resolution in the tags."""
    description = str(page.description)[: 1 << 20]
    if said := _number(aperio_of(description).get("MPP", "").replace(",", ".")):
        return plausible(said, said)
    # The first picture is the slide; those of a label or an overview follow it, with their own.
    pixels = OME_PIXELS.search(description)
    said_first = pixels.group() if pixels is not None else description
    sizes = dict(OME.findall(said_first))
    units = set(OME_UNIT.findall(said_first)) or {"µm"}
    if {"X", "Y"} <= sizes.keys() and units <= {"µm", "μm", "um"}:
        x, y = _number(sizes["X"]), _number(sizes["Y"])
        return plausible(x, y) if x and y else None
    return _by_resolution(page)


def _by_resolution(page: Any) -> tuple[float, float] | None:
    micrometres = {INCH: 25_400.0, CENTIMETRE: 10_000.0}
    tags = page.tags
    unit = tags.get(296)
    each = micrometres.get(int(unit.value) if unit is not None else INCH)
    found: list[float] = []
    for code in (282, 283):
        tag = tags.get(code)
        value: Any = tag.value if tag is not None else None
        try:
            above, below = float(value[0]), float(value[1])
        except (TypeError, ValueError, IndexError):
            return None
        if each is None or above <= 0 or below <= 0:
            return None
        found.append(each * below / above)
    return plausible(found[0], found[1])


def aperio_of(description: str) -> dict[str, str]:
    """``name = value`` pairs of an Aperio description, which bars part."""
    if not description.startswith("Aperio"):
        return {}
    pairs = (part.split("=", 1) for part in description[:65536].split("|")[1:])
    return {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}


def sayings_of(page: Any) -> dict[str, str]:
    """``scanner``, ``magnification``, ``scanned``, ``software``, ``label``, ``icc``: those
    that the file gives. Titles, users and file names stay behind, for names stand in them."""
    description = str(page.description)[: 1 << 20]
    aperio = aperio_of(description)
    found = {
        "scanner": aperio.get("ScanScope ID", ""),
        "magnification": aperio.get("AppMag", ""),
        "scanned": f"{aperio.get('Date', '')} {aperio.get('Time', '')}".strip(),
        "software": description.splitlines()[0][:80] if aperio else str(page.software or "")[:80],
        "label": identifier(aperio.get("Barcode", "")),
        "icc": "not applied" if page.tags.get(ICC_PROFILE) is not None else "",
    }
    return {name: text[:200] for name, text in found.items() if text}


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if found == found and found > 0 else None
