"""Messages that ask for the reasons of a recommendation: "why?", "why the second one?", 为什么推荐这款.

In: a `Reading`. Out: the last request again, about the product meant, or None where no reasons are asked for. The
reasons themselves come from the records.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.types import Query
from assistant.understanding import references
from assistant.understanding.judging import ADVICE
from assistant.understanding.message import Reading, blank
from knowledge_base.index import Index

REASON = "reason"  # what such a query asks for, beside "price" and "stock"
_WHY = re.compile(
    r"why(?: (?:do|did|would|are|should) (?:you|i|we))?"
    r"(?: (?:recommend|suggest|pick|choose|take|buy|like|prefer|say|show)\w*)?(?: (?:is|was|in particular|exactly))*"
    r"(?: (?:that|this|it|them|these|those))?(?: one)?|how come|for what reasons?|"
    r"what(?:['’]s| is| are) (?:the|your) reasons?"
    r"|what makes(?: it| this| that)?(?: (?:so )?(?:good|better|special|a good (?:choice|pick)))?"
    r"|what(?:['’]s| is) (?:so )?(?:good|special) about(?: it| this| that)?"
    r"|(?:为什么|为何|为啥|凭什么)(?:你|您|要|会|就|是|选择?|推荐|说|给我)*[它这那]?(?:一?[个款件])?[呢啊呀的]*"
    r"|(?:推荐)?的?(?:理由|原因)(?:是什么|呢)?|好在哪里?|好在哪儿",
    re.I,
)
_AHEAD = re.compile(r"^(?:\W|(?:but|ok|okay|so|and|hm+|oh|well|really|please|tell me)\b|那么?|可是|但是|请问)*", re.I)


def why_asked(reading: Reading, index: Index) -> Query | None:
    """The last request about the product whose reasons are asked for; without any, a query that asks which one."""
    spans = [(m.start, m.end) for m in reading.titles] + list(reading.reference.spans)
    said = _AHEAD.sub("", " ".join(blank(reading.text, spans).split()))
    advice = ADVICE.search(reading.text) and len(reading.reference.table) == 1  # "which would you take", of one
    if not _WHY.fullmatch(re.sub(r"\W+$", "", said)) and not advice:
        return None
    before = reading.search or reading.before
    asked = Query(reading.text, ("product_question",), reading.language, asks=(REASON,))
    picked = any(not references.THIS.fullmatch(reading.text[start:end]) for start, end in reading.reference.spans)
    ids = reading.named or (reading.reference.product_ids if picked else _recommended(reading, index))
    if before is None or not ids:
        return replace(asked, refers_to=ids)
    wanted = replace(before, limit=None, sort="relevance", rank_by=(), rank_word="", exclude=(), than_shown="")
    return replace(
        wanted, text=reading.text, language=reading.language, intents=asked.intents, asks=(REASON,), refers_to=ids
    )


def _recommended(reading: Reading, index: Index) -> tuple[str, ...]:
    """What was talked about last; of a list the first that can be bought, which is what was recommended."""
    shown = reading.reference.shown
    if reading.before is not None and reading.before.refers_to:
        return reading.reference.focus[:1]
    available = [i for i in shown[:3] if index.products[i].available is not False]
    return tuple((available or list(shown))[:1])
