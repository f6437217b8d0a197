"""The panels that the laboratory reports together."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Panel:
    """``loinc`` is None where LOINC has no panel of just these analytes."""

    key: str
    loinc: str | None
    name: Words
    analytes: tuple[str, ...]
    specimen: Words
    discipline: tuple[str, str]


_SERUM = Words("Serum", "血清")
_BLOOD = Words("Whole blood (EDTA)", "EDTA抗凝全血")
_PLASMA = Words("Plasma (citrate)", "枸橼酸抗凝血浆")
_URINE = Words("Urine", "尿液")
_CHEMISTRY, _HAEMATOLOGY = ("CH", "Chemistry"), ("HM", "Hematology")
_IMMUNITY = ("IMM", "Immunology")


def _panel(
    key: str,
    loinc: str | None,
    en: str,
    zh: str,
    analytes: str,
    specimen: Words = _SERUM,
    discipline: tuple[str, str] = _CHEMISTRY,
) -> Panel:
    return Panel(key, loinc, Words(en, zh), tuple(analytes.split()), specimen, discipline)


# fmt: off
_ALL = (
    _panel("renal", "24362-6", "Renal function panel", "肾功能",
           "urea creatinine urate egfr"),
    _panel("electrolytes", "24326-1", "Electrolytes panel", "电解质",
           "potassium sodium chloride"),
    _panel("minerals", None, "Calcium, phosphate, magnesium and bicarbonate", "钙磷镁及总二氧化碳",
           "calcium phosphate magnesium bicarbonate"),
    _panel("liver", "24325-3", "Hepatic function panel", "肝功能",
           "alt ast bilirubin albumin"),
    _panel("lipids", "57698-3", "Lipid panel with direct LDL", "血脂",
           "cholesterol triglycerides hdl ldl"),
    _panel("count", "58410-2", "CBC panel - Blood by Automated count", "血常规",
           "wbc neutrophils haemoglobin mcv platelets",
           _BLOOD, _HAEMATOLOGY),
    _panel("glycaemia", None, "HbA1c and fasting glucose", "糖化血红蛋白与空腹血糖",
           "hba1c fasting-glucose", _BLOOD),
    _panel("hba1c", None, "HbA1c", "糖化血红蛋白", "hba1c", _BLOOD),
    _panel("glucose", None, "Glucose", "血糖", "glucose"),
    _panel("clotting", "34528-0", "PT panel - Platelet poor plasma by Coagulation assay",
           "凝血功能", "prothrombin-time inr", _PLASMA, _HAEMATOLOGY),
    _panel("d-dimer", None, "D-dimer", "D-二聚体", "d-dimer", _PLASMA, _HAEMATOLOGY),
    _panel("thyroid", None, "Thyroid function", "甲状腺功能", "tsh ft4"),
    _panel("iron", None, "Iron studies", "铁代谢", "ferritin iron"),
    _panel("b12", None, "Vitamin B12", "维生素B12", "b12"),
    _panel("urine", None, "Urine albumin to creatinine ratio", "尿白蛋白/肌酐比值", "uacr", _URINE),
    _panel("heart", None, "Cardiac markers", "心肌标志物", "troponin nt-probnp"),
    _panel("nt-probnp", None, "NT-proBNP", "N末端B型利钠肽原", "nt-probnp"),
    _panel("infection", None, "CRP and procalcitonin", "感染指标", "crp procalcitonin"),
    _panel("crp", None, "C reactive protein", "C反应蛋白", "crp"),
    _panel("psa", None, "Prostate specific antigen", "前列腺特异性抗原", "psa"),
    _panel("cea", None, "Carcinoembryonic antigen", "癌胚抗原", "cea"),
    _panel("digoxin", None, "Digoxin level", "地高辛血药浓度", "digoxin"),
    _panel("igg", None, "Immunoglobulin G", "免疫球蛋白G", "igg", _SERUM, _IMMUNITY),
    _panel("hiv", None, "CD4 count and HIV viral load", "CD4细胞与病毒载量", "cd4 hiv-rna",
           _BLOOD, _IMMUNITY),
    _panel("salts", None, "Potassium and sodium", "血钾、血钠", "potassium sodium"),
    _panel("creatinine", None, "Creatinine", "肌酐", "creatinine"),
)
# fmt: on
PANELS: dict[str, Panel] = {panel.key: panel for panel in _ALL}
