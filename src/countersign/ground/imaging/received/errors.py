"""Why an instance of another system is not kept, each with what its sender can do."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class ImageFull(CountersignError):
    code = "imaging.full"
    status = 507
    message = "There is no room left for pictures. Nothing was kept of this one. Tell IT."


class ImageTooLarge(CountersignError):
    code = "imaging.instance_too_large"
    status = 413
    message = (
        "This picture is larger than {limit} MB, which COUNTERSIGN_DICOM_MEGABYTES permits. "
        "Nothing was kept of it."
    )


class ImageUnwritable(CountersignError):
    code = "imaging.unwritable"
    status = 503
    message = "The folder of received pictures cannot be written. Nothing was kept. Tell IT."


class ImageUnreadable(CountersignError):
    code = "imaging.unreadable"
    status = 422
    message = "This is no whole DICOM instance: {problem}. Send it again from its source."


class ImageUnsupported(CountersignError):
    code = "imaging.unsupported"
    status = 415
    message = "Only whole slides in the encodings that docs/connect.md lists are taken in."


class ImageMismatch(CountersignError):
    code = "imaging.mismatch"
    status = 409
    message = "The instance is not the one that its sender announced. Nothing was kept of it."


class ImageTaken(CountersignError):
    code = "imaging.taken"
    status = 409
    message = (
        "Another instance came under this identifier before, and findings may rest on it. It "
        "stays. Give the changed picture an identifier of its own."
    )
