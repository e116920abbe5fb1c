"""One message read, before it is weighed: everything that its words and the conversation say by themselves.

In: a `Turn` and the index. Out: a `Reading`. It decides nothing: `understanding` and `follow_ups` do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from assistant.types import Language, Query, Turn
from assistant.understanding import references
from assistant.understanding.acting import action_of
from assistant.understanding.intents import Cue, cues_of
from assistant.understanding.measures import Wanted, more_or_less, most_or_least
from assistant.understanding.parties import Party, party_of
from assistant.understanding.persons import about_writer
from assistant.understanding.references import Reference
from knowledge_base.constraints import Constraints, find_kinds, parse_constraints, settle_figures
from knowledge_base.constraints.cues import NEGATION_BEFORE
from knowledge_base.constraints.word_lists import COMMON_STEMS, NOISE
from knowledge_base.glossary import names_in
from knowledge_base.index import Index
from knowledge_base.model_numbers import as_written
from knowledge_base.quantities import find_quantities
from knowledge_base.text import clean, has_cjk, language_of, noun, noun_key, stem, words
from knowledge_base.titles import TitleMention
from knowledge_base.types import Product
from knowledge_base.vocabulary import Vocabulary, is_english, value_key

MAX_REFERRED = 6
_TELLING_SHARE = 0.2  # of a whole title's weight that a part of another must have to be named beside it
_GENERIC_TITLE_WORDS = 3  # a whole title no longer than this also names a kind of thing: "T-Shirt"


_INTERJECTION = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|well|hm+|uh+|um+|alright|oh|好的?|嗯+|哦|那个)[\s,.!，。、…]+)+(?=\w)", re.I
)
# "I need a new one": it says that something is wanted, and not what.
_NEW_ONE = re.compile(r"\b(?:(?:a|an|some|the) )?(?:new|replacement) ones?\b", re.I)

_MARKS_NAME = re.compile(r"\b(?:the|your|this|that)\s+$", re.I)  # "the Fernway"
_PLACE = re.compile(
    r"\b(?:in|into|on|onto|at|to|inside|near|around|by)\s+(?:the|your|this|that)\s+$", re.I
)  # "in the car"

# What orders, compares and asks, and is mistyped often enough.
_ASKING_WORDS = (
    "cheapest", "cheaper", "expensive", "lightest", "lighter", "biggest", "smallest", "largest", "highest", "newest",
    "latest", "compare", "recommend", "difference", "available", "delivery", "shipping", "warranty", "refund", "return",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says. Offsets are those of `text`, the message with its typing errors mended and without the
    writer's contacts and name; `said` has these.

    `titles` are the products it names and `named` their ids; `reference` what it points back to; `before` the last
    query about products, `search` the last for products of a kind and `last` the last of all; `extreme` the measure it
    wants the most of, and `change` the one it wants more of; `party` the people whom it is for.
    """

    text: str
    said: str
    language: Language
    cues: frozenset[Cue]
    titles: tuple[TitleMention, ...]
    named: tuple[str, ...]
    reference: Reference
    constraints: Constraints
    before: Query | None
    search: Query | None
    last: Query | None
    extreme: Wanted | None
    change: Wanted | None
    party: Party | None

    @property
    def bounds_price(self) -> bool:
        """Whether the message itself gives a price limit."""
        filters = self.constraints.filters
        return filters.price_min is not None or filters.price_max is not None or self.constraints.foreign is not None

    @property
    def wants_other(self) -> bool:
        """Whether it asks for something else than what is on the table: cheaper, dearer, lighter, others."""
        patterns = (references.CHEAPER, references.DEARER, references.OTHERS)
        return self.change is not None or any(pattern.search(self.own) for pattern in patterns)

    @property
    def own(self) -> str:
        """The text without titles and pointing words ("the cheaper one" asks for nothing cheaper)."""
        return blank(self.text, [(m.start, m.end) for m in self.titles] + list(self.reference.spans))

    @property
    def names_kind(self) -> bool:
        """Whether every title named is short enough to name a kind of thing ("how many T-Shirts under $50")."""
        return all(m.whole and len(self.text[m.start : m.end].split()) <= _GENERIC_TITLE_WORDS for m in self.titles)

    @property
    def names_one(self) -> bool:
        """Whether a whole title stands in the message that is too long to name a kind of thing."""
        return any(m.whole and len(self.text[m.start : m.end].split()) > _GENERIC_TITLE_WORDS for m in self.titles)

    @property
    def outside(self) -> str:
        """The text without titles, pointing words, options, brands and categories: where the question itself is."""
        mentions = [m for m in self.constraints.mentions if m.option or m.role in ("brand", "category")]
        spans = [(m.start, m.end) for m in self.titles] + [(m.start, m.end) for m in mentions]
        return blank(self.text, [*spans, *self.reference.spans])


def read(turn: Turn, index: Index) -> Reading:
    """Read one message. Never raises on any text."""
    said = _INTERJECTION.sub("", clean(turn.text).strip())
    written = as_written(said, index.facets)
    said = mend(written, index, tuple(about_writer(written)))
    text = blank(said, about_writer(said))
    whole, partial = _titles(text, index)
    outside_whole = blank(text, [(m.start, m.end) for m in whole])
    reference = references.resolve(outside_whole, turn.history, turn.page_product_id, index.products)
    partial = [m for m in partial if not any(s < m.end and m.start < e for s, e in reference.spans)]
    titles = tuple(sorted((*whole, *partial), key=lambda mention: mention.start))
    outside = blank(text, [(m.start, m.end) for m in titles])
    beside = blank(outside, reference.spans)  # "the heavier one" asks for nothing heavier
    extreme, change = most_or_least(beside), more_or_less(beside)
    unsearched = [*reference.spans, *references.change_spans(outside), *(m.span() for m in _NEW_ONE.finditer(outside))]
    unsearched += [wanted.span for wanted in (extreme, change) if wanted]
    party = party_of(outside)
    if party is not None and party.said_of_people:  # "with two kids" asks for nothing that is made for kids
        unsearched.append(party.span)
    own_words = blank(text, unsearched)
    protected = [(m.start, m.end) for m in titles if m.whole or _outweighs(m, text)]
    kinds = find_kinds(blank(own_words, protected), index.facets, index.types)
    constraints = parse_constraints(own_words, index.facets.vocabulary, index.info.currency, protected, kinds)
    constraints = settle_figures(constraints, index.facets, index.types)
    return Reading(
        text,
        said,
        _language(turn, index),
        _cues(text, blank(outside, _compounds(own_words, kinds, constraints))),
        titles,
        _ids(titles, index),
        reference,
        constraints,
        references.last_query(turn.history),
        references.last_search(turn.history),
        next((m.query for m in reversed(turn.history) if m.query), None),
        extreme,
        change,
        party,
    )


def _cues(text: str, outside: str) -> frozenset[Cue]:
    """The cues of a text without its titles; whoever puts something in the cart wants to buy it."""
    bought: frozenset[Cue] = frozenset(("buy",) if action_of(text, False) == "cart" else ())
    return cues_of(outside) | bought


def _compounds(text: str, kinds: Sequence[tuple[int, int]], constraints: Constraints) -> Iterator[tuple[int, int]]:
    """Names of kinds in several words, values before them included: "privacy filter" asks for no privacy policy."""
    for start, end in kinds:
        first = min(
            (m.start for m in constraints.mentions if not text[m.end : start].strip() and m.end <= start), default=start
        )
        if len(text[first:end].split()) > 1:
            yield first, end


def blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with these stretches as spaces, so that offsets stay."""
    letters = list(text)
    for start, end in spans:
        letters[start:end] = " " * (end - start)
    return "".join(letters)


def mend(text: str, index: Index, kept: Sequence[tuple[int, int]] = ()) -> str:
    """The text with each unknown word that is one typing error away from a word of the catalogue read as that word, but
    for those in the stretches that are `kept`."""
    vocabulary = index.facets.vocabulary
    pieces, end_before = [], 0
    for word, start, end in words(text):
        key = stem(word)
        if key in COMMON_STEMS or has_cjk(word) or (start and text[start - 1].isalnum()):
            continue
        if any(first <= start < last for first, last in kept):
            continue
        known = vocabulary.correct(word) or _asking_word(word, vocabulary)
        if known is not None:
            pieces += [text[end_before:start], known]
            end_before = end
    return "".join([*pieces, text[end_before:]])


def _asking_word(word: str, vocabulary: Vocabulary) -> str | None:
    """The word that asks which an unknown one mistypes: "cheepest" is "cheapest"."""
    if len(word) < 6 or not word.isascii() or vocabulary.knows(stem(word)) or is_english(word.casefold()):
        return None
    return next((known for known in _ASKING_WORDS if OSA.distance(word.casefold(), known, score_cutoff=1) <= 1), None)


def _titles(text: str, index: Index) -> tuple[list[TitleMention], list[TitleMention]]:
    """(titles that stand there whole, parts of titles), neither those that are refused ("not the Fernway")."""
    kinds = {stem(word) for word, _, _ in words(text) if len(index.types.named_by(word))}
    named = find_kinds(text, index.facets, index.types)
    kinds |= {stem(word) for start, end in named for word, _, _ in words(text[start:end])}
    generic = index.facets.vocabulary.generic | kinds
    found = index.facets.titles.mentions(text, COMMON_STEMS | NOISE, generic)
    whole = [m for m in found if m.whole]
    whole = [m for m in whole if not _modifies(text, m, whole, index)]
    partial = [m for m in found if not m.whole and not NEGATION_BEFORE.search(text[: m.start])]
    # "10000 mm" is no "Power Bank 10000"
    measures = [q for q in find_quantities(text) if q.unit] if partial else []
    partial = [m for m in partial if not any(q.start <= m.start and m.end <= q.end for q in measures)]
    partial = [m for m in partial if not _ordinary(text, m) and not _says_which(text, m, index)]
    return whole, [m for m in partial if not whole or not _within(m, whole, index)]


def _modifies(text: str, mention: TitleMention, whole: Sequence[TitleMention], index: Index) -> bool:
    """Whether a title that is a mere kind of thing only says which: the "laptop" of "laptop backpack" and of "laptop
    compartment"."""
    said = text[mention.start : mention.end]
    if len(said.split()) > 1 or has_cjk(said):
        return False
    if any(text[mention.end : other.start] == " " for other in whole if other.start > mention.start):
        return True
    following = re.match(r" ([A-Za-z]{3,})", text[mention.end :])
    if following is None:
        return False
    vocabulary = index.facets.vocabulary
    named = {name.name for name in vocabulary.named(stem(following[1].casefold()))}
    return any(value.name in named for value in vocabulary.values(value_key(said)))


def _ordinary(text: str, mention: TitleMention) -> bool:
    """Whether a part of a title is one everyday word ("city", "wall") that nothing marks as a name."""
    said = text[mention.start : mention.end]
    before = text[: mention.start]
    if said.isalpha() and said.isascii() and any(names_in([said.casefold()])) and not _MARKS_NAME.search(before):
        return True  # "webcam", which two titles have
    if not is_english(said.casefold()) or (_MARKS_NAME.search(before) and not _PLACE.search(before)):
        return False
    return not (said[0].isupper() and mention.start > 0)


def _says_which(text: str, mention: TitleMention, index: Index) -> bool:
    """Whether a part of a title only says which things are asked for: the "Nintendo Switch" of "nintendo switch games",
    where what has these words in its title is no game, and has no games as an attribute."""
    following = re.fullmatch(r" ([A-Za-z]{3,})\W*", text[mention.end :])
    if following is None:
        return False
    said = following[1].casefold()
    thing = noun(said)
    if stem(said) in COMMON_STEMS or not len(index.types.ending_in(said)):
        return False
    for product in (product_at(row, index) for row in mention.rows):
        named = (noun_key(name).split() for name in (product.title, *product.category, *product.option_values))
        stated = (noun_key(name).split() for name in product.attributes)
        # "Ports" asks for the "number of ports", and "games" for no "game card slot".
        asked = (name[-1:] if said != thing else name for name in stated)
        if any(thing in name for name in (*named, *asked)):
            return False
    return True


def _within(mention: TitleMention, whole: Sequence[TitleMention], index: Index) -> bool:
    """Whether a part of a title only repeats a title that stands there whole, or is a mere word beside one."""
    one_word = mention.weight < _TELLING_SHARE * max(w.weight for w in whole)
    return one_word or any(set(mention.rows) & set(w.rows) for w in whole)


def _language(turn: Turn, index: Index) -> Language:
    """The message's own script; where it has none ("F6033?"), the conversation's, the browser's, the shop's."""
    own = language_of(turn.text)
    if own == "zh" or (own == "en" and re.search(r"[A-Za-z]{2,}\s+[A-Za-z]{2,}|[A-Za-z]{5,}", turn.text)):
        return "zh" if own == "zh" else "en"
    for message in reversed(turn.history):
        if message.role == "shopper" and (earlier := language_of(message.text)):
            return "zh" if earlier == "zh" else "en"
    return "zh" if (turn.locale or index.info.language).startswith("zh") else "en"


def _outweighs(mention: TitleMention, text: str) -> bool:
    """Whether a part of a title is telling enough that its words constrain nothing ("TK-350 wireless keyboard")."""
    return len(mention.rows) <= 2 and len(text[mention.start : mention.end].split()) >= 2


def _ids(titles: Iterable[TitleMention], index: Index) -> tuple[str, ...]:
    ids = (product_at(row, index).id for mention in titles for row in mention.rows)
    return tuple(dict.fromkeys(ids))[:MAX_REFERRED]


def product_at(row: int, index: Index) -> Product:
    """The product in a row of the catalogue."""
    product = index.catalogue.entries[row].product
    assert product is not None, "every entry of the catalogue is a product"
    return product


def knows_kind(subject: str, index: Index) -> bool:
    """Whether the catalogue has things that are called so, in titles or as a facet's value."""
    return bool(subject) and bool(
        len(index.facets.title_rows(subject)) or index.facets.vocabulary.values(value_key(subject))
    )
