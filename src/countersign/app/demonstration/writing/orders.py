"""Medicines as MedicationRequests with a dosage that a nurse can read."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from countersign.app.demonstration.coding import ATC, HL7, SNOMED, UCUM, english, hl7, instant, said
from countersign.app.demonstration.record import pointer
from countersign.app.demonstration.story import Contact, Diagnosis, Order, Story
from countersign.app.demonstration.tables.medicines import MEDICINES, ROUTES, Medicine
from countersign.kit.json import JSON
from countersign.kit.words import Words

_SHOWN = {"[iU]": Words("IU", "U"), "ug": Words("µg", "µg"), "{tbl}": Words("tablet", "片")}


def prescribe(
    story: Story,
    key: str,
    contact: Contact,
    *,
    when: datetime | None = None,
    dose: str | None = None,
    frequency: int | None = None,
    days: float | None = None,
    reason: Diagnosis | None = None,
    home: bool = False,
) -> Order:
    """An order at a contact, lasting ``days`` (None: until stopped); ``dose`` as in ``5 mg``.

    ``home`` marks what an admitted patient goes on taking after discharge.
    """
    medicine = MEDICINES[key]
    since = when or contact.start + timedelta(minutes=75)
    times = frequency or medicine.frequency
    amount = Decimal(dose.split()[0]) if dose else medicine.dose
    inpatient = contact.kind == "IMP" and not home
    dosage = _dosage(medicine, amount, times)
    body = _request(story, contact, medicine, since, inpatient)
    body["dosageInstruction"] = [_instruction(medicine, amount, times, dosage)]
    if reason is not None:
        body["reasonReference"] = [pointer(reason.resource, reason.disease.name.zh)]
    resource = story.record.add("MedicationRequest", body, medicine.sensitivity)
    order = Order(medicine, since, resource, dosage, inpatient)
    story.orders.append(order)
    if days is not None and since + timedelta(days=days) < story.present:
        stop(order, since + timedelta(days=days))
    return order


def _request(
    story: Story, contact: Contact, medicine: Medicine, since: datetime, inpatient: bool
) -> JSON:
    category = ("inpatient", "Inpatient") if inpatient else ("community", "Community")
    physician = contact.physician
    coding = {"system": ATC, "code": medicine.atc, "display": medicine.name.zh}
    name = Words(medicine.name.en, medicine.name.zh + medicine.form)
    return {
        "status": "active",
        "intent": "order",
        "category": [hl7("medicationrequest-category", *category)],
        "medicationCodeableConcept": {
            "coding": [coding | {"_display": english(medicine.name.en)}],
            **said(name),
        },
        "subject": story.record.patient,
        "encounter": pointer(contact.resource),
        "authoredOn": instant(since),
        "requester": {"reference": f"Practitioner/{physician.id}", "display": physician.display.zh},
        "dispenseRequest": {"validityPeriod": {"start": instant(since)}},
    }


def stop(order: Order, when: datetime, why: Words | None = None) -> None:
    """Ends an order: completed, or stopped for the given reason."""
    order.until = when
    order.resource["status"] = "completed" if why is None else "stopped"
    if why is not None:
        order.resource["statusReason"] = said(why)
    order.resource["dispenseRequest"]["validityPeriod"]["end"] = instant(when)


def rhythm(times: int, hours: int) -> Words:
    """How often, in words."""
    if hours == 24:
        en = {1: "once", 2: "twice", 3: "three times", 4: "four times"}[times]
        return Words(f"{en} a day", f"每日{times}次")
    weeks = hours // 168
    if weeks == 1:
        return Words("once a week", "每周1次")
    return Words(f"once every {weeks} weeks", f"每{weeks}周1次")


def _dosage(medicine: Medicine, amount: Decimal, times: int) -> Words:
    unit = _SHOWN.get(medicine.unit, Words(medicine.unit, medicine.unit))
    route, often = ROUTES[medicine.route][0], rhythm(times, medicine.hours)
    en = f"{amount} {unit.en} {route.en} {often.en}"
    zh = f"每次{amount} {unit.zh}，{route.zh}，{often.zh}"
    if medicine.note is None:
        return Words(en, zh)
    return Words(f"{en}, {medicine.note.en}", f"{zh}，{medicine.note.zh}")


def _instruction(medicine: Medicine, amount: Decimal, times: int, dosage: Words) -> JSON:
    route, code, display = ROUTES[medicine.route]
    unit = _SHOWN.get(medicine.unit, Words(medicine.unit, medicine.unit)).en
    dose = {"value": amount, "unit": unit, "system": UCUM, "code": medicine.unit}
    ordered = {"system": HL7 + "dose-rate-type", "code": "ordered", "display": "Ordered"}
    period, unit_of_time = (1, "d") if medicine.hours == 24 else (medicine.hours // 168, "wk")
    return {
        "text": dosage.zh,
        "_text": english(dosage.en),
        "timing": {"repeat": {"frequency": times, "period": period, "periodUnit": unit_of_time}},
        "route": {
            "coding": [{"system": SNOMED, "code": code, "display": display}],
            "text": route.zh,
        },
        "doseAndRate": [{"type": {"coding": [ordered]}, "doseQuantity": dose}],
    }
