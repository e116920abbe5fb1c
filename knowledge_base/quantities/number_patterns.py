"""The patterns `quantities` reads numbers with, and the words that tell a figure from a name.

In: the spellings of `units` and `numerals`. Out: compiled patterns, every one of them linear in the text. It refuses to
know what a match is worth: that is `quantities`.
"""

from __future__ import annotations

import re

from knowledge_base.quantities.numerals import CHINESE_NUMERAL, ENGLISH_NUMERAL
from knowledge_base.quantities.units import (
    CLASSIFIERS,
    CODES,
    PREFIXES,
    SUFFIX_CHINESE,
    SUFFIX_SYMBOLS,
    SUFFIX_WORDS,
    UNITS,
)

# One character for one, so that offsets hold.
WIDE = {0xFF01 + i: chr(0x21 + i) for i in range(94)} | {
    ord("\u3000"): " ", ord("\u00a0"): " ", ord("\u202f"): " ", ord("\u2009"): " ", ord("￥"): "¥", ord("￡"): "£",
    ord("″"): '"', ord("”"): '"', ord("“"): '"', ord("–"): "-", ord("—"): "-", ord("−"): "-", ord("‑"): "-",
    ord("～"): "~", ord("〜"): "~", ord("’"): "'", ord("′"): "'", ord("·"): "·", ord("×"): "×", ord("兩"): "两",
    ord("塊"): "块", ord("圓"): "圆", ord("萬"): "万", ord("個"): "个", ord("點"): "点",
}  # fmt: skip

MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
NO_NUMBER = rf"""
    (?:https?://|www\.)\S{{1,2000}}
  | [\w.+-]{{1,64}}@[\w-]{{1,64}}\.[\w.-]{{1,64}}
  | \[\d{{1,3}}(?:,\s?\d{{1,3}}){{0,9}}\]                                   # citations
  | (?m:^[ \t]{{0,8}}\d{{1,3}}(?:[.)](?=\s)|、))                             # list numbers
  | (?<![\d.])\d{{4}}-\d{{1,2}}-\d{{1,2}}(?!\d)(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?
  | (?<![\d./])\d{{1,4}}[/.]\d{{1,2}}[/.]\d{{2,4}}(?![\d/])
  | \d{{2,4}}年(?:\d{{1,2}}月)?(?:\d{{1,2}}[日号])?(?<=[月日号])|(?<!\d)(?:19|20)\d\d年
  | (?<!\d)\d{{1,2}}月(?:\d{{1,2}}[日号])?|(?<!\d)\d{{1,4}}号
  | (?i:(?<![a-z])(?:{MONTH})\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?![\d.])(?:,?\s\d{{4}}(?!\d))?)
  | (?i:(?<!\d)\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{MONTH})(?![a-z])(?:,?\s\d{{4}}(?!\d))?)
  | (?i:(?<![a-z])(?:in|since|year|during|©|spring|summer|autumn|fall|winter)\s(?:19|20)\d\d
        (?![\d,.]\d|\d|\s?(?:%|[a-z]{{2}}\b)))
  | \+\d[\d\s()-]{{6,20}}\d | (?<![\d-])\d{{2,5}}(?:-\d{{2,8}}){{2,4}}(?![\d-]) | \(\d{{3}}\)\s?\d{{3}}-\d{{4}}
  | (?<!\d)\d{{1,3}}(?:\.\d{{1,3}}){{2,9}}(?![\d,]) (?!,\d)                     # addresses, versions
  | (?<!\d)\d{{1,2}}:\d{{2}}(?::\d\d)?(?!\d) | (?<!\d)\d{{1,3}}:\d{{1,3}}(?!\d)
  | (?<!\d)24/7(?!\d)
  | 第[{CHINESE_NUMERAL}\d]{{1,6}} | [几数][十百千万]{{1,2}} | 十几
  | (?:一|两)[般定样起些直下点切旦致共向律面番边体会时者用侧种人世生]
  | [统唯万单专]一 | 万[一能] | 千万(?!像)
  | 十分(?!钟) | 双十一 | 三(?:星(?!级|以上|好评|及)|方|角|脚|明治) | 二手 | 四(?:季|周) | 五金
  | 百(?:搭|货|叶|合|度|分(?!之)) | 九阳 | 半(?:自动|身|袖|拉链|成品|导体)
"""
CODE = "|".join(CODES)
PREFIX = "|".join(re.escape(key) for key in sorted(PREFIXES, key=len, reverse=True))
GROUPED_DIGITS = r"""\d{1,3}(?:'\d{3}){1,4}(?:\.\d+)?|\d{1,3}(?:,\d{2,3}){0,4},\d{3}(?:\.\d{1,4})?(?![\d])
    |\d{1,3}(?:\.\d{3}){1,4},\d{1,2}(?!\d)
    |\d{1,3}(?:\.\d{3}){2,4}(?![\d.])|\d{1,3}(?:\ \d{3}){1,3}(?=(?:,\d\d)?\s?(?:€|EUR|kr|zł|₽))(?:,\d\d)?
    |\d{1,15},\d{1,2}(?![\d,])|\d{1,15}(?:\.\d{1,6})?"""
FRACTION = r"(?:\d{1,3}[ -])?\d{1,2}/\d{1,2}(?=[\s-]?(?:\"|in\b|inch|cup|oz|lb|mile|yard|pint|kg))|\d{0,3}[½¼¾⅓⅔⅛]"
MASTER = re.compile(
    rf"""(?P<skip>{NO_NUMBER})
  | (?P<prefix>(?<![A-Za-z$])(?:{PREFIX})|(?<![A-Za-z])(?:{CODE}))[ ]?(?=\d)(?P<money>{GROUPED_DIGITS})
  | 百分之(?P<zhpercent>[{CHINESE_NUMERAL}点]{{1,9}}|\d{{1,3}}(?:\.\d{{1,4}})?)
  | (?P<half>(?i:(?<![A-Za-z-])half[ -](?:(?:of[ ])?(?:the|its|their)[ ](?:usual[ ]|normal[ ]|original[ ]|regular[ ]|list[ ])?(?:price|cost)|price|off)(?![A-Za-z]))|半价|对折|半折)
  | (?P<model>(?<![A-Za-z0-9_.-])[A-Za-z][A-Za-z_]*(?:[-.][A-Za-z]+)*[-_]?\d[A-Za-z0-9]*(?:[-./_][A-Za-z0-9]+)*)
  | (?:(?<=\dx)|(?<=\d×)|(?<![A-Za-z0-9_#])(?<![A-Za-z]-))(?P<digits>{FRACTION}|{GROUPED_DIGITS})
  | (?P<english>(?<![A-Za-z0-9_-])(?i:{ENGLISH_NUMERAL})(?![A-Za-z]))
  | (?P<chinese>(?<![第几数])[{CHINESE_NUMERAL}][{CHINESE_NUMERAL}]*
        (?:点[零一二三四五六七八九]{{1,4}}(?![{CHINESE_NUMERAL}]))?)
    """,
    re.VERBOSE,
)
TAIL = re.compile(r"[A-Za-z0-9_]*(?:[-./][A-Za-z0-9_]+)*")
MULTIPLIER = re.compile(
    r"[ ]?(?:(?P<k>(?<=\d)[kK](?![A-Za-z0-9]))|(?P<word>(?i:hundred|thousand|million|grand|mn)(?![A-Za-z]))"
    r"|(?P<zh>百万|千万|[百千万亿](?![克瓦米卡赫伏帕能一]))(?:(?P<more>\d)(?![\d.,]))?)"
)
TIMES = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000, "mn": 1_000_000, "百": 100}
TIMES |= {"千": 1000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}
CUE = re.compile(
    r"(?i:(?<![a-z])rating(?: of| is|:)?|rated(?: at)?|scores?(?: of)?|评分(?:是|为|：|:|在)?|星级|均分)\s?$"
)
OUT_OF = re.compile(r"[ ]?(?:/[ ]?|(?:stars?[ ])?out of )(?P<of>5|10|five|ten)(?:[ ]stars?)?(?![\d/%A-Za-z]|[.,]\d)")
FEET = re.compile(r"'[ ]?(\d{1,2}(?:\.\d)?)\"")
BRIDGE = re.compile(r"[ ]?(?:-|~|to|through|up to|至|到|~)[ ]?|[ ]-[ ]|[ ]?\.\.[ ]?", re.IGNORECASE)
AND = re.compile(r"[ ]?(?:and|和|与|&|-|到|至)[ ]?", re.IGNORECASE)
BETWEEN = re.compile(r"(?:between|介于|in the range of)[ ]?$", re.IGNORECASE)
BETWEEN_ZH = re.compile(r"[ ]?(?:之间|中间)")
BY = re.compile(r"[ ]?[x×X*][ ]?")

# A bare number after one of these belongs to a name; after any other capitalised word in mid-sentence it does too.
NAMES = frozenset(
    [
        "usb",
        "bluetooth",
        "hdmi",
        "windows",
        "win",
        "iphone",
        "ipad",
        "galaxy",
        "wifi",
        "wi-fi",
        "gen",
        "generation",
        "version",
        "ver",
        "v",
        "model",
        "series",
        "type",
        "no",
        "number",
        "nr",
        "order",
        "item",
        "sku",
        "id",
        "size",
        "mark",
        "mk",
        "part",
        "step",
        "page",
        "row",
        "section",
        "level",
        "class",
        "cat",
        "category",
        "ps",
        "playstation",
        "xbox",
        "kindle",
        "android",
        "ios",
        "macos",
        "dp",
        "displayport",
        "thunderbolt",
        "pcie",
        "pci",
        "ddr",
        "rtx",
        "gtx",
        "rx",
        "core",
        "ryzen",
        "sata",
        "mini-dp",
        "ip",
        "rfc",
        "iso",
        "en",
        "socket",
        "chapter",
        "appendix",
        "question",
        "q",
        "office",
        "photoshop",
        "echo",
        "pixel",
        "surface",
    ]
)
FIGURE_WORDS = frozenset(
    [
        "under",
        "below",
        "over",
        "above",
        "between",
        "from",
        "to",
        "at",
        "for",
        "only",
        "just",
        "top",
        "show",
        "find",
        "compare",
        "than",
        "about",
        "around",
        "maximum",
        "max",
        "minimum",
        "min",
        "budget",
        "have",
        "has",
        "least",
        "most",
        "less",
        "more",
        "price",
        "rating",
        "stock",
        "score",
        "rated",
        "and",
        "or",
        "of",
        "by",
        "with",
        "costs",
        "are",
        "is",
        "the",
        "all",
        "these",
        "those",
        "or",
        "but",
        "got",
        "get",
        "we",
        "our",
        "in",
        "on",
        "left",
        "qty",
        "quantity",
        "total",
        "count",
        "pack",
        "see",
        "list",
        "my",
        "any",
        "give",
    ]
)
WORD_BEFORE = re.compile(r"([A-Za-z][A-Za-z'-]*)[®™]?\s?$")
NUMBERED = re.compile(r"(?<![A-Za-z])(?:[Nn]o|[Nn]r|[Aa]rt)\.[ ]?$")


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


UNIT, GROUPS = _alternatives()
INCHES = re.compile(
    r'[ ]?"|[ ]?\'\''
    r"|[ -]?in(?=\.?(?:[)x×]|[ ](?:x|×|wide|tall|long|deep|high|thick|diagonal|display|screen|monitor)\b))"
)
SMALL_CHANGE = re.compile(r"([1-9一二三四五六七八九])(?:毛|角)?(?=$|[^0-9A-Za-z\u4e00-\u9fff]|[的以左上内吧吗呢])")
AND_HALF = re.compile(r"[ ]?(?:and a half(?![A-Za-z])|个?半(?![自身袖导价]))")
CLASSIFIER = re.compile("|".join(CLASSIFIERS.split()))
ZHE = re.compile(r"[ ]?折(?![叠扣合射痕返页伞线])")
CHENG = re.compile(r"成(?![为功本员分长就交立人熟都套语品果])")
BELOW_ZERO = re.compile(r"(?:(?<![^\s(:：,，])[-−]|\b(?:minus|negative)[ ]|零下|(?<![\u4e00-\u9fff])负)$", re.I)
DEGREES = re.compile(r"[ ]?([CcFf])(?![A-Za-z0-9])")
MORE = re.compile(r"[多来余](?=[^\d])")
RANGE_AHEAD = re.compile(rf"(?:[到至~-]|[ ]to[ ]|[ ]?-[ ]?|[ ]or[ ])[{CHINESE_NUMERAL}\da-z]")
