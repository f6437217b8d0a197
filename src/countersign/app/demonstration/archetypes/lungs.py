"""COPD with exacerbations, asthma, and pneumonia that healed."""

from __future__ import annotations

from datetime import datetime, timedelta

from countersign.app.demonstration.story import Contact, Diagnosis, Story
from countersign.app.demonstration.writing.acts import vaccinate, vaccinate_in_season
from countersign.app.demonstration.writing.care import plan
from countersign.app.demonstration.writing.contacts import admit, follow_up, visit
from countersign.app.demonstration.writing.exams import image
from countersign.app.demonstration.writing.notes import note
from countersign.app.demonstration.writing.orders import prescribe
from countersign.app.demonstration.writing.problems import diagnose, resolve
from countersign.app.demonstration.writing.reports import single
from countersign.app.demonstration.writing.rounds import measure_height, monitor, stay
from countersign.kit.words import Words

from .strands import DAY, raised_pressure

_COPD = Words("COPD, follow-up", "慢性阻塞性肺疾病复诊")
_WORSE = Words("Cough and breathlessness worse for four days", "咳嗽、咳痰、气促加重4天")
_FEVER = Words("Fever and cough for four days", "发热、咳嗽4天")
_AFTER = Words("A month after pneumonia", "肺炎出院后1月复查")
_ASTHMA = Words("Asthma, follow-up", "支气管哮喘复诊")
_HYPERINFLATED = Words("Emphysema, no consolidation.", "双肺肺气肿改变，未见实变。")
INFILTRATE = Words(
    "Patchy consolidation of the right lower lobe.", "右肺下叶斑片状实变影，考虑肺炎。"
)
_CLEARED = Words("Right lower lobe consolidation absorbed.", "右肺下叶炎症已吸收。")
_CARE = (
    Words("Stop smoking", "戒烟"),
    Words("Inhaler technique checked at each visit", "每次复诊检查吸入装置使用方法"),
    Words("Influenza vaccine every year", "每年接种流感疫苗"),
)


def copd(story: Story) -> None:
    """FEV1 falls slowly; one or two exacerbations are treated on the ward."""
    rng, body = story.rng, story.body
    worst = rng.uniform(38, 55)
    body.level("saturation", 95.5)
    visits = follow_up(
        story,
        "respiratory",
        story.years(2.2, 4.2),
        150,
        _COPD,
        opening=Words("Cough for ten years, breathless for two", "咳嗽、咳痰十余年，气促2年"),
    )
    first = visits[0]
    first.history = "反复咳嗽、咳白痰十余年，近2年活动后气促，吸烟40余年。"
    body.course("fev1-predicted", [(first.start, worst + 9), (story.present, worst)])
    body.course("fev1-fvc", [(first.start, 60), (story.present, 54)])
    found = diagnose(story, "copd", first)
    prescribe(story, "tiotropium", first, reason=found)
    prescribe(story, "budesonide-formoterol", visits[-1 if len(visits) < 3 else 2], reason=found)
    others = [found]
    if story.chance(0.4):
        others.append(raised_pressure(story, visits, ("amlodipine",)))
    measure_height(story, first)
    image(story, first, "chest-ct", first.start + timedelta(minutes=50), _HYPERINFLATED)
    for one in visits[:: max(2, len(visits) // 4)]:
        single(story, one, one.start + timedelta(minutes=30), "fev1-fvc", "fev1-predicted")
    bedside = ("pulse", "saturation")
    monitor(story, visits, others, (), ("count", "renal", "crp"), bedside)
    for _ in range(1 if story.margin else rng.choice((1, 1, 2))):
        _exacerbation(story, found)
    plan(story, first, Words("COPD plan", "慢阻肺管理计划"), found, (), _CARE)
    vaccinate_in_season(story, visits)
    vaccinate(story, "pneumococcal", visits[-1])


def _exacerbation(story: Story, found: Diagnosis) -> None:
    start = open_days(story, found.since, 9)
    if start is None:
        return
    infected(story, start, crp=64, wbc=11.8, temperature=37.9, saturation=89)
    contact = admit(story, "respiratory", start, 7.2, _WORSE, source="emd")
    contact.history = "受凉后咳嗽、咳黄脓痰，气促较前明显加重，伴低热，无咯血、胸痛。"
    acute = diagnose(story, "copd-acute", contact)
    resolve(acute, start + 7.2 * DAY)
    contact.diagnoses.append(found)
    image(story, contact, "chest-x-ray", start + timedelta(hours=2), _HYPERINFLATED)
    prescribe(story, "methylprednisolone", contact, days=5, reason=acute)
    prescribe(story, "salbutamol", contact, reason=acute)
    antibiotic = "levofloxacin" if "penicillin" in story.allergies else "piperacillin"
    prescribe(story, antibiotic, contact, days=6, reason=acute)
    contact.course = "抗感染、雾化及激素治疗后气促缓解，痰量减少，血氧恢复。"
    bedside = ("temperature", "pulse", "respiration", "saturation")
    first = ("count", "infection", "renal", "electrolytes")
    advice = "坚持吸入药物，戒烟，2周后呼吸科门诊复诊。"
    stay(story, contact, first, ("count", "infection"), advice, bedside)


def infected(
    story: Story, start: datetime, crp: float, wbc: float, temperature: float, saturation: float
) -> None:
    """A bacterial infection of the chest that settles within nine days."""
    body = story.body
    body.episode("crp", start, (0, crp), (30, crp * 1.1), (110, crp * 0.3), (210, 5))
    body.episode("procalcitonin", start, (0, crp / 120), (40, crp / 150), (210, 0.05))
    body.episode("wbc", start, (0, wbc), (60, wbc - 1.5), (210, 7.0))
    body.episode("lymphocytes", start, (0, 1.0), (210, 1.6))
    body.episode("temperature", start, (0, temperature), (30, temperature - 0.4), (80, 36.8))
    body.episode("saturation", start, (0, saturation), (60, saturation + 3), (210, 96))
    body.episode("pulse", start, (0, 102), (60, 88), (210, 78))
    body.episode("respiration", start, (0, 24), (60, 20), (210, 18))


def open_days(story: Story, since: datetime, days: float) -> datetime | None:
    """A start after ``since`` for an admission of so many days that meets no other contact."""
    room = (story.present - since) / DAY - days - story.margin - 12
    for _ in range(40):
        if room <= 10:
            return None
        moment = since + story.rng.uniform(5, room) * DAY
        start = moment.replace(hour=story.rng.randrange(9, 20), second=0, microsecond=0)
        if story.free(start, start + days * DAY):
            return start
    return None


def pneumonia(story: Story) -> None:
    """Well before and after; check-ups frame one admission for pneumonia."""
    rng = story.rng
    plain = Words("Health check", "健康体检")
    checks = follow_up(story, "general-medicine", story.years(2.6, 4.5), 340, plain)
    bedside = ("pulse", "temperature", "weight")
    yearly = ("count", "renal", "liver", "lipids", "glucose")
    check = diagnose(story, "check-up", checks[0])
    resolve(check, checks[0].start)
    monitor(story, checks, [], (), yearly, bedside, notes=1, gap=250)
    if story.margin:
        return
    start = open_days(story, story.ago(rng.uniform(120, 500)), 8)
    if start is None:
        return
    infected(story, start, crp=rng.uniform(90, 170), wbc=14.2, temperature=39.1, saturation=93)
    contact = admit(story, "respiratory", start, 7.1, _FEVER, source="emd")
    contact.history = "4天前受凉后发热，最高39.3℃，咳黄痰，右侧胸痛，深呼吸时明显。"
    found = treat_pneumonia(story, contact)
    contact.course = "抗感染治疗72小时后体温正常，咳嗽、咳痰明显减轻。"
    bedside = ("temperature", "pulse", "respiration", "saturation")
    first = ("count", "infection", "renal", "liver")
    stay(story, contact, first, ("count", "infection"), "休息，4周后复查胸片。", bedside)
    resolve(found, start + 21 * DAY)
    if start + 38 * DAY < story.present - 2 * DAY:
        weeks = start + 28 * DAY
        monday = (weeks + (7 - weeks.weekday()) % 7 * DAY).replace(hour=9, minute=30)
        after = visit(story, "respiratory", monday, _AFTER)
        after.history = "肺炎出院后1月，无发热、咳嗽，精神、食欲好。"
        image(story, after, "chest-x-ray", after.start + timedelta(minutes=30), _CLEARED)
        note(story, after, "outpatient", after.start + timedelta(minutes=85))


def treat_pneumonia(story: Story, contact: Contact) -> Diagnosis:
    """The diagnosis, the film and an antibiotic that the allergies allow."""
    found = diagnose(story, "pneumonia", contact)
    image(story, contact, "chest-x-ray", contact.start + timedelta(hours=1.5), INFILTRATE)
    antibiotic = "levofloxacin" if "penicillin" in story.allergies else "ceftriaxone"
    prescribe(story, antibiotic, contact, days=7, reason=found)
    prescribe(story, "ambroxol", contact, reason=found)
    return found


def asthma(story: Story) -> None:
    """Controlled by one inhaler."""
    visits = follow_up(
        story,
        "respiratory",
        story.years(2.6, 4.4),
        150,
        _ASTHMA,
        opening=Words("Wheezing on and off for three years", "反复喘息3年"),
    )
    first = visits[0]
    first.history = "反复发作性喘息、胸闷3年，接触冷空气及花粉后加重，夜间偶有憋醒。"
    body = story.body
    body.course("fev1-predicted", [(first.start, 71), (first.start + 150 * DAY, 88)])
    body.course("fev1-fvc", [(first.start, 66), (first.start + 150 * DAY, 75)])
    found = diagnose(story, "asthma", first, first.start - 3 * 365 * DAY)
    prescribe(story, "budesonide-formoterol", first, reason=found)
    prescribe(story, "montelukast", first, days=200, reason=found)
    measure_height(story, first)
    for one in visits[::2]:
        single(story, one, one.start + timedelta(minutes=30), "fev1-fvc", "fev1-predicted")
    bedside = ("pulse", "respiration", "saturation")
    yearly = ("count", "liver", "renal", "electrolytes", "lipids")
    monitor(story, visits, [found], (), yearly, bedside)
    plan(story, first, Words("Asthma plan", "哮喘管理计划"), found, (), _CARE[1:])
    vaccinate_in_season(story, visits)
