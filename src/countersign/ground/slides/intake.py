"""Takes slides in: durable before they are acknowledged, and once however often they come."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from psycopg import Connection
from psycopg.rows import DictRow

from countersign.ground.db import WHOLE, Pool
from countersign.ground.identity import Principal
from countersign.ground.jobs import Jobs
from countersign.ground.ledger import Event, EventKind, Ledger, Unit
from countersign.ground.vault import Vault
from countersign.kit.ids import NewId

from . import rows
from .errors import UnfitPackage, UploadBroken
from .files import SlideFiles, Staged, identity_at, layout_of, new_file, suffix_of
from .held import How, Received, Told
from .keeping import queue
from .packed import unpacked
from .parted import Part, parted
from .places import Fingerprint, place_of, readable, seen_at, still_at
from .rows import own_subject, put_told, told

NO_HINTS: Mapping[str, str] = {}
HINTS = ("mrn", "accession", "block", "stain", "specimen")


class Intake:
    """``pool`` logs in as DbRole.ROOM; ``task`` is deferred for each slide that is new.

    Whether somebody may hand in slides is asked before, by whoever calls.
    """

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        ledger: Ledger,
        jobs: Jobs,
        new_id: NewId,
        files: SlideFiles,
        task: str,
    ) -> None:
        self._pool = pool.within(WHOLE)
        self._vault = vault
        self._ledger = ledger
        self._jobs = jobs
        self._new_id = new_id
        self._files = files
        self._task = task

    def receive_files(
        self,
        paths: Sequence[Path],
        how: How,
        by: Principal,
        *,
        hints: Mapping[str, str] = NO_HINTS,
        move: bool = False,
    ) -> Received:
        """Keeps the files of ONE slide and queues it; when this returns, it will not be lost.

        ``paths`` is a single file; a ``.mrxs`` file and then those of its folder; or all DICOM
        instances of one slide. They are copied, or taken away with ``move``. ``hints`` are what
        the sender knows, by the names in ``HINTS``. Raises SlidesFull, UnfitSlide,
        LedgerUnavailable, DatabaseUnavailable; then nothing was kept, and the sender is told so.
        """
        staged = self._files.stage(paths, layout_of(paths), move=move)
        name = readable(paths[0].name) if staged.layout != "instances" else ""
        return self._keep(staged, how, by, Told(name, hints=_fit(hints)))

    def begin_upload(self, by: Principal, size: int) -> str:
        """Room for an upload of ``size`` bytes; returns its identifier. Raises SlidesFull."""
        self._files.require(size)
        upload = self._new_id()
        folder = self._files.incoming / upload
        folder.mkdir(mode=0o700)
        with new_file(folder / "by") as file:
            file.write(f"{by.actor} {size}".encode())
        with new_file(folder / "data"):
            pass
        return upload

    def append(self, by: Principal, upload: str, offset: int, parts: Iterable[bytes]) -> int:
        """Adds bytes from ``offset`` on, which is where it ended; returns where it ends now.

        Raises UploadBroken (which says where to go on), SlidesFull.
        """
        data = self._data(by, upload)
        with data.open("r+b") as file:
            end = file.seek(0, 2)
            if offset != end:
                raise UploadBroken(offset=end)
            for part in parts:
                self._files.require(len(part))
                file.write(part)
            return file.tell()

    def finish_upload(
        self,
        by: Principal,
        upload: str,
        name: str,
        hints: Mapping[str, str] = NO_HINTS,
        parts: Sequence[Part] = (),
    ) -> Received:
        """Keeps what was uploaded, whole, under the name ``name``; of a ZIP the MIRAX slide in it.

        ``parts`` says of which files of a folder it was put together, where it was. Raises
        UploadBroken, UnfitPackage, UnfitFolder, and as ``receive_files``.
        """
        data = self._data(by, upload)
        if (end := data.stat().st_size) != int((data.parent / "by").read_text().split()[1]):
            raise UploadBroken(offset=end)
        staged, known = self._staged(data, Path(name).name, parts)
        found = self._keep(staged, "upload", by, Told(known[:255], hints=_fit(hints)))
        shutil.rmtree(data.parent, ignore_errors=True)
        return found

    def _staged(self, data: Path, name: str, parts: Sequence[Part]) -> tuple[Staged, str]:
        """The slide of an upload, and what its file is called."""
        suffix = Path(name).suffix[:9]
        if parts or suffix.lower() == ".zip":
            folder = data.with_name("unpacked")
            shutil.rmtree(folder, ignore_errors=True)  # of an attempt that was ended on the way
            try:
                require = self._files.require
                slide = (
                    parted(data, folder, parts, require)
                    if parts
                    else unpacked(data, folder, require)
                )
                return self._files.stage(slide.paths, layout_of(slide.paths), move=True), slide.name
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        if suffix.lower() == ".mrxs":
            raise UnfitPackage  # an index alone: the picture lies in the folder
        ending = data.with_name(f"data{suffix}") if suffix else data
        data.rename(ending)
        return self._files.stage([ending], "file", move=True), name

    def take_in_place(
        self, paths: Sequence[Path], folder: Path, by: Principal, fingerprint: Fingerprint
    ) -> Received:
        """A slide of the watched folder, which stays where it is and is only read.

        ``fingerprint`` is the size and the last change of its files, by which it is known again.
        Raises UnfitSlide, LedgerUnavailable, DatabaseUnavailable.
        """
        layout = layout_of(paths)
        content, total = identity_at(paths, layout)
        place = place_of(paths[0], folder)
        said = Told(readable(paths[0].name), place)
        row = (content, total, layout, suffix_of(paths, layout), False, "folder", by.actor)
        with self._ledger.unit(self._pool) as unit:
            found = self._row(unit, row, said, by)
            self._looked(unit.connection, place, fingerprint, found.slide)
        if not found.new:
            self._moved(found.slide, folder, place)
        return found

    def unseen(self, places: Mapping[str, Fingerprint]) -> list[str]:
        """Those of these places within the watched folder that were not taken in as they are."""
        known = seen_at(self._pool, self._vault, list(places))
        return [place for place in places if place not in known or known[place][1] != places[place]]

    def looked(self, place: str, fingerprint: Fingerprint, slide: str) -> None:
        """Remembers that this place of the watched folder became ``slide``."""
        with self._pool.transaction() as connection:
            self._looked(connection, place, fingerprint, slide)

    def _keep(self, staged: Staged, how: How, by: Principal, said: Told) -> Received:
        row = (
            staged.sha256,
            staged.bytes,
            staged.layout,
            staged.suffix,
            True,
            how,
            by.actor,
        )
        try:
            with self._ledger.unit(self._pool) as unit:
                self._files.settle(staged)
                # From here a failure leaves a file that no row knows: the sender, who was told of
                # it, sends it again.
                return self._row(unit, row, said, by)
        except BaseException:
            self._files.discard(staged)
            raise

    def _row(
        self,
        unit: Unit,
        row: tuple[bytes, int, str, str, bool, str, str],
        said: Told,
        by: Principal,
    ) -> Received:
        slide, connection = self._new_id(), unit.connection
        made = connection.execute(
            "insert into slides.slide (id, sha256, bytes, layout, suffix, kept, how, actor)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (sha256) do nothing",
            (slide, *row),
        )
        if not made.rowcount:
            known = connection.execute(
                "select id from slides.slide where sha256 = %s", (row[0],)
            ).fetchone()
            assert known is not None  # noqa: S101 - the conflict was with this row
            return Received(known["id"], new=False)
        connection.execute(
            "insert into slides.step (slide, number, state, actor) values (%s, 1, 'queued', %s)",
            (slide, by.actor),
        )
        put_told(connection, self._vault, slide, own_subject(slide), said)
        queue(self._jobs, connection, self._task, slide)
        unit.record(
            Event(
                EventKind.SLIDE_ARRIVED,
                by.actor,
                subject=f"slide:{slide}",
                commits={"file": row[0].hex()},
                detail={"how": row[5], "bytes": row[1], "kept": row[4]},
            )
        )
        return Received(slide, new=True)

    def _looked(
        self,
        connection: Connection[DictRow],
        place: str,
        fingerprint: Fingerprint,
        slide: str,
    ) -> None:
        connection.execute(
            "insert into slides.seen (place, bytes, changed, slide) values (%s, %s, %s, %s)"
            " on conflict (place) do update set bytes = excluded.bytes,"
            " changed = excluded.changed, slide = excluded.slide",
            (self._vault.blind("slide-place", place), *fingerprint, slide),
        )

    def _moved(self, slide: str, folder: Path, place: str) -> None:
        """A slide read in place whose file went elsewhere is read there from now on."""
        with self._pool.transaction() as connection:
            row = connection.execute(
                "select t.patient, l.kept from slides.told t join slides.slide l on l.id = t.slide"
                " where t.slide = %s for update of t",
                (slide,),
            ).fetchone()
            if row is None or row["kept"]:
                return
            said = told(self._pool, self._vault, slide)
            if said.place != place and not self._still(slide, folder, said.place):
                new = replace(said, place=place)
                put_told(connection, self._vault, slide, row["patient"], new)

    def _still(self, slide: str, folder: Path, place: str) -> bool:
        """Whether the slide's file lies there as it came."""
        one = rows.one(self._pool, slide)
        return still_at(self._pool, self._vault, one, folder, place) is not None

    def _data(self, by: Principal, upload: str) -> Path:
        """The file of an upload that this person began. Raises UploadBroken."""
        folder = self._files.incoming / upload
        fit = upload.replace("-", "").isalnum() and (folder / "data").is_file()
        if not fit or (folder / "by").read_text().split()[0] != by.actor:
            raise UploadBroken(offset=0)
        return folder / "data"


def _fit(hints: Mapping[str, str]) -> dict[str, str]:
    return {name: hints[name].strip()[:200] for name in HINTS if hints.get(name, "").strip()}
