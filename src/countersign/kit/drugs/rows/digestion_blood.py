"""The alimentary tract, metabolism and blood (ATC A and B)."""

ROWS = """
omeprazole|奥美拉唑|A02BC01||Prilosec/Losec/洛赛克|
pantoprazole|泮托拉唑|A02BC02||Protonix/Pantoloc/潘妥洛克/泮立苏|
lansoprazole|兰索拉唑|A02BC03||Prevacid/Takepron/达克普隆|
rabeprazole|雷贝拉唑|A02BC04||Aciphex/Pariet/波利特|
esomeprazole|艾司奥美拉唑|A02BC05|埃索美拉唑|Nexium/耐信|
dexlansoprazole|右兰索拉唑|A02BC06||Dexilant|
ilaprazole|艾普拉唑|||壹丽安|
anaprazole|安奈拉唑||||
vonoprazan|伏诺拉生|A02BC08|沃诺拉赞|Takecab/Voquezna/沃克|
tegoprazan|替戈拉生|A02BC09|||
cimetidine|西咪替丁|A02BA01||Tagamet/泰胃美|
ranitidine|雷尼替丁|A02BA02||Zantac/善胃得|
famotidine|法莫替丁|A02BA03||Pepcid/高舒达|
nizatidine|尼扎替丁|A02BA04||Axid|
misoprostol|米索前列醇|A02BB01||Cytotec|
sucralfate|硫糖铝|A02BX02||Carafate|
rebamipide|瑞巴派特|A02BX14||Mucosta/膜固思达|
teprenone|替普瑞酮|||施维舒|
aluminium hydroxide|氢氧化铝|A02AB01|aluminum hydroxide||
aluminium magnesium carbonate|铝碳酸镁|A02AD04|hydrotalcite|Talcid/达喜|
colloidal bismuth|枸橼酸铋钾|A02BX05|bismuth potassium citrate/bismuth subcitrate|丽珠得乐|
domperidone|多潘立酮|A03FA03||Motilium/吗丁啉|
metoclopramide|甲氧氯普胺|A03FA01||Reglan/胃复安|
mosapride|莫沙必利|A03FA09||Gasmotin/加斯清|
itopride|伊托必利|A03FA07|||
cisapride|西沙必利|A03FA02||Propulsid/Prepulsid/普瑞博思|
atropine|阿托品|A03BA01|||
anisodamine|山莨菪碱||||
scopolamine|东莨菪碱|A04AD01|hyoscine|Transderm Scop|
pinaverium|匹维溴铵|A03AX04||Dicetel/得舒特|
trimebutine|曲美布汀|A03AA05|||
ondansetron|昂丹司琼|A04AA01||Zofran/枢复宁|
granisetron|格拉司琼|A04AA02||Kytril/枢星|
tropisetron|托烷司琼|A04AA03|||
palonosetron|帕洛诺司琼|A04AA05||Aloxi|
aprepitant|阿瑞匹坦|A04AD12||Emend/意美|
fosaprepitant|福沙匹坦|A04AD12|||
ursodeoxycholic acid|熊去氧胆酸|A05AA02|ursodiol|Ursofalk/优思弗|
bicyclol|双环醇|||百赛诺|
ademetionine|丁二磺酸腺苷蛋氨酸|A16AA02|腺苷蛋氨酸/S-adenosylmethionine|思美泰|
polyene phosphatidylcholine|多烯磷脂酰胆碱|||易善复|
lactulose|乳果糖|A06AD11||Duphalac/杜密克|
macrogol|聚乙二醇|A06AD15|polyethylene glycol|福松|
bisacodyl|比沙可啶|A06AB02||Dulcolax|
loperamide|洛哌丁胺|A07DA03||Imodium/易蒙停|
montmorillonite|蒙脱石|A07BC05|smectite/diosmectite|思密达|
mesalazine|美沙拉秦|A07EC02|mesalamine/美沙拉嗪|Salofalk/Pentasa/莎尔福|
sulfasalazine|柳氮磺吡啶|A07EC01|sulphasalazine|Azulfidine|
rifaximin|利福昔明|A07AA11||Xifaxan/昔服申|
metformin|二甲双胍|A10BA02||Glucophage/格华止|6809
insulin|胰岛素|A10A|insulin human/人胰岛素|Novolin/Humulin/诺和灵/优泌林|
insulin aspart|门冬胰岛素|A10AB05||NovoRapid/NovoLog/诺和锐|
insulin lispro|赖脯胰岛素|A10AB04||Humalog/优泌乐|
insulin glulisine|谷赖胰岛素|A10AB06||Apidra|
insulin glargine|甘精胰岛素|A10AE04||Lantus/Toujeo/来得时|
insulin detemir|地特胰岛素|A10AE05||Levemir/诺和平|
insulin degludec|德谷胰岛素|A10AE06||Tresiba/诺和达|
glibenclamide|格列本脲|A10BB01|glyburide|优降糖|4815
gliclazide|格列齐特|A10BB09||Diamicron/达美康|4816
glimepiride|格列美脲|A10BB12||Amaryl/亚莫利|25789
glipizide|格列吡嗪|A10BB07||Glucotrol/瑞易宁|4821
gliquidone|格列喹酮|A10BB08||Glurenorm/糖适平|
repaglinide|瑞格列奈|A10BX02||NovoNorm/Prandin/诺和龙|
nateglinide|那格列奈|A10BX03||Starlix/唐力|
pioglitazone|吡格列酮|A10BG03||Actos/艾可拓|
rosiglitazone|罗格列酮|A10BG02||Avandia/文迪雅|
acarbose|阿卡波糖|A10BF01||Glucobay/拜唐苹|
miglitol|米格列醇|A10BF02|||
voglibose|伏格列波糖|A10BF03||Basen/倍欣|
sitagliptin|西格列汀|A10BH01||Januvia/捷诺维|
vildagliptin|维格列汀|A10BH02||Galvus/佳维乐|
saxagliptin|沙格列汀|A10BH03||Onglyza/安立泽|
alogliptin|阿格列汀|A10BH04||Nesina/尼欣那|
linagliptin|利格列汀|A10BH05||Trajenta/Tradjenta/欧唐宁|
dapagliflozin|达格列净|A10BK01||Farxiga/Forxiga/安达唐|
canagliflozin|卡格列净|A10BK02||Invokana/怡可安|
empagliflozin|恩格列净|A10BK03||Jardiance/欧唐静|
ertugliflozin|艾托格列净|A10BK04|||
henagliflozin|恒格列净||||
exenatide|艾塞那肽|A10BJ01||Byetta/Bydureon/百泌达|
liraglutide|利拉鲁肽|A10BJ02||Victoza/诺和力|
dulaglutide|度拉糖肽|A10BJ05||Trulicity/度易达|
semaglutide|司美格鲁肽|A10BJ06||Ozempic/Rybelsus/Wegovy/诺和泰/诺和盈|
lixisenatide|利司那肽|A10BJ03|||
polyethylene glycol loxenatide|聚乙二醇洛塞那肽||loxenatide/洛塞那肽||
tirzepatide|替尔泊肽|A10BX16||Mounjaro/穆峰达|
vitamin D|维生素D|A11CC05|colecalciferol/cholecalciferol/维生素D3||
calcitriol|骨化三醇|A11CC04||Rocaltrol/罗盖全|
alfacalcidol|阿法骨化醇|A11CC03|||
vitamin C|维生素C|A11GA01|ascorbic acid||
vitamin B1|维生素B1|A11DA01|thiamine||
vitamin B6|维生素B6|A11HA02|pyridoxine||
calcium carbonate|碳酸钙|A12AA04|||
calcium gluconate|葡萄糖酸钙|A12AA03|||
potassium chloride|氯化钾|A12BA01|氯化钾缓释|补达秀|8591
potassium citrate|枸橼酸钾|A12BA02|||
potassium gluconate|葡萄糖酸钾|A12BA05|||
potassium aspartate|门冬氨酸钾||门冬氨酸钾镁||
magnesium sulfate|硫酸镁|B05XA05|magnesium sulphate||
orlistat|奥利司他|A08AB01||Xenical/赛尼可|
phentermine|芬特明|A08AA01|苯丁胺|Adipex|
diethylpropion|安非拉酮|A08AA03|amfepramone|Tenuate|
phendimetrazine|苯甲曲秦||苯双甲吗啉|Bontril|
benzphetamine|苄非他明||苄甲苯丙胺|Didrex|
warfarin|华法林|B01AA03||Coumadin|11289
heparin|肝素|B01AB01|||5224
enoxaparin|依诺肝素|B01AB05||Lovenox/Clexane/克赛|67108
dalteparin|达肝素|B01AB04||Fragmin/法安明|67109
nadroparin|那屈肝素|B01AB06|那曲肝素|Fraxiparine/速碧林|
fondaparinux|磺达肝癸钠|B01AX05|磺达肝素|Arixtra/安卓|
dabigatran|达比加群|B01AE07|达比加群酯|Pradaxa/泰毕全|
bivalirudin|比伐芦定|B01AE06|比伐卢定|Angiomax|
argatroban|阿加曲班|B01AE03|||
rivaroxaban|利伐沙班|B01AF01||Xarelto/拜瑞妥|
apixaban|阿哌沙班|B01AF02||Eliquis/艾乐妥|
edoxaban|艾多沙班|B01AF03||Savaysa/Lixiana/里先安|
aspirin|阿司匹林|B01AC06/N02BA01|acetylsalicylic acid/乙酰水杨酸|Bayaspirin/拜阿司匹灵|1191
clopidogrel|氯吡格雷|B01AC04||Plavix/波立维/泰嘉|32968
ticlopidine|噻氯匹定|B01AC05||Ticlid|
prasugrel|普拉格雷|B01AC22||Effient|
ticagrelor|替格瑞洛|B01AC24||Brilinta/Brilique/倍林达|
cilostazol|西洛他唑|B01AC23||Pletal/培达|
dipyridamole|双嘧达莫|B01AC07||Persantine/潘生丁|
indobufen|吲哚布芬|B01AC10|||
sarpogrelate|沙格雷酯|||安步乐克|
tirofiban|替罗非班|B01AC17||Aggrastat/欣维宁|
eptifibatide|依替巴肽|B01AC16|||
iloprost|伊洛前列素|B01AC11|||
treprostinil|曲前列尼尔|B01AC21|||
selexipag|司来帕格|B01AC27||优拓比|
alteplase|阿替普酶|B01AD02||Actilyse/爱通立|
urokinase|尿激酶|B01AD04|||
reteplase|瑞替普酶|B01AD07|||
tenecteplase|替奈普酶|B01AD11|||
batroxobin|巴曲酶||||
tranexamic acid|氨甲环酸|B02AA02||Cyklokapron|
vitamin K1|维生素K1|B02BA01|phytomenadione/phytonadione||
ferrous sulfate|硫酸亚铁|B03AA07|ferrous sulphate||
ferrous succinate|琥珀酸亚铁|B03AA06||速力菲|
iron sucrose|蔗糖铁|B03AC||维乐福|
polysaccharide iron|多糖铁复合物|||力蜚能|
roxadustat|罗沙司他|B03XA05||爱瑞卓|
erythropoietin|促红素|B03XA01|epoetin/重组人促红素/促红细胞生成素||
folic acid|叶酸|B03BB01||斯利安|
mecobalamin|甲钴胺|B03BA05|methylcobalamin|Methycobal/弥可保|
glucose|葡萄糖|B05BA03|dextrose||
sodium chloride|氯化钠|B05CB01|生理盐水||
sodium bicarbonate|碳酸氢钠|B05CB04|小苏打||
mannitol|甘露醇|B05BC01|||
albumin|人血白蛋白|B05AA01|human albumin||
immunoglobulin|人免疫球蛋白|J06BA02|静注人免疫球蛋白||
"""
