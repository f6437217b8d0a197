"""What a message says is made into an entry."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from countersign.doors.hl7v2.mapping import Context, mapped
from countersign.doors.hl7v2.message import parse

ORDER = "\r".join(
    (
        "MSH|^~\\&|HIS|WARD|CS|HERE|20261126||ORM^O01|1|P|2.5",
        "PID|1||4711^^^WARD||Invented^Person",
        "ORC|NW|77",
        "RXO|PCM^Paracetamol|500||mg",
    )
)


def test_a_drug_order_becomes_one_and_nothing_is_left_unsaid() -> None:
    context = Context("p", lambda kind, name: f"{kind}-{name}", ZoneInfo("Asia/Shanghai"))
    made = mapped(parse(ORDER), context)
    orders = [one for one in made.entries if one["resourceType"] == "MedicationRequest"]
    assert [one["medicationCodeableConcept"]["text"] for one in orders] == ["Paracetamol"]
    assert not made.notes
