"""What is measured in serum, plasma and urine, with the reference ranges of Chinese adults.

WS/T 404.1-2012 (enzymes), 404.2-2012 (proteins), 404.3-2012 (potassium, sodium, chloride),
404.5-2015 (urea, creatinine) and 404.6-2015 (calcium, phosphate, magnesium, iron) are the
health industry standards "Reference intervals for common clinical biochemistry tests";
they cover 20 to 79 years and are carried on beyond. All else is a demonstration range.
"""

from __future__ import annotations

from .analyte import Analyte, measured

_ENZYMES, _PROTEINS = "WS/T 404.1-2012", "WS/T 404.2-2012"
_SALTS, _KIDNEY, _MINERALS = "WS/T 404.3-2012", "WS/T 404.5-2015", "WS/T 404.6-2015"
_MOLES = "[Moles/volume] in Serum or Plasma"
_ACTIVITY = "[Enzymatic activity/volume] in Serum or Plasma"
_MASS = "[Mass/volume] in Serum or Plasma"

# fmt: off
KIDNEY: tuple[Analyte, ...] = (
    measured("creatinine", "14682-9", f"Creatinine {_MOLES}", "肌酐", "µmol/L", 0,
             "m 57 97; m60 57 111; f 41 73; f60 41 81", ucum="umol/L", source=_KIDNEY, cv=0.04),
    measured("urea", "22664-7", f"Urea {_MOLES}", "尿素", "mmol/L", 1,
             "m 3.1 8.0; m60 3.6 9.5; f 2.6 7.5; f60 3.1 8.8", source=_KIDNEY, cv=0.08),
    measured("urate", "14933-6", f"Urate {_MOLES}", "尿酸", "µmol/L", 0,
             "m 208 428; f 155 357", ucum="umol/L", cv=0.07),
    measured("egfr", "98979-8",
             "Glomerular filtration rate [Volume Rate/Area] in Serum, Plasma or Blood by "
             "Creatinine-based formula (CKD-EPI 2021)/1.73 sq M",
             "估算肾小球滤过率（CKD-EPI 2021）", "mL/min/1.73 m²", 0, "60 -",
             ucum="mL/min/{1.73_m2}"),
    measured("uacr", "9318-7", "Albumin/Creatinine [Mass Ratio] in Urine", "尿白蛋白/肌酐比值",
             "mg/g", 0, "- 30", usual=(9, 3), cv=0.1),
    measured("potassium", "2823-3", f"Potassium {_MOLES}", "钾", "mmol/L", 2, "3.5 5.3",
             source=_SALTS, usual=(4.2, 0.2), cv=0.035, critical=(2.8, 6.2)),
    measured("sodium", "2951-2", f"Sodium {_MOLES}", "钠", "mmol/L", 0, "137 147",
             source=_SALTS, usual=(141, 1.2), cv=0.006, critical=(120, 160)),
    measured("chloride", "2075-0", f"Chloride {_MOLES}", "氯", "mmol/L", 0, "99 110",
             source=_SALTS, cv=0.009),
    measured("bicarbonate", "2028-9", "Carbon dioxide, total " + _MOLES, "总二氧化碳",
             "mmol/L", 1, "22 29", cv=0.035),
    measured("calcium", "2000-8", f"Calcium {_MOLES}", "总钙", "mmol/L", 2, "2.11 2.52",
             source=_MINERALS, cv=0.015, critical=(1.75, 3.5)),
    measured("phosphate", "14879-1", f"Phosphate {_MOLES}", "无机磷", "mmol/L", 2, "0.85 1.51",
             source=_MINERALS, cv=0.06),
    measured("magnesium", "2601-3", f"Magnesium {_MOLES}", "镁", "mmol/L", 2, "0.75 1.02",
             source=_MINERALS, cv=0.03),
)

METABOLIC: tuple[Analyte, ...] = (
    measured("fasting-glucose", "14771-0", "Fasting glucose " + _MOLES, "空腹血糖", "mmol/L", 1,
             "3.9 6.1", usual=(5.1, 0.3), cv=0.05, critical=(2.8, 22.2)),
    measured("glucose", "14749-6", f"Glucose {_MOLES}", "葡萄糖", "mmol/L", 1,
             "3.9 7.8", usual=(5.7, 0.4), cv=0.08, critical=(2.8, 22.2)),
    measured("hba1c", "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "糖化血红蛋白", "%", 1,
             "4.0 6.0", usual=(5.4, 0.2), cv=0.012),
    measured("cholesterol", "14647-2", f"Cholesterol {_MOLES}", "总胆固醇", "mmol/L", 2, "- 5.20"),
    measured("triglycerides", "14927-8", f"Triglyceride {_MOLES}", "甘油三酯", "mmol/L", 2,
             "- 1.70", usual=(1.15, 0.2), cv=0.12),
    measured("hdl", "14646-4", f"Cholesterol in HDL {_MOLES}", "高密度脂蛋白胆固醇", "mmol/L", 2,
             "1.00 -", usual=(1.32, 0.12), cv=0.04),
    measured("ldl", "22748-8", f"Cholesterol in LDL {_MOLES}", "低密度脂蛋白胆固醇", "mmol/L", 2,
             "- 3.40", usual=(2.75, 0.25), cv=0.05),
    measured("tsh", "3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "促甲状腺激素",
             "mIU/L", 2, "0.35 4.94", ucum="m[IU]/L", usual=(1.9, 0.5), cv=0.12),
    measured("ft4", "14920-3", "Thyroxine (T4) free " + _MOLES, "游离甲状腺素", "pmol/L", 1,
             "9.0 19.1", cv=0.05),
    measured("digoxin", "14698-5", f"Digoxin {_MOLES}", "地高辛", "nmol/L", 1, "0.6 2.6",
             usual=(1.1, 0.2), cv=0.1),
)

LIVER: tuple[Analyte, ...] = (
    measured("alt", "1742-6", f"Alanine aminotransferase {_ACTIVITY}", "丙氨酸氨基转移酶", "U/L", 0,
             "m 9 50; f 7 40", source=_ENZYMES, usual=(21, 4), cv=0.12),
    measured("ast", "1920-8", f"Aspartate aminotransferase {_ACTIVITY}", "天门冬氨酸氨基转移酶",
             "U/L", 0, "m 15 40; f 13 35", source=_ENZYMES, usual=(22, 2.5), cv=0.09),
    measured("ggt", "2324-2", f"Gamma glutamyl transferase {_ACTIVITY}", "γ-谷氨酰基转移酶", "U/L",
             0, "m 10 60; f 7 45", source=_ENZYMES, usual=(25, 5), cv=0.1),
    measured("bilirubin", "14631-6", f"Bilirubin.total {_MOLES}", "总胆红素", "µmol/L", 1,
             "m - 26.0; f - 21.0", ucum="umol/L", usual=(11.5, 2.2), cv=0.12),
    measured("albumin", "1751-7", f"Albumin {_MASS}", "白蛋白", "g/L", 1, "40 55",
             source=_PROTEINS, usual=(44.5, 1.2), cv=0.02),
    measured("protein", "2885-2", f"Protein {_MASS}", "总蛋白", "g/L", 1, "65 85",
             source=_PROTEINS, cv=0.02),
)

MARKERS: tuple[Analyte, ...] = (
    measured("crp", "1988-5", f"C reactive protein {_MASS}", "C反应蛋白", "mg/L", 1, "- 8.0",
             usual=(2.0, 0.8), cv=0.2),
    measured("procalcitonin", "33959-8", f"Procalcitonin {_MASS}", "降钙素原", "µg/L", 2, "- 0.05",
             ucum="ug/L", usual=(0.03, 0.005), cv=0.15),
    measured("nt-probnp", "33762-6", f"Natriuretic peptide.B prohormone N-Terminal {_MASS}",
             "N末端B型利钠肽原", "ng/L", 0, "- 125; 75 - 450", usual=(55, 18), cv=0.12),
    measured("troponin", "67151-1",
             f"Troponin T.cardiac {_MASS} by High sensitivity method",
             "高敏肌钙蛋白T", "ng/L", 0, "- 14", usual=(6, 1.5), cv=0.1, critical=(None, 100)),
    measured("psa", "2857-1", f"Prostate specific Ag {_MASS}", "总前列腺特异性抗原", "µg/L", 2,
             "m - 4.00", ucum="ug/L", usual=(1.2, 0.4), cv=0.1),
    measured("cea", "2039-6", f"Carcinoembryonic Ag {_MASS}", "癌胚抗原", "µg/L", 1, "- 5.0",
             ucum="ug/L", usual=(1.9, 0.5), cv=0.1),
    measured("ferritin", "2276-4", f"Ferritin {_MASS}", "铁蛋白", "µg/L", 0, "m 30 400; f 13 150",
             ucum="ug/L", usual=(85, 15), cv=0.08),
    measured("iron", "14798-3", f"Iron {_MOLES}", "铁", "µmol/L", 1, "m 10.6 36.7; f 7.8 32.2",
             ucum="umol/L", source=_MINERALS, usual=(18, 2), cv=0.12),
    measured("b12", "14685-6", f"Cobalamin (Vitamin B12) {_MOLES}", "维生素B12", "pmol/L", 0,
             "140 650", cv=0.08),
    measured("igg", "2465-3", f"IgG {_MASS}", "免疫球蛋白G", "g/L", 1, "8.6 17.4",
             cv=0.04),
    measured("cd4", "24467-3", "CD3+CD4+ (T4 helper) cells [#/volume] in Blood",
             "CD4+T淋巴细胞计数", "个/µL", 0, "500 1600", ucum="/uL", cv=0.08),
    measured("hiv-rna", "20447-9",
             "HIV 1 RNA [#/volume] (viral load) in Serum or Plasma by NAA with probe detection",
             "HIV-1病毒载量", "拷贝/mL", 0, "- 20", ucum="{copies}/mL", usual=(0, 0), cv=0.1),
)
# fmt: on

CHEMISTRY = (*KIDNEY, *METABOLIC, *LIVER, *MARKERS)
