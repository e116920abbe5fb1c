"""Measures as shoppers compare them: "lighter", "the longest battery life", "容量最大", and the columns that hold them.

In: a message. Out: which measure it wants more or less of, or most or least of, and by what it judges products that
are set side by side. It knows no product; which of a measure's columns a shop has is found by whoever holds the
catalogue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_I = re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Wanted:
    """One measure and where it should go: the names its column may have, and -1 for less or +1 for more.

    `word` is how the shopper said it ("lightest", "容量最大").
    """

    names: tuple[str, ...]
    direction: int
    word: str
    span: tuple[int, int]


_WEIGHT = ("weight", "net weight", "重量", "净重")
_SIZE = (
    "capacity", "volume", "size", "floor area", "screen size", "display diagonal", "storage", "dimensions",
    "容量", "容积", "尺寸", "屏幕尺寸", "面积",
)  # fmt: skip
_LENGTH = ("length", "cable length", "长度", "线长")
_BATTERY = (
    "battery life",
    "runtime",
    "run time",
    "battery",
    "battery capacity",
    "续航",
    "续航时间",
    "使用时间",
    "电池容量",
)
_POWER = ("power", "output power", "wattage", "output", "motor power", "功率", "额定功率", "输出功率", "最大功率")
_NOISE = ("noise", "noise level", "噪音", "噪音值")
_WARMTH = ("comfort temperature", "temperature rating", "limit temperature", "舒适温度", "适用温度", "温标")

# (columns, direction, comparative, superlative)
_TABLE: tuple[tuple[tuple[str, ...], int, str, str], ...] = (
    (_WEIGHT, -1, r"\blighter\b|更轻|轻一?点|轻便一?点", r"\blightest\b|最轻"),
    (_WEIGHT, 1, r"\bheavier\b|更重|重一点", r"\bheaviest\b|最重"),
    (_BATTERY, 1, r"\b(?:longer battery|lasts? longer|longer lasting)\b|续航更?长", r"\b(?:longest[- ](?:lasting|battery(?: life)?|runtime)|best battery(?: life)?)\b|续航最[长久]"),
    (_SIZE, 1, r"\b(?:bigger|larger|roomier|more spacious)\b|更大|大一?点|大一些", r"\b(?:biggest|largest|roomiest|most spacious)\b|(?:容量|面积|尺寸|空间)?最大(?!的?功率)"),
    (_SIZE, -1, r"\bsmaller\b|\bmore compact\b|更小|小一?点|小一些", r"\b(?:smallest|most compact|tiniest)\b|最小|最迷你"),
    (("height", "高度"), 1, r"\btaller\b|更高(?!端|级|档)", r"\btallest\b|(?<!格)(?<!价)(?<!钱)(?<!分)(?<!级)(?<!价位)最高(?!端|级|档|分)(?=的|$)"),
    (_LENGTH, 1, r"\blonger\b|更长|长一?点", r"\blongest\b|最长"),
    (_LENGTH, -1, r"\bshorter\b|更短|短一?点", r"\bshortest\b|最短"),
    (_WARMTH, -1, r"\bwarmer\b|更暖|更保暖", r"\bwarmest\b|最暖|最保暖"),
    (_POWER, 1, r"\b(?:more powerful|stronger)\b|功率更?大|更强", r"\b(?:most powerful|strongest)\b|功率最[大高]|最强"),
    (_POWER, -1, r"更省电|更节能|省电一?[点些]", r"最省电|最节能"),
    (_NOISE, -1, r"\bquieter\b|更安静|噪音更?小|更静音", r"\bquietest\b|最安静|噪音最[小低]|最静音"),
    (("brightness", "lumens", "light output", "亮度", "光通量"), 1, r"\bbrighter\b|更亮", r"\bbrightest\b|最亮"),
    (("thickness", "厚度"), -1, r"\bthinner\b|更薄", r"\b(?:thinnest|slimmest)\b|最薄"),
    (("thickness", "厚度"), 1, r"\bthicker\b|更厚", r"\bthickest\b|最厚"),
    (("speed", "max speed", "速度"), 1, r"\bfaster\b|更快", r"\bfastest\b|最快"),
    (("range", "续航里程", "range per charge"), 1, r"\blonger range\b", r"\blongest range\b|里程最长"),
)  # fmt: skip
_NAMED = re.compile(
    r"\b(?P<adj>highest|most|largest|biggest|greatest|longest|max(?:imum)?|lowest|least|smallest|shortest|fewest|min(?:imum)?)"
    r"\s+(?P<name>[a-z][a-z -]{2,30}?)(?=\s*(?:\?|$|,|\.|\b(?:do|does|is|are|of|in|for|under|that|you|we|among|with|at)\b))"
    r"|(?P<zhname>[\u4e00-\u9fff]{2,5})最(?P<zhadj>[大高长多小低短少])(?!价)",
    _I,
)
_BOUND_AFTER = re.compile(r"\s+than\s+\S*\d", _I)  # "bigger than 20 litres" is a bound, not a change of what was shown
_LESS = frozenset(("lowest", "least", "smallest", "shortest", "fewest", "min", "minimum", "小", "低", "短", "少"))
_HAVING = re.compile(r"\b(?:with|has|have|having|offers?|gives?)\s+(?:the\s+)?$", _I)
_NO_MEASURE = re.compile(r"pric|expensive|cost|rat(?:ed|ing)|popular|recent|afford|review|价|评|口碑|好评", _I)


def more_or_less(text: str) -> Wanted | None:
    """The measure a message wants more or less of than what is on the table, or None."""
    return _longest(text, 2)


def most_or_least(text: str) -> Wanted | None:
    """The measure a message wants the extreme of, or None. Prices and ratings are sorts, not measures."""
    by_adjective = _longest(text, 3)
    for match in _NAMED.finditer(text):
        name = (match["name"] or match["zhname"]).strip()
        adjective = (match["adj"] or match["zhadj"]).casefold()
        if _NO_MEASURE.search(match.group()):
            continue
        inside = by_adjective is not None and match.start() <= by_adjective.span[0] < match.end()
        if (
            by_adjective
            and inside
            and name.casefold() not in by_adjective.names
            and not _HAVING.search(text[: match.start()])
        ):
            continue  # "largest suitcase": the adjective alone says which measure, what follows is the thing
        return Wanted((name,), -1 if adjective in _LESS else 1, match.group().strip(), match.span())
    return by_adjective


# How products that were shown are judged, beyond measures: the price and the rating.
_JUDGED: tuple[tuple[tuple[str, ...], int, str], ...] = (
    (("price",), -1, r"\b(?:cheap(?:er|est)|(?:less|least) expensive|costs? (?:less|the least)|(?:more|most) affordable|(?:lower|lowest)(?: in)? price|better (?:price|deal))\b|便宜|实惠|划算|省钱|价格[更最]?低"),
    (("price",), 1, r"\b(?:dear(?:er|est)|pric(?:i|y)er|priciest|(?:more|most) expensive|costs? (?:more|the most)|(?:higher|highest) price)\b|(?<!太)(?<!不)贵|价格[更最]?高"),
    (("rating",), 1, r"\b(?:(?:better|higher|best|highest)[- ](?:rat(?:ed|ing)s?|reviews?|reviewed|scores?)|rated (?:the )?(?:better|higher|best|highest)|more popular|most popular)\b|评分[更最]?高|评价[更最]?[好高]|口碑[更最]?好|好评[更最]?多|更受欢迎|最受欢迎"),
    (("rating",), -1, r"\b(?:(?:worse|lower|worst|lowest)[- ](?:rat(?:ed|ing)s?|reviews?|reviewed))\b|评分[更最]?低|评价[更最]?差"),
)  # fmt: skip
# What Chinese says without 更 beside 哪款 or 比.
_BARE: tuple[tuple[tuple[str, ...], int, str], ...] = (
    (_BATTERY, 1, r"续航[长久好]|用得久|耐用"),
    (_POWER, -1, r"省电|节能"),
    (_POWER, 1, r"功率[大高]|劲大|动力[大强]"),
    (_NOISE, -1, r"安静|静音|噪音[小低]"),
    (_WEIGHT, -1, r"轻"),
    (_WEIGHT, 1, r"(?<!多)重(?!要)"),
    (_WARMTH, -1, r"暖"),
    (("brightness", "lumens", "light output", "亮度", "光通量"), 1, r"亮"),
    (("thickness", "厚度"), -1, r"薄"),
    (("thickness", "厚度"), 1, r"厚"),
    (("speed", "max speed", "速度"), 1, r"快"),
    (_LENGTH, 1, r"长(?!度|什么)"),
    (_LENGTH, -1, r"短"),
    (("height", "高度"), 1, r"高(?!端|级|档)"),
    (_SIZE, 1, r"大(?!概)|能装"),
    (_SIZE, -1, r"小"),
)  # fmt: skip
_SET_BESIDE = re.compile(r"哪[一]?[个款种台件把张双条只]|谁|比")
_NAMED_MORE = re.compile(
    r"\b(?P<adj>more|higher|larger|bigger|longer|greater|better|lower|less|fewer|shorter|smaller)\s+"
    r"(?P<name>[a-z][a-z -]{2,30}?)(?=\s*(?:\?|$|,|\.|\b(?:of|in|for|under|that|than|among|with|at|or|between)\b))",
    _I,
)
_NO_NAME = re.compile(
    r"(?:than|of|for|one|to|expensive|afford|popular|recent|pric|cost|ratings?$|rated|reviews?$|options|choices|like$|money)",
    _I,
)
_LESS_OF = frozenset(("lower", "less", "fewer", "shorter", "smaller"))


def judged_by(text: str) -> Wanted | None:
    """By what a message sets products side by side: "which is lighter", "has more storage", "哪款轻", "is it cheaper".

    `names` is ("price",) or ("rating",) for these two. None where it only asks which is better.
    """
    found = [
        Wanted(names, direction, match.group(), match.span())
        for names, direction, pattern in _JUDGED
        if (match := re.search(pattern, text, _I)) and not _BOUND_AFTER.match(text[match.end() :])
    ]
    if found:
        return max(found, key=lambda wanted: len(wanted.word))
    measured = most_or_least(text) or more_or_less(text)
    named = None if measured else _NAMED_MORE.search(text)
    if named is not None and not _NO_NAME.match(named["name"]):
        direction = -1 if named["adj"].casefold() in _LESS_OF else 1
        return Wanted((named["name"].strip(),), direction, named.group().strip(), named.span())
    if measured is None and _SET_BESIDE.search(text):
        for names, direction, pattern in _BARE:
            if match := re.search(pattern, text):
                return Wanted(names, direction, match.group(), match.span())
    return measured


def _longest(text: str, column: int) -> Wanted | None:
    """The measure whose words cover most of the text: "功率更大" is more than "更大"."""
    found: Wanted | None = None
    for row in _TABLE:
        pattern = row[2] if column == 2 else row[3]
        match = re.search(pattern, text, _I)
        if match and column == 2 and _BOUND_AFTER.match(text[match.end() :]):
            continue
        if match and (found is None or len(match.group()) > len(found.word)):
            found = Wanted(row[0], row[1], match.group(), match.span())
    return found
