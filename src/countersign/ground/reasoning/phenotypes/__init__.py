"""Rare diseases from phenotype terms, over the annotations of the Human Phenotype Ontology."""

from .course import Person
from .errors import NamesUnreadable, PhenotypesUnreadable, UnknownTerm, VariantsUnreadable
from .picker import Term
from .rare_diseases import RareDiseases
from .variants import genes_in

__all__ = [
    "NamesUnreadable",
    "Person",
    "PhenotypesUnreadable",
    "RareDiseases",
    "Term",
    "UnknownTerm",
    "VariantsUnreadable",
    "genes_in",
]
