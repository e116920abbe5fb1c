"""Which facets of a product a question asks about.

In: a question, the products it is about and the constraints read from it. Out: facet names as the shop writes them,
in the question's order. It knows nothing of the conversation and does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from knowledge_base.constraints import Constraints, strip_filler
from knowledge_base.constraints.word_lists import COMMON_STEMS, MEASURE_WORDS, STOP_WORDS
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.types import Product
from knowledge_base.vocabulary import Vocabulary, value_key

# How Chinese asks for a measure, and words the column may be headed with.
_CHINESE_QUESTIONS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"多重|几斤|几公斤|重不重|重吗|多少斤|多少克|重量"), ("净重", "重量", "毛重")),
    (re.compile(r"多大|尺寸|大小|几寸|多少寸"), ("尺寸", "屏幕尺寸", "规格", "大小", "容量", "面积")),
    (re.compile(r"几升|多少升|多少毫升|容量|装多少|能装"), ("容量", "容积", "储水量", "有效容积")),
    (re.compile(r"多高|高度"), ("高度", "尺寸")),
    (re.compile(r"多宽|宽度"), ("宽度", "尺寸")),
    (re.compile(r"多长(?!时间)|长度|几米|多少米"), ("长度", "线长", "尺寸")),
    (re.compile(r"多厚|厚度"), ("厚度", "尺寸")),
    (re.compile(r"材质|什么材料|什么面料|什么做的|面料|材料"), ("材质", "面料", "材料", "内胆材质", "外壳材质")),
    (re.compile(r"功率|多少瓦|几瓦|费电|耗电"), ("功率", "额定功率", "最大功率", "耗电量", "能效等级")),
    (re.compile(r"续航|用多久|能用多长|电池|几小时"), ("续航", "续航时间", "电池容量", "使用时间", "电池")),
    (re.compile(r"防水|淋雨|下雨"), ("防水", "防水等级", "是否防水")),
    (re.compile(r"噪音|吵|静音|声音大"), ("噪音", "噪音值", "静音")),
    (re.compile(r"产地|哪里产|哪产|哪儿产"), ("产地", "原产地", "生产地")),
    (re.compile(r"保质期|多久过期"), ("保质期",)),
    (re.compile(r"几个人|几人|多少人"), ("适用人数", "人数", "容纳人数")),
    (re.compile(r"能效|省电"), ("能效等级", "能效")),
    (re.compile(r"什么牌子|哪个牌子|品牌"), ("品牌",)),
)  # fmt: skip
_ENGLISH_QUESTIONS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"\bmade (?:of|from|out of)\b|\bfabric\b|\bmaterials?\b", re.I), ("material", "fabric", "shell", "upper")),
    (re.compile(r"\bmade in\b|\bcome from\b|\bcountry\b", re.I), ("country of origin", "origin", "made in")),
    (re.compile(r"\bhow (?:big|large)\b|\bdimensions?\b|\bmeasurements?\b", re.I), ("dimensions", "size", "capacity", "volume", "screen size", "display diagonal")),
    (re.compile(r"\bhow (?:many|much) (?:people|persons?)\b|\bsleeps?\b", re.I), ("capacity", "sleeps", "persons", "people")),
    (re.compile(r"\bhow long (?:does|will|do|can).{0,30}\b(?:last|run|battery|charge)|\bbattery\b", re.I), ("battery life", "runtime", "run time", "battery", "battery capacity")),
    (re.compile(r"\bhow much (?:water|can it hold|does it hold)|\bhold\b|\bfit in\b", re.I), ("capacity", "volume")),
    (re.compile(r"\bhow (?:loud|noisy|quiet)\b", re.I), ("noise", "noise level")),
    (re.compile(r"\bhow (?:bright)\b|\blumens?\b", re.I), ("brightness", "lumens", "light output")),
    (re.compile(r"\bhow warm\b|\bhow cold\b", re.I), ("comfort temperature", "temperature rating", "season")),
    (re.compile(r"\bwhat brand\b|\bwho makes\b|\bwhich brand\b|\bmanufacturer\b", re.I), ("brand",)),
)  # fmt: skip
_HOW = re.compile(
    r"\bhow (?:big|large|long|loud|noisy|quiet|bright|warm|many|much)\b|多[重大高宽长厚]|几[升斤米寸]", re.I
)
_GENERIC = frozenset(stem(w) for w in ("product", "type", "number", "level", "total", "max", "maximum", "min", "rated"))


def asked_facets(
    text: str, products: Sequence[Product], constraints: Constraints, outside: str | None = None
) -> tuple[str, ...]:
    """Facet names asked about. `outside`: the text without titles, where the question is looked for.

    A question that none of the products' facets answers comes back as its own words ("dishwasher safe"), so that the
    reply can say that the shop's data does not tell. Empty: no particular facet was asked for.
    """
    question = text if outside is None else outside
    names = list(dict.fromkeys(name for p in products for name in (*p.option_values, *p.attributes)))
    said = {fold(name) for mention in constraints.mentions if mention.named for name in mention.names}
    names = [name for name in names if fold(name) not in said]  # "in size L" gives the size and does not ask for it
    found = [*_by_value(constraints, products, names), *_by_question(question, names), *_by_name(question, names)]
    if found or outside is None:
        return tuple(dict.fromkeys(found))
    return _unstated(outside) or _own_words(outside)


_CHOICES = re.compile(
    r"\b(?:what|which)(?: (?:kinds? of|sorts? of|different|other))? (?P<asked>[a-z][a-z -]{2,24}?)(?= (?:of|for|do|does|are|in|have|can)\b)"
    r"|^\W*(?:(?:the|your|all|show me|list)\W+)*(?P<listed>[a-z][a-z -]{2,24}?) (?:choices|options|selection|variety)\b"
    r"|(?:有)?(?:哪些|什么|哪几[种个])(?P<zh>[\u4e00-\u9fff]{2,5}?)(?=的|$|[?？]|可选|可以选)"
    r"|(?P<zhbefore>品牌|牌子|颜色|尺码|尺寸|材质)都?有(?:哪些|什么|哪几[种个])",
    re.I,
)
_WHAT_IS_SOLD = re.compile(
    r"\bwhat (?:(?:all|else) )?(?:do|does) (?:you|u|your (?:shop|store)|this (?:shop|store)|the (?:shop|store)) "
    r"(?:guys )?(?:sell|carry|offer|stock)(?=\W*$)"
    r"|\b(?:what|which) (?:kinds? of |sorts? of |types? of )?(?:departments|categories|products|things|stuff|items|goods)"
    r"(?: and \w+)? (?:do you|does (?:your|this|the) (?:shop|store)) (?:sell|carry|offer|stock|have)(?=\W*$)"
    r"|(?:都|主要|一般)?卖(?:什么|些什么|啥|哪些东西)(?:东西|产品|商品|的)?[呀啊呢的]?\W*$"
    r"|有(?:什么|哪些)(?:商品|产品|东西|品类|分类|类目|种类)[呀啊呢]?\W*$",
    re.I,
)
_BRANDS = frozenset(("brand", "make", "manufactur", "品牌", "牌子"))


def choices_asked(text: str, vocabulary: Vocabulary) -> tuple[str, tuple[int, int]] | None:
    """The facet whose values a message asks for ("which brands of tents do you have"), as the shop writes it, and where
    the message says so; None where it asks for no values."""
    if match := _WHAT_IS_SOLD.search(text):
        return "category", match.span()
    for match in _CHOICES.finditer(text):
        key = value_key(next(said for said in match.groupdict().values() if said).strip())
        named = vocabulary.named(key)
        if named or key in _BRANDS:
            return named[0].name if named and key not in _BRANDS else "brand", match.span()
    return None


def _by_question(text: str, names: Sequence[str]) -> Iterable[str]:
    folded = {fold(name): name for name in names}
    for pattern, candidates in (*_CHINESE_QUESTIONS, *_ENGLISH_QUESTIONS):
        if not pattern.search(text):
            continue
        for candidate in candidates:
            if candidate in ("brand", "品牌"):
                yield "brand"
                break
            exact = folded.get(candidate)
            close = exact or next((name for key, name in folded.items() if candidate in key), None)
            if close:
                yield close
                break


def _unstated(text: str) -> tuple[str, ...]:
    """What a question asks for by a measure's usual words, as it is usually headed: "how loud is it" for noise."""
    patterns = _CHINESE_QUESTIONS if has_cjk(text) else _ENGLISH_QUESTIONS
    return tuple(candidates[0] for pattern, candidates in patterns if _HOW.search(text) and pattern.search(text))[:1]


def _by_name(text: str, names: Sequence[str]) -> Iterable[str]:
    """Names of which all telling words are said; of two that share their words, the longer."""
    said = {stem(MEASURE_WORDS.get(word, word)) for word, _, _ in words(fold(text))}
    said |= {stem(word) for word, _, _ in words(fold(text))}
    scored: list[tuple[int, str]] = []
    bare: list[str] = []  # "type" itself, where nothing more telling is asked for
    for name in names:
        if has_cjk(name):
            if fold(name) in fold(text):
                scored.append((len(name), name))
            continue
        keys = [stem(word) for word, _, _ in words(fold(name))]
        telling = [key for key in keys if key not in _GENERIC]
        if not telling and all(key in said for key in keys):
            bare.append(name)
        if telling and all(key in said for key in telling):
            scored.append((len(telling), name))
    if not scored:
        partial = [n for n in names if not has_cjk(n) and _shares_head(n, said)]
        return partial[:1] or bare[:1]
    best = max(score for score, _ in scored)
    return [name for score, name in scored if score == best][:2]


def _shares_head(name: str, said: set[str]) -> bool:
    keys = [stem(word) for word, _, _ in words(fold(name))]
    return len(keys) > 1 and any(key in said and key not in STOP_WORDS and key not in _GENERIC for key in keys)


def _by_value(constraints: Constraints, products: Sequence[Product], names: Sequence[str]) -> Iterable[str]:
    """ "Is it leather?" asks for the material, "is it waterproof?" for the yes/no facet of that name."""
    own = {fold(name): name for name in names}
    options = {fold(name) for p in products for name in p.option_values}
    for mention in constraints.mentions:
        if mention.role in ("value", "boolean"):
            for name in mention.names:
                if fold(name) in own and fold(name) not in options:
                    yield own[fold(name)]
                    break


def _own_words(text: str) -> tuple[str, ...]:
    """What is left of a question once everything that only asks is gone; () where nothing is."""
    left = strip_filler(text)
    if re.search(r"\d|[$€£¥]", left):
        return ()
    if has_cjk(left):
        return (left,) if len(left) >= 2 and not re.search(r"钱|货|价|第", left) else ()
    telling = [w for w in left.split() if stem(w.casefold().strip("'’-")) not in COMMON_STEMS]
    return (" ".join(left.split()),) if telling else ()
