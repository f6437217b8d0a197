"""What is measured at the bedside and in the function laboratory; ranges are for demonstration."""

from __future__ import annotations

from .analyte import Analyte, measured

_VITAL, _EXAM = "vital-signs", "exam"

# fmt: off
BEDSIDE: tuple[Analyte, ...] = (
    measured("systolic", "8480-6", "Systolic blood pressure", "收缩压", "mmHg", 0, "90 139",
             ucum="mm[Hg]", usual=(121, 5), cv=0.04, category=_VITAL),
    measured("diastolic", "8462-4", "Diastolic blood pressure", "舒张压", "mmHg", 0, "60 89",
             ucum="mm[Hg]", usual=(75, 3), cv=0.04, category=_VITAL),
    measured("pulse", "8867-4", "Heart rate", "心率", "次/分", 0, "60 100", ucum="/min",
             usual=(75, 4), cv=0.06, category=_VITAL),
    measured("temperature", "8310-5", "Body temperature", "体温", "℃", 1, "36.0 37.2",
             ucum="Cel", usual=(36.5, 0.1), cv=0.004, category=_VITAL),
    measured("respiration", "9279-1", "Respiratory rate", "呼吸频率", "次/分", 0, "12 20",
             ucum="/min", usual=(17, 0.8), cv=0.05, category=_VITAL),
    measured("saturation", "59408-5",
             "Oxygen saturation in Arterial blood by Pulse oximetry", "血氧饱和度", "%", 0,
             "95 100", usual=(98, 0.5), cv=0.005, category=_VITAL),
    measured("weight", "29463-7", "Body weight", "体重", "kg", 1, "", usual=(65, 0), cv=0.006,
             category=_VITAL),
    measured("height", "8302-2", "Body height", "身高", "cm", 0, "", usual=(165, 0), cv=0,
             category=_VITAL),
    measured("bmi", "39156-5", "Body mass index (BMI) [Ratio]", "体重指数", "kg/m²", 1,
             "18.5 23.9", ucum="kg/m2", category=_VITAL),
    measured("fev1-fvc", "19926-5", "FEV1/FVC", "一秒率（FEV1/FVC）", "%", 0, "70 -",
             usual=(80, 2), cv=0.02, category=_EXAM),
    measured("fev1-predicted", "20152-5", "FEV1 measured/Predicted", "FEV1占预计值百分比", "%", 0,
             "80 -", usual=(95, 4), cv=0.03, category=_EXAM),
    measured("ejection-fraction", "10230-1", "Left ventricular Ejection fraction",
             "左室射血分数", "%", 0, "50 70", usual=(63, 1.5), cv=0.02, category=_EXAM),
)
# fmt: on
