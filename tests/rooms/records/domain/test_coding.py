"""Names of a list for what physicians write, taught or by likeness."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.records.domain.coding import Coder, Example, Memory, taught
from countersign.rooms.records.domain.grams import NameIndex, pieces
from countersign.rooms.records.inference import BadReader, load_coder, save_coder

NAMES = [
    "乳腺恶性肿瘤",
    "肺恶性肿瘤",
    "胃恶性肿瘤",
    "癌",
    "高血压",
    "糖尿病",
    "支气管炎",
    "肺炎",
    "左膝损伤",
]
ORGANS = {"乳腺": "乳腺恶性肿瘤", "肺": "肺恶性肿瘤", "胃": "胃恶性肿瘤"}


def examples() -> tuple[Example, ...]:
    found: list[Example] = []
    for organ, name in ORGANS.items():
        for word in ("癌", "ca", "癌晚期", "癌术后", "癌待查", "癌复发", "癌 II期", "癌 III期"):
            for side in ("", "左", "右"):
                found.append((f"{side}{organ}{word}", (name, "癌")))
    for name in ("高血压", "糖尿病", "支气管炎", "肺炎"):
        for more in ("", "待查", "病史", "2级", "急性", "可能"):
            found.append((f"{name}{more}", (name,)))
    return tuple(found)


@pytest.fixture(scope="module")
def coder() -> Coder:
    return taught(NAMES, examples())


def test_several_illnesses_of_one_line_get_their_names(coder: Coder) -> None:
    said = {one.name for one in coder.propose("左乳腺癌放疗后；高血压")}
    assert {"乳腺恶性肿瘤", "癌", "高血压"} <= said
    assert all(one.trained and 0 <= one.sure <= 1 for one in coder.propose("胃ca"))
    assert coder.propose("胃ca")[0].name in ("胃恶性肿瘤", "癌")


def test_untaught_it_ranks_by_likeness_and_says_so() -> None:
    plain = Coder(Memory(NameIndex(NAMES), ()))
    first = plain.propose("急性支气管炎")[0]
    assert first.name == "支气管炎" and not first.trained
    assert plain.propose("zzz") == []


def test_what_was_taught_is_kept(coder: Coder, tmp_path: Path) -> None:
    file = tmp_path / "coder.npz"
    save_coder(coder, examples(), file)
    again = load_coder(NAMES, file)
    wanted, found = coder.propose("右肺癌 II期"), again.propose("右肺癌 II期")
    assert [one.name for one in wanted] == [one.name for one in found]
    file.write_bytes(b"")
    with pytest.raises(BadReader):
        load_coder(NAMES, file)


@given(st.text(max_size=60))
def test_any_line_is_answered(text: str) -> None:
    plain = Coder(Memory(NameIndex(NAMES), ()))
    assert {one.name for one in plain.propose(text)} <= set(NAMES)
    assert text in pieces(text) or not text
