"""Messages of pharmacy orders, schedules, swaps, links and moved visits, after HL7 v2.5.1."""

from __future__ import annotations


def header(kind: str, control: str, version: str = "2.5.1") -> str:
    return (
        f"MSH|^~\\&|HIS|WARD|COUNTERSIGN|HOSPITAL|20261126100000+0800||{kind}|{control}|P|{version}"
        "||||||UNICODE UTF-8\r"
    )


def pid(number: str = "4711", name: str = "王^小明", born: str = "19500506", sex: str = "M") -> str:
    return f"PID|1||{number}^^^HIS^MR||{name}||{born}|{sex}\r"


def pv1(number: str = "V4711", bed: str = "cardiology^12^3") -> str:
    return (
        f"PV1|1|I|{bed}|R|||1001^李^医生|||CAR|||||||||{number}^^^HIS"
        "|||||||||||||||||||||||||20261126075900+0800\r"
    )


def rde(
    control: str,
    orc: str = "NW|P9^HIS|F9^RX",
    drug: str = "855332^warfarin sodium 5 MG Oral Tablet^RXNORM",
) -> str:
    """RDE^O11: an encoded pharmacy order, 5 mg by mouth once a day for a week."""
    return (
        header("RDE^O11^RDE_O11", control)
        + pid()
        + pv1()
        + f"ORC|{orc}||||||20261126095500+0800|||1001^李^医生\r"
        + f"RXE||{drug}|5||mg^mg^UCUM|TAB^Tablet^HL70292|^With the evening meal||G|7|TAB^Tablet"
        "|0|||RX77\r"
        "NTE|1||INR on day 3\r"
        "TQ1|1||QD|||7^D|20261126180000+0800|20261203180000+0800|R\r"
        "RXR|PO^Oral^HL70162\r"
    )


OMP = (
    header("OMP^O09^OMP_O09", "OMP1")
    + pid()
    + pv1()
    + "ORC|NW|P9^HIS|||||||20261126095000+0800|||1001^李^医生\r"
    "TQ1|1||BID||||20261126180000+0800\r"
    "RXO|855332^warfarin sodium 5 MG Oral Tablet^RXNORM|2.5||mg^mg^UCUM\r"
    "RXR|PO^Oral^HL70162\r"
)

INFUSION = (
    header("RDE^O11^RDE_O11", "INF1") + pid() + pv1() + "ORC|NW|P10^HIS|F10^RX||||||20261126\r"
    "RXE|^Q8H^^20261126180000+0800|NS500^氯化钠注射液 500 mL^L|500||mL\r"
    "RXR|IV^Intravenous^HL70162\r"
    "RXC|B|NS500^氯化钠注射液 500 mL^L|500|mL\r"
    "RXC|A|KCL^氯化钾注射液^L|20|mmol\r"
)

OLD_RDE = (
    header("RDE^O01", "OLD1", "2.3") + pid() + "ORC|NW|P11^HIS|F11^RX\r"
    "RXE|1^BID^D5^20261126180000^^R^PRN pain|IBU^布洛芬片 400 mg^L|400||mg|TAB\r"
    "RXR|PO\r"
)


def siu(
    event: str, control: str, start: str = "20261201093000+0800", status: str = "Booked"
) -> str:
    """SIU: a colonoscopy of 50 minutes with a physician, a room and an instrument."""
    return (
        header(f"SIU^{event}^SIU_S12", control)
        + f"SCH|A1^HIS|36996^SCHED||||RESCH^Patient asked|BLEED^Rectal bleeding^L|NORMAL^^HL70276"
        f"|50|min^minutes^UCUM|||||||||||||||{status}^^HL70278\r"
        + f"TQ1|1||||||{start}\r"
        + "NTE|1||Empty bowel\r"
        + pid()
        + pv1()
        + "RGS|1|A\r"
        f"AIS|1|A|76164006^Biopsy of colon^SCT|{start}|||50|min||Booked\r"
        "AIG|1|A|5001^Colonoscope 3^L|101^Equipment^L\r"
        "AIL|1|A|ENDO^Room 2^^HOSPITAL|C^Clinic^HL70305\r"
        "AIP|1|A|1210^张^医生|010^Gastroenterologist^L||||||||Pending\r"
        "NTE|1||not of the appointment\r"
    )


def a17() -> str:
    """Beds exchanged: each patient with a PID and a PV1 of their own."""
    return (
        header("ADT^A17^ADT_A17", "SWAP1")
        + "EVN|A17|20261126120000+0800\r"
        + pid()
        + pv1(bed="cardiology^14^1")
        + pid("4712", "李^红", "19800101", "F")
        + pv1("V4712", "cardiology^12^3")
    )


def linking(event: str, control: str) -> str:
    """A24 or A37: two patients, no visit."""
    return (
        header(f"ADT^{event}^ADT_{event}", control)
        + f"EVN|{event}|20261126120000+0800\r"
        + pid()
        + pid("4712", "李^红", "19800101", "F")
    )


def a45(
    control: str = "MOVE1", prior: str = "4711^^^HIS^MR", visit: str = "V4711", new: str = "V4711"
) -> str:
    """The visit of 4711 was 4712's."""
    return (
        header("ADT^A45^ADT_A45", control)
        + "EVN|A45|20261126130000+0800\r"
        + pid("4712", "李^红", "19800101", "F")
        + f"MRG|{prior}||||{visit}^^^HIS\r"
        + pv1(new)
    )


def a47(control: str, new: str = "4799", old: str = "4711") -> str:
    """The number of one patient is another one now."""
    kind = header("ADT^A47^ADT_A30", control)
    return f"{kind}EVN|A47|20261127\r{pid(new)}MRG|{old}^^^HIS^MR\r"
