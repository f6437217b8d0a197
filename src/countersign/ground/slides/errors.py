"""What can go wrong between a scanner and a measured slide."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class SlidesFull(CountersignError):
    code = "slides.disk_full"
    status = 507
    message = (
        "There is no room left for this slide ({megabytes} MB). Nothing of it was kept: make room "
        "where slides lie, and send it again."
    )


class UnfitSlide(CountersignError):
    code = "slides.unfit_file"
    status = 422
    message = "This is no file that a slide can be read from. Nothing of it was kept."


class UnfitPackage(CountersignError):
    code = "slides.unfit_package"
    status = 422
    message = (
        "A MIRAX slide is a .mrxs file and the folder of the same name. Choose the folder in which "
        "both lie, or put these two, and nothing else, into one ZIP without a password. Nothing "
        "was kept."
    )


class UnfitFolder(CountersignError):
    code = "slides.unfit_folder"
    status = 422
    message = (
        "These files are not one slide: it is a .mrxs file with the folder of the same name, or "
        "DICOM instances alone. Choose the folder again. Nothing was kept."
    )


class UnknownSlide(CountersignError):
    code = "slides.unknown"
    status = 404
    message = "There is no such slide, or it is not yours to see."


class UnfitChange(CountersignError):
    code = "slides.unfit_change"
    status = 422
    message = (
        "Choose what happened, and a day that is not to come. A lot is at most 40 Latin letters, "
        "digits and the signs . _ / # + -. Nothing was written down."
    )


class ChangeWithdrawn(CountersignError):
    code = "slides.change_withdrawn"
    status = 409
    message = "This was withdrawn before, or was never written down. Load the page again."


class SlideGone(CountersignError):
    code = "slides.file_gone"
    status = 410
    message = "The file of this slide is not where it was. Bring it back or scan the slide again."


class WrongSlideState(CountersignError):
    code = "slides.wrong_state"
    status = 409
    message = "The slide is no longer in a state that allows this. Load the page again."


class NothingMeasured(CountersignError):
    code = "slides.not_measured"
    status = 409
    message = "Nothing was measured on this slide yet. Wait until it is ready."


class UploadBroken(CountersignError):
    code = "slides.upload_broken"
    status = 409
    message = "This upload goes on at byte {offset}. Send the file from there, or begin again."


class CannotUndo(CountersignError):
    code = "slides.cannot_undo"
    status = 409
    message = "There is no correction left to undo. Load the page again."


class BadCorrection(CountersignError):
    code = "slides.bad_correction"
    status = 422
    message = "This correction does not fit the result ({reason}). Load the page again."
