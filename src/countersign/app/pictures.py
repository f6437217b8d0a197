"""What keeps pictures of other systems, with the settings of this installation."""

from __future__ import annotations

from countersign.ground.db import Database, DbRole
from countersign.ground.imaging import Received
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Ledger
from countersign.ground.slides import Slides, open_slides
from countersign.ground.vault import Vault
from countersign.kit.ids import new_id

from .settings import Settings

SLIDE = "pathology.slide"
"""What examines and measures a slide, in the worker."""

SLIDES = "pathology.received"
"""What takes in a series that another system sent, in the worker."""


def received(
    settings: Settings, database: Database, vault: Vault, ledger: Ledger, jobs: Jobs
) -> Received:
    """Files lie in the folder of the installation, readable by its owner alone."""
    return Received(
        database.pool(DbRole.INTERFACE),
        vault,
        ledger,
        jobs,
        new_id,
        settings.home / "received",
        SLIDES,
        largest=settings.dicom.largest,
        quiet=settings.dicom.quiet,
    )


def slides(
    settings: Settings, database: Database, vault: Vault, ledger: Ledger, jobs: Jobs
) -> Slides:
    """Slides that are kept, and the hospital's own folder of them."""
    kept, watched = settings.slides, settings.slides_folder
    return open_slides(database, vault, ledger, jobs, new_id, kept, watched, SLIDE)
