"""By what words the documents speak of an abnormal result: a finding, not a number."""

from __future__ import annotations

import re
from typing import Final

_MEANINGS: Final = (
    (r"钾|potassium", "高钾血症 hyperkalaemia", "低钾血症 hypokalaemia"),
    (r"钠|sodium", "高钠血症 hypernatraemia", "低钠血症 hyponatraemia"),
    (r"钙|calcium", "高钙血症 hypercalcaemia", "低钙血症 hypocalcaemia"),
    (r"糖化血红蛋白|hba1c|a1c", "2 型糖尿病 diabetes HbA1c", ""),
    (r"葡萄糖|血糖|glucose", "糖尿病 高血糖 hyperglycaemia", "低血糖 hypoglycaemia"),
    (r"尿酸|urate|uric", "痛风 高尿酸血症 gout hyperuricaemia", ""),
    (r"肌酐|creatinine|尿素|urea", "急性肾损伤 慢性肾脏病 kidney disease", ""),
    (r"egfr|肾小球滤过率", "", "慢性肾脏病 eGFR chronic kidney disease"),
    (r"白蛋白/肌酐|acr|尿蛋白|proteinuria", "慢性肾脏病 蛋白尿 albuminuria", ""),
    (r"血红蛋白|haemoglobin|hemoglobin", "", "贫血 anaemia"),
    (r"铁蛋白|ferritin", "", "缺铁性贫血 iron deficiency"),
    (r"血小板|platelet", "", "血小板减少 thrombocytopenia"),
    (r"中性粒细胞|neutrophil", "", "中性粒细胞减少 neutropenia"),
    (r"白细胞|leukocyte|leucocyte|white", "感染 infection", "中性粒细胞减少 neutropenia"),
    (r"降钙素原|procalcitonin|c.?反应蛋白|reactive", "脓毒症 感染 sepsis", ""),
    (r"胆固醇|cholesterol|ldl|甘油三酯|triglycer", "血脂异常 dyslipidaemia", ""),
    (r"转氨酶|alt\b|ast\b|aminotransferase", "肝功能异常 肝炎 hepatitis", ""),
    (r"胆红素|bilirubin", "黄疸 胆管炎 jaundice", ""),
    (r"促甲状腺|tsh|thyrotropin", "甲状腺功能减退 hypothyroid", "甲状腺功能亢进 hyperthyroid"),
    (r"肌钙蛋白|troponin", "急性冠脉综合征 心肌梗死 myocardial infarction", ""),
    (r"利钠肽|natriuretic|bnp", "心力衰竭 heart failure", ""),
    (r"d-?二聚体|d-?dimer", "肺栓塞 静脉血栓 pulmonary embolism", ""),
    (r"前列腺特异|psa\b|prostate specific", "前列腺癌 prostate cancer PSA", ""),
    (r"乳酸|lactate", "脓毒症 休克 sepsis shock", ""),
    (r"淀粉酶|脂肪酶|amylase|lipase", "急性胰腺炎 pancreatitis", ""),
    (r"收缩压|舒张压|血压|blood pressure", "高血压 hypertension", "休克 低血压 shock"),
    (r"血氧饱和度|oxygen saturation", "", "呼吸衰竭 低氧 respiratory failure"),
    (r"体温|temperature", "发热 感染 fever", ""),
    (r"体重指数|体质指数|bmi\b|body mass", "肥胖 obesity", "营养不良 malnutrition"),
)  # fmt: skip


def meaning_of(name: str, way: str) -> str:
    """The words for a result called ``name`` that is ``↑`` or ``↓``; none where none are known.

    The name alone would not do: many neutrophils would bring what is written about few.
    """
    for pattern, high, low in _MEANINGS:
        if re.search(pattern, name, re.IGNORECASE):
            return high if way == "↑" else low
    return ""
