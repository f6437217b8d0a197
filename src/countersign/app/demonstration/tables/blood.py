"""What is counted in blood and how it clots.

Blood count ranges are those of WS/T 405-2012 "Reference intervals for blood cell analysis"
(Chinese adults); clotting ranges are demonstration ranges.
"""

from __future__ import annotations

from .analyte import Analyte, measured

_COUNT = "WS/T 405-2012"
_AUTOMATED = "[#/volume] in Blood by Automated count"

# fmt: off
BLOOD: tuple[Analyte, ...] = (
    measured("wbc", "6690-2", f"Leukocytes {_AUTOMATED}", "白细胞计数", "10⁹/L", 1, "3.5 9.5",
             ucum="10*9/L", source=_COUNT, usual=(6.3, 0.7), cv=0.1, critical=(1.0, 50)),
    measured("neutrophils", "751-8", f"Neutrophils {_AUTOMATED}", "中性粒细胞绝对值", "10⁹/L", 1,
             "1.8 6.3", ucum="10*9/L", source=_COUNT, critical=(0.5, None)),
    measured("lymphocytes", "731-0", f"Lymphocytes {_AUTOMATED}", "淋巴细胞绝对值", "10⁹/L", 1,
             "1.1 3.2", ucum="10*9/L", source=_COUNT, usual=(1.9, 0.2), cv=0.07),
    measured("rbc", "789-8", f"Erythrocytes {_AUTOMATED}", "红细胞计数", "10¹²/L", 2,
             "m 4.30 5.80; f 3.80 5.10", ucum="10*12/L", source=_COUNT),
    measured("haemoglobin", "718-7", "Hemoglobin [Mass/volume] in Blood", "血红蛋白", "g/L", 0,
             "m 130 175; f 115 150", source=_COUNT, cv=0.018, critical=(60, 200)),
    measured("haematocrit", "4544-3",
             "Hematocrit [Volume Fraction] of Blood by Automated count", "血细胞比容", "L/L", 2,
             "m 0.40 0.50; f 0.35 0.45", source=_COUNT),
    measured("mcv", "787-2", "MCV [Entitic volume] by Automated count", "平均红细胞体积", "fL", 1,
             "82 100", source=_COUNT, usual=(90, 1.8), cv=0.008),
    measured("platelets", "777-3", f"Platelets {_AUTOMATED}", "血小板计数", "10⁹/L", 0, "125 350",
             ucum="10*9/L", source=_COUNT, usual=(220, 24), cv=0.06, critical=(30, 1000)),
    measured("inr", "6301-6", "INR in Platelet poor plasma by Coagulation assay",
             "国际标准化比值", "", 2, "0.85 1.15", ucum="{INR}", usual=(1.0, 0.03), cv=0.03,
             critical=(None, 5.0)),
    measured("prothrombin-time", "5902-2",
             "Prothrombin time (PT) in Platelet poor plasma by Coagulation assay",
             "凝血酶原时间", "s", 1, "9.4 12.5"),
    measured("d-dimer", "48065-7", "Fibrin D-dimer FEU [Mass/volume] in Platelet poor plasma",
             "D-二聚体", "mg/L FEU", 2, "- 0.50", ucum="mg/L{FEU}", usual=(0.24, 0.05), cv=0.12),
)
# fmt: on
