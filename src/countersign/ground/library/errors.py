"""What the library refuses."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class BrokenEncoder(CountersignError):
    code = "library.broken-encoder"
    status = 500
    message = (
        "The folder {folder} holds no sentence encoder that can be read. "
        "Give one with config.json, vocab.txt and model.safetensors."
    )


class BrokenPassages(CountersignError):
    code = "library.broken-passages"
    status = 500
    message = (
        "The saved passages in {file} are cut short or are not passages. "
        "Build the index again from the documents."
    )


class BrokenNames(CountersignError):
    code = "library.broken-names"
    status = 500
    message = (
        "The list of names {file} cannot be used. Give a CSV or TSV file in UTF-8 with at least "
        "two names for one thing in a row, or with the columns of HPO or ICD-10."
    )


class BrokenPairs(CountersignError):
    code = "library.broken-pairs"
    status = 500
    message = (
        "The past questions in {file} cannot be used. Give one JSON object in UTF-8 on each line, "
        "with the question and the quotes that answered it."
    )


class AidAway(CountersignError):
    code = "library.aid-away"
    status = 502
    message = (
        "The server {place} did not help the search, which goes on without it. "
        "Let IT look at the server."
    )
