"""Whether a draft says what somebody planted in a record for it to say.

In: a `Draft`. Out: a `Fault` for a sentence that repeats a part of a record, or of a message, which speaks to whoever
answers and not to shoppers. Such a text backs nothing: neither its words nor its links. It refuses to know what the
text wants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.checking.holding import Fault
from assistant.checking.links import DOMAIN, EMAIL, URL
from assistant.checking.reading import Draft
from knowledge_base.text import fold

_INSTRUCTS = re.compile(
    r"(?i)\byour (?:answer|response|reply|responses|answers|replies)\b|\b(?:this|my|next|any) prompts?\b"
    r"|\bchat ?gpt\b|\bpretend(?:ing)?\b|\b(?:ignore|disregard|forget) (?:any|all|the|your|every)\b"
    r"|\b(?:act as|role-?play|respond (?:as|with|how))\b|\bjust (?:say|print)\b|\byou are (?:now|going to)\b"
    r"|\blanguage model\b|\bDAN\b|\bdeveloper mode\b|\bstay (?:a |in )\b|\bstop everything\b"
    r"|你的(?:回答|回复|输出)|(?:忽略|无视)(?:以上|之前|所有|任何)|扮演|提示词"
)
_SHORTEST = 6


def planted_faults(draft: Draft) -> Iterator[Fault]:
    """Sentences, and links, that stand in what a record says to whoever answers."""
    spoken = [*(ground.text for ground in draft.grounds), draft.query.text]
    texts = [text for each in spoken if (text := _instructions(each))]
    if not texts:
        return
    said = _letters(re.sub(r"\[\d[\d, ]*\]", "", draft.text))
    links = [_letters(m[0]) for p in (URL, EMAIL, DOMAIN) for m in p.finditer(draft.text)]
    for text in texts:
        if (len(said) >= _SHORTEST and said in text) or any(link in text for link in links):
            yield Fault("planted", "repeats what a record tells whoever answers to say")
            return


@lru_cache(maxsize=2048)
def _instructions(text: str) -> str:
    """The letters of a record that speaks to whoever answers; "" of any other."""
    return _letters(text) if _INSTRUCTS.search(text) else ""


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", fold(text))
