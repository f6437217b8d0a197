"""Charts: the patients of wards and clinics, and each patient's record."""

from __future__ import annotations

from pathlib import Path

from countersign.ground.identity import Action, Role
from countersign.ground.shell import Manifest, NavItem
from countersign.kit.words import Words

from .pages import pages

HERE = Path(__file__).parent

manifest = Manifest(
    name="charts",
    title=Words("Charts", "病历"),
    summary=Words(
        "The patients of wards and clinics, and each patient's record.",
        "病区与门诊的患者及其病历。",
    ),
    pages=pages,
    nav=(
        NavItem(
            "/charts",
            Words("Patients", "患者"),
            (Action.PATIENTS_LIST,),
            home=frozenset({Role.NURSE, Role.LABORATORY_TECHNICIAN, Role.PHARMACIST, Role.PATIENT}),
            key="p",
        ),
    ),
    templates=HERE / "templates" / "charts",
    locale=HERE / "locale",
)
