"""Everything that the library refuses, each with what the person can do."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class UnknownDocument(CountersignError):
    code = "library.unknown"
    status = 404
    message = "There is no such document here. Search for it, or ask a curator."


class BadDocument(CountersignError):
    code = "library.bad_value"
    status = 422
    message = "“{field}” is missing or cannot be used. Correct it and send the form again."


class SourceTooLarge(CountersignError):
    code = "library.too_large"
    status = 413
    message = "The file is larger than {megabytes} MB. Split it, or ask IT to raise the limit."


class DocumentChanged(CountersignError):
    code = "library.changed"
    status = 409
    message = "Somebody changed this document meanwhile. Look at it again, then repeat your change."


class WrongWay(CountersignError):
    code = "library.wrong_way"
    status = 409
    message = "That cannot be done with a document in this state. Look at it again."


class NothingToPublish(CountersignError):
    code = "library.no_text"
    status = 409
    message = "There is no text that could be published. Wait until it is read, or upload another."


class NotTheReviewer(CountersignError):
    code = "library.not_reviewer"
    status = 403
    message = "Only the named reviewer can say that a document was reviewed. Ask a curator."


class NoRoot(CountersignError):
    code = "library.no_root"
    status = 409
    message = (
        "No folder is open to be watched here. Ask IT to name one in COUNTERSIGN_LIBRARY_ROOT."
    )


class FolderOutside(CountersignError):
    code = "library.folder_outside"
    status = 422
    message = "That is no folder that you may have watched. Choose one of the list."


class FolderWatched(CountersignError):
    code = "library.folder_watched"
    status = 409
    message = "“{folder}” is watched already. Stop that watch first, or choose another folder."


class FolderNamed(CountersignError):
    code = "library.folder_named"
    status = 409
    message = "IT named this folder in COUNTERSIGN_LIBRARY_FOLDER. Ask IT to take it out there."


class UnknownWatch(CountersignError):
    code = "library.unknown_watch"
    status = 404
    message = "There is no such watched folder, or it is not yours. Load the page again."


class NoPageImage(CountersignError):
    code = "library.no_page"
    status = 404
    message = "There is no image of this page. Read the text instead."
