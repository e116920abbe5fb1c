"""What a product is called in a sentence: short titles that stay recognisable and unlike one another.

In: products as the shop titles them. Out: parts of those titles, never other words. A raw export's title can hold 150
characters of specification; a sentence wants brand, kind and model. It knows no query and no price.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.generation.figures import attribute_name, is_nothing, truth
from assistant.generation.grammar import adjectival, plural_verb, word_set
from assistant.types import Language
from knowledge_base.text import fold, has_cjk
from knowledge_base.types import Product

_LONG = 48  # a title up to here is said in full
_SHORTEST = 10  # a head shorter than this does not tell what the thing is
_LONG_ZH = 22
_BRACKETS = re.compile(r"[【\[「『〔][^】\]」』〕]*[】\]」』〕]")
_BOUNDARY = re.compile(
    r"\.\s(?=[A-Z])|\s+[-–—|/:·]\s+|[,;|]\s|\s\(|\s(?:with|w/|for|featuring|incl\.?|including)\s", re.IGNORECASE
)
_MEASURE = re.compile(
    r"\s\(?(?:\d+(?:[.,]\d+)?\s?[x×*]\s?\d|\d+(?:[.,]\d+)?\s?(?:\"|''|”|°|%|(?:cm|mm|m|km|in|inch|inches|ft|kg|g|lbs?|oz|l|ml|"
    r"gb|tb|mb|ghz|mhz|hz|kw|w|v|mah|wh|pixels?|pcs?|pc\(s\)|sheets|pages|ppm|dpi|db|mp|fps|core|cores)\b))",
    re.IGNORECASE,
)
# A model code holds both letters and digits; a measure such as 3300W is digits and then a unit.
_MODEL = re.compile(
    r"[A-Z][A-Za-z]*\d[A-Za-z0-9./]*(?:[-‑][A-Za-z0-9]+)*(?:\([A-Z]+\))?(?: (?:Max|Pro|Plus|Ultra|Mini|SE)\b)?|"
    r"[A-Z]{2,}[-‑][A-Za-z0-9]+(?:[-‑ ][A-Z0-9]+)*"
)


def short_titles(products: Sequence[Product], subject: str = "") -> Mapping[str, str]:
    """Product id -> the words of its title to use in a sentence, all different unless the titles are the same."""
    short = {product.id: shorten(product.title, subject) for product in products}
    named = dict(short)
    for product in products:
        name = short[product.id]
        rivals = [p for p in products if p.id != product.id and fold(short[p.id]) == fold(name)]
        if not rivals:
            continue
        extra = _tells_apart(product.title, name, [p.title for p in rivals]) or _attribute_apart(product, rivals)
        if extra:
            named[product.id] = f"{name}（{extra}）" if has_cjk(name) else f"{name} ({extra})"
    return named


def shorten(title: str, subject: str = "") -> str:
    """The head of a title up to a natural boundary; for Chinese, with the model code that follows later."""
    title = re.sub(r"\s+", " ", title).strip()
    return _shorten_chinese(title, subject) if has_cjk(title) else _shorten_latin(title)


def _shorten_latin(title: str) -> str:
    if len(title) <= _LONG and not _BOUNDARY.search(title, 24):
        return title
    cuts = [m.start() for pattern in (_BOUNDARY, _MEASURE) for m in pattern.finditer(title) if m.start() >= _SHORTEST]
    cuts = [cut for cut in cuts if len(re.findall(r"[^\W\d_]{2,}", title[:cut])) >= 2]
    head = title[: min(cuts)] if cuts else title
    if len(head) > 70:
        head = head[: head.rfind(" ", 0, 60)] if " " in head[:60] else head[:60]
    return head.rstrip(" ,;:-–—(/|&+") or title


def _shorten_chinese(title: str, subject: str) -> str:
    bare = re.sub(r"\s+", " ", _BRACKETS.sub(" ", title)).strip() or title
    bare = re.sub(r"[（(][A-Za-z][A-Za-z .&-]*[）)]", "", bare, count=1)
    bare = re.sub(r"^([\u4e00-\u9fff]{1,6}) (?=[\u4e00-\u9fff\d])", r"\1", bare)
    if len(bare) <= _LONG_ZH:
        return bare
    end = bare.find(subject) + len(subject) if subject and subject in bare else 0
    if not _SHORTEST - 4 <= end <= _LONG_ZH + 4:
        # A boundary: a space, a mark, or where Chinese turns into digits or letters.
        marks = [m.start() for m in re.finditer(r"[\s，,、。；;|/]|(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])", bare)]
        fitting = [mark for mark in marks if _SHORTEST - 2 <= mark <= _LONG_ZH]
        end = fitting[0] if fitting else _LONG_ZH
        if fitting and len(fitting) > 1 and fitting[0] < _SHORTEST:
            end = fitting[1]
    head = bare[:end].strip(" ，,、。；;|/")
    model = next((m.group().strip() for m in _MODEL.finditer(bare, end) if len(m.group()) >= 5), "")
    return f"{head} {model}".strip() if model and model not in head else head


def _attribute_apart(product: Product, twins: Sequence[Product]) -> str:
    """The first short attribute value that no product of the same title has; "" for none."""
    for name, value in product.attributes.items():
        if truth(value) is None and 2 < len(value) <= 24 and all(twin.attributes.get(name) != value for twin in twins):
            return value
    return ""


def _tells_apart(title: str, name: str, rivals: Sequence[str]) -> str:
    """The first words of the title, after the name, which no rival has there; "" where there are none."""
    theirs = {word for rival in rivals for word in _pieces(rival)}
    start = title.find(name) + len(name) if name in title else 0
    kept: list[str] = []
    for piece in _pieces(title[start:]):
        if piece not in theirs:
            kept.append(piece)
        elif kept:
            break
        if len(" ".join(kept)) > 24:
            break
    return " ".join(kept).strip(" ,;()（）-")


def _pieces(title: str) -> list[str]:
    return [piece for piece in re.split(r"[\s,;，、【】（）()]+", title) if piece]


def option_words(options: Mapping[str, str], language: Language) -> str:
    """A variant's options in a phrase: "blue, M", "4K, not waterproof", "size 9, red"; "" without options."""
    return ("、" if language == "zh" else ", ").join(option_word(n, v, language) for n, v in options.items())


def version_words(options: Mapping[str, str], language: Language) -> str:
    """A variant's options where several variants are listed: "blue / M / cotton"."""
    return " / ".join(option_word(name, value, language) for name, value in options.items())


def option_word(name: str, value: str, language: Language) -> str:
    """One option's value so that it can be understood without its name."""
    shown = attribute_name(name)
    state = truth(value)
    chinese = language == "zh"
    if state is True:
        return shown
    if state is False:
        if chinese and has_cjk(shown):
            return f"不{shown}" if shown[0] in "防可含带" else f"无{shown}"
        return f"not {shown}" if adjectival(shown) else f"no {shown}"
    if is_nothing(value):
        return f"无{shown}" if chinese and has_cjk(shown) else f"no {shown}"
    if len(value) <= 6 and re.fullmatch(r"[\d./]+%?", value):
        if shown.endswith("s") and not chinese:
            return f"{value} {shown}"
        return f"{shown}{value}" if chinese and has_cjk(shown) else f"{shown} {value}"
    # "low", "high", "full": a bare degree says nothing without what it measures.
    if not chinese and value.casefold() in DEGREES and shown not in ("size", "color", "colour"):
        return f"{value} {shown}"
    return value


DEGREES = word_set("low medium high full half large small fixed adjustable standard dark light basic none")


def plural_name(name: str) -> bool:
    """Whether a title's head noun is plural, so that its verb is too: "Trail Socks", not "Tablet S"."""
    words = [word for word in re.findall(r"[A-Za-z']+", re.split(r" \(|,", name)[0]) if len(word) > 2]
    if not words or not name.isascii():
        return False
    last = words[-1].lower()
    return last.endswith("s") and not last.endswith(("ss", "us", "is")) and last not in _SINGULAR


_SINGULAR = word_set("series philips lens canvas atlas gas news chess plus gps christmas pros bias ios")


@dataclass(frozen=True, slots=True)
class Mention:
    """A product or variant named in a sentence, with its citation; `plural` decides the verb."""

    text: str
    plural: bool = False

    def verb(self, one: str) -> str:
        """The verb in the number of the mention: "costs" or "cost"."""
        return plural_verb(one) if self.plural else one
