"""Everything that may be stated as fact in a turn, fetched from the knowledge base: the retrieve stage.

In: a `Query`, the index, the storefront and the verified shopper. Out: `Evidence`, and the query as it turned out to
be ("find" becomes "policy" when only a policy answers). Which products meet a query is `matching`'s business. It
writes no sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from assistant.generation.weighing import weigh
from assistant.live_figures import with_live_figures
from assistant.matching import MAX_SHOWN, SHOWN, Found, for_whom, meeting, plus, relaxing
from assistant.orders.gathering import order_evidence
from assistant.orders.visit import Visit
from assistant.policies import ANSWERS, SURELY_ANSWERS, Policies
from assistant.subjects import KIND_NAMES, by_category, heads, of_kind
from assistant.types import Evidence, Query
from assistant.understanding.asking_why import REASON
from assistant.understanding.intents import without_policy_words
from knowledge_base.aims import asks_service
from knowledge_base.constraints import strip_filler
from knowledge_base.index import Index
from knowledge_base.matters import SAME_MATTER, same_matter
from knowledge_base.retrieval import retrieve, select
from knowledge_base.suitability import SUITABLE, named_share, suitability
from knowledge_base.text import fold, has_cjk, stem, words
from knowledge_base.types import Condition, Filters, Hit, Product

_DEPARTMENTS = 3  # named where nothing was found, or nothing in particular asked for
_REQUEST_WORDS = 5
_NAMED = 0.75  # share of a request, by how telling its words are, that the name of a product must have
_NEAR = 5  # products whose department is taken for the nearest
_MANY_UNEXPLAINED = 3  # words from which a message is about more than products, whatever it bounds
_SERVICE, _SURELY_SERVICE = 0.6, 0.9  # chance from which a message is taken to be, or surely is, about service
_LIKELY_GOODS = 0.3  # chance of service up to which a message likely asks for goods ("do you have surfboards")


def gather(query: Query, index: Index, visit: Visit | None = None) -> tuple[Query, Evidence]:
    """Evidence for one turn. Orders and live figures are those that the `visit` may show; None: there are none."""
    query, evidence = _gathered(query, index, visit)
    return query, evidence if visit is None else with_live_figures(query, evidence, visit)


def _gathered(query: Query, index: Index, visit: Visit | None) -> tuple[Query, Evidence]:
    policies = Policies(query.text, index)
    match query.intent:
        case "small_talk" | "out_of_scope" | "handoff":
            return query, Evidence()
        case "order_status":
            return order_evidence(query, index, visit, policies)
        case "complaint":
            if "order_status" in query.intents:
                return order_evidence(query, index, visit, policies)
            return query, Evidence(passages=policies.answer[:1] if "policy" in query.intents else ())
        case "policy":
            return _policy(query, index, policies)
        case "compare" if (best := _best_to_compare(query, index)) is not None:
            return _with_winner(best, index), _about(best, index, policies)
        case "compare":
            return _with_winner(query, index), _about(query, index, policies)
    if (learned := _learned(query, index, policies)) is not None:
        return learned
    service = 0.0 if _asks_of_records(query) else asks_service(query.text, index.embedder)
    if service >= _SURELY_SERVICE and (told := _told_of_service(query, policies)) is not None:
        return told
    if query.intent == "product_question":
        return query, _about(query, index, policies)
    return _search(query, index, policies, service)


def _policy(query: Query, index: Index, policies: Policies) -> tuple[Query, Evidence]:
    if policies.answer:
        return query, Evidence(passages=policies.answer)
    if _names_products(without_policy_words(query.search), index):
        wanted = replace(query, intents=("find",), subject=query.subject or query.search)
        found, evidence = _search(wanted, index, policies)
        if evidence.products:
            return found, evidence
    return query, Evidence(passages=(), answerable=False)


def _names_products(text: str, index: Index) -> bool:
    """Whether every telling word of the text stands in the catalogue: then products are what it is about."""
    said = [stem(word) for word, _, _ in words(strip_filler(text))]
    return bool(said) and all(index.facets.vocabulary.knows(word) or has_cjk(word) for word in said)


def _asks_of_records(query: Query) -> bool:
    """Whether the records alone can answer: how many, which is the most, what a thing costs or whether it is there."""
    return query.intent in ("count", "superlative") or bool(
        set(query.asks) & {"price", "stock", "options", "rating", "order", REASON}
    )


def _learned(query: Query, index: Index, policies: Policies) -> tuple[Query, Evidence] | None:
    """What a person of the shop said to this very question, whatever products it seems to ask for; None where nobody
    did."""
    if not len(index.passages.precedence.corrections) or query.intent == "product_question":
        return None
    best = policies.answer[:1]
    if not best or not best[0].entry.is_correction or policies.told[1] < SURELY_ANSWERS:
        return None
    row = index.passages.places[best[0].entry.id]
    if same_matter(index, query.text)[row] < SAME_MATTER or (best[0].entry.product_id or "") not in (
        "",
        *query.refers_to,
    ):
        return None
    return _told_of_service(query, policies)


def _told_of_service(query: Query, policies: Policies) -> tuple[Query, Evidence] | None:
    """What the shop says to a message that is about its service, whatever products it names; None where it says
    nothing."""
    if not policies.answer:
        return None
    about_shop = replace(query, intents=("policy",), subject="", filters=Filters(), wishes=(), refers_to=())
    return about_shop, Evidence(passages=policies.answer)


# -- the products a message names -----------------------------------------------------------------------------------


def _best_to_compare(query: Query, index: Index) -> Query | None:
    """The comparison with the products that it is of, where it names only their kind ("the two cheapest tents"); None
    where it names products, or fewer than two are found."""
    if query.refers_to or not query.subject:
        return None
    found = meeting(replace(query, intents=("superlative",), limit=query.limit or 2), index).hits
    ids = tuple(hit.entry.product.id for hit in found if hit.entry.product)
    if len(ids) < 2:
        return None
    return replace(query, refers_to=ids, filters=Filters(), wishes=(), sort="relevance", rank_by=(), rank_word="")


def _with_winner(query: Query, index: Index) -> Query:
    """The comparison with the product that comes first in it, which "it" will mean in the next message."""
    products = [index.products[i] for i in query.refers_to if i in index.products]
    first = weigh(products, query.rank_by, query.rank_direction).first if query.rank_by else ()
    return replace(query, focus=first[0].product.id) if len(first) == 1 else query


def _about(query: Query, index: Index, policies: Policies) -> Evidence:
    """The named products, each with the variants that the question picks, and what the shop says about them."""
    ids = [i for i in query.refers_to if i in index.products]
    hits = []
    for place, product_id in enumerate(ids, 1):
        row = index.product_rows[product_id]
        product = index.products[product_id]
        picked = index.facets.matching_variants(row, query.filters, query.sort) if query.filters.conditions else ()
        hits.append(Hit(index.catalogue.entries[row], 1.0, place, "selected", picked if product.variants else ()))
    if (corrected := _corrected(ids, index, policies)) is not None and query.intent == "product_question":
        return Evidence(passages=(corrected,))
    passages: tuple[Hit, ...] = ()
    unknown = [name for name in query.asks if not _has_facet(name, ids, index)]
    if "policy" in query.intents or unknown:
        found, confidence = policies.told_of(ids)
        own = tuple(hit for hit in found if hit.entry.product_id in ids)
        bar = ANSWERS if "policy" in query.intents else SURELY_ANSWERS
        passages = found[:1] if confidence >= bar else own[:1] if own and unknown else ()
    own_words = bool(query.asks) and unknown == list(query.asks)
    if own_words and passages and query.intent == "product_question":
        return Evidence(passages=passages)
    return Evidence(products=tuple(hits), passages=passages, answerable=bool(hits) or bool(passages))


def _corrected(ids: Sequence[str], index: Index, policies: Policies) -> Hit | None:
    """What a person of the shop corrected about one of these products, where that answers."""
    entries = index.passages.entries
    if not any(entries[row].product_id in ids for row in index.passages.precedence.corrections.tolist()):
        return None
    found, confidence = policies.told_of(ids)
    best = found[0] if found and confidence >= ANSWERS else None
    return best if best is not None and best.entry.is_correction and best.entry.product_id in ids else None


def _has_facet(name: str, ids: Sequence[str], index: Index) -> bool:
    if name in ("price", "stock", "options", "rating", "brand", "order", REASON):
        return True
    key = fold(name)
    return any(key in {fold(n) for n in (*index.products[i].attributes, *index.products[i].option_values)} for i in ids)


# -- the products a message describes ---------------------------------------------------------------------------------


def _search(query: Query, index: Index, policies: Policies, service: float = 0.0) -> tuple[Query, Evidence]:
    """Products that fit; a passage that answers comes first where the catalogue does not explain the message.

    `service` is the chance that the message is about the shop's service: where no product meets it, that decides what
    is said to be missing.
    """
    shopping = _is_shopping(query)
    ask = query.unexplained and not _is_open(query) and not _is_request(query, index)
    passages, confidence = policies.told if ask else ((), 0.0)
    if query.wants_goods and not _say_any(passages, query.unexplained):
        passages, confidence = (), 0.0
    if confidence >= (SURELY_ANSWERS if shopping else ANSWERS):
        return replace(query, intents=("policy",), subject="", filters=Filters(), wishes=()), Evidence(
            passages=passages
        )
    if query.asks and not query.refers_to:
        return query, _choices(query, index)
    if _is_open(query):
        return query, Evidence(_starting_points(query, index), departments=departments(index))
    settled, found = relaxing(query, index)
    found = _judged(query, found, index)
    asks_more = query.unexplained and query.is_question and query.intent == "find" and not shopping
    if asks_more and not _told(query, found, index):
        if query.wants_goods or (service <= _LIKELY_GOODS and _asks_for_unknown(query)):
            return query, Evidence(answerable=False, departments=departments(index, query.search))
        return replace(query, intents=("policy",)), Evidence(answerable=False)
    counted = query.intent in ("count", "superlative") and (by_category(query) or of_kind(query, index) is not None)
    if counted or (found.hits and not (found.relaxed and not settled.filters and not settled.subject)):
        evidence = Evidence(found.hits, (), found.total, found.n_skus, found.relaxed)
        return replace(query, rank_by=(found.measure,) if found.measure else ()), evidence
    if service >= _SERVICE:
        return _told_of_service(query, policies) or (replace(query, intents=("policy",)), Evidence(answerable=False))
    if policies.answer and not shopping and not query.wants_goods:
        return replace(query, intents=("policy",)), Evidence(passages=policies.answer)
    known = shopping and (by_category(query) or bool(of_kind(query, index)))
    near = () if found.hits or known else departments(index, query.search)
    hits = found.hits
    return query, Evidence(hits, (), found.total, found.n_skus, found.relaxed, bool(hits), departments=near)


def _judged(query: Query, found: Found, index: Index) -> Found:
    """What was found, unless the catalogue hardly has what is asked for; what it has in other words, where it has.

    A kind of thing that a category names is there. "Surround sound speakers" may have a value that no product states
    ("sound") and products whose names say all of it; of a wish that names nothing ("something to keep my coffee hot")
    the best are shown where the catalogue surely has what would do.
    """
    if not query.search or query.intent not in ("find", "recommend") or by_category(query):
        return found
    exact = bool(found.hits) and not found.relaxed
    if not exact and query.exclude:
        return found
    # What was found is called so, and meets what is asked for ("a kettle that heats water fast", "my budget for a hub
    # is $20"): then only the thing itself may be missing.
    called_so = exact and bool(query.filters or (not query.wishes and of_kind(query, index)))
    asked = query.subject if called_so else query.search
    sure = not asked or suitability(index, asked) >= SUITABLE
    if exact:
        return found if sure else replace(found, hits=(), total=None, n_skus=None)
    if not sure:
        return found
    best = retrieve(index, query.search, query.filters, query.limit or SHOWN)
    rows = [index.product_rows[hit.entry.product_id] for hit in best if hit.entry.product_id]
    if found.hits or query.wishes:
        named = named_share(index, query.search, rows) >= _NAMED
        best = tuple(hit for hit, fits in zip(best, named, strict=True) if fits)
    if not best:
        return found
    return Found(tuple(replace(hit, rank=rank) for rank, hit in enumerate(best, 1)), None, None)


def _is_request(query: Query, index: Index) -> bool:
    """Whether a message counts a kind of thing the shop has, or is a few words that name one, no question or story."""
    short = not query.is_question and len(query.text.split()) <= _REQUEST_WORDS
    if not short and query.intent != "count":
        return False
    named = [head for head in heads(query.subject) if len(head) > 1] if query.subject else []
    return by_category(query) or any(len(index.facets.title_rows(head)) for head in named)


def _choices(query: Query, index: Index) -> Evidence:
    """The values that the products asked about have of a facet, those of most products first."""
    found = meeting(replace(query, intents=("count",), limit=MAX_SHOWN), index)
    every = select(index, replace(query.filters, product_ids=of_kind(query, index)))
    counts: Counter[str] = Counter()
    for product in (hit.entry.product for hit in every.hits):
        if product is not None:
            counts.update(dict.fromkeys(_values_of(product, query.asks[0])).keys())
    choices = tuple((value, n) for value, n in counts.most_common() if value)
    if query.asks[0] == "category" and not query.filters:
        start = _starting_points(query, index)
        return Evidence(start, (), every.total, every.n_skus, answerable=bool(choices), choices=choices)
    return Evidence(found.hits[:SHOWN], (), every.total, every.n_skus, answerable=bool(choices), choices=choices)


def _values_of(product: Product, name: str) -> tuple[str, ...]:
    """What a product has of a facet, over its variants."""
    if name == "brand":
        return (product.brand or "",)
    if name == "category":
        return product.category[:1]
    options = next((values for option, values in product.option_values.items() if fold(option) == fold(name)), ())
    return (*options, *(value for other, value in product.attributes.items() if fold(other) == fold(name)))


def _asks_for_unknown(query: Query) -> bool:
    """Whether what the catalogue does not explain is the name of what is asked for ("do you have surfboards")."""
    named = {stem(word) for word, _, _ in words(fold(query.subject))}
    return bool(named) and all(
        stem(word) in named or (has_cjk(word) and word in query.subject) for word in query.unexplained
    )


def _say_any(passages: Sequence[Hit], asked: Sequence[str]) -> bool:
    """Whether the best passage speaks of what the catalogue does not explain."""
    if not passages:
        return False
    text = fold(f"{passages[0].entry.title} {passages[0].entry.text}")
    said = {stem(word) for word, _, _ in words(text)}
    return any(word in text if has_cjk(word) else stem(word) in said for word in asked)


def _is_open(query: Query) -> bool:
    """Whether a request names neither a kind of thing nor anything about it ("I need a gift for my dad")."""
    narrowed = query.filters.conditions or query.wishes or query.refers_to
    bare = not (query.subject or query.search or narrowed)
    return bare and query.wants_goods and query.intent == "recommend" and query.sort == "relevance"


def departments(index: Index, near: str = "") -> tuple[str, ...]:
    """The shop's departments with most products; those of what comes nearest to a text first. () without categories."""
    sizes = Counter[str]()
    for path, n_products in index.paths.items():
        sizes[path[0]] += n_products
    hits = retrieve(index, near, Filters(), _NEAR, ("product",)) if near else ()
    nearest = [hit.entry.product.category[0] for hit in hits if hit.entry.product and hit.entry.product.category]
    ordered = dict.fromkeys([*nearest[:1], *(name for name, _ in sizes.most_common())])
    return tuple(ordered)[:_DEPARTMENTS] if len(ordered) > 1 else ()


def _starting_points(query: Query, index: Index) -> tuple[Hit, ...]:
    """What is rated best of each of the largest departments within the price named, where it can be bought."""
    hits = []
    for name in departments(index):
        found = select(index, plus(query.filters, Condition(("category",), (name,))), "rating").hits
        buyable = [hit for hit in found if hit.entry.product and hit.entry.product.available is not False]
        hits += for_whom(buyable, query)[:1]
    if not hits:
        hits = list(select(index, query.filters, "rating", SHOWN).hits)
    return tuple(replace(hit, rank=place) for place, hit in enumerate(hits, 1))


def _is_shopping(query: Query) -> bool:
    """Whether the message bounds, orders or counts products, so that hardly a policy can be what is asked for."""
    if len(query.unexplained) >= _MANY_UNEXPLAINED:
        return False
    if query.intent in ("count", "superlative") and by_category(query):
        return True
    filters = query.filters
    bounds = (filters.price_min, filters.price_max, filters.rating_min, filters.in_stock)
    narrowed = any(c.negated or c.names not in KIND_NAMES for c in filters.conditions)
    ordered = query.sort != "relevance" or bool(query.rank_by) or query.limit is not None
    return any(bound is not None for bound in bounds) or narrowed or ordered or bool(query.wishes)


def _told(query: Query, found: Found, index: Index) -> bool:
    """Whether some product found speaks of what the catalogue's words do not explain ("hiking", "camp kitchen")."""
    asked = {stem(word) for word in query.unexplained}
    for product in (hit.entry.product for hit in found.hits):
        if product is not None:
            text = " ".join(
                (product.title, product.description or "", *product.attributes, *product.attributes.values())
            )
            if has_cjk(text) and any(word in text for word in query.unexplained):
                return True
            if asked & {stem(word) for word, _, _ in words(fold(text))}:
                return True
    return False
