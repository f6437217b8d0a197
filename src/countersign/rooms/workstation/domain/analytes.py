"""The results the rules can read: their LOINC codes, one unit each, and how others convert.

Mass becomes amount of substance by the molar mass in the table (IUPAC atomic weights), except
where the field fixed a rounded factor: creatinine 88.4 (KDIGO) and HbA1c by the IFCC-NGSP
master equation (Hoelzel, Clin Chem 2004;50:166-174). A unit that is not listed is not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from countersign.kit.words import Words

Conversion = tuple[Decimal, Decimal]
"""Factor and offset: value × factor + offset is in the analyte's own unit."""


@dataclass(frozen=True, slots=True)
class Analyte:
    """One kind of result.

    ``unit`` is UCUM, ``shown`` is how a person reads it, ``places`` the decimals that are
    reported and compared with limits. Outside ``plausible`` a value is taken for a wrong unit
    or a slip of the pen: bounds wider than anything reported in living adults, set by the house.
    """

    key: str
    name: Words
    unit: str
    shown: str
    places: int
    conversions: Mapping[str, Conversion]
    plausible: tuple[Decimal, Decimal]


def _per_dl(molar_mass: str, thousandfold: int = 1) -> str:
    """The factor from mg/dL to mmol/L (or to µmol/L with 1000) for a molar mass in g/mol."""
    return str(Decimal(10 * thousandfold) / Decimal(molar_mass))


def _analyte(
    key: str,
    names: str,
    unit: str,
    places: int,
    plausible: tuple[str, str],
    others: Mapping[str, str | tuple[str, str]] | None = None,
) -> Analyte:
    en, _, zh = names.partition("|")
    table: dict[str, Conversion] = {unit: (Decimal(1), Decimal(0))}
    for code, factor in (others or {}).items():
        pair = (factor, "0") if isinstance(factor, str) else factor
        table[code] = (Decimal(pair[0]), Decimal(pair[1]))
    shown = _SHOWN.get(unit, unit)
    low, high = plausible
    return Analyte(key, Words(en, zh), unit, shown, places, table, (Decimal(low), Decimal(high)))


_SHOWN = {"umol/L": "µmol/L", "10*9/L": "×10⁹/L", "[pH]": "", "mm[Hg]": "mmHg"}
_SALT = {"meq/L": "1"}
_CELLS = {"10*3/uL": "1", "10*3/mm3": "1", "/uL": "0.001", "/mm3": "0.001", "10*6/L": "0.001"}
_PROTEIN = {"g/dL": "10", "mg/dL": "0.01", "mg/L": "0.001"}
_ENZYME = {"[IU]/L": "1", "[iU]/L": "1"}

_TABLE: tuple[tuple[Analyte, str], ...] = (
    (
        _analyte("potassium", "Potassium|血钾", "mmol/L", 1, ("0.5", "15"), _SALT),
        "2823-3 6298-4 77142-8",
    ),
    (
        _analyte("sodium", "Sodium|血钠", "mmol/L", 0, ("80", "220"), _SALT),
        "2951-2 2947-0 77139-4",
    ),
    (
        _analyte("chloride", "Chloride|血氯", "mmol/L", 0, ("50", "170"), _SALT),
        "2075-0 2069-3 77138-6",
    ),
    (
        _analyte(
            "calcium",
            "Total calcium|血总钙",
            "mmol/L",
            2,
            ("0.5", "7"),
            {"mg/dL": _per_dl("40.078"), "meq/L": "0.5"},
        ),
        "2000-8 17861-6 49765-1",
    ),
    (
        _analyte(
            "magnesium",
            "Magnesium|血镁",
            "mmol/L",
            2,
            ("0.1", "8"),
            {"mg/dL": _per_dl("24.305"), "meq/L": "0.5"},
        ),
        "2601-3 19123-9",
    ),
    (
        _analyte(
            "phosphate",
            "Phosphate|血磷",
            "mmol/L",
            2,
            ("0.1", "10"),
            {"mg/dL": _per_dl("30.974")},
        ),
        "14879-1 2777-1",
    ),
    (
        _analyte(
            "glucose",
            "Glucose|血糖",
            "mmol/L",
            1,
            ("0.3", "100"),
            {"mg/dL": _per_dl("180.156")},
        ),
        "14749-6 15074-8 2345-7 2339-0 1558-6 14771-0 41653-7 14743-9",
    ),
    (
        _analyte(
            "creatinine",
            "Creatinine|肌酐",
            "umol/L",
            0,
            ("5", "4000"),
            {"mg/dL": "88.4", "mmol/L": "1000", "mg/L": "8.84"},
        ),
        "14682-9 2160-0 38483-4 59826-8 77140-2",
    ),
    (
        # These LOINC codes name urea nitrogen when the unit is a mass: 28.014 g of N in a mole.
        _analyte("urea", "Urea|尿素", "mmol/L", 1, ("0.2", "150"), {"mg/dL": _per_dl("28.014")}),
        "22664-7 3094-0 6299-2",
    ),
    (
        _analyte(
            "haemoglobin",
            "Haemoglobin|血红蛋白",
            "g/L",
            0,
            ("10", "280"),
            {"g/dL": "10", "mmol/L": "16.114"},
        ),
        "718-7 59260-0 30350-3",
    ),
    (
        _analyte("platelets", "Platelets|血小板", "10*9/L", 0, ("0", "5000"), _CELLS),
        "777-3 26515-7",
    ),
    (
        _analyte("leucocytes", "White cells|白细胞", "10*9/L", 1, ("0", "1500"), _CELLS),
        "6690-2 26464-8",
    ),
    (
        _analyte(
            "inr", "INR|国际标准化比值（INR）", "", 1, ("0.4", "30"), {"{INR}": "1", "INR": "1"}
        ),
        "6301-6 34714-6 38875-1",
    ),
    (
        _analyte(
            "hba1c",
            "HbA1c|糖化血红蛋白（HbA1c）",
            "%",
            1,
            ("2.5", "25"),
            {"mmol/mol": ("0.09148", "2.152")},
        ),
        "4548-4 17856-6 59261-8",
    ),
    (
        _analyte("alt", "ALT|丙氨酸氨基转移酶（ALT）", "U/L", 0, ("0", "30000"), _ENZYME),
        "1742-6 1743-4 1744-2",
    ),
    (
        _analyte("ast", "AST|天门冬氨酸氨基转移酶（AST）", "U/L", 0, ("0", "40000"), _ENZYME),
        "1920-8 30239-8 88112-8",
    ),
    (_analyte("alp", "ALP|碱性磷酸酶（ALP）", "U/L", 0, ("0", "10000"), _ENZYME), "6768-6"),
    (
        _analyte(
            "bilirubin",
            "Total bilirubin|总胆红素",
            "umol/L",
            1,
            ("0", "1500"),
            {"mg/dL": _per_dl("584.66", 1000)},
        ),
        "14631-6 1975-2",
    ),
    (
        _analyte("albumin", "Albumin|白蛋白", "g/L", 0, ("3", "90"), {"g/dL": "10"}),
        "1751-7",
    ),
    (
        _analyte("protein", "Total protein|总蛋白", "g/L", 0, ("10", "200"), {"g/dL": "10"}),
        "2885-2",
    ),
    (
        _analyte(
            "cholesterol",
            "Total cholesterol|总胆固醇",
            "mmol/L",
            2,
            ("0.3", "50"),
            {"mg/dL": _per_dl("386.65")},
        ),
        "14647-2 2093-3",
    ),
    (
        _analyte(
            "ldl",
            "LDL cholesterol|低密度脂蛋白胆固醇",
            "mmol/L",
            2,
            ("0", "40"),
            {"mg/dL": _per_dl("386.65")},
        ),
        "22748-8 39469-2 18262-6 2089-1 13457-7",
    ),
    (
        # By convention triglyceride mass is counted as triolein (885.4 g/mol).
        _analyte(
            "triglycerides",
            "Triglycerides|甘油三酯",
            "mmol/L",
            2,
            ("0", "150"),
            {"mg/dL": _per_dl("885.4")},
        ),
        "14927-8 2571-8",
    ),
    (
        _analyte(
            "urate",
            "Urate|尿酸",
            "umol/L",
            0,
            ("5", "3000"),
            {"mg/dL": _per_dl("168.11", 1000), "mmol/L": "1000"},
        ),
        "14933-6 3084-1",
    ),
    (_analyte("ph", "Blood pH|血气pH", "[pH]", 2, ("6.3", "8.1"), {"": "1"}), "2744-1 11558-4"),
    (
        # 1 mg/mmol of creatinine is 8.84 mg/g; the albuminuria grades use the unit as reported.
        _analyte(
            "acr",
            "Urine albumin/creatinine ratio|尿白蛋白/肌酐比值",
            "mg/g",
            0,
            ("0", "50000"),
            {"mg/mmol": "8.84", "ug/mg": "1", "g/mol": "8.84"},
        ),
        "9318-7 14959-1 32294-1 30000-4",
    ),
    (
        _analyte(
            "digoxin",
            "Digoxin level|地高辛浓度",
            "ng/mL",
            1,
            ("0", "50"),
            {"ug/L": "1", "nmol/L": "0.781"},
        ),
        "10535-3 14698-5",
    ),
)

BY_KEY: Mapping[str, Analyte] = {analyte.key: analyte for analyte, _ in _TABLE}
BY_LOINC: Mapping[str, Analyte] = {
    code: analyte for analyte, loincs in _TABLE for code in loincs.split()
}
