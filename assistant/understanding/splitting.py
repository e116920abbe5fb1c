"""One message that asks two things: "how many headlamps do you have, and which is the brightest?".

In: a message. Out: its questions, each as a message of its own. It understands none of them; whether they are better
answered one by one is decided where both are understood.
"""

from __future__ import annotations

import re

from knowledge_base.text import has_cjk

_MAX_CHARS = 400  # what is longer tells a story, and its sentences lean on one another
_I = re.IGNORECASE
_ASKS = re.compile(
    r"^\W*(?:(?:hi|hello|hey|so|ok|okay|and|but|also|then|plus|please|now)\W+)*"
    r"(?:which|what|what['’]s|how|when|where|who|do|does|is|are|can|could|will|would|have)\b",
    _I,
)
_ONLY_ASKS = re.compile(
    r"^\W*(?:how (?:many|much)|which(?: ones?)?|what|where|when|who|why|(?:有)?(?:多少|几)[个款种件]?|分别(?:都)?[是有](?:什么|哪些|多少|哪几[个款种]))\W*$",
    _I,
)
_ASKS_ZH = re.compile(r"[吗呢么嘛]\W*$|多少|几[个款天种件]|哪|怎么|什么|有没有|能不能|可不可以|是不是|多[重大长高久]")
_JUDGING = r"which is (?:the )?(?:\w+er|\w+est|more|most|less|least|best)\b"
_CUT = re.compile(
    r"(?<=[?？])\s*|(?<=[.!])\s+(?=[A-Z])|"
    r"[,;]?\s+(?:and|but|also|plus)\s+(?:also\s+)?(?=(?:what|how|when|where|who|do you|does|is there|"
    rf"are there|is it|are they|can i|can you|could (?:i|you)|which (?:one|of)\b|{_JUDGING}))",
    _I,
)
_CUT_ZH = re.compile(r"(?<=[？?。；;])\s*|[，,](?:还有|另外|顺便问一?下?|以及|并且|再问一?下?)?[，,]?")


def questions_in(text: str) -> tuple[str, ...]:
    """The two questions of a message that asks exactly two; else the message alone.

    What is said before the first question belongs to it, what follows a question to that one.
    """
    if len(text) > _MAX_CHARS:
        return (text,)
    chinese = has_cjk(text)
    pieces = [piece for piece in (_CUT_ZH if chinese else _CUT).split(text) if piece and re.search(r"\w", piece)]
    asks = _ASKS_ZH.search if chinese else _ASKS.search
    found: list[str] = []
    before = ""
    for piece in pieces:
        if found and _ONLY_ASKS.match(piece):  # "do you have many mugs? How many?"
            found[-1] = f"{found[-1].rstrip()}{'' if chinese else ' '}{piece}"
        elif asks(piece):
            found.append(f"{before}{piece}")
            before = ""
        elif found:
            found[-1] = f"{found[-1].rstrip()}{'，' if chinese else ' '}{piece}"
        else:
            before = f"{before}{piece}{'，' if chinese else ' '}"
    return tuple(question.strip() for question in found) if len(found) == 2 else (text,)
