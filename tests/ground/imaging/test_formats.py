"""Every format shows the same picture that went into it, and says of itself what it may."""

from __future__ import annotations

import io
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import openslide
import pytest
import tifffile
from PIL import Image

from countersign.ground.imaging import Associated, Pixels, Slide, SlideUnknown, open_slide
from countersign.ground.imaging.generated import Field
from countersign.ground.imaging.tiff.sayings import mpp_of
from ground.imaging.conftest import HEIGHT, MPP, WIDTH

LOSSLESS = {"tiff-deflate", "png"}
BY_OPENSLIDE = ("tiff", "aperio", "aperio-rgb", "hamamatsu")


def whole(slide: Slide, downsample: float = 1.0) -> Pixels:
    level = slide.levels[0]
    return slide.region(0, 0, level.width, level.height, downsample)


def off(one: Pixels, other: Pixels) -> float:
    """Mean difference in grey levels."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("tiff", "tiff"),
        ("tiff-2000", "tiff"),
        ("tiff-deflate", "tiff"),
        ("aperio", "aperio"),
        ("aperio-rgb", "aperio"),
        ("dicom", "dicom"),
        ("dicom-2000", "dicom"),
        ("png", "image"),
        ("jpeg", "image"),
        ("hamamatsu", "hamamatsu"),
    ],
)
def test_every_format_shows_what_was_drawn(
    slides: dict[str, Path], field: Field, name: str, format: str
) -> None:
    slide = open_slide(slides[name])
    assert slide.format == format
    assert (slide.levels[0].width, slide.levels[0].height) == (WIDTH, HEIGHT)
    if name in LOSSLESS:
        assert np.array_equal(whole(slide), field.pixels)
    else:
        assert off(whole(slide), field.pixels) < 5
    quarter = field.pixels[:528].reshape(132, 4, 175, 4, 3).mean((1, 3)).round().astype(np.uint8)
    small = slide.region(0, 0, 700, 528, 4)
    assert off(small, quarter) < 10
    assert abs(small.mean() - quarter.mean()) < 1
    assert slide.mpp == (None if format == "image" else pytest.approx((MPP, MPP)))
    slide.close()


@pytest.mark.parametrize("name", BY_OPENSLIDE)
def test_pixels_are_those_of_openslide(slides: dict[str, Path], name: str) -> None:
    slide = open_slide(slides[name])
    with openslide.OpenSlide(slides[name]) as peer:
        for x, y, width, height in ((0, 0, 300, 200), (255, 130, 400, 300), (513, 1, 100, 500)):
            theirs = np.asarray(peer.read_region((x, y), 0, (width, height)).convert("RGB"))
            assert np.array_equal(slide.region(x, y, width, height), theirs)
        assert slide.mpp == pytest.approx((float(peer.properties["openslide.mpp-x"]),) * 2)


@pytest.mark.parametrize("name", ["dicom", "dicom-2000"])
def test_dicom_is_read_like_the_tiff_of_the_same_tiles(slides: dict[str, Path], name: str) -> None:
    dicom, tiff = open_slide(slides[name]), open_slide(slides[name.replace("dicom", "tiff")])
    for downsample in (1, 2, 4, 5.5):
        assert np.array_equal(whole(dicom, downsample), whole(tiff, downsample))
    assert [one.downsample for one in dicom.levels] == [1.0, 4.0]
    assert dicom.properties["label"] == "GENERATED-7"
    assert not any("Generated^Slide" in text for text in dicom.properties.values())


def test_one_file_of_a_dicom_series_opens_the_series(slides: dict[str, Path]) -> None:
    folder, file = open_slide(slides["dicom"]), open_slide(slides["dicom"] / "level1.dcm")
    assert file.levels == folder.levels


def test_two_slides_in_one_folder_are_never_taken_for_one(
    slides: dict[str, Path], tmp_path: Path
) -> None:
    for name in ("dicom", "dicom-2000"):
        for file in slides[name].iterdir():
            changed = file.read_bytes()
            if name == "dicom-2000":
                changed = changed.replace(b"10.1414.7.3", b"10.1414.8.3")
            (tmp_path / f"{name}-{file.name}").write_bytes(changed)
    with pytest.raises(SlideUnknown) as refused:
        open_slide(tmp_path)
    assert refused.value.details == {"reason": "several-slides"}
    assert len(open_slide(tmp_path / "dicom-level0.dcm").levels) == 2


def test_pictures_beside_the_tissue(
    slides: dict[str, Path], beside: dict[Associated, Pixels]
) -> None:
    slide = open_slide(slides["aperio"])
    for which, pixels in beside.items():
        assert np.array_equal(slide.associated(which), pixels)
    assert open_slide(slides["tiff"]).associated(Associated.LABEL) is None
    assert len(slide.levels) == 2


@pytest.mark.parametrize("name", ["tiff", "aperio", "aperio-rgb", "dicom"])
def test_a_stored_tile_is_what_a_browser_decodes_to_the_same_pixels(
    slides: dict[str, Path], name: str
) -> None:
    """Pillow's libjpeg goes by the markers alone, as browsers do."""
    slide = open_slide(slides[name])
    found = slide.stored_tile(0, 1, 1)
    assert found is not None
    decoded = np.asarray(Image.open(io.BytesIO(found)).convert("RGB"))
    assert np.array_equal(decoded, slide.region(256, 256, 256, 256))
    assert slide.stored_tile(0, 99, 0) is None


@pytest.mark.parametrize("name", ["tiff-2000", "tiff-deflate", "png", "hamamatsu", "dicom-2000"])
def test_what_is_no_jpeg_tile_is_not_handed_on(slides: dict[str, Path], name: str) -> None:
    assert open_slide(slides[name]).stored_tile(0, 0, 0) is None


def test_missing_tiles_are_white(tmp_path: Path, field: Field) -> None:
    path = tmp_path / "sparse.tif"
    tile = np.ascontiguousarray(field.pixels[:256, :256])
    tiles = iter([b"", tile.tobytes(), b"", b""])
    with tifffile.TiffWriter(path) as writer:
        writer.write(tiles, shape=(512, 512, 3), dtype=np.uint8, tile=(256, 256), photometric="rgb")
    slide = open_slide(path)
    assert (slide.region(0, 0, 256, 512) == 255).all()
    assert np.array_equal(slide.region(256, 0, 256, 256), tile)


@pytest.mark.parametrize("options", [{"byteorder": ">"}, {"bigtiff": True}, {"byteorder": "<"}])
def test_strips_and_both_byte_orders(tmp_path: Path, field: Field, options: dict[str, str]) -> None:
    path = tmp_path / "strips.tif"
    tifffile.imwrite(
        path, field.pixels, photometric="rgb", compression="lzw", rowsperstrip=33, **options
    )
    slide = open_slide(path)
    assert np.array_equal(whole(slide), field.pixels)
    assert slide.stored_tile(0, 0, 0) is None


def test_levels_below_the_first_page_as_ome_has_them(tmp_path: Path, field: Field) -> None:
    path = tmp_path / "levels.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        options = {"photometric": "rgb", "tile": (128, 128)}
        metadata = {"PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25, "axes": "YXS"}
        writer.write(field.pixels, subifds=1, metadata=metadata, **options)
        writer.write(np.ascontiguousarray(field.pixels[::2, ::2]), subfiletype=1, **options)
    slide = open_slide(path)
    assert [one.downsample for one in slide.levels] == [1.0, 2.0]
    assert slide.mpp == (0.25, 0.25)


@pytest.mark.parametrize(
    ("said", "mpp"),
    [
        (
            '<OME><Image ID="Image:0"><Pixels PhysicalSizeX="0.25" PhysicalSizeY="0.26"/></Image>'
            '<Image ID="Image:1"><Pixels PhysicalSizeX="8.0" PhysicalSizeY="8.0"'
            ' PhysicalSizeXUnit="nm"/></Image></OME>',
            (0.25, 0.26),
        ),
        ('<OME:OME><OME:Pixels PhysicalSizeY="0.5" PhysicalSizeX="0.5"></OME:Pixels>', (0.5, 0.5)),
        ("Aperio Image Library v11|AppMag = 20|MPP = 0,4990", (0.499, 0.499)),
    ],
    ids=["two-pictures", "prefixed", "decimal-comma"],
)
def test_the_size_of_a_pixel_is_that_of_the_slide(
    tmp_path: Path, said: str, mpp: tuple[float, float]
) -> None:
    path = tmp_path / "said.tif"
    tifffile.imwrite(
        path,
        np.full((300, 300, 3), 9, np.uint8),
        photometric="rgb",
        tile=(128, 128),
        description=said,
        metadata=None,
    )
    assert open_slide(path).mpp == pytest.approx(mpp)


def test_a_description_that_begins_without_end_is_read_at_once() -> None:
    said = "<Pixels " * 100_000
    began = time.process_time()
    assert mpp_of(SimpleNamespace(description=said, tags={})) is None
    assert time.process_time() - began < 2


def test_what_names_a_person_stays_behind(tmp_path: Path, field: Field) -> None:
    path = tmp_path / "named.svs"
    said = (
        "Aperio Image Library v12 \r\n|AppMag = 40|MPP = 0.25|User = Wang Fang"
        "|Title = Zhang San|Filename = zhang_san|Barcode = Zhang San|ScanScope ID = SS1"
    )
    tifffile.imwrite(path, field.pixels, photometric="rgb", tile=(128, 128), description=said)
    properties = open_slide(path).properties
    assert properties["scanner"] == "SS1"
    assert "label" not in properties
    assert not any("ang" in text and "san" in text.lower() for text in properties.values())
    assert not any("Wang" in text for text in properties.values())


def test_a_picture_with_holes_lies_on_white(tmp_path: Path) -> None:
    clear = np.zeros((40, 50, 4), np.uint8)
    clear[:, :25] = (10, 20, 30, 255)
    Image.fromarray(clear).save(tmp_path / "holes.png")
    slide = open_slide(tmp_path / "holes.png")
    assert (slide.region(25, 0, 25, 40) == 255).all()
    assert (slide.region(0, 0, 25, 40) == (10, 20, 30)).all()
