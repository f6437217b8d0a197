"""Says whether an answer has the form that was asked for, and what is wrong where it has not."""

from __future__ import annotations

import re
from functools import lru_cache

import jsonschema_rs
import msgspec

from countersign.kit.json import JSON, encode

_FENCED = re.compile(r"\A\s*```[a-zA-Z]*\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
MOST_FAULTS = 5


class Faulty(Exception):
    """The answer has another form; ``said`` tells the model what is wrong with it."""

    def __init__(self, said: str) -> None:
        super().__init__("the answer has another form")
        self.said = said


def parsed(text: str, schema: JSON) -> JSON:
    """The value that ``text`` writes, valid against ``schema``. Raises Faulty.

    A frame of three backticks, which models like to put round JSON, is taken off.
    """
    found = _FENCED.match(text)
    try:
        value: JSON = msgspec.json.decode((found[1] if found else text).strip())
    except (msgspec.DecodeError, UnicodeEncodeError) as problem:
        raise Faulty(f"It is no complete JSON: {str(problem)[:200]}") from None
    faults = [
        f"{error.instance_path or 'the whole'}: {error.message[:200]}"
        for error in _validator(encode(schema)).iter_errors(value)
    ]
    if faults:
        raise Faulty("\n".join(faults[:MOST_FAULTS]))
    return value


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(msgspec.json.decode(schema))


def check_schema(schema: JSON) -> None:
    """Raises ValueError for what is no JSON schema."""
    try:
        jsonschema_rs.validator_for(schema)
    except jsonschema_rs.ValidationError as problem:
        raise ValueError(problem.message) from None
