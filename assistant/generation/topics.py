"""What a question is about, in the shopper's own words: "do you rent out tents" is about "renting out tents".

In: a query that the shop's data does not answer. Out: a short noun phrase that fits behind "anything on", or "" where
the message is none that can be turned into one safely. It knows no record.
"""

from __future__ import annotations

import re

from assistant.types import Query
from knowledge_base.text import has_cjk

_MOST_WORDS = 7
_MOST_CHARS = 16
_GREETING = re.compile(r"^(?:hi|hello|hey|please|sorry|excuse me|ok|so|and|but|also)\b[\s,!.]*", re.I)
_ASKED = re.compile(
    r"(?:do|did|does|can|could|will|would|may|might|should|must|are|is)\s+"
    r"(?:you guys|you|i|we|they|it|one|your (?:shop|store))\s+(?:also |still |ever |even |already |please |able to )*"
    r"(?P<verb>[a-z]+)\b(?P<rest>.*)",
    re.I,
)
_THERE = re.compile(r"(?:is|are) there (?:any )?(?P<noun>.+)", re.I)
_HAVING = re.compile(r"(?:have|got|offer|provide|sell|stock|carry|do|run|accept|give|know)", re.I)
_PREPOSITION = re.compile(r"(?:to|in|at|on|for|from|with|by|into|after|before)\b", re.I)
_UNUSABLE = re.compile(
    r"\b(?:who|what|when|where|why|how|which|if|whether|it|them|this|that|these|those|he|she|they)\b|[;:?!,]", re.I
)
_TURNED = {"my": "your", "me": "you", "mine": "yours", "i": "you", "our": "your", "us": "you", "your": "our"}
_NO_GERUND = frozenset("be the a an any all some more it there get need want price".split())  # noqa: SIM905
_OPENING_ZH = re.compile(
    r"^(?:请问|你好|您好|那|那么|你们|您们|咱们|这边|店里|本店|贵店|我想问一?下?|想问一?下?|我想|我要)+[，,]?"
)
_ASKING_ZH = re.compile(r"^(?:可不可以|可以|能不能|能否|能|有没有|有|是不是|是否|会不会|会|支不支持|支持)")
_END_ZH = re.compile(r"(?:吗|么|呢|嘛|没有|不)?[？?。！!\s]*$")
_UNUSABLE_ZH = re.compile(r"什么|怎么|多少|多久|几|哪|谁|为何|为什么|[，,。；;：:“”]")


def topic_of(query: Query) -> str:
    """The topic of a question, "" where none can be told from its words."""
    if query.language == "zh":
        return _chinese(query.text.strip()) if has_cjk(query.text) else ""
    return _english(query.text.strip())


def _english(text: str) -> str:
    text = _GREETING.sub("", text.rstrip("?!. "))
    if there := _THERE.fullmatch(text):
        return _phrase(there["noun"])
    asked = _ASKED.fullmatch(text)
    if asked is None:
        return ""
    verb, rest = asked["verb"].lower(), asked["rest"].strip()
    if verb in _NO_GERUND:
        return ""
    if _HAVING.fullmatch(verb):
        return _phrase(re.sub(r"^(?:any|some)\s+", "", rest)) if rest and verb not in ("get", "need", "want") else ""
    return _phrase(f"{gerund(verb)} {rest}".strip())


def _phrase(words: str) -> str:
    """The words as they are said back, "" where they do not stand on their own."""
    said = words.split()
    if not said or len(said) > _MOST_WORDS or _UNUSABLE.search(words):
        return ""
    return " ".join(_TURNED.get(word.lower(), word) for word in said)


def gerund(verb: str) -> str:
    """The -ing form: "rent" -> "renting", "charge" -> "charging", "ship" -> "shipping"."""
    if verb.endswith("ing") and len(verb) > 5:
        return verb
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    if verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")):
        return f"{verb[:-1]}ing"
    if re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprt]", verb) and len(verb) <= 5:
        return f"{verb}{verb[-1]}ing"
    return f"{verb}ing"


def _chinese(text: str) -> str:
    topic = _END_ZH.sub("", _ASKING_ZH.sub("", _OPENING_ZH.sub("", text)))
    return topic if 2 <= len(topic) <= _MOST_CHARS and not _UNUSABLE_ZH.search(topic) else ""
