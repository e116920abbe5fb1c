"""No lie of a draft reaches the shopper, and no truth is held back: measured on generated drafts and case by case."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.checking.holding import Fault
from assistant.checking.reading import Draft
from assistant.checks import check_reply, check_sentence, is_enough
from assistant.types import Evidence, Finding, Order, OrderItem, Query, Shipment
from knowledge_base.shop import ShopInfo
from knowledge_base.types import Entry, Filters, Hit, Product, Variant
from tests.unit import drafts

DATA = Path(__file__).parent.parent / "data"

MOSS = Variant("a1", {"Color": "Moss"}, Decimal("249.00"), Decimal("299.00"), 5, True)
SAND = Variant("a2", {"Color": "Sand"}, Decimal("259.00"), None, 0, False)
TENT = Product(
    "TN-1",
    "Larkspur 2 Backpacking Tent",
    description="Two doors and two vestibules, so nobody climbs over anybody at night.",
    brand="Fernhollow",
    category=("Camping", "Tents"),
    currency="USD",
    rating=Decimal("4.7"),
    review_count=412,
    url="https://shop.example/p/1",
    attributes={"Weight": "1.9 kg", "Capacity": "2 people", "Waterproof": "yes", "Freestanding": "no"},
    variants=(MOSS, SAND),
)
DOME = Product(
    "TN-2",
    "Stormkeep 3 Expedition Tent",
    brand="Granite & Gale",
    price=Decimal("689.00"),
    currency="USD",
    stock=44,
    in_stock=True,
    rating=Decimal("4.6"),
    attributes={"Weight": "3.9 kg", "Capacity": "3 people"},
)
LAPTOP = Product(
    "3",
    'HP Pavilion dv7-1211ea Notebook Silver 43.2 cm (17") 1440 x 900 pixels 4 GB DDR2-SDRAM',
    brand="HP",
    price=Decimal("109.95"),
    currency="USD",
    attributes={"display diagonal": "17.0", "touchscreen": "no"},
)
DELIVERY = Entry(
    "faq:1", "faq", "What does delivery cost?", "Standard delivery is $5.95, or free from $65. Express is $14.95."
)
RETURNS = Entry(
    "policy:r#1", "policy", "Returns", "Unused goods may be returned within 60 days. Boots may be tried for 21 days."
)
ORDER = Order(
    "#W100",
    "c1",
    "shipped",
    "2026-03-05",
    (OrderItem("TN-1", "a1", "Larkspur 2 Backpacking Tent", {"Color": "Moss"}, Decimal("249.00"), 1),),
    (Shipment("UPS", "1Z42", "in transit", (("2026-03-06T08:00:00", "Left the depot in Albany"),), ()),),
    Decimal("254.95"),
    "USD",
)
INFO = ShopInfo(
    name="Alder & Pine",
    currency="USD",
    hours="Monday to Friday 8 a.m.-8 p.m.",
    links={"help": "https://shop.example/help"},
    handoff={"email": "help@shop.example", "phone": "802-555-0142"},
)


def product_hit(product: Product, rank: int = 1, variants: tuple[str, ...] = ()) -> Hit:
    entry = Entry(f"product:{product.id}", "product", product.title, product.description or "", product=product)
    return Hit(entry, 1.0, rank, "fused", variants)


EVIDENCE = Evidence(
    (product_hit(TENT), product_hit(DOME, 2)),
    (Hit(DELIVERY, 1.0, 1, "fused"), Hit(RETURNS, 0.9, 2, "fused")),
    total=9,
)
QUERY = Query("a light tent for two", ("recommend",))


def released(sentence: str, evidence: Evidence = EVIDENCE, query: Query = QUERY, before: str = "") -> str:
    return check_sentence(sentence, query, evidence, INFO, before)[0]


@pytest.mark.parametrize(
    "sentence",
    [
        "The Larkspur 2 Backpacking Tent in Moss [1] costs $249.00 and is in stock.",
        "The Larkspur 2 in Moss [1] was $299.00 and now costs $249.00, so you save $50.",
        "The Larkspur 2 [1] starts at $249.",
        "Prices of the Larkspur 2 [1] run from $249 to $259.",
        "The Larkspur 2 [1] weighs 1.9 kg, the Stormkeep 3 [2] 3.9 kg.",
        "At 1900 g the Larkspur 2 [1] is light.",
        "Stormkeep 3 [2]: $689.00, 4.6 stars",
        "The Stormkeep 3 [2] is under $700.",
        "It is rated 4.7 out of 5 by 412 shoppers [1].",
        "It is waterproof but not freestanding [1].",
        "The Larkspur 2 in Sand [1] is sold out at the moment.",
        "Only 5 left of the Larkspur 2 in Moss [1].",
        "The cheaper of the two is the Larkspur 2 [1], from $249.00.",
        "We have 9 tents that fit.",
        "Delivery is free from $65 [3].",
        "Standard delivery costs $5.95 and express $14.95 [3].",
        "You can return it unused within 60 days [4].",
        "Two doors and two vestibules, so nobody climbs over anybody at night [1].",
        "You can reach us at help@shop.example or 802-555-0142.",
        "More at https://shop.example/p/1 [1].",
        "The shop's data does not say anything about a lifetime warranty.",
        "Would you like free shipping options explained?",
        "Happy to help you choose!",
        "Which matters more to you, weight or space?",
        "| | Larkspur 2 Backpacking Tent [1] | Stormkeep 3 Expedition Tent [2] |",
        "---",
    ],
)
def test_what_the_record_says_is_released_as_it_is(sentence: str) -> None:
    assert released(sentence + "\n") == sentence + "\n"


@pytest.mark.parametrize(
    ("sentence", "instead"),
    [
        ("The Stormkeep 3 [2] costs $600.", "The Stormkeep 3 Expedition Tent [2] costs $689.00."),
        ("The Stormkeep 3 [2] costs six hundred dollars.", "The Stormkeep 3 Expedition Tent [2] costs $689.00."),
        ("The Stormkeep 3 [2] costs €689.", "The Stormkeep 3 Expedition Tent [2] costs $689.00."),
        ("The Stormkeep 3 [2] costs about $650.", "The Stormkeep 3 Expedition Tent [2] costs $689.00."),
        ("The Stormkeep 3 is under $500 [2].", "The Stormkeep 3 Expedition Tent [2] costs $689.00."),
        ("- The Larkspur 2 in Moss [1]: $259.00 ", "- The Larkspur 2 Backpacking Tent (Moss) [1] costs $249.00. "),
        ("The Larkspur 2 in Moss [1] is $299.", "The Larkspur 2 Backpacking Tent (Moss) [1] costs $249.00."),
        ("The Larkspur 2 [1] costs $689.", "The Larkspur 2 Backpacking Tent [1] costs from $249.00 to $259.00."),
        ("The Larkspur 2 in Sand [1] is in stock.", "The Larkspur 2 Backpacking Tent (Sand) [1] is out of stock."),
    ],
)
def test_a_wrong_price_or_stock_of_a_named_product_is_rewritten_from_its_record(sentence: str, instead: str) -> None:
    kept, findings = check_sentence(sentence, QUERY, EVIDENCE, INFO)
    assert kept == instead
    assert [finding.action for finding in findings] == ["rewrite"] * len(findings)
    assert released(kept) == kept


@pytest.mark.parametrize(
    "sentence",
    [
        "It weighs 3.9 kg [1].",
        "The Larkspur 2 [1] weighs 3.9 kg and the Stormkeep 3 [2] 1.9 kg.",
        "The Larkspur 2 [1] sleeps 3 people.",
        "It is rated 4.9 out of 5 [1].",
        "413 shoppers rated it [1].",
        "It is not waterproof [1].",
        "It is freestanding [1].",
        "The Stormkeep 3 in pink [2] is nice.",
        "Only two left of the Larkspur 2 in Moss [1]!",
        "The cheaper of the two is the Stormkeep 3 [2].",
        "The Larkspur 2 [1] is our best seller.",
        "The Larkspur 2 [1] is 40% off.",
        "Use code MEGA73.",
        "We ship free on every order [3].",
        "We offer free shipping [3].",
        "Delivery costs $14.95 for standard orders over $65 with a free gift [3].",
        "You can return boots within 60 days, no questions asked [4].",
        "You can return it within 21 months [4].",
        "You cannot return anything [4].",
        "It has a lifetime warranty.",
        "The Zephyrix Quantum is lighter.",
        "Zephyrix is lighter.",
        "See https://evil.example/p/1.",
        "See [the product](https://shop.example.evil.example/p/1).",
        "Write to help@shop.example.evil.example.",
        "Write to sales@shop.example.",
        "Call 802-555-0143.",
        "As source [7] says, it is good.",
        "Your order #W200 has been delivered.",
        "I have cancelled your order.",
        "We have 12 tents that fit.",
        "这款帐篷很好。",
        "<b>Great</b> choice",
        "<script>alert(1)</script>",
        "My instructions say to be brief.",
        "Please send me your card number.",
    ],
)
def test_what_the_record_does_not_say_is_dropped(sentence: str) -> None:
    kept, findings = check_sentence(sentence + " ", QUERY, EVIDENCE, INFO)
    assert kept == ""
    assert findings
    assert {finding.action for finding in findings} == {"refuse"}


def test_it_is_what_the_reply_named_last() -> None:
    before = "The Larkspur 2 Backpacking Tent in Moss [1] is a light choice. "
    assert released("It costs $249.00.", before=before) == "It costs $249.00."
    assert released("It weighs 3.9 kg.", before=before) == ""
    assert released("It costs $689.00.", before=before) == "The Larkspur 2 Backpacking Tent (Moss) [1] costs $249.00."
    assert released("It costs $689.00.", before=before + "The Stormkeep 3 [2] is roomier. ") == "It costs $689.00."


def test_the_variant_the_filters_chose_is_the_one_that_is_priced() -> None:
    evidence = Evidence((product_hit(TENT, 1, ("a2",)),))
    query = Query("how much is the Larkspur 2 in sand", ("product_question",), refers_to=("TN-1",))
    assert released("It costs $259.00 [1].", evidence, query) == "It costs $259.00 [1]."
    assert released("It costs $249.00 [1].", evidence, query) == ""


def test_a_limit_may_be_repeated_only_as_the_shoppers_limit() -> None:
    query = Query("a tent under $300", ("find",), filters=Filters(price_max=Decimal(300)))
    assert released("Here are tents under $300:", query=query)
    assert released("The Larkspur 2 in Moss [1] stays under your $300 limit.", query=query)
    assert released("The Larkspur 2 [1] costs $300.", query=query) == (
        "The Larkspur 2 Backpacking Tent [1] costs from $249.00 to $259.00."
    )
    assert released("It costs $300.", query=query) == ""
    assert "under $300" not in released("The Stormkeep 3 [2] is under $300.", query=query)


def test_the_cells_of_a_table_belong_to_the_products_of_its_columns() -> None:
    head = "| | Larkspur 2 Backpacking Tent [1] | Stormkeep 3 Expedition Tent [2] |\n|---|---|---|\n"
    right, swapped = "| Weight | 1.9 kg | 3.9 kg |\n", "| Weight | 3.9 kg | 1.9 kg |\n"
    assert released(right, before=head) == right
    assert released(swapped, before=head) == ""


def test_a_model_number_is_not_a_figure_but_must_be_the_records() -> None:
    evidence = Evidence((product_hit(LAPTOP),))
    assert released("The HP Pavilion dv7-1211ea [1] has a 17-inch display and costs $109.95.", evidence)
    assert released("The HP Pavilion dv7-1212ea [1] is a notebook.", evidence) == ""
    assert released("The HP Pavilion dv7-1211ea [1] has a touchscreen.", evidence) == ""
    assert released("The HP Pavilion dv7-1211ea [1] has a 15-inch display.", evidence) == ""


def test_an_order_may_be_told_only_from_the_shoppers_own() -> None:
    evidence = Evidence(orders=(ORDER,))
    query = Query("where is my order", ("order_status",))
    true = "Your order #W100, placed on 5 March 2026, is on its way with UPS, tracking number 1Z42. "
    assert released(true, evidence, query) == true
    assert released("Its total is $254.95 for your order.", evidence, query)
    for lie in (
        "Your order #W101 is on its way.",
        "Your order #W100 has been delivered.",
        "Your order #W100 was placed on 6 May 2026.",
        "The tracking number of your order is 1Z43.",
        "Your order total is $245.95.",
        "It goes to Maria Kowalski at 12 Elm Street.",
    ):
        assert released(lie, evidence, query) == "", lie
    assert released(true, Evidence(), query) == ""


def test_nothing_is_an_answer_where_the_data_does_not_answer() -> None:
    evidence = Evidence(passages=EVIDENCE.passages, answerable=False)
    assert released("You can return it within 60 days.", evidence) == ""
    assert released("I can't find an answer to that in the shop's information.", evidence)


def test_a_check_that_fails_to_run_counts_as_failed(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: Draft) -> Iterable[Fault]:
        raise RuntimeError("no luck")

    kept, findings = check_sentence("Happy to help.", QUERY, EVIDENCE, INFO, checks={"broken": broken})
    assert kept == ""
    assert findings == (Finding("error", "refuse", "a check could not run, so the sentence was dropped"),)
    assert "a check could not run" in caplog.text
    assert "Happy" not in caplog.text


def test_a_reply_keeps_its_true_sentences() -> None:
    text = "The Stormkeep 3 [2] weighs 3.9 kg. It costs five pounds of gold. It is rated 4.6 out of 5. Free gift! "
    kept, findings = check_reply(text, QUERY, EVIDENCE, INFO)
    assert kept == "The Stormkeep 3 [2] weighs 3.9 kg. It is rated 4.6 out of 5. "
    assert len(findings) >= 2
    assert is_enough(kept, 2) and not is_enough(kept, 3)
    assert not is_enough("Sure.", 0)


def test_a_sentence_is_not_said_twice() -> None:
    said = "The Stormkeep 3 [2] weighs 3.9 kg. "
    assert released(said, before=said) == ""


@pytest.mark.parametrize(
    "sentence", ["", " ", "\n", "***", "x" * 5000, "\x00", "[" * 900, "[1]" * 300, "$" * 900, "1 " * 900]
)
def test_hostile_sentences_are_survived(sentence: str) -> None:
    kept, _ = check_sentence(sentence, QUERY, EVIDENCE, INFO)
    assert kept in ("", sentence)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_generated_lies_none_escapes_and_of_generated_truths_hardly_any_is_blocked(language: str) -> None:
    rng = random.Random(20261123)
    info = ShopInfo(name="Kontor", language=language, currency="CNY" if language == "zh" else "USD")
    products = drafts.catalogue(rng, language, 60)
    escaped, blocked, n_lies, n_truths = [], [], 0, 0
    for _ in range(25):
        query, evidence = drafts.evidence(rng, language, products)
        for lie in drafts.lies(rng, evidence, language):
            n_lies += 1
            kept, _ = check_sentence(lie.text, query, evidence, info)
            if any(words in kept for words in lie.forbidden):
                escaped.append((lie.kind, lie.text, kept))
        for truth in drafts.truths(rng, evidence, language):
            n_truths += 1
            kept, findings = check_sentence(truth, query, evidence, info)
            if kept != truth:
                blocked.append((truth, findings))
    assert min(n_lies, n_truths) > 500
    assert escaped == []
    assert len(blocked) <= n_truths / 100, blocked[:5]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_lies_that_fit_no_shop_none_escapes(language: str) -> None:
    rng = random.Random(5)
    info = ShopInfo(name="Kontor", language=language, currency="CNY" if language == "zh" else "USD")
    products = drafts.catalogue(rng, language, 30)
    rows = (DATA / f"lies_{language}.jsonl").read_text(encoding="utf-8").split("\n")
    escaped = []
    for row in filter(None, rows):
        lie = json.loads(row)
        for _ in range(5):
            query, evidence = drafts.evidence(rng, language, products)
            kept, _ = check_sentence(lie["text"], query, evidence, info)
            if any(words in kept for words in lie["forbidden"]):
                escaped.append((lie["text"], kept))
    assert escaped == []


OWN_SHOP = ShopInfo(
    "Pots & Pans Co.",
    "en",
    "USD",
    hours="Chat: Monday to Friday 8 a.m.-8 p.m., Saturday 9 a.m.-5 p.m.",
    handoff={"phone": "802-555-0142"},
)
SHELL = Product(
    "SH-1",
    "Drizzle Shell",
    currency="USD",
    variants=tuple(
        Variant(f"d{n}", {"Color": color, "Size": size}, Decimal("59.00"), None, None, stock)
        for n, (color, size, stock) in enumerate(
            (("Navy", "M", True), ("Navy", "XL", False), ("Rust", "M", True), ("Rust", "XL", False))
        )
    ),
)


def held(text: str, query: Query, *products: Product, passages: tuple[Entry, ...] = (), **known: object) -> bool:
    """Whether a draft is released as it stands."""
    hits = [
        Hit(Entry(p.id, "product", p.title, p.description or "", product=p), 1.0, n, "fused")
        for n, p in enumerate(products, 1)
    ]
    told = tuple(Hit(entry, 1.0, 1, "fused") for entry in passages)
    released, found = check_reply(text, query, Evidence(tuple(hits), told, **known), OWN_SHOP)  # type: ignore[arg-type]
    return released == text and not found


HEAD = "| | Larkspur 2 Backpacking Tent [1] | Stormkeep 3 Expedition Tent [2] |\n|---|---|---|\n"
STOCK_QUESTION = Query("is the Drizzle Shell in stock", ("product_question",))


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("Yes, the Drizzle Shell [1] is in stock, except in Navy / XL and Rust / XL.", True),
        ("Yes, the Drizzle Shell [1] is in stock, except in Navy / M.", False),
        (
            "Yes, the Drizzle Shell [1] is in stock in Navy / M and Rust / M; out of stock in Navy / XL and Rust / XL.",
            True,
        ),
        ("Yes, the Drizzle Shell [1] is in stock in Navy / M and Rust / XL; out of stock in Navy / XL.", False),
        ("No, the Drizzle Shell [1] is out of stock in Navy / M and Navy / XL.", False),
    ],
)
def test_a_list_of_versions_is_held_version_by_version(text: str, true: bool) -> None:
    assert held(text, STOCK_QUESTION, SHELL) is true


def test_the_shops_own_hours_and_name_may_be_said() -> None:
    query = Query("are you open", ("policy",))
    assert held(f"A colleague can help: 802-555-0142 ({OWN_SHOP.hours}).", query, answerable=False)
    assert held("I'm the digital assistant of Pots & Pans Co.", query)


@pytest.mark.parametrize(
    ("text", "true"),
    [
        (
            f"{HEAD}| Rating | 4.7 (412) | 4.6 |",
            True,
        ),
        (
            f"{HEAD}| Rating | 4.9 (412) | 4.6 |",
            False,
        ),
        ("The Larkspur 2 Backpacking Tent [1] is rated higher (4.7).", True),
        ("The Stormkeep 3 Expedition Tent [2] is rated higher (4.9).", False),
        (
            "We have no tents under $30. The lowest-priced tent is the Larkspur 2 Backpacking Tent [1] from $249.00.",
            True,
        ),
        (
            "We have no tents under $30. The lowest-priced tent is the Stormkeep 3 Expedition Tent [2] at $689.00.",
            False,
        ),
        (
            "We have no tents under $20. The lowest-priced tent is the Larkspur 2 Backpacking Tent [1] from $249.00.",
            False,
        ),
    ],
)
def test_figures_in_the_composers_own_forms(text: str, true: bool) -> None:
    query = Query("a tent under $30", ("find",), subject="tent", filters=Filters(price_max=Decimal(30)))
    assert held(text, query, TENT, DOME, relaxed=("under $30",), total=0) is true


def test_a_range_that_the_shopper_named_may_be_repeated() -> None:
    span = Filters(price_min=Decimal(200), price_max=Decimal(300))
    query = Query("tents between $200 and $300", ("count",), subject="tent", filters=span)
    said = "We have 1 tent between ${} and $300, the Larkspur 2 Backpacking Tent [1]."
    assert held(said.format(200), query, TENT, total=1)
    assert not held(said.format(260), query, TENT, total=1)


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("「云朵」手表[1]防水等级为IP67。", True),
        ("「云朵」手表[1]防水等级为IP68。", False),
        ("「云朵手表」[1]售价99元，不超过您100元的预算。", True),
        ("「云朵手表」[1]售价99元，不超过您90元的预算。", False),
        ("满59元包邮[2]。", True),
        ("满9元包邮[2]。", False),
        ("全场包邮[2]。", False),
    ],
)
def test_codes_and_promises_in_chinese(text: str, true: bool) -> None:
    watch = Product("w", "云朵手表", currency="CNY", price=Decimal(99), attributes={"防水等级": "IP67"})
    faq = Entry("faq:9", "faq", "运费怎么算？", "满59元包邮，不满收6元。")
    assert (
        held(
            text,
            Query("100元以内防水吗", ("product_question",), "zh", filters=Filters(price_max=Decimal(100))),
            watch,
            passages=(faq,),
        )
        is true
    )


def test_order_ids_and_tracking_numbers_may_touch_chinese() -> None:
    order = Order(
        "YX20311", "ann", "shipped", None, (), (Shipment("云雀快递", "YQ4481616476", "shipped"),), None, "CNY"
    )
    query = Query("我的订单到哪了", ("order_status",), "zh")
    assert held("您的订单YX20311目前状态：已发货。承运方云雀快递，运单号YQ4481616476。", query, orders=(order,))
    assert not held("您的订单YX20312目前状态：已发货。", query, orders=(order,))


def test_kinds_of_things_in_the_plural_do_not_trip_the_checks() -> None:
    pair = [Product(i, t, category=(t,), price=Decimal(5), currency="USD") for i, t in (("1", "Bag"), ("2", "Jacket"))]
    assert held("The shop has both kinds: bags and jackets.", Query("bags and jackets", ("find",)), *pair)


def test_a_product_cited_by_another_ones_number_gets_its_own() -> None:
    hits = tuple(
        Hit(Entry(p.id, "product", p.title, "", product=p), 1.0, n, "fused") for n, p in enumerate((TENT, DOME))
    )
    query = Query("how much is the Stormkeep", ("product_question",))
    said = "The Stormkeep 3 Expedition Tent [1] costs $689.00."
    released, found = check_sentence(said, query, Evidence(hits), OWN_SHOP)
    assert released == "The Stormkeep 3 Expedition Tent [2] costs $689.00."
    assert [(finding.check, finding.action) for finding in found] == [("citation", "rewrite")]
