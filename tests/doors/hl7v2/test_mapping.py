"""What a message says and is made into no entry is said beside it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from countersign.doors.hl7v2.mapping import Context, mapped
from countersign.doors.hl7v2.message import parse
from countersign.doors.hl7v2.words import note

ORDER = "\r".join(
    (
        "MSH|^~\\&|HIS|WARD|CS|HERE|20261126||ORM^O01|1|P|2.5",
        "PID|1||4711^^^WARD||Invented^Person",
        "ORC|NW|77",
        "RXO|PCM^Paracetamol|500||mg",
    )
)


def test_a_drug_order_is_not_dropped_without_a_word() -> None:
    context = Context("p", lambda kind, name: f"{kind}-{name}", ZoneInfo("Asia/Shanghai"))
    made = mapped(parse(ORDER), context)
    assert "RXO.not-made" in made.notes
    place, words = note("RXO.not-made")
    assert place == "RXO"
    assert "not taken into the chart" in words.en
