"""The publications that the rules apply, each with its date, so that a reader can check."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Source:
    """A publication: a short name for a sentence, the citation, and the day or month it came."""

    name: Words
    citation: str
    published: str


def _source(en: str, zh: str, citation: str, published: str) -> Source:
    return Source(Words(en, zh), citation, published)


KOST_1990 = _source(
    "mean adult critical limits of US medical centres (Kost, JAMA 1990)",
    "美国医疗中心成人危急值均值（Kost，JAMA 1990）",
    "Kost GJ. Critical limits for urgent clinician notification at US medical centers. "
    "JAMA 1990;263(5):704-707.",
    "1990-02-02",
)
KDIGO_AKI = _source(
    "KDIGO guideline on acute kidney injury (2012)",
    "KDIGO急性肾损伤指南（2012）",
    "KDIGO Clinical Practice Guideline for Acute Kidney Injury. Kidney Int Suppl 2012;2:1-138.",
    "2012-03",
)
NHS_AKI = _source(
    "NHS England algorithm for early identification of acute kidney injury (2014)",
    "英格兰NHS急性肾损伤早期识别算法（2014）",
    "NHS England. Patient Safety Alert NHS/PSA/D/2014/010: Standardising the early "
    "identification of Acute Kidney Injury.",
    "2014-06-09",
)
INKER_2021 = _source(
    "CKD-EPI 2021 creatinine equation (Inker, N Engl J Med 2021)",
    "CKD-EPI 2021肌酐公式（Inker，N Engl J Med 2021）",
    "Inker LA, Eneanya ND, Coresh J, et al. New creatinine- and cystatin C-based equations to "
    "estimate GFR without race. N Engl J Med 2021;385:1737-1749.",
    "2021-11-04",
)
KDIGO_CKD = _source(
    "KDIGO guideline on chronic kidney disease (2024)",
    "KDIGO慢性肾脏病指南（2024）",
    "KDIGO 2024 Clinical Practice Guideline for the Evaluation and Management of Chronic Kidney "
    "Disease. Kidney Int 2024;105(4S):S117-S314.",
    "2024-04",
)
KDIGO_CKD_2012 = _source(
    "KDIGO guideline on chronic kidney disease (2012)",
    "KDIGO慢性肾脏病指南（2012）",
    "KDIGO 2012 Clinical Practice Guideline for the Evaluation and Management of Chronic Kidney "
    "Disease. Kidney Int Suppl 2013;3(1):1-150.",
    "2013-01",
)
ADA_2025 = _source(
    "ADA Standards of Care in Diabetes (2025)",
    "美国糖尿病学会糖尿病诊疗标准（2025）",
    "American Diabetes Association Professional Practice Committee. Standards of Care in "
    "Diabetes-2025. Diabetes Care 2025;48(Suppl 1).",
    "2025-01-01",
)
CDS_2020 = _source(
    "Chinese guideline for type 2 diabetes (2020 edition)",
    "中国2型糖尿病防治指南（2020年版）",
    "中华医学会糖尿病学分会. 中国2型糖尿病防治指南(2020年版). 中华糖尿病杂志 2021;13(4):315-409.",
    "2021-04",
)
CHINA_BP_2024 = _source(
    "Chinese hypertension guideline (2024 revision)",
    "中国高血压防治指南（2024年修订版）",
    "中国高血压防治指南修订委员会，等. 中国高血压防治指南（2024年修订版）. "
    "中华高血压杂志(中英文) 2024;32(7):603-700.",
    "2024-07",
)
FDA_METFORMIN = _source(
    "FDA Drug Safety Communication on metformin (8 April 2016)",
    "FDA关于二甲双胍的药物安全通告（2016年4月8日）",
    "US Food and Drug Administration. Drug Safety Communication: FDA revises warnings regarding "
    "use of the diabetes medicine metformin in certain patients with reduced kidney function.",
    "2016-04-08",
)
AHA_HF_2022 = _source(
    "AHA/ACC/HFSA heart failure guideline (2022)",
    "AHA/ACC/HFSA心力衰竭指南（2022）",
    "Heidenreich PA, Bozkurt B, Aguilar D, et al. 2022 AHA/ACC/HFSA Guideline for the Management "
    "of Heart Failure. Circulation 2022;145:e895-e1032.",
    "2022-04-01",
)
ACC_HF_2013 = _source(
    "ACCF/AHA heart failure guideline (2013)",
    "ACCF/AHA心力衰竭指南（2013）",
    "Yancy CW, Jessup M, Bozkurt B, et al. 2013 ACCF/AHA Guideline for the Management of Heart "
    "Failure. Circulation 2013;128:e240-e327.",
    "2013-06-05",
)
NICE_CKD = _source(
    "NICE guideline NG203 on chronic kidney disease (2021)",
    "英国NICE慢性肾脏病指南NG203（2021）",
    "National Institute for Health and Care Excellence. Chronic kidney disease: assessment and "
    "management. NICE guideline NG203.",
    "2021-08-25",
)
UKKA_POTASSIUM = _source(
    "UK Kidney Association guideline on acute hyperkalaemia (2023)",
    "英国肾脏协会急性高钾血症指南（2023）",
    "UK Kidney Association. Clinical Practice Guidelines: Treatment of Acute Hyperkalaemia in "
    "Adults.",
    "2023-10",
)
ANTONIOU_2010 = _source(
    "Antoniou, Arch Intern Med 2010 (trimethoprim and hyperkalaemia)",
    "Antoniou，Arch Intern Med 2010（甲氧苄啶与高钾血症）",
    "Antoniou T, Gomes T, Juurlink DN, et al. Trimethoprim-sulfamethoxazole-induced hyperkalemia "
    "in patients receiving inhibitors of the renin-angiotensin system. Arch Intern Med "
    "2010;170(12):1045-1049.",
    "2010-06-28",
)
CHEST_2012 = _source(
    "ACCP antithrombotic guideline, 9th edition (2012)",
    "ACCP抗栓治疗指南第9版（2012）",
    "Holbrook A, Schulman S, Witt DM, et al. Evidence-based management of anticoagulant therapy: "
    "ACCP Evidence-Based Clinical Practice Guidelines, 9th ed. Chest 2012;141(2 Suppl):"
    "e152S-e184S.",
    "2012-02",
)
ESC_LIPIDS = _source(
    "ESC/EAS dyslipidaemia guideline (2019)",
    "ESC/EAS血脂异常指南（2019）",
    "Mach F, Baigent C, Catapano AL, et al. 2019 ESC/EAS Guidelines for the management of "
    "dyslipidaemias. Eur Heart J 2020;41(1):111-188.",
    "2019-08-31",
)
SPASOVSKI_2014 = _source(
    "European guideline on hyponatraemia (2014)",
    "欧洲低钠血症指南（2014）",
    "Spasovski G, Vanholder R, Allolio B, et al. Clinical practice guideline on diagnosis and "
    "treatment of hyponatraemia. Eur J Endocrinol 2014;170(3):G1-G47.",
    "2014-02-25",
)
ISTH_2005 = _source(
    "ISTH definition of major bleeding (2005)",
    "ISTH大出血定义（2005）",
    "Schulman S, Kearon C. Definition of major bleeding in clinical investigations of "
    "antihemostatic medicinal products in non-surgical patients. J Thromb Haemost 2005;3:692-694.",
    "2005-04",
)
LO_2006 = _source(
    "4Ts score for heparin-induced thrombocytopenia (Lo, J Thromb Haemost 2006)",
    "肝素诱导的血小板减少症4Ts评分（Lo，J Thromb Haemost 2006）",
    "Lo GK, Juhl D, Warkentin TE, et al. Evaluation of pretest clinical score (4 T's) for the "
    "diagnosis of heparin-induced thrombocytopenia in two clinical settings. J Thromb Haemost "
    "2006;4:759-765.",
    "2006-04",
)
WST = _source(
    "Chinese health standards WS/T 404 and WS/T 405 (adult reference intervals)",
    "卫生行业标准WS/T 404、WS/T 405（成人参考区间）",
    "WS/T 404.1~404.3-2012, WS/T 404.4-2018, WS/T 404.5~404.6-2015 临床常用生化检验项目参考区间；"
    "WS/T 405-2012 血细胞分析参考区间.",
    "2012-12-25 / 2018-04-27",
)
HOELZEL_2004 = _source(
    "IFCC–NGSP master equation for HbA1c (Hoelzel, Clin Chem 2004)",
    "HbA1c的IFCC–NGSP换算主方程（Hoelzel，Clin Chem 2004）",
    "Hoelzel W, Weykamp C, Jeppsson JO, et al. IFCC reference system for measurement of "
    "hemoglobin A1c in human blood and the national standardization schemes in the United "
    "States, Japan, and Sweden: a method-comparison study. Clin Chem 2004;50:166-174.",
    "2004-01",
)
OWN_RECORD = _source(
    "the chart itself",
    "病历本身",
    "No publication: the chart records both the allergy and the medicine.",
    "-",
)
