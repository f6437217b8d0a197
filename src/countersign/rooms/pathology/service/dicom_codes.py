"""What each region, nucleus and figure is called in DICOM's coded words.

Codes of SCT, DCM, LN and UCUM are those of DICOM PS3.16 (2024) as pydicom 3.0 lists them (Neoplasm
and Necrosis of CID 7159, Tissue and Anatomical Structure of CID 7150, Nucleus of CID 8135, Area of
CID 7469), and LOINC 29593-1, Cells.Ki-67 nuclear Ag/cells in Tissue by Immune stain. Where no code
was certain the words carry a code of our own scheme, which a reader may ignore: the meaning stands
beside it (PS3.3 section 8.2 reserves schemes that begin with 99 for that).
"""

from __future__ import annotations

from typing import Final

from highdicom.sr import CodedConcept

OWN: Final = "99COUNTERSIGN"


def _sct(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value, "SCT", meaning)


def _own(value: str, meaning: str) -> CodedConcept:
    return CodedConcept(value, OWN, meaning)


ABNORMAL: Final = _sct("49755003", "Morphologically Abnormal Structure")
ANATOMY: Final = _sct("91723000", "Anatomical Structure")
AREA: Final = _sct("42798000", "Area")
NUCLEUS: Final = _sct("84640000", "Nucleus")
WHOLE_SLIDE_IMAGING: Final = CodedConcept("112703", "DCM", "Whole Slide Imaging")
MEASUREMENT_REPORT: Final = CodedConcept("126000", "DCM", "Imaging Measurement Report")
LEARNT: Final = CodedConcept("123110", "DCM", "Artificial Intelligence")
KI67: Final = CodedConcept(
    "29593-1", "LN", "Cells.Ki-67 nuclear Ag/cells in Tissue by Immune stain"
)

PERCENT: Final = CodedConcept("%", "UCUM", "Percent")
ONE: Final = CodedConcept("1", "UCUM", "no units")
SQUARE_MM: Final = CodedConcept("mm2", "UCUM", "square millimeter")
SQUARE_UM: Final = CodedConcept("um2", "UCUM", "square micrometer")
PER_SQUARE_MM: Final = CodedConcept("/mm2", "UCUM", "/square millimeter")
UNITS: Final = {"%": PERCENT, "": ONE, "mm²": SQUARE_MM, "µm²": SQUARE_UM, "/mm²": PER_SQUARE_MM}

REGIONS: Final = {
    "tissue": (ANATOMY, _sct("85756007", "Tissue")),
    "tumour": (ABNORMAL, _sct("108369006", "Neoplasm")),
    "necrosis": (ABNORMAL, _sct("6574001", "Necrosis")),
    "stroma": (ANATOMY, _own("stroma", "Stroma")),
    "gland": (ANATOMY, _own("gland", "Gland")),
    "front": (ABNORMAL, _own("front", "Invasive front")),
    "hotspot": (ABNORMAL, _own("hotspot", "Hotspot of proliferation")),
    "drawn": (ABNORMAL, _own("drawn", "Region drawn by a pathologist")),
    "excluded": (ABNORMAL, _own("excluded", "Region left out by a pathologist")),
    "fold": (ABNORMAL, _own("fold", "Fold of tissue")),
    "pen": (ABNORMAL, _own("pen", "Pen mark")),
    "blur": (ABNORMAL, _own("blur", "Out of focus")),
}
"""Category and type of each kind of ``domain.measured.Region``."""

NUCLEI: Final = (
    _own("nucleus", "Nucleus of unknown type"),
    _own("nucleus-tumour", "Nucleus of a tumour cell"),
    _own("nucleus-inflammatory", "Nucleus of an inflammatory cell"),
    _own("nucleus-stromal", "Nucleus of a stromal cell"),
    _own("nucleus-epithelial", "Nucleus of an epithelial cell"),
    _own("nucleus-other", "Nucleus of another cell"),
)
"""By the number of ``domain.measured.NucleusType``."""

STAIN: Final = _own("stain", "Mean optical density of the second stain")
TUMOUR: Final = _own("tumour-probability", "Probability that a nucleus is a tumour's")


def figure(code: str, meaning: str) -> CodedConcept:
    """The concept of a figure by its code among those of the room's report."""
    if code in ("ki67", "ki67-region", "hotspot"):
        return KI67
    return _own(f"figure-{code}"[:16], meaning[:64])
