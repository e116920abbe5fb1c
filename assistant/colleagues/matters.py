"""What a sentence of a conversation is about: a return, a price, a delivery; and the figures it states.

In: one sentence, in English or Chinese. Out: the names of its matters, its figures, and what kind of figure a question
asks for. It knows no product and no conversation.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from assistant.checking.grounds import find_dates
from knowledge_base.quantities import find_quantities

_DAYS: Final = "mon tues wednes thurs fri satur sun".split()  # noqa: SIM905
_DAYS_ZH: Final = "一二三四五六日"


def _both(english: str, chinese: str) -> re.Pattern[str]:
    return re.compile(rf"(?i:(?<![A-Za-z])(?:{english})(?![A-Za-z]))|(?:{chinese})")


# In the order in which they are looked for: what one has matched is no other's. "Shipping cost" is no delivery time.
_MATTERS: Final[dict[str, re.Pattern[str]]] = {
    "shipping cost": _both(
        r"(?:shipping|delivery|postage|freight|upgrade)(?: \w+){0,2} (?:fees?|costs?|charges?|price|free)"
        r"|(?:shipping|delivery|postage|freight) (?:fees?|costs?|charges?)|free (?:shipping|delivery|postage)"
        r"|(?:fees?|costs?|charges?|pay|cost me|charge me|how much)(?: \w+){0,3} (?:shipping|delivery|postage|upgrade)"
        r"|(?:shipping|delivery|postage) (?:included|for free|on us)|(?:with|including|plus) (?:shipping"
        r"|delivery|postage)"
        r"|(?:shipping|delivery|upgrade\w*)(?: \w+){0,3} for free|what does (?:\w+ ){0,3}(?:shipping"
        r"|delivery)(?: \w+)? cost"
        r"|nothing for (?:shipping|delivery)",
        r"运费|邮费|包邮|免邮|转寄费|快递费",
    ),
    "price match": _both(
        r"price[- ]match\w*|match(?:ed|es)?(?: (?:it|that|the|a|your|lower))*(?: price)?|price (?:protection"
        r"|adjustment)",
        r"差价|价保|保价|买贵",
    ),
    "refund": _both(
        r"refund\w*|money back|(?:full |whole )?price back|store credit|reimburs\w*|(?:see|get|have|is"
        r"|where is)(?: \w+){0,2} money"
        r"|money (?:is |be )?on(?: \w+){0,2} card|get back(?= *[?.!]|$)|get(?: \w+)? money back",
        r"退款|退钱|到账|退多少|钱.{0,6}到",
    ),
    "returns": _both(
        r"return(?:s|ed|ing|able)?(?! of)|(?:send|bring|give|take|taking|bringing|sending|sent)(?: \w+){1,5} back"
        r"|(?:send|bring|take|taking) back",
        r"退货|退换|[能可]以?不?能?退|给您退(?!.{0,4}(?:差|款))|也能退|[能以]退|退吗|退货期|无理由|寄回|退.{1,4}没问题|试睡",
    ),
    "exchange": _both(r"exchang\w*|swap\w*", r"换货|换(?:一次|颜色|尺码|个|货|成)"),
    "discount": _both(
        r"discounts?|coupons?|promo\w*|vouchers?|codes?|\d+ ?% off|rebate|percent",
        r"折扣|优惠|打.{0,4}折|几折|[一二三四五六七八九]五?折|优惠券|满减",
    ),
    "warranty": _both(
        r"warrant\w*|guarantee\w*|repairs?|repaired|repairing", r"保修|过保|质保|维修|[免再]?费?修(?!改)"
    ),
    "hold": _both(
        r"hold(?:s|ing)?(?= (?:it|one|them|a|the|that|this))|reserv\w*|(?:put|set|putting)(?: \w+){0,3} aside"
        r"|(?:keep|keeping|kept)(?= (?:\w+ ){0,4}(?:for (?:me|you)|until|chair|tent))",
        r"预留|留(?:到|一|着|几|多久|给|了)|给[您我]留",
    ),
    "stock": _both(
        r"in stock|out of stock|sold out|availab\w*|back in|restock\w*|(?:come|comes|coming) back|(?:still"
        r"|you) have (?:it|any|them)"
        r"|(?:we|you) (?:get|got|receive)(?= \d)|(?:any|one|some) left",
        r"有货|没货|缺货|库存|补货|到货|现货|断货|还有吗|售罄",
    ),
    "fit": _both(
        r"fits?|fitting|compatib\w*|works? (?:with|on)|suit(?:s|able)?",
        r"能装|装不上|能.{0,4}装|安装|适合|适配|兼容|合适|配不配|能用[在于]|配得上",
    ),
    "cancel": _both(r"cancel\w*", r"取消|撤单"),
    "invoice": _both(r"invoices?|receipts?", r"发票|开票"),
    "points": _both(r"points?", r"积分"),
    "gift": _both(r"gift[- ]\w+|wrap\w*", r"礼品|礼物包装|贺卡"),
    "installments": _both(r"inst?al+ments?|pay later|pay in parts", r"分期|免息"),
    "address": _both(
        r"address(?:es)?|street|goes to|go to|sent to|being sent|send it to|ship(?:ped)? to",
        r"地址|寄到|改寄|寄往|送到哪",
    ),
    "replacement": _both(
        r"replac\w*|dent(?:ed)?|broken|damaged|smashed|new (?:one|stove|piece)", r"补发|换新|碎|破损|坏[的了]"
    ),
    "delivery": _both(
        r"where(?:['’]s| is| are)(?: \w+){0,3} (?:orders?|stuff|things?|items?|goods)|orders? status"
        r"|status of(?: \w+){0,2} orders?|"
        r"deliver(?:y|ed|s|ies)?|arriv\w*|ship(?:s|ped|ping)?|parcels?|packages?|carrier|courier|dispatch\w*"
        r"|on (?:its|the) way|gets? (?:here|there)|is (?:it )?there|lea(?:ves?|ft)(?= (?:here|us|the|our|today"
        r"|tonight|tomorrow|on)|\W*$)|tracking|overnight|express",
        r"送达|送到|快递|包裹|订单|发货|寄出|配送|物流|[天号]到|[几哪]天.{0,3}到|几号.{0,3}到|发[给到]",
    ),
    "price": _both(r"pric(?:e|es|ed|ing)|quoted?", r"价格|价钱|售价|什么价|报价|这个价|那个价"),
}
# What only asks or tells how much: it is the price, unless another matter of the sentence is what costs.
_BESIDE_PRICES: Final = frozenset({"stock", "hold", "fit", "price match"})
_COST: Final = _both(
    r"costs?|how much|pays?|for less|cheap\w*|expensive|charged?", r"多少钱|便宜|要钱|多少来着|卖|付多少"
)

_WHEN: Final = _both(
    r"how long|until when|till when|when|what day|which day|how many (?:\w+ )?(?:days|weeks|months|hours|years)"
    r"|what date|how soon"
    r"|by what|what time|how late|still|(?:on|by|until) (?:mon|tues|wednes|thurs|fri|satur|sun)day",
    r"几天|多久|几号|哪天|什么时候|何时|什么日子|几点|多少天|多长时间|到时|还有.{0,2}[天日]|之前|为止",
)
_HOW_MUCH: Final = _both(
    r"how much|what (?:does|do|did|will|would)(?: \w+){0,5} (?:cost|pay|deduct)|price|fees?|costs?|deduct|pay"
    r"|charge|percent",
    r"多少钱|多少|价|费|要钱|几折|几个百分",
)
_HOW_TO: Final = _both(
    r"how (?:do|can|should|would|could) (?:I|we)|how to|where (?:do|can|should) (?:I|we)|whom? do I",
    r"怎么(?!算|样|还|没)|如何|在哪(?!天)",
)
_GENERAL: Final = _both(
    r"usual(?:ly)?|normal(?:ly)?|in general|general(?:ly)?|typical(?:ly)?|polic(?:y|ies)|other (?:people"
    r"|customers|shoppers)",
    r"一般|通常|正常|平时|规定|政策|其他(?:人|顾客|客人)",
)
_CONFIRMS: Final = _both(
    r"really|(?:for )?sure|certain|still (?:good|valid|on|stand|true|count)|is that (?:so|right|true|correct)|promis\w*"
    r"|that (?:price|offer|deal|date|code|exception|day)|the offer|as agreed|agreed|again|then|so",
    r"真的|确定|确认|没错吧|对吗|是吗|算数|还有效|刚才|刚刚|来着|说好|答应|承诺|那(?!种|款|些)",
)
_COLLEAGUE: Final = _both(
    r"(?:your|the) (?:colleague|agent|coworker|team|rep\w*|person|lady|guy|man|woman)|(?:he|she|they"
    r"|you)(?: (?:just|already|guys))? (?:said|told|wrote|promised|offered)"
    r"|I was (?:told|promised|offered)",
    r"同事|客服[^?？]{0,6}(?:说|答应|告诉)|(?:他|她|你|您|你们)(?:刚才|刚刚|之前)?(?:不是)?(?:说|答应|承诺|告诉)",
)
_POINTS: Final = _both(r"it|they|them|that|this|those|these|one", r"它|那个|这个|这样|那样")
_SHOPPING: Final = _both(
    r"do you (?:have|sell|stock|carry)(?! (?:it|that|them|this|the))|show me|looking for|recommend\w*|any other"
    r"|have you got"
    r"|which (?:\w+ )?(?:should|would)|compare",
    r"有没有.{1,20}(?:的|卖|以[下内上])|推荐|想买|要买|哪[款个]好|对比|比较一下",
)
_CLOCK: Final = re.compile(r"(?i)(?<![\d:])\d{1,2}(?::\d\d)?\s?[ap]\.?m\b|(?<![\d:])\d{1,2}:\d\d|\d{1,2}点半?")
Figure = tuple[str, str, str]  # (kind, least, most); the kind is "when", "money", "percent" or a dimension


@lru_cache(maxsize=4096)
def matters_of(text: str) -> frozenset[str]:
    """What a sentence is about; empty where it names none of the matters of a shop's counter."""
    found, left = set(), text
    for name, pattern in _MATTERS.items():
        spans = [match.span() for match in pattern.finditer(left)]
        if spans:
            found.add(name)
        for start, end in spans:
            left = f"{left[:start]}{'·' * (end - start)}{left[end:]}"
    of_money = any(q.dimension == "money" for q in find_quantities(text, None))
    if of_money and "delivery" in found:
        found.add("shipping cost")
    if found <= _BESIDE_PRICES and (of_money or _COST.search(text)):
        found.add("price")
    return frozenset(found)


@lru_cache(maxsize=4096)
def figures_in(text: str, currency: str | None) -> frozenset[Figure]:
    """Every figure of a sentence: money, percentages, lengths of time, measures, dates and days of the week."""
    found: set[Figure] = set()
    for q in find_quantities(text, currency):
        kind = "when" if q.dimension == "time" else q.dimension
        unit = "" if kind in ("money", "percent", "count") else f" {q.unit or ''}"
        found.add((kind, f"{q.low.normalize():f}{unit}", f"{q.high.normalize():f}{unit}"))
    for _, _, month, day in find_dates(text):
        found.add(("when", f"{month}-{day}", ""))
    found |= {
        ("when", f"week {number}", "")
        for number in re.findall(r"(?i)\bweek (\d{1,2})\b|第(\d{1,2})周", text)
        for number in number
        if number
    }
    for place, day_name in enumerate(_DAYS):
        if re.search(rf"(?i)\b{day_name}day\b", text):
            found.add(("when", f"weekday {place}", ""))
    found |= {
        ("when", f"weekday {_DAYS_ZH.find(day.replace('天', '日'))}", "")
        for day in re.findall(r"(?:周|星期)([一二三四五六日天])", text)
    }
    found |= {("when", f"day {day}", "") for day in re.findall(r"(?<![\d月])(\d{1,2})[号日](?!楼|线)", text)}
    for name, pattern in (("today", r"(?i)\btoday\b|\btonight\b|今天|今晚"), ("tomorrow", r"(?i)\btomorrow\b|明天")):
        if re.search(pattern, text):
            found.add(("when", name, ""))
    found |= {("when", re.sub(r"[\s.]", "", clock.casefold()), "") for clock in _CLOCK.findall(text)}
    return frozenset(found)


def names_price(text: str) -> bool:
    """Whether it says "price", and not only how much something is."""
    return _MATTERS["price"].search(text) is not None


def asked_kinds(text: str) -> frozenset[str]:
    """What a question asks for: "when", "money" (a percentage may answer it), or nothing of the kind."""
    return frozenset(kind for kind, pattern in (("when", _WHEN), ("money", _HOW_MUCH)) if pattern.search(text))


def asks_how_to(text: str) -> bool:
    """Whether it asks for a way to do something, which a promise seldom tells."""
    return _HOW_TO.search(text) is not None


def asks_in_general(text: str) -> bool:
    """Whether it asks for what holds for everybody, so that no promise to one shopper answers it."""
    return _GENERAL.search(text) is not None


def confirms(text: str) -> bool:
    """Whether it leans on what was said just before: "so?", "is that for sure?", 那呢."""
    return _CONFIRMS.search(text) is not None


def points(text: str) -> bool:
    """Whether it points by a pronoun at what was said before."""
    return _POINTS.search(text) is not None


def asks_what_was_said(text: str) -> bool:
    """Whether it names somebody of the shop who said something."""
    return _COLLEAGUE.search(text) is not None


def is_shopping(text: str) -> bool:
    """Whether it looks for goods: no promise answers that."""
    return _SHOPPING.search(text) is not None
