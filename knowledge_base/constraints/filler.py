"""Phrases without what merely carries a request: politeness, particles, "do you have"; and what then is the thing.

In: a text. Out: its words that describe something, and of a phrase the subject and the terms beside it. It knows no
catalogue.
"""

from __future__ import annotations

import re

from knowledge_base.constraints import cues
from knowledge_base.constraints.word_lists import NOISE, STOP_WORDS
from knowledge_base.text import has_cjk, stem, words

PREPOSITION = re.compile(r"\b(?:for|with|that|which|who|to|in|on|from|by|of|under|at|when|while|because|since)\b", re.I)

_FOR_WHOM = re.compile(r"(?:适合|适用于?|给|供).{1,8}[用穿吃喝玩戴]?")
_TRIM_START = re.compile(rf"^(?:(?!有[线机氧框盖柄声源弹])[{cues.TRIM_START_ZH}])+")


def strip_filler(text: str) -> str:
    """A text without carrier phrases and particles; "\\x00" separates stretches that were cut out already."""
    pieces = []
    for piece in re.split(r"[\x00\n,.!?;:，。！？；：、()（）\"“”]+(?![0-9])", cues.FILLER_PHRASES.sub(" ", text)):
        for chinese in cues.FILLER_ZH.split(piece) if has_cjk(piece) else (piece,):
            part = chinese.strip()
            if has_cjk(part):
                part = _TRIM_START.sub("", part).rstrip(cues.TRIM_ZH).strip()
            tokens = part.split()
            while tokens and tokens[0].casefold().strip("'’") in STOP_WORDS:
                tokens.pop(0)
            while tokens and tokens[-1].casefold().strip("'’") in STOP_WORDS:
                tokens.pop()
            if tokens:
                pieces.append(" ".join(tokens))
    return " ".join(pieces)


def split_subject(text: str) -> tuple[str, tuple[str, ...]]:
    """("jacket", ("hiking",)) of "jacket for hiking": what stands before the first preposition, and the words after."""
    if has_cjk(text):
        parts = [part for part in re.split(r"\s+|的", text) if part]
        if parts and _FOR_WHOM.fullmatch(parts[-1]):  # "有没有适合老人用的": no kind of thing is named
            return "", tuple(parts)
        return (parts[-1] if parts else ""), tuple(parts[:-1])
    match = PREPOSITION.search(text)
    head, tail = (text[: match.start()], text[match.end() :]) if match else (text, "")
    head_words = [w for w in head.split() if w.casefold() not in STOP_WORDS and stem(w.casefold()) not in NOISE]
    if not head_words and match:
        return split_subject(tail)
    tail_words = [w for w, _, _ in words(tail) if w not in STOP_WORDS]
    return " ".join(head_words), tuple(tail_words)
