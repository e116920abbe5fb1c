"""How shoppers ask: many wordings of every kind of question, in English and Chinese.

In: the parts of a question (a product's title, a price limit, a colour). Out: one wording of it, drawn at random. The
wordings are this module's own; nothing was taken from the assistant's understanding, so that it meets them unprepared.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

_ORDINALS = {"en": ("first", "second", "third", "fourth"), "zh": ("一", "二", "三", "四")}
_NUMBERS = {"en": ("one", "two", "three", "four", "five"), "zh": ("一", "两", "三", "四", "五")}
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥", "JPY": "¥"}
_WORDS = {
    ("USD", "en"): ("{} dollars", "{} bucks", "USD {}", "{} USD"),
    ("EUR", "en"): ("{} euros", "{} euro", "EUR {}", "{} EUR"),
    ("GBP", "en"): ("{} pounds", "GBP {}"),
    ("CNY", "en"): ("{} yuan", "{} RMB"),
    ("USD", "zh"): ("{}美元", "{}美金"),
    ("EUR", "zh"): ("{}欧元", "{}欧"),
    ("CNY", "zh"): ("{}元", "{}块", "{}块钱", "{}"),
    ("GBP", "zh"): ("{}英镑",),
}


@cache
def wordings(language: str) -> Mapping[str, tuple[str, ...]]:
    """Every wording by kind of question, as `phrasing_en.toml` and `phrasing_zh.toml` list them."""
    text = Path(__file__).with_name(f"phrasing_{language}.toml").read_text(encoding="utf-8")
    return {kind: tuple(lines) for kind, lines in tomllib.loads(text).items()}


def say(kind: str, language: str, chance: random.Random, **parts: str) -> str:
    """One wording of the question with its parts filled in; only wordings whose parts are all given are drawn."""
    fitting = [t for t in wordings(language)[kind] if set(re.findall(r"{(\w+)}", t)) <= parts.keys()]
    return chance.choice(fitting).format(**parts)


def say_amounts(amounts: Sequence[Decimal], currency: str | None, language: str, chance: random.Random) -> list[str]:
    """Amounts as people write them, all in one way: "$50", "50 bucks", "300块"."""
    sign = _SIGNS.get(currency or "")
    phrases = list(_WORDS.get((currency or "", language), ("{}",)))
    if sign:
        phrases += [sign + "{}"] * (len(phrases) + 1 if language == "en" else 1)
    phrase = chance.choice(phrases)
    return [phrase.format(f"{a:,.2f}" if a != a.to_integral_value() else f"{int(a):d}") for a in amounts]


def ordinal(place: int, language: str) -> str:
    """The place (1-based) in words, as it stands before "one" or after "第"."""
    return _ORDINALS[language][place - 1]


def number(value: int, language: str, chance: random.Random) -> str:
    """A small number, in digits or as a word."""
    return chance.choice((str(value), _NUMBERS[language][value - 1]))


def mistype(text: str, words: list[str], chance: random.Random) -> str | None:
    """The text with one typing error in one of the words (six letters or more); None where none is long enough."""
    candidates = [word for word in words if re.fullmatch(r"[A-Za-z]{6,}", word) and word in text]
    if not candidates:
        return None
    word = chance.choice(candidates)
    place = chance.randrange(1, len(word) - 2)
    wrong = chance.choice((
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        word[:place] + word[place + 1 :],
        word[:place] + word[place] + word[place:],
    ))  # fmt: skip
    return text.replace(word, wrong, 1) if wrong != word else None
