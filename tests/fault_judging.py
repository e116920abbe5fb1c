"""Whether a shopper got a correct answer although the model broke: shared by the tests of faults and their benchmark.

In: what the page showed, what the model's server would have said in full, and what the composer says. Out: a list of
what is wrong, empty where nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.sentences import split_sentences
from assistant.types import Reply

RAW = ("data:", "choices", "finish_reason", "[DONE]", "Traceback", "<html", "oops", "\x00", "{", "}")


def wrongs(pieces: Sequence[str], reply: Reply, model_said: str, composed: str, model: str) -> list[str]:
    """What is wrong with an answer: anything raw, a torn or foreign sentence, or no word of who wrote it."""
    text = "".join(pieces).strip()
    known = {sentence.strip() for said in (model_said, composed) for sentence in split_sentences(said)}
    found = [f"raw: {raw}" for raw in RAW if raw in text]
    found += [f"not a sentence: {s.strip()}" for s in split_sentences(text) if s.strip() and s.strip() not in known]
    if text != reply.text:
        found.append("the page shows another text than the reply holds")
    if not re.search(r"\w", text):
        found.append("nothing was said")
    whole = reply.model == model and reply.fallback is None and text == model_said.strip()
    marked = reply.model == "composer" and bool(reply.fallback)
    if not (whole or marked):
        found.append(f"not marked: {reply.model}, {reply.fallback}")
    return found
