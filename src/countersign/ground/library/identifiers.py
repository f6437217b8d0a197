"""Takes out of a question what could name somebody, before it is kept for curators.

It knows the forms of identifiers and the words beside which names stand; a name that stands alone
it cannot know, and a curator's page says so.
"""

from __future__ import annotations

import re

GONE = "…"

_WIDE = (
    *(range(0xFF10, 0xFF1A), range(0xFF21, 0xFF3B), range(0xFF41, 0xFF5B)),
    *(range(0xFF0D, 0xFF10), range(0xFF20, 0xFF21)),
)
_NARROW = {one: one - 0xFEE0 for some in _WIDE for one in some}
_LABELS = (
    "身份证号码|身份证号|身份证|护照号|护照|医保卡号|医保号|社保号|就诊卡号|就诊号|住院号|门诊号|病案号|病历号|"
    "检查号|标本号|条码号|床号|电话号码|电话|手机号|手机|微信号|微信|"
    "(?<![A-Za-z])(?:QQ|MRN|ID|NHS|SSN|passport|phone|mobile|tel|bed|room)(?![A-Za-z])"
)
_SURNAMES = (
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|令狐|慕容|"
    "[赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹章苏潘葛范彭郎鲁韦马方俞任袁柳鲍史唐"
    "费廉岑薛雷贺倪汤滕罗毕郝邬安常于傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛戴谈宋庞熊纪舒屈项祝董梁杜阮蓝"
    "贾路江童颜郭梅盛林钟徐邱骆高夏蔡田胡凌霍万柯管卢莫房丁邓洪包左石崔吉龚程邢裴陆翁侯刘龙叶司黎乔"
    "覃谭武段简曾向易廖耿文申冉桂牛关白聂肖]"
)
_WORDS = (
    "高[血尿热脂钾钠钙磷镁胆糖龄危泌]|白[血癜内细带化塞]|黄[疸斑体]|关节|康复|安[静全]|常规|金黄|石[膏棉]|"
    "万古|马[尾蹄凡]|龙胆|曾[经有患行]|毛[细囊发]|方案|熊[去胆]|易[感怒疲]"
)
"""Words that begin with a surname and are none."""
_TITLES = (
    "先生|女士|小姐|同志|老师|医生|大夫|医师|主任|护士长|护士|教授|院长|"
    "大爷|大妈|阿姨|叔叔|奶奶|爷爷"
)
_FORMS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(
        rf"(?P<kept>(?:{_LABELS})\s*(?:is|为|是|no\.?|号)?\s*[:：#]?\s*)(?=[\w-]*\d)\w[\w-]*", re.I
    ),
    re.compile(r"\d{2,4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,4}\s*[日号]?"),
    re.compile(r"\d[\d\s-]{5,}\d[\dXx]?"),
    re.compile(r"(?<![A-Za-z\d])[A-Za-z]{1,6}-?\d{4,}[A-Za-z\d-]*"),
    re.compile(r"(?<!\d)\d{1,4}(?P<kept>\s*床)"),
    re.compile(
        r"(?P<kept>(?:姓名|名字|名叫|叫做|姓名是|我叫|他叫|她叫)\s*[:：是为]?\s*)"
        r"[\u3400-\u9fff·]{2,4}"
    ),
    re.compile(rf"(?!{_WORDS})(?:{_SURNAMES})[\u3400-\u9fff]{{0,2}}?(?P<kept>{_TITLES})"),
    re.compile(
        rf"(?P<kept>(?:患者|病人|患儿|产妇|孕妇)\s*)(?!{_WORDS})(?:{_SURNAMES})[\u3400-\u9fff]{{1,2}}"
        r"(?=\s*(?:[,.;:，。；：、()（）]|男|女|年龄|今年|现年|\d|$))"
    ),
    re.compile(
        r"(?P<kept>\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.?\s+)[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+){0,2}"
    ),
    re.compile(
        r"(?P<kept>\b(?:[Nn]ame(?:d)?(?: is)?|called|[Pp]atient)\s*:?\s+)"
        r"[A-Z][a-z'-]+(?:\s+[A-Z][a-z'-]+){1,2}"
    ),
)


def without_identifiers(text: str) -> str:
    """The text with ``…`` for what looks like an identifier or a name; Latin signs narrow."""
    said = text.translate(_NARROW)
    for form in _FORMS:
        said = form.sub(_left, said)
    return said


def _left(match: re.Match[str]) -> str:
    kept = match.groupdict().get("kept") or ""
    return kept + GONE if match.group().startswith(kept) and kept else GONE + kept
