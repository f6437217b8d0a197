"""An overview of a slide that came in no DICOM, so that its results have a picture to lie on."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import imagecodecs
import numpy as np
import simplejpeg  # pyright: ignore[reportMissingTypeStubs]
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from countersign.ground.imaging import WHOLE_SLIDE, Pixels, Slide

from .dicom_source import NoSource, Source, Subject, uid

LONGEST: Final = 4096
"""Pixels of the longer side: enough to find one's way, in a few megabytes."""

TILE: Final = 512


def overview(slide: Slide, subject: Subject, slide_id: str, at: datetime) -> Source:
    """A derived whole-slide image (VOLUME, RESAMPLED) that covers the whole slide.

    Every instance made of one slide has the same identifiers; ``at`` is by the clock of the house
    and knows its zone. Raises NoSource, SlideDamaged.
    """
    if slide.mpp is None:
        raise NoSource
    level = slide.levels[0]
    downsample = max(1.0, max(level.width, level.height) / LONGEST)
    pixels = slide.region(0, 0, level.width, level.height, downsample)
    mpp = tuple(one * downsample for one in slide.mpp)
    image = _described(subject, slide_id, at)
    _placed(image, pixels, (mpp[0] / 1000, mpp[1] / 1000))
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    return Source(image, downsample)


def _described(subject: Subject, slide_id: str, at: datetime) -> Dataset:
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID, made.SOPInstanceUID = WHOLE_SLIDE, uid(slide_id, "overview")
    made.StudyInstanceUID = subject.study or uid(slide_id, "study")
    made.SeriesInstanceUID, made.FrameOfReferenceUID = uid(slide_id, "series"), uid(slide_id, "for")
    made.PatientName, made.PatientID = subject.name, subject.patient_id
    made.PatientBirthDate, made.PatientSex = subject.birth_date, subject.sex
    made.StudyDate = made.ContentDate = at.strftime("%Y%m%d")
    made.StudyTime = made.ContentTime = at.strftime("%H%M%S")
    made.AcquisitionDateTime = at.strftime("%Y%m%d%H%M%S%z")
    made.TimezoneOffsetFromUTC = at.strftime("%z")
    made.AccessionNumber, made.StudyID, made.ReferringPhysicianName = subject.accession, "", ""
    made.Modality, made.SeriesNumber, made.InstanceNumber = "SM", 1, 1
    made.Manufacturer, made.ManufacturerModelName = "Countersign", "Pathology"
    made.DeviceSerialNumber, made.SoftwareVersions = "none", "1"
    made.PositionReferenceIndicator = "SLIDE_CORNER"
    made.ContainerIdentifier = subject.container or slide_id[:64]
    made.IssuerOfTheContainerIdentifierSequence = []
    made.ContainerTypeCodeSequence = [_code("433466003", "SCT", "Microscope slide")]
    made.AcquisitionContextSequence = []
    specimen = Dataset()
    specimen.SpecimenIdentifier = made.ContainerIdentifier
    specimen.SpecimenUID = uid(slide_id, "specimen")
    specimen.IssuerOfTheSpecimenIdentifierSequence = []
    specimen.SpecimenPreparationSequence = []
    made.SpecimenDescriptionSequence = [specimen]
    return made


def _placed(made: Dataset, pixels: Pixels, spacing: tuple[float, float]) -> None:
    """The picture itself, tile by tile, and where it lies. ``spacing`` is in mm, x then y."""
    rows, columns = pixels.shape[:2]
    made.ImageType = ["DERIVED", "PRIMARY", "VOLUME", "RESAMPLED"]
    made.DimensionOrganizationType = "TILED_FULL"
    made.Rows = made.Columns = TILE
    made.TotalPixelMatrixRows, made.TotalPixelMatrixColumns = rows, columns
    made.TotalPixelMatrixFocalPlanes = made.NumberOfOpticalPaths = 1
    made.ImagedVolumeWidth = columns * spacing[0]
    made.ImagedVolumeHeight = rows * spacing[1]
    made.ImagedVolumeDepth = 0.001
    made.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    origin = Dataset()
    origin.XOffsetInSlideCoordinateSystem = _decimal(rows * spacing[1])
    origin.YOffsetInSlideCoordinateSystem = _decimal(columns * spacing[0])
    made.TotalPixelMatrixOriginSequence = [origin]
    made.SamplesPerPixel, made.PlanarConfiguration = 3, 0
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.PhotometricInterpretation = "YBR_FULL_422"
    made.LossyImageCompression, made.LossyImageCompressionMethod = "01", "ISO_10918_1"
    made.BurnedInAnnotation = made.SpecimenLabelInImage = made.ExtendedDepthOfField = "NO"
    made.FocusMethod, made.VolumetricProperties = "AUTO", "VOLUME"
    _grouped(made, spacing)
    tiles = [
        simplejpeg.encode_jpeg(_tile(pixels, top, left), 85, colorsubsampling="422")
        for top in range(0, rows, TILE)
        for left in range(0, columns, TILE)
    ]
    made.NumberOfFrames = len(tiles)
    raw, coded = len(tiles) * TILE * TILE * 3, sum(map(len, tiles))
    made.LossyImageCompressionRatio = _decimal(raw / coded)
    made.PixelData = encapsulate(tiles)
    made["PixelData"].is_undefined_length = True


def _grouped(made: Dataset, spacing: tuple[float, float]) -> None:
    measures, kind, shared, path = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [_decimal(spacing[1]), _decimal(spacing[0])]
    measures.SliceThickness = 0.001
    kind.FrameType = made.ImageType
    shared.PixelMeasuresSequence = [measures]
    shared.WholeSlideMicroscopyImageFrameTypeSequence = [kind]
    shared.OpticalPathIdentificationSequence = [Dataset()]
    shared.OpticalPathIdentificationSequence[0].OpticalPathIdentifier = "1"
    made.SharedFunctionalGroupsSequence = [shared]
    path.OpticalPathIdentifier = "1"
    path.IlluminationTypeCodeSequence = [_code("111744", "DCM", "Brightfield illumination")]
    path.IlluminationColorCodeSequence = [_code("414298005", "SCT", "Full Spectrum")]
    path.ICCProfile = imagecodecs.cms_profile("srgb")
    made.OpticalPathSequence = [path]
    organization = Dataset()
    organization.DimensionOrganizationUID = uid(made.SOPInstanceUID, "dimensions")
    made.DimensionOrganizationSequence = [organization]


def _tile(pixels: Pixels, top: int, left: int) -> Pixels:
    """A whole tile; white where the slide ends."""
    made = np.full((TILE, TILE, 3), 255, np.uint8)
    part = pixels[top : top + TILE, left : left + TILE]
    made[: part.shape[0], : part.shape[1]] = part
    return made


def _decimal(value: float) -> float:
    """As a decimal string of at most 16 signs holds it (PS3.5, VR DS)."""
    return float(f"{value:.9g}")


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, meaning
    return made
