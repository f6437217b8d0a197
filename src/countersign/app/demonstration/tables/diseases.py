"""The diagnoses of the demonstration hospital, with ICD-10 codes (WHO version)."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Disease:
    """``sensitivity`` is ``PSY``, ``HIV`` or None."""

    key: str
    code: str
    name: Words
    sensitivity: str | None = None


_TABLE = """
hypertension|I10|Essential (primary) hypertension|原发性高血压
diabetes|E11.9|Type 2 diabetes mellitus without complications|2型糖尿病
diabetic-kidney|E11.2|Type 2 diabetes mellitus with renal complications|2型糖尿病性肾病
neuropathy|E11.4|Type 2 diabetes mellitus with neurological complications|2型糖尿病性周围神经病变
lipids|E78.5|Hyperlipidaemia, unspecified|高脂血症
obesity|E66.9|Obesity, unspecified|肥胖症
fatty-liver|K76.0|Fatty (change of) liver, not elsewhere classified|脂肪肝
ckd-3|N18.3|Chronic kidney disease, stage 3|慢性肾脏病3期
ckd-4|N18.4|Chronic kidney disease, stage 4|慢性肾脏病4期
ckd-5|N18.5|Chronic kidney disease, stage 5|慢性肾脏病5期
nephritis|N03.9|Chronic nephritic syndrome, unspecified|慢性肾小球肾炎
renal-anaemia|D63.8|Anaemia in other chronic diseases classified elsewhere|肾性贫血
aki|N17.9|Acute renal failure, unspecified|急性肾损伤
coronary|I25.1|Atherosclerotic heart disease|冠状动脉粥样硬化性心脏病
unstable-angina|I20.0|Unstable angina|不稳定型心绞痛
nstemi|I21.4|Acute subendocardial myocardial infarction|急性非ST段抬高型心肌梗死
stent|Z95.5|Presence of coronary angioplasty implant and graft|冠状动脉支架植入术后
failure|I50.0|Congestive heart failure|慢性心力衰竭
cardiomyopathy|I42.0|Dilated cardiomyopathy|扩张型心肌病
fibrillation|I48.1|Persistent atrial fibrillation|持续性心房颤动
over-anticoagulation|D68.3|Bleeding disorder due to circulating anticoagulants|抗凝药物相关凝血异常
copd|J44.9|Chronic obstructive pulmonary disease, unspecified|慢性阻塞性肺疾病
copd-acute|J44.1|Acute exacerbation of chronic obstructive pulmonary disease|慢阻肺急性加重
asthma|J45.9|Asthma, unspecified|支气管哮喘
pneumonia|J18.9|Pneumonia, unspecified|社区获得性肺炎
lung-cancer|C34.9|Malignant neoplasm of bronchus or lung, unspecified|肺恶性肿瘤
iron-deficiency|D50.9|Iron deficiency anaemia, unspecified|缺铁性贫血
b12-deficiency|D51.9|Vitamin B12 deficiency anaemia, unspecified|维生素B12缺乏性贫血
acute-blood-loss|D62|Acute posthaemorrhagic anaemia|急性失血性贫血
myeloma|C90.0|Multiple myeloma|多发性骨髓瘤
ulcer-bleeding|K25.4|Gastric ulcer with haemorrhage|胃溃疡伴出血
gi-bleeding|K92.2|Gastrointestinal haemorrhage, unspecified|消化道出血
gastritis|K29.5|Chronic gastritis, unspecified|慢性胃炎
prostate|N40|Hyperplasia of prostate|前列腺增生症
prostate-cancer|C61|Malignant neoplasm of prostate|前列腺恶性肿瘤
ureteric-stone|N20.1|Calculus of ureter|输尿管结石
kidney-stone|N20.0|Calculus of kidney|肾结石
urinary-infection|N39.0|Urinary tract infection, site not specified|泌尿系感染
gallstones|K80.2|Calculus of gallbladder without cholecystitis|胆囊结石
cholecystitis|K80.1|Calculus of gallbladder with other cholecystitis|胆囊结石伴慢性胆囊炎
appendicitis|K35.8|Acute appendicitis, other and unspecified|急性阑尾炎
hernia|K40.9|Unilateral inguinal hernia, without obstruction or gangrene|单侧腹股沟疝
hip-fracture|S72.0|Fracture of neck of femur|股骨颈骨折
osteoporosis|M81.9|Osteoporosis, unspecified|骨质疏松症
knee|M17.9|Gonarthrosis, unspecified|膝关节骨关节炎
colon-cancer|C18.7|Malignant neoplasm of sigmoid colon|乙状结肠恶性肿瘤
breast-cancer|C50.9|Malignant neoplasm of breast, unspecified|乳腺恶性肿瘤
stroke|I63.9|Cerebral infarction, unspecified|脑梗死
stroke-sequelae|I69.3|Sequelae of cerebral infarction|脑梗死后遗症
parkinson|G20|Parkinson disease|帕金森病
epilepsy|G40.9|Epilepsy, unspecified|癫痫
hypothyroidism|E03.9|Hypothyroidism, unspecified|甲状腺功能减退症
graves|E05.0|Thyrotoxicosis with diffuse goitre|Graves病（弥漫性毒性甲状腺肿）
gout|M10.9|Gout, unspecified|痛风
hyperkalaemia|E87.5|Hyperkalaemia|高钾血症
hyponatraemia|E87.1|Hypo-osmolality and hyponatraemia|低钠血症
hypokalaemia|E87.6|Hypokalaemia|低钾血症
hypoglycaemia|E16.0|Drug-induced hypoglycaemia without coma|药物性低血糖症
check-up|Z00.0|General medical examination|健康体检
vision|H52.1|Myopia|近视
gastroenteritis|A09.9|Gastroenteritis and colitis of unspecified origin|急性胃肠炎
bronchitis|J20.9|Acute bronchitis, unspecified|急性支气管炎
cold|J06.9|Acute upper respiratory infection, unspecified|急性上呼吸道感染
backache|M54.5|Low back pain|腰痛
pregnancy|Z34.9|Supervision of normal pregnancy, unspecified|正常妊娠监督
gestational-diabetes|O24.4|Diabetes mellitus arising in pregnancy|妊娠期糖尿病
delivery|O80.9|Single spontaneous delivery, unspecified|单胎自然分娩
depression|F32.1|Moderate depressive episode|中度抑郁发作|PSY
anxiety|F41.1|Generalized anxiety disorder|广泛性焦虑障碍|PSY
schizophrenia|F20.0|Paranoid schizophrenia|偏执型精神分裂症|PSY
insomnia|G47.0|Disorders of initiating and maintaining sleep|失眠症
hiv|B24|Unspecified human immunodeficiency virus [HIV] disease|人类免疫缺陷病毒（HIV）病|HIV
"""


def _disease(line: str) -> Disease:
    key, code, en, zh, *sensitivity = line.split("|")
    return Disease(key, code, Words(en, zh), sensitivity[0] if sensitivity else None)


DISEASES = {one.key: one for one in map(_disease, _TABLE.strip().splitlines())}
