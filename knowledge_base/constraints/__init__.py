"""One message's own words read as constraints: what must hold, what is wished, in which order, and what is left.

In: a text, the vocabulary of a catalogue and the shop's currency. Out: `Constraints`. It knows no conversation:
"cheaper" and "the second one" are the assistant's business.

    result      Mention and Constraints, the values handed out
    marked      the text with what has been understood of it marked
    ordering    sort, number and stock
    bounds      numbers to price, rating and measure bounds
    counts      bounds on counted things: people, pieces, ports
    figures     measures without a facet's name, by what products of the kind named state
    naming      a facet's own name beside a number or a value
    refusals    "not", "without", "不要": what is refused
    kinds       names of kinds of things, by the titles of products: "docking station"
    mentions    words that name brands, categories, attributes and options
    filler      carrier phrases and particles taken off; a phrase split into subject and terms
    subject     what is left: text to search for, kind of thing, terms, unexplained words
    parsing     parse_constraints, which puts these together
    cues        the patterns that all of these match
    word_lists  the closed lists of words that they look up
"""

from knowledge_base.constraints.figures import settle_figures
from knowledge_base.constraints.filler import split_subject, strip_filler
from knowledge_base.constraints.kinds import find_kinds
from knowledge_base.constraints.parsing import parse_constraints
from knowledge_base.constraints.result import Constraints, Mention, Role

__all__ = [
    "Constraints",
    "Mention",
    "Role",
    "find_kinds",
    "parse_constraints",
    "settle_figures",
    "split_subject",
    "strip_filler",
]
