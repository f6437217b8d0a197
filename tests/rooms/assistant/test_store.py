"""The files that make assistants: what is shipped, what a hospital adds, what is refused."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.assistant.domain import BadFile, parsed
from countersign.rooms.assistant.store import LARGEST, Assistants, UnknownAssistant
from rooms.assistant.domain.making import FILE


def write(folder: Path, name: str, content: object) -> None:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    (folder / name).write_text(text, encoding="utf-8")


def test_urology_and_cardiology_are_shipped() -> None:
    kept, refused = Assistants(None).all()
    assert [one.assistant.id for one in kept] == ["cardiology", "urology"]
    assert refused == []


def test_another_department_gets_its_own_by_a_file_alone(tmp_path: Path) -> None:
    folder = tmp_path / "assistants"
    assistants = Assistants(folder)
    assert len(assistants.all()[0]) == 2, "a folder that is not there yet brings none"
    folder.mkdir()
    write(folder, "eyes.json", {**FILE, "id": "eyes", "department": "ophthalmology"})
    assert assistants.one("eyes").assistant.department == "ophthalmology", "at once"
    write(folder, "urology.json", {**FILE, "title": {"en": "Ours", "zh": "本院"}})
    kept, refused = assistants.all()
    assert [one.assistant.id for one in kept] == ["cardiology", "eyes", "urology"]
    assert assistants.one("urology").assistant.title.en == "Ours" and refused == []
    with pytest.raises(UnknownAssistant):
        assistants.one("nobody")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "this is no JSON"),
        ([], "this is no object"),
        ({**FILE, "id": "Urology"}, "id: this cannot be “Urology”"),
        ({**FILE, "lead": {"en": "x"}}, "lead.zh: words are missing here"),
        ({**FILE, "sections": []}, "sections: name at least one"),
        ({**FILE, "draws_on": {}}, "draws_on: name what it draws on"),
        ({**FILE, "prompt": "be kind"}, "prompt: nobody knows this entry"),
        ({**FILE, "questions": ["x"] * 61}, "questions: a list of at most 60"),
        (
            {**FILE, "sections": [{**FILE["sections"][0], "most": 0}]},
            "sections[0].most: a whole number from 1 to 20",
        ),
        (" " * (LARGEST + 1), "it is too large"),
    ],
)
def test_a_file_that_makes_none_says_why_and_stops_nothing(
    tmp_path: Path, content: object, said: str
) -> None:
    write(tmp_path, "broken.json", content)
    kept, refused = Assistants(tmp_path).all()
    assert len(kept) == 2
    assert [one.file for one in refused] == ["broken.json"]
    assert said in refused[0].problem.en


PATHS = ["id", "department", "title", "lead", "draws_on", "sections", "measures", "classes"]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda child: st.lists(child, max_size=2) | st.dictionaries(st.text(max_size=3), child),
    max_leaves=4,
)


@given(st.sampled_from(PATHS), JUNK)
def test_whatever_stands_in_a_file_is_parsed_or_refused(name: str, junk: Any) -> None:
    content = copy.deepcopy(FILE)
    content[name] = junk
    try:
        assert parsed(content).id
    except BadFile as problem:
        assert problem.problem.zh
