"""Everything at the counter that is about neither products nor orders: policies, complaints, people, small talk.

In: a scene. Out: a paragraph or two. Passages are quoted word for word with their citation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.generation.passages import Excerpt, adds, excerpt, join_sentences
from assistant.generation.scene import Scene
from assistant.generation.topics import topic_of
from assistant.types import Message
from knowledge_base.text import fold
from knowledge_base.types import Hit

_QUESTION_CHARS = 200  # of a question that is named again
_SECOND_SHARE = 0.7  # a second passage must match at least this much of the first one's match
_WAYS = ("email", "phone", "chat", "wechat", "whatsapp", "contact", "url", "电话", "邮箱", "微信", "客服")


def policy(scene: Scene) -> str:
    """The sentences of the best passage that answer, cited; one more from a second passage that adds something."""
    passages = scene.evidence.passages
    if not passages or not scene.evidence.answerable:
        return declined(scene)
    text = scene.query.text
    first, second = passages[0], passages[1] if len(passages) > 1 else None
    best = _excerpt(text, first)
    if not best.sentences:
        return declined(scene)
    parts = [_cited(best, scene.mark(first))]
    if second is not None:
        more = _excerpt(text, second, limit=1)
        own = more.score >= _SECOND_SHARE * best.score and more.score >= 0.8 and len(more.text) <= 240
        if more.sentences and own and adds(text, best.text, more.text):
            parts.append(_cited(more, scene.mark(second)))
    return ("" if scene.query.language == "zh" else " ").join(parts)


def _excerpt(question: str, hit: Hit, limit: int = 3) -> Excerpt:
    return excerpt(question, hit.entry.text, hit.entry.title, limit)


def _cited(found: Excerpt, mark: str) -> str:
    """The sentences with the citation before the final mark of each, so that each stands on its own."""
    return join_sentences([cite(sentence, mark) for sentence in found.sentences])


def cite(sentence: str, mark: str) -> str:
    """A quoted sentence with its citation: "Returns are free [2]."."""
    match = re.search(r"[.!?。！？；;:：]+[\"”』」)）]*$", sentence)
    if match is None:
        return f"{sentence} {mark}."
    chinese = match.group()[0] in "。！？；："
    return f"{sentence[: match.start()]}{'' if chinese else ' '}{mark}{match.group()}"


def declined(scene: Scene) -> str:
    """The shop's data does not answer: says so in the shopper's words, offers a person and what it can help with."""
    topic = topic_of(scene.query) if not scene.evidence.answerable else ""
    if scene.for_person:
        return scene.say.declined_in_person(topic)
    return scene.say.declined(topic, contact(scene), products=not scene.evidence.orders)


def contact(scene: Scene) -> str:
    """How to reach a person, from the shop's settings."""
    return scene.say.contact(_ways(scene.info.handoff, scene.query.language), scene.info.hours)


def _ways(handoff: Mapping[str, str], language: str) -> str:
    """The contacts among the hand-off settings; rules are not for the shopper's eyes."""
    found = []
    for key, value in handoff.items():
        if any(way in fold(key) for way in _WAYS) and value and "\n" not in value:
            found.append(value)
    return ("、" if language == "zh" else " or ").join(dict.fromkeys(found))


# -- people ----------------------------------------------------------------------------------------------------------


def complaint(scene: Scene) -> str:
    """Empathy first, then a concrete next step with a person."""
    gap = "" if scene.query.language == "zh" else " "
    has_order = scene.query.order_ref is not None or bool(scene.evidence.orders)
    step = scene.say.complaint_step(has_order=has_order, in_person=scene.for_person)
    return f"{scene.say.sorry(scene.style)}{gap}{step}"


def handoff(scene: Scene) -> str:
    """To a person; or that person's first words, with the question that was left open."""
    if scene.for_person:
        return scene.say.handoff_in_person(_left_open(scene.history))
    return scene.say.handoff(_ways(scene.info.handoff, scene.query.language), scene.info.hours)


def _left_open(history: Sequence[Message]) -> str:
    """The shopper's last question that the shop's data did not answer; "" where there is none."""
    asked = question = ""
    for message in history:
        if message.role == "shopper":
            question = message.text
        elif message.role == "agent":
            asked = ""
        elif not message.answered:
            asked = question
    return " ".join(asked.split())[:_QUESTION_CHARS]


_THANKS = re.compile(r"\b(?:thanks?|thank you|thx|cheers|appreciate)\b|谢|感谢|多谢", re.I)
_BYE = re.compile(r"\b(?:bye|goodbye|see you|good night|that'?s all)\b|再见|拜拜|回头见|晚安", re.I)
_WHO = re.compile(
    r"\b(?:who|what) are you\b|\bare you (?:a |an )?(?:human|bot|robot|ai|real|person|machine)|what can you do|"
    r"你是谁|你是什么|机器人|真人|人工智能|你能做什么|会什么|能帮",
    re.IGNORECASE,
)
_HOW = re.compile(r"\bhow(?:'s| are| is) (?:you|it going|things)\b|你好吗|最近怎么样", re.I)


def small_talk(scene: Scene) -> str:
    """Greeting, thanks, goodbye, who are you."""
    say, text, shop = scene.say, scene.query.text, scene.info.name
    if _WHO.search(text):
        return say.who(shop)
    if _BYE.search(text):
        return say.bye(shop)
    if _THANKS.search(text):
        return say.thanks(scene.style)
    if _HOW.search(text):
        return say.fine()
    own = scene.info.greeting if scene.info.language[:2] == scene.query.language else ""
    return say.greeting(shop, own)


def out_of_scope(scene: Scene) -> str:
    """One polite line back to the shop."""
    return scene.say.out_of_scope(scene.info.name)
