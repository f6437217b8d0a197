"""``python -m countersign.app`` is the command line, guarded before it does anything."""

from __future__ import annotations

from countersign.ground.egress import GUARD
from countersign.kit.errors import CountersignError

from .cli import main
from .guarding import guard
from .settings import from_environment


def enter() -> None:
    """What ``countersign`` starts. With settings that cannot be read, nothing may be reached."""
    try:
        guard(from_environment())
    except CountersignError:
        GUARD.arm()  # the command says what is wrong with them
    main()


if __name__ == "__main__":
    enter()
