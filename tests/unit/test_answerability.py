"""A shop that says little: what it says is answered, what it leaves open is declined, in English and Chinese."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from knowledge_base.answerability import answerable
from knowledge_base.index import Index, passage_corpus
from knowledge_base.retrieval import retrieve
from knowledge_base.types import Entry

ENGLISH = (
    ("How do I return an item?", "Send it back within 30 days in its box. Refunds take five days."),
    ("Which cards do you take?", "Visa and Mastercard."),
    ("How long does delivery take?", "Parcels arrive in 3 to 5 business days."),
    ("Do I need an account?", "No, you can check out as a guest."),
)
CHINESE = (
    ("怎么退货？", "收到7天内没用过可以退，退款三天到账。"),
    ("能用什么付款？", "微信和支付宝。"),
    ("几天能到？", "一般3到5天。"),
    ("要注册吗？", "不用注册，填手机号就能买。"),
)


def confidence(index: Index, pairs: tuple[tuple[str, str], ...], text: str) -> float:
    entries = [Entry(f"faq:{place}", "faq", q, a, "faq.md") for place, (q, a) in enumerate(pairs)]
    shop = replace(index, passages=passage_corpus(entries, None, lambda texts: np.zeros((len(texts), 0), np.float32)))
    return answerable(shop, text, retrieve(shop, text, k=1, kinds=("faq", "policy")))


@pytest.mark.parametrize(
    "text",
    ["how much is shipping", "is there parking", "do you have gift cards", "can i pay in installments"],
)
def test_what_an_english_shop_leaves_open_is_declined(index: Index, text: str) -> None:
    assert confidence(index, ENGLISH, text) < 0.5


@pytest.mark.parametrize("text", ["运费多少", "能发国外吗", "有停车位吗", "保修几年", "能分期吗"])
def test_what_a_chinese_shop_leaves_open_is_declined(index_zh: Index, text: str) -> None:
    assert confidence(index_zh, CHINESE, text) < 0.5


@pytest.mark.parametrize("text", ["when will it arrive", "must I sign up to buy", "do you accept mastercard"])
def test_what_an_english_shop_says_is_answered(index: Index, text: str) -> None:
    assert confidence(index, ENGLISH, text) >= 0.5


@pytest.mark.parametrize("text", ["多久能收到", "可以微信付吗", "不注册能买吗"])
def test_what_a_chinese_shop_says_is_answered(index_zh: Index, text: str) -> None:
    assert confidence(index_zh, CHINESE, text) >= 0.5
