"""Chinese sentences of the counter beyond the catalogue: the counterpart of `service_en`.

In: names, figures and quotes taken from the records. Out: one sentence or short paragraph a method. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.generation.figures import CURRENCY_NAMES, is_nothing, truth
from assistant.generation.naming import Mention
from assistant.generation.orders_zh import ChineseOrders
from assistant.generation.reasons import Fact, Measure
from assistant.generation.wording_zh import Chinese, known_name, listed
from knowledge_base.text import has_cjk

_SUPERLATIVES = {"price_asc": "最便宜", "price_desc": "最贵", "rating": "评分最高", "newest": "最新"}
# What comes first is said to be; 更 becomes 最 among more than two.
_VERDICTS = {
    ("price", -1): "更便宜", ("price", 1): "更贵", ("rating", 1): "评分更高", ("rating", -1): "评分更低",
    ("weight", -1): "更轻", ("weight", 1): "更重", ("battery life", 1): "续航更长", ("capacity", 1): "更大",
    ("capacity", -1): "更小", ("length", 1): "更长", ("length", -1): "更短", ("height", 1): "更高",
    ("comfort temperature", -1): "更保暖", ("power", 1): "功率更大", ("noise", -1): "更安静",
    ("brightness", 1): "更亮", ("thickness", -1): "更薄", ("thickness", 1): "更厚", ("speed", 1): "更快",
    ("range", 1): "续航里程更长",
}  # fmt: skip
_KINDS = {"price": "价格", "weight": "重量", "rating": "评分", "capacity": "容量", "battery life": "续航"}
_ORDERED_BY = {"price_asc": "价格", "price_desc": "价格", "rating": "评分", "newest": "上架时间"}


class ChineseCounter(Chinese, ChineseOrders):
    """Chinese wording of everything that is said at the counter."""

    # -- one product -------------------------------------------------------------------------------------------------

    def price_span(self, mention: Mention, low: str, high: str, by: Sequence[str]) -> str:
        """A price range when no variant was named, and what it depends on."""
        on = f"，因{listed([known_name(name) for name in by])}而异" if by else ""
        return f"{mention.text}的价格从{low}到{high}不等{on}。"

    def at_price(self, cost: str, version: str, mark: str) -> str:
        """The variant at which a price range starts."""
        return f"{cost}的是{version}{mark}。"

    def stock_split(self, mention: Mention, inside: Sequence[str], outside: Sequence[str]) -> str:
        """Which variants are in stock and which are not; an empty list means none or too many to name."""
        if not outside:
            return f"有的，{mention.text}各款都有现货。"
        if not inside:
            return f"有的，{mention.text}有现货，但以下款式缺货：{'、'.join(outside)}。"
        return f"有的，{mention.text}有现货的款式：{'、'.join(inside)}；缺货的款式：{'、'.join(outside)}。"

    def how_to_buy(self) -> str:
        """What to do to buy: the assistant orders nothing."""
        return "我不能替您下单，您可以在商品页面加入购物车购买。"

    def press_cart(self) -> str:
        """The button below puts it in the basket."""
        return "点按钮就会放进购物车，结算之前不会下单。"

    def too_few(self, stock: int, wanted: int) -> str:
        """Fewer are left than are wanted."""
        return f"库存只有{stock}件，不够{wanted}件，要{stock}件可以吗？"

    def say_which(self) -> str:
        """Several versions: which one is not clear."""
        return "请告诉我要哪个规格，我来帮您准备好。"

    def either_of(self, items: Sequence[str]) -> str:
        """Several of which none is singled out."""
        return listed(items)

    def stock_of_all(self, inside: Sequence[Mention], outside: Sequence[Mention]) -> str:
        """Which of several products are in stock."""
        gone, there = listed([m.text for m in outside]), listed([m.text for m in inside])
        if not inside:
            return f"没有，{gone}都暂时缺货。"
        return f"有的，{there}都有现货。" if not outside else f"{there}有现货；{gone}暂时缺货。"

    def stock_some(self, mention: Mention) -> str:
        """In stock, but not in every version, and those are too many to name."""
        return f"有的，{mention.text}有现货，但不是每个款式都有。"

    def sold_out(self, mention: Mention, instead: Sequence[str] = (), price: str = "") -> str:
        """Out of stock, with its price (a verb phrase, or "") and the versions that are in stock instead."""
        costs = f"{price}，" if price else ""
        return f"没有，{mention.text}{costs}暂时缺货{f'，不过{listed(instead)}有现货' if instead else ''}。"

    def yes(self, mention: Mention, verbs: Sequence[str]) -> str:
        """A yes to "is it in stock?" or "does it come in blue?"."""
        return f"有的，{mention.text}{'，'.join(verb for verb in verbs if verb)}。"

    def option_list(
        self, mention: Mention, options: Mapping[str, Sequence[str]], gone: Mapping[str, Sequence[str]]
    ) -> str:
        """Every option with its values; those that are sold out in every variant are marked."""
        parts = []
        for name, values in options.items():
            missing = gone.get(name, ())
            tail = f"（缺货：{'、'.join(_value(v) for v in missing)}）" if missing else ""
            parts.append(f"{known_name(name)}有{'、'.join(_value(v) for v in values)}{tail}")
        return f"{mention.text}可选：{'；'.join(parts)}。"

    def either(self, mention: Mention, name: str) -> str:
        """A yes/no option that the shopper chooses."""
        shown = known_name(name)
        return f"{mention.text}有{self._yes_no(shown, True)}的款式，也有{self._yes_no(shown, False)}的款式。"

    def no_options(self, mention: Mention) -> str:
        """There is nothing to choose."""
        return f"{mention.text}只有一款。"

    def no_such_version(self, mention: Mention, words: str) -> str:
        """Values which exist, but not together in one variant."""
        return f"{mention.text}没有“{words}”这个组合。"

    def no_such_value(self, mention: Mention, value: str, name: str, known: Sequence[str]) -> str:
        """A value that no variant has, with those there are."""
        return f"{mention.text}没有{value}，{known_name(name)}可选{'、'.join(_value(v) for v in known)}。"

    def nearest(self, items: Sequence[str]) -> str:
        """The nearest existing variants."""
        return f"最接近的是{listed(items)}。"

    def version(self, label: str, cost: str, in_stock: bool | None) -> str:
        """A variant in a list."""
        notes = [note for note in (cost, "缺货" if in_stock is False else "") if note]
        return f"{label}（{'，'.join(notes)}）" if notes else label

    def attribute(self, mention: Mention, fact: Fact) -> str:
        """One attribute as the answer to a question on it."""
        state = truth(fact.value)
        if state is not None or is_nothing(fact.value):
            return f"{'是的，' if state else ''}{mention.text}{self.clause(fact)}。"
        name = known_name(fact.name)
        gap = "" if has_cjk(name) else " "
        return f"{mention.text}的{gap}{name}{gap}是{fact.value}。"

    def by_version(self, mention: Mention, name: str, values: Sequence[str]) -> str:
        """An attribute that differs from variant to variant."""
        return f"{mention.text}的{known_name(name)}因款式而异：{'、'.join(_value(v) for v in values)}。"

    def unknown(self, mention: Mention, names: Sequence[str]) -> str:
        """The record does not have what was asked."""
        what = "、".join(f"“{known_name(name)}”" for name in names)
        return f"店铺资料里没有写明{mention.text}的{what or '这项'}信息。"

    def unrated(self, mention: Mention) -> str:
        """Nobody rated it yet."""
        return f"{mention.text}暂时还没有评分。"

    def no_price(self, mention: Mention) -> str:
        """The price is unknown."""
        return f"店铺资料里没有{mention.text}的价格。"

    def no_stock_data(self, mention: Mention) -> str:
        """Whether it is in stock is unknown."""
        return f"店铺资料里没有写明{mention.text}是否有货。"

    def described(self, mark: str, quote: str) -> str:
        """A sentence of the description."""
        return f"商品介绍写道：“{quote.rstrip('。')}”{mark}。"

    # -- counting and superlatives -----------------------------------------------------------------------------------

    def count(self, number: int, noun: str, rest: str, n_skus: int | None) -> str:
        """How many products meet the constraints; variants are counted too where they are more."""
        before, _, after = rest.partition("\0")
        words = f"{before}{after}"
        if not number:
            return f"本店没有{words}的{noun}。" if words else f"本店没有{noun}。"
        tail = f"，共{n_skus}个款式" if n_skus is not None and n_skus > number else ""
        return f"本店共有{number}款{f'{words}的' if words else ''}{noun}{tail}。"

    def count_one(self, noun: str, rest: str, mention: Mention, n_skus: int) -> str:
        """One product in several versions."""
        words = rest.replace("\0", "")
        return f"本店有1款{f'{words}的' if words else ''}{noun}：{mention.text}，共{n_skus}个款式。"

    def examples(self, items: Sequence[str], *, every: bool) -> str:
        """Some of what was counted, or all of it."""
        return f"{'分别是' if every and len(items) > 1 else '就是' if every else '比如'}{listed(items)}。"

    def superlative(self, kind: str, noun: str, items: Sequence[str], detail: str) -> str:
        """The first of an order by price, rating or date."""
        if len(items) == 1:
            return f"{_SUPERLATIVES[kind]}的{noun}是{items[0]}{detail}。"
        return f"{_SUPERLATIVES[kind]}的{len(items)}款{noun}是：{listed(items)}。"

    def not_stated(self, kind: str, wanted: str) -> str:
        """No product of the kind has what an order would go by."""
        return f"店铺资料里没有{wanted}的{_ORDERED_BY[kind]}，所以说不出哪款{_SUPERLATIVES[kind]}。"

    def but_sold_out(self) -> str:
        """A warning at the end of a sentence."""
        return "，不过暂时缺货"

    def only(self, number: int, noun: str, items: Sequence[str]) -> str:
        """Fewer than were asked for."""
        return f"本店一共只有{number}款{noun}：{listed(items)}。"

    def measured(self, mention: Mention, value: str) -> str:
        """A mention with its measure, in a list."""
        return f"{mention.text}（{value}）"

    def most(self, word: str, noun: str, items: Sequence[str]) -> str:
        """The first few in the order of a measure."""
        return f"{word.removesuffix('的') or '排在最前'}的{len(items)}款{noun}是：{listed(items)}。"

    def the_most(self, word: str, noun: str, mention: Mention, fact: Fact) -> str:
        """The first in the order of a measure."""
        return f"{word.removesuffix('的') or '排在最前'}的{noun}是{mention.text}，{self.clause(fact)}。"

    def other_currency(self, theirs: str, ours: str) -> str:
        """A price limit in a currency that the shop does not use."""
        return (
            f"本店以{CURRENCY_NAMES.get(ours, ours)}标价，您说的{CURRENCY_NAMES.get(theirs, theirs)}预算没有换算进去。"
        )

    def next_there(self, kind: str, item: str) -> str:
        """The first in the order that can be bought now."""
        return f"有现货的里面，{_SUPERLATIVES[kind]}的是{item}。"

    def only_shown(self, items: Sequence[str]) -> str:
        """A place of the list was named that it does not have."""
        if len(items) == 1:
            return f"刚才只给您看了一款：{items[0]}。您说的是它吗？"
        return f"刚才给您看了{len(items)}款：{listed(items)}。您说的是哪一款？"

    def which_one(self) -> str:
        """Asks which product is meant: nothing was shown yet."""
        return "您说的是哪一款？告诉我名称，或者先让我帮您找几款。"

    def which_two(self) -> str:
        """Asks what to compare."""
        return "您想对比哪几款商品？告诉我名称，或者先让我帮您找几款。"

    def tied(self, kind: str, noun: str, items: Sequence[str], figure: str) -> str:
        """Several that share the first place."""
        same = f"，都是{figure}" if figure else ""
        return f"{_SUPERLATIVES[kind]}的{noun}有{len(items)}款{same}：{listed(items)}。"

    # -- comparing ---------------------------------------------------------------------------------------------------

    labels: Mapping[str, str] = {
        "price": "价格", "stock": "库存", "rating": "评分", "brand": "品牌", "in": "有货", "out": "缺货",
        "part": "部分款式有货",
        "yes": "是", "no": "否", "unknown": "未注明", "category": "分类",
    }  # fmt: skip

    def starting(self, cost: str) -> str:
        """The lowest of several prices."""
        return f"{cost}起"

    def deciding(self, points: Sequence[tuple[Mention, Sequence[str]]]) -> str:
        """What decides between the compared products: each with its advantages."""
        if not points:
            return "从店铺资料看，它们差别不大。"
        return "".join(f"{mention.text}{'，'.join(said)}。" for mention, said in points)

    gap, yes_lead, no = "", "是的，", "不是，"

    def judged(self, measure: Measure, *, many: bool) -> str:
        """What the one that comes first is: "更轻", "是其中最轻的"."""
        name = known_name(measure.name or measure.key)
        word = _VERDICTS.get((measure.key, measure.direction)) or f"{name}更{'高' if measure.direction > 0 else '低'}"
        return f"是其中{word.replace('更', '最')}的" if many else word

    def _figure(self, fact: Fact) -> str:
        if fact.name == "price":
            return f"售价{fact.value}"
        return f"评分{fact.value}分" if fact.name == "rating" else self.clause(fact)

    def verdict(self, measure: Measure, ranked: Sequence[tuple[Mention, Fact]], *, follows: bool = False) -> str:
        """Which of the compared products it is, with the figure of each, the winner first."""
        winner, fact = ranked[0]
        said = [f"{mention.text}{self._figure(value)}" for mention, value in ranked[1:]]
        judged = self.judged(measure, many=len(ranked) > 2)
        return f"{winner.text}{judged}，{self._figure(fact)}；{'，'.join(said)}。"

    def equal(self, measure: Measure, ties: Sequence[Mention], fact: Fact, rest: Sequence[tuple[Mention, Fact]]) -> str:
        """Some share the first place; `rest` come after them."""
        text = f"{listed([tie.text for tie in ties])}一样，都是{self._figure(fact)}"
        others = [f"{mention.text}{self._figure(said)}" for mention, said in rest]
        return f"{text}；{'，'.join(others)}。" if others else f"{text}。"

    def undecided(self, measure: Measure, unknown: Sequence[Mention]) -> str:
        """The record of all but one lacks what would decide."""
        return f"{self.left_open(measure, unknown).rstrip('。')}，没法判断哪款{self.judged(measure, many=False)}。"

    def left_open(self, measure: Measure, unknown: Sequence[Mention]) -> str:
        """The record of some lacks it, so that they are left out of a comparison."""
        names = listed([mention.text for mention in unknown])
        return f"店铺资料里没有写明{names}的{_KINDS.get(measure.key) or known_name(measure.name or measure.key)}。"

    def incomparable(self, measure: Measure) -> str:
        """Their figures are in different units."""
        name = _KINDS.get(measure.key) or known_name(measure.name or measure.key)
        return f"它们的{name}用了不同的单位，没法直接比较。"

    def point(self, kind: str, mention: Mention, figure: str) -> str:
        """One advantage."""
        words = {"price": "更便宜", "rating": "评分更高", "stock": "有现货", "weight": "更轻"}
        return f"{words[kind]}{f'（{figure}）' if figure else ''}"

    # -- policies, orders, people ------------------------------------------------------------------------------------

    def declined(self, topic: str, contact: str, *, products: bool) -> str:
        """The shop's data does not answer."""
        helps = "商品、规格和价格" if products else "商品和订单"
        what = f"关于“{topic}”的内容" if topic else "这个问题的答案"
        return f"店铺资料里没有找到{what}，我不想随便猜测。{contact}{helps}方面的问题，我可以继续帮您。"

    def declined_in_person(self, topic: str) -> str:
        """The shop's data does not answer, said by whoever can ask around."""
        what = f"关于“{topic}”的情况" if topic else "这个问题"
        return f"{what}我手边没有现成的资料，核实后在这里回复您。"

    def contact(self, ways: str, hours: str) -> str:
        """How to reach a person."""
        text = f"人工客服可以帮您：{ways}" if ways else "需要的话，我可以为您转接人工客服"
        return text + (f"，{hours}" if "（" in hours else f"（{hours}）" if hours else "") + "。"

    def handoff(self, ways: str, hours: str) -> str:
        """Passing on to a person."""
        text = "好的，马上为您转接人工客服，对方能看到我们刚才的对话。"
        ways += f"，{hours}" if ways and hours else ""
        return text + (f"您也可以通过以下方式联系我们：{ways}。" if ways else f"{hours}。" if hours else "")

    def handoff_in_person(self, question: str) -> str:
        """The first words of a person who was asked for; `question` was left open."""
        then = f"您问的“{question}”，我来帮您核实。" if question else "请问有什么可以帮您？"
        return f"您好，现在由人工客服为您服务，刚才的对话我都看过了。{then}"

    def sorry(self, style: int) -> str:
        """Empathy first."""
        return ("非常抱歉，给您添麻烦了。", "实在抱歉，您的心情我完全理解。", "很抱歉让您遇到这样的情况。")[style % 3]

    def complaint_step(self, *, has_order: bool, in_person: bool = False) -> str:
        """The concrete next step of a complaint, and a person, who may be the one who says it."""
        what = "是哪件商品、出了什么问题" if has_order else "是哪一单、出了什么问题"
        then = "我来为您处理" if in_person else "我马上转给人工客服为您处理"
        return f"请告诉我{what}，有照片更好，{then}。"

    def greeting(self, shop: str, own: str) -> str:
        """Hello."""
        return own or f"您好，欢迎光临{shop}！请问想找点什么？"

    def thanks(self, style: int) -> str:
        """You are welcome."""
        return ("不客气！还有什么可以帮您的吗？", "不用谢，有问题随时问我。")[style % 2]

    def bye(self, shop: str) -> str:
        """Goodbye."""
        return f"感谢光临{shop}，再见！"

    def who(self, shop: str) -> str:
        """Who is answering."""
        return (
            f"我是{shop}的智能客服，可以帮您找商品、比较商品、查价格和库存，"
            "解答配送和退换货等问题，也可以为您转接人工客服。"
        )

    def fine(self) -> str:
        """How are you."""
        return "我很好，谢谢！请问想找点什么？"

    def out_of_scope(self, shop: str) -> str:
        """Not a matter for a shop."""
        return f"这个问题我帮不上忙，不过{shop}的商品、价格、配送和订单方面的问题，都可以问我。"


def _value(value: str) -> str:
    state = truth(value)
    return value if state is None else "是" if state else "否"
