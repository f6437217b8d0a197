"""What the command that takes slides in says before it opens the house."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from countersign.app.slides_commands import slides


def test_a_folder_without_slides_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    answer = CliRunner().invoke(slides, ["add", str(tmp_path)])
    assert answer.exit_code == 2
    assert "no slide lies in this folder" in answer.output
