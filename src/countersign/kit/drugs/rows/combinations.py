"""Products of several substances, by the names they are prescribed under."""

ROWS = """
co-trimoxazole|复方磺胺甲噁唑/复方磺胺甲恶唑/复方新诺明/百炎净/Bactrim/Septra/sulfamethoxazole and trimethoprim|J01EE01|sulfamethoxazole+trimethoprim
amoxicillin and clavulanic acid|阿莫西林克拉维酸/co-amoxiclav/Augmentin/安灭菌/力百汀|J01CR02|amoxicillin+clavulanic acid
ampicillin and sulbactam|氨苄西林舒巴坦/Unasyn/优立新|J01CR01|ampicillin+sulbactam
piperacillin and tazobactam|哌拉西林他唑巴坦/Zosyn/Tazocin/特治星|J01CR05|piperacillin+tazobactam
cefoperazone and sulbactam|头孢哌酮舒巴坦/Sulperazon/舒普深|J01DD62|cefoperazone+sulbactam
imipenem and cilastatin|亚胺培南西司他丁/Tienam/Primaxin/泰能||imipenem
lopinavir and ritonavir|洛匹那韦利托那韦/Kaletra/Aluvia/克力芝|J05AR10|lopinavir+ritonavir
nirmatrelvir and ritonavir|奈玛特韦利托那韦/Paxlovid|J05AE30|nirmatrelvir+ritonavir
simnotrelvir and ritonavir|先诺欣||simnotrelvir+ritonavir
bictegravir, emtricitabine and tenofovir alafenamide|比克恩丙诺/Biktarvy/必妥维|J05AR20|bictegravir+emtricitabine+tenofovir
sacubitril and valsartan|沙库巴曲缬沙坦/Entresto/诺欣妥|C09DX04|sacubitril+valsartan
losartan and hydrochlorothiazide|氯沙坦钾氢氯噻嗪/Hyzaar/海捷亚|C09DA01|losartan+hydrochlorothiazide
irbesartan and hydrochlorothiazide|厄贝沙坦氢氯噻嗪/CoAprovel/安博诺|C09DA04|irbesartan+hydrochlorothiazide
amlodipine and valsartan|缬沙坦氨氯地平/Exforge/倍博特|C09DB01|valsartan+amlodipine
levodopa and benserazide|多巴丝肼/Madopar/美多芭|N04BA02|levodopa+benserazide
levodopa and carbidopa|卡左双多巴/Sinemet/息宁|N04BA02|levodopa+carbidopa
sitagliptin and metformin|西格列汀二甲双胍/Janumet/捷诺达|A10BD07|sitagliptin+metformin
pioglitazone and metformin|吡格列酮二甲双胍/Actoplus|A10BD05|pioglitazone+metformin
ezetimibe and simvastatin|依折麦布辛伐他汀/Vytorin/Inegy/葆至能|C10BA02|ezetimibe+simvastatin
budesonide and formoterol|布地奈德福莫特罗/Symbicort/信必可|R03AK07|budesonide+formoterol
salmeterol and fluticasone|沙美特罗替卡松/Seretide/Advair/舒利迭|R03AK06|salmeterol+fluticasone
oxycodone and paracetamol|氨酚羟考酮/Percocet/泰勒宁|N02AJ17|oxycodone+paracetamol
tramadol and paracetamol|氨酚曲马多/Ultracet/及通安|N02AJ13|tramadol+paracetamol
paracetamol, pseudoephedrine, dextromethorphan and chlorphenamine|酚麻美敏/美扑伪麻/泰诺||paracetamol+pseudoephedrine+dextromethorphan+chlorpheniramine
paracetamol, pseudoephedrine, dextromethorphan and diphenhydramine|氨麻苯美/白加黑||paracetamol+pseudoephedrine+dextromethorphan+diphenhydramine
paracetamol, amantadine, caffeine and chlorphenamine|复方氨酚烷胺/感康/快克||paracetamol+amantadine+caffeine+chlorpheniramine
pseudoephedrine and chlorphenamine|复方盐酸伪麻黄碱/新康泰克||pseudoephedrine+chlorpheniramine
ergotamine and caffeine|麦角胺咖啡因|N02CA52|ergotamine+caffeine
compound reserpine and triamterene|复方利血平氨苯蝶啶/北京降压0号/降压0号||reserpine+triamterene+hydrochlorothiazide
spironolactone and hydrochlorothiazide|螺内酯氢氯噻嗪/Aldactazide||spironolactone+hydrochlorothiazide
rifampicin and isoniazid|异福片/异福胶囊/Rifinah|J04AM02|rifampicin+isoniazid
rifampicin, pyrazinamide and isoniazid|异福酰胺/Rifater/卫非特|J04AM05|rifampicin+isoniazid+pyrazinamide
drospirenone and ethinylestradiol|屈螺酮炔雌醇/Yasmin/优思明|G03AA12|drospirenone+ethinylestradiol
desogestrel and ethinylestradiol|去氧孕烯炔雌醇/Marvelon/妈富隆|G03AA09|desogestrel+ethinylestradiol
flupentixol and melitracen|氟哌噻吨美利曲辛/Deanxit/黛力新||flupentixol+melitracen
"""
