"""An ontology of a dozen terms and five diseases, small enough to reckon by hand."""

from __future__ import annotations

from countersign.ground.reasoning.phenotypes.annotations import (
    Annotations,
    read_annotations,
    read_genes,
)
from countersign.ground.reasoning.phenotypes.knowledge import Knowledge, assemble
from countersign.ground.reasoning.phenotypes.ontology import Ontology, read_ontology

TERMS = (
    ("HP:0000001", "All", ()),
    ("HP:0000118", "Phenotypic abnormality", ("HP:0000001",)),
    ("HP:0000005", "Mode of inheritance", ("HP:0000001",)),
    ("HP:0001419", "X-linked recessive inheritance", ("HP:0000005",)),
    ("HP:0000707", "Abnormality of the nervous system", ("HP:0000118",)),
    ("HP:0001250", "Seizure", ("HP:0000707",)),
    ("HP:0007359", "Focal-onset seizure", ("HP:0001250",)),
    ("HP:0011097", "Epileptic spasm", ("HP:0001250",)),
    ("HP:0000924", "Abnormality of the skeletal system", ("HP:0000118",)),
    ("HP:0001166", "Arachnodactyly", ("HP:0000924",)),
    ("HP:0000098", "Tall stature", ("HP:0000924",)),
    ("HP:0001083", "Ectopia lentis", ("HP:0000118",)),
)

ROWS = (
    ("OMIM:1", "Long bones 1", "", "HP:0001166", "PMID:1", "8/10", "P"),
    ("OMIM:1", "Long bones 1", "", "HP:0000098", "PMID:1;PMID:2", "5/10", "P"),
    ("OMIM:1", "Long bones 1", "", "HP:0001083", "PMID:2", "HP:0040282", "P"),
    ("OMIM:1", "Long bones 1", "", "HP:0003577", "PMID:2", "", "C"),
    ("OMIM:2", "Long bones 2", "", "HP:0001166", "PMID:3", "1/1", "P"),
    ("OMIM:2", "Long bones 2", "NOT", "HP:0001083", "PMID:3", "0/9", "P"),
    ("OMIM:3", "Spasms", "", "HP:0011097", "OMIM:3", "", "P"),
    ("OMIM:3", "Spasms", "", "HP:0001419", "OMIM:3", "", "I"),
    ("OMIM:4", "Fits", "", "HP:0007359", "PMID:4", "45%", "P"),
    ("ORPHA:9", "Spasms", "", "HP:0011097", "ORPHA:9", "HP:0040281", "P"),
    ("ORPHA:8", "Lens alone", "", "HP:0001083", "ORPHA:8", "HP:0040281", "P"),
)

GENES = ("1\tFBN\tHP:0001166\tArachnodactyly\t-\tOMIM:1", "2\tSPM\tHP:0011097\tx\t-\tOMIM:3")


def ontology() -> Ontology:
    return read_ontology(obo().splitlines())


def obo() -> str:
    stanzas = [
        "\n".join([f"[Term]\nid: {one}\nname: {name}", *(f"is_a: {up} ! x" for up in above)])
        for one, name, above in TERMS
    ]
    stanzas[5] += '\nalt_id: HP:0002432\nsynonym: "Epileptic fit" EXACT layperson []'
    old = (
        "[Term]\nid: HP:0040168\nname: obsolete Spasms\nis_obsolete: true\nreplaced_by: HP:0011097"
    )
    head = "format-version: 1.2\ndata-version: hp/releases/2020-02-02\n"
    return "\n\n".join([head, *stanzas, old, "[Typedef]\nid: part_of\nname: part of"])


def hpoa(rows: tuple[tuple[str, ...], ...] = ROWS) -> str:
    lines = [
        "\t".join([one, name, no, term, ref, "PCS", "", often, "", "", aspect, "x"])
        for one, name, no, term, ref, often, aspect in rows
    ]
    return "\n".join(["#version: 2020-03-03", "database_id\tdisease_name", *lines])


def annotations(rows: tuple[tuple[str, ...], ...] = ROWS) -> Annotations:
    return read_annotations(hpoa(rows).splitlines())


def knowledge(rows: tuple[tuple[str, ...], ...] = ROWS) -> Knowledge:
    return assemble(ontology(), annotations(rows), read_genes(GENES))
