"""Every sentence of a draft held against the evidence before a shopper sees it.

In: one sentence of a draft, what the shopper asked, and all that may be stated. Out: the sentence as it may be
released, rewritten from the record, or "" where it is dropped, with a `Finding` for everything that was wrong. It
refuses to trust the model, and itself: a check that fails to run counts as failed.

`reading` takes a sentence apart; `holding` and `identifiers` judge figures, `names`, `links`, `promises` and
`assertions` the rest of what is said, `hygiene` markup and noise, `foundation` what no record speaks of,
`planted` what a record wants to be said.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping

from assistant.checking.assertions import attribute_faults, order_faults, superlative_faults
from assistant.checking.foundation import foundation_faults
from assistant.checking.grounds import order_text
from assistant.checking.holding import Fault, figure_faults
from assistant.checking.hygiene import faults as hygiene_faults
from assistant.checking.identifiers import identifier_faults
from assistant.checking.links import link_faults
from assistant.checking.mentions import citations_in
from assistant.checking.names import name_faults
from assistant.checking.planted import planted_faults
from assistant.checking.promises import policy_faults, stock_faults
from assistant.checking.reading import Draft, Subject, read
from assistant.colleagues.contradicting import contradicts
from assistant.generation.figures import money
from assistant.generation.naming import option_words, shorten
from assistant.sentences import split_sentences
from assistant.types import Evidence, Finding, Language, Query
from knowledge_base.shop import ShopInfo
from knowledge_base.types import Variant

_log = logging.getLogger(__name__)

_Check = Callable[[Draft], Iterable[Fault]]
_ENOUGH_CHARS = 24


def _hygiene(draft: Draft) -> Iterable[Fault]:
    known = "\n".join([ground.text for ground in draft.grounds] + [order_text(o) for o in draft.evidence.orders])
    known += "\n" + "\n".join((draft.info.name, draft.info.greeting, draft.info.hours, *draft.info.handoff.values()))
    found = hygiene_faults(draft.text, draft.before, draft.query.language, known, draft.query.text)
    return [Fault(check, detail) for check, detail in found]


def _colleague(draft: Draft) -> Iterable[Fault]:
    told, currency = draft.evidence.told, draft.info.currency
    against = [one for one in told if contradicts(draft.text, one, currency, draft.cited_titles)]
    return [Fault("colleague", f"it goes against what a person said: {one.text!r}") for one in against]


def _citations(draft: Draft) -> Iterable[Fault]:
    return [Fault("citation", f"[{n}] is no source of this reply") for n in draft.dangling]


CHECKS: Mapping[str, _Check] = {
    "hygiene": _hygiene,
    "colleague": _colleague,
    "citation": _citations,
    "link": link_faults,
    "figure": figure_faults,
    "identifier": identifier_faults,
    "name": name_faults,
    "policy": policy_faults,
    "stock": stock_faults,
    "order": order_faults,
    "superlative": superlative_faults,
    "attribute": attribute_faults,
    "foundation": foundation_faults,
    "planted": planted_faults,
}


def check_sentence(
    sentence: str,
    query: Query,
    evidence: Evidence,
    info: ShopInfo,
    before: str = "",
    checks: Mapping[str, _Check] = CHECKS,
) -> tuple[str, tuple[Finding, ...]]:
    """The sentence as it may be released ("" = dropped), and what was found.

    `before` is what of this reply was released already: it tells what "it" is, and what a table's columns are. A wrong
    price or stock of a clearly named product is rewritten from its record; everything else that fails is dropped.
    """
    if not re.search(r"\w", sentence):
        return sentence, ()
    faults: list[Fault] = []
    try:
        draft = read(sentence, query, evidence, info, before)
        for check in checks.values():
            faults += check(draft)
            if faults and faults[0].check in ("markup", "disclosure", "instruction", "language", "noise", "colleague"):
                break
        rewritten = _rewritten(draft, faults) if faults else _rightly_cited(draft)
    except Exception:  # noqa: BLE001  the safety edge: what cannot be checked may not be said
        _log.exception("a check could not run")
        return "", (Finding("error", "refuse", "a check could not run, so the sentence was dropped"),)
    if not faults and rewritten != sentence:
        return rewritten, (Finding("citation", "rewrite", "a product was cited by another one's number"),)
    action = "rewrite" if rewritten else "refuse"
    return rewritten, tuple(Finding(fault.check, action, fault.detail) for fault in faults)  # type: ignore[arg-type]


def check_reply(text: str, query: Query, evidence: Evidence, info: ShopInfo) -> tuple[str, tuple[Finding, ...]]:
    """A whole draft, sentence by sentence: what may be released of it, and everything found."""
    kept: list[str] = []
    findings: list[Finding] = []
    for sentence in split_sentences(text):
        released, found = check_sentence(sentence, query, evidence, info, "".join(kept))
        kept.append(released)
        findings += found
    return "".join(kept), tuple(findings)


def is_enough(text: str, n_dropped: int) -> bool:
    """Whether what is left of a draft still answers: some words, and no more sentences dropped than kept."""
    kept = [sentence for sentence in split_sentences(text) if re.search(r"\w", sentence)]
    return len(text.strip()) >= _ENOUGH_CHARS and n_dropped <= len(kept)


def _rightly_cited(draft: Draft) -> str:
    """The sentence with the number of another product behind a product's name replaced by its own."""
    said = draft.text
    for start, end, numbers in reversed(citations_in(draft.text)):
        before = [m for m in draft.mentions if m.named and m.end <= start]
        rows = tuple(n - 1 for n in numbers)
        if not before or before[-1].cited != rows or len(before[-1].rows) != 1:
            continue
        row = before[-1].rows[0]
        if row not in rows and all(draft.grounds[other].product is not None for other in rows):
            said = f"{said[:start]}[{row + 1}]{said[end:]}"
    return said


def _rewritten(draft: Draft, faults: list[Fault]) -> str:
    """The record's own sentence in place of a wrong price or stock of one named product; else ""."""
    subjects = {id(fault.subject.ground): fault.subject for fault in faults if fault.subject is not None}
    checks = {fault.check for fault in faults}
    if len(subjects) != 1 or any(fault.subject is None for fault in faults) or draft.is_row or len(checks) != 1:
        return ""
    subject = next(iter(subjects.values()))
    tail = draft.text[len(draft.text.rstrip()) :]
    bullet = re.match(r"\s*(?:[-*•]\s|\d+[.)]\s)?", draft.text)
    said = _price_sentence(subject, draft) if checks == {"price"} else _stock_sentence(subject, draft)
    return f"{bullet[0] if bullet else ''}{said}{tail}" if said and said not in draft.before else ""


def _price_sentence(subject: Subject, draft: Draft) -> str:
    product, language = subject.ground.product, draft.query.language
    if product is None:
        return ""
    chosen = subject.variants
    prices = sorted({v.price for v in chosen if v.price is not None})
    if not prices:
        return ""
    low, high = (money(price, product.currency or draft.info.currency, language) for price in (prices[0], prices[-1]))
    name = _name(subject, chosen, language)
    if language == "zh":
        return (
            f"{name}[{subject.ground.n}]售价{low}。"
            if low == high
            else f"{name}[{subject.ground.n}]售价{low}到{high}。"
        )
    cost = f"costs {low}" if low == high else f"costs from {low} to {high}"
    return f"{name} [{subject.ground.n}] {cost}."


def _stock_sentence(subject: Subject, draft: Draft) -> str:
    product, language = subject.ground.product, draft.query.language
    if product is None:
        return ""
    chosen = subject.variants
    states = {v.in_stock for v in chosen}
    if None in states or len(states) != 1:
        return ""
    name = _name(subject, chosen, language)
    if language == "zh":
        return f"{name}[{subject.ground.n}]{'有现货' if True in states else '暂时缺货'}。"
    return f"{name} [{subject.ground.n}] is {'in stock' if True in states else 'out of stock'}."


def _name(subject: Subject, chosen: tuple[Variant, ...], language: Language) -> str:
    product = subject.ground.product
    assert product is not None
    name = shorten(product.title)
    options = option_words(chosen[0].options, language) if len(chosen) == 1 and chosen[0].options else ""
    if language == "zh":
        return f"「{name}」" + (f"（{options}）" if options else "")
    article = "" if name.lower().startswith("the ") else "The "
    return f"{article}{name}" + (f" ({options})" if options else "")
