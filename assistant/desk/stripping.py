"""What somebody wrote in one conversation made fit for everybody: without personal data and without address.

In: a question or an answer, and what is known to be the shopper's. Out: what is left of it. Personal data in a question
is taken out; a sentence of an answer that has any is left out, because what it says is about one shopper. Names are not
recognised where they stand alone: who proposes and who approves read what is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from assistant.privacy.masking import Masker
from assistant.understanding.intents import order_ref

_MARK = "\ue000"
_SENTENCE = re.compile(r".+?(?:[.!?]+(?=\s)\s*|[。！？；]+\s*|\n+\s*|\Z)", re.DOTALL)
_GREETING = re.compile(
    r"\A\s*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b"
    r"(?:[ ,]+(?!we\b|i\b|you\b|thank|the\b|it\b|no\b|yes\b)[^\s,.!:;]+){0,3}\s*[,.!:]+\s*"
    r"|(?:亲爱的|尊敬的)?[\u4e00-\u9fff]{0,3}(?:先生|女士|小姐)?(?:您好|你好)(?:呀|啊|哦)?"
    r"[，,！!。：:~～]*\s*|亲(?:亲)?[，,！!～~]\s*)",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"\s*(?:^|(?<=[\n.!?]))\s*(?:(?:kind|best|warm)(?:est)? (?:regards|wishes)|best|cheers|sincerely|yours(?: \w+)?"
    r"|many thanks|thanks|thank you)\s*[,!.]?\s*(?:\n\s*)?(?:[A-Z][\w'’-]*(?:[ ]+[A-Z][\w'’-]*){0,3})?\s*\Z",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"[ \t]*(?:\(\s*\)|（\s*）|#(?=\s|$))")
_LOOSE = re.compile(
    r"(?:\b(?:my|the|our)? ?(?:order|phone|e-?mail|number|address|card)(?: (?:number|address|is|no\.?))*[ :#]*)?"
    + _MARK
    + r"|(?:(?:我的)?(?:订单号?|手机号?|电话|邮箱|地址|单号)(?:是|为)?[：: ]*)?"
    + _MARK
)


def stripped_question(text: str, known: Iterable[str] = (), is_public: Callable[[str], bool] = lambda _: False) -> str:
    """A question without personal data, greetings and the values in `known` (order numbers, names); "" for nothing.

    `is_public` says of a value as compared (letters and digits) that the shop itself publishes it.
    """
    marked = _GREETING.sub("", _marked(text, known, is_public), count=1)
    return _tidied(_ASIDE.sub("", _LOOSE.sub("", marked)))


def stripped_answer(text: str, known: Iterable[str] = (), is_public: Callable[[str], bool] = lambda _: False) -> str:
    """The sentences of an answer that have no personal data in them, without address and signature; "" for none."""
    marked = _marked(_SIGN_OFF.sub("", _GREETING.sub("", text, count=1)), known, is_public)
    return _tidied("".join(part for part in _sentences(marked) if _MARK not in part))


def _sentences(text: str) -> list[str]:
    """The sentences of a text with what separates them; the full stop in "help@shop.example" or "4.5" ends none."""
    return _SENTENCE.findall(text)


def _marked(text: str, known: Iterable[str], is_public: Callable[[str], bool]) -> str:
    """The text with a mark in place of everything that is one shopper's."""
    masker = Masker((("order", value) for value in known), is_public)
    masked = masker.mask(text.replace(_MARK, ""))
    for label in masker.values:
        masked = masked.replace(label, _MARK)
    while (number := order_ref(masked)) is not None and number in masked:
        masked = masked.replace(number, _MARK)
    return masked


def _tidied(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    joined = "\n".join(line for line in lines if line)
    joined = re.sub(r"\s+([,.!?;:，。！？；：])", r"\1", joined)
    joined = re.sub(r"([,，;；:：])(?=[,.!?，。！？；;])", "", joined)
    return joined.strip(" \n,，;；:：-–—")
