"""Whole slides in DICOM that the tests make by themselves, and DCMTK's programs as peers."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import simplejpeg
from numpy.typing import NDArray
from pydicom import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    JPEG2000,
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
)

WHOLE_SLIDE = UID("1.2.840.10008.5.1.4.1.1.77.1.6")
ROOT = "1.2.826.0.1.3680043.10.999"
NAME = "Wang^Xiaoming"
SYNTAXES = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEG2000Lossless,
    JPEG2000,
)


def slide(
    series: int = 1,
    instance: int = 1,
    syntax: UID = JPEGBaseline8Bit,
    *,
    tiles: tuple[int, int] = (3, 2),
    mpp: float = 0.5,
    **changes: Any,
) -> Dataset:
    """A small TILED_FULL slide, ``tiles`` across and down of 64 pixels each, of known colours."""
    made = _header(series, instance, tiles, mpp)
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = syntax
    frames = [_tile(number) for number in range(tiles[0] * tiles[1])]
    _with_pixels(made, frames, syntax)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def saved(made: Dataset, folder: Path, name: str | None = None) -> Path:
    """The data set as a Part 10 file."""
    path = folder / (name or f"{made.SOPInstanceUID}.dcm")
    made.save_as(path, enforce_file_format=True)
    return path


def dcmtk(program: str, *arguments: object, good: bool = True) -> str:
    """What a program of DCMTK says; ``good`` is whether it is to succeed."""
    done = subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )
    said = done.stdout + done.stderr
    assert (done.returncode == 0) is good, said
    return said


def _tile(number: int) -> NDArray[np.uint8]:
    made = np.full((64, 64, 3), 240, np.uint8)
    made[8:24, 8:24] = (150 - 5 * number % 100, 100, 60)
    return made


def _with_pixels(made: Dataset, frames: list[NDArray[np.uint8]], syntax: UID) -> None:
    made.PhotometricInterpretation = "RGB"
    made.LossyImageCompression = "01" if syntax in (JPEGBaseline8Bit, JPEG2000) else "00"
    if not syntax.is_compressed:
        made.PixelData = b"".join(one.tobytes() for one in frames)
        made["PixelData"].VR = "OB" if syntax == ExplicitVRLittleEndian else "OW"
        return
    if syntax == JPEGBaseline8Bit:
        made.PhotometricInterpretation = "YBR_FULL_422"
        coded = [simplejpeg.encode_jpeg(one, 90, colorsubsampling="422") for one in frames]
    else:
        made.PhotometricInterpretation = "YBR_RCT" if syntax == JPEG2000Lossless else "YBR_ICT"
        exact = syntax == JPEG2000Lossless
        coded = [
            imagecodecs.jpeg2k_encode(
                one, level=0 if exact else 40, codecformat="j2k", reversible=exact, mct=True
            )
            for one in frames
        ]
    if made.LossyImageCompression == "01":
        made.LossyImageCompressionRatio = "10"
        made.LossyImageCompressionMethod = (
            "ISO_10918_1" if syntax == JPEGBaseline8Bit else "ISO_15444_1"
        )
    made.PixelData = encapsulate(coded)
    made["PixelData"].is_undefined_length = True


def _header(series: int, instance: int, tiles: tuple[int, int], mpp: float) -> Dataset:
    made = Dataset()
    made.SOPClassUID = WHOLE_SLIDE
    made.SOPInstanceUID = UID(f"{ROOT}.{series}.{instance}")
    made.StudyInstanceUID, made.SeriesInstanceUID = UID(f"{ROOT}.9"), UID(f"{ROOT}.{series}")
    made.PatientName, made.PatientID = NAME, "4711"
    made.PatientBirthDate, made.PatientSex = "19500506", "M"
    made.StudyDate, made.StudyTime, made.AccessionNumber = "20261126", "080000", "P26-100"
    made.ContentDate, made.ContentTime = "20261126", "080500"
    made.AcquisitionDateTime = "20261126080500"
    made.StudyID, made.ReferringPhysicianName = "1", ""
    made.SeriesNumber, made.InstanceNumber, made.Modality = 1, instance, "SM"
    made.Manufacturer, made.ManufacturerModelName = "Countersign", "Test"
    made.DeviceSerialNumber, made.SoftwareVersions = "1", "1"
    made.FrameOfReferenceUID, made.PositionReferenceIndicator = UID(f"{ROOT}.8"), "SLIDE_CORNER"
    made.ContainerIdentifier, made.IssuerOfTheContainerIdentifierSequence = "P26-100-A1", []
    made.ContainerTypeCodeSequence = [_code("433466003", "SCT", "Microscope slide")]
    made.AcquisitionContextSequence = []
    specimen = Dataset()
    specimen.SpecimenIdentifier, specimen.SpecimenUID = "P26-100-A1", UID(f"{ROOT}.7")
    specimen.IssuerOfTheSpecimenIdentifierSequence = []
    specimen.SpecimenPreparationSequence = []
    made.SpecimenDescriptionSequence = [specimen]
    made.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    made.DimensionOrganizationType = "TILED_FULL"
    made.Rows = made.Columns = 64
    made.NumberOfFrames = tiles[0] * tiles[1]
    made.TotalPixelMatrixColumns, made.TotalPixelMatrixRows = 64 * tiles[0], 64 * tiles[1]
    made.TotalPixelMatrixFocalPlanes, made.NumberOfOpticalPaths = 1, 1
    made.ImagedVolumeWidth = 64 * tiles[0] * mpp / 1000
    made.ImagedVolumeHeight = 64 * tiles[1] * mpp / 1000
    made.ImagedVolumeDepth = 0.001
    made.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    made.SamplesPerPixel, made.PlanarConfiguration = 3, 0
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.BurnedInAnnotation, made.SpecimenLabelInImage = "NO", "NO"
    made.FocusMethod, made.ExtendedDepthOfField, made.VolumetricProperties = "AUTO", "NO", "VOLUME"
    origin = Dataset()
    origin.XOffsetInSlideCoordinateSystem, origin.YOffsetInSlideCoordinateSystem = 20, 40
    made.TotalPixelMatrixOriginSequence = [origin]
    _shared(made, mpp)
    return made


def _shared(made: Dataset, mpp: float) -> None:
    measures, frame_type, shared, path = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [mpp / 1000, mpp / 1000], 0.001
    frame_type.FrameType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    shared.PixelMeasuresSequence = [measures]
    shared.WholeSlideMicroscopyImageFrameTypeSequence = [frame_type]
    made.SharedFunctionalGroupsSequence = [shared]
    path.OpticalPathIdentifier = "1"
    path.IlluminationTypeCodeSequence = [_code("111744", "DCM", "Brightfield illumination")]
    path.IlluminationColorCodeSequence = [_code("414298005", "SCT", "Full Spectrum")]
    path.ICCProfile = b"\0\0"
    made.OpticalPathSequence = [path]
    organization, dimension = Dataset(), UID(f"{ROOT}.6")
    organization.DimensionOrganizationUID = dimension
    made.DimensionOrganizationSequence = Sequence([organization])


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, meaning
    return made
