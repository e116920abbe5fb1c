"""No hand-off that was acknowledged is lost to a kill: it reaches the shop's server all the same."""

from __future__ import annotations

from pathlib import Path

from tests.announcing import lost_and_repeated


def test_every_acknowledged_hand_off_is_told_though_the_process_is_killed(tmp_path: Path) -> None:
    acknowledged, lost, _ = lost_and_repeated(f"sqlite:///{tmp_path / 'conversations.db'}", kills=2)

    assert acknowledged >= 2
    assert lost == 0
