"""Learning from finished consultations which question to ask next, and what they end in."""

from .asking import Consultation
from .cases import Answer, Case
from .learning import Settings, learn
from .model import Learnt

__all__ = ["Answer", "Case", "Consultation", "Learnt", "Settings", "learn"]
