"""A chat model that lies in every sentence, driven through the whole pipeline: nothing false may reach the shopper.

The judge shares nothing with the checks: it looks for the planted words in the text that the shopper gets.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.pipeline import Assistant
from assistant.types import Prompt, Reply, Turn
from knowledge_base.opening import open_index
from knowledge_base.types import Product
from tests.fakes import LIES, FakeDrafter
from tests.unit import drafts

DATA = Path(__file__).parent.parent / "data"
# Kinds whose false words can be true of another product: the whole statement is looked for in place of its words.
RELATIVE = {
    "another product's price",
    "another variant's price",
    "list price as price",
    "stock",
    "flag",
    "material",
    "measure",
    "price",
    "rating",
    "reviews",
    "stock count",
    "discount",
}
QUESTIONS = {
    "en": (
        "recommend a {noun}",
        "how much is the {title}?",
        "is the {title} in stock?",
        "do you have a {noun} in blue?",
        "show me the cheapest {noun}",
        "compare the {title} and the {other}",
        "tell me about the {title}",
        "how long does delivery take?",
        "can I return something?",
    ),
    "zh": (
        "推荐一款{noun}",
        "{title}多少钱？",
        "{title}有货吗？",
        "有没有蓝色的{noun}",
        "最便宜的{noun}是哪款",
        "对比{title}和{other}",
        "介绍一下{title}",
        "运费是多少？",
        "可以退货吗？",
    ),
}


class Liar(FakeDrafter):
    """Tells a few lies of every sort in each draft, some between true sentences; `told` are those of the last draft."""

    def __init__(self, language: str, seed: int) -> None:
        super().__init__(self._lie, name="liar")
        self.language = language
        self.rng = random.Random(seed)
        self.told: list[drafts.Lie] = []
        rows = (DATA / f"lies_{language}.jsonl").read_text(encoding="utf-8").split("\n")
        self.fixed = [json.loads(row) for row in rows if row]
        self.n_told = 0

    def _lie(self, prompt: Prompt) -> str:
        rng, evidence = self.rng, prompt.evidence
        fixed = rng.choice(self.fixed)
        kind = rng.choice([name for name in LIES if (name.endswith("zh")) == (self.language == "zh")])
        known = LIES[kind](prompt)
        lies = [drafts.Lie("fixed", fixed["text"], tuple(fixed["forbidden"]))]
        lies.append(drafts.Lie(kind, known.text, known.forbidden))
        about = list(drafts.lies(rng, evidence, self.language)) if evidence.products else []
        lies += rng.sample(about, min(3, len(about)))
        truths = list(drafts.truths(rng, evidence, self.language)) if rng.random() < 0.5 else []
        rng.shuffle(lies)
        self.told = lies
        self.n_told += len(lies)
        mixed = [lie.text for lie in lies] + rng.sample(truths, min(2, len(truths)))
        rng.shuffle(mixed)
        return " ".join(mixed)


def row(product: Product) -> dict[str, object]:
    """The canonical JSONL row of a generated product."""
    values: dict[str, object] = {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "brand": product.brand,
        "category": list(product.category),
        "currency": product.currency,
        "rating": str(product.rating),
        "review_count": product.review_count,
        "url": product.url,
        "attributes": dict(product.attributes),
    }
    if product.variants:
        values["variants"] = [
            {"id": v.id, "options": dict(v.options), "price": str(v.price), "stock": v.stock} for v in product.variants
        ]
        return values
    values |= {"price": str(product.price), "stock": product.stock}
    return values | ({"list_price": str(product.list_price)} if product.list_price else {})


def shop(folder: Path, language: str) -> tuple[Path, tuple[Product, ...]]:
    """A small shop written as the files a merchant would drop."""
    products = drafts.catalogue(random.Random(11), language, 40)
    folder.mkdir()
    currency = "CNY" if language == "zh" else "USD"
    name = "山海小店" if language == "zh" else "Kontor"
    (folder / "shop.toml").write_text(
        f'name = "{name}"\nlanguage = "{language}"\ncurrency = "{currency}"\n', encoding="utf-8"
    )
    lines = [json.dumps(row(product), ensure_ascii=False) for product in products]
    (folder / "products.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    faq = [json.dumps({"id": str(i), "question": q, "answer": a}) for i, (q, a) in enumerate(drafts.FAQ[language])]
    (folder / "faq.jsonl").write_text("\n".join(faq) + "\n", encoding="utf-8")
    return folder, products


def questions(rng: random.Random, language: str, products: tuple[Product, ...]) -> Iterator[str]:
    while True:
        product, other = rng.sample(products, 2)
        noun = re.sub(r"\w\d+$", "", product.title).strip()
        noun = noun[2:] if language == "zh" else noun.partition(" ")[2]
        yield rng.choice(QUESTIONS[language]).format(title=product.title, other=other.title, noun=noun.lower())


def _stands(words: str, text: str) -> bool:
    """Whether the words stand in the text, not as part of a longer number: "$55" is not in "$55.74"."""
    return re.search(rf"(?<![\d.,]){re.escape(words)}(?![.,]?\d)", text) is not None


def escapes(reply: Reply, told: list[drafts.Lie]) -> list[str]:
    """The planted words that stand in what the shopper reads."""
    found = []
    for lie in told:
        statement = lie.text.strip(" .!。！-")
        if statement in reply.text:
            found.append(f"{lie.kind}: {statement}")
        elif lie.kind not in RELATIVE:
            found += [f"{lie.kind}: {words}" for words in lie.forbidden if _stands(words, reply.text)]
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_of_what_a_lying_model_says_in_300_turns_nothing_reaches_the_shopper(
    language: str, tmp_path: Path
) -> None:
    folder, products = shop(tmp_path / "shop", language)
    index = open_index(folder, tmp_path / "data", "none", progress=False)
    liar = Liar(language, 3)
    assistant = Assistant(index, drafter=liar)
    asked = questions(random.Random(4), language, products)
    escaped, drafted = [], 0
    for n in range(150):
        liar.told = []
        reply = await assistant.answer(Turn(f"c{n}", next(asked)))
        drafted += bool(liar.told)
        escaped += [(reply.query.text, words, reply.text) for words in escapes(reply, liar.told)]
        assert reply.text.strip()
    assert escaped == []
    assert drafted >= 100  # the model was really asked
    assert liar.n_told >= 300


async def test_a_model_that_tells_the_truth_is_let_through(tmp_path: Path) -> None:
    folder, products = shop(tmp_path / "shop", "en")
    index = open_index(folder, tmp_path / "data", "none", progress=False)
    tent = next(product for product in products if not product.variants)
    text = f"The {tent.title} [1] costs ${tent.price} and is rated {tent.rating} out of 5."
    assistant = Assistant(index, drafter=FakeDrafter(text))
    reply = await assistant.answer(Turn("c", f"how much is the {tent.title}?"))
    assert reply.text == text
    assert reply.model == "fake"
    assert reply.findings == ()
