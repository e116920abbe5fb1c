"""What a shopper wants done: this put in the cart, an order sent back, an order cancelled.

In: a message, and whether an order was shown just before. Out: the action, and how many of a thing. It asks for
something of one's own ("cancel my order", "I bought these and want to send them back"), never for the shop's terms
("can I return sale items?"). Nothing is done here, nor by whoever reads it: a button is offered.
"""

from __future__ import annotations

import re

from assistant.types import Action
from assistant.understanding.intents import order_ref

_I = re.IGNORECASE
_RETURN = re.compile(
    r"\b(?:return(?:ing)?|refund(?:ed)?|(?:send|sending|give|bring) (?:\w+ ){0,6}?back|(?:get|want) (?:my|the) money back)\b"
    r"|退货|退款|退掉|退了|退回|想退|要退|能退|可以退|申请退|退这|退那|退单|退我|把.{1,20}退",
    _I,
)
_CANCEL = re.compile(
    r"\b(?:cancel(?:l?ing|l?ed)?|call off|stop)\b.{0,24}\b(?:order|purchase|it|this|that|them)\b|\border\b.{0,24}\bcancel|\bcancel(?:l?ation)? (?:of )?#?\w*\d"
    r"|取消.{0,8}(?:订单|这单|那单|单子|购买|它)|(?:订单|这单|那单).{0,30}取消|订单.{0,8}不(?:想)?要了|撤销订单|退单",
    _I,
)
_BARE_CANCEL = re.compile(r"\bcancel\b|取消", _I)
_OWN = re.compile(
    r"\bmy (?:\w+ ){0,3}(?:orders?|purchases?|parcels?|packages?|shipments?)\b|\b(?:the|this|that) (?:order|parcel|package)\b|"
    r"\bi(?:['’]ve| have| just)? (?:\w+ )?(?:bought|ordered|got|received|purchased)\b|\bmy (?:new |recent )?order\b"
    r"|收到|买的|买了|我(?:的|这个?|那个?|买|刚买|下)的?.{0,6}(?:订单|单子|包裹|快递|东西)?|(?:这|那|该)(?:个|笔)?(?:订单|单)|订单",
    _I,
)
_WANTS = re.compile(
    r"\b(?:i(?:['’]d| would)? (?:\w+ )?(?:want|like|need|wish|have) to|i want (?:a|my) |please|could you|can you|help me|start a|i['’]m (?:returning|sending))\b"
    r"|我要|我想|想要|想把|要把|帮我|请|麻烦|给我|申请",
    _I,
)
_IT = re.compile(r"\b(?:it|this|that|them|these|those|one)\b|它|这|那|能退|可以退|能取消|可以取消", _I)
_TERMS = re.compile(
    r"\b(?:how long|how many days|policy|policies|what if|do you|does|sale items?|window|usually|generally|if i|how (?:do|to|can|would|does))\b"
    r"|怎么(?!还)|如何|政策|规则|规定|多久|几天|多少天|一般|如果|是不是都|哪些",
    _I,
)
_TERMS_ONLY = re.compile(r"\b(?:usually|generally|policy|does (?:shipping|delivery)|do you)\b|一般|通常|政策|规则", _I)
_CART = re.compile(
    r"\b(?:add|put|place|pop|throw)\b.{0,60}\b(?:in|into|to)\b (?:my |the |a )?(?:shopping )?(?:cart|basket|bag|trolley)\b|"
    r"\b(?:i['’]?ll|i will|let me|i(?:['’]d| would) (?:like to )?) ?(?:take|have|buy|get|order)\b (?:it|this|that|them|one|two|three|both|\d+|the \w+(?: \w+){0,4})\b(?! (?:back|to|a look))|"
    r"\bi want to (?:buy|order|take|get) (?:it|this|that|them|one|the \w+(?: \w+){0,4} one)\b(?! back)|\badd to (?:cart|basket|bag)\b"
    r"|加(?:入|到|进)?.{0,12}购物车|放(?:进|到|入).{0,4}购物车|加购|(?:就|我|^)(?:要|买|拿)(?:这|那|它|第)|我要.{1,10}这[个款件双条]|(?:来|要|买|拿)[一两二三四五\d][个件双条台只套]\W*$|下单(?:这|它|吧)|帮我下单|拍下",
    _I,
)
_NUMBERS = {
    "one": 1,
    "two": 2,
    "both": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "一": 1,
    "两": 2,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
}
_QUANTITY = re.compile(
    r"\b(?:add|take|have|buy|get|order|want) (?P<en>two|three|four|five|\d{1,2})\b(?! (?:person|people|years?|days?|-))"
    r"|(?P<zh>[两二三四五]|\d{1,2})[个件双条台只套](?![人月])",
    _I,
)  # fmt: skip


_ASKS_HOW = re.compile(r"\b(?:how (?:do|to|can|would)|where (?:do|can))\b|怎么|如何", _I)


def action_of(text: str, order_shown: bool) -> Action:
    """What the message wants done; "" where nothing. `order_shown`: the answer before spoke of an order."""
    if _CART.search(text) and not _ASKS_HOW.search(text):
        return "cart"
    cancels = _CANCEL.search(text) or (order_shown and _BARE_CANCEL.search(text))
    action: Action = "cancel" if cancels else "return" if _RETURN.search(text) else ""
    if not action:
        return ""
    if order_ref(text) is not None:
        return action
    if _TERMS.search(text):
        return ""
    about = _OWN.search(text) or (order_shown and _IT.search(text)) or (order_shown and len(text) <= 24)
    return action if about or (_WANTS.search(text) and action == "return") else ""


_STATE = re.compile(
    r"\b(?:where|when|status|arriv\w*|track\w*|shipped|delivered|how long)\b|到哪|什么时候|几时|多久|发货|物流|到了|状态",
    _I,
)


def asks_state(text: str) -> bool:
    """ "Where is it?", "when will it arrive?": asked of the order that was spoken of."""
    return bool(_STATE.search(text)) and (bool(_IT.search(text)) or len(text) <= 24) and not _TERMS_ONLY.search(text)


def quantity_of(text: str) -> int:
    """How many of a thing are wanted, 1 where none is said."""
    match = _QUANTITY.search(text)
    said = (match["en"] or match["zh"]).casefold() if match else "1"
    return max(1, int(said) if said.isdigit() else _NUMBERS.get(said, 1))
