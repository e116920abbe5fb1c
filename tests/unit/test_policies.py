"""What the shop says to a message is looked up once, however often it is asked for."""

from __future__ import annotations

import pytest

from assistant import policies
from assistant.evidence import gather
from assistant.types import Turn
from assistant.understanding import understand
from knowledge_base import answerability
from knowledge_base.index import Index


@pytest.mark.parametrize(
    "text",
    [
        "do you deliver tents to Norway?",
        "can I rent a tent for the summer?",
        "帐篷可以货到付款吗？",
        "where is my order",
    ],
)
def test_passages_are_ranked_once_a_message(text: str, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    ranked: list[str] = []
    rank = policies.rank_passages

    def counted(of: Index, asked: str) -> policies.Ranking:
        ranked.append(asked)
        return rank(of, asked)

    for module in (policies, answerability):
        monkeypatch.setattr(module, "rank_passages", counted)
    gather(understand(Turn("c", text), index), index)
    assert len(ranked) == 1


def test_a_message_without_words_and_a_shop_without_passages_are_told_nothing(index: Index) -> None:
    assert policies.Policies("  ", index).told == ((), 0.0)
    assert policies.Policies("  ", index).answer == ()
