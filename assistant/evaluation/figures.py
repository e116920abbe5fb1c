"""Figures and claims read out of a reply's text, by code of the judge's own.

In: Markdown that a shopper would see. Out: amounts, counts, ratings, stock claims, sentences and table rows. It shares
nothing with the assistant's own quantity parser or checks: a figure one of them overlooks is still seen here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

_NUMBER = r"\d{1,3}(?:[,.\u00a0']\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
_BEFORE = r"(?:US|HK|NT|CA|AU)?[$€£¥]|\b(?:USD|EUR|GBP|CNY|RMB|JPY)\b"
_AFTER = r"€|£|\$|元|块|欧|美元|美金|英镑|(?:USD|EUR|GBP|CNY|RMB|JPY|dollars?|euros?|bucks|pounds?|yuan)\b"
_RANGE = r"\s?(?:-|–|—|~|to|至|到)\s?"
_MONEY = re.compile(
    rf"(?:{_BEFORE})\s?(?P<a>{_NUMBER})(?:{_RANGE}(?P<b>{_NUMBER})(?!\s?[\w%\"]))?"
    rf"|(?<![\d.,])(?:(?P<c>{_NUMBER}){_RANGE})?(?P<d>{_NUMBER})\s?(?:{_AFTER})",
    re.IGNORECASE,
)
_CITATION = re.compile(r"\[(\d+(?:\s*,\s*\d+)*)\](?!\()")
_WORD_COUNTS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
}  # fmt: skip
_NONE = re.compile(
    r"\b(?:no|none|not any|nothing|zero|don['’]t (?:have|carry|sell|see)|do not (?:have|carry|sell)|couldn['’]t find"
    r"|can['’]t find|could not find)\b|没有|没找到|未找到|暂无|找不到|0 ?[款个种件]|零",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"(?:doesn['’]t|does not|don['’]t|do not|isn['’]t|not|no) (?:say|state|list|have|know|give|show|specify|mention"
    r"|record|stated|listed|given|known|information)|unknown|not sure|can['’]t (?:say|tell|confirm)|no (?:price|stock)"
    r"|没有?(?:写|标|注明|说明|提供|记录|给出|列出|登记|显示)|未(?:标|注明|说明|提供|知)|不清楚|不确定|没有.{0,8}信息|(?:资料|数据)里?没有|查不到|暂无",
    re.IGNORECASE,
)
_OUT = re.compile(
    r"out of stock|sold out|unavailable|no longer available"
    r"|not (?:currently |presently |right now )?(?:in stock|available)"
    r"|n['’]t (?:currently |presently )?(?:in stock|available|have)|none (?:of \w+ )*(?:is|are) (?:in stock|available)"
    r"|no stock|缺货|无货|没(?:有)?(?:现)?货|售罄|卖完|断货|(?:没有|无)库存|暂时没有|下架|无现货|补货中",
    re.IGNORECASE,
)
_IN = re.compile(
    r"in stock|available|\byes\b|\b\d+ left\b"
    r"|有货|现货|有库存|在售|能买到|可以(?:下单|购买)|还有(?:现?货|库存)|库存\s?\d",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """The text without emphasis and link targets, NFKC; citations stay."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[*`#>]|(?<!\w)_|_(?!\w)|~~", "", text)


def parse_number(text: str) -> Decimal:
    """A figure as people write it: "1,299.00", "1.299,00", "12,5" and "1.299" (nobody writes tenths of cents)."""
    text = re.sub(r"[\u00a0' ]", "", text)
    last = max(text.rfind(","), text.rfind("."))
    if last >= 0 and len(text) - last - 1 != 3:
        return Decimal(re.sub(r"[.,]", "", text[:last]) + "." + text[last + 1 :])
    return Decimal(re.sub(r"[.,]", "", text))


def amounts(text: str) -> list[Decimal]:
    """Every amount of money, in order; both ends of a range."""
    found: list[Decimal] = []
    for match in _MONEY.finditer(plain(text)):
        ends = (match["a"], match["b"]) if match["a"] else (match["c"], match["d"])
        found.extend(parse_number(end) for end in ends if end)
    return found


def numbers(text: str) -> list[Decimal]:
    """Every figure of any kind, in order, citations left out."""
    return [parse_number(n) for n in re.findall(_NUMBER, _CITATION.sub(" ", plain(text)))]


def counts(text: str) -> list[int]:
    """Whole numbers that may count something, in order: no money, no citations, no figures glued to letters."""
    text = _MONEY.sub(" ¤ ", _CITATION.sub(" ", plain(text)))
    found = []
    pattern = r"(?<![\w.,/-])\d{1,3}(?:,\d{3})+(?![\w.])|(?<![A-Za-z\d.,/-])\d+(?![A-Za-z\d%\"]|[.,]\d)"
    words = (
        r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|[一两二三四五六七八九十](?=[款个种件])"
    )
    for match in re.finditer(rf"{pattern}|{words}", text, re.IGNORECASE):
        word = match.group().lower()
        found.append(_WORD_COUNTS[word] if word in _WORD_COUNTS else int(word.replace(",", "")))
    return found


def ratings(text: str) -> list[Decimal]:
    """Figures given as a rating out of five."""
    pattern = r"(?<![\d.])(\d(?:\.\d+)?)\s*(?:/\s*5(?!\d)|out of (?:5|five)|stars?\b|★|⭐|分(?!钟))"
    return [Decimal(n) for n in re.findall(pattern, plain(text), re.IGNORECASE)]


def pieces_left(text: str) -> list[int]:
    """Figures given as how many pieces are in stock."""
    pattern = (
        r"(\d+) (?:left|pieces? (?:left|in stock)|units? (?:left|in stock))|(?:仅剩|还剩|剩余|只剩|库存)[:：]?\s?(\d+)"
    )
    return [int(a or b) for a, b in re.findall(pattern, plain(text), re.IGNORECASE)]


def cited(text: str) -> list[int]:
    """The numbers of the sources cited, in order."""
    return [int(n) for group in _CITATION.findall(text) for n in group.split(",")]


def sentences(text: str) -> list[str]:
    """Sentences and lines, table rows left out."""
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("|")]
    return [
        part
        for line in lines
        for part in re.split(r"(?<=[.!?])\s+(?=[A-Z\"“*\[(])|(?<=[。！？；])", line)
        if part and part.strip()
    ]


def tables(text: str) -> Iterator[list[list[str]]]:
    """Every Markdown table as rows of cells, the rule under the header left out."""
    rows: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        if line.lstrip().startswith("|"):
            cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                rows.append(cells)
        elif rows:
            yield rows
            rows = []


def says_none(text: str) -> bool:
    """Whether the text says that there is nothing of the kind."""
    return _NONE.search(plain(text)) is not None


def says_unknown(text: str) -> bool:
    """Whether the text says that the shop does not say."""
    return _UNKNOWN.search(plain(text)) is not None


def stock_claim(sentence: str) -> bool | None:
    """True if the sentence says in stock, False if it says out of stock (also beside the other), None if neither."""
    text = plain(sentence)
    rest = _OUT.sub(" ", text)
    if rest != text:
        return False
    return True if _IN.search(rest) else None
