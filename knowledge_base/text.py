"""Text made comparable and text made clean: the one place where strings are normalised.

In: any string a merchant, a shopper or a web page wrote. Out: folded forms for matching, tokens for the lexical index,
clean text for prompts and pages. It knows no product and no language model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

# Zero-width, bidirectional and tag characters: invisible on a page, but they carry text into a prompt.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff]"
)
# Lone surrogates come from broken JSON escapes; no encoding takes them.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_CJK = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
WORD = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[^\\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+(?:(?<=[0-9])[.][0-9]+(?![0-9.]))?"
)
_STEMMER = Stemmer.Stemmer("english")
_NO_PLURALS = frozenset(("ups",))  # "ups" are uninterruptible power supplies, and nothing goes up
_IRREGULAR_PLURALS = {
    "mice": "mouse", "men": "man", "women": "woman", "children": "child", "teeth": "tooth", "feet": "foot",
    "leaves": "leaf", "wolves": "wolf", "halves": "half", "wives": "wife", "lives": "life",
}  # fmt: skip
_PLURAL_ACRONYM = re.compile("[bcdfghjklmnpqrstvwxz]{2,4}s|[cg]pus")  # "ssds", "tvs": the stemmer wants a vowel
# One spelling for words that shops and shoppers write in two ways.
_SPELLINGS = {
    "colour": "color", "colours": "color", "coloured": "colored", "flavour": "flavor", "flavours": "flavor",
    "grey": "gray", "fibre": "fiber", "litre": "liter", "litres": "liter", "metre": "meter", "metres": "meter",
    "centimetre": "centimeter", "centimetres": "centimeter", "aluminium": "aluminum", "jewellery": "jewelry",
    "tyre": "tire", "tyres": "tire", "pyjamas": "pajamas", "moustache": "mustache", "centre": "center",
    "catalogue": "catalog", "plough": "plow", "mould": "mold", "armour": "armor", "odour": "odor", "cosy": "cozy",
    "people": "person", "lenses": "lens",
    "mice": "mouse", "children": "child", "teeth": "tooth", "geese": "goose",
    "shelves": "shelf", "bookshelves": "bookshelf", "knives": "knife", "scarves": "scarf", "loaves": "loaf",
}  # fmt: skip


def clean(text: str) -> str:
    """NFKC without control, zero-width, bidirectional and tag characters; line breaks become "\\n"."""
    text = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", _INVISIBLE.sub("", text))


def visible(text: str) -> str:
    """The text as it was written (full-width punctuation stays), without the characters that `clean` drops."""
    return _CONTROL.sub("", _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """A form in which equal things compare equal: cleaned, case-folded, dashes and underscores as spaces, one space."""
    text = clean(text).casefold()
    return re.sub(r"[\s_\-‐-―]+", " ", text).strip()


@lru_cache(maxsize=262144)
def stem(word: str) -> str:
    """The English stem of one lower-case word, in one spelling; other scripts are returned as they are."""
    if word in _NO_PLURALS:
        return word
    if _PLURAL_ACRONYM.fullmatch(word):
        return word[:-1]
    return str(_STEMMER.stemWord(_SPELLINGS.get(word, word)))


@lru_cache(maxsize=262144)
def noun(word: str) -> str:
    """One lower-case word without its number, in one spelling: a key in which "mount" and "mounts" are equal.

    Unlike `stem` it keeps "mounting" and "mounted" apart, which name other things or none. It is no word to show:
    "movies" and "movy" have the same key.
    """
    word = _IRREGULAR_PLURALS.get(word, _SPELLINGS.get(word, word))
    if _PLURAL_ACRONYM.fullmatch(word):
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = _SPELLINGS.get(word[:-1], word[:-1])
        if re.search(r"(?:ch|sh|ss|x|zz)e$", word):
            return word[:-1]
    return word[:-2] + "y" if len(word) > 4 and word.endswith("ie") else word


@lru_cache(maxsize=65536)
def noun_key(text: str) -> str:
    """A text's words as `noun` has them, one space between."""
    return " ".join(noun(word) for word, _, _ in words(fold(text)))


def has_cjk(text: str) -> bool:
    """Whether any Chinese character stands in the text."""
    return _CJK.search(text) is not None


def language_of(text: str) -> str | None:
    """ "zh" or "en" by script, or None where there are no letters. Chinese wins from one character in four words."""
    chinese = len(_CJK.findall(text))
    latin = len(re.findall(r"[A-Za-z]+", text))
    if not chinese and not latin:
        return None
    return "zh" if chinese and chinese * 2 >= latin else "en"


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """The folded words of a text with their start and end offsets in it; a run of Chinese is one word.

    Offsets are those of the given text, which should be `clean` already (cleaning moves offsets).
    """
    for match in WORD.finditer(text):
        yield match.group().casefold(), match.start(), match.end()


def stems(text: str) -> tuple[str, ...]:
    """The stemmed words of a text, in order; a run of Chinese is left whole."""
    return tuple(stem(word) for word, _, _ in words(fold(text)))


def tokens(text: str) -> list[str]:
    """The index terms of a text in order: stems, and for Chinese single characters and pairs of neighbours."""
    return [term for word, _, _ in words(fold(text)) for term in terms_of_word(word)]


def terms_of_word(word: str) -> list[str]:
    """The index terms of one folded word, or of one run of Chinese."""
    if not has_cjk(word):
        return [stem(word)]
    return [*word, *(word[i : i + 2] for i in range(len(word) - 1))]
