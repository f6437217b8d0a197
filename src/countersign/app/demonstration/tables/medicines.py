"""The medicines of the demonstration hospital: ATC code, form, and the usual dose and rhythm."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Medicine:
    """``dose`` of ``unit`` (UCUM), ``frequency`` times in ``hours`` hours, by ``route``."""

    key: str
    atc: str
    name: Words
    form: str
    dose: Decimal
    unit: str
    frequency: int
    hours: int
    route: str
    note: Words | None = None
    sensitivity: str | None = None


ROUTES = {
    "oral": (Words("by mouth", "口服"), "26643006", "Oral route"),
    "iv": (Words("intravenously", "静脉滴注"), "47625008", "Intravenous route"),
    "sc": (Words("subcutaneously", "皮下注射"), "34206005", "Subcutaneous route"),
    "im": (Words("intramuscularly", "肌内注射"), "78421000", "Intramuscular route"),
    "inhaled": (Words("by inhalation", "吸入"), "447694001", "Respiratory tract route"),
}
_NOTES = {
    "meal": Words("with meals", "随餐"),
    "before": Words("before meals", "餐前"),
    "night": Words("at bedtime", "睡前"),
    "morning": Words("on an empty stomach in the morning", "晨起空腹"),
    "pain": Words("when in pain", "疼痛时"),
    "inr": Words("adjusted to the INR", "按INR调整剂量"),
}

_TABLE = """
metformin|A10BA02|metformin|二甲双胍|片|0.5 g|3/24|oral|meal
glimepiride|A10BB12|glimepiride|格列美脲|片|2 mg|1/24|oral|before
acarbose|A10BF01|acarbose|阿卡波糖|片|50 mg|3/24|oral|meal
dapagliflozin|A10BK01|dapagliflozin|达格列净|片|10 mg|1/24|oral
sitagliptin|A10BH01|sitagliptin|西格列汀|片|100 mg|1/24|oral
linagliptin|A10BH05|linagliptin|利格列汀|片|5 mg|1/24|oral
glargine|A10AE04|insulin glargine|甘精胰岛素|注射液|16 [iU]|1/24|sc|night
aspart|A10AB05|insulin aspart|门冬胰岛素|注射液|6 [iU]|3/24|sc|before
enalapril|C09AA02|enalapril|依那普利|片|10 mg|1/24|oral
losartan|C09CA01|losartan|氯沙坦钾|片|50 mg|1/24|oral
valsartan|C09CA03|valsartan|缬沙坦|胶囊|80 mg|1/24|oral
sacubitril|C09DX04|valsartan and sacubitril|沙库巴曲缬沙坦|片|100 mg|2/24|oral
amlodipine|C08CA01|amlodipine|氨氯地平|片|5 mg|1/24|oral
nifedipine|C08CA05|nifedipine|硝苯地平|控释片|30 mg|1/24|oral
metoprolol|C07AB02|metoprolol|琥珀酸美托洛尔|缓释片|47.5 mg|1/24|oral
bisoprolol|C07AB07|bisoprolol|比索洛尔|片|2.5 mg|1/24|oral
hydrochlorothiazide|C03AA03|hydrochlorothiazide|氢氯噻嗪|片|25 mg|1/24|oral
furosemide|C03CA01|furosemide|呋塞米|片|20 mg|1/24|oral
furosemide-iv|C03CA01|furosemide|呋塞米|注射液|20 mg|2/24|iv
torasemide|C03CA04|torasemide|托拉塞米|片|10 mg|1/24|oral
spironolactone|C03DA01|spironolactone|螺内酯|片|20 mg|1/24|oral
potassium|A12BA01|potassium chloride|氯化钾|缓释片|1 g|3/24|oral|meal
digoxin|C01AA05|digoxin|地高辛|片|0.125 mg|1/24|oral
amiodarone|C01BD01|amiodarone|胺碘酮|片|0.2 g|1/24|oral
isosorbide|C01DA14|isosorbide mononitrate|单硝酸异山梨酯|缓释片|40 mg|1/24|oral
atorvastatin|C10AA05|atorvastatin|阿托伐他汀钙|片|20 mg|1/24|oral|night
rosuvastatin|C10AA07|rosuvastatin|瑞舒伐他汀钙|片|10 mg|1/24|oral|night
ezetimibe|C10AX09|ezetimibe|依折麦布|片|10 mg|1/24|oral
aspirin|B01AC06|acetylsalicylic acid|阿司匹林|肠溶片|100 mg|1/24|oral
clopidogrel|B01AC04|clopidogrel|氯吡格雷|片|75 mg|1/24|oral
ticagrelor|B01AC24|ticagrelor|替格瑞洛|片|90 mg|2/24|oral
warfarin|B01AA03|warfarin|华法林钠|片|3 mg|1/24|oral|inr
rivaroxaban|B01AF01|rivaroxaban|利伐沙班|片|20 mg|1/24|oral|meal
enoxaparin|B01AB05|enoxaparin|依诺肝素钠|注射液|40 mg|1/24|sc
omeprazole|A02BC01|omeprazole|奥美拉唑|肠溶胶囊|20 mg|1/24|oral|before
pantoprazole-iv|A02BC02|pantoprazole|泮托拉唑|注射剂|40 mg|2/24|iv
tiotropium|R03BB04|tiotropium bromide|噻托溴铵|吸入粉雾剂|18 ug|1/24|inhaled
budesonide-formoterol|R03AK07|formoterol and budesonide|布地奈德福莫特罗|吸入剂|160 ug|2/24|inhaled
salbutamol|R03AC02|salbutamol|沙丁胺醇|雾化吸入溶液|5 mg|3/24|inhaled
montelukast|R03DC03|montelukast|孟鲁司特钠|片|10 mg|1/24|oral|night
ambroxol|R05CB06|ambroxol|氨溴索|片|30 mg|3/24|oral
methylprednisolone|H02AB04|methylprednisolone|甲泼尼龙|注射剂|40 mg|1/24|iv
prednisone|H02AB07|prednisone|泼尼松|片|30 mg|1/24|oral
ceftriaxone|J01DD04|ceftriaxone|头孢曲松|注射剂|2 g|1/24|iv
cefuroxime|J01DC02|cefuroxime|头孢呋辛|注射剂|1.5 g|2/24|iv
piperacillin|J01CR05|piperacillin and beta-lactamase inhibitor|哌拉西林他唑巴坦|注射剂|4.5 g|3/24|iv
levofloxacin|J01MA12|levofloxacin|左氧氟沙星|注射液|0.5 g|1/24|iv
moxifloxacin|J01MA14|moxifloxacin|莫西沙星|片|0.4 g|1/24|oral
azithromycin|J01FA10|azithromycin|阿奇霉素|片|0.5 g|1/24|oral
ferrous|B03AA01|ferrous glycine sulfate|甘氨酸亚铁|片|0.1 g|2/24|oral
polysaccharide-iron|B03AB|iron trivalent, oral preparations|多糖铁复合物|胶囊|0.15 g|2/24|oral
cobalamin|B03BA05|mecobalamin|甲钴胺|片|0.5 mg|3/24|oral
folic-acid|B03BB01|folic acid|叶酸|片|0.4 mg|1/24|oral
erythropoietin|B03XA01|erythropoietin|重组人促红素|注射液|10000 [iU]|1/168|sc
sevelamer|V03AE02|sevelamer|司维拉姆|片|0.8 g|3/24|oral|meal
calcitriol|A11CC04|calcitriol|骨化三醇|胶丸|0.25 ug|1/24|oral
bicarbonate|A02AH|antacids with sodium bicarbonate|碳酸氢钠|片|0.5 g|3/24|oral
calcium|A12AX|calcium, combinations with vitamin D|碳酸钙D3|片|0.6 g|1/24|oral
alendronate|M05BA04|alendronic acid|阿仑膦酸钠|片|70 mg|1/168|oral|morning
tamsulosin|G04CA02|tamsulosin|坦索罗辛|缓释胶囊|0.2 mg|1/24|oral|night
finasteride|G04CB01|finasteride|非那雄胺|片|5 mg|1/24|oral
goserelin|L02AE03|goserelin|戈舍瑞林|缓释植入剂|3.6 mg|1/672|sc
bicalutamide|L02BB03|bicalutamide|比卡鲁胺|片|50 mg|1/24|oral
capecitabine|L01BC06|capecitabine|卡培他滨|片|1.5 g|2/24|oral|meal
oxaliplatin|L01XA03|oxaliplatin|奥沙利铂|注射剂|200 mg|1/504|iv
letrozole|L02BG04|letrozole|来曲唑|片|2.5 mg|1/24|oral
lenalidomide|L04AX04|lenalidomide|来那度胺|胶囊|25 mg|1/24|oral
bortezomib|L01XG01|bortezomib|硼替佐米|注射剂|2 mg|1/168|sc
levothyroxine|H03AA01|levothyroxine sodium|左甲状腺素钠|片|75 ug|1/24|oral|morning
thiamazole|H03BB02|thiamazole|甲巯咪唑|片|10 mg|1/24|oral
febuxostat|M04AA03|febuxostat|非布司他|片|40 mg|1/24|oral
levodopa|N04BA02|levodopa and decarboxylase inhibitor|多巴丝肼|片|125 mg|3/24|oral|before
levetiracetam|N03AX14|levetiracetam|左乙拉西坦|片|0.5 g|2/24|oral
celecoxib|M01AH01|celecoxib|塞来昔布|胶囊|0.2 g|1/24|oral|pain
diclofenac|M01AB05|diclofenac|双氯芬酸钠|缓释片|75 mg|2/24|oral|meal
paracetamol|N02BE01|paracetamol|对乙酰氨基酚|片|0.5 g|3/24|oral|pain
lactulose|A06AD11|lactulose|乳果糖|口服溶液|15 mL|2/24|oral
sertraline|N06AB06|sertraline|舍曲林|片|50 mg|1/24|oral||PSY
escitalopram|N06AB10|escitalopram|艾司西酞普兰|片|10 mg|1/24|oral||PSY
olanzapine|N05AH03|olanzapine|奥氮平|片|10 mg|1/24|oral|night|PSY
zopiclone|N05CF01|zopiclone|佐匹克隆|片|7.5 mg|1/24|oral|night
bictegravir|J05AR20|bictegravir combination|比克恩丙诺|片|1 {tbl}|1/24|oral||HIV
saline|B05XA03|sodium chloride|3%氯化钠|注射液|100 mL|2/24|iv
glucose|B05BA03|carbohydrates|50%葡萄糖|注射液|40 mL|1/24|iv
calcium-gluconate|A12AA03|calcium gluconate|葡萄糖酸钙|注射液|1 g|1/24|iv
vitamin-k|B02BA01|phytomenadione|维生素K1|注射液|2.5 mg|1/24|iv
"""


def _medicine(line: str) -> Medicine:
    key, atc, en, zh, form, amount, rhythm, route, *more = line.split("|")
    dose, unit = amount.split()
    frequency, hours = rhythm.split("/")
    note = _NOTES[more[0]] if more and more[0] else None
    return Medicine(
        key,
        atc,
        Words(en, zh),
        form,
        Decimal(dose),
        unit,
        int(frequency),
        int(hours),
        route,
        note,
        more[1] if len(more) > 1 else None,
    )


MEDICINES = {one.key: one for one in map(_medicine, _TABLE.strip().splitlines())}
