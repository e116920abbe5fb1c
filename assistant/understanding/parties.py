"""How many people a thing is wanted for: "a tent for two", "sleeps 4", "with two kids", 一家三口.

In: a message and the catalogue's vocabulary. Out: the number, where it says so, and the values of the facet that counts
people that do for as many. It knows no product.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge_base.constraints.counts import people_values
from knowledge_base.constraints.word_lists import NUMBER_WORDS
from knowledge_base.types import Condition
from knowledge_base.vocabulary import Vocabulary

_NUMBER = r"two|three|four|five|six|seven|eight|[1-9]"
_ZH_NUMBER = r"[单双两一二三四五六七八]|\d"
_END = r"(?=\s*(?:[?.,!]|$|\b(?:in|on|under|with|and|at|that|below|up|less|for)\b))"
_PARTY = re.compile(
    rf"\b(?:for|sleeps?|sleeping|seats|fits) (?P<en>{_NUMBER})(?: (?:people|persons|adults))?{_END}"
    rf"|\b(?:family|party|group) of (?P<family>{_NUMBER})\b"
    rf"|\b(?P<us>{_NUMBER}) of us\b"
    rf"|\b(?P<size>{_NUMBER})[- ](?:person|people|man)\b"
    rf"|\b(?:with|and) (?:my |our |the |her |his )?(?P<kids>{_NUMBER}) (?:kids|children|boys|girls|toddlers)\b"
    rf"|一家(?P<zhfamily>[三四五六]|\d)口|(?P<zhhome>[三四五六]|\d)口之家"
    rf"|(?P<zhmeal>{_ZH_NUMBER})个?人(?:一起)?[吃用住喝睡](?:的|(?=[^\u4e00-\u9fff]|$))?"
    rf"|(?P<zh>{_ZH_NUMBER})个?人(?!工)",
    re.I,
)
_OF_PEOPLE = ("kids", "us", "family", "zhfamily", "zhhome", "zhmeal")
_ALSO = {"单": 1, "双": 2}


@dataclass(frozen=True, slots=True)
class Party:
    """How many people, and where the message says so."""

    number: int
    span: tuple[int, int]
    said_of_people: bool  # it tells who comes along, and not what the thing is: "with two kids"


def party_of(text: str) -> Party | None:
    """The people a message speaks of, or None; whoever brings two children makes three."""
    match = _PARTY.search(text)
    if match is None:
        return None
    group = match.lastgroup or ""
    said = match[group].casefold()
    number = _ALSO.get(said) or NUMBER_WORDS.get(said) or int(said)
    return Party(number + (group == "kids"), match.span(), group in _OF_PEOPLE)


def room_for(party: Party, vocabulary: Vocabulary) -> Condition | None:
    """The values that do for so many people: those that say the number, else those for more; None where the shop
    counts no people."""
    for word in ("person", "people", "人"):
        if names_and_values := people_values(vocabulary, word, party.number):
            return Condition(*names_and_values)
    return None
