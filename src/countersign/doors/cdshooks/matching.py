"""Finds out which of our patients a workstation means, or says plainly why that is not certain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

from countersign.ground.chart import Chart
from countersign.ground.identity import CdsClient
from countersign.kit.json import JSON
from countersign.kit.words import Words

MOST = 10
"""Identifiers of one patient that are looked up."""

_UNFIT = frozenset(",|$\\")
_MERGED = ("replaced-by",)

NOT_SENT: Final = Words(
    "The workstation did not send the patient's record, and it could not be fetched.",
    "工作站未发送患者资料，也无法获取。",
)
UNREADABLE: Final = Words(
    "The patient's record that the workstation sent is not readable as FHIR R4.",
    "工作站发送的患者资料无法按 FHIR R4 读取。",
)
ANOTHER: Final = Words(
    "The workstation named one patient and sent the record of another.",
    "工作站指定的患者与所发送的资料不是同一人。",
)
NO_IDENTIFIER: Final = Words(
    "The record that the workstation sent has no identifier with a system, by which the patient "
    "could be found here.",
    "工作站发送的资料没有带编码系统的标识，无法在本系统中确定患者。",
)
UNKNOWN: Final = Words(
    "No chart that this workstation may use bears any of the patient's identifiers.",
    "该工作站可使用的病历中，没有与该患者标识相符者。",
)
SEVERAL: Final = Words(
    "The patient's identifiers lead to more than one chart here. Somebody must find out which "
    "is right.",
    "该患者的标识对应多份病历，须由人员核实。",
)
DIFFERENT: Final = Words(
    "The identifiers agree, but date of birth or sex differ from the chart here. It may be "
    "another person.",
    "标识相符，但出生日期或性别与本系统病历不一致，可能不是同一人。",
)
MERGED_THERE: Final = Words(
    "In the workstation this record was merged into another or closed. Open the one that remains.",
    "该资料在工作站中已合并或停用。请打开保留的资料。",
)
MERGED_HERE: Final = Words(
    "The chart here was merged into another or closed. Open the one that remains.",
    "本系统中该病历已合并或停用。请打开保留的病历。",
)


@dataclass(frozen=True, slots=True)
class Matched:
    """Our patient, with the Patient resource of our chart."""

    id: str
    resource: JSON


def match(chart: Chart, client: CdsClient, theirs: JSON, identifier: str) -> Matched | Words:
    """Our patient, or why nobody can be certain who is meant.

    ``theirs`` is a valid Patient of the workstation and ``identifier`` what its call named.
    The policy is asked as for any other system: a chart that is closed to it is not found.
    """
    if str(theirs.get("id", "")) != identifier:
        return ANOTHER
    if _closed(theirs):
        return MERGED_THERE
    asked = sorted(set(_identifiers(theirs)))[:MOST]
    if not asked:
        return NO_IDENTIFIER
    reader = chart.reader(client.principal)
    wanted = ",".join(f"{system}|{value}" for system, value in asked)
    page = reader.search("Patient", [("identifier", wanted), ("_count", "5")])
    if len(page.versions) != 1:
        return SEVERAL if page.versions else UNKNOWN
    ours = page.versions[0].resource
    if _closed(ours):
        return MERGED_HERE
    if _differ(theirs, ours, "birthDate") or _differ(theirs, ours, "gender"):
        return DIFFERENT
    return Matched(str(ours["id"]), ours)


def _closed(patient: JSON) -> bool:
    links = cast("list[JSON]", patient.get("link", []))
    return patient.get("active") is False or any(one.get("type") in _MERGED for one in links)


def _identifiers(patient: JSON) -> Iterable[tuple[str, str]]:
    for one in cast("list[JSON]", patient.get("identifier", [])):
        system, value = str(one.get("system", "")), str(one.get("value", "")).strip()
        if system and value and one.get("use") != "old" and not _UNFIT & set(system + value):
            yield system, value


def _differ(theirs: JSON, ours: JSON, name: str) -> bool:
    """Both say it, and not the same; a less precise date agrees with what it contains."""
    one, two = str(theirs.get(name, "")), str(ours.get(name, ""))
    if not one or not two or (name == "gender" and "unknown" in (one, two)):
        return False
    shorter, longer = sorted((one, two), key=len)
    return not longer.startswith(shorter)
