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
