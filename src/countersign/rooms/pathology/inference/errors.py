"""Why an analysis gives no answer on a slide that can be read."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class Unmeasurable(CountersignError):
    """``reason`` in the details is a short stable code: ``no-tissue``, ``no-pixel-size``, …"""

    code = "pathology.unmeasurable"
    status = 422
    message = "Nothing can be measured on this slide ({reason}). Scan it again."
