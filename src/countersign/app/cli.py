"""The command line: run, import, check, verify."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import NoReturn

import click

from countersign import __version__
from countersign.kit.errors import CountersignError

from .audit_commands import audit
from .backup_commands import backup, export_keys, import_keys, restore
from .conditions_commands import conditions
from .connecting import workstation
from .keys import keys, shred
from .ledger_commands import export, fsck, prune, sound, witness
from .library_commands import library
from .model_commands import models
from .pathology_commands import train
from .preconsult_commands import preconsult
from .records_commands import records
from .registering import app, client, department, person
from .settings import from_environment
from .signing import signer
from .slides_commands import slides
from .upgrading import downgrade_, upgrade


class DiskFull(CountersignError):
    code = "app.disk_full"
    status = 507
    message = (
        "There is no room left to write {file}. What was written of it is not whole: make room, "
        "and run the command again."
    )


class _House(click.Group):
    """Turns every error of the house into its sentence and its code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CountersignError as problem:
            _say(problem)
        except OSError as problem:
            if problem.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            _say(DiskFull(file=problem.filename or "the file"))


def _say(problem: CountersignError) -> NoReturn:
    click.echo(f"{problem.sentence()} [{problem.code}]", err=True)
    sys.exit(1)


@click.group(cls=_House)
@click.version_option(__version__, prog_name="countersign")
def main() -> None:
    """Countersign: whatever a model says is a draft until a physician signs it."""


@main.command()
def run() -> None:
    """Start everything and serve until Ctrl-C."""
    from .starting import start

    start(from_environment())


@main.command()
def reload() -> None:
    """Replace the processes of a running installation, one by one, without a pause."""
    from .reloading import reload as replace

    replace(from_environment())
    click.echo("Every process was replaced.")


@main.command(hidden=True)
@click.option("--fd", type=int, required=True)
def serve(fd: int) -> None:
    """Serve pages in this process (``run`` starts several by itself)."""
    from .serving import serve as start_serving

    start_serving(fd, from_environment().log)


@main.command(hidden=True)
def prepare() -> None:
    """Migrate and register what this version brings (``run`` and ``reload`` do it)."""
    from .preparing import prepare as make_ready

    make_ready(from_environment())


@main.command()
def work() -> None:
    """Do background work in this process (``run`` starts one by itself)."""
    from .worker import work as start_work

    start_work(from_environment())


@main.command(hidden=True)
def receive() -> None:
    """Listen for HL7 v2 messages in this process (``run`` starts one where a port is set)."""
    from .mllp import listen_for_messages

    listen_for_messages(from_environment())


@main.command(name="receive-pictures", hidden=True)
def receive_pictures() -> None:
    """Listen for DICOM in this process (``run`` starts one where a port is set)."""
    from .dicom import listen_for_pictures

    listen_for_pictures(from_environment())


@main.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    from .house import open_house

    with open_house(from_environment(), upgrade=True):
        click.echo("The database is up to date.")


main.add_command(upgrade)
main.add_command(downgrade_)


@main.command()
def doctor() -> None:
    """Check the configuration and say what to do."""
    from .doctor import examine

    bad = False
    for check in examine(from_environment()):
        bad = bad or not check.good
        click.echo(f"{'✓' if check.good else '✗'} {check.name}: {check.said}")
    sys.exit(1 if bad else 0)


@main.group(name="import")
def import_() -> None:
    """Bring in data of other systems."""


@import_.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--department",
    "departments",
    multiple=True,
    default=["general-medicine"],
    help="Code of a department whose staff may see these patients; may be repeated.",
)
def fhir(path: Path, departments: tuple[str, ...]) -> None:
    """Import FHIR R4 bundles: a file, a folder or an archive."""
    from .importing import import_and_tell

    sys.exit(0 if import_and_tell(from_environment(), path, departments) else 1)


@main.group()
def add() -> None:
    """Enter departments, people and other systems."""


add.add_command(department)
add.add_command(person)
add.add_command(client)
add.add_command(app)
add.add_command(workstation)


main.add_command(keys)
main.add_command(conditions)
main.add_command(shred)


main.add_command(library)
main.add_command(models)
main.add_command(preconsult)
main.add_command(records)
main.add_command(slides)
main.add_command(train)


main.add_command(backup)
main.add_command(restore)
keys.add_command(export_keys)
keys.add_command(import_keys)


@main.group()
def ledger() -> None:
    """The ledger of everything that was done."""


@ledger.command()
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint kept elsewhere, which must agree with this ledger.",
)
def verify(files: tuple[Path, ...]) -> None:
    """Recompute the whole tree and compare it with what was stored, signed and cosigned."""
    sys.exit(0 if sound(files, None, ask=False) else 1)


ledger.add_command(fsck)
ledger.add_command(export)
ledger.add_command(prune)
ledger.add_command(signer)
main.add_command(witness)
main.add_command(audit)


@ledger.command()
def checkpoint() -> None:
    """Print a signed checkpoint and the key that verifies it; keep both elsewhere."""
    from .house import open_house

    with open_house(from_environment()) as house:
        click.echo(house.floor.ledger.checkpoint().note)
        click.echo(house.floor.ledger.verifier_key)
