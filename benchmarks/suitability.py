"""Fits when the catalogue is taken to have what a text asks for, and measures it on shops and kinds not fitted on.

    python -m benchmarks.suitability [--shops FOLDER ...] [--only-measured FOLDER ...] [--data .data]

Questions are made from catalogues: what glossary, brands and titles call things, and wishes that name nothing
(`benchmarks/data/wishes.txt`). The same is asked of the catalogue as it is (it has the thing) and without the products
that are the thing (it has not; what is made for it stays), and of catalogues that never had it. Fitted on the demo
shops and `--shops`; figures are of each shop by a fit without it, and without the kinds that are asked. Prints a table,
what to paste, and one JSON line last.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation import metrics, report
from benchmarks.compounds import compounds
from knowledge_base import glossary
from knowledge_base.changes import with_changes
from knowledge_base.index import Index
from knowledge_base.kinds import called
from knowledge_base.opening import open_index
from knowledge_base.product_types import states_type
from knowledge_base.suitability import FEATURES, features
from knowledge_base.text import fold, has_cjk, noun, noun_key, words

_ROOT = Path(__file__).resolve().parent.parent
_DEMO = tuple(_ROOT / "knowledge_base" / name for name in ("demo_shop", "demo_shop_zh"))
_WISHES = Path(__file__).parent / "data" / "wishes.txt"
_REQUESTS = {
    "en": ("do you have {}", "I'm looking for {}", "{} please", "any {}?", "show me {}", "do you sell {}?", "need {}"),
    "zh": ("有{}吗", "我想买{}", "有没有{}", "想看看{}", "{}有哪些", "推荐{}"),
}
_ASKED_WITH_WORDS = 0.3  # of the questions that are more than a name
_MOST = 0.3  # of a catalogue that may be taken away for one question
_PER_SHOP = {"kinds": 70, "brands": 25, "phrases": 40, "foreign": 120, "said": 40, "compounds": 60}
_QUALITIES = "# -- what things are like"  # lines of the glossary from here on name no things
_RIDGE, _DECLINED = 0.02, 0.03  # of the questions for what is there that may be declined where it is fitted on
_WISH_DECLINED = 0.08
_FOLDS = 5

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """A question to a catalogue; `there` says whether it has the thing, `kind` is the thing, `way` how it was made."""

    shop: str
    text: str
    there: bool
    kind: str
    way: str
    values: tuple[float, ...]
    dense: bool


class Names:
    """What the products of a catalogue are called, and by which words they can be taken away."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.products = list(index.products.values())
        self.titles = [f" {noun_key(p.title)} " for p in self.products]
        stated = [[v for n, v in p.attributes.items() if states_type(n)] for p in self.products]
        self.kinds = [
            [f" {noun_key(part)} " for part in (*p.category, *more)]
            for p, more in zip(self.products, stated, strict=True)
        ]
        self.folded = [
            fold(" ".join([p.title, *p.category, *more])) for p, more in zip(self.products, stated, strict=True)
        ]

    def mentioned(self, names: Sequence[str]) -> list[int]:
        """Products whose title, category or type has any of the names."""
        found = []
        keys = [name if has_cjk(name) else f" {noun_key(name)} " for name in names]
        for row, (title, kinds, folded) in enumerate(zip(self.titles, self.kinds, self.folded, strict=True)):
            if any(
                key in folded if has_cjk(key) else key in title or any(key in kind for kind in kinds) for key in keys
            ):
                found.append(row)
        return found

    def things(self, names: Sequence[str]) -> list[int]:
        """Of `mentioned`, those whose category or type is so called, or whose title ends a phrase with the name."""
        found = []
        for row in self.mentioned(names):
            product = self.products[row]
            for name in names:
                if has_cjk(name):
                    own = name in fold(product.title) or any(fold(part).endswith(name) for part in product.category)
                else:
                    last = name.split()[-1]
                    in_kind = any(kind.endswith(f" {noun_key(name)} ") for kind in self.kinds[row])
                    ends = self.index.product_rows[product.id] in self.ending(last)
                    own = in_kind or (f" {noun_key(name)} " in self.titles[row] and ends)
                if own:
                    found.append(row)
                    break
        return found

    def called(self, name: str) -> list[int]:
        """Products that the search itself takes to be called so."""
        place = {row: i for i, row in enumerate(self.index.product_rows.values())}
        return [place[row] for row in called(self.index, name).tolist()]

    def ending(self, word: str) -> set[int]:
        """The rows of the index with a title in which a phrase ends in the word."""
        return set(self.index.types.ending_in(word).tolist())

    def without(self, rows: Sequence[int]) -> Index:
        """The catalogue without these products."""
        return with_changes(self.index, {f"product:{self.products[row].id}": None for row in rows})


def glossary_lines() -> list[list[str]]:
    """The names on each line of the glossary."""
    text = glossary._FILE.read_text(encoding="utf-8")
    things, _, _ = text.partition(_QUALITIES)
    lines = [line for line in things.split("\n") if line.strip() and not line.startswith("#")]
    return [[fold(name) for part in line.split("=") for name in part.split(",")] for line in lines]


def wishes() -> Iterator[tuple[str, list[str]]]:
    """Each wish, and the names of what would do."""
    lines = glossary_lines()
    for line in _WISHES.read_text(encoding="utf-8").split("\n"):
        if "=" in line and not line.startswith("#"):
            wish, _, kinds = line.partition(" = ")
            said = {fold(kind) for kind in kinds.split(",")}
            yield wish, sorted({name for names in lines if said & set(names) for name in names} | said)


def asked(name: str, rng: random.Random) -> str:
    """A name as a shopper may ask for it."""
    if rng.random() > _ASKED_WITH_WORDS:
        return name
    return rng.choice(_REQUESTS["zh" if has_cjk(name) else "en"]).format(name)


def questions(
    names: Names, others: Sequence[Names], rng: random.Random
) -> Iterator[tuple[str, str, str, bool, list[int]]]:
    """(text, kind, way, there, products to take away) of one catalogue."""
    chinese = names.index.info.language.startswith("zh")
    most = _MOST * len(names.products)
    lines = glossary_lines()
    rng.shuffle(lines)
    counts: Counter[str] = Counter()
    for line in lines:
        own = [name for name in line if has_cjk(name) == chinese]
        if not own:
            continue
        mentioned, things = names.mentioned(line), names.things(line)
        name = rng.choice(own if rng.random() < 0.85 or len(own) == len(line) else line)
        if things and counts["there"] < _PER_SHOP["kinds"]:
            counts["there"] += 1
            yield asked(name, rng), line[0], "kind", True, []
            gone = sorted({*things, *names.called(name)}) if rng.random() < 0.5 else things
            if len(gone) <= most:
                yield asked(name, rng), line[0], "kind", False, gone
            if len(mentioned) <= most and mentioned != things and rng.random() < 0.5:
                yield asked(name, rng), line[0], "kind", False, mentioned
        elif not mentioned and counts["never"] < _PER_SHOP["kinds"]:
            counts["never"] += 1
            yield asked(name, rng), line[0], "kind", False, []
    yield from _brands(names, rng, most)
    yield from _phrases(names, rng, most)
    yield from _pairs(names, rng)
    yield from _foreign(names, others, rng)
    yield from _only_said(names, rng)
    yield from compounds(names, rng, _PER_SHOP["compounds"])
    for wish, kinds in wishes():
        if has_cjk(wish) == chinese:
            yield wish, wish, "wish", bool(names.things(kinds)), []


def _brands(names: Names, rng: random.Random, most: float) -> Iterator[tuple[str, str, str, bool, list[int]]]:
    brands: dict[str, list[int]] = defaultdict(list)
    for row, product in enumerate(names.products):
        if product.brand:
            brands[product.brand].append(row)
    chosen = sorted(brands)
    rng.shuffle(chosen)
    if len(chosen) < 3:
        return
    for brand in chosen[: _PER_SHOP["brands"]]:
        yield asked(fold(brand), rng), brand, "brand", True, []
        if len(brands[brand]) <= most:
            yield asked(fold(brand), rng), brand, "brand", False, brands[brand]


def _phrases(names: Names, rng: random.Random, most: float) -> Iterator[tuple[str, str, str, bool, list[int]]]:
    """Words that stand side by side in a title; without the products whose titles have all of them."""
    for phrase in _title_phrases(names, rng, _PER_SHOP["phrases"]):
        holding = _holding(names, phrase)
        yield asked(phrase, rng), phrase, "phrase", True, []
        if len(holding) <= most:
            yield asked(phrase, rng), phrase, "phrase", False, holding


def _foreign(
    names: Names, others: Sequence[Names], rng: random.Random
) -> Iterator[tuple[str, str, str, bool, list[int]]]:
    """What titles of other catalogues have, and no title here, nor any product that is called by its last word."""
    chinese = names.index.info.language.startswith("zh")
    same = [other for other in others if other.index.info.language.startswith("zh") == chinese]
    brands = {fold(product.brand) for other in others for product in other.products if product.brand}
    for brand in sorted(brands)[: _PER_SHOP["brands"]]:
        if not names.mentioned([brand]) and brand not in {fold(product.brand or "") for product in names.products}:
            yield asked(brand, rng), brand, "foreign", False, []
    for other in same:
        for phrase in _title_phrases(other, rng, _PER_SHOP["foreign"] // len(same)):
            last = phrase[-2:] if chinese else phrase.split()[-1]
            if not _holding(names, phrase) and not names.mentioned([last]):
                yield asked(phrase, rng), phrase, "foreign", False, []


def _only_said(names: Names, rng: random.Random) -> Iterator[tuple[str, str, str, bool, list[int]]]:
    """Nouns that descriptions use and no title, category or type has: what goes with a thing, or what it is made of."""
    titled = {word for title in names.titles for word in title.split()}
    titled |= {word for kinds in names.kinds for kind in kinds for word in kind.split()}
    things = names.index.types._nouns.things
    found = set()
    for product in names.products:
        said = [noun(word) for word, _, _ in words(fold(product.description or ""))]
        found.update(
            word for word in said if word in things and word not in titled and word.isalpha() and len(word) > 2
        )
    brands = {noun_key(product.brand or "") for product in names.products}
    chosen = sorted(found - brands)
    rng.shuffle(chosen)
    for word in chosen[: _PER_SHOP["said"]]:
        yield asked(word, rng), word, "said", False, []


def _title_phrases(names: Names, rng: random.Random, n: int) -> list[str]:
    """Ends of noun phrases in titles with up to two words before; of Chinese titles runs of four to six characters."""
    found: set[str] = set()
    for _ in range(20 * n):
        product = rng.choice(names.products)
        title = fold(product.title)
        if has_cjk(title):
            runs = [run for run in re.findall(r"[\u4e00-\u9fff]+", title) if len(run) >= 4]
            if runs:
                found.add(rng.choice(runs)[-rng.randint(3, 6) :])
        else:
            said = [word for word, _, _ in words(title)]
            row = names.index.product_rows[product.id]
            ends = [i for i, word in enumerate(said) if word.isalpha() and row in names.ending(word)]
            if ends:
                end = rng.choice(ends)
                phrase = said[max(0, end - rng.randint(0, 2)) : end + 1]
                if all(word.isalpha() for word in phrase):
                    found.add(" ".join(phrase))
        if len(found) >= n:
            break
    return sorted(found)


def _pairs(names: Names, rng: random.Random) -> Iterator[tuple[str, str, str, bool, list[int]]]:
    """A brand, or some other word of a title, and the noun that a phrase of it ends in: "acme toner", "black toner"."""
    found: set[str] = set()
    for _ in range(20 * _PER_SHOP["phrases"]):
        product = rng.choice(names.products)
        said = [word for word, _, _ in words(fold(product.title)) if word.isalpha() and not has_cjk(word)]
        row = names.index.product_rows[product.id]
        ends = [word for word in said if row in names.ending(word)]
        before = [fold(product.brand)] if product.brand and rng.random() < 0.5 else [w for w in said if w not in ends]
        if ends and before:
            found.add(f"{rng.choice(before)} {rng.choice(ends)}")
        if len(found) >= _PER_SHOP["phrases"]:
            break
    for phrase in sorted(found):
        holding = _holding(names, phrase)
        yield asked(phrase, rng), phrase, "pair", True, []
        if len(holding) <= _MOST * len(names.products):
            yield asked(phrase, rng), phrase, "pair", False, holding


def _holding(names: Names, phrase: str) -> list[int]:
    if has_cjk(phrase):
        return [row for row, folded in enumerate(names.folded) if phrase in folded]
    keys = [f" {key} " for key in noun_key(phrase).split()]
    return [row for row, title in enumerate(names.titles) if all(key in title for key in keys)]


def examples(shop: str, names: Names, others: Sequence[Names], rng: random.Random) -> list[Example]:
    """The questions to one catalogue with their figures."""
    found = []
    for text, kind, way, there, gone in questions(names, others, rng):
        index = names.without(gone) if gone else names.index
        for dense in (True, False):
            values, _ = features(index if dense else replace(index, embedder=None), text)
            found.append(Example(shop, text, there, kind, way, values, dense))
    return found


def fit(points: Sequence[Example]) -> tuple[Array, float]:
    """Ridge-regularised logistic regression; every shop, side and way of asking weighs the same. Weights, intercept."""
    values = np.array([p.values for p in points])
    there = np.array([float(p.there) for p in points])
    groups = Counter((p.shop, p.there, p.way == "wish") for p in points)
    importance = np.array(
        [(0.2 if p.way == "wish" else 1.0) / groups[p.shop, p.there, p.way == "wish"] for p in points]
    )
    importance /= importance.sum()
    mean = np.average(values, axis=0, weights=importance)
    spread = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=importance)) + 1e-6
    spread[spread < 1e-3] = 1e6
    scaled = np.hstack([(values - mean) / spread, np.ones((len(values), 1))])
    ridge = np.diag([_RIDGE] * values.shape[1] + [0.0])
    weights = np.zeros(scaled.shape[1])
    for _ in range(50):  # Newton's method
        chance = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30)))
        slope = scaled.T @ ((chance - there) * importance) + ridge @ weights
        curve = (
            (scaled * (chance * (1 - chance) * importance)[:, None]).T @ scaled + ridge + 1e-9 * np.eye(len(weights))
        )
        weights -= np.linalg.solve(curve, slope)
    raw = weights[:-1] / spread
    wish, chinese = FEATURES.index("wish"), FEATURES.index("chinese")
    raw[[wish, chinese]] = 0.0
    logits = values @ raw

    def bar(part: list[bool], declined: float) -> float:
        shops = sorted({p.shop for p, own in zip(points, part, strict=True) if own and p.there})
        own = [
            np.quantile(logits[[o and p.there and p.shop == shop for p, o in zip(points, part, strict=True)]], declined)
            for shop in shops
        ]
        return float(np.mean(own) + np.min(own)) / 2

    english = bar([p.way != "wish" and not p.values[chinese] for p in points], _DECLINED)
    if any(p.values[chinese] and p.way != "wish" for p in points):
        raw[chinese] = english - bar([p.way != "wish" and bool(p.values[chinese]) for p in points], _DECLINED)
    logits = values @ raw
    wished = [bool(p.way == "wish") for p in points]
    if any(own and p.there for p, own in zip(points, wished, strict=True)):
        raw[wish] = english - float(
            np.quantile(logits[[o and p.there for p, o in zip(points, wished, strict=True)]], _WISH_DECLINED)
        )
    return raw, -english


def held_out(points: Sequence[Example], fitted: Sequence[str]) -> Array:
    """Logits of every example by a fit without its shop and without its kind."""
    logits = np.zeros(len(points))
    folds = [hash_of(p.kind) % _FOLDS for p in points]
    for shop in sorted({p.shop for p in points}):
        for fold_ in range(_FOLDS):
            rest = [
                p for p, own in zip(points, folds, strict=True) if p.shop in fitted and p.shop != shop and own != fold_
            ]
            weights, intercept = fit(rest)
            for i, (p, own) in enumerate(zip(points, folds, strict=True)):
                if p.shop == shop and own == fold_:
                    logits[i] = np.array(p.values) @ weights + intercept
    return logits


def hash_of(text: str) -> int:
    """The same number for a text in every process."""
    return sum(ord(c) * (i + 1) for i, c in enumerate(text))


def main() -> int:
    """Print a table, the coefficients, and one JSON line last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shops", type=Path, nargs="*", default=[], help="further shop folders to fit on")
    parser.add_argument("--only-measured", type=Path, nargs="*", default=[], help="shop folders to measure on alone")
    parser.add_argument("--data", type=Path, default=Path(".data"))
    args = parser.parse_args()
    results: dict[str, Any] = {"benchmark": "suitability", "commit": report.commit()}
    folders = [*_DEMO, *args.shops, *args.only_measured]
    catalogues = {folder.name: Names(open_index(folder, args.data, "auto", False)) for folder in folders}
    fitted = [folder.name for folder in (*_DEMO, *args.shops)]
    points: list[Example] = []
    for shop, names in catalogues.items():
        others = [catalogues[name] for name in catalogues if name != shop]
        points += examples(shop, names, others, random.Random(1))
        print(shop, len(points), flush=True)
    for dense in (True, False):
        results["with vectors" if dense else "without"] = summary([p for p in points if p.dense == dense], fitted)
    print(report.json_line(results))
    return 0


def summary(points: Sequence[Example], fitted: Sequence[str]) -> dict[str, Any]:
    logits = held_out(points, fitted)
    rows, sums = [], {}
    for shop in dict.fromkeys(p.shop for p in points):
        for ways in (
            ("kind",),
            ("brand",),
            ("phrase",),
            ("foreign",),
            ("said",),
            ("compound",),
            ("wish",),
            ("kind", "brand", "phrase", "pair", "foreign", "said"),
        ):
            of = [i for i, p in enumerate(points) if p.shop == shop and p.way in ways]
            kept = [bool(logits[i] >= 0) for i in of if points[i].there]
            declined = [bool(logits[i] < 0) for i in of if not points[i].there]
            row = [shop, "+".join(ways) if len(ways) == 1 else "all"]
            for found in (kept, declined):
                low, high = metrics.wilson(sum(found), len(found)) if found else (0, 0)
                row += [len(found), metrics.mean(found) if found else "", f"{low:.3f}-{high:.3f}"]
            rows.append(tuple(row))
            sums[f"{shop} {row[1]}"] = row[2:]
    print(report.table(("shop", "asked", "n there", "kept", "95 %", "n absent", "declined", "95 %"), rows))
    weights, intercept = fit([p for p in points if p.shop in fitted])
    spread = np.array([p.values for p in points]).std(axis=0)
    for name, weight, s in zip(FEATURES, weights, spread, strict=True):
        print(f"    {name:24} {weight:8.3f} {weight * s:6.2f} a standard deviation")
    print("Coefficients((" + ", ".join(f"{w:.3f}" for w in weights) + f"), {intercept:.3f})", flush=True)
    return sums


if __name__ == "__main__":
    raise SystemExit(main())
