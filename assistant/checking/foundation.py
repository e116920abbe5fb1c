"""Whether what a draft speaks of is spoken of in a record at all.

In: a `Draft`. Out: a `Fault` for a sentence whose matter no record has. Wordings of promises can be listed and evaded;
so a sentence has to consist of words of the records and of what the shopper asked, beside those of `talk`, which claim
nothing. What is left is strange. It refuses to know whether what is said of the matter is true: the other checks do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.checking import claims, talk
from assistant.checking.grounds import order_text, stems_in
from assistant.checking.holding import Fault
from assistant.checking.links import DOMAIN, EMAIL, URL
from assistant.checking.reading import Draft
from assistant.generation.conditions import describe_filters
from knowledge_base.text import fold, stem

_CITED = re.compile(r"\[\d[\d, ]*\]")
_CJK = re.compile("[\u3400-\u9fff]+")
# A sentence about the shop, its services or the shopper's purchase has to be wholly made of the records' words.
_OF_THE_SHOP = re.compile(
    r"(?i:\b(?:we|us|our|ours|I|I'll|I've|my|me|your? orders?|every|everyone|everybody|anyone|always|whatever|no matter"
    r"|free|pay|paid|nobody|nothing)\b)|我们|咱们|本店|我(?!们)|一律|不管|无论|全(?:国|部|场|免|包)|都(?:能|管|可以)|随时|免|您的"
)
_MOST_STRANGE = 2
_MOST_STRANGE_CHARS = 3


def foundation_faults(draft: Draft) -> Iterator[Fault]:
    """Sentences whose matter is in no record."""
    if draft.is_row or claims.DECLINED.search(draft.text) or draft.is_quoted(0, len(draft.text.strip())):
        return
    said = _bare(draft)
    known = _known(draft)
    of_the_shop = bool(_OF_THE_SHOP.search(draft.text)) or not (draft.mentions or draft.carried)
    if draft.query.language == "zh":
        strange, n_words = _strange_chinese(said, known)
        n_strange = sum(map(len, strange))
        allowed = 1 if of_the_shop else _MOST_STRANGE_CHARS
    else:
        strange, n_words = _strange_english(said, known)
        n_strange = len(strange)
        allowed = 0 if of_the_shop else _MOST_STRANGE - 1
    mostly = n_strange > 0 and n_strange * 2 > n_words
    # A question claims nothing; still it is about something.
    if (mostly and len(strange) > 1) if draft.is_question() else (n_strange > allowed or mostly):
        yield Fault("foundation", f"{', '.join(strange)[:80]!r}: no record speaks of it")


def _bare(draft: Draft) -> str:
    """The sentence without what others check: names of products, quotations, figures and citations."""
    letters = list(draft.text)
    spans = [(m.start, m.end) for m in draft.mentions if m.named]
    spans += [(q.start, q.end) for q in draft.quantities] + list(draft.quoted)
    spans += [(m.start(), m.end()) for p in (_CITED, URL, EMAIL, DOMAIN) for m in p.finditer(draft.text)]
    for start, end in spans:
        letters[start:end] = " " * (end - start)
    return "".join(letters)


def _known(draft: Draft) -> frozenset[str]:
    """The stems and pairs of characters that the sentence may be made of."""
    info, query = draft.info, draft.query
    texts = [*draft.allowed_texts(), query.text, query.subject, info.name, info.hours, info.greeting]
    texts += [*info.handoff, *info.handoff.values(), *info.links, *describe_filters(query, info)]
    texts += [word for c in (*query.filters.conditions, *query.wishes) for word in (*c.names, *c.values)]
    texts += [*query.asks, *query.terms, *draft.evidence.relaxed]
    texts += [order_text(order) for order in draft.evidence.orders]
    texts += [told.text for told in draft.evidence.told]
    known = frozenset().union(*(stems_in(text) for text in texts))
    if draft.evidence.orders:
        known |= talk.ORDERS
    cited = set(draft.cited)
    passages = [g for g in draft.grounds if g.product is None and (not cited or g.n - 1 in cited)]
    spoken = frozenset().union(*(stems_in(ground.text) for ground in passages))
    return known.union(*(words for named, words in talk.MATTERS if spoken & named))


def _strange_english(said: str, known: frozenset[str]) -> tuple[list[str], int]:
    """The words of no record, and how many words say anything at all."""
    words = re.findall(r"[a-z]{3,}", re.sub(r"['’](?:s|t|ll|ve|re|d|m)\b", "", fold(said)))
    content = [word for word in words if stem(word) not in talk.ENGLISH]
    return [word for word in content if stem(word) not in known], len(content)


def _strange_chinese(said: str, known: frozenset[str]) -> tuple[list[str], int]:
    """The runs of characters of no record, and how many characters say anything at all."""
    strange, n_chars = [], 0
    for run in _CJK.findall(fold(said)):
        marks = [run[i : i + 2] in known for i in range(len(run) - 1)]
        held = [any(marks[max(0, i - 1) : i + 1]) for i in range(len(run))]
        unknown = "".join(letter if not is_held else " " for letter, is_held in zip(run, held, strict=True))
        rest = talk.CHINESE.sub(" ", unknown)
        strange += rest.split()
        n_chars += len(re.sub(r"\s", "", talk.CHINESE.sub("", run)))
    latin = [w for w in re.findall(r"[a-z]{3,}", fold(said)) if stem(w) not in known and stem(w) not in talk.ENGLISH]
    return strange + latin, n_chars + sum(map(len, latin))
