"""How results are written down: columns of nuclei as Parquet, findings and plans as JSON."""

from .columns import Part, nuclei_from, nuclei_parquet, part_from, part_parquet
from .documents import findings_from, findings_json, plan_from, plan_json, region_from, region_json

__all__ = [
    "Part",
    "findings_from",
    "findings_json",
    "nuclei_from",
    "nuclei_parquet",
    "part_from",
    "part_parquet",
    "plan_from",
    "plan_json",
    "region_from",
    "region_json",
]
