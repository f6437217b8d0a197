"""Commands of the ledger: check it, export it, prune what has ended, cosign another's."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from countersign.ground.identity import Principal
from countersign.ground.ledger import Due, Report
from countersign.kit.clock import utc_now
from countersign.kit.words import Words

from .settings import from_environment

OPERATOR = Principal.system("operator")


def say(words: Words) -> None:
    """In both languages."""
    click.echo(words.zh)
    click.echo(words.en)


@click.command()
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint kept elsewhere, which must agree with this ledger.",
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder that “ledger export” wrote, whose tiles must agree with this ledger.",
)
@click.option("--offline", is_flag=True, help="Do not ask the witnesses.")
def fsck(files: tuple[Path, ...], folder: Path | None, offline: bool) -> None:
    """Recompute the whole tree; compare it with what was stored, signed and witnessed."""
    sys.exit(0 if sound(files, folder, ask=not offline) else 1)


def sound(files: tuple[Path, ...], folder: Path | None, *, ask: bool) -> bool:
    """Says everything that was found, and how far each witness is; whether it is nothing."""
    from .house import open_house

    with open_house(from_environment()) as house:
        floor = house.floor
        if ask:
            floor.witnesses.send()
        keys = [place.key for place in floor.witnesses.places]
        report = floor.ledger.verify([file.read_text() for file in files], keys)
        standing = floor.witnesses.standing()
        wrong = floor.tiles.compare(folder) if folder else []
    _tell(report)
    for one in standing:
        seen = f"{one.at:%Y-%m-%d %H:%M:%SZ}" if one.at else "—"
        click.echo(f"{one.witness}: {one.size} ({seen}), +{one.behind} {one.problem}".rstrip())
    for place in wrong:
        say(
            Words(
                f"{folder}: {place} is not as the ledger has it.", f"{folder}：{place} 与账本不符。"
            )
        )
    return report.sound and not wrong


def _tell(report: Report) -> None:
    say(report.words)
    for finding in report.findings:
        say(finding.words)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--entries", is_flag=True, help="Also who did what; the folder then needs a guard.")
def export(folder: Path, entries: bool) -> None:
    """Write checkpoint and tiles to FOLDER in the layout of c2sp.org/tlog-tiles."""
    from .house import open_house

    with open_house(from_environment()) as house:
        written = house.floor.tiles.export(folder, entries=entries)
    say(Words(f"{written} files were written.", f"已写入 {written} 个文件。"))


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what has ended.")
def prune(dry_run: bool) -> None:
    """Remove what events say once its retention has ended; hashes stay for ever."""
    from .house import open_house

    with open_house(from_environment()) as house:
        retention = house.floor.retention
        for due in retention.due():
            say(_due(due))
        if dry_run:
            return
        gone = retention.prune(OPERATOR.actor)
    say(Words(f"{gone} events were pruned and recorded.", f"已清除 {gone} 个事件并记入账本。"))


def _due(due: Due) -> Words:
    kinds = ", ".join(due.rule.kinds)
    place = "" if due.first is None else f" ({due.first}–{due.last})"
    return Words(
        f"{due.rule.name}, {due.rule.years} years: {due.count} events before "
        f"{due.before:%Y-%m-%d}{place}. {kinds}. {due.rule.source}",
        f"{due.rule.name}，{due.rule.years} 年："
        f"{due.before:%Y-%m-%d} 之前有 {due.count} 个事件{place}。",
    )


@click.command()
@click.option("--name", required=True, help="Under which it cosigns, such as w1.example; for ever.")
@click.option("--log", "logs", multiple=True, required=True, help="Public key of a ledger.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8090, show_default=True, type=click.IntRange(1, 65535))
def witness(name: str, logs: tuple[str, ...], host: str, port: int) -> None:
    """Cosign the checkpoints of other installations (c2sp.org/tlog-witness)."""
    from .witness import open_witness, serve

    made, key = open_witness(from_environment().home, name, logs, utc_now)
    click.echo(f"COUNTERSIGN_WITNESSES=http://{host}:{port}/ {key}")
    for file in made.evidence():
        say(Words(f"Two histories were seen: {file}", f"发现两段不同的历史：{file}"))
    serve(made, host, port)
