"""The pages of pre-consultation: the patient's, by a link, and those of the staff."""

from .desk import pages
from .guests import guests

__all__ = ["guests", "pages"]
