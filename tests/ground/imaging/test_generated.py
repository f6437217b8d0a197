"""What the generator says is true of the picture it drew, and the same on every run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.ground.imaging import Associated, open_slide
from countersign.ground.imaging.generated import (
    Coding,
    Field,
    Kind,
    Picture,
    Repeated,
    Wanted,
    draw_he,
    draw_ihc,
    spoiled,
    write_demonstration,
    write_dicom,
    write_tiff,
)

RED, GREEN, BLUE = 0, 1, 2


def means(field: Field) -> np.ndarray:
    """Mean colour of each nucleus, shape (n, 3)."""
    labels = field.labels.ravel()
    sizes = np.bincount(labels, minlength=len(field.cells) + 1)[1:]
    return np.stack(
        [
            np.bincount(labels, field.pixels[:, :, channel].ravel(), len(field.cells) + 1)[1:]
            / sizes
            for channel in range(3)
        ],
        axis=1,
    )


@pytest.mark.parametrize("draw", [draw_ihc, draw_he])
def test_a_seed_draws_the_same_field_again_and_another_a_different_one(draw) -> None:  # noqa: ANN001
    one, again, other = draw(3, 300, 260), draw(3, 300, 260), draw(4, 300, 260)
    assert np.array_equal(one.pixels, again.pixels)
    assert np.array_equal(one.cells.x, again.cells.x)
    assert not np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("share", [0.0, 0.08, 0.5, 1.0])
def test_the_share_of_positive_tumour_nuclei_is_the_one_asked_for(share: float) -> None:
    field = draw_ihc(9, 900, 700, share=share)
    assert (field.cells.kind == Kind.TUMOUR).sum() > 300
    assert field.cells.index() == pytest.approx(share, abs=0.02)


def test_positive_nuclei_are_brown_and_the_others_blue(field: Field) -> None:
    colours = means(field)
    strong = field.cells.dab > 0.4
    assert (colours[strong, RED] > colours[strong, BLUE]).mean() > 0.97
    negative = ~field.cells.positive
    assert (colours[negative, BLUE] > colours[negative, RED]).mean() > 0.97


@pytest.mark.parametrize("draw", [draw_ihc, draw_he])
def test_cells_lie_where_the_truth_says(draw) -> None:  # noqa: ANN001
    field = draw(11, 700, 600)
    cells = field.cells
    assert int(field.labels.max()) == len(cells)
    sizes = np.bincount(field.labels.ravel(), minlength=len(cells) + 1)[1:]
    assert np.allclose(sizes * field.mpp**2, cells.area)
    y, x = np.divmod(np.arange(field.labels.size), field.labels.shape[1])
    for mean, said in ((x, cells.x), (y, cells.y)):
        middle = np.bincount(field.labels.ravel(), mean, len(cells) + 1)[1:] / sizes
        assert np.median(np.abs(middle - said)) < 1
        assert np.quantile(np.abs(middle - said), 0.99) < 12
    assert set(np.unique(cells.kind)) <= {int(kind) for kind in Kind}


def test_kinds_of_cells_lie_where_they_belong() -> None:
    field = draw_he(2, 1400, 1100, invaded=0.5)
    at = field.cells.y.astype(int), field.cells.x.astype(int)
    gland = field.glands[at]
    bad = np.isin(gland, list(field.malignant))
    epithelial, tumour = (field.cells.kind == one for one in (Kind.EPITHELIAL, Kind.TUMOUR))
    assert ((gland > 0) & ~bad)[epithelial].mean() > 0.85
    assert bad[tumour].mean() > 0.7
    assert 0.3 < field.tumour.mean() < 0.7
    assert field.malignant


def test_where_there_is_no_tissue_there_is_glass() -> None:
    tissue = np.zeros((400, 500), np.bool_)
    tissue[100:300, 100:400] = True
    for draw in (draw_ihc, draw_he):
        field = draw(1, 500, 400, tissue=tissue)
        assert field.pixels[:60].min() > 215
        assert field.pixels[110:290, 110:390].min() < 150


def test_edges_that_fit_each_other() -> None:
    """The two sides of the seam are neighbours, not strangers."""
    for draw in (draw_ihc, draw_he):
        pixels = draw(6, 512, 512, wrap=True).pixels.astype(int)
        for way in (pixels, pixels.transpose(1, 0, 2)):
            seam = np.abs(way[0] - way[-1]).mean()
            strangers = np.mean([np.abs(way[0] - way[n]).mean() for n in range(100, 400, 20)])
            assert seam < 0.6 * strangers


@pytest.fixture(scope="module")
def repeated() -> Repeated:
    return Repeated(draw_ihc(8, 512, 512, 0.5, 0.3, wrap=True), 3000, 2300, 0.25, 1, (1, 4, 16))


def test_a_slide_of_any_size_has_the_tissue_that_was_asked_for(
    repeated: Repeated, tmp_path: Path
) -> None:
    path = tmp_path / "large.tif"
    write_tiff(repeated, path)
    slide = open_slide(path)
    assert [(one.width, one.height) for one in slide.levels] == [
        (3000, 2300),
        (750, 575),
        (187, 143),
    ]
    assert repeated.share == pytest.approx(0.25, abs=0.01)
    small = slide.region(0, 0, 3000, 2300, 16)
    assert (small.min(axis=2) < 225).mean() == pytest.approx(0.25, abs=0.04)
    fine = slide.region(0, 0, 3000, 2300, 4).astype(int)
    coarse = slide.region(0, 0, 3000, 2300, 1).astype(int)
    shrunk = coarse[:2300, :3000].reshape(575, 4, 750, 4, 3).mean((1, 3))
    assert np.abs(fine - shrunk).mean() < 4


def test_the_truth_of_a_part_is_the_truth_of_the_whole(repeated: Repeated) -> None:
    whole = repeated.cells(0, 0, 3000, 2300)
    parts = [repeated.cells(x, y, 750, 1150) for y in (0, 1150) for x in (0, 750, 1500, 2250)]
    assert len(whole) == sum(len(part) for part in parts) > 500
    assert whole.index() == pytest.approx(0.3, abs=0.05)


def test_nuclei_are_where_the_truth_of_a_repeated_field_says(
    repeated: Repeated, tmp_path: Path
) -> None:
    path = tmp_path / "large.tif"
    write_tiff(repeated, path, Coding.DEFLATE)
    pixels = open_slide(path).region(0, 0, 3000, 2300)
    cells = repeated.cells(0, 0, 3000, 2300)
    darkness = 255 - pixels[cells.y.astype(int), cells.x.astype(int)].mean(axis=1)
    elsewhere = 255 - pixels.mean()
    assert np.median(darkness) > elsewhere + 40


def test_dicom_files_open_in_readers_that_nobody_here_wrote(
    repeated: Repeated, tmp_path: Path
) -> None:
    import highdicom
    import wsidicom

    for number, (coding, extended) in enumerate(
        ((Coding.JPEG, True), (Coding.JPEG, False), (Coding.JPEG_2000, False))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        files = write_dicom(repeated, folder, number + 1, coding, extended)
        slide = open_slide(folder)
        ours = slide.region(1000, 700, 512, 512)
        with wsidicom.WsiDicom.open(folder) as peer:
            assert (peer.size.width, peer.size.height) == (3000, 2300)
            assert peer.mpp.width == pytest.approx(0.5)
            theirs = np.asarray(peer.read_region((1000, 700), 0, (512, 512)).convert("RGB"))
        assert np.abs(ours.astype(int) - theirs).mean() < 0.5
        matrix = highdicom.imread(files[1]).get_total_pixel_matrix(dtype=np.uint8)
        assert np.abs(matrix.astype(int) - slide.region(0, 0, 3000, 2300, 4)).mean() < 0.5


def test_artefacts_are_where_their_truth_says(field: Field) -> None:
    found = spoiled(field, 3)
    changed = np.abs(found.pixels.astype(int) - field.pixels).mean(axis=2)
    for mask in (found.pen, found.fold, found.blur):
        assert mask.any()
        assert changed[mask].mean() > 5
    untouched = ~(found.pen | found.fold | found.blur)
    assert np.median(changed[untouched]) < 1


def test_the_demonstration_has_slides_that_say_what_they_are(tmp_path: Path) -> None:
    wanted = (Wanted("S26-1-KI67", "ki67", 0.4), Wanted("S26-2-HE", "he", 0.4, True))
    shown = write_demonstration(tmp_path, 1, wanted, (768, 512))
    assert [one.path.name for one in shown] == ["S26-1-KI67.svs", "S26-2-HE.svs"]
    for one in shown:
        slide = open_slide(one.path)
        assert (slide.format, slide.mpp) == ("aperio", (0.5, 0.5))
        assert all(slide.associated(which) is not None for which in Associated)
        assert len(one.cells) > 50
    assert shown[0].cells.index() == pytest.approx(0.4, abs=0.05)


def test_a_picture_of_any_size_becomes_levels(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (301, 517, 3), dtype=np.uint8)
    write_tiff(Picture(pixels, 0.25), tmp_path / "odd.tif", Coding.DEFLATE)
    slide = open_slide(tmp_path / "odd.tif")
    assert np.array_equal(slide.region(0, 0, 517, 301), pixels)
    assert [(one.width, one.height) for one in slide.levels] == [(517, 301), (129, 75), (32, 18)]
