"""How the assistant passes on what a person of the shop said, and what of its own answer may follow.

In: a `Told` and the answer that the records give. Out: sentences. It quotes word for word and adds nothing to it.
"""

from __future__ import annotations

import re
from typing import Final

from assistant.colleagues.contradicting import contradicts
from assistant.sentences import split_sentences
from assistant.types import Evidence, Language, Query, Told

_NAME: Final = re.compile(r"[^\W\d_][\w .'’-]{0,39}")
_ASKS_MORE: Final = 2  # facets of a product from which a message asks more than the words can answer


def quoted(told: Told, language: Language, for_person: bool = False) -> str:
    """The words with who wrote them: My colleague Anna wrote to you here: “…”"""
    if for_person:  # whoever of the shop sends it, it may be the one who wrote that
        return f"我们在这里告诉过您：“{told.text}”" if language == "zh" else f"As we wrote to you here: “{told.text}”"
    name = told.by if _NAME.fullmatch(told.by) else ""
    if language == "zh":
        return f"我的同事{name}在这里告诉您：“{told.text}”"
    return f"My colleague {name + ' ' if name else ''}wrote to you here: “{told.text}”"


def going_on(language: Language, for_person: bool = False) -> str:
    """What to do where the words leave something open."""
    if for_person:
        return "还有不清楚的地方请告诉我。" if language == "zh" else "Let me know if that leaves something open."
    if language == "zh":
        return "如果还有不清楚的地方，我可以请同事再跟您确认。"
    return "If that leaves something open, I can bring in a colleague again."


def beside(text: str, query: Query, evidence: Evidence, currency: str | None) -> str:
    """What of an answer may be said beside the words of a person: nothing that goes against them, "" for nothing.

    Where they are the answer, the shop's rule is none any more: only what else was asked of a product is said, and
    to a complaint what rests on no source.
    """
    told = evidence.told
    if any(one.answers for one in told) and len(query.asks) < _ASKS_MORE and "complaint" not in query.intents:
        return ""
    titles = [hit.entry.title if hit.entry.kind != "product" else "" for hit in evidence.hits]

    def subject(sentence: str) -> str:
        cited = [int(n) for n in re.findall(r"\[(\d{1,3})\]", sentence)]
        return " ".join(titles[n - 1] for n in cited if 0 < n <= len(titles))

    if any(one.answers for one in told):
        text = "".join(s for s in split_sentences(text) if "complaint" not in query.intents or not subject(s))
    kept = [s for s in split_sentences(text) if not any(contradicts(s, one, currency, subject(s)) for one in told)]
    return "".join(kept).strip()
