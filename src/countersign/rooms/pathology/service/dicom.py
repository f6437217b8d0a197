"""Signed answers about a slide as DICOM objects: report, segmentation and every nucleus.

Made of ``Signed`` and of nothing else, so that no archive ever holds a draft.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from io import BytesIO
from typing import Any, Final

import highdicom as hd
import numpy as np
from highdicom import ann, seg, sr
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from countersign import __version__
from countersign.ground.signoff import Body, Signed
from countersign.rooms.pathology.domain.measured import Nuclei, NucleusType, Region

from . import dicom_codes as codes
from .dicom_masks import area, masks
from .dicom_source import Source, uid

SEGMENTED: Final = ("tissue", "tumour", "stroma", "gland", "necrosis", "excluded")
"""Kinds of regions that fill areas; the others are outlines in the report alone."""

OUTLINED: Final = ("tumour", "drawn", "hotspot", "excluded", "front")
MOST_OUTLINES, MOST_POINTS = 200, 500
MAKER: Final = "Countersign"
"""A coarser outline is enough in a report: the segmentation has the area itself."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A signed number. ``code`` names it among the report's; shares are in per cent; ``low`` and
    ``high`` are the ends of its 95 % interval; ``region`` is whose it is, None for the slide."""

    code: str
    title: str
    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    region: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was signed about one slide. ``model`` is ``name@version``; ``signer`` the name of who
    signed first, as archives are to show it; ``hospital`` that of the house, in whose ``zone``
    times are written. ``nuclei`` have the types that count under every correction."""

    signed: Signed[Body]
    slide: str
    figures: tuple[Figure, ...]
    regions: tuple[Region, ...]
    nuclei: Nuclei
    model: str
    signer: str
    hospital: str
    zone: tzinfo

    def __post_init__(self) -> None:
        self.signed.check()

    @property
    def at(self) -> datetime:
        """When it was signed, by the clock of the house."""
        return self.signed.first.signed_at.astimezone(self.zone)

    def uid(self, part: str) -> str:
        """The same part of the same signature always has the same identifier."""
        return uid(self.signed.first.id, self.slide, part)


def written(instance: Dataset) -> bytes:
    """The object as a file of Part 10, in UTF-8: the archive's own picture may be in letters that
    have no Chinese, and the hospital and who signed are not in its file."""
    instance.SpecificCharacterSet = "ISO_IR 192"
    made = BytesIO()
    instance.save_as(made, enforce_file_format=True)
    return made.getvalue()


def report(answer: Answer, source: Source) -> Dataset:
    """A Comprehensive 3D SR by template TID 1500, verified by who signed."""
    image = source.image
    specimen = image.SpecimenDescriptionSequence[0]
    context = sr.ObservationContext(
        observer_person_context=sr.ObserverContext(
            observer_type=hd.sr.CodedConcept("121006", "DCM", "Person"),
            observer_identifying_attributes=sr.PersonObserverIdentifyingAttributes(
                answer.signer, organization_name=answer.hospital
            ),
        ),
        observer_device_context=sr.ObserverContext(
            observer_type=hd.sr.CodedConcept("121007", "DCM", "Device"),
            observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
                uid(MAKER, answer.model), name=answer.model[:64], manufacturer_name=MAKER
            ),
        ),
        subject_context=sr.SubjectContext(
            subject_class=hd.sr.CodedConcept("121027", "DCM", "Specimen"),
            subject_class_specific_context=sr.SubjectContextSpecimen(
                str(specimen.SpecimenUID), str(specimen.SpecimenIdentifier)
            ),
        ),
    )
    content = sr.MeasurementReport(
        observation_context=context,
        procedure_reported=codes.WHOLE_SLIDE_IMAGING,
        imaging_measurements=[_whole(answer, source), *_outlines(answer, source)],
        title=codes.MEASUREMENT_REPORT,
        referenced_images=[image],
    )
    made = sr.Comprehensive3DSR(
        evidence=[image],
        content=content,
        series_number=100,
        instance_number=1,
        series_instance_uid=answer.uid("report series"),
        sop_instance_uid=answer.uid("report"),
        manufacturer=MAKER,
        is_complete=True,
        is_final=True,
        is_verified=True,
        institution_name=answer.hospital,
        verifying_observer_name=answer.signer,
        verifying_organization=answer.hospital,
        series_description="Signed measurements",
    )
    verified = answer.at.strftime("%Y%m%d%H%M%S%z")
    made.VerifyingObserverSequence[0].VerificationDateTime = verified
    return _dated(made, answer)


def segmentation(answer: Answer, source: Source) -> Dataset | None:
    """Areas as a tiled binary segmentation on the source; None where there are none."""
    kinds = [one for one in SEGMENTED if any(region.kind == one for region in answer.regions)]
    drawn = masks(source, answer.regions, kinds) if kinds else np.zeros((1, 1, 0), np.uint8)
    kinds = [kind for at, kind in enumerate(kinds) if drawn[..., at].any()]
    if not kinds:
        return None
    drawn = masks(source, answer.regions, kinds)
    made = seg.Segmentation(
        source_images=[source.image],
        pixel_array=drawn[None],
        segmentation_type=seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_segment(answer, at, kind) for at, kind in enumerate(kinds, 1)],
        series_instance_uid=answer.uid("segmentation series"),
        series_number=101,
        sop_instance_uid=answer.uid("segmentation"),
        instance_number=1,
        manufacturer=MAKER,
        manufacturer_model_name="Pathology",
        software_versions=__version__,
        device_serial_number="none",
        content_description="Signed regions",
        content_creator_name=answer.signer,
        content_label="REGIONS",
        tile_pixel_array=True,
        tile_size=(int(source.image.Rows), int(source.image.Columns)),
        series_description="Signed regions",
    )
    own = answer.uid("dimensions")
    for one in (*made.DimensionOrganizationSequence, *made.get("DimensionIndexSequence", ())):
        one.DimensionOrganizationUID = own
    made.PatientOrientation = ""  # the slide's own coordinates say it (PS3.3 C.7.6.1, type 2C)
    return _dated(made, answer)


def points(answer: Answer, source: Source) -> Dataset | None:
    """Every nucleus as a point, a group for each type; None where there are none."""
    groups = list(_groups(answer, source))
    if not groups:
        return None
    made = ann.MicroscopyBulkSimpleAnnotations(
        source_images=[source.image],
        annotation_coordinate_type=ann.AnnotationCoordinateTypeValues.SCOORD,
        annotation_groups=groups,
        series_instance_uid=answer.uid("nuclei series"),
        series_number=102,
        sop_instance_uid=answer.uid("nuclei"),
        instance_number=1,
        manufacturer=MAKER,
        manufacturer_model_name="Pathology",
        software_versions=__version__,
        device_serial_number="none",
        content_description="Nuclei",
        content_creator_name=answer.signer,
        content_label="NUCLEI",
        series_description="Nuclei of a signed answer",
    )
    return _dated(made, answer)


def _dated(made: Any, answer: Answer) -> Dataset:
    """Made twice of one signature it is the same twice: its time is that of the signature, by the
    clock of the house, which it names (PS3.3 C.12.1.1)."""
    at = answer.at
    made.TimezoneOffsetFromUTC = at.strftime("%z")
    made.ContentDate = made.SeriesDate = made.InstanceCreationDate = at.strftime("%Y%m%d")
    made.ContentTime = made.SeriesTime = made.InstanceCreationTime = at.strftime("%H%M%S")
    for one in made.get("ContributingEquipmentSequence", ()):
        if "ContributionDateTime" in one:
            one.ContributionDateTime = at.strftime("%Y%m%d%H%M%S%z")
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def _algorithm(answer: Answer) -> sr.AlgorithmIdentification:
    name, _, version = answer.model.partition("@")
    return sr.AlgorithmIdentification(name=name, version=version or "1")


def _whole(answer: Answer, source: Source) -> Any:
    """The group of figures that are the whole slide's."""
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(answer.uid("slide"), "Whole slide"),
        algorithm_id=_algorithm(answer),
        measurements=[_measurement(one) for one in answer.figures if one.region is None],
        source_images=[sr.SourceImageForMeasurementGroup.from_source_image(source.image)],
    )


def _outlines(answer: Answer, source: Source) -> Iterator[Any]:
    """A group for each region (TID 1410), with its area and its own figures. Regions with figures
    are among them however many there are."""
    measured = {one.region for one in answer.figures}
    shown = [(at, one) for at, one in enumerate(answer.regions) if one.kind in OUTLINED]
    first = {at for at, _ in sorted(shown, key=lambda one: one[0] not in measured)[:MOST_OUTLINES]}
    for at, region in shown:
        if at not in first:
            continue
        points = region.outline.points[:: 1 + len(region.outline.points) // MOST_POINTS]
        if len(points) < 3:
            continue
        places = source.millimetres(np.vstack([points, points[:1]]))
        category, kind = codes.REGIONS[region.kind]
        own = [_measurement(one) for one in answer.figures if one.region == at]
        yield sr.PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking_identifier=sr.TrackingIdentifier(
                answer.uid(f"region {at}"), (region.name or region.kind)[:64]
            ),
            referenced_region=sr.ImageRegion3D(
                graphic_type=sr.GraphicTypeValues3D.POLYGON,
                graphic_data=places,
                frame_of_reference_uid=source.image.FrameOfReferenceUID,
            ),
            finding_type=kind,
            finding_category=category,
            algorithm_id=None if region.drawn_by else _algorithm(answer),
            measurements=[
                sr.Measurement(codes.AREA, round(area(source, region), 6), codes.SQUARE_MM),
                *own,
            ],
        )


def _measurement(one: Figure) -> Any:
    ends = None
    if one.low is not None and one.high is not None:
        ends = sr.MeasurementProperties(
            upper_measurement_uncertainty=round(max(0.0, one.high - one.value), 4),
            lower_measurement_uncertainty=round(max(0.0, one.value - one.low), 4),
        )
    return sr.Measurement(
        name=codes.figure(one.code, one.title),
        value=round(one.value, 4),
        unit=codes.UNITS.get(one.unit, codes.ONE),
        properties=ends,
    )


def _segment(answer: Answer, number: int, kind: str) -> seg.SegmentDescription:
    category, named = codes.REGIONS[kind]
    by_hand = all(one.drawn_by for one in answer.regions if one.kind == kind)
    name, _, version = answer.model.partition("@")
    return seg.SegmentDescription(
        segment_number=number,
        segment_label=kind,
        segmented_property_category=category,
        segmented_property_type=named,
        algorithm_type=seg.SegmentAlgorithmTypeValues.MANUAL
        if by_hand
        else seg.SegmentAlgorithmTypeValues.SEMIAUTOMATIC,
        algorithm_identification=None
        if by_hand
        else hd.AlgorithmIdentificationSequence(name, codes.LEARNT, version or "1"),
        tracking_uid=answer.uid(f"segment {kind}"),
        tracking_id=kind,
    )


def _groups(answer: Answer, source: Source) -> Iterator[ann.AnnotationGroup]:
    nuclei, number = answer.nuclei, 0
    name, _, version = answer.model.partition("@")
    for kind in NucleusType:
        chosen = np.flatnonzero(nuclei.type == kind)
        if not len(chosen):
            continue
        number += 1
        places = source.pixels(np.stack([nuclei.x[chosen], nuclei.y[chosen]], axis=1))
        yield ann.AnnotationGroup(
            number=number,
            uid=answer.uid(f"nuclei {kind.name}"),
            label=kind.name.lower(),
            annotated_property_category=codes.ANATOMY,
            annotated_property_type=codes.NUCLEI[kind],
            graphic_type=ann.GraphicTypeValues.POINT,
            graphic_data=[one[None].astype(np.float32) for one in places],
            algorithm_type=ann.AnnotationGroupGenerationTypeValues.AUTOMATIC,
            algorithm_identification=hd.AlgorithmIdentificationSequence(
                name, codes.LEARNT, version or "1"
            ),
            measurements=_columns(nuclei, chosen),
        )


def _columns(nuclei: Nuclei, chosen: Any) -> Sequence[ann.Measurements]:
    columns = (
        (codes.AREA, codes.SQUARE_UM, nuclei.area),
        (codes.STAIN, codes.ONE, nuclei.stain),
        (codes.TUMOUR, codes.ONE, nuclei.tumour),
    )
    return [
        ann.Measurements(name=name, unit=unit, values=values[chosen].astype(np.float32))
        for name, unit, values in columns
    ]
