"""Procedures (ICD-9-CM volume 3, as used in China), vaccines, allergies and images."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Coded:
    """Something with a code in its usual system."""

    code: str
    name: Words


def _table(text: str) -> dict[str, Coded]:
    found: dict[str, Coded] = {}
    for line in text.strip().splitlines():
        key, code, en, zh = line.split("|")
        found[key] = Coded(code, Words(en, zh))
    return found


PROCEDURES = _table("""
stent|36.07|Insertion of drug-eluting coronary artery stent(s)|药物洗脱冠状动脉支架置入术
angiography|88.56|Coronary arteriography using two catheters|冠状动脉造影术
cholecystectomy|51.23|Laparoscopic cholecystectomy|腹腔镜下胆囊切除术
appendicectomy|47.01|Laparoscopic appendectomy|腹腔镜下阑尾切除术
hernia|53.00|Unilateral repair of inguinal hernia, not otherwise specified|单侧腹股沟疝修补术
hip|81.52|Partial hip replacement|人工股骨头置换术
knee|81.54|Total knee replacement|全膝关节置换术
turp|60.29|Other transurethral prostatectomy|经尿道前列腺电切术
ureteroscopy|56.0|Transurethral removal of ureteric obstruction|输尿管镜碎石取石术
colectomy|17.36|Laparoscopic sigmoidectomy|腹腔镜下乙状结肠切除术
gastroscopy|45.16|Esophagogastroduodenoscopy [EGD] with closed biopsy|胃镜检查伴活检
colonoscopy|45.25|Closed [endoscopic] biopsy of large intestine|结肠镜检查伴活检
prostate-biopsy|60.11|Closed [percutaneous] [needle] biopsy of prostate|前列腺穿刺活检术
mastectomy|85.43|Unilateral extended simple mastectomy|单侧乳腺改良根治术
chemotherapy|99.25|Injection or infusion of cancer chemotherapeutic substance|肿瘤化学治疗药物注射
marrow|41.31|Biopsy of bone marrow|骨髓穿刺活检
transfusion|99.04|Transfusion of packed cells|悬浮红细胞输注
ventilation|93.90|Non-invasive mechanical ventilation|无创机械通气
thrombolysis|99.10|Injection or infusion of thrombolytic agent|静脉溶栓治疗
delivery|73.59|Other manually assisted delivery|自然分娩接产术
renal-biopsy|55.23|Closed [percutaneous] [needle] biopsy of kidney|经皮肾穿刺活检术
cardioversion|99.61|Atrial cardioversion|心房电复律术
""")
VACCINES = _table("""
influenza|150|Influenza, injectable, quadrivalent, preservative free|四价流感病毒裂解疫苗
pneumococcal|33|pneumococcal polysaccharide vaccine, 23 valent|23价肺炎球菌多糖疫苗
hepatitis-b|43|Hepatitis B vaccine, adult dosage|重组乙型肝炎疫苗（成人）
zoster|187|zoster vaccine recombinant|重组带状疱疹疫苗
sinovac|511|COVID-19 IV Non-US Vaccine (CoronaVac, Sinovac)|新型冠状病毒灭活疫苗
""")
ALLERGIES = _table("""
penicillin|J01C|beta-lactam antibacterials, penicillins|青霉素类
sulfonamide|J01E|sulfonamides and trimethoprim|磺胺类
contrast|V08A|X-ray contrast media, iodinated|碘对比剂
aspirin|N02BA01|acetylsalicylic acid|阿司匹林
""")
FOODS = (
    Words("Prawns and crab", "虾、蟹"),
    Words("Peanuts", "花生"),
    Words("Mango", "芒果"),
)


@dataclass(frozen=True, slots=True)
class Image:
    """An examination of the radiology or function laboratory."""

    code: str
    name: Words
    modality: str


def _images(text: str) -> dict[str, Image]:
    found: dict[str, Image] = {}
    for line in text.strip().splitlines():
        key, code, en, zh, modality = line.split("|")
        found[key] = Image(code, Words(en, zh), modality)
    return found


IMAGES = _images("""
chest-x-ray|36643-5|XR Chest 2 Views|胸部正侧位X线|DX
chest-ct|24627-2|CT Chest|胸部CT平扫|CT
head-ct|24725-4|CT Head|头颅CT平扫|CT
head-mri|24590-2|MR Brain|头颅MRI|MR
abdomen-us|24558-9|US Abdomen|腹部超声|US
echo|42148-7|US Heart|超声心动图|US
ecg|11524-6|EKG study|十二导联心电图|ECG
""")
