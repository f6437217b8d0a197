"""``python -m countersign.app`` is the command line."""

from .cli import main

main()
