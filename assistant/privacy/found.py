"""What a recogniser reports, and which words before a number say what it is.

In: folded text. Out: `Found` spans, and for a place in the text the nearest words before it that name a number's kind
("my phone is", "订单号"). It recognises nothing itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["email", "phone", "card", "account", "id", "address"]
Cue = Literal["phone", "card", "account", "id", "thing"]

_CUE_CHARS = 40
_WORD = re.compile(r"[^\W\d_]{2}")
_NUMBER = r"(?:['’]?s)?(?:[ :#.-]{0,3}(?:numbers?|nummer|no|nr|num|id|code))?"
_CUES = re.compile(
    rf"""
    (?P<id>(?:\b(?:ssn|social[ ]security|passport|(?:national|identity|government|personal|tax|photo)[ ]?(?:id|insurance|card)
      |id(?:[ ]card)?(?![ ](?:like|love|prefer|want|need|rather|really|be|say)\b)|driv\w+[ ]li[cs]en[cs]e|driver'?s[ ]li[cs]en[cs]e|licen[cs]e
      |nhs|nino?|itin|(?:tin|pan)(?=[ :#.-]{{0,3}}(?:number|no\b|nr|card))|steuer\w*|ausweis\w*|personalausweis\w*|reisepass\w*|f[üu]hrerschein\w*|aadhaar|dni|cpf
      |codice[ ]fiscale)\b
      |身份证|身分证|身份證|身分證|证件|證件|护照|護照|驾驶证|驾照|駕照|社保|通行证|通行證|台胞证|军官证|居留){_NUMBER}(?:号码?|號碼?)?)
    |(?P<account>(?:\b(?:bank[ ]account|account[ ](?:number|no)|routing|sort[ ]code|konto\w*|iban)\b
      |银行账号|银行账户|收款账号|对公账户|開戶|开户){_NUMBER})
    |(?P<card>(?:\b(?:card|visa|master[ ]?card|amex|american[ ]express|unionpay|debit|kreditkarte\w*|kartennummer)\b
      |银行卡|銀行卡|信用卡|储蓄卡|借记卡|银联|卡号|卡號){_NUMBER}(?:号码?|號碼?)?)
    |(?P<thing>(?:\b(?:order|purchase|invoice|item|sku|ean|gtin|upc|isbn|asin|article|art|model|part|serial|imei|tracking
      |shipment|parcel|ref|reference|ticket|case|product|mpn|bar[ ]?code|bestell\w*|artikel\w*|sendungs\w*|rma|coupon
      |voucher|promo|style|catalog(?:ue)?|batch|lot)\b
      |订单|訂單|单号|單號|运单|運單|快递|物流|货号|貨號|型号|型號|条码|条形码|商品|序列号|编号|款号|发票|优惠|取件码){_NUMBER}(?:号码?|號碼?)?)
    |(?P<phone>\b(?:tel|telephone|phone|mobile|cell|cellphone|handy\w*|call|ring|text|sms|whats?app|fax|dial|reach|contact
      |telefon\w*|hotline|number|nummer|numbers|line)\b
      |电话|電話|手机|手機|座机|座機|联系|聯繫|聯絡|号码|號碼|致电|打给|拨打|来电|传真|回电|手机号)
    """,
    re.VERBOSE | re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A span of folded text that is personal data."""

    kind: Kind
    start: int
    end: int


def cue_before(text: str, start: int, *, touching: bool = False) -> Cue | None:
    """What the nearest words before a place say that stands there; None where they say nothing.

    `touching`: only words that nothing separates from the place count.

    >>> cue_before("order no. 12, phone: 555", 21)
    'phone'
    """
    last: Cue | None = None
    begin = max(0, start - _CUE_CHARS)
    if not _WORD.search(text, begin, start):
        return None
    for match in _CUES.finditer(text, begin, start):
        if not touching or match.end() == start:
            last = match.lastgroup  # type: ignore[assignment]
    return last
