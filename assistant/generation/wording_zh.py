"""Chinese sentences about products, options, orders and policies: the counterpart of `wording_en`.

In: mentions, facts and figures already taken from the records. Out: one sentence a method, with full-width punctuation
and citations. It decides nothing: which facts are said, and about which product, is the business of its callers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.generation.figures import attribute_name, is_nothing, money, plain, truth
from assistant.generation.naming import Mention, option_words
from assistant.generation.reasons import Contrast, Fact, is_label
from assistant.types import Language
from knowledge_base.text import fold, has_cjk
from knowledge_base.types import Product, Variant

# Attribute and option names that exports of any shop use; the others are said as the shop writes them.
_NAMES = {
    "color": "颜色", "colour": "颜色", "product colour": "颜色", "size": "尺寸", "material": "材质",
    "fabric": "面料", "style": "款式", "weight": "重量", "length": "长度", "width": "宽度", "height": "高度",
    "depth": "深度", "thickness": "厚度", "capacity": "容量", "volume": "容积", "power": "功率",
    "voltage": "电压", "storage": "存储", "ram": "内存", "processor": "处理器", "screen size": "屏幕尺寸",
    "display": "屏幕", "resolution": "分辨率", "battery life": "续航", "battery type": "电池类型",
    "connectivity": "连接方式", "compatibility": "兼容", "waterproof": "防水", "water resistance": "防水性",
    "type": "类型", "brand": "品牌", "features": "功能", "gender": "适用性别", "age": "适用年龄",
    "season": "适用季节", "warranty": "质保", "rating": "评分", "price": "价格", "category": "分类",
    "stock": "库存", "options": "可选项", "delivery": "配送时间",
}  # fmt: skip
_VERB_FIRST = "防可免含支带自双全无耐抗低高一"
_ORDER_STATES = {
    "pending": "待处理", "processing": "处理中", "processed": "已处理", "paid": "已付款", "shipped": "已发货",
    "sent": "已发货", "dispatched": "已发货", "in transit": "运输途中", "out for delivery": "正在派送",
    "delivered": "已送达", "cancelled": "已取消", "canceled": "已取消", "returned": "已退货",
    "refunded": "已退款", "completed": "已完成", "on hold": "已暂停", "delayed": "物流延误",
    "partly shipped": "部分已发货", "partially shipped": "部分已发货", "packed": "已打包",
}  # fmt: skip


class Chinese:
    """Chinese wording."""

    language: Language = "zh"

    # -- parts of sentences ------------------------------------------------------------------------------------------

    def money(self, amount: Decimal, currency: str | None, *, bound: bool = False) -> str:
        """An amount as Chinese shops write it."""
        return money(amount, currency, "zh", bound=bound)

    def join(self, items: Sequence[str]) -> str:
        """A list in a sentence."""
        return listed(items)

    def mention(self, name: str, mark: str, sku: Variant | None = None) -> Mention:
        """A product with its citation: "「T恤」（蓝色、M）[1]"."""
        return Mention(f"「{name}」{self.options(sku)}{mark}")

    def options(self, sku: Variant | None) -> str:
        """A variant's options after a product's name."""
        return f"（{option_words(sku.options, 'zh')}）" if sku is not None and sku.options else ""

    def clause(self, fact: Fact, plural: bool = False) -> str:
        """A fact as a predicate: "重1.9公斤", "防水", "材质为棉"."""
        name, value, state = known_name(fact.name), fact.value, truth(fact.value)
        if state is not None or is_nothing(value):
            return self._yes_no(name, bool(state))
        if is_label(fact.name):
            return f"归在“{value}”下"
        if name in ("重量", "净重"):
            return f"重{value}"
        if name in ("颜色", "颜色分类"):
            return f"颜色是{value}"
        if name in ("适用场景", "适用人群", "适用", "适用季节", "适合人群"):
            return f"适合{value}"
        if re.match(r"\d", value) and has_cjk(name):
            return f"{name}{value}"
        return f"{name}为{value}" if has_cjk(name) else f"{name} 为 {value}"

    def _yes_no(self, name: str, yes: bool) -> str:
        if not has_cjk(name):
            return f"{'支持' if yes else '不支持'} {name}"
        if name[0] in _VERB_FIRST:
            if name[0] in "无双全低高一自":
                return name if yes else f"不是{name}的"
            return name if yes else f"不{name}"
        return (
            f"{'有' if yes else '没有'}{name}"
            if name[-1] in "架盖屏头灯袋板扇器座机"
            else f"{'支持' if yes else '不支持'}{name}"
        )

    def tag(self, fact: Fact) -> str:
        """A fact in two or three words, for a card."""
        state = truth(fact.value)
        if state is not None or is_nothing(fact.value):
            return self._yes_no(known_name(fact.name), bool(state))
        name = known_name(fact.name)
        return (
            fact.value
            if name in ("品牌", "颜色", "材质") or is_label(fact.name)
            else f"{name}{'' if re.match(r'[0-9]', fact.value) else '：'}{fact.value}"
        )

    def price(self, sku: Variant, currency: str | None, limit: Decimal | None = None, *, starting: bool = False) -> str:
        """What it costs, with the shopper's limit; "" where the price is unknown."""
        if sku.price is None:
            return ""
        text = f"售价{money(sku.price, currency, 'zh')}{'起' if starting else ''}"
        if limit is None or sku.price > limit:
            return text
        bound = money(limit, currency, "zh", bound=True)
        return f"{text}，{'正好' if sku.price == limit else '不超过'}您{bound}的预算"

    def rating(self, product: Product) -> str:
        """How it is rated; "" where it is not."""
        if product.rating is None:
            return ""
        count = f"（{product.review_count}条评价）" if product.review_count else ""
        return f"评分{plain(product.rating)}分{count}"

    def stock(self, in_stock: bool | None, count: int | None = None) -> str:
        """Whether it is in stock; a count only where few are left; "" where unknown."""
        if in_stock is None:
            return ""
        if in_stock and count is not None and 0 < count <= 5:
            return f"有现货，仅剩{count}件"
        return "有现货" if in_stock else "暂时缺货"

    def sentence(self, mention: Mention, verbs: Sequence[str], but: str = "") -> str:
        """A mention with its predicates."""
        said = "，".join([verb for verb in verbs if verb] + ([f"不过{but}" if any(verbs) else but] if but else []))
        return f"{mention.text}{said}。"

    def referring(self, sentence: str, mention: Mention) -> str:
        """A sentence that starts with a mention, said without its subject, its citation moved to the end."""
        rest, mark = sentence[len(mention.text) :], mention.text[mention.text.rfind("[") :]
        return sentence if mark in rest else f"{rest.removeprefix('的').rstrip('。')}{mark}。"

    # -- recommending ------------------------------------------------------------------------------------------------

    def recommend(self, style: int, mention: Mention, verbs: Sequence[str], but: str) -> str:
        """The lead of a recommendation, in one of several openings."""
        said = "，".join([verb for verb in verbs if verb] + ([f"不过{but}" if any(verbs) else but] if but else []))
        opening = ("推荐您看看{m}", "这款很合适：{m}", "可以考虑{m}", "我会选{m}")[style % 4].format(m=mention.text)
        return f"{opening}，{said}。" if said else f"{opening}。"

    def because(self, mention: Mention, verbs: Sequence[str], but: str) -> str:
        """The reasons for a recommendation."""
        said = "，".join(verb for verb in verbs if verb)
        if not said:
            return f"店里关于{mention.text}的资料不多，只是它最接近您的要求。"
        return f"推荐{mention.text}，是因为它{said}。{f'要留意的是：{but}。' if but else ''}"

    def alternative(self, contrast: Contrast, mention: Mention, cost: str) -> str:
        """What sets another product apart from the lead."""
        fact = contrast.fact
        product = contrast.hit.entry.product
        if contrast.kind == "cheaper":
            return f"想再省一点，可以选{mention.text}，{cost}。"
        if contrast.kind == "rated" and product is not None and product.rating is not None:
            return f"{mention.text}评分更高，{plain(product.rating)}分{f'，售价{cost}' if cost else ''}。"
        if contrast.kind == "lighter" and fact is not None:
            return f"{mention.text}更轻，{self.clause(fact)}{f'，售价{cost}' if cost else ''}。"
        clause = f"，{self.clause(fact)}" if fact is not None else ""
        if contrast.kind == "dearer":
            return f"预算宽裕的话，还有{mention.text}{clause}，售价{cost}。"
        return f"另外还有{mention.text}{clause}{f'，售价{cost}' if cost else ''}。"

    def have(self, count: str, wanted: str) -> str:
        """How many there are, before one is recommended."""
        return f"本店共有{count}{wanted}。"

    def none_meets(self, wanted: str, *, other: bool = False) -> str:
        """Nothing meets everything; `other`: nothing but what was shown."""
        return f"本店没有{'其他' if other else ''}{wanted}。"

    def nearest_product(self, item: str, wanted: str, end: str, relaxed: Sequence[str], *, gone: bool) -> str:
        """What comes nearest. `end`: "lowest" or "highest" where only the price was given up, of those `wanted`."""
        tail = "，不过暂时缺货" if gone else ""
        if end:
            return f"价格最{'低' if end == 'lowest' else '高'}的{wanted}是{item}{tail}。"
        quoted = "、".join("价格" if _PRICED.fullmatch(words) else f"“{words}”" for words in relaxed)
        return f"如果不限{quoted}，最接近的是{item}{tail}。"

    def nothing(self, wanted: str, drop: str, kind: str) -> str:
        """The shop has nothing that fits, and which constraint to relax (`drop`, "" for none)."""
        if kind == "price":
            return f"抱歉，本店没有{wanted}。如果预算可以调整，告诉我范围，我再帮您找。"
        if drop:
            return f"抱歉，本店没有{wanted}。如果可以不要求“{drop}”，我再帮您找找。"
        return f"抱歉，本店没有找到{wanted}。"

    def choices(self, wanted: str, name: str, items: Sequence[str], *, more: bool) -> str:
        """The values of a facet over some products, each with its number of products."""
        if name == "category":
            return f"本店有{'、'.join(items)}{'等' if more else ''}。"
        only = "只有" if len(items) == 1 else "有"
        return f"本店{wanted}的{known_name(name)}{only}{'、'.join(items)}{'等' if more else ''}。"

    def departments(self, names: Sequence[str]) -> str:
        """What the shop sells instead."""
        return f"本店主要有{listed(names)}，要不要看看？"

    def ask_back(self, groups: Sequence[str], *, gift: bool, budget: bool) -> str:
        """One question that narrows an open request; `budget`: what to spend is still open."""
        spend = "预算大概是多少？" if budget else ""
        if len(groups) > 1:
            return f"您想看{'、'.join(groups[:-1])}还是{groups[-1]}？{spend}"
        return f"{'是送给谁的，对方平时喜欢什么？' if gift else '主要用在什么地方？'}{spend}"

    def no_others(self, wanted: str) -> str:
        """Nothing but what was shown."""
        return f"抱歉，除了刚才看的，本店没有其他{wanted}了。"

    def no_further(self, wanted: str) -> str:
        """Nothing beyond what was shown."""
        return f"抱歉，已经没有{wanted}了。"

    def open_lead(self, style: int) -> str:
        """Opens the answer to a request that says little yet."""
        return ("好的，我来帮您挑。", "没问题，一起选。", "当然可以。")[style % 3]

    def starting_points(self, items: Sequence[str]) -> str:
        """A few products to start from."""
        return f"先给您参考：{listed(items)}。"

    def priced(self, mention: Mention, cost: str) -> str:
        """A mention with its price, in a list."""
        return f"{mention.text}（{cost}）" if cost else mention.text

    def narrow(self, noun: str, options: Sequence[str]) -> str:
        """A closing question that would narrow a long list."""
        return f"您更看重{'还是'.join(options)}？" if options else ""


_PRICED = re.compile(r"[\d.]+\D{0,5}(?:到[\d.]+\D{0,5}|以内|以上)|更便宜|更贵")


def known_name(name: str) -> str:
    """An attribute's name in Chinese where it is a common one, else as the shop writes it."""
    return _NAMES.get(fold(name), attribute_name(name))


def listed(items: Sequence[str]) -> str:
    """A Chinese list: "甲、乙和丙"."""
    items = [item for item in items if item]
    return f"{'、'.join(items[:-1])}和{items[-1]}" if len(items) > 1 else "".join(items)


def order_state(status: str | None) -> str:
    """An order's state."""
    return _ORDER_STATES.get(fold(status), status) if status else "暂无状态信息"
