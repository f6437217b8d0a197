"""Whatever is killed under load, what somebody was told is done stays done."""

from __future__ import annotations

from benchmarks.kill import measure


def test_kill_nine_loses_nothing_that_was_acknowledged() -> None:
    figures = measure(None, kills=5, seed=4).figures
    assert figures["kills"] == 5
    assert figures["lost"] == 0
    assert figures["fsck"] is True
    for name in ("imports", "signatures", "releases", "leaves"):
        assert int(figures[name] or 0) > 0, f"no load: {name}"
