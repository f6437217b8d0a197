"""The hospital's device that signs checkpoints beside the ledger's own key."""

from __future__ import annotations

import click

from countersign.ground.ledger import SM2, CommandEngine, SecondSigner, Verifier

from .settings import BadSetting, Settings, from_environment

TRIAL = "Countersign tries the device that signs.\n\n\u2014 trial AAAA\n"
"""What a trial signs: a note that says so, and nothing that could be taken for a checkpoint."""


def second_signer(settings: Settings) -> SecondSigner | None:
    """What the settings name; with a key alone, its signatures are verified and none is made.

    Raises BadSetting for a command whose key is not known.
    """
    key = settings.signer_key
    if key is None:
        if settings.signer_command:
            problem = "“countersign ledger signer” asks the device and prints it"
            raise BadSetting(name="COUNTERSIGN_SIGNER_KEY", problem=problem)
        return None
    if not settings.signer_command:
        return SecondSigner(key)
    return SecondSigner(key, CommandEngine(settings.signer_command, key.algorithm))


def try_device(settings: Settings) -> Verifier:
    """Asks the device for its key and for a signature; the key. Raises DeviceFailed."""
    engine = CommandEngine(settings.signer_command, SM2)
    key = Verifier(settings.origin, engine.public, SM2)
    SecondSigner(key, engine).line(TRIAL)
    return key


@click.command()
def signer() -> None:
    """Try the device of COUNTERSIGN_SIGNER_COMMAND and print its public key."""
    settings = from_environment()
    if not settings.signer_command:
        raise BadSetting(name="COUNTERSIGN_SIGNER_COMMAND", problem="name the device's command")
    click.echo(f"COUNTERSIGN_SIGNER_KEY={try_device(settings).text}")
