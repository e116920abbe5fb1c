"""What a chat model is told: the shop's rules, what was said before, the evidence fenced as data, the question.

In: the turn, its query, the evidence and how many tokens there are. Out: a `Prompt` that fits them. The rules come
first and are the same for every shopper of a shop, so that a server can keep them computed. Of the shopper's identity
nothing is told. It knows no model: tokens are counted by whoever will read them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.fencing import Fence, defuse, one_line
from assistant.generation.figures import attribute_name, attribute_value, money, plain, when
from assistant.generation.variants import choose
from assistant.rules import Rules, built_in_rules
from assistant.types import Evidence, Language, Message, Order, Prompt, Query, Turn
from knowledge_base.shop import ShopInfo
from knowledge_base.text import fold, stems
from knowledge_base.types import Hit, Product, Variant

CountTokens = Callable[[str], int]

_TITLE_CHARS = 160
_VALUE_CHARS = 120
_NAME_CHARS = 40
_MESSAGE_CHARS = 4000
_TOKENS_PER_MESSAGE = 8  # what chat templates put around a message
_ORDERS = 5
_CITATION = re.compile(r"[ \t]*\[\d{1,3}\]")


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of the evidence is told. Products after the first `full` get half the attributes and no description."""

    description_chars: int
    attributes: int
    variants: int
    passage_chars: int
    history: int
    history_chars: int = 400
    full: int = 3


# From most to least. What is left out first matters least: prose before attributes, attributes before variants.
_DETAILS = (
    Detail(500, 14, 16, 1500, 8),
    Detail(300, 10, 12, 1200, 6),
    Detail(150, 8, 10, 900, 4),
    Detail(0, 6, 8, 700, 2, 250),
    Detail(0, 4, 6, 500, 2, 150),
    Detail(0, 2, 4, 350, 0),
)

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "product": "product",
        "faq": "answer",
        "policy": "policy",
        "computed": "computed",
        "brand": "brand",
        "category": "category",
        "rating": "rating",
        "of 5": "{rating} out of 5",
        "reviews": "{rating} out of 5 from {n} reviews",
        "price": "price",
        "unknown price": "price not known",
        "was": "{price} (before: {list_price})",
        "from to": "; over all variants: {low} to {high}",
        "same": "; over all variants: {low}",
        "in stock": "in stock",
        "out of stock": "out of stock",
        "unknown stock": "stock not known",
        "variants": "variants",
        "more variants": "further variants: {n}",
        "text": "description",
        "counted": "COUNTED over the whole shop: {n} products meet the request",
        "skus": ", in {n} variants",
        "relaxed": "NOT MET: {what}. No product meets this; those above do not.",
        "unanswerable": "The shop's records do NOT answer this question.",
        "nothing": "(nothing was found)",
        "order": "the shopper's own order",
        "status": "status",
        "placed": "placed",
        "items": "items",
        "total": "total",
        "shipment": "shipment",
        "tracking": "tracking number",
        "latest": "latest news",
        "ask": "Evidence for this answer:",
        "message": "The shopper's message:",
        "meant": "Read with what was said before, it means:",
        "colleague": "COLLEAGUE: a person of the shop{by} wrote to this shopper",
        "reply": "Answer the shopper now, by the rules, citing [n].",
    },
    "zh": {
        "product": "商品",
        "faq": "问答",
        "policy": "政策",
        "computed": "统计",
        "brand": "品牌",
        "category": "类别",
        "rating": "评分",
        "of 5": "{rating}分（满分5分）",
        "reviews": "{rating}分（满分5分，{n}条评价）",
        "price": "价格",
        "unknown price": "价格未知",
        "was": "{price}（原价{list_price}）",
        "from to": "；全部规格：{low}至{high}",
        "same": "；全部规格：{low}",
        "in stock": "有货",
        "out of stock": "缺货",
        "unknown stock": "库存未知",
        "variants": "规格",
        "more variants": "其他规格：{n}个",
        "text": "介绍",
        "counted": "全店统计：符合要求的商品共{n}款",
        "skus": "，{n}个规格",
        "relaxed": "未满足：{what}。没有商品符合这一要求，以上商品也不符合。",
        "unanswerable": "本店资料没有这个问题的答案。",
        "nothing": "（没有找到资料）",
        "order": "顾客本人的订单",
        "status": "状态",
        "placed": "下单时间",
        "items": "商品",
        "total": "合计",
        "shipment": "包裹",
        "tracking": "运单号",
        "latest": "最新进展",
        "ask": "本次回答的资料：",
        "message": "顾客的消息：",
        "meant": "结合前文，意思是：",
        "colleague": "同事：本店工作人员{by}已告诉这位顾客",
        "reply": "现在按规则回答顾客，并注明 [n]。",
    },
}


def build_prompt(
    turn: Turn,
    query: Query,
    evidence: Evidence,
    info: ShopInfo,
    count_tokens: CountTokens,
    budget_tokens: int,
    fence: Fence | None = None,
    rules: Rules | None = None,
) -> Prompt:
    """The prompt of one turn, within `budget_tokens` as far as the evidence can give way.

    Evidence [n] is the n-th of `evidence.hits`; what is left out for want of room leaves the other numbers as they are.
    The rules and the question are never cut: where they alone pass the budget, `n_tokens` says so.
    `fence` is for tests. `rules` stand in place of the built-in ones.
    """
    fence = fence or Fence()
    system = ("system", system_text(query.language, info, rules))
    public = "\n".join((info.name, info.greeting, info.hours, *info.handoff.values(), *info.links.values()))

    def attempt(detail: Detail, hits: Sequence[int]) -> Prompt:
        messages = (
            system,
            *_history(turn.history, detail, fence),
            ("user", _request(turn, query, evidence, info, detail, hits, fence)),
        )
        n_tokens = sum(count_tokens(text) + _TOKENS_PER_MESSAGE for _, text in messages)
        return Prompt(messages, evidence, n_tokens, public)

    kept = list(range(len(evidence.hits)))
    for detail in _DETAILS:
        prompt = attempt(detail, kept)
        if prompt.n_tokens <= budget_tokens:
            return prompt
    for least in _least_valuable_first(query, evidence):
        kept.remove(least)
        prompt = attempt(_DETAILS[-1], kept)
        if prompt.n_tokens <= budget_tokens:
            break
    return prompt


def system_text(language: Language, info: ShopInfo, rules: Rules | None = None) -> str:
    """The rules in the shop's name and voice: the same for every shopper, turn and product."""
    text = (rules or built_in_rules())[language].replace("{{shop}}", one_line(info.name, _TITLE_CHARS))
    return text.replace(" {{voice}}", f" {info.voice.strip()}".rstrip()).replace("{{voice}}", info.voice.strip())


def _history(history: Sequence[Message], detail: Detail, fence: Fence) -> list[tuple[str, str]]:
    """The last messages in strict turns, shopper first: chat templates refuse two of one side in a row."""
    turns: list[tuple[str, str]] = []
    for message in history[len(history) - detail.history :] if detail.history else ():
        shopper = message.role == "shopper"
        # Earlier answers lose their [n]: those numbers belong to other evidence.
        text = defuse(_CITATION.sub("", message.text), detail.history_chars)
        if message.role == "agent":  # a person's words are data: the model did not write them
            text = fence.wrap("colleague", text)
        else:
            text = fence.wrap("message", text) if shopper else text.replace(fence.code, "")
        role = "user" if shopper else "assistant"
        if turns and turns[-1][0] == role:
            turns[-1] = (role, f"{turns[-1][1]}\n{text}")
        elif turns or shopper:
            turns.append((role, text))
    # The new message follows, and it is the shopper's.
    return turns[:-1] if turns and turns[-1][0] == "user" else turns


def _request(
    turn: Turn, query: Query, evidence: Evidence, info: ShopInfo, detail: Detail, hits: Sequence[int], fence: Fence
) -> str:
    words = _WORDS[query.language]
    message = defuse(turn.text, _MESSAGE_CHARS)
    parts = [
        words["ask"],
        fence.wrap("evidence", _evidence(query, evidence, info, detail, hits)),
        words["message"],
        fence.wrap("message", message),
    ]
    meant = defuse(query.text, _MESSAGE_CHARS)
    if fold(meant) != fold(message):
        parts += [words["meant"], fence.wrap("message", meant)]
    return "\n".join([*parts, words["reply"]])


def _evidence(query: Query, evidence: Evidence, info: ShopInfo, detail: Detail, hits: Sequence[int]) -> str:
    words = _WORDS[query.language]
    lines: list[str] = []
    for told in evidence.told:
        by = f" ({one_line(told.by, _NAME_CHARS)})" if told.by else ""
        lines.append(f"{words['colleague'].format(by=by)}: {one_line(told.text, _MESSAGE_CHARS)}")
    for index in hits:
        hit = evidence.hits[index]
        if hit.entry.product is not None and hit.entry.kind == "product":
            lines += _product(index, hit, hit.entry.product, query, info, detail)
        else:
            title = one_line(hit.entry.title, _TITLE_CHARS)
            lines.append(f"[{index + 1}] {words[hit.entry.kind]}: {title}")
            lines += _indented(defuse(hit.entry.text, detail.passage_chars))
    lines += [line for order in evidence.orders[:_ORDERS] for line in _order(order, query.language)]
    if evidence.total is not None:
        skus = evidence.n_skus if evidence.n_skus not in (None, evidence.total) else None
        lines.append(words["counted"].format(n=evidence.total) + (words["skus"].format(n=skus) if skus else ""))
    if evidence.relaxed:
        lines.append(words["relaxed"].format(what=one_line("; ".join(evidence.relaxed), 2 * _TITLE_CHARS)))
    if not evidence.answerable:
        lines.append(words["unanswerable"])
    return "\n".join(lines) or words["nothing"]


def _product(index: int, hit: Hit, product: Product, query: Query, info: ShopInfo, detail: Detail) -> list[str]:
    words = _WORDS[query.language]
    in_full = index < detail.full or product.id in query.refers_to
    skus = choose(product, query.filters, hit.variant_ids).skus
    lines = [f"[{index + 1}] {words['product']}: {one_line(product.title, _TITLE_CHARS)}"]
    if product.brand:
        lines.append(f"  {words['brand']}: {one_line(product.brand, _VALUE_CHARS)}")
    if product.category:
        lines.append(f"  {words['category']}: {one_line(' > '.join(product.category), _VALUE_CHARS)}")
    if product.rating is not None:
        kind = "reviews" if product.review_count else "of 5"
        text = words[kind].format(rating=plain(product.rating), n=product.review_count)
        lines.append(f"  {words['rating']}: {text}")
    if product.variants:
        shown = skus[: detail.variants]
        lines.append(f"  {words['variants']}:")
        lines += [f"  - {_sku(sku, product, query.language, info)}" for sku in shown]
        if len(product.variants) > len(shown):
            left = words["more variants"].format(n=len(product.variants) - len(shown))
            lines.append(f"  - {left}{_price_range(product, query.language, info)}")
    else:
        lines.append(f"  {words['price']}: {_sku(skus[0], product, query.language, info)}")
    for name in _attributes(product, query)[: detail.attributes if in_full else detail.attributes // 2]:
        value = one_line(attribute_value(product.attributes[name]), _VALUE_CHARS)
        lines.append(f"  {one_line(attribute_name(name), _VALUE_CHARS)}: {value}")
    if in_full and detail.description_chars and product.description:
        lines.append(f"  {words['text']}: {one_line(product.description, detail.description_chars)}")
    return lines


def _sku(sku: Variant, product: Product, language: Language, info: ShopInfo) -> str:
    """A variant's options, price and stock in one line."""
    words = _WORDS[language]
    currency = product.currency or info.currency
    price = words["unknown price"]
    if sku.price is not None:
        price = money(sku.price, currency, language)
        if sku.list_price is not None and sku.list_price > sku.price:
            price = words["was"].format(price=price, list_price=money(sku.list_price, currency, language))
    stock = words["unknown stock" if sku.in_stock is None else "in stock" if sku.in_stock else "out of stock"]
    options = ", ".join(f"{name} {value}" for name, value in sku.options.items())
    label = f"{one_line(options, _VALUE_CHARS)}: " if options else ""
    return f"{label}{price}{'，' if language == 'zh' else ', '}{stock}"


def _price_range(product: Product, language: Language, info: ShopInfo) -> str:
    if product.price_range is None:
        return ""
    low, high = (money(price, product.currency or info.currency, language) for price in product.price_range)
    return _WORDS[language]["same" if low == high else "from to"].format(low=low, high=high)


def _attributes(product: Product, query: Query) -> list[str]:
    """The names of the product's attributes: those asked about first, then those the request speaks of."""
    asked = [fold(name) for name in query.asks]
    conditions = {fold(name) for c in (*query.filters.conditions, *query.wishes) for name in c.names}
    spoken = {*stems(query.text), *(stem for term in query.terms for stem in stems(term))}

    def value(name: str) -> int:
        if fold(name) in asked:
            return 0
        if fold(name) in conditions:
            return 1
        return 2 if spoken.intersection(stems(f"{attribute_name(name)} {product.attributes[name]}")) else 3

    return sorted(product.attributes, key=value)


def _order(order: Order, language: Language) -> list[str]:
    words = _WORDS[language]
    lines = [f"{words['order']}: {one_line(order.id, _VALUE_CHARS)}"]
    if order.status:
        lines.append(f"  {words['status']}: {one_line(order.status, _VALUE_CHARS)}")
    if order.placed_at:
        lines.append(f"  {words['placed']}: {one_line(when(order.placed_at, language), _VALUE_CHARS)}")
    for item in order.items:
        options = ", ".join(item.options.values())
        price = f", {money(item.price, order.currency, language)}" if item.price is not None else ""
        name = one_line(f"{item.title} {f'({options})' if options else ''}", _TITLE_CHARS)
        lines.append(f"  {words['items']}: {item.quantity} × {name}{price}")
    for shipment in order.shipments:
        known = [text for text in (shipment.carrier, shipment.status) if text]
        if shipment.tracking:
            known.append(f"{words['tracking']} {shipment.tracking}")
        if shipment.events:
            at, text = shipment.events[-1]
            known.append(f"{words['latest']}: {when(at, language)} {text}")
        lines.append(f"  {words['shipment']}: {one_line('; '.join(known), 2 * _TITLE_CHARS)}")
    if order.total is not None:
        lines.append(f"  {words['total']}: {money(order.total, order.currency, language)}")
    return lines


def _least_valuable_first(query: Query, evidence: Evidence) -> list[int]:
    """Positions in `evidence.hits` in the order in which to give them up; the best one is never given up."""
    products = list(range(len(evidence.products)))
    passages = list(range(len(evidence.products), len(evidence.hits)))
    named = [i for i in products if _is_named(evidence.hits[i], query)]
    others = [i for i in products if i not in named]
    # A policy question is answered by passages, every other one by products, and first of all by those it names.
    keep = [*passages[:2], *named, *others, *passages[2:]] if query.intent == "policy" else [*named, *others, *passages]
    return keep[:0:-1]


def _is_named(hit: Hit, query: Query) -> bool:
    return hit.entry.product is not None and hit.entry.product.id in query.refers_to


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.split("\n")] if text else []
