"""What a case and each disease worth a closer look have in common, as numbers for the fusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .course import UNKNOWN, Person, stage
from .distinct import newness, once, seen_without
from .knowledge import Floats, Ints, Knowledge
from .matching import LEAST_SHARE, NOTHING_SHARED, Alterations, Kind, Match, Matching
from .relations import Relations

Array = NDArray[Any]

LOOKED_AT = (140, 90, 120, 120)
"""How many are looked at closer: by ``plain``, ``wide``, ``joint`` and by all relations."""

TWIN_OFF, KIN_OFF = 0.5, 1.0
"""Nats by which a ratio is worth less that a twin lends, or a disease of the same gene."""


@dataclass(frozen=True, slots=True)
class Case:
    """Findings by position in the ontology, each once, and the person who has them."""

    present: tuple[int, ...]
    absent: tuple[int, ...] = ()
    person: Person = Person()


@dataclass(frozen=True, slots=True)
class Looked:
    """``diseases`` (k positions) and ``values`` (k rows of one number for each of ``NAMES``)."""

    diseases: Ints
    values: Floats


class Features:
    """Gathers evidence over all diseases and describes the best of them."""

    def __init__(self, known: Knowledge, matching: Matching, related: Relations) -> None:
        self._known, self._matching, self._related = known, matching, related
        self._gene = np.array([len(its) > 0 for its in known.genes], np.float32)

    def of(self, case: Case, altered: Alterations, also: Sequence[int] = ()) -> Looked:
        """At most 470 candidates, and ``also``; a case without findings has none."""
        if not case.present:
            return Looked(np.zeros(0, np.int32), np.zeros((0, len(NAMES)), np.float32))
        matches = [self._matching.match(term, altered) for term in case.present]
        plain = np.sum([one.plain for one in matches], axis=0)
        wide = np.sum([one.wide for one in matches], axis=0)
        views = self._views(plain, wide, len(matches)) | self._joint(matches)
        chosen = self._chosen(plain, wide, views, altered)
        chosen = np.union1d(chosen, np.array(also, np.int32))
        many, shares, information = self._annotated(chosen, altered)
        new = newness(case.present, information, self._known.above)
        denied = [self._matching.match(term, altered) for term in case.absent]
        columns = {
            "plain": plain[chosen] - plain[chosen].max(),
            "wide": wide[chosen] - wide[chosen].max(),
            "plain_mean": plain[chosen] / len(matches),
            "wide_mean": wide[chosen] / len(matches),
            **{name: one[chosen] - one[chosen].max() for name, one in views.items()},
            "lent": (views["joint"] - plain)[chosen] / len(matches),
            "gap": 1 / (1 + many),
            "annotated_log": np.log1p(many),
            "gene": self._gene[chosen],
            **once([new[term] for term in case.present], matches, chosen),
            **seen_without(self._known, case.present, case.absent, chosen, altered),
            **_met(matches, chosen, many),
            **_excluded(denied, chosen),
            **self._coverage(case.present, many, shares, information),
            **self._lived(case.person, chosen, altered),
        }
        stacked = np.stack([np.asarray(columns[name], np.float32) for name in NAMES], axis=1)
        return Looked(chosen, stacked)

    def _views(self, plain: Floats, wide: Floats, findings: int) -> dict[str, Array]:
        related = self._related
        return {
            "twin": related.twins.best(plain, 0.0),
            "twin_wide": related.twins.best(wide, -2.0 * findings) / findings,
            "kin": related.kin.best(plain, 0.0),
            "line_mean": related.line.mean(plain),
            "line_best": related.line.best(plain, 0.0),
        }

    def _joint(self, matches: Sequence[Match]) -> dict[str, Array]:
        """Sums in which each finding counts by whoever explains it best: the disease itself, its
        entry in Orphanet (``joint``), or another disease of its gene (``clan``)."""
        twins, kin = self._related.twins, self._related.kin
        found = np.zeros((4, len(self._known.diseases)), np.float32)
        for one in matches:
            for at, (own, least) in enumerate(((one.plain, 0.0), (one.wide, -2.0))):
                joint = np.maximum(own, twins.best(own, least) - TWIN_OFF)
                found[at] += joint
                found[at + 2] += np.maximum(joint, kin.best(own, least) - KIN_OFF)
        return dict(zip(("joint", "joint_wide", "clan", "clan_wide"), found, strict=True))

    def _chosen(
        self, plain: Floats, wide: Floats, views: dict[str, Array], altered: Alterations
    ) -> Ints:
        ranked = self._related.ranked.copy()
        for disease, other in altered.items():
            if not len(other.profile.terms):
                ranked[disease] = ranked[disease] and views["twin"][disease] > 0
        together = plain + 0.3 * views["twin"] + 0.2 * views["line_mean"]
        found: set[int] = set()
        ways = (plain, wide, views["joint"], together)
        for scores, most in zip(ways, LOOKED_AT, strict=True):
            held = np.where(ranked, scores, -np.inf)
            count = min(most, int(ranked.sum()))
            if count:
                found.update(np.argpartition(-held, count - 1)[:count].tolist())
        return np.array(sorted(found), np.int32)

    def _annotated(
        self, chosen: Ints, altered: Alterations
    ) -> tuple[Floats, list[tuple[Ints, Floats]], Floats]:
        rows = [
            (altered[one].profile.terms, altered[one].profile.shares)
            if one in altered
            else self._known.annotated.of(one)
            for one in chosen.tolist()
        ]
        many = np.array([len(terms) for terms, _ in rows], np.float32)
        return many, rows, self._known.information

    def _coverage(
        self,
        present: Sequence[int],
        many: Floats,
        rows: Sequence[tuple[Ints, Floats]],
        information: Floats,
    ) -> dict[str, Array]:
        """How much of what a disease shows was seen, weighed by share and information."""
        seen = np.zeros(len(information), np.float32)
        above = {one for term in present for one in self._known.above.of(term)[0].tolist()}
        for term in sorted(above, key=lambda one: (information[one], one)):
            if information[term] > 0.3:
                seen[self._known.below.of(term)[0]] = information[term]
        owner = np.repeat(np.arange(len(rows)), many.astype(np.int64))
        terms = np.concatenate([terms for terms, _ in rows])
        shares = np.concatenate([shares for _, shares in rows])
        met = np.bincount(owner, shares * seen[terms], minlength=len(rows))
        whole = np.bincount(owner, shares * information[terms], minlength=len(rows)) + 1e-3
        return {
            "covered": met / whole,
            "covered_log": np.log1p(met),
            "uncovered_log": np.log1p(np.maximum(whole - met, 0)),
        }

    def _lived(self, person: Person, chosen: Ints, altered: Alterations) -> dict[str, Array]:
        courses = self._known.courses[chosen].astype(np.int32)
        for at, disease in enumerate(chosen.tolist()):
            if disease in altered:
                courses[at] = altered[disease].course
        first, last, linked = courses.T
        onset, age = stage(person.onset), stage(person.age)
        if onset != UNKNOWN:
            apart = np.maximum(0, np.maximum(first - onset, onset - last)).astype(np.float32)
        elif age != UNKNOWN:
            apart = np.maximum(0, first - age) + np.float32(0.5)
        else:
            apart = np.full(len(chosen), -2, np.float32)
        if onset != UNKNOWN or age != UNKNOWN:
            apart = np.where(first == UNKNOWN, -1, apart)
        sign = {"male": 1, "female": -1}.get(person.sex or "", 0)
        return {
            "onset": apart,
            "x_recessive": (linked == 2) * sign,
            "x_linked": (linked > 0) * sign,
        }


def _met(matches: Sequence[Match], chosen: Ints, many: Floats) -> dict[str, Array]:
    """Sums over the findings: those that are there, near (``near``) and not (``none``)."""
    information = np.stack([one.information[chosen] for one in matches])
    share = np.stack([one.share[chosen] for one in matches])
    kind = np.stack([one.kind[chosen] for one in matches])
    wide = np.stack([one.wide[chosen] for one in matches])
    plain = np.stack([one.plain[chosen] for one in matches])
    asked = np.array([one.asked for one in matches], np.float32)[:, None]
    count, whole = len(matches), max(float(asked.sum()), 1e-3)
    there = kind != Kind.ANCESTOR
    near = ~there & (information > NOTHING_SHARED)
    none = ~there & ~near
    rarity, annotated = np.log(np.maximum(share, LEAST_SHARE)), np.log1p(many)[None, :]
    lost = asked - information

    def total(where: Array, value: Array | float = 1.0) -> Array:
        return np.where(where, value, 0.0).sum(axis=0)

    return {
        "same_count": total(kind == Kind.SAME) / count,
        "narrower_count": total(kind == Kind.NARROWER) / count,
        "there_information": total(there, asked) / whole,
        "shared_information": information.sum(axis=0) / whole,
        "worst": wide.min(axis=0),
        "best": plain.max(axis=0),
        "share_mean": total(there, share) / count,
        "little_shared": total(information < 0.3 * asked) / count,
        "there": total(there),
        "there_direct": total(kind == Kind.SAME),
        "there_nats": total(there, information),
        "there_nats_4": total(there, np.maximum(information - 4, 0)),
        "there_rarity": total(there, rarity),
        "there_often": total(there & (share > 0.8)),
        "there_seldom": total(there & (share < 0.2)),
        "there_rarity_nats": total(there, rarity * information / 5),
        "there_annotated": total(there, annotated),
        "near": total(near),
        "near_nats": total(near, information),
        "near_nats_3": total(near, np.maximum(information - 3, 0)),
        "near_rarity": total(near, rarity),
        "near_lost": total(near, np.minimum(lost, 6)),
        "near_by_one": total(near & (lost < 1)),
        "near_rarity_nats": total(near, rarity * information / 5),
        "near_annotated": total(near, annotated),
        "none": total(none),
        "none_nats": total(none, asked),
        "none_annotated": total(none, annotated),
    }


def _excluded(denied: Sequence[Match], chosen: Ints) -> dict[str, Array]:
    """Sums over the findings that were looked for and not there, of diseases that have them."""
    if not denied:
        return {name: np.zeros(len(chosen), np.float32) for name in _EXCLUDED}
    kind = np.stack([one.kind[chosen] for one in denied])
    there = kind != Kind.ANCESTOR
    share = np.where(there, np.stack([one.share[chosen] for one in denied]), 0)
    asked = np.array([one.asked for one in denied], np.float32)[:, None]
    return {
        "denied_ratio": -np.log(1 - 0.95 * np.minimum(share, 0.99)).sum(axis=0),
        "denied_most": share.max(axis=0),
        "denied_part": there.mean(axis=0),
        "denied": there.sum(axis=0),
        "denied_share": share.sum(axis=0),
        "denied_nats": np.where(there, asked, 0).sum(axis=0),
    }


_EXCLUDED = (
    "denied_ratio", "denied_most", "denied_part", "denied", "denied_share", "denied_nats",
)  # fmt: skip

NAMES = (
    "plain", "wide", "plain_mean", "wide_mean", "twin", "twin_wide", "kin", "line_mean",
    "line_best", "joint", "joint_wide", "clan", "clan_wide", "lent", "gap", "annotated_log",
    "same_count", "narrower_count", "there_information", "shared_information",
    "worst", "best", "share_mean", "little_shared", "there", "there_direct", "there_nats",
    "there_nats_4", "there_rarity", "there_often", "there_seldom", "there_rarity_nats",
    "there_annotated", "near", "near_nats", "near_nats_3", "near_rarity", "near_lost",
    "near_by_one", "near_rarity_nats", "near_annotated", "none", "none_nats", "none_annotated",
    *_EXCLUDED, "covered", "covered_log", "uncovered_log", "onset", "x_recessive", "x_linked",
    "gene", "once_plain", "once_plain_mean", "once_wide", "once_wide_mean", "once_there", "never",
    "never_of", "agree", "agree_part",
)  # fmt: skip
"""The order of the columns, and of the weights in ``fusion.json``."""
