"""Numbers with their units, found in what shoppers, merchants and models write, in English and Chinese.

In: any text, and the shop's currency. Out: `Quantity` values with offsets into that text. It refuses to know what a
quantity is about: "under", "around" and 左右 are the caller's business, and so is what a bare number counts.

One master pattern walks the text once. It also matches what only looks like a number, so that it is stepped over:
links, dates, telephone numbers, ordinals, citations, list numbers, versions and model names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from knowledge_base.numerals import CHINESE_NUMERAL, ENGLISH_NUMERAL, parse_chinese, parse_digits, parse_english
from knowledge_base.units import (
    CLASSIFIERS,
    CODES,
    DOLLARS,
    KRONER,
    PREFIXES,
    SUFFIX_CHINESE,
    SUFFIX_SYMBOLS,
    SUFFIX_WORDS,
    UNITS,
    YUAN,
    convert,
)

__all__ = ["Quantity", "convert", "find_quantities"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number or range of numbers in a text: `text[start:end]` is it with its currency or unit.

    `low` == `high` unless it is a range. `unit` is an ISO 4217 code for "money" (None: "dollars", and the shop's
    currency is unknown) and a name of `units.UNITS` for measures; None for a "count", a bare number. A rating is in
    stars of 5; a percentage off is the percentage ("八折" is 20); a grade is 一级, 二级.
    """

    start: int
    end: int
    low: Decimal
    high: Decimal
    unit: str | None
    dimension: str


def find_quantities(text: str, currency: str | None = None) -> tuple[Quantity, ...]:
    """The quantities of a text, in order, not overlapping. `currency` (ISO 4217) is the shop's, and settles "$".

    A range is one quantity from its first to its last character ("20 to 40 euros"; "between" is left out); where only
    one end has a unit the other takes it.
    """
    return tuple(_Scan(text, currency).run())


# ---------------------------------------------------------------------------------------------------- patterns

# One character for one, so that offsets hold.
_WIDE = {0xFF01 + i: chr(0x21 + i) for i in range(94)} | {
    ord("\u3000"): " ", ord("\u00a0"): " ", ord("\u202f"): " ", ord("\u2009"): " ", ord("￥"): "¥", ord("￡"): "£",
    ord("″"): '"', ord("”"): '"', ord("“"): '"', ord("–"): "-", ord("—"): "-", ord("−"): "-", ord("‑"): "-",
    ord("～"): "~", ord("〜"): "~", ord("’"): "'", ord("′"): "'", ord("·"): "·", ord("×"): "×", ord("兩"): "两",
    ord("塊"): "块", ord("圓"): "圆", ord("萬"): "万", ord("個"): "个", ord("點"): "点",
}  # fmt: skip

_MONTH = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
_NO_NUMBER = rf"""
    (?:https?://|www\.)\S{{1,2000}}
  | [\w.+-]{{1,64}}@[\w-]{{1,64}}\.[\w.-]{{1,64}}
  | \[\d{{1,3}}(?:,\s?\d{{1,3}}){{0,9}}\]                                   # citations
  | (?m:^[ \t]{{0,8}}\d{{1,3}}(?:[.)](?=\s)|、))                             # list numbers
  | (?<![\d.])\d{{4}}-\d{{1,2}}-\d{{1,2}}(?!\d)(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?
  | (?<![\d./])\d{{1,4}}[/.]\d{{1,2}}[/.]\d{{2,4}}(?![\d/])
  | \d{{2,4}}年(?:\d{{1,2}}月)?(?:\d{{1,2}}[日号])?(?<=[月日号])|(?<!\d)(?:19|20)\d\d年
  | (?<!\d)\d{{1,2}}月(?:\d{{1,2}}[日号])?|(?<!\d)\d{{1,4}}号
  | (?i:(?<![a-z])(?:{_MONTH})\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?![\d.])(?:,?\s\d{{4}}(?!\d))?)
  | (?i:(?<!\d)\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_MONTH})(?![a-z])(?:,?\s\d{{4}}(?!\d))?)
  | (?i:(?<![a-z])(?:in|since|year|during|©|spring|summer|autumn|fall|winter)\s(?:19|20)\d\d(?![\d,.]\d|\d|\s?(?:%|[a-z]{{2}}\b)))
  | \+\d[\d\s()-]{{6,20}}\d | (?<![\d-])\d{{2,5}}(?:-\d{{2,8}}){{2,4}}(?![\d-]) | \(\d{{3}}\)\s?\d{{3}}-\d{{4}}
  | (?<!\d)\d{{1,3}}(?:\.\d{{1,3}}){{2,9}}(?![\d,]) (?!,\d)                     # addresses, versions
  | (?<!\d)\d{{1,2}}:\d{{2}}(?::\d\d)?(?!\d) | (?<!\d)\d{{1,3}}:\d{{1,3}}(?!\d)
  | (?<!\d)24/7(?!\d)
  | 第[{CHINESE_NUMERAL}\d]{{1,6}} | [几数][十百千万]{{1,2}} | 十几 | (?:一|两)[般定样起些直下点切旦致共向律面番边体会时者用侧种人世生] | [统唯万单专]一 | 万[一能] | 千万(?!像)
  | 十分(?!钟) | 双十一 | 三(?:星(?!级|以上|好评|及)|方|角|脚|明治) | 二手 | 四(?:季|周) | 五金 | 百(?:搭|货|叶|合|度|分(?!之)) | 九阳 | 半(?:自动|身|袖|拉链|成品|导体)
"""
_CODE = "|".join(CODES)
_PREFIX = "|".join(re.escape(key) for key in sorted(PREFIXES, key=len, reverse=True))
_DIGITS = r"""\d{1,3}(?:'\d{3}){1,4}(?:\.\d+)?|\d{1,3}(?:,\d{2,3}){0,4},\d{3}(?:\.\d{1,4})?(?![\d])|\d{1,3}(?:\.\d{3}){1,4},\d{1,2}(?!\d)
    |\d{1,3}(?:\.\d{3}){2,4}(?![\d.])|\d{1,3}(?:\ \d{3}){1,3}(?=(?:,\d\d)?\s?(?:€|EUR|kr|zł|₽))(?:,\d\d)?|\d{1,15},\d{1,2}(?![\d,])|\d{1,15}(?:\.\d{1,6})?"""
_FRACTION = r"(?:\d{1,3}[ -])?\d{1,2}/\d{1,2}(?=[\s-]?(?:\"|in\b|inch|cup|oz|lb|mile|yard|pint|kg))|\d{0,3}[½¼¾⅓⅔⅛]"
_MASTER = re.compile(
    rf"""(?P<skip>{_NO_NUMBER})
  | (?P<prefix>(?<![A-Za-z$])(?:{_PREFIX})|(?<![A-Za-z])(?:{_CODE}))[ ]?(?=\d)(?P<money>{_DIGITS})
  | 百分之(?P<zhpercent>[{CHINESE_NUMERAL}点]{{1,9}}|\d{{1,3}}(?:\.\d{{1,4}})?)
  | (?P<half>(?i:(?<![A-Za-z-])half[ -](?:price|off)(?![A-Za-z]))|半价|对折|半折)
  | (?P<model>(?<![A-Za-z0-9_.-])[A-Za-z][A-Za-z_]*(?:[-.][A-Za-z]+)*[-_]?\d[A-Za-z0-9]*(?:[-./_][A-Za-z0-9]+)*)
  | (?:(?<=\dx)|(?<=\d×)|(?<![A-Za-z0-9_#])(?<![A-Za-z]-))(?P<digits>{_FRACTION}|{_DIGITS})
  | (?P<english>(?<![A-Za-z0-9_-])(?i:{ENGLISH_NUMERAL})(?![A-Za-z]))
  | (?P<chinese>(?<![第几数])[{CHINESE_NUMERAL}][{CHINESE_NUMERAL}]*(?:点[零一二三四五六七八九]{{1,4}}(?![{CHINESE_NUMERAL}]))?)
    """,
    re.VERBOSE,
)
_TAIL = re.compile(r"[A-Za-z0-9_]*(?:[-./][A-Za-z0-9_]+)*")
_MULTIPLIER = re.compile(
    r"[ ]?(?:(?P<k>(?<=\d)[kK](?![A-Za-z0-9]))|(?P<word>(?i:hundred|thousand|million|grand|mn)(?![A-Za-z]))"
    r"|(?P<zh>百万|千万|[百千万亿](?![克瓦米卡赫伏帕能一]))(?:(?P<more>\d)(?![\d.,]))?)"
)
_TIMES = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000, "mn": 1_000_000, "百": 100}
_TIMES |= {"千": 1000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}
_CUE = re.compile(r"(?i:rating(?: of| is|:)?|rated(?: at)?|scores?(?: of)?|评分(?:是|为|：|:|在)?|星级|均分)\s?$")
_OUT_OF = re.compile(r"[ ]?(?:/[ ]?|(?:stars?[ ])?out of )(?P<of>5|10|five|ten)(?:[ ]stars?)?(?![\d.,/%]|\d|[A-Za-z])")
_FEET = re.compile(r"'[ ]?(\d{1,2}(?:\.\d)?)\"")
_BRIDGE = re.compile(r"[ ]?(?:-|~|to|through|up to|至|到|~)[ ]?|[ ]-[ ]|[ ]?\.\.[ ]?", re.IGNORECASE)
_AND = re.compile(r"[ ]?(?:and|和|与|&|-|到|至)[ ]?", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:between|介于|in the range of)[ ]?$", re.IGNORECASE)
_BETWEEN_ZH = re.compile(r"[ ]?(?:之间|中间)")
_BY = re.compile(r"[ ]?[x×X*][ ]?")

# A bare number after one of these belongs to a name; after any other capitalised word in mid-sentence it does too.
_NAMES = frozenset(
    "usb bluetooth hdmi windows win iphone ipad galaxy wifi wi-fi gen generation version ver v model series type no number "
    "nr order item sku id size mark mk part step page row section level class cat category ps playstation xbox kindle "
    "android ios macos dp displayport thunderbolt pcie pci ddr rtx gtx rx core ryzen sata mini-dp ip rfc iso en socket "
    "chapter appendix question q office photoshop echo pixel surface".split()
)
_FIGURE_WORDS = frozenset(
    "under below over above between from to at for only just top show find compare than about around maximum max "
    "minimum min budget have has least most less more price rating stock score rated and or of by with costs are is "
    "the all these those or but got get we our in on left qty quantity total count pack see list my any give".split()
)
_WORD_BEFORE = re.compile(r"([A-Za-z][A-Za-z'-]*)[®™]?\s?$")
_NUMBERED = re.compile(r"(?<![A-Za-z])(?:[Nn]o|[Nn]r|[Aa]rt)\.[ ]?$")


def _alternatives() -> tuple[re.Pattern[str], dict[str, tuple[str, str]]]:
    """One pattern over every spelling of every unit; its group names point to (unit, dimension)."""
    words, exact, glued, chinese = [], [], [], []
    groups: dict[str, tuple[str, str]] = {}
    for number, unit in enumerate(UNITS):
        for kind, spellings in (("w", unit.words), ("e", unit.exact), ("g", unit.glued), ("c", unit.chinese)):
            if not spellings:
                continue
            name = f"{kind}{number}"
            groups[name] = (unit.name, unit.dimension)
            if kind == "w":
                words.append(f"(?P<{name}>(?i:{'|'.join(s.replace(' ', '[ -]') for s in spellings)}))")
            elif kind == "e":
                exact.append(f"(?P<{name}>{'|'.join(s if '?' in s else re.escape(s) for s in spellings)})")
            elif kind == "g":
                glued.append(f"(?P<{name}>{'|'.join(spellings)})")
            else:
                chinese.append(f"(?P<{name}>{'|'.join(spellings)})")
    code = "|".join(CODES)
    symbols = "|".join(re.escape(s) for s in sorted(SUFFIX_SYMBOLS, key=len, reverse=True))
    currency_words = "|".join(sorted((s.replace(" ", "[ ]") for s in SUFFIX_WORDS), key=len, reverse=True))
    currency_chinese = "|".join(sorted(SUFFIX_CHINESE, key=len, reverse=True))
    solid = (
        r"(?:电池|屏|肥皂|香皂|巧克力|蛋糕|布|地毯|玻璃|砖|石|硬盘|显卡|手表|表|毛巾|板|饼|肉|豆腐|橡皮|积木|主板|拼图)"
    )
    return re.compile(
        rf"(?P<code>[ -]?(?i:{code})(?![A-Za-z0-9]))"
        rf"|(?P<currency>[ -]?(?i:{currency_words})s?(?![A-Za-z0-9]))"
        rf"|(?P<cents>[ ]?(?i:cents?)(?![A-Za-z])|[ ]?¢)"
        rf"|(?P<symbol>[ ]?(?:{symbols})(?![ ]?\d)(?![A-Za-z]))"
        rf"|[ -]?(?:{'|'.join(words)})s?(?:'s?)?(?![A-Za-z0-9])"
        rf"|[ -]?(?:{'|'.join(exact)})(?![A-Za-z0-9])"
        rf"|(?:{'|'.join(glued)})(?![A-Za-z0-9])"
        rf"|(?P<mao>[ ]?[毛角](?![衣巾线绒毯料]))"
        rf"|[ ]?(?:{'|'.join(chinese)})"
        rf"|(?P<zhmoney>[ ]?(?:{currency_chinese})(?!{solid})(?![素旦器件首月宵]))"
    ), groups


_UNIT, _GROUPS = _alternatives()
_INCHES = re.compile(
    r'[ ]?"|[ ]?\'\'|[ -]?in(?=\.?(?:[)x×]|[ ](?:x|×|wide|tall|long|deep|high|thick|diagonal|display|screen|monitor)\b))'
)
_SMALL_CHANGE = re.compile(r"([1-9一二三四五六七八九])(?:毛|角)?(?=$|[^0-9A-Za-z\u4e00-\u9fff]|[的以左上内吧吗呢])")
_AND_HALF = re.compile(r"[ ]?(?:and a half(?![A-Za-z])|个?半(?![自身袖导价]))")
_CLASSIFIER = re.compile("|".join(CLASSIFIERS.split()))
_ZHE = re.compile(r"[ ]?折(?![叠扣合射痕返页伞线])")
_CHENG = re.compile(r"成(?![为功本员分长就交立人熟都套语品果])")
_MORE = re.compile(r"[多来余](?=[^\d])")
_RANGE_AHEAD = re.compile(rf"(?:[到至~-]|[ ]to[ ]|[ ]?-[ ]?|[ ]or[ ])[{CHINESE_NUMERAL}\da-z]")


class _Scan:
    """One walk over one text."""

    def __init__(self, text: str, currency: str | None) -> None:
        self.text = text.translate(_WIDE)
        self.currency = currency
        self.found: list[Quantity] = []
        self.quotes = 0  # straight quotes before `self.quoted_to` that are no inch marks
        self.quoted_to = 0
        self.tentative: set[int] = set()  # starts of what is a number only as the first half of a range: 三到五天

    def run(self) -> list[Quantity]:
        position = 0
        while match := _MASTER.search(self.text, position):
            quantity, after = self.read(match)
            if quantity is not None:
                self.found.append(quantity)
            position = after if after > match.start() else match.end()
        return self.merge_ranges()

    def read(self, match: re.Match[str]) -> tuple[Quantity | None, int]:
        """What one match of the master pattern stands for, and where to go on."""
        kind = match.lastgroup
        start, end = match.span()
        if kind == "money":
            return self.money(match)
        if kind == "zhpercent":
            words = match["zhpercent"]
            values = (Decimal(words),) * 2 if words[0].isascii() else parse_chinese(words)
            return (None if values is None else Quantity(start, end, *values, "percent", "percent")), end
        if kind == "half":
            return Quantity(start, end, Decimal(50), Decimal(50), "percent", "percent"), end
        if kind == "digits":
            value = parse_digits(match["digits"])
            if value is None:
                return None, _TAIL.match(self.text, end).end()  # type: ignore[union-attr]
            return self.number(start, end, value, value, match["digits"])
        if kind == "english":
            value = parse_english(match["english"])
            return (None, end) if value is None else self.worded(start, end, value, match["english"])
        if kind == "chinese":
            return self.chinese(start, end, match["chinese"])
        return None, end

    def money(self, match: re.Match[str]) -> tuple[Quantity | None, int]:
        start, end = match.span()
        value = parse_digits(match["money"], money=True)
        if value is None:
            return None, end
        prefix = match["prefix"]
        unit = self.resolve(PREFIXES.get(prefix, prefix))
        value, end = self.multiply(value, end)
        if (after := _UNIT.match(self.text, end)) and after.lastgroup in ("code", "currency", "symbol", "zhmoney"):
            named = self.currency_of(after)
            if named == unit or prefix in ("$", "¥"):
                unit, end = named, after.end()
        elif re.match(r"[A-Za-z]", self.text[end : end + 1]) and after is None:
            return None, _TAIL.match(self.text, end).end()  # type: ignore[union-attr]
        return Quantity(start, end, value, value, unit, "money"), end

    def number(self, start: int, end: int, low: Decimal, high: Decimal, written: str) -> tuple[Quantity | None, int]:
        """A number in digits: with its multiplier and unit, or bare, or part of a name."""
        if found := self.with_unit(start, end, low, high, written):
            return found, found.end
        if more := _MORE.match(self.text, end):
            if found := self.with_unit(start, more.end(), low, high, written):
                return found, found.end
        value, after = self.multiply(low, end)
        if after != end:
            if found := self.with_unit(start, after, value, value, ""):
                return found, found.end
            if self.text[after - 1] in "kK" and self.is_resolution(start, low, after):
                return None, after
            return Quantity(start, after, value, value, None, "count"), after
        following = self.text[end : end + 1]
        if following.isascii() and (following.isalnum() or following == "_"):
            if not _BY.match(self.text, end) or not self.text[end + 1 : end + 3].strip()[:1].isdigit():
                return None, _TAIL.match(self.text, end).end()  # type: ignore[union-attr]
        elif following in ("-", "/") and re.match(
            r"[-/]\d+[A-Za-z]{1,2}(?:\d|-)|-in-\d|/\d", self.text[end : end + 12]
        ):
            return None, _TAIL.match(self.text, end).end()  # type: ignore[union-attr]
        if self.is_named(start) or (
            written.isdigit() and (len(written) >= 8 or (len(written) > 1 and written[0] == "0"))
        ):
            return None, end
        if "," in written and re.fullmatch(r"\d+,\d{1,2}", written):  # "sizes 3,5": without a unit no decimal comma
            first = written.split(",")[0]
            return Quantity(start, start + len(first), Decimal(first), Decimal(first), None, "count"), start + len(
                first
            ) + 1
        if counted := _CLASSIFIER.match(self.text, end):
            return Quantity(start, counted.end(), low, high, None, "count"), counted.end()
        return Quantity(start, end, low, high, None, "count"), end

    def worded(self, start: int, end: int, value: Decimal, written: str) -> tuple[Quantity | None, int]:
        """An English number in words."""
        if found := self.with_unit(start, end, value, value, ""):
            return found, found.end
        if value < 1 or written.lower() in ("one", "a", "an") or re.match("-[A-Za-z]", self.text[end : end + 2]):
            return self.perhaps(start, end, value, value) if written.lower() == "one" else None, end
        if re.match(r"(?i:[ ]+of[ ]+(?:a|the)[ ]+kind)", self.text[end : end + 20]):
            return None, end
        if written.lower().endswith("grand"):
            return Quantity(start, end, value, value, self.resolve("$"), "money"), end
        return Quantity(start, end, value, value, None, "count"), end

    def chinese(self, start: int, end: int, written: str) -> tuple[Quantity | None, int]:
        """A number in Chinese characters; alone a single one is no number ("一样", "三星")."""
        if zhe := _ZHE.match(self.text, end):
            digits = parse_chinese(written, positional=True)
            return (None, zhe.end()) if digits is None else (self.discount(start, zhe.end(), digits[0]), zhe.end())
        values = parse_chinese(written)
        if values is None:
            return None, end
        low, high = values
        more = _MORE.match(self.text, end)
        after = more.end() if more else end
        if found := self.with_unit(start, after, low, high, ""):
            return found, found.end
        if len(written) == 1 and (cheng := _CHENG.match(self.text, end)) and written not in "半两":
            return Quantity(start, cheng.end(), low * 10, high * 10, "percent", "percent"), cheng.end()
        if counted := _CLASSIFIER.match(self.text, after):
            return (
                None if written == "半" else Quantity(start, counted.end(), low, high, None, "count")
            ), counted.end()
        big = any(letter in written for letter in "百千万") and len(written) > 1
        if big or (len(written) > 1 and written[0] not in "零〇" and "十" in written):
            return Quantity(start, end, low, high, None, "count"), end
        return self.perhaps(start, end, low, high), end

    def perhaps(self, start: int, end: int, low: Decimal, high: Decimal) -> Quantity | None:
        """A number that counts only if a range follows."""
        if not _RANGE_AHEAD.match(self.text, end):
            return None
        self.tentative.add(start)
        return Quantity(start, end, low, high, None, "count")

    def with_unit(self, start: int, end: int, low: Decimal, high: Decimal, written: str) -> Quantity | None:
        """The number that ends at `end` with the unit that follows, or None."""
        if written and (zhe := _ZHE.match(self.text, end)):
            return self.discount(start, zhe.end(), low)
        if written and (out_of := _OUT_OF.match(self.text, end)):
            best = Decimal(10 if out_of["of"] in ("10", "ten") else 5)
            if low <= best:
                return Quantity(start, out_of.end(), low * 5 / best, high * 5 / best, "star", "rating")
        if written and (feet := _FEET.match(self.text, end)):
            value = low * 12 + Decimal(feet[1])
            return Quantity(start, feet.end(), value, value, "inch", "length")
        if inches := _INCHES.match(self.text, end):
            if '"' not in inches[0] or self.is_inch_mark(start, low):
                self.quoted_to = max(self.quoted_to, inches.end())
                return Quantity(start, inches.end(), low, high, "inch", "length")
        half_before = _AND_HALF.match(self.text, end)
        match = _UNIT.match(self.text, half_before.end() if half_before else end)
        if match is None:
            if _CUE.search(self.text, max(0, start - 12), start) and low <= 5:
                return Quantity(start, end, low, high, "star", "rating")
            return None
        if half_before:
            low, high = low + Decimal("0.5"), high + Decimal("0.5")
        if "," in written and re.fullmatch(r"\d+,\d{1,2}", written):
            low = high = Decimal(written.replace(",", "."))
        return self.measured(start, low, high, written, match)

    def measured(self, start: int, low: Decimal, high: Decimal, written: str, match: re.Match[str]) -> Quantity | None:
        kind, end = match.lastgroup or "", match.end()
        if kind in ("cents", "mao"):
            scale = Decimal("0.01") if kind == "cents" else Decimal("0.1")
            unit = self.resolve("元") if kind == "mao" else ("EUR" if self.currency == "EUR" else self.resolve("$"))
            return Quantity(start, end, low * scale, high * scale, unit, "money")
        if kind in ("code", "currency", "symbol", "zhmoney"):
            if re.fullmatch(r"\d{1,3}\.\d{3}", written):  # "1.299 €"
                low = high = low * 1000
            if kind == "zhmoney" and (change := _SMALL_CHANGE.match(self.text, end)):
                tenths = Decimal(change[1] if change[1].isascii() else "零一二三四五六七八九".index(change[1])) / 10
                low, high, end = low + tenths, high + tenths, change.end()
            return Quantity(start, end, low, high, self.currency_of(match), "money")
        unit, dimension = _GROUPS[kind]
        if unit == "lb" and "pound" in match[0].lower() and self.currency == "GBP":
            return Quantity(start, end, low, high, "GBP", "money")
        if dimension == "rating" and low > 5:
            if "分" not in match[0] or low > 10:
                return None
            low, high = low / 2, high / 2
        if (
            unit in ("celsius", "fahrenheit")
            and self.text[start - 1 : start] == "-"
            and not self.text[start - 2 : start - 1].strip()
        ):
            start, low, high = start - 1, -low, -high
        if (half := _AND_HALF.match(self.text, end)) and dimension in ("time", "mass", "length"):
            low, high, end = low + Decimal("0.5"), high + Decimal("0.5"), half.end()
        return Quantity(start, end, low, high, unit, dimension)

    def multiply(self, value: Decimal, end: int) -> tuple[Decimal, int]:
        """A following "k", "thousand", 万 …, and 1万2."""
        while match := _MULTIPLIER.match(self.text, end):
            if match["k"]:
                return value * 1000, match.end()
            times = _TIMES[(match["word"] or match["zh"]).lower()]
            value, end = value * times, match.end()
            if match["more"] and times >= 100:
                value += int(match["more"]) * times // 10
                break
        return value, end

    def discount(self, start: int, end: int, zhe: Decimal) -> Quantity | None:
        """八折 pays 80 %, 85折 pays 85 %: what is off."""
        paid = zhe * 10 if zhe < 10 else zhe
        return Quantity(start, end, 100 - paid, 100 - paid, "percent", "percent") if 0 < paid < 100 else None

    def resolve(self, sign: str) -> str | None:
        """The ISO code a currency sign means in this shop."""
        own = self.currency
        if sign == "$":
            return own if own in DOLLARS or own is None else "USD"
        if sign == "¥":
            return "JPY" if own == "JPY" else "CNY"
        if sign == "元":
            return own if own in YUAN else "CNY"
        if sign == "kr":
            return own if own in KRONER or own is None else "SEK"
        return sign

    def currency_of(self, match: re.Match[str]) -> str | None:
        said = match[0].strip(" -")
        if match.lastgroup == "code":
            return said.upper()
        if match.lastgroup == "symbol":
            return self.resolve(SUFFIX_SYMBOLS[said])
        if match.lastgroup == "zhmoney":
            return self.resolve(SUFFIX_CHINESE[said])
        word = said.lower()
        return self.resolve(SUFFIX_WORDS.get(word) or SUFFIX_WORDS[word.removesuffix("s")])

    def is_inch_mark(self, start: int, value: Decimal) -> bool:
        """Whether the quotation mark after a number means inches: not where one is open that it may close."""
        self.quotes += self.text.count('"', self.quoted_to, start)
        self.quoted_to = max(self.quoted_to, start)
        return self.quotes % 2 == 0 and value < 500

    def is_resolution(self, start: int, value: Decimal, end: int) -> bool:
        """Whether "4K" is a screen's sharpness, not four thousand."""
        if self.text[end - 1] == "K" and value in (2, 4, 5, 6, 8):
            return True
        before = self.text[max(0, start - 12) : start].lower()
        return value in (4, 8) and not re.search(
            r"(?:under|below|over|than|around|about|budget|to|-|<|以下|预算)\s?$", before
        )

    def is_named(self, start: int) -> bool:
        """Whether a bare number belongs to the word before it: "iPhone 15", "USB 3.0", "Galaxy 24"."""
        if _NUMBERED.search(self.text, max(0, start - 8), start):
            return True
        match = _WORD_BEFORE.search(self.text, max(0, start - 24), start)
        if match is None:
            return False
        word, before = match[1], self.text[: match.start(1)].rstrip(' "*_(')[-1:] if match.start(1) < 4000 else "x"
        if word.lower() in _NAMES:
            return True
        if word.lower() in _FIGURE_WORDS or word.islower():
            return False
        if not word[1:].islower() and len(word) > 1:  # "WLAN 802.11", "MacBook 14"
            return True
        sentence_start = before in ("", ".", "!", "?", "\n", ":", ";", "|", "-") or not before.isascii()
        return not sentence_start

    def merge_ranges(self) -> list[Quantity]:
        """Two neighbours that make one range, and units shared along "60 x 40 cm"."""
        merged: list[Quantity] = []
        for quantity in self.found:
            if merged and (joined := self.join(merged[-1], quantity)) is not None:
                merged[-1] = joined
            else:
                merged.append(quantity)
        merged = [q for q in merged if q.start not in self.tentative or q.low != q.high]
        for i in range(len(merged) - 2, -1, -1):
            left, right = merged[i], merged[i + 1]
            shared = left.dimension == "count" and right.dimension in ("length", "pixels")
            if shared and _BY.fullmatch(self.text, left.end, right.start):
                merged[i] = replace(left, unit=right.unit, dimension=right.dimension)
        return merged

    def join(self, left: Quantity, right: Quantity) -> Quantity | None:
        """The range from `left` to `right`, or None where they are two quantities."""
        if right.start - left.end > 9 or left.low != left.high or right.low != right.high:
            return None
        between = bool(_BETWEEN.search(self.text, max(0, left.start - 16), left.start))
        around = between or bool(_BETWEEN_ZH.match(self.text, right.end))
        if not _BRIDGE.fullmatch(self.text, left.end, right.start) and not (
            around and _AND.fullmatch(self.text, left.end, right.start)
        ):
            return None
        low, high, unit, dimension = left.low, right.high, right.unit, right.dimension
        if left.dimension == "count" and right.dimension != "count":
            low = self.share_multiplier(left, right)
        elif right.dimension == "count" and left.dimension != "count":
            unit, dimension = left.unit, left.dimension
        elif left.dimension != right.dimension:
            return None
        elif left.dimension == "count":
            low = self.share_multiplier(left, right)
        elif left.unit != right.unit:
            converted = convert(low, left.unit or "", right.unit or "")
            if converted is None:
                return None
            low = converted
        if low > high:
            if not around:
                return None
            low, high = high, low
        return Quantity(left.start, right.end, low, high, unit, dimension)

    def share_multiplier(self, left: Quantity, right: Quantity) -> Decimal:
        """ "2-3万" and "2-3k": the first number takes the second's multiplier."""
        said = self.text[right.start : right.end]
        written = self.text[left.start : left.end]
        for letter, times in (("万", 10_000), ("千", 1000), ("k", 1000), ("K", 1000), ("百", 100)):
            if (
                letter in said
                and re.fullmatch(r"[\d.]+|[一二两三四五六七八九]", written)
                and left.low < right.low / times * 10
            ):
                return left.low * times if left.low * times <= right.low else left.low
        return left.low
