"""What was recognised, as the physician sees and corrects it before anything is concluded."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec

from countersign.ground.reasoning import Finding, Holder, Place, Status
from countersign.kit.errors import CountersignError

MOST = 300
"""Findings of one patient; more are refused."""


MOST_REASONS = 20
"""Known diagnoses that explain one finding; more are refused."""


class BadFinding(CountersignError):
    code = "differential.bad_finding"
    status = 422
    message = "The list of findings could not be read. Open the page anew and try again."


class TooManyFindings(CountersignError):
    code = "differential.too_many_findings"
    status = 422
    message = "More findings than can be weighed. Shorten the text."


class Origin(StrEnum):
    """Where a finding came from."""

    TEXT = "text"
    CHART = "chart"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Chip:
    """A finding with the words it was read from; ``meant`` is False once a person struck it out."""

    finding: Finding
    words: str
    origin: Origin
    meant: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """Equal for the same finding read from the same words."""
        place = self.finding.place
        return self.finding.term, place.source if place and self.origin is Origin.CHART else (
            self.words
        )


class _Wire(msgspec.Struct, forbid_unknown_fields=True):
    t: str
    s: Status
    h: Holder
    p: bool
    o: Origin
    w: str
    m: bool
    source: str = ""
    a: int = 0
    b: int = 0
    k: bool = False
    e: tuple[str, ...] = ()


def packed(chip: Chip) -> str:
    """One chip as a field of a form carries it."""
    one = chip.finding
    place = one.place or Place("")
    wire = _Wire(
        one.term,
        one.status,
        one.holder,
        one.past,
        chip.origin,
        chip.words,
        chip.meant,
        place.source,
        place.start,
        place.end,
        one.known,
        one.explained,
    )
    return msgspec.json.encode(wire).decode()


def unpacked(fields: Sequence[str]) -> tuple[Chip, ...]:
    """The chips of a form. Raises BadFinding, TooManyFindings."""
    if len(fields) > MOST:
        raise TooManyFindings
    return tuple(_chip(one) for one in fields)


def _chip(field: str) -> Chip:
    try:
        wire = msgspec.json.decode(field, type=_Wire)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise BadFinding from None
    if not 0 <= wire.a <= wire.b or not 0 < len(wire.t) <= 64:
        raise BadFinding
    place = Place(wire.source, wire.a, wire.b) if wire.source else None
    if len(wire.e) > MOST_REASONS or any(len(one) > 64 for one in wire.e):
        raise BadFinding
    finding = Finding(wire.t, wire.s, wire.h, wire.p, place, wire.k, wire.e)
    return Chip(finding, wire.w[:200], wire.o, wire.m)


def merged(old: Iterable[Chip], new: Iterable[Chip]) -> tuple[Chip, ...]:
    """What is read now, with the corrections of before; what was added by hand stays."""
    before = {one.key: one for one in old}
    kept = [one for one in before.values() if one.origin is Origin.HAND]
    fresh: list[Chip] = []
    for one in new:
        known = before.get(one.key)
        if known is None:
            fresh.append(one)
            continue
        mended = replace(known.finding, place=one.finding.place)
        fresh.append(Chip(mended, one.words, one.origin, known.meant))
    return (*fresh, *kept)


def corrected(chips: Sequence[Chip], number: int, to: str) -> tuple[Chip, ...]:
    """One chip changed: to a status, ``family``, ``past``, ``struck`` or ``gone``.

    ``family`` and ``past`` change to and fro. What gets a status is weighed, whatever explained it.
    Raises BadFinding.
    """
    if not 0 <= number < len(chips):
        raise BadFinding
    chip = chips[number]
    one = chip.finding
    if to in [str(one) for one in Status]:
        chip = replace(chip, finding=replace(one, status=Status(to), explained=()), meant=True)
    elif to == "family":
        other = Holder.PATIENT if one.holder is Holder.FAMILY else Holder.FAMILY
        chip = replace(chip, finding=replace(one, holder=other))
    elif to == "past":
        chip = replace(chip, finding=replace(one, past=not one.past))
    elif to == "struck":
        chip = replace(chip, meant=False)
    elif to == "gone" and chip.origin is Origin.HAND:
        return (*chips[:number], *chips[number + 1 :])
    else:
        raise BadFinding
    return (*chips[:number], chip, *chips[number + 1 :])


def by_hand(chips: Sequence[Chip], term: str, words: str) -> tuple[Chip, ...]:
    """The chips with one that a person chose; a term that is there already is not doubled."""
    chosen = Chip(Finding(term), words, Origin.HAND)
    if any(one.key == chosen.key for one in chips):
        return tuple(chips)
    return (*chips, chosen)


def weighed(chips: Iterable[Chip]) -> tuple[Finding, ...]:
    """What conclusions rest on: struck-out chips are left out.

    What was just written or chosen wins over what the chart says of the same finding; but a known
    diagnosis that the note repeats stays known. Whoever picks it from the list means it anew.
    """
    meant = [one for one in chips if one.meant]
    said = {
        (one.finding.term, one.finding.holder) for one in meant if one.origin is not Origin.CHART
    }
    had = {one.finding.term for one in meant if one.origin is Origin.CHART and one.finding.known}
    return tuple(
        replace(one.finding, known=True) if _repeats(one, had) else one.finding
        for one in meant
        if one.origin is not Origin.CHART or (one.finding.term, one.finding.holder) not in said
    )


def _repeats(chip: Chip, had: Container[str]) -> bool:
    one = chip.finding
    told = chip.origin is Origin.TEXT and one.holder is Holder.PATIENT
    return told and one.status is Status.PRESENT and one.term in had


def quiet(chip: Chip) -> bool:
    """What the chart says is not there, such as by a normal result: it is many, and little news."""
    return chip.origin is Origin.CHART and chip.finding.status is Status.ABSENT


def explained(chip: Chip) -> bool:
    """What the chart shows and a known diagnosis explains; nobody has asked to weigh it."""
    return chip.origin is Origin.CHART and bool(chip.finding.explained) and not quiet(chip)


def loud_first(chips: Iterable[Chip]) -> tuple[Chip, ...]:
    """The same chips, the explained and then the quiet ones last, otherwise in their order."""
    return tuple(sorted(chips, key=lambda one: (quiet(one), explained(one))))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; ``chip`` is the number of the chip read from it, if one was."""

    words: str
    chip: int | None


def pieces(text: str, chips: Sequence[Chip]) -> tuple[Piece, ...]:
    """The text cut where chips begin and end, so that a page can mark them; overlaps give way."""
    found: list[Piece] = []
    done = 0
    placed = [
        (one.finding.place, number)
        for number, one in enumerate(chips)
        if one.origin is Origin.TEXT and one.finding.place is not None
    ]
    for place, number in sorted(placed, key=lambda pair: (pair[0].start, -pair[0].end)):
        if place.start < done or place.end > len(text) or place.start == place.end:
            continue
        if place.start > done:
            found.append(Piece(text[done : place.start], None))
        found.append(Piece(text[place.start : place.end], number))
        done = place.end
    if done < len(text):
        found.append(Piece(text[done:], None))
    return tuple(found)
