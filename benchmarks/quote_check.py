"""Plants false citations among true ones and counts those that the quote checker lets through."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import planting
from benchmarks.measured import Measured
from benchmarks.planting import Cited
from benchmarks.shared import lines
from countersign.ground.library import (
    Drugs,
    Quote,
    Standing,
    check_quote,
    check_sentence,
    quote_of,
)

EACH = 1_250
"""False citations of each of eight kinds: 10,000 in all, and as many true ones."""

ALTERED: dict[str, Callable[[Cited, random.Random, list[str]], Cited | None]] = {
    "changed number": planting.changed_number,
    "changed unit": planting.changed_unit,
    "flipped denial": planting.flipped_denial,
    "changed drug": planting.changed_drug,
}
NONEXISTENT: dict[str, Callable[[Cited, random.Random], Quote | None]] = {
    "wrong words": planting.wrong_words,
    "wrong place": planting.wrong_place,
    "wrong version": planting.wrong_version,
    "past the end": planting.past_the_end,
}
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]|(?:[^.!?\n]|[.!?](?!\s|$))+[.!?](?=\s|$)")


def measure(data: Path | None) -> Measured:
    """Sentences of guidelines and leaflets in both languages; half of each kind in each."""
    chance = random.Random(20)
    cited = list(_cited(data))
    chance.shuffle(cited)
    drugs = _drugs(data)
    rows = []
    missed = caught = altered = 0
    for name, plant in NONEXISTENT.items():
        planted = _take(plant(one, chance) for one in cited)
        texts = {one.quote.sha256: one.text for one in cited}
        stood = sum(_exists(quote, cited, texts) for quote in planted)
        missed += stood
        rows.append((name, len(planted), 1 - stood / len(planted), ""))
    formulary = Drugs(drugs)
    for name, change in ALTERED.items():
        wrong = _take(change(one, chance, drugs) for one in cited)
        found = sum(not _supported(one, formulary) for one in wrong)
        bare = sum(not _supported(one, Drugs()) for one in wrong)
        caught += found
        altered += len(wrong)
        rows.append((name, len(wrong), found / len(wrong), bare / len(wrong)))
    true, alarms, bare_alarms = _alarms(cited, chance, formulary)
    rows.append(("true ones, alarms", true, alarms / true, bare_alarms / true))
    planted_in_all = len(NONEXISTENT) * EACH + altered
    return Measured(
        columns=("kind", "number", "caught", "caught without a list of drugs"),
        rows=rows,
        figures={
            "planted": planted_in_all,
            "missed_nonexistent": missed,
            "caught_altered": round(caught / altered, 4),
            "true": true,
            "false_alarms": round(alarms / true, 4),
        },
        notes=(
            "the rules that plant know nothing of the checker; sentences keep the quote's wording "
            "but for what is planted, so a language model that rewords freely is not measured here",
            "true: a quarter exact quotes, a quarter exact sentences, half with another notation "
            "of amounts, wide signs or fewer clauses",
        ),
    )


def _cited(data: Path | None) -> Iterator[Cited]:
    """Every sentence with the three sentences around it as its quote."""
    texts = [row["context"] for row in lines(data, "knowledge/rjua_valid.jsonl.gz")]
    texts += [row["answer"] for row in lines(data, "language/toyhom_departments.jsonl.gz")]
    english = lines(data, "knowledge/medquad.jsonl.gz")
    texts += [row["answer"] for row in random.Random(4).sample(english, 8_000)]
    for number, text in enumerate(dict.fromkeys(texts)):
        found = [match for match in _SENTENCE.finditer(text) if 12 <= len(match.group()) <= 220]
        for at, match in enumerate(found[:12]):
            first, last = found[max(at - 1, 0)], found[min(at + 1, len(found) - 1)]
            if last.end() - first.start() > 800:
                first = last = match
            quote = quote_of(f"d{number}", "1", text, first.start(), last.end())
            yield Cited(match.group().strip(), quote, text)


def _take(planted):
    found = []
    for one in planted:
        if one is not None:
            found.append(one)
        if len(found) == EACH:
            break
    return found


def _exists(quote: Quote, cited: list[Cited], texts: dict[str, str]) -> bool:
    """Against the version's real text, which a wrong hash cannot choose."""
    text = texts.get(quote.sha256) or next(
        c.text for c in cited if c.quote.document == quote.document
    )
    return check_quote(quote, text) is Standing.EXACT


def _supported(one: Cited, drugs: Drugs) -> bool:
    return check_sentence(one.sentence, [one.quote.words], drugs).supported


def _alarms(cited: list[Cited], chance: random.Random, drugs: Drugs) -> tuple[int, int, int]:
    """True citations, those refused with the list of drugs, and those refused without one."""
    number = len(NONEXISTENT) * EACH * 2
    quarter = number // 4
    quotes = sum(check_quote(c.quote, c.text) is not Standing.EXACT for c in cited[:quarter])
    true = cited[quarter : 2 * quarter]
    true += [planting.reworded(one, chance) for one in cited[2 * quarter : number]]
    refused = sum(not _supported(one, drugs) for one in true)
    bare = sum(not _supported(one, Drugs()) for one in true)
    return number, quotes + refused, quotes + bare


def _drugs(data: Path | None) -> list[str]:
    """Names of drugs in both languages, as a hospital's formulary would list them."""
    english = {row["drug_a"].lower() for row in lines(data, "knowledge/ddinter.csv.gz")}
    rows = lines(data, "knowledge/diseases_zh.csv.gz")
    chinese = {name for row in rows for name in re.split(r"[,，、|\s\[\]'\"]+", row["drug"] or "")}
    good = {name for name in english if re.fullmatch(r"[a-z]{5,}", name)}
    return sorted(good | {name for name in chinese if re.fullmatch(r"[\u4e00-\u9fff]{3,8}", name)})
