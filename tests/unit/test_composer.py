"""The composer's replies over hand-built evidence: what they say, what they never say, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from assistant.generation.composer import compare_table, compose, describe_filters, suggest
from assistant.generation.conditions import said_limit, wanted
from assistant.generation.counter import cite
from assistant.generation.figures import attribute_name, attribute_value, is_measured, money, when
from assistant.generation.grammar import a, adjectival, counted, join, plural, singular
from assistant.generation.naming import option_words, plural_name, short_titles, shorten
from assistant.generation.passages import excerpt, sentences_of
from assistant.generation.topics import topic_of
from assistant.types import Evidence, Query
from knowledge_base.types import Condition, Filters, Product, Variant
from tests.timing import cpu_seconds
from tests.unit.composing import (
    CASES,
    CASES_ZH,
    GOLDEN,
    KETTLE,
    KETTLE_CHEAP,
    RETURNS,
    SHIRT,
    SHOP,
    SHOP_ZH,
    SOCKS,
    TENT,
    TENT_GONE,
    TENT_HEAVY,
    ask,
    d,
    has,
    hit,
    passage,
    rendered,
    shirt_variant,
    shown,
    zh,
)


def test_english_replies_are_the_golden_ones() -> None:
    assert rendered(CASES, SHOP) == (GOLDEN / "composer_en.txt").read_text(encoding="utf-8")


def test_chinese_replies_are_the_golden_ones() -> None:
    assert rendered(CASES_ZH, SHOP_ZH) == (GOLDEN / "composer_zh.txt").read_text(encoding="utf-8")


ALL = [(query, evidence, SHOP) for query, evidence in CASES.values()]
ALL += [(query, evidence, SHOP_ZH) for query, evidence in CASES_ZH.values()]


@pytest.mark.parametrize(("query", "evidence", "info"), ALL, ids=[*CASES, *CASES_ZH])
def test_a_reply_is_quick_repeatable_and_cites_only_what_there_is(query, evidence, info) -> None:  # type: ignore[no-untyped-def]
    text = compose(query, evidence, info)
    assert cpu_seconds(lambda: compose(query, evidence, info), enough=0.05) < 0.05
    assert text == compose(query, evidence, info)
    cited = {int(n) for n in re.findall(r"\[(\d+)\]", text)}
    assert cited <= set(range(1, len(evidence.hits) + 1))
    assert not re.search(r"None|Decimal|\{|\}|  |\.\.| ,|。。|，，| \.", text.replace("|---", ""))


@pytest.mark.parametrize(("query", "evidence", "info"), ALL, ids=[*CASES, *CASES_ZH])
def test_every_sentence_that_names_a_product_cites_it(query, evidence, info) -> None:  # type: ignore[no-untyped-def]
    prose = "\n".join(line for line in compose(query, evidence, info).splitlines() if not line.startswith("|"))
    for found in evidence.products:
        title = found.entry.title
        for sentence in re.split(r"(?<=[.!?。])\s*(?=[A-Z「推这我可想]|$)", prose):
            if title in sentence:
                assert "[" in sentence, sentence


@pytest.mark.parametrize("name", [name for name, (query, _) in CASES.items() if query.intent == "order_status"])
def test_orders_of_the_evidence_are_the_only_ones_spoken_of(name: str) -> None:
    query, evidence = CASES[name]
    text = compose(replace(query, order_ref="W41"), evidence, SHOP)
    assert "W42" not in text
    assert "W40" not in text
    assert "sign in" in text


def test_no_orders_not_yours_and_not_signed_in_read_the_same() -> None:
    unknown = compose(ask("where is W41", "order_status", order_ref="W41"), Evidence(), SHOP)
    foreign = compose(ask("where is W41", "order_status", order_ref="W41"), CASES["one order"][1], SHOP)
    assert unknown == foreign


def test_what_is_not_answerable_is_not_answered_even_with_passages() -> None:
    evidence = Evidence(passages=(RETURNS,), answerable=False)
    assert "60 days" not in compose(ask("how long is the warranty", "policy"), evidence, SHOP)


def test_relaxed_products_are_never_said_to_fit() -> None:
    query, evidence = CASES["find relaxed"]
    text = compose(query, evidence, SHOP)
    assert "no waterproof tents under $50" in text
    assert "fits" not in text


def test_a_variant_without_known_stock_or_price_is_said_to_be_unknown() -> None:
    bare = Product("x", "Lamp", currency="USD")
    price = compose(ask("price?", "product_question", refers_to=("x",), asks=("price",)), shown(bare), SHOP)
    stock = compose(ask("stock?", "product_question", refers_to=("x",), asks=("stock",)), shown(bare), SHOP)
    assert price == "The shop's data gives no price for the Lamp [1]."
    assert stock == "The shop's data does not say whether the Lamp [1] is in stock."


def test_the_variants_that_retrieval_found_are_the_ones_spoken_of() -> None:
    query = ask("the red one", "product_question", refers_to=("s",), asks=("price",))
    text = compose(query, Evidence((hit(SHIRT, 1, ("s3",)),)), SHOP)
    assert text == "The T-Shirt in red, M [1] costs $46.66 and is in stock."


def test_ties_for_the_cheapest_are_all_named() -> None:
    twin = replace(TENT_HEAVY, id="t9", title="Oakdome 4 Green")
    query = ask("cheapest tent", "superlative", subject="tent", sort="price_asc")
    text = compose(query, shown(TENT_HEAVY, twin, TENT, total=3), SHOP)
    assert text == "The cheapest tents, both at $149.00, are the Oakdome 4 [1] and the Oakdome 4 Green [2]."


def test_fewer_than_asked_for_are_said_to_be_all() -> None:
    query = zh("最便宜的三款电热水壶", "superlative", subject="电热水壶", sort="price_asc", limit=3)
    text = compose(query, shown(KETTLE_CHEAP, KETTLE, total=2), SHOP_ZH)
    assert text.startswith("本店一共只有2款电热水壶：")


def test_a_plural_title_takes_a_plural_verb() -> None:
    boots = Product("b", "Ridge Boots", price=d("90"), currency="USD", in_stock=True)
    text = compose(ask("price", "product_question", refers_to=("b",), asks=("price",)), shown(boots), SHOP)
    assert text == "The Ridge Boots [1] cost $90.00 and are in stock."


def test_a_complaint_says_sorry_before_anything_else_and_offers_a_person() -> None:
    query = ask("broken again", "complaint", "policy")
    text = compose(
        query, Evidence(passages=(passage("What if it is damaged?", "Send us photos within 72 hours."),)), SHOP
    )
    assert text.lower().index("sorry") < text.index("colleague") < text.index("72 hours")


def test_small_talk_beside_a_question_is_left_out() -> None:
    query = ask("hi, how long can I send it back", "small_talk", "policy")
    assert compose(query, Evidence(passages=(RETURNS,)), SHOP).startswith("You can return")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "intent", ["find", "recommend", "product_question", "compare", "count", "superlative", "policy"]
)
def test_every_intent_answers_with_no_evidence_at_all(intent: str, language: str) -> None:
    assert compose(ask("x", intent, language=language), Evidence(), SHOP).strip()


@pytest.mark.parametrize("title", ["", "|", "```", "[1]", "A" * 400, "<b>x</b>", "美" * 200, "10 - 12"])
def test_hostile_titles_do_not_break_a_reply(title: str) -> None:
    odd = replace(TENT, id="o", title=title or "?", attributes={title: title, "weight": ""}, description=title)
    for intent in ("find", "product_question", "compare", "superlative"):
        assert compose(ask("weight?", intent, refers_to=("o",), asks=("weight",)), shown(odd, TENT_HEAVY), SHOP)


def test_a_table_cell_never_opens_another_column() -> None:
    odd = replace(TENT, id="o", title="Tent | two", attributes={"weight": "1 | 2"})
    for line in compare_table((odd, TENT_HEAVY), ask("compare", "compare")).splitlines():
        assert line.count("|") == 4


def test_a_table_has_what_was_asked_for_first_and_eight_rows_at_most() -> None:
    many = {f"feature {n}": f"kind {n}" for n in range(20)}
    other = {name: value + "b" for name, value in many.items()}
    left, right = replace(TENT, attributes=many), replace(TENT_HEAVY, attributes=other)
    table = compare_table((left, right), ask("which feature 19", "compare", asks=("feature 19",)))
    rows = table.splitlines()[2:]
    assert len(rows) == 8
    assert rows[4].startswith("| Feature 19 |")


@pytest.mark.parametrize(
    ("filters", "english", "chinese"),
    [
        (Filters(price_max=d("50")), ("under $50",), ("50美元以内",)),
        (Filters(price_min=d("20"), price_max=d("40.50")), ("between $20 and $40.50",), ("20美元到40.50美元",)),
        (Filters(in_stock=True, rating_min=d("4.5")), ("rated 4.5 or better", "in stock"), ("评分4.5以上", "有货")),
        (Filters(conditions=(has("waterproof", "yes"),)), ("waterproof",), ("带waterproof",)),
        (Filters(conditions=(has("color", "red", negated=True),)), ("not in red",), ("非red",)),
        (Filters(conditions=(has("size", "M", "L"),)), ("in size M or L",), ("size为M或L",)),
        (
            Filters(conditions=(Condition(("weight",), maximum=d("2"), unit="kg"),)),
            ("with weight up to 2 kg",),
            ("weight2公斤以内",),
        ),
        (Filters(conditions=(has("brand", "Fernway"),)), ("from Fernway",), ("Fernway品牌",)),
    ],
)
def test_constraints_in_words(filters: Filters, english: tuple[str, ...], chinese: tuple[str, ...]) -> None:
    assert describe_filters(ask("x", "find", filters=filters), SHOP) == english
    assert describe_filters(zh("x", "find", filters=filters), SHOP) == chinese


def test_the_thing_asked_for_is_said_with_its_constraints() -> None:
    filters = Filters(price_max=d("200"), conditions=(has("waterproof", "yes"), has("color", "green")))
    assert wanted(ask("x", "find", subject="tent", filters=filters), SHOP) == "waterproof tents in green under $200"
    assert wanted(zh("x", "find", subject="帐篷", filters=Filters(price_max=d("300"))), SHOP_ZH) == "300元以内的帐篷"


def test_only_a_limit_the_shopper_named_is_called_theirs() -> None:
    filters = Filters(price_max=d("200"))
    assert said_limit(ask("tents under 200 dollars", "find", filters=filters)) == d("200")
    assert said_limit(ask("anything cheaper", "find", filters=filters)) is None


@pytest.mark.parametrize(
    ("amount", "currency", "english", "chinese"),
    [
        ("1299", "USD", "$1,299.00", "1299美元"),
        ("19.9", "EUR", "€19.90", "19.90欧元"),
        ("1304.8", "CNY", "¥1,304.80", "1304.80元"),
        ("2000", "JPY", "¥2,000", "2000日元"),
        ("5", "CHF", "CHF 5.00", "5瑞士法郎"),
        ("7.125", None, "7.125", "7.125"),
    ],
)
def test_money_as_shops_write_it(amount: str, currency: str | None, english: str, chinese: str) -> None:
    assert money(Decimal(amount), currency, "en") == english
    assert money(Decimal(amount), currency, "zh") == chinese


def test_names_and_values_for_reading() -> None:
    assert attribute_name("display_diagonal") == "display diagonal"
    assert attribute_name("operating temperature  t t ") == "operating temperature"
    assert attribute_name("batteryLife") == "battery life"
    assert attribute_name("RAM") == "RAM"
    assert attribute_value("17.0") == "17"
    assert attribute_value("a,b\\nc") == "a, b c"
    assert is_measured("1.9 kg")
    assert not is_measured("316不锈钢")
    assert when("2026-03-03T08:15:00Z", "en") == "3 March 2026, 08:15"
    assert when("yesterday", "zh") == "yesterday"


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Fernway 2 Tent", "Fernway 2 Tent"),
        (
            'HP Pavilion dv7-1211ea Notebook Silver 43.2 cm (17") 1440 x 900 pixels Intel Core 2 Duo 4 GB',
            "HP Pavilion dv7-1211ea Notebook Silver",
        ),
        (
            "Trust TK-350 Wireless Membrane Keyboard, Spill-Proof, Silent Keys, Black",
            "Trust TK-350 Wireless Membrane Keyboard",
        ),
        (
            "美的（Midea）60升超薄双胆扁桶电热水器3300W速热节能大水量F6033-UD3(HE)一级能效国家补贴",
            "美的60升超薄双胆扁桶电热水器 F6033-UD3(HE)",
        ),
    ],
)
def test_long_titles_are_cut_where_they_stay_recognisable(title: str, short: str) -> None:
    assert shorten(title) == short


def test_short_titles_stay_apart() -> None:
    left = Product("1", "Lexmark X264 toner cartridge, Original Black 1 pc(s), 3500 pages, for laser printers")
    right = Product("2", "Lexmark X264 toner cartridge, Original Cyan 1 pc(s), 3500 pages, for laser printers")
    names = short_titles((left, right))
    assert names["1"] == "Lexmark X264 toner cartridge (Black)"
    assert names["2"] == "Lexmark X264 toner cartridge (Cyan)"


def test_options_can_be_read_without_their_names() -> None:
    assert option_words({"size": "9", "color": "red"}, "en") == "size 9, red"
    assert (
        option_words({"resolution": "4K", "waterproof": "no", "armrest": "none"}, "en")
        == "4K, not waterproof, no armrest"
    )
    assert option_words({"颜色": "蓝色", "防水": "是"}, "zh") == "蓝色、防水"


def test_english_grammar() -> None:
    assert [plural(n) for n in ("tent", "watch", "battery", "shelf", "jeans", "luggage")] == [
        "tents", "watches", "batteries", "shelves", "jeans", "luggage",
    ]  # fmt: skip
    assert [singular(n) for n in ("tents", "batteries", "shelves", "dresses", "jeans", "glass")] == [
        "tent", "battery", "shelf", "dress", "jeans", "glass",
    ]  # fmt: skip
    assert [a(n) for n in ("hour", "USB port", "8-inch screen", "LED lamp", "unit")] == [
        "an hour", "a USB port", "an 8-inch screen", "an LED lamp", "a unit",
    ]  # fmt: skip
    assert counted(1, "tents") == "1 tent"
    assert counted(0, "tent") == "no tents"
    assert join(["a", "b", "c"]) == "a, b and c"
    assert adjectival("waterproof")
    assert not adjectival("touchscreen")
    assert plural_name("Trail Socks (pair)")
    assert not plural_name("Smart Watch Plus")


def test_a_short_answer_is_quoted_whole_and_a_long_one_where_it_answers() -> None:
    long = "We have sold tents since 1990. " * 12 + "Refunds take 8 days. They go to your card."
    assert excerpt("when do I get my refund", long).sentences == ("Refunds take 8 days.", "They go to your card.")
    assert excerpt("anything", "One. Two.").sentences == ("One.", "Two.")


def test_sentences_keep_lists_abbreviations_and_full_width_marks() -> None:
    text = "Mr. Fern pays e.g. postage. It is:\n- free\n- fast\n\n退货免费,15天内有效(未拆封)。谢谢!"
    assert sentences_of(text) == (
        "Mr. Fern pays e.g. postage.", "It is:", "free", "fast", "退货免费，15天内有效（未拆封）。", "谢谢！",
    )  # fmt: skip


def test_a_citation_stands_before_the_final_mark() -> None:
    assert cite("Returns are free.", "[2]") == "Returns are free [2]."
    assert cite("退货免费。", "[2]") == "退货免费[2]。"
    assert cite("no end", "[1]") == "no end [1]."


def test_follow_ups_are_answered_by_what_is_shown() -> None:
    query, evidence = CASES["find with reasons and alternatives"]
    asked = suggest(query, evidence, SHOP)
    assert asked[:2] == ("Compare the first two", "Anything under $150?")
    assert len(asked) == 3
    assert suggest(query, Evidence(), SHOP) == ()
    assert suggest(ask("furious", "complaint"), evidence, SHOP) == ()


def test_follow_ups_on_one_product_do_not_repeat_the_question() -> None:
    query = ask("which colors does it come in", "product_question", refers_to=("s",), asks=("color",))
    assert suggest(query, shown(SHIRT), SHOP) == ("Which sizes does it come in?",)
    assert suggest(zh("多少钱", "product_question", refers_to=("z1",), asks=("price",)), shown(KETTLE), SHOP_ZH) == (
        "它的容量是多少？",
    )


def test_a_sold_out_product_is_not_recommended_first() -> None:
    text = compose(ask("a tent", "find", subject="tent"), shown(TENT_GONE, TENT), SHOP)
    assert text.index("Fernway") < (text.find("Breeze") if "Breeze" in text else len(text))


def test_variants_of_one_price_are_not_given_a_range() -> None:
    same = Product(
        "u", "Cap", currency="USD", variants=(shirt_variant(1, "red", "M", "9"), shirt_variant(2, "blue", "M", "9"))
    )
    text = compose(ask("price", "product_question", refers_to=("u",), asks=("price",)), shown(same), SHOP)
    assert text == "The Cap [1] costs $9.00 and is in stock."


def test_the_first_by_a_measure_is_said_with_that_measure() -> None:
    query = ask("lightest tent", "superlative", subject="tent", rank_by=("weight",), rank_word="lightest")
    assert compose(query, shown(TENT, TENT_HEAVY, total=3), SHOP) == (
        "The lightest tent is the Fernway 2 Tent [1]: it weighs 1.9 kg."
    )
    both = compose(replace(query, limit=2), shown(TENT, TENT_HEAVY, total=3), SHOP)
    assert both == "The 2 lightest tents are the Fernway 2 Tent [1] (1.9 kg) and the Oakdome 4 [2] (4.2 kg)."


def test_a_limit_in_a_foreign_currency_is_said_not_to_count() -> None:
    query = ask("tents under 50 euros", "find", subject="tent", foreign_currency="EUR")
    assert compose(query, shown(TENT), SHOP).startswith(
        "Our prices are in USD, so I have left your limit in EUR aside."
    )


def test_a_condition_without_a_name_breaks_nothing() -> None:
    filters = Filters(conditions=(Condition((), ("x",)),))
    for language in ("en", "zh"):
        assert compose(ask("x", "find", filters=filters, language=language), Evidence(), SHOP)


def test_an_order_by_rating_still_states_the_lowest_price() -> None:
    variants = tuple(Variant(f"v{n}", {"size": str(n)}, d(price)) for n, price in enumerate(("30", "10", "20")))
    clock = Product("c", "Wall Clock", currency="USD", rating=d("4.2"), variants=variants)
    for intent in ("find", "recommend", "superlative"):
        text = compose(ask("best rated wall clock", intent, subject="wall clock", sort="rating"), shown(clock), SHOP)
        assert "$30" not in text and "$20" not in text


@pytest.mark.parametrize("intent", ["find", "recommend", "superlative"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_kind_without_ratings_is_said_to_have_none(intent: str, language: str) -> None:
    query = ask("best rated clock", intent, subject="clock", sort="rating", language=language)
    text = compose(query, shown(SHIRT, SOCKS), SHOP)
    assert text.startswith("The shop states no ratings" if language == "en" else "店铺资料里没有clock的评分")


@pytest.mark.parametrize(
    ("noun", "many", "one"),
    [
        ("JSLQ27-16LN3S", "JSLQ27-16LN3S", "JSLQ27-16LN3S"),
        ("Sandals & Slippers", "Sandals & Slippers", "product in Sandals & Slippers"),
        ("PNY", "PNY", "PNY"),
        ("mini pcs", "mini pcs", "mini pc"),
        ("TV", "TVs", "TV"),
        ("iPhone 15 Pro Max", "iPhone 15 Pro Max", "iPhone 15 Pro Max"),
        ("T-Shirt", "T-Shirts", "T-Shirt"),
        ("t-shirt", "t-shirts", "t-shirt"),
        ("lens", "lenses", "lens"),
        ("gps", "gps", "gps"),
        ("smart watches", "smart watches", "smart watch"),
    ],
)
def test_only_ordinary_words_change_their_number(noun: str, many: str, one: str) -> None:
    assert (plural(noun), singular(noun)) == (many, one)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Do you rent out tents?", "renting out tents"),
        ("can I pay with bitcoin", "paying with bitcoin"),
        ("Is there a student discount?", "a student discount"),
        ("do you offer gift wrapping", "gift wrapping"),
        ("can you engrave my knife", "engraving your knife"),
        ("how much is it", ""),
        ("what is the meaning of all this", ""),
        ("", ""),
    ],
)
def test_a_question_is_named_by_what_it_is_about(text: str, topic: str) -> None:
    assert topic_of(ask(text, "policy")) == topic


def _lighter(text: str, **more: Any) -> Query:
    return ask(text, "compare", refers_to=("t1", "t2"), rank_by=("weight",), rank_direction=-1, **more)


def test_the_verdict_comes_before_the_table() -> None:
    text = compose(_lighter("compare them, which is lighter?"), shown(TENT, TENT_HEAVY), SHOP)
    assert text.startswith("The Fernway 2 Tent [1] is lighter: it weighs 1.9 kg, and the Oakdome 4 [2] weighs 4.2 kg.")
    assert text.index("|") > text.index("4.2 kg")


def test_who_asks_only_which_is_lighter_gets_no_table() -> None:
    text = compose(_lighter("which is lighter?"), shown(TENT, TENT_HEAVY), SHOP)
    assert "|" not in text and "costs less ($149.00)" in text


@pytest.mark.parametrize(("asserted", "lead"), [("t1", "Yes, the Fernway"), ("t2", "No, the Fernway")])
def test_a_supposition_is_confirmed_or_corrected(asserted: str, lead: str) -> None:
    text = compose(_lighter("is it lighter?", asserted=asserted), shown(TENT, TENT_HEAVY), SHOP)
    assert text.startswith(lead)


def test_weights_in_different_units_are_set_in_order() -> None:
    light = replace(TENT_HEAVY, attributes={"weight": "900 g"})
    text = compose(_lighter("which is lighter?"), shown(TENT, light), SHOP)
    assert text.startswith("The Oakdome 4 [2] is lighter: it weighs 900 g, and the Fernway 2 Tent [1] weighs 1.9 kg.")


def test_a_product_without_the_figure_is_left_out_of_the_verdict_by_name() -> None:
    query = ask("which is lightest?", "compare", refers_to=("t1", "t2", "t3"), rank_by=("weight",), rank_direction=-1)
    text = compose(query, shown(TENT, TENT_HEAVY, TENT_GONE), SHOP)
    assert "gives no weight for the Breeze 1 [3]" in text and "is lighter" in text


def test_equal_figures_are_called_equal() -> None:
    query = ask("which is cheaper?", "compare", refers_to=("t1", "t4"), rank_by=("price",), rank_direction=-1)
    text = compose(query, shown(TENT, replace(TENT, id="t4", title="Oakdome 2")), SHOP)
    assert text.startswith("The Fernway 2 Tent [1] and the Oakdome 2 [2] both cost $189.00.")


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("brightness", ("400 lm", "900 lm"), "The Oakdome 4 [2] is brighter: it has a brightness of 900 lm"),
        ("resolution", ("10 MP", "20 MP"), "The Oakdome 4 [2] has the higher resolution: it has a resolution of 20 MP"),
    ],
)
def test_any_measure_of_the_records_decides(name: str, values: tuple[str, str], said: str) -> None:
    one, other = (replace(p, attributes={name: v}) for p, v in zip((TENT, TENT_HEAVY), values, strict=True))
    query = ask("which has more?", "compare", refers_to=("t1", "t2"), rank_by=(name,))
    assert compose(query, shown(one, other), SHOP).startswith(said)


def test_stock_of_several_is_said_in_one_sentence() -> None:
    query = ask("are they in stock?", "product_question", refers_to=("t1", "t2", "t3"), asks=("stock",))
    text = compose(query, shown(TENT, TENT_HEAVY, TENT_GONE), SHOP)
    assert text == (
        "The Fernway 2 Tent [1] and the Oakdome 4 [2] are in stock; the Breeze 1 [3] is out of stock at the moment."
    )


def test_a_place_beyond_the_list_is_asked_back() -> None:
    query = ask("the third one", "product_question", refers_to=("t1", "t2"), beyond=True)
    text = compose(query, shown(TENT, TENT_HEAVY), SHOP)
    assert text.startswith("I have shown you 2 so far: the Fernway 2 Tent [1] and the Oakdome 4 [2].")
    assert compose(ask("the third one", "product_question", beyond=True), Evidence(), SHOP).startswith("Which product")


def test_what_comes_nearest_in_price_is_the_lowest_priced_one() -> None:
    query = ask("tent under $50", "find", subject="tent", filters=Filters(price_max=d("50")))
    near = shown(TENT, TENT_HEAVY, total=0, relaxed=("under $50",))
    assert "The lowest-priced tent is the Oakdome 4 [2] at $149.00." in compose(query, near, SHOP)
    assert suggest(query, near, SHOP) == ("What is your cheapest tent?", "Tell me about the Oakdome 4")
