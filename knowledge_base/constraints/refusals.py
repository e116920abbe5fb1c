"""What a message refuses: "not red", "without wool", "不要红色".

In: a marked text. Out: whether a value is refused and from where on, and refused words that no facet has.
"""

from __future__ import annotations

from collections.abc import Iterable

from knowledge_base.constraints import cues
from knowledge_base.constraints.marked import How, MarkedText
from knowledge_base.constraints.result import Mention
from knowledge_base.constraints.word_lists import COMMON_STEMS
from knowledge_base.text import has_cjk, stem
from knowledge_base.types import Condition
from knowledge_base.vocabulary import Vocabulary


class Refusals:
    """Look-ups of refusals in one text."""

    def __init__(self, marked: MarkedText) -> None:
        self._marked = marked
        self._begins: dict[int, int | None] = {}

    def covers(self, start: int, end: int) -> bool:
        """Whether what stands from `start` to `end` is refused, by the words before or after it."""
        return self.begins(start) is not None or bool(cues.NEGATION_AFTER.match(self._marked.tail(end)))

    def begins(self, start: int) -> int | None:
        """Where the words begin that refuse what stands at `start`; None where it is not refused."""
        found = self._cue_before(start)
        if found is None and (named := self._named_from(start)) < start:  # "not material wool", "不要材质铝的"
            return self._cue_before(named)
        return found

    def _cue_before(self, start: int) -> int | None:
        if start not in self._begins:
            head = self._marked.head(start)
            cue = cues.NEGATION_BEFORE.search(head)
            self._begins[start] = start - len(head) + cue.start() if cue else None
        return self._begins[start]

    def _named_from(self, start: int) -> int:
        """Where the facet's own name begins that was read before the value at `start`; `start` without one."""
        end = len(self._marked.text[:start].rstrip())
        begin = end
        while begin > 0 and self._marked.used[begin - 1] == How.FACET:
            begin -= 1
        return begin if begin < end else start

    def titles(self, mentions: Iterable[Mention], vocabulary: Vocabulary) -> list[Condition]:
        """ "not Razer" where no facet has the word: titles must not hold it. Marks what it reads."""
        conditions = []
        read = bytearray(self._marked.used)
        for mention in mentions:
            read[mention.start : mention.end] = bytes([How.SEARCHED]) * (mention.end - mention.start)
        for match in cues.REFUSED_WORD.finditer(self._marked.text):
            group = "en" if match["en"] else "zh"
            start, end = match.span(group)
            word = self._marked.text[start:end]
            known = vocabulary.knows(stem(word.casefold())) or has_cjk(word)
            if any(read[start:end]) or not self._marked.free(start, end) or not known:
                continue
            if stem(word.casefold()) not in COMMON_STEMS:
                conditions.append(Condition(("title",), (word,), negated=True))
                self._marked.mark(match.start(), match.end())
        return conditions
