"""Every medical set that a study can ask."""

from collections.abc import Mapping

from .cblue import CBLUE
from .choosing import MIRAGE, PUBMEDQA
from .spec import MEASURES, MedicalSet, Row
from .writing import IMCS, OWN, RJUA, SIGNED

SETS: Mapping[str, MedicalSet] = {
    one.name: one for one in (*MIRAGE, PUBMEDQA, *CBLUE, IMCS, RJUA, SIGNED)
}

__all__ = ["MEASURES", "OWN", "SETS", "MedicalSet", "Row"]
