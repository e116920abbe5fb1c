"""What the shop's passages say on sending back, delivering and stopping orders, in figures.

In: the shop's FAQ and policies. Out: rules, each with the passage and the very sentence it stands in. What a sentence
does not say is not supplied: a rule without days, or whose start is not named, says so. It knows no order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from knowledge_base.text import fold, stem
from knowledge_base.types import Entry

_I = re.IGNORECASE
_NUMBERS = {
    "seven": 7, "ten": 10, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8,
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "十": 10, "十五": 15, "三十": 30,
}  # fmt: skip
_N = rf"(\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = {"day": 1, "week": 7, "month": 30, "天": 1, "日": 1, "周": 7, "星期": 7, "个月": 30}

# "You can return unused goods within 60 days of delivery", "30 days to return it", "14-day return window".
_RETURN_EN = re.compile(
    rf"\b(?:return(?:ed|s|ing)?|send|sent|bring|brought|money[- ]back|refund(?:ed)?)\b(?P<between>[^.;]{{0,70}}?)\b(?:within|up to|for|in) (?:the first )?{_N} (?:calendar |business |working )?(day|week|month)s?"
    rf"|\b{_N}[- ](day|week|month)s?[- ](?:to (?:return|send|bring|change your mind)|returns?\b|right of (?:return|withdrawal)|money[- ]back|refund)"
    rf"|\breturns? (?:window|period|policy)\b[^.;]{{0,24}}?\b{_N} (?:calendar |business |working )?(day|week|month)s?"
    rf"|\b(?:within|have) {_N} (?:calendar |business |working )?(day|week|month)s?\b[^.;]{{0,60}}\b(?:return|send|bring|withdraw|money back|refund)",
    _I,
)
_RETURN_ZH = re.compile(
    rf"(?:签收|收货|收到|到货|下单|购买|付款)?(?:之日起|后|起)?[^\d。；;第]{{0,4}}(?<!第){_N}\s?(个月|天|日|周|星期)(?:之?内)?[^。；;]{{0,40}}?(?:可以?|能|支持|都)?[^。；;]{{0,12}}?(?:退|无理由)"
)
# A time for something else than changing one's mind.
_OTHER_EN = re.compile(
    r"\b(?:fault\w*|defect\w*|broken|damaged|warrant\w+|guarantee|label|drop|store credit|credit|gift|checks?|bank|photos?|lost|tell us|"
    r"refunds? (?:takes?|is|are|will|arrives?)|we (?:will |then )?(?:refund|receive)|(?:is|been) received|inspected|worn|repairs?|price)\b",
    _I,
)
_OTHER_ZH = re.compile(
    r"加急|质量|破损|错发|漏发|价保|差价|保修|故障|寄出|寄回|换新|试睡|维修|到账|验完|发票|积分|优惠券|丢失"
)
_GENERAL_EN = re.compile(
    r"\b(?:goods|items?|products?|articles?|orders?|purchases?|everything|anything|something|return (?:it|them)|any reason|your mind|returns? (?:accepted|are|is|possible|window|policy|period)|day returns?)\b",
    _I,
)
_GENERAL_ZH = re.compile(r"商品|无理由|收到|签收|购买|宝贝|货物")
_REFUSES = re.compile(
    r"\b(?:cannot|can['’]t|can not|not) be (?:returned|sent back|refunded)|\bnon[- ]?returnable|\bnot returnable|\bno returns?\b|\b(?:final sale|excluded from returns?)"
    r"|(?:不能|不可|不支持|无法|不予|不适用).{0,6}退|不退不换",
    _I,
)
_FROM_DELIVERY = re.compile(
    r"\b(?:deliver\w*|receiv\w+|receipt|arriv\w+|get(?:ting)? it|got it)\b|签收|收货|收到|到货", _I
)
_FROM_ORDER = re.compile(r"\b(?:purchas\w+|order(?:ed|ing)|order date|buying|bought|payment)\b|下单|购买|付款", _I)

# "It takes 3 to 5 business days", "发出后1到2天到".
_RANGE = re.compile(
    rf"(?<![\d.,$€£¥]){_N}\s?(?:to|[-–—~～至到]|and)\s?{_N}\s?(?P<kind>business |working )?(?:days?\b|个?(?P<zhkind>工作)?[天日])"
    rf"|(?<![\d.,$€£¥]){_N}\s?(?P<onekind>business |working )?days?\b|(?<![\d.,]){_N}\s?个?(?P<onezhkind>工作)?[天日](?=到|送达|左右|内)",
    _I,
)
_DELIVERS = re.compile(r"\b(?:deliver\w*|shipping|ships?|shipment|arriv\w+)\b|送达|到货|送到|配送|[天日]到|到达", _I)
_NO_DELIVERY = re.compile(
    r"\b(?:return\w*|refund\w*|warrant\w+|repair\w*|lost|claim|express|overnight|next[- ]day|same[- ]day|price|invoice|pick(?:ed|ing)? up|collect)\b"
    r"|退|换|保修|维修|丢|加急|价保|发票|自提|验",
    _I,
)
_STANDARD = re.compile(r"\bstandard\b|\bnormal(?:ly)?\b|\busual(?:ly)?\b|标准|普通|一般|送达时间", _I)
_CANCELS = re.compile(r"\b(?:cancel\w*|stop(?:ping)? an order)\b|取消", _I)
_ABOUT_ORDERS = re.compile(r"\border|订单|付款后|下单后", _I)


@dataclass(frozen=True, slots=True)
class ReturnRule:
    """Goods may be sent back within `days`. `general`: it names no goods in particular. `counts_from` is "" where the
    sentence does not say what its days run from."""

    entry: Entry
    sentence: str
    days: int
    counts_from: Literal["delivery", "order", ""]
    general: bool


@dataclass(frozen=True, slots=True)
class DeliveryRule:
    """An order takes `ranges` of (least days, most days, whether only business days count)."""

    entry: Entry
    sentence: str
    ranges: tuple[tuple[int, int, bool], ...]


def sentences(text: str) -> list[str]:
    """The sentences of a passage; a dot within an address or a figure ends none."""
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+|(?<=[。！？])|\n+", text) if part.strip()]


# What a passage must hold to be read for a rule: most hold none of it, and a search for these costs next to nothing.
_RETURN_WORDS = re.compile(r"return|refund|send|sent|bring|money|withdraw|退|无理由", _I)
_DELIVERY_WORDS = re.compile(r"deliver|ship|arriv|送|到货|到达|[天日]到", _I)
_CANCEL_WORDS = re.compile(r"cancel|stop|取消", _I)


def _speaking(entries: Sequence[Entry], words: re.Pattern[str]) -> list[Entry]:
    """The passages that are about no one product and hold one of the words, policies before answers."""
    found = [e for e in entries if e.product_id is None and (words.search(e.title) or words.search(e.text))]
    return sorted(found, key=lambda entry: entry.kind != "policy")


def return_rules(entries: Sequence[Entry]) -> tuple[ReturnRule, ...]:
    """How long goods may be sent back, policies before answers."""
    found = [rule for entry in _speaking(entries, _RETURN_WORDS) for rule in _returns_of(entry)]
    return tuple(found)


def _returns_of(entry: Entry) -> Iterator[ReturnRule]:
    of_returns = bool(re.search(r"return|退货|退款", entry.title, _I))
    for sentence in sentences(entry.text):
        whole = f"{entry.title} {sentence}"
        if not of_returns and not _RETURN_WORDS.search(sentence):
            continue
        match = _RETURN_EN.search(sentence) or _RETURN_ZH.search(sentence)
        if match is None and of_returns:
            match = re.search(rf"\b(?:within|have) {_N} (day|week|month)s?|{_N}\s?(天|日)(?:之?内)", sentence, _I)
        if match is None or _OTHER_EN.search(sentence) or _OTHER_ZH.search(sentence):
            continue
        if re.search(r"exchang", sentence, _I) and not re.search(r"return|refund|send", sentence, _I):
            continue
        number = next(group for group in match.groups() if group and _number(group))
        unit = next(group for group in match.groups() if group and group.casefold() in _UNIT)
        start: Literal["delivery", "order", ""] = ""
        if _FROM_DELIVERY.search(sentence):
            start = "delivery"
        elif _FROM_ORDER.search(sentence):
            start = "order"
        general = bool(_GENERAL_EN.search(sentence) or _GENERAL_ZH.search(whole))
        yield ReturnRule(entry, sentence, _number(number) * _UNIT[unit.casefold()], start, general)


def exclusions(entries: Sequence[Entry]) -> tuple[tuple[Entry, str], ...]:
    """The sentences that say what cannot be sent back, each with its passage."""
    return tuple(
        (entry, sentence)
        for entry in _speaking(entries, _RETURN_WORDS)
        for sentence in sentences(entry.text)
        if _REFUSES.search(sentence) or (_REFUSES.search(entry.title) and sentence == sentences(entry.text)[0])
    )


def delivery_rule(entries: Sequence[Entry]) -> DeliveryRule | None:
    """How long the standard delivery takes; None where no passage says, or several do and none is the standard."""
    found: list[tuple[DeliveryRule, bool]] = []
    for entry in _speaking(entries, _DELIVERY_WORDS):
        if _NO_DELIVERY.search(entry.title):
            continue
        for sentence in sentences(entry.text):
            whole = f"{entry.title} {sentence}"
            if not _DELIVERS.search(whole) or _NO_DELIVERY.search(sentence):
                continue
            if ranges := tuple(_ranges(sentence)):
                found.append((DeliveryRule(entry, sentence, ranges), bool(_STANDARD.search(whole))))
    standard = [rule for rule, is_standard in found if is_standard]
    if standard:
        return standard[0]
    return found[0][0] if len({rule.ranges for rule, _ in found}) == 1 else None


def _ranges(sentence: str) -> Iterator[tuple[int, int, bool]]:
    for match in _RANGE.finditer(sentence):
        numbers = [number for group in match.groups() if group and (number := _number(group))]
        business = any(match[name] for name in ("kind", "zhkind", "onekind", "onezhkind"))
        if numbers and numbers[0] <= numbers[-1] <= 120:
            yield numbers[0], numbers[-1], business


def cancel_rule(entries: Sequence[Entry]) -> tuple[Entry, str] | None:
    """The passage on stopping an order, with its sentence; None where there is none."""
    for entry in _speaking(entries, _CANCEL_WORDS):
        for sentence in sentences(entry.text):
            whole = f"{entry.title} {sentence}"
            if (
                _CANCELS.search(sentence)
                and _ABOUT_ORDERS.search(whole)
                and not re.search(r"自动取消|automatic", sentence)
            ):
                return entry, sentence
    return None


def names(sentence: str, kinds: Sequence[str]) -> bool:
    """Whether a sentence speaks of things of one of these kinds, and not of "bag liners" where bags are meant."""
    folded = fold(sentence)
    for kind in kinds:
        if not kind.isascii():
            if len(kind) >= 2 and kind in folded:
                return True
        elif re.search(
            rf"\b{re.escape(kind)}\w{{0,3}}(?=\s*(?:[,.;:!)]|and\b|or\b|can\b|can't\b|cannot\b|may\b|must\b|are\b|is\b|with\b|within\b|of\b|from\b|that\b|which\b|under\b|over\b|$))",
            folded,
        ):
            return True
    return False


def kinds_of(title: str, category: Sequence[str]) -> tuple[str, ...]:
    """What a thing is called, from its title's last word and its own category; Chinese titles by all their endings."""
    found: dict[str, None] = {}
    for text in (re.sub(r"[(（\[【].*?[)）\]】]", " ", title), *category[-1:]):
        for part in re.split(r"[&/,、，]| and ", text):
            words = re.findall(r"[a-z]{3,}|[\u4e00-\u9fff]+", fold(part))
            if not words:
                continue
            if words[-1].isascii():
                found[stem(words[-1])] = None
            else:
                found |= {words[-1][-n:]: None for n in range(2, min(len(words[-1]), 6) + 1)}
    return tuple(found)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS.get(text.casefold(), 0)


@dataclass(frozen=True)
class Rules:
    """All rules of a shop's passages, each kind read when first asked for."""

    entries: Sequence[Entry]

    @cached_property
    def returns(self) -> tuple[ReturnRule, ...]:
        """How long goods may be sent back."""
        return return_rules(self.entries)

    @cached_property
    def exclusions(self) -> tuple[tuple[Entry, str], ...]:
        """What cannot be."""
        return exclusions(self.entries)

    @cached_property
    def delivery(self) -> DeliveryRule | None:
        """How long the standard delivery takes."""
        return delivery_rule(self.entries)

    @cached_property
    def cancelling(self) -> tuple[Entry, str] | None:
        """The passage on stopping an order, and its sentence."""
        return cancel_rule(self.entries)


_recent: list[Rules] = []  # of the passages served last: they are read once, and not in every turn


def rules_of(entries: Sequence[Entry]) -> Rules:
    """The rules of these passages."""
    known = next((rules for rules in _recent if rules.entries is entries), None)
    if known is None:
        known = Rules(entries)
        _recent[:] = [known, *_recent[:1]]
    return known
