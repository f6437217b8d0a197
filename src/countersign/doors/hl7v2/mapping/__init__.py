"""What a message says, as FHIR R4: pure, table by table after HL7's v2-to-FHIR guide.

https://build.fhir.org/ig/HL7/v2-to-fhir/ (concept, data type, segment and message maps). Names of
functions are those of its maps; where this differs, decision 0044 says why.
"""

from .context import Context
from .message import Mapped, mapped

__all__ = ["Context", "Mapped", "mapped"]
