"""Who may open which page: the words of the table of doors and roles."""

from __future__ import annotations

from dataclasses import dataclass

DOCTORS = "physician senior-physician"
CLINICAL = f"{DOCTORS} nurse laboratory-technician pathologist pharmacist"
OVERSEERS = "auditor security-officer"
STAFF = f"{CLINICAL} researcher {OVERSEERS} administrator curator"
READERS = f"{CLINICAL} curator"
EVERYBODY = f"{STAFF} patient"
INBOX = f"{DOCTORS} pathologist pharmacist nurse"
LABORATORY = "laboratory-technician pathologist"
SLIDES = f"{DOCTORS} {LABORATORY}"
SLIDE_PARTS = ("", "/told", "/nuclei", "/tiles/{level}/{column}/{row}", "/report.pdf", "/print",
               "/regions.geojson", "/nuclei.geojson")  # fmt: skip
DICOM_PARTS = ("report.sr", "seg", "nuclei", "overview")


@dataclass(frozen=True)
class Row:
    """Who may, and what they are answered; everybody else is refused with 403."""

    call: str
    answer: tuple[int, ...]
    who: str


PATHOLOGY = (
    Row("GET /pathology", (200,), SLIDES),
    Row("GET /pathology/counting", (200,), SLIDES),
    Row("GET /pathology/control", (200,), LABORATORY),
    Row("POST /pathology/control", (422,), LABORATORY),  # without a day
    Row("GET /pathology/control.csv", (200,), LABORATORY),
    Row("POST /pathology/uploads", (400,), LABORATORY),  # without JSON
    Row("POST /pathology/uploads/{upload}", (409, 422), LABORATORY),
    Row("POST /pathology/uploads/{upload}/done", (400,), LABORATORY),
    *(Row(f"GET /pathology/slides/{{slide}}{name}", (200,), SLIDES) for name in SLIDE_PARTS),
    Row("GET /pathology/slides/{slide}/state", (200, 204), SLIDES),
    # of what nobody has signed there is no DICOM
    *(Row(f"GET /pathology/slides/{{slide}}/{part}.dcm", (409,), SLIDES) for part in DICOM_PARTS),
    Row("POST /pathology/slides/{slide}", (422,), SLIDES),  # without an act
    Row("GET /pathology/slides/{slide}/label", (200,), LABORATORY),
    Row("POST /pathology/slides/{slide}/corrections", (400,), SLIDES),
)
"""The pages of slides."""
