"""What is left of a message once its constraints are read: text to search for, kind of thing, terms, unknown words.

In: a marked text, the mentions found in it, and the vocabulary. Out: `Remainder`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge_base.constraints import cues
from knowledge_base.constraints.filler import split_subject, strip_filler
from knowledge_base.constraints.marked import How, MarkedText
from knowledge_base.constraints.refusals import Refusals
from knowledge_base.constraints.result import Mention
from knowledge_base.constraints.word_lists import COMMON_STEMS, NOISE, STOP_WORDS
from knowledge_base.glossary import names_in
from knowledge_base.text import has_cjk, stem, words
from knowledge_base.translation import in_chinese
from knowledge_base.translation import pieces as chinese_pieces
from knowledge_base.vocabulary import Vocabulary

_MAX_READ = 300  # characters in which unexplained words are looked for
_MAX_CLAUSES = 24  # of a message, the last ones, that may say what it is about
_CLAUSE = re.compile(r"[,.!?;:，。！？；：\n]+(?![0-9])")


@dataclass(frozen=True, slots=True)
class Remainder:
    """`residual`, `subject`, `terms` and `unexplained` as in `Constraints`."""

    residual: str
    subject: str
    terms: tuple[str, ...]
    unexplained: tuple[str, ...]


def read_remainder(
    marked: MarkedText,
    vocabulary: Vocabulary,
    refusals: Refusals,
    mentions: Sequence[Mention],
    corrections: Mapping[str, str],
    kinds: Sequence[tuple[int, int]] = (),
) -> Remainder:
    """What the text says beside its constraints; a mistyped word is given as the one that was read."""
    reader = _Reader(marked, vocabulary)
    residual, subject, terms = reader.left(mentions, refusals)
    subject, terms = _of_kind(subject, terms, [marked.text[start:end] for start, end in kinds])
    for typed, known in corrections.items():
        if known not in residual:
            residual = f"{residual} {known}".strip()
        subject = subject.replace(typed, known)
    return Remainder(residual, subject, terms, reader.unexplained(mentions, residual, subject))


def _of_kind(subject: str, terms: tuple[str, ...], kinds: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Subject and terms where kinds of things are named in the text: what follows such a name is no part of it."""
    for kind in reversed(kinds):
        if subject and set(subject.casefold().split()) <= set(kind.casefold().split()):
            return kind, terms  # little words belong to a name: "all in one pcs"
    for kind in reversed(kinds):
        if (place := subject.find(kind)) >= 0:  # "hdmi cables longer 5"
            end = place + len(kind)
            return subject[:end], (*terms, *subject[end:].split())
    return (kinds[-1], (*terms, *subject.split())) if kinds else (subject, terms)  # "a lead cable, straight"


class _Reader:
    def __init__(self, marked: MarkedText, vocabulary: Vocabulary) -> None:
        self._marked, self._vocabulary = marked, vocabulary

    def _subject(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The subject of the clause that names something the catalogue knows ("I'm broke, cheapest keyboard"); of
        several the last that says it is wanted ("I need a shirt. Choose red"), else the last; of none the text's."""
        clauses = [(clause, *split_subject(strip_filler(clause))) for clause in _CLAUSE.split(text)[-_MAX_CLAUSES:]]
        named = [clause for clause in clauses if clause[1] and not self._only_names_facets(clause[1])]
        known = [clause for clause in named if self._knows_any(clause[1])]
        if not known:
            return split_subject(strip_filler(text))
        wanted = [clause for clause in known if cues.WANTING.search(clause[0])]
        _, subject, terms = (wanted or known)[-1]
        return subject, (*terms, *(word for clause in named if clause[1] != subject for word in clause[2]))

    def _knows_any(self, subject: str) -> bool:
        return has_cjk(subject) or any(self._vocabulary.knows(stem(word.casefold())) for word in subject.split())

    def _only_names_facets(self, subject: str) -> bool:
        """Whether nothing but facet names is left ("size" of "size M or L")."""
        keys = [stem(word) for word in subject.casefold().split()]
        return all(self._vocabulary.named(k) and not self._vocabulary.title_counts.get(k) for k in keys)

    def _of_category(self, mentions: Iterable[Mention]) -> str:
        """The last category said, with the words of the catalogue right before it ("external SSD"); "" without one."""
        said = [m for m in mentions if m.role == "category" and not m.negated and not m.purpose]
        if not said:
            return ""
        start = said[-1].start
        for word, begin, end in reversed(list(words(self._marked.text[: said[-1].start]))):
            adjacent = not self._marked.text[end:start].strip(" -") and self._marked.used[begin] not in (
                How.READ,
                How.FACET,
            )
            key = stem(word)
            if not adjacent or word in STOP_WORDS or key in NOISE or not self._vocabulary.knows(key):
                break
            if any(m.role != "category" and m.start <= begin < m.end for m in mentions):
                break
            start = begin
        return self._marked.text[start : said[-1].end]

    def unexplained(self, mentions: Sequence[Mention], residual: str, subject: str) -> tuple[str, ...]:
        """Words of the residual that name nothing in the catalogue and do not merely ask."""
        text = self._marked.text[:_MAX_READ]  # what stands further on explains nothing about what is wanted
        chinese = has_cjk(residual)
        read = (How.READ, How.FACET)
        said = bytearray(used in read for used in self._marked.used)  # bounds, sorts, measures, parts of facets' values
        for mention in mentions:
            said[mention.start : mention.end] = bytes([How.READ]) * (mention.end - mention.start)
        named = "".join("\x00" if known else letter for letter, known in zip(text, said, strict=False))
        if chinese:
            known = {piece for piece in re.split(r"\s+|的", subject) if piece and self._in_titles(piece)}
            pieces = re.split(r"\s+|的|\x00", strip_filler(named))
            unknown = (p for p in pieces if len(p) >= 2 and has_cjk(p) and p not in known and not self._in_titles(p))
            return tuple(p for p in unknown if not self._in_english(p))
        found = []
        left = [word for word, _, _ in words(strip_filler(named))]
        translated = self._in_chinese(left)
        for word in left:
            key = stem(word)
            asks = word in STOP_WORDS or key in COMMON_STEMS or key in NOISE or len(word) < 3
            if not asks and word not in translated and word.isalpha() and not self._vocabulary.knows(key):
                found.append(word)
        return tuple(dict.fromkeys(found))

    def _in_english(self, said: str) -> bool:
        """Whether what is said ends in the name of a thing that the catalogue has in English."""
        last = chinese_pieces(said)[-1]
        return len(last.said) > 1 and any(
            all(self._vocabulary.knows(stem(word)) for word in name.split()) for name in (*last.names, *last.loose)
        )

    def _in_chinese(self, said: Sequence[str]) -> frozenset[str]:
        """The English words that name what a catalogue has in Chinese."""
        named = [(found.said, found.chinese) for found in names_in(said)] + list(in_chinese(said))
        had = (phrase for phrase, names in named if any(len(name) > 1 and self._in_titles(name) for name in names))
        return frozenset(word for phrase in had for word in phrase)

    def _in_titles(self, piece: str) -> bool:
        return self._vocabulary.in_chinese_title(piece)

    def left(self, mentions: Iterable[Mention], refusals: Refusals) -> tuple[str, str, tuple[str, ...]]:
        """(residual, subject, terms)."""
        text = list(self._marked.text)
        for i, used in enumerate(self._marked.used):
            if used == How.READ:
                text[i] = "\x00"
        for mention in mentions:
            if mention.negated:
                begins = refusals.begins(mention.start)
                start = mention.start if begins is None else begins
                after = cues.NEGATION_AFTER.match(self._marked.tail(mention.end))
                end = mention.end + (after.end() if after else 0)
                text[start:end] = "\x00" * (end - start)
        residual = strip_filler("".join(text))
        for mention in mentions:
            if mention.role != "category":
                suffix = re.match(r"牌子?", self._marked.text[mention.end :]) if mention.role == "brand" else None
                end = mention.end + (suffix.end() if suffix else 0)
                text[mention.start : end] = "\x00" * (end - mention.start)
        kind = "".join(
            "\x00" if used == How.FACET else letter for letter, used in zip(text, self._marked.used, strict=True)
        )
        subject, terms = self._subject(kind)
        if (
            not subject and How.FACET in self._marked.used
        ):  # "lithium battery": the facet's name is all that says what is wanted
            subject, terms = self._subject("".join(text))
            if (
                has_cjk(subject)
                and not self._in_titles(subject)
                and subject.lstrip("带有") in self._vocabulary.chinese_names
            ):
                subject = ""  # "件数5件的" asks for no 件数
        if category := self._of_category(mentions):
            kept = {stem(word) for word, _, _ in words(category)}
            others = (*terms, *(word for word in subject.split() if stem(word.casefold()) not in kept))
            subject, terms = category, tuple(dict.fromkeys(others))
        return residual, subject, terms
