"""Makes a hospital's own proposal of departments, in a process of its own."""

from .departments import (
    BadExamples,
    Compared,
    Example,
    TooFew,
    examples_of,
    own_examples,
    read_table,
    trained,
)

__all__ = [
    "BadExamples",
    "Compared",
    "Example",
    "TooFew",
    "examples_of",
    "own_examples",
    "read_table",
    "trained",
]
