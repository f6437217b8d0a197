"""What the tables of common conditions weigh can be read from a note, in either language."""

from __future__ import annotations

import pytest

from countersign.ground.reasoning import Status
from countersign.ground.reasoning.conditions import CommonConditions
from countersign.ground.reasoning.conditions.known import known
from countersign.ground.reasoning.findings import Recogniser

ENGINE, READER = CommonConditions.open(), Recogniser.open(())


def _said(text: str) -> set[str]:
    """The findings, by their names in the tables, that a note says are there."""
    read = [one for one in READER.read(text) if one.status is Status.PRESENT]
    status = known(ENGINE.tables, read).status
    return {one.id for one, is_there in zip(ENGINE.knowledge.entries, status, strict=True)
            if is_there == 1}  # fmt: skip


@pytest.mark.parametrize("entry", ENGINE.knowledge.entries, ids=lambda one: one.id)
def test_every_finding_is_read_by_its_own_name(entry: object) -> None:
    name = entry.name  # type: ignore[attr-defined]
    assert entry.id in _said(f"The patient has {name.en} today.")  # type: ignore[attr-defined]
    assert entry.id in _said(f"患者有{name.zh}。")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("note", "findings"),
    [
        ("转移性右下腹痛1天，伴恶心，右下腹压痛、反跳痛，Murphy征阴性。",
         {"pain-migrating-to-right-lower-quadrant", "right-lower-abdominal-pain",
          "peritoneal-signs"}),
        ("进食油腻后右上腹痛，墨菲征阳性。", {"right-upper-abdominal-pain", "murphy-sign"}),
        ("突发撕裂样胸背痛，双上肢血压不对称，CT示纵隔增宽。",
         {"sudden-tearing-chest-or-back-pain", "pulse-or-pressure-difference-between-arms",
          "wide-mediastinum"}),
        ("头痛、颈项强直，脑脊液白细胞增多。", {"nuchal-rigidity", "csf-pleocytosis"}),
        ("大脚趾红肿热痛，长期大量饮酒。", {"first-toe-joint-arthritis", "heavy-alcohol-use"}),
        ("The pain moved to the right lower quadrant, with rebound tenderness.",
         {"pain-migrating-to-right-lower-quadrant", "peritoneal-signs"}),
        ("Pleuritic pain, swollen left calf after recent surgery.",
         {"pleuritic-chest-pain", "unilateral-calf-swelling", "recent-surgery-or-immobility"}),
        ("Crushing chest pain radiating to the left arm; ECG shows ST elevation.",
         {"chest-pain-radiating-to-arm", "st-segment-elevation"}),
        ("He has saddle anaesthesia and a weak urinary stream.",
         {"saddle-anaesthesia", "weak-urinary-stream"}),
    ],
)  # fmt: skip
def test_notes_as_people_write_them_are_read(note: str, findings: set[str]) -> None:
    assert findings <= _said(note)


@pytest.mark.parametrize(
    ("note", "finding"),
    [
        ("无转移性右下腹痛，无反跳痛。", "peritoneal-signs"),
        ("Murphy征阴性。", "murphy-sign"),
        ("No neck stiffness, no photophobia.", "nuchal-rigidity"),
        ("否认吸烟及大量饮酒史。", "heavy-alcohol-use"),
    ],
)
def test_what_is_denied_is_not_there(note: str, finding: str) -> None:
    assert finding not in _said(note)
