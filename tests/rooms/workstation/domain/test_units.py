"""The same amount in any readable unit is the same fact; anything else is not guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.rooms.workstation.domain.analytes import BY_KEY, BY_LOINC
from countersign.rooms.workstation.domain.facts import read_facts
from countersign.rooms.workstation.domain.measures import Measure
from countersign.rooms.workstation.domain.units import ucum
from rooms.workstation.domain.charting import NOW, lab, person


def one(resource: dict[str, object], key: str) -> Measure | None:
    facts = read_facts([person(), resource], NOW)
    assert facts is not None
    return facts.latest(key)


@pytest.mark.parametrize(
    ("key", "loinc", "unit", "value", "in_own_unit"),
    [
        ("creatinine", "2160-0", "mg/dL", "1.0", "88"),
        ("creatinine", "2160-0", "mg/dL", "4.0", "354"),
        ("glucose", "2345-7", "mg/dL", "70", "3.9"),
        ("glucose", "2345-7", "mg/dL", "54", "3.0"),
        ("glucose", "2339-0", "mg/dL", "126", "7.0"),
        ("haemoglobin", "718-7", "g/dL", "13.5", "135"),
        ("haemoglobin", "59260-0", "mmol/L", "8.4", "135"),
        ("calcium", "17861-6", "mg/dL", "10.0", "2.50"),
        ("bilirubin", "1975-2", "mg/dL", "1.0", "17.1"),
        ("urea", "3094-0", "mg/dL", "20", "7.1"),
        ("cholesterol", "2093-3", "mg/dL", "200", "5.17"),
        ("triglycerides", "2571-8", "mg/dL", "150", "1.69"),
        ("urate", "3084-1", "mg/dL", "7.0", "416"),
        ("potassium", "2823-3", "meq/L", "4.1", "4.1"),
        ("platelets", "777-3", "10*3/uL", "150", "150"),
        ("leucocytes", "6690-2", "/uL", "4500", "4.5"),
        ("hba1c", "59261-8", "mmol/mol", "53", "7.0"),
        ("hba1c", "59261-8", "mmol/mol", "48", "6.5"),
        ("phosphate", "2777-1", "mg/dL", "3.1", "1.00"),
        ("magnesium", "19123-9", "mg/dL", "2.0", "0.82"),
        ("digoxin", "14698-5", "nmol/L", "2.6", "2.0"),
    ],
)
def test_us_and_si_units_meet(
    key: str, loinc: str, unit: str, value: str, in_own_unit: str
) -> None:
    measure = one(lab(loinc, Decimal(value), unit), key)
    assert measure is not None
    assert measure.value == Decimal(in_own_unit)


@pytest.mark.parametrize(
    ("key", "loinc", "unit", "value", "exact"),
    [
        ("creatinine", "2160-0", "mg/dL", "4.0", "353.6"),
        ("hba1c", "59261-8", "mmol/mol", "53", "7.00044"),
        ("haemoglobin", "59260-0", "mmol/L", "10", "161.14"),
    ],
)
def test_conventional_factors_are_exact(
    key: str, loinc: str, unit: str, value: str, exact: str
) -> None:
    assert one(lab(loinc, Decimal(value), unit), key).exact == Decimal(exact)


@pytest.mark.parametrize("key", sorted(BY_KEY))
@settings(deadline=None)
@given(value=st.decimals(min_value="0.7", max_value=12, places=2))
def test_every_unit_goes_there_and_back(key: str, value: Decimal) -> None:
    analyte = BY_KEY[key]
    for factor, offset in analyte.conversions.values():
        there = value * factor + offset
        assert abs((there - offset) / factor - value) < Decimal("1e-20")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("µmol/L", "umol/L"),
        ("μmol/l", "umol/L"),
        ("umol / L", "umol/L"),
        ("×10^9/L", "10*9/L"),
        ("10^9/L", "10*9/L"),
        ("10E9/L", "10*9/L"),
        ("x10*9/L", "10*9/L"),
        ("10*3/uL", "10*3/uL"),
        ("mg/g{creat}", "mg/g"),
        ("mmHg", "mm[Hg]"),
        ("mEq/L", "meq/L"),
        ("mg/dl", "mg/dL"),
        ("{INR}", ""),
        ("Mmol/L", "Mmol/L"),
        ("MMOL/L", "MMOL/L"),
    ],
)
def test_spelling_is_repaired_and_letters_keep_their_case(written: str, code: str) -> None:
    assert ucum(written) == code


@pytest.mark.parametrize("unit", ["mg/dL", "MMOL/L", "furlong", "", "mmol", "%"])
def test_an_unknown_unit_is_no_fact_and_is_counted(unit: str) -> None:
    facts = read_facts([person(), lab("potassium", 6.8, unit)], NOW)
    assert facts is not None
    assert facts.latest("potassium") is None
    assert [(item.key, item.trouble) for item in facts.unread] == [("potassium", "unit")]


def test_code_and_printed_unit_that_contradict_are_not_read() -> None:
    resource = lab("creatinine", 1.2, "mg/dL")
    resource["valueQuantity"]["unit"] = "µmol/L"
    assert one(resource, "creatinine") is None


def test_a_readable_printed_unit_stands_in_for_a_local_code() -> None:
    resource = lab("creatinine", 120, "umol/L")
    resource["valueQuantity"] |= {"code": "U17", "unit": "μmol/L"}
    measure = one(resource, "creatinine")
    assert measure is not None
    assert measure.exact == 120


@pytest.mark.parametrize(
    ("what", "value", "unit"),
    [("creatinine", 120, "mg/dL"), ("potassium", 41, "mmol/L"), ("haemoglobin", 135, "g/dL")],
)
def test_a_value_that_no_one_could_have_is_taken_for_a_slip(
    what: str, value: float, unit: str
) -> None:
    facts = read_facts([person(), lab(what, value, unit)], NOW)
    assert facts is not None
    assert facts.latest(what) is None
    assert facts.unread[0].trouble == "implausible"


def test_ratios_without_a_unit_are_read() -> None:
    bare = lab("inr", 2.5)
    bare["valueQuantity"] = {"value": 2.5}
    assert one(bare, "inr") is not None


def test_a_name_alone_is_never_enough() -> None:
    resource = lab("potassium", 6.8)
    resource["code"] = {"text": "血钾", "coding": [{"system": "urn:his", "code": "K"}]}
    assert one(resource, "potassium") is None


def test_every_loinc_code_is_well_formed() -> None:
    for code in BY_LOINC:
        digits, check = code.split("-")
        total = 0
        for place, digit in enumerate(reversed(digits)):
            doubled = int(digit) * 2 if place % 2 == 0 else int(digit)
            total += doubled - 9 if doubled > 9 else doubled
        assert (10 - total % 10) % 10 == int(check), code
