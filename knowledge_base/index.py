"""The index of one shop: build it, keep it in one snapshot folder, open it again.

In: a shop folder, or products and documents already read, and an embedder. Out: an `Index`, immutable, that
`retrieval` searches. Nothing is pickled, and nothing is parsed before its sha256 was checked.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np

from knowledge_base.answer_forms import has_amount, has_duration
from knowledge_base.beside import UsedBeside
from knowledge_base.concepts import concepts
from knowledge_base.embedding import KNOWN_SHARE, Embedder, EmbeddingCache
from knowledge_base.entry_json import entry_from_json, entry_to_line, product_entry
from knowledge_base.errors import SnapshotDamaged, SnapshotForeign
from knowledge_base.facets import Facets
from knowledge_base.imported import Imported
from knowledge_base.lexical import LexicalIndex, Mask, Rows, Scores
from knowledge_base.lexical_build import LexicalIndexBuilder, lexical_index
from knowledge_base.matters import Questions
from knowledge_base.precedence import Precedence
from knowledge_base.product_types import ProductTypes
from knowledge_base.profiles import Profiles
from knowledge_base.progress import progress_bar, stage
from knowledge_base.records import (
    RECORDS,
    EntryRows,
    PictureNames,
    Pictures,
    PicturesBuilder,
    ProductRows,
    Products,
    Records,
    RecordsBuilder,
)
from knowledge_base.reranking import Reranker
from knowledge_base.shop import Shop, ShopInfo, settings_of_index
from knowledge_base.snapshot import (
    FORMAT_VERSION,
    Manifest,
    read_manifest,
    rebuild_command,
    verify_files,
    write_snapshot,
)
from knowledge_base.topic_model import TopicModel
from knowledge_base.topics import Topics
from knowledge_base.types import Entry, Product
from knowledge_base.vectors import VectorIndex, VectorPlace

_log = logging.getLogger(__name__)

# How often a word of a field counts. Chosen on real queries: docs/decisions.md.
PRODUCT_WEIGHTS = {"title": 3, "brand": 1, "category": 2, "attributes": 1, "description": 1}
PASSAGE_WEIGHTS = {"title": 2, "parents": 1, "text": 1}
CONCEPT_WEIGHTS = {"title": 4, "parents": 1, "text": 1}
_DESCRIPTION_CHARS = 400  # of a product's description that the embedder sees
_PASSAGE_CHARS = 500  # of an answer or policy passage that one vector can stand for
_MAX_SENTENCES = 40  # of a passage that have vectors of their own
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])|\n+")
_HEADING_PARTS = re.compile(r"[,;，、；]|[.!?。！？]\s*(?=\S)|\band\b|\bor\b|和|或者|以及")
_SOME = 5000  # products that are looked at where all would take seconds
_EMBEDDED = 4096  # texts embedded at a time, and kept in memory
_LEAST_PART = 3  # characters of a heading's part that is placed by itself
Encode = Callable[[Sequence[str]], Scores]


@dataclass(frozen=True)
class Corpus:
    """Entries that are searched together, with word statistics of their own. A row is a place in `entries`.

    `alive` (rows,) are those whose entry was not replaced or deleted since; None: all of them. No search finds others.
    Of questions and policies only: `concepts` is a lexical index over what they are about, `title_concepts` the same
    over their headings alone, `topics` their places among the usual topics. `vectors` is None without
    an embedder, or where the embedder knows the language of no entry. `rows` are those of the
    products' ids, `picture_names` the pictures of the build.
    """

    entries: Sequence[Entry]
    lexical: LexicalIndex
    vectors: VectorIndex | None
    rows: EntryRows | None = None
    picture_names: PictureNames | None = None
    concepts: LexicalIndex | None = None
    title_concepts: LexicalIndex | None = None
    topics: Topics | None = None
    alive: Mask | None = None

    @cached_property
    def figures(self) -> tuple[Mask, Mask]:
        """Which rows name a time, and which an amount of money."""
        texts = [entry.text for entry in self.entries]
        return np.array([has_duration(t) for t in texts], dtype=bool), np.array(
            [has_amount(t) for t in texts], dtype=bool
        )

    @cached_property
    def precedence(self) -> Precedence:
        """Which of these entries go before which; of questions and policies only."""
        return Precedence(self.entries)

    @cached_property
    def questions(self) -> Questions:
        """What each of these entries is the answer to; of questions and policies only."""
        return Questions(self.entries)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The row of every entry id that is alive, in shop order."""
        return {entry.id: row for row, entry in enumerate(self.entries)} if self.rows is None else self.rows


@dataclass(frozen=True)
class Index:
    """Everything that can be found in one shop. Rows of `catalogue` are rows of `facets`, in shop order."""

    info: ShopInfo
    catalogue: Corpus
    passages: Corpus
    facets: Facets
    types: ProductTypes
    profiles: Profiles
    embedder: Embedder | None
    manifest: Manifest
    reranker: Reranker | None = None

    @property
    def entries(self) -> Iterator[Entry]:
        """Products, then FAQ and policy entries, streamed."""
        alive = self.catalogue.alive
        yield from (entry for row, entry in enumerate(self.catalogue.entries) if alive is None or alive[row])
        yield from self.passages.entries

    @cached_property
    def products(self) -> Mapping[str, Product]:
        """Every product by its id, in shop order, decoded when it is looked at."""
        return Products(self.catalogue.entries, self.catalogue.places, self.catalogue.alive)

    @cached_property
    def pictures(self) -> Container[str]:
        """The files below the shop folder that products name as their pictures."""
        catalogue = self.catalogue
        assert isinstance(catalogue.entries, Records) and catalogue.picture_names is not None
        return Pictures(catalogue.picture_names, catalogue.entries, catalogue.alive)

    @cached_property
    def paths(self) -> Counter[tuple[str, ...]]:
        """How many of the products looked at (see `some_products`) are in each category, given as its whole path."""
        return Counter(product.category for product in self.some_products() if product.category)

    def some_products(self) -> Iterator[Product]:
        """The products, streamed; of many, some thousands at equal distances, by which the rest may be judged."""
        catalogue = self.catalogue
        for row in range(0, len(catalogue.entries), max(len(catalogue.entries) // _SOME, 1)):
            if catalogue.alive is None or catalogue.alive[row]:
                product = catalogue.entries[row].product
                if product is not None:
                    yield product

    @cached_property
    def product_rows(self) -> Mapping[str, int]:
        """The row of every product id."""
        return ProductRows(self.catalogue.places)


class CatalogueBuilder:
    """Takes products one after the other, in shop order, and keeps little of each.

    With a `folder`, which must exist and be empty, the files of the catalogue are written there and stay there; that is
    the `catalogue` folder of the snapshot to be. Without one they are in memory and nameless temporary files. With a
    `facets_folder` the facets, which take longest, are built there by another process.
    """

    def __init__(self, folder: Path | None = None, facets_folder: Path | None = None) -> None:
        self.folder, self._facets_folder = folder, facets_folder
        words = None if folder is None else folder / "lexical"
        if words is not None:
            words.mkdir()
        self._records = RecordsBuilder(folder)
        self._pictures = PicturesBuilder()
        self._lexical = LexicalIndexBuilder(PRODUCT_WEIGHTS, folder=words)
        self._facets = Facets.Builder() if facets_folder is None else UsedBeside(_build_facets, facets_folder)
        self._types, self._profiles = ProductTypes.Builder(), Profiles.Builder()
        self.n_products = self.n_variants = 0

    def __enter__(self) -> CatalogueBuilder:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files that are still being written."""
        self._records.close()
        self._lexical.close()
        if isinstance(self._facets, UsedBeside):
            self._facets.close()

    def add(self, entry: Entry, line: bytes | None = None) -> None:
        """Append the entry of a product; `line` is its record where somebody has made it already."""
        product = entry.product
        if product is None:
            raise ValueError(f"{entry.id} is no product")
        self._records.add(entry.id, entry_to_line(entry) if line is None else line)
        self._lexical.add(product_fields(product))
        self._pictures.add(product)
        self._facets.add(product)
        self._types.add(product)
        self._profiles.add(product)
        self.n_products += 1
        self.n_variants += len(product.variants)

    def build(
        self, embedder: Embedder | None, encode: Encode, progress: bool, place: VectorPlace | None = None
    ) -> tuple[Corpus, Facets, ProductTypes, Profiles]:
        """What finds these products. Nothing can be added any more."""
        with progress_bar(None, "putting together", "part", 4, progress) as bar:
            with stage("words", bar):
                lexical = self._lexical.build()
            with stage("ids", bar):
                entries, rows = self._records.build()
            with stage("facets", bar):
                if isinstance(self._facets, UsedBeside):
                    assert self._facets_folder is not None
                    self._facets.finish()
                    facets = Facets.load(self._facets_folder)
                else:
                    facets = self._facets.build()
            with stage("kinds", bar):
                types, profiles = self._types.build(), self._profiles.build()
        with stage("vectors"):
            texts = ([product_text(entry.product)] if entry.product else [] for entry in entries)
            vectors = _vectors(texts, len(entries), embedder, encode, progress, place)
        return Corpus(entries, lexical, vectors, rows, self._pictures.build()), facets, types, profiles


def _build_facets(products: Iterable[Product], folder: Path) -> None:
    """In another process: build and write the facets of products as they come."""
    facets = Facets.build(products)
    folder.mkdir()
    facets.save(folder)


def build_index(
    shop: Shop,
    products: Iterable[Product],
    documents: Sequence[Entry],
    embedder: Embedder | None,
    progress: bool = False,
    cache: Path | None = None,
) -> Index:
    """An index of a shop's own files, of which nothing is kept on disk but a nameless temporary file. `cache` keeps
    embeddings from one build to the next.

    Raises:
        EmbedderError: the embedder cannot be loaded.
    """
    with CatalogueBuilder() as builder:
        for product in products:
            builder.add(product_entry(product))
        return assemble(shop.info, builder, documents, embedder, fingerprint(shop, embedder), progress, cache)


def assemble(
    info: ShopInfo,
    builder: CatalogueBuilder,
    documents: Sequence[Entry],
    embedder: Embedder | None,
    made_of: str,
    progress: bool = False,
    cache: Path | None = None,
    place: VectorPlace | None = None,
) -> Index:
    """An index of the products that `builder` was given; `made_of` is the fingerprint of what they were made of, and
    `place` where their vectors are kept."""

    encode = encoder(embedder, cache)
    place = replace(place or VectorPlace(), version=made_of)
    catalogue, facets, types, profiles = builder.build(embedder, encode, progress, place)
    passages = passage_corpus(documents, embedder, encode)
    has_vectors = catalogue.vectors is not None or passages.vectors is not None
    manifest = Manifest(
        fingerprint=made_of,
        embedder=embedder.name if embedder is not None else "",
        dimension=embedder.dimension if embedder is not None and has_vectors else 0,
        counts={
            "products": builder.n_products,
            "variants": builder.n_variants,
            "faq": sum(e.kind == "faq" for e in documents),
            "policy": sum(e.kind == "policy" for e in documents),
            "vectors": sum(len(c.vectors) for c in (catalogue, passages) if c.vectors is not None),
        },
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        collection=catalogue.vectors.collection if catalogue.vectors is not None else "",
    )
    return Index(info, catalogue, passages, facets, types, profiles, embedder, manifest)


def encoder(embedder: Embedder | None, cache: Path | None) -> Encode:
    """What embeds documents, through the cache where there is one."""

    def encode(texts: Sequence[str]) -> Scores:
        assert embedder is not None
        if cache is None:
            return embedder.encode_documents(texts)
        return EmbeddingCache(cache).encode(embedder, texts)

    return encode


def passage_corpus(
    documents: Sequence[Entry], embedder: Embedder | None, encode: Encode, model: TopicModel | None = None
) -> Corpus:
    """Questions and policy passages by their words, their vectors, their concepts and the topics that `model` sees in
    them (None: the one that comes with the package)."""
    fields = [passage_fields(entry) for entry in documents]
    texts = [passage_texts(entry) for entry in documents]
    vectors = _vectors(texts, len(documents), embedder, encode, False)
    passages = Corpus(tuple(documents), lexical_index(fields, PASSAGE_WEIGHTS), vectors)
    about = lexical_index(fields, CONCEPT_WEIGHTS, lambda text: list(concepts(text)))
    titles = lexical_index(fields, {"title": 1}, lambda text: list(concepts(text)))
    n_headings = [len(headings(entry)) for entry in documents]
    placed = Topics.build(texts, n_headings, passages.vectors, embedder, model)
    return replace(passages, concepts=about, title_concepts=titles, topics=placed)


def product_fields(product: Product) -> dict[str, str]:
    """What lexical search sees of a product, field by field."""
    attributes = []
    for name, value in product.attributes.items():
        if value.casefold() == "yes":
            attributes.append(name)
        elif value.casefold() != "no":
            attributes.append(value)
    attributes.extend(value for values in product.option_values.values() for value in values)
    return {
        "title": product.title,
        "brand": product.brand or "",
        "category": " ".join(product.category),
        "attributes": " \n".join(attributes),
        "description": product.description or "",
    }


def product_text(product: Product) -> str:
    """What the embedder sees of a product."""
    parts = (product.title, product.category[-1] if product.category else "", product.description or "")
    return ". ".join(part for part in parts if part)[: len(product.title) + _DESCRIPTION_CHARS]


def passage_fields(entry: Entry) -> dict[str, str]:
    """What lexical search sees of a question or passage. Headings above its own ("Returns > ") count as text."""
    parents, _, title = entry.title.rpartition(" > ")
    return {"title": " \n".join((title, *entry.wordings)), "parents": parents, "text": entry.text}


def passage_texts(entry: Entry) -> list[str]:
    """What the embedder sees of a question or passage, a vector each: the heading, the whole, every sentence.

    One vector for a whole passage loses the sentence that answers: on paraphrased questions the right passage came
    first in 60 % with one, in 72 % with all of these (docs/decisions.md).
    """
    title = entry.title.rpartition(" > ")[2]
    sentences = [s.strip() for s in _SENTENCE_END.split(entry.text) if s.strip()][:_MAX_SENTENCES]
    whole = f"{entry.title}. {entry.text[:_PASSAGE_CHARS]}"
    said = (f"{title}. {s}" for s in sentences)
    return list(dict.fromkeys([*headings(entry), whole, *said, *sentences]))


def headings(entry: Entry) -> list[str]:
    """An entry's own heading, its other wordings, then the parts of a heading that asks several things: "Where are
    you, and when are you open?"."""
    title = entry.title.rpartition(" > ")[2]
    parts = [part.strip() for part in _HEADING_PARTS.split(title)]
    return list(dict.fromkeys([title, *entry.wordings, *(part for part in parts if len(part) >= _LEAST_PART)]))


def _vectors(
    texts: Iterable[Sequence[str]],
    n_rows: int,
    embedder: Embedder | None,
    encode: Encode,
    progress: bool,
    place: VectorPlace | None = None,
) -> VectorIndex | None:
    """The vectors of each row's texts; None without an embedder, or where it knows the language of none."""
    if embedder is None:
        return None
    shown = progress_bar(enumerate(texts), "embedding", "entry", n_rows, progress)
    pairs = ((row, text) for row, found in shown for text in found if text.strip())

    def parts() -> Iterator[tuple[Rows, Scores]]:
        while taken := list(itertools.islice(pairs, _EMBEDDED)):
            known = [(row, text) for row, text in taken if embedder.known_share(text) >= KNOWN_SHARE]
            if known:
                yield np.array([row for row, _ in known], dtype=np.int64), encode([text for _, text in known])

    return VectorIndex.of_parts(parts(), n_rows, place, progress)


def fingerprint(shop: Shop, embedder: Embedder | None, place: VectorPlace | None = None) -> str:
    """What an index depends on, as one sha256: every source file's bytes, shop.toml without [desk], the embedder, this
    program's code, and the server that keeps its vectors."""
    made_by = f"{embedder.name if embedder is not None else ''}{place.uri if place is not None else ''}"
    digest = hashlib.sha256(f"{FORMAT_VERSION}\0{made_by}".encode())
    digest.update(settings_of_index(shop.folder))
    sources = [*shop.products, *shop.faq, *shop.policies]
    program = [path for kind in ("*.py", "*.txt", "*.npz") for path in Path(__file__).parent.rglob(kind)]
    for path in (*(s for s in sources if s.is_file()), *sorted(program)):
        with path.open("rb") as file:
            digest.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\0".encode())
    return digest.hexdigest()


# -- keeping -----------------------------------------------------------------------------------------------------------


def save(index: Index, root: Path, imported: Imported | None = None, folder: Path | None = None) -> Manifest:
    """Make `root` hold this index as its snapshot, atomically, with what it was made of; the manifest as written.

    `folder` is the one of the snapshot to be where the catalogue was built in it (see `new_folder`).
    """
    return write_snapshot(root, index.manifest, lambda target: _write(index, target, imported), folder)


def _write(index: Index, folder: Path, imported: Imported | None) -> None:
    if imported is not None:
        imported.save(folder)
    (folder / "shop.json").write_text(json.dumps(index.info.to_json(), ensure_ascii=False), encoding="utf-8")
    for name, corpus in (("catalogue", index.catalogue), ("passages", index.passages)):
        target = folder / name
        target.mkdir(exist_ok=True)
        if isinstance(corpus.entries, Records):
            corpus.entries.save(target)
        else:
            (target / RECORDS).write_bytes(b"".join(map(entry_to_line, corpus.entries)))
        for table in (corpus.rows, corpus.picture_names):
            if table is not None:
                table.save(target)
        for part_name in ("lexical", "concepts", "title_concepts", "topics", "vectors"):
            saved = getattr(corpus, part_name)
            if saved is not None:
                (target / part_name).mkdir(exist_ok=True)
                saved.save(target / part_name)
    for name, part in (("facets", index.facets), ("types", index.types), ("profiles", index.profiles)):
        if not (folder / name).exists():  # else another process has written it
            (folder / name).mkdir()
            part.save(folder / name)


def load(folder: Path, embedder: Embedder | None, remedy: str = "", place: VectorPlace | None = None) -> Index:
    """The index whose snapshot is in `folder`. `remedy` is the command that errors tell to run, `place` where the
    products' vectors are kept.

    Raises:
        SnapshotMissing, SnapshotDamaged: there is none, or a byte of it is not as written.
        SnapshotForeign: it has another format version, other files, or vectors of another embedder.
        VectorStoreError: its vectors are on a server that does not have them.
    """
    remedy = remedy or rebuild_command(out=folder)
    manifest = read_manifest(folder, remedy)
    name = embedder.name if embedder is not None else ""
    if manifest.embedder != name:
        raise SnapshotForeign(
            f"the index in {folder} was built with the embedder {manifest.embedder or 'none'} ({manifest.dimension}), "
            f"the settings name {name or 'none'}: run `{remedy}`"
        )
    try:
        files = verify_files(folder, manifest, remedy)
        return Index(
            ShopInfo.from_json(json.loads((files / "shop.json").read_text(encoding="utf-8"))),
            _read_catalogue(files / "catalogue", place),
            _read_passages(files / "passages"),
            Facets.load(files / "facets"),
            ProductTypes.load(files / "types"),
            Profiles.load(files / "profiles"),
            embedder,
            manifest,
        )
    except (SnapshotDamaged, FileNotFoundError) as error:
        # Another process may have swapped the snapshot while it was read: then the new one is the one to load.
        if read_manifest(folder, remedy).folder != manifest.folder:
            return load(folder, embedder, remedy, place)
        if isinstance(error, FileNotFoundError):
            missing = Path(error.filename).name
            raise SnapshotForeign(f"the index in {folder} was written without {missing}: run `{remedy}`") from error
        raise


def _read_catalogue(folder: Path, place: VectorPlace | None) -> Corpus:
    entries = Records.load(folder)
    vectors = VectorIndex.load(folder / "vectors", len(entries), place) if (folder / "vectors").exists() else None
    words, rows, pictures = LexicalIndex.load(folder / "lexical"), EntryRows.load(folder), PictureNames.load(folder)
    return Corpus(entries, words, vectors, rows, pictures)


def _read_passages(folder: Path) -> Corpus:
    with (folder / RECORDS).open("rb") as file:
        entries = tuple(entry_from_json(json.loads(line)) for line in file)
    vectors = VectorIndex.load(folder / "vectors", len(entries)) if (folder / "vectors").exists() else None
    words, about, titles = (LexicalIndex.load(folder / name) for name in ("lexical", "concepts", "title_concepts"))
    topics = Topics.load(folder / "topics")
    return Corpus(entries, words, vectors, concepts=about, title_concepts=titles, topics=topics)
