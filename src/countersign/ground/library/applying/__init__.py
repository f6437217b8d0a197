"""From the facts of a chart to the passages that apply to the patient."""

from .facts import Fact, Person, facts_of, person_of
from .fitting import about_a_problem, fits, of_the_text
from .gathering import Applying, Gathered, gathered
from .languages import in_one_language, question_of
from .meanings import meaning_of

__all__ = [
    "Applying",
    "Fact",
    "Gathered",
    "Person",
    "about_a_problem",
    "facts_of",
    "fits",
    "gathered",
    "in_one_language",
    "meaning_of",
    "of_the_text",
    "person_of",
    "question_of",
]
