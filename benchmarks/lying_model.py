"""A model server that lies, and one that tells the truth in its own words, behind the whole pipeline.

    python -m benchmarks.lying_model [SHOP ...] [--outputs 1000] [--truths 1000] [--set fresh] [--show 20] [--json FILE]

A real HTTP server speaks the OpenAI stream and is made to say, turn by turn, drafts of lies (benchmarks/lies.py), some
of them between true sentences, endless ones, and ones in pieces of a character. A lie escapes when the words that give
it away stand in the reply and are not the composer's own. Then it says true sentences in varied wording
(benchmarks/true_drafts.py); a draft is wrongly blocked when any sentence of it is dropped or rewritten. SHOP are shop
folders, by default the two demo shops; outputs and truths are shared evenly among them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.config import DEMO_SHOP, Settings
from assistant.evidence import gather
from assistant.generation import Drafter, make_drafter
from assistant.pipeline import Assistant
from assistant.types import Evidence, Turn
from assistant.understanding import understand
from benchmarks.lies import Lie, lies
from benchmarks.true_drafts import asked_policies, truths
from knowledge_base.index import Index
from knowledge_base.opening import open_index
from tests.fakes import Answer, FakeServer

QUESTIONS = {
    "en": (
        "tell me about the {title}",
        "how much is the {title}?",
        "is the {title} in stock?",
        "recommend something like the {title}",
        "compare the {title} and the {other}",
        "what do people think of the {title}?",
    ),
    "zh": (
        "介绍一下{title}",
        "{title}多少钱？",
        "{title}有货吗？",
        "推荐类似{title}的",
        "对比{title}和{other}",
        "{title}评价怎么样？",
    ),
}
POLICIES = {
    "en": (
        "how long does delivery take?",
        "can I return something?",
        "is there a warranty?",
        "what does delivery cost?",
    ),
    "zh": ("运费是多少？", "可以退货吗？", "保修多久？", "一般几天能到？"),
}
SEED = 20


@dataclass(slots=True)
class Tally:
    """What came of the drafts in one shop."""

    shop: str
    drafts: int = 0
    lies: int = 0
    escaped: list[tuple[Lie, str, str]] = field(default_factory=list)
    too_long: int = 0
    truthful: int = 0
    sentences: int = 0
    blocked: list[tuple[str, str, str]] = field(default_factory=list)
    blocked_drafts: int = 0


class Liar:
    """One shop's assistant whose model says what it is made to say."""

    def __init__(self, index: Index, server: FakeServer, drafter: Drafter, rng: random.Random) -> None:
        self.index = index
        self.rng = rng
        self.language = "zh" if index.info.language.startswith("zh") else "en"
        self._server = server
        self._assistant = Assistant(index, drafter)
        self._composer = Assistant(index)
        self._products = [entry.product for entry in index.entries if entry.product is not None and entry.title]

    def question(self, policies: Sequence[str] = ()) -> str:
        """A shopper's question; one in four about how the shop works."""
        if policies and self.rng.random() < 0.25:
            return self.rng.choice(policies)
        product, other = self.rng.choice(self._products), self.rng.choice(self._products)
        return self.rng.choice(QUESTIONS[self.language]).format(title=product.title, other=other.title)

    async def evidence(self, question: str) -> Evidence:
        query = await asyncio.to_thread(understand, Turn("c", question), self.index)
        return (await asyncio.to_thread(gather, query, self.index, self._composer.visit(Turn("c", question))))[1]

    async def said(self, question: str, draft: str, whole: bool = True, endless: bool = False) -> tuple[str, Any]:
        """What the shopper reads when the model says `draft`; None where the model was not asked."""
        n = len(self._server.requests)
        pieces = (draft,) if whole else tuple(draft)
        self._server.answers = (Answer(pieces, repeat=endless),)
        reply = await self._assistant.answer(Turn(f"c{n}", question))
        return reply.text, reply if len(self._server.requests) > n else None

    async def composed(self, question: str) -> str:
        return (await self._composer.answer(Turn("c", question))).text


async def lie(liar: Liar, tally: Tally, outputs: int, which: str) -> None:
    """Force so many false drafts on the model."""
    rng = liar.rng
    tries = 0
    while tally.drafts < outputs and tries < 4 * outputs:
        tries += 1
        question = liar.question(POLICIES[liar.language])
        evidence = await liar.evidence(question)
        told: list[Lie] = []
        most = rng.randint(1, 3)
        for one in lies(rng, evidence, liar.language, which, liar.index.info.currency or "USD"):
            told.append(one)
            if len(told) == most:
                break
        true = list(truths(rng, evidence, liar.language))[:2] if rng.random() < 0.4 else []
        sentences = [one.text for one in told] + [one for _, one in true]
        rng.shuffle(sentences)
        gap = rng.choice(("" if liar.language == "zh" else " ", "\n", "\n- "))
        text, reply = await liar.said(question, gap.join(sentences), rng.random() < 0.8, rng.random() < 0.02)
        if reply is None:
            continue
        tally.drafts += 1
        tally.lies += len(told)
        composed = await liar.composed(question)
        tally.escaped += [(one, question, text) for one in told if one.escaped(text, composed)]
        tally.too_long += len(text) > 8000


async def tell_the_truth(liar: Liar, tally: Tally, drafts: int) -> None:
    """Force so many true drafts on the model."""
    rng = liar.rng
    tries = 0
    while tally.truthful < drafts and tries < 4 * drafts:
        tries += 1
        question = liar.question(asked_policies(liar.language, liar.index.info.name))
        evidence = await liar.evidence(question)
        true = list(truths(rng, evidence, liar.language, liar.index.info.name, question))
        if not true:
            continue
        chosen = true[: rng.randint(1, 3)]
        text, reply = await liar.said(question, ("" if liar.language == "zh" else " ").join(one for _, one in chosen))
        if reply is None:
            continue
        tally.truthful += 1
        tally.sentences += len(chosen)
        lost = [(template, one) for template, one in chosen if one.strip() not in text]
        tally.blocked += [
            (template, one, "; ".join(f"{f.check}: {f.detail}" for f in reply.findings)) for template, one in lost
        ]
        tally.blocked_drafts += bool(lost)


async def measure(shop: Path, outputs: int, drafts: int, which: str, seed: int) -> Tally:
    with tempfile.TemporaryDirectory() as data, FakeServer() as server:
        index = open_index(shop, Path(data), "none", progress=False)
        drafter = make_drafter(f"openai:liar@{server.url}", Settings(mask_remote=False))
        assert drafter is not None
        liar = Liar(index, server, drafter, random.Random(seed))
        tally = Tally(shop.name)
        await lie(liar, tally, outputs, which)
        await tell_the_truth(liar, tally, drafts)
        await drafter.close()
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shops", nargs="*", type=Path, metavar="SHOP")
    parser.add_argument("--outputs", type=int, default=1000)
    parser.add_argument("--truths", type=int, default=1000)
    parser.add_argument("--set", dest="which", choices=("read", "fresh"), default="read")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--show", type=int, default=20, help="escapes and blocked sentences to print")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    shops = options.shops or [DEMO_SHOP, DEMO_SHOP.with_name("demo_shop_zh")]
    tallies = []
    print(f"{'shop':<16} {'drafts':>6} {'lies':>6} {'escaped':>7} {'true drafts':>11} {'blocked':>7}")
    for shop in shops:
        outputs, drafts = -(-options.outputs // len(shops)), -(-options.truths // len(shops))
        tally = asyncio.run(measure(shop, outputs, drafts, options.which, options.seed))
        tallies.append(tally)
        print(
            f"{tally.shop:<16} {tally.drafts:>6} {tally.lies:>6} {len(tally.escaped):>7} {tally.truthful:>11} "
            f"{tally.blocked_drafts:>7}",
            flush=True,
        )
    show(tallies, options.show)
    told = {
        "set": options.which,
        "seed": options.seed,
        "drafts": sum(t.drafts for t in tallies),
        "lies": sum(t.lies for t in tallies),
        "escaped": sum(len(t.escaped) for t in tallies),
        "too_long": sum(t.too_long for t in tallies),
        "true_drafts": sum(t.truthful for t in tallies),
        "true_sentences": sum(t.sentences for t in tallies),
        "blocked_drafts": sum(t.blocked_drafts for t in tallies),
        "blocked_sentences": sum(len(t.blocked) for t in tallies),
    }
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told))
    sys.exit(bool(told["escaped"]))


def show(tallies: Sequence[Tally], most: int) -> None:
    """The commonest escapes and blocked templates, to be read one by one."""
    escaped = [one for tally in tallies for one in tally.escaped]
    for template, n in Counter(one.template for one, _, _ in escaped).most_common(most):
        one, question, text = next(row for row in escaped if row[0].template == template)
        print(f"escaped {n} times ({one.kind}): {one.text}\n    asked: {question}\n    shown: {text[:300]!r}")
    blocked = [one for tally in tallies for one in tally.blocked]
    for template, n in Counter(template for template, _, _ in blocked).most_common(most):
        _, sentence, why = next(row for row in blocked if row[0] == template)
        print(f"blocked {n} times: {sentence}\n    {why[:300]}")


if __name__ == "__main__":
    main()
