"""Personal data: recognised in every dress, masked, restored; what is no personal data stays."""

from __future__ import annotations

import pytest

from assistant.privacy.folding import fold
from assistant.privacy.masking import Masker, Restorer, anonymise, mask, restored
from assistant.privacy.recognising import recognise
from benchmarks.pii import ordinary_messages, survives
from benchmarks.planted import planted
from tests.timing import cpu_seconds

FOUND = [
    ("my mail is anna.berg+x@shop.example.co.uk, thanks", "email", "anna.berg+x@shop.example.co.uk"),
    ("ａｎｎａ＠ｇｍａｉｌ．ｃｏｍ please", "email", "ａｎｎａ＠ｇｍａｉｌ．ｃｏｍ"),
    ("anna dot berg at gmail dot com", "email", "anna dot berg at gmail dot com"),
    ("write: anna [at] example [dot] org!", "email", "anna [at] example [dot] org"),
    ("邮箱zhangsan@qq.com谢谢", "email", "zhangsan@qq.com"),
    ("lisi艾特163点com", "email", "lisi艾特163点com"),
    ("anna\u200b@web\u00ad.de", "email", "anna\u200b@web\u00ad.de"),
    ("call 802-555-0142 2 times", "phone", "802-555-0142"),
    ("(802) 555-0142 ext. 12", "phone", "(802) 555-0142 ext. 12"),
    ("ring +49 171 1234567", "phone", "+49 171 1234567"),
    ("手机13812345678", "phone", "13812345678"),
    ("打１３８－１２３４－５６７８", "phone", "１３８－１２３４－５６７８"),
    ("138\n1234\n5678", "phone", "138\n1234\n5678"),
    ("1 3 8 1 2 3 4 5 6 7 8", "phone", "1 3 8 1 2 3 4 5 6 7 8"),
    ("一三八一二三四五六七八", "phone", "一三八一二三四五六七八"),
    ("座机010-62345678转123", "phone", "010-62345678转123"),
    ("(0571)87654321", "phone", "(0571)87654321"),
    ("card 4111 1111 1111 1111 exp 12/27", "card", "4111 1111 1111 1111"),
    ("卡号 6222 0212 3456 7890 128", "card", "6222 0212 3456 7890 128"),
    ("my cvv is 123, number follows: 12345", "card", "123"),
    ("身份证 110105 19491231 002X", "id", "110105 19491231 002X"),
    ("it is 11010519491231002x", "id", "11010519491231002x"),
    ("SSN 219-09-9999", "id", "219-09-9999"),
    ("passport E12345678", "id", "E12345678"),
    ("AB 12 34 56 C", "id", "AB 12 34 56 C"),
    ("refund to DE89 3704 0044 0532 0130 00 please", "account", "DE89 3704 0044 0532 0130 00"),
    ("Yuki, 31 Alder Way, Seattle, WA 98101 please", "address", "31 Alder Way, Seattle, WA 98101"),
    ("Flat 3, 12 Baker Street, London NW1 6XE", "address", "Flat 3, 12 Baker Street, London NW1 6XE"),
    ("Hauptstraße 12, 10115 Berlin", "address", "Hauptstraße 12, 10115 Berlin"),
    ("12 rue de la Paix, 75002 Paris", "address", "12 rue de la Paix, 75002 Paris"),
    ("寄到杭州市西湖区文三路123号3单元502室", "address", "杭州市西湖区文三路123号3单元502室"),
    ("新疆乌鲁木齐市天山区团结路40号", "address", "新疆乌鲁木齐市天山区团结路40号"),
]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_personal_data_is_found_however_it_is_written(text: str, kind: str, value: str) -> None:
    assert [(one.kind, text[one.start : one.end]) for one in recognise(text)] == [(kind, value)]


@pytest.mark.parametrize("text", [
    "a tent under $1,299.00, 1.9 kg, 210 x 130 x 110 cm",
    "order 3348917502, tracking BJ4481616476US",
    "AP30117 has not come, where is it?",
    "do you have EAN 4006381333931 or 0012345678905?",
    "is the WH-1000XM5 better than the DCD800D2 at 18 V?",
    "a 28 inch road bike, a 2 way radio, a 500 GB external drive",
    "3 in 1 travel drive for 2 people, 12 months",
    "I bought it at shop.example, look at home",
    "2 shirts @ 20.00",
    "delivered on 2026-06-07 at 19:30 or 05/06/2026 12:00",
    "浙江省杭州市西湖区能送吗",
    "有没有1.7升的电热水壶，200元以内，5号电池",
    "订单号 20261201123456789 到哪了",
    "iPhone 15 256 512 13 128",
    "conversation 4f3e0c1a-1111-4222-8333-444455556666",
    "conversation 8b3f1c2e-DE89-3704-0440-532013000abc",
])  # fmt: skip
def test_figures_of_products_and_orders_are_left_alone(text: str) -> None:
    assert mask(text).text == text


def test_equal_values_get_one_placeholder_in_all_texts_of_a_turn() -> None:
    masker = Masker()
    assert masker.mask("call 138 1234 5678 or a@b.com") == "call ⟨phone-1⟩ or ⟨email-1⟩"
    assert masker.mask("13812345678, not 13912345678") == "⟨phone-1⟩, not ⟨phone-2⟩"
    assert (
        restored("⟨phone-1⟩ and <phone-2> and ⟨Email - 1⟩", masker.values)
        == "138 1234 5678 and 13912345678 and a@b.com"
    )


def test_a_placeholder_that_somebody_wrote_is_not_given_out() -> None:
    masked = mask("what is ⟨phone-1⟩? mine is 13812345678")
    assert masked.text == "what is ⟨phone-1⟩? mine is ⟨phone-2⟩"
    assert masked.restore(masked.text) == "what is ⟨phone-1⟩? mine is 13812345678"


def test_known_values_are_masked_whatever_they_look_like_and_public_ones_never() -> None:
    masker = Masker([("order", "AP30117")], lambda value: value == "8025550142")
    assert masker.mask("ap30117 and AP30118, call 802-555-0142") == "⟨order-1⟩ and AP30118, call 802-555-0142"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_a_placeholder_cut_anywhere_is_restored(size: int) -> None:
    masked = mask("write to anna@web.de or call 13812345678")
    text = f"Yes: {masked.text}, <email-1>, ⟨ phone-1 ⟩; ⟨email-7⟩ < 5 ⟨"
    restorer = Restorer(masked.values)
    pieces = [restorer.feed(text[at : at + size]) for at in range(0, len(text), size)]
    expected = "Yes: write to anna@web.de or call 13812345678, anna@web.de, 13812345678; ⟨email-7⟩ < 5 ⟨"
    assert "".join([*pieces, restorer.flush()]) == expected


def test_text_without_a_placeholder_is_passed_on_at_once() -> None:
    restorer = Restorer(mask("a@b.com").values)
    assert [restorer.feed(delta) for delta in ("It costs ", "$5 <", "b> ok")] == ["It costs ", "$5 ", "<b> ok"]


def test_anonymised_text_leads_back_to_nobody() -> None:
    assert anonymise("I am a@b.com, he is c@d.com, 13812345678") == "I am ⟨email⟩, he is ⟨email⟩, ⟨phone⟩"


def test_escapes_of_a_log_are_read_as_what_they_stand_for() -> None:
    folded = fold(r"q=anna%40web.de&a=\u5e7f", escapes=True)
    assert folded.text == "q=anna@web.de&a=广"
    assert folded.original(2, 13) == (2, 15)


def test_planted_values_are_masked_and_ordinary_messages_are_not() -> None:
    values = [one for split in ("first", "second", "third", "fourth") for one in planted(80, 7, split)]  # type: ignore[arg-type]
    left = [one for one in values if survives(one, mask(one.text).text)]
    assert len(left) <= 0.02 * len(values), left
    messages = [text for name, texts in ordinary_messages(None, 7, 60).items() for text in texts]
    wrong = [text for text in messages if mask(text).text != text]
    assert len(wrong) <= 0.01 * len(messages), wrong


@pytest.mark.parametrize(
    "text", ["1 2 3 " * 666, "12" * 2000, "a at b dot " * 360, "区1号" * 1333, "A1 " * 1333, "12 Oak " * 570]
)
def test_a_hostile_message_costs_little(text: str) -> None:
    mask(text)
    assert cpu_seconds(lambda: mask(text), enough=0.5) < 0.5
