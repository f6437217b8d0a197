"""Writes a sheet as DICOM whole slide instances, one file to a level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, JPEG2000Lossless, JPEGBaseline8Bit

from .sheet import SIDE, Sheet
from .writing import Coding, coded_tiles

WHOLE_SLIDE = UID("1.2.840.10008.5.1.4.1.1.77.1.6")
ROOT = "1.2.826.0.1.3680043.10.1414."
"""Of identifiers made up here; what follows comes from the caller."""

SYNTAXES = {Coding.JPEG: JPEGBaseline8Bit, Coding.JPEG_2000: JPEG2000Lossless}
COLOURS = {Coding.JPEG: "YBR_FULL_422", Coding.JPEG_2000: "YBR_ICT"}
ITEM = b"\xfe\xff\x00\xe0"
END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def write_dicom(
    sheet: Sheet, folder: Path, number: int, coding: Coding = Coding.JPEG, extended: bool = True
) -> list[Path]:
    """The files, largest level first. ``number`` makes identifiers that differ between slides.

    Frames are found by the extended offset table, or by the basic one without ``extended``.
    Memory: the distinct tiles of one level, coded.
    """
    written: list[Path] = []
    for level in range(len(sheet.sizes)):
        frames = list(coded_tiles(sheet.tiles(level), coding))
        header = _header(sheet, level, number, len(frames), coding)
        lengths = np.array([len(one) + len(one) % 2 for one in frames])
        offsets = np.concatenate([[0], np.cumsum(lengths + 8)[:-1]])
        if extended:
            header.ExtendedOffsetTable = offsets.astype("<u8").tobytes()
            header.ExtendedOffsetTableLengths = lengths.astype("<u8").tobytes()
        path = folder / f"level{level}.dcm"
        header.save_as(path, enforce_file_format=True)
        basic = b"" if extended else offsets.astype("<u4").tobytes()
        with path.open("ab") as file:
            file.write(b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff")
            file.write(ITEM + len(basic).to_bytes(4, "little") + basic)
            for one in frames:
                file.write(ITEM + (len(one) + len(one) % 2).to_bytes(4, "little"))
                file.write(one + b"\0" * (len(one) % 2))
            file.write(END)
        written.append(path)
    return written


def _header(sheet: Sheet, level: int, number: int, frames: int, coding: Coding) -> Dataset:
    width, height = sheet.sizes[level]
    millimetres = sheet.mpp * sheet.downsamples[level] / 1000
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.MediaStorageSOPClassUID = WHOLE_SLIDE
    found.file_meta.MediaStorageSOPInstanceUID = UID(f"{ROOT}{number}.1.{level + 1}")
    found.file_meta.TransferSyntaxUID = SYNTAXES[coding]
    _names(found, number, level)
    found.ImageType = [
        *(("ORIGINAL", "PRIMARY") if level == 0 else ("DERIVED", "PRIMARY")),
        "VOLUME",
        "NONE" if level == 0 else "RESAMPLED",
    ]
    found.Rows = found.Columns = SIDE
    found.TotalPixelMatrixColumns, found.TotalPixelMatrixRows = width, height
    found.NumberOfFrames = frames
    found.SamplesPerPixel, found.PlanarConfiguration = 3, 0
    found.PhotometricInterpretation = COLOURS[coding]
    found.BitsAllocated = found.BitsStored = 8
    found.HighBit, found.PixelRepresentation = 7, 0
    found.BurnedInAnnotation = "NO"
    found.LossyImageCompression = "01"
    found.LossyImageCompressionRatio = 10
    found.LossyImageCompressionMethod = "ISO_10918_1" if coding is Coding.JPEG else "ISO_15444_1"
    found.ImagedVolumeWidth = width * millimetres
    found.ImagedVolumeHeight = height * millimetres
    found.ImagedVolumeDepth = 0.004
    found.TotalPixelMatrixFocalPlanes = found.NumberOfOpticalPaths = 1
    found.DimensionOrganizationType = "TILED_FULL"
    found.SpecimenLabelInImage, found.FocusMethod, found.ExtendedDepthOfField = "NO", "AUTO", "NO"
    found.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    _geometry(found, number, millimetres)
    return found


def _names(found: Dataset, number: int, level: int) -> None:
    found.SOPClassUID = WHOLE_SLIDE
    found.SOPInstanceUID = UID(f"{ROOT}{number}.1.{level + 1}")
    found.StudyInstanceUID = UID(f"{ROOT}{number}.2")
    found.SeriesInstanceUID = UID(f"{ROOT}{number}.3")
    found.FrameOfReferenceUID = UID(f"{ROOT}{number}.4")
    found.PositionReferenceIndicator = "SLIDE_CORNER"
    found.Modality = "SM"
    found.PatientName, found.PatientID = "Generated^Slide", f"GENERATED-{number}"
    found.PatientBirthDate, found.PatientSex, found.ReferringPhysicianName = "", "", ""
    found.StudyDate = found.ContentDate = "20260102"
    found.StudyTime = found.ContentTime = "090000"
    found.AcquisitionDateTime = "20260102090000"
    found.StudyID, found.AccessionNumber = "", ""
    found.SeriesNumber, found.InstanceNumber = 1, level + 1
    found.Manufacturer, found.ManufacturerModelName = "Countersign", "generated"
    found.DeviceSerialNumber, found.SoftwareVersions = "0", "1"
    found.VolumetricProperties = "VOLUME"
    found.ContainerIdentifier = f"GENERATED-{number}"
    found.AcquisitionContextSequence = Sequence([])
    found.IssuerOfTheContainerIdentifierSequence = Sequence([])
    found.ContainerTypeCodeSequence = Sequence([_code("433466003", "SCT", "Microscope slide")])
    specimen = Dataset()
    specimen.SpecimenIdentifier = f"GENERATED-{number}"
    specimen.SpecimenUID = UID(f"{ROOT}{number}.6")
    specimen.IssuerOfTheSpecimenIdentifierSequence = Sequence([])
    specimen.SpecimenPreparationSequence = Sequence([])
    found.SpecimenDescriptionSequence = Sequence([specimen])


def _geometry(found: Dataset, number: int, millimetres: float) -> None:
    measures = Dataset()
    measures.PixelSpacing = [f"{millimetres:.8f}", f"{millimetres:.8f}"]
    measures.SliceThickness = 0.004
    kind = Dataset()
    kind.FrameType = list(found.ImageType)
    path = Dataset()
    path.OpticalPathIdentifier = "1"
    shared = Dataset()
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.WholeSlideMicroscopyImageFrameTypeSequence = Sequence([kind])
    shared.OpticalPathIdentificationSequence = Sequence([path])
    found.SharedFunctionalGroupsSequence = Sequence([shared])
    organisation = Dataset()
    organisation.DimensionOrganizationUID = UID(f"{ROOT}{number}.5")
    found.DimensionOrganizationSequence = Sequence([organisation])
    origin = Dataset()
    origin.XOffsetInSlideCoordinateSystem = 20
    origin.YOffsetInSlideCoordinateSystem = 40
    found.TotalPixelMatrixOriginSequence = Sequence([origin])
    light = Dataset()
    light.OpticalPathIdentifier = "1"
    light.IlluminationTypeCodeSequence = Sequence(
        [_code("111744", "DCM", "Brightfield illumination")]
    )
    light.IlluminationColorCodeSequence = Sequence([_code("414298005", "SCT", "Full Spectrum")])
    light.ObjectiveLensPower = 40 if millimetres < 0.0004 else 20
    found.OpticalPathSequence = Sequence([light])


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    found = Dataset()
    found.CodeValue, found.CodingSchemeDesignator, found.CodeMeaning = value, scheme, meaning
    return found
