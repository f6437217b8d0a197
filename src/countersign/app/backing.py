"""``countersign backup`` and ``restore``: the database in one place, the keys in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from countersign.ground.db import backup
from countersign.ground.ledger import Event, EventKind, Ledger, Report
from countersign.kit.errors import CountersignError
from countersign.kit.words import Words

from .house import open_house
from .settings import Settings

BASE, CHECKPOINT = "base-", "checkpoint.txt"
ACTOR = "system:operator"


class SamePlace(CountersignError):
    code = "backup.same_place"
    status = 409
    message = (
        "{folder} lies where the keys lie. Together they are the records in plain text: keep "
        "the backup and the keys in different places."
    )


class NotEmpty(CountersignError):
    code = "backup.not_empty"
    status = 409
    message = "{folder} already holds a database. Nothing was changed. Restore into an empty home."


class NoBackup(CountersignError):
    code = "backup.none"
    status = 404
    message = "There is no backup in {folder} from before {until}. Look at what lies there."


class OwnServer(CountersignError):
    code = "backup.own_server"
    status = 409
    message = (
        "The database is a server of your own ({setting}): back it up with its own tools, "
        "pg_basebackup and a WAL archive, as docs/operate.md says. Nothing was done."
    )


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: the ledger's inspection, and how many leaves newer checkpoints count."""

    report: Report
    missing: int

    @property
    def words(self) -> Words:
        """Whether the ledger is older than a checkpoint that was kept."""
        if not self.missing:
            return Words(
                "No checkpoint that was given is newer than what was restored.",
                "所给的检查点均不晚于所恢复的账本。",
            )
        return Words(
            f"The restored ledger is OLDER than a checkpoint that was kept: {self.missing} "
            "events that were signed are not in it. Tell the security officer.",
            f"所恢复的账本早于所保存的检查点：缺少已签名的 {self.missing} 个事件。请告知安全员。",
        )


def make(settings: Settings, target: Path) -> Path:
    """A base backup in a new folder below ``target``, and a checkpoint beside it.

    Raises SamePlace, OwnServer and BackupFailed.
    """
    _refuse_own_server(settings)
    apart(settings, target)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open_house(settings) as house:
        ledger = house.floor.ledger
        ledger.record(Event(EventKind.BACKUP_MADE, ACTOR))
        note = ledger.checkpoint().note
        folder = target / f"{BASE}{house.floor.clock().astimezone(UTC):%Y%m%dT%H%M%SZ}"
        backup.copy(house.database.owner_conninfo, folder)
        (folder / CHECKPOINT).write_text(note, encoding="utf-8")
        backup.switch(house.database.owner_conninfo)
    return folder


def apart(settings: Settings, place: Path) -> None:
    """Raises SamePlace when a backup in ``place`` would lie with keys, or keys with a backup."""
    place = place.resolve()
    inside = place == settings.home or settings.home in place.parents
    if inside or place in settings.home.parents or _has_keys(place):
        raise SamePlace(folder=place)


def far_from_backups(settings: Settings, file: Path) -> None:
    """Raises SamePlace when exported keys would lie with a backup, the log, or the database."""
    folder = file.resolve().parent
    home = folder == settings.home or settings.home in folder.parents
    near = [folder, *folder.parents[:1]]
    archive = settings.archive is not None and settings.archive in (folder, *folder.parents)
    if home or archive or any(any(one.glob(f"{BASE}*/backup_manifest")) for one in near):
        raise SamePlace(folder=folder)


def restore(
    settings: Settings, source: Path, until: datetime | None, known: Sequence[str]
) -> Restored:
    """Brings the newest fitting backup into an empty home and inspects its ledger.

    Raises OwnServer, NoKeys, NotEmpty, NoBackup, BackupDamaged and RestoreFailed; the home is
    as empty as before then.
    """
    from .keybox import NoKeys

    _refuse_own_server(settings)
    if not settings.keys.is_dir() or not any(settings.keys.iterdir()):
        raise NoKeys(folder=settings.keys)
    if settings.postgres.exists() and any(settings.postgres.iterdir()):
        raise NotEmpty(folder=settings.postgres)
    base = _fitting(source, until)
    backup.bring_back(base, settings.postgres, settings.archive, until)
    notes = [*known, *_notes(source)]
    with open_house(settings) as house:
        done = compare(house.floor.ledger, notes)
        detail = {"size": done.report.size, "missing": done.missing}
        house.floor.ledger.record(Event(EventKind.RESTORED, ACTOR, detail=detail))
    return done


def compare(ledger: Ledger, notes: Sequence[str]) -> Restored:
    """Inspects the ledger with those notes that it can hold, and counts what newer ones have."""
    size = ledger.size()
    sizes = {note: int(note.split("\n")[1]) for note in notes}
    within = [note for note in notes if sizes[note] <= size]
    missing = max([0, *(each - size for each in sizes.values())])
    return Restored(ledger.verify(within), missing)


def _fitting(source: Path, until: datetime | None) -> Path:
    """The newest backup that was begun before ``until``."""
    found = sorted(one.parent for one in source.glob(f"{BASE}*/backup_manifest"))
    limit = f"{BASE}{until.astimezone(UTC):%Y%m%dT%H%M%SZ}" if until else "~"
    fitting = [one for one in found if one.name <= limit]
    if not fitting:
        raise NoBackup(folder=source, until=until or "now")
    return fitting[-1]


def _notes(source: Path) -> Iterator[str]:
    for file in sorted(source.glob(f"{BASE}*/{CHECKPOINT}")):
        yield file.read_text(encoding="utf-8")


def _has_keys(place: Path) -> bool:
    patterns = ("*.key", "*.secret", "*.keys", "keys/*.key")
    return any(any(place.glob(pattern)) for pattern in patterns)


def _refuse_own_server(settings: Settings) -> None:
    if settings.database:
        raise OwnServer(setting="COUNTERSIGN_DATABASE")
