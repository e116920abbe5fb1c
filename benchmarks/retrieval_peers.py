"""This search beside others, in one run: quality on judged queries, and the ratio of median latencies a size.

    pip install -r benchmarks/requirements.txt        (in an environment of its own)
    python -m benchmarks.retrieval_peers --data FOLDER [--indexes .data] [--sizes 1000,5000,0]

Peers: LangChain's `EnsembleRetriever` (BM25 + FAISS), Chroma, bm25s alone, the embedder alone, and plain RRF of these
two. All see the same texts (title, brand, description, attribute values) and, where they use vectors, the very same
ones; a query is encoded by the same embedder, once before the clock starts, so that what is timed is the search. Times
are of the process's CPU, in turns, so that other work on the machine falls on all alike. Quality is measured on the
whole catalogue of `icecat_electronics`: nDCG@10 with unjudged products as 0 and left out.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.evaluation import metrics, report
from assistant.evaluation.public_sets import ELECTRONICS, SetQuery, read_sets
from knowledge_base.embedding import Embedder
from knowledge_base.fusion import RRF_K
from knowledge_base.index import Index, build_index, product_fields
from knowledge_base.opening import open_index
from knowledge_base.retrieval import retrieve
from knowledge_base.shop import open_shop

_DEPTH = 100
_ROUNDS = 3
Search = Callable[[str], Sequence[str]]


class Peers:
    """The same products in every peer; each `Search` ranks product ids for a text."""

    def __init__(self, index: Index) -> None:
        assert index.embedder is not None and index.catalogue.vectors is not None
        self.index, self.embedder = index, index.embedder
        self.ids = [entry.product_id or "" for entry in index.catalogue.entries]
        self.texts = [" ".join(product_fields(product).values()) for product in index.products.values()]
        vectors = index.catalogue.vectors
        nothing = np.zeros((1, vectors.dimension), dtype=np.float32)  # a text the embedder does not know has no vector
        self.vectors = np.stack([[*vectors.of_row(row), *nothing][0] for row in range(len(self.ids))])

    def all(self) -> Mapping[str, Search]:
        """Every peer by its name, this search first."""
        words, dense = self._bm25s(), self._dense()
        return {
            "this": lambda text: [hit.entry.product_id or "" for hit in retrieve(self.index, text, k=_DEPTH)],
            "langchain ensemble": self._ensemble(),
            "chroma": self._chroma(),
            "bm25s": words,
            "embedder": dense,
            "rrf": lambda text: _rrf([words(text), dense(text)]),
        }

    def _bm25s(self) -> Search:
        import bm25s
        import Stemmer

        stemmer = Stemmer.Stemmer("english")
        model = bm25s.BM25()
        model.index(bm25s.tokenize(self.texts, stemmer=stemmer, show_progress=False), show_progress=False)
        k = min(_DEPTH, len(self.ids))

        def search(text: str) -> list[str]:
            tokens = bm25s.tokenize([text], stemmer=stemmer, show_progress=False)
            rows, scores = model.retrieve(tokens, k=k, show_progress=False)
            return [self.ids[row] for row, score in zip(rows[0], scores[0], strict=True) if score > 0]

        return search

    def _dense(self) -> Search:
        import faiss

        flat = faiss.IndexFlatIP(self.vectors.shape[1])
        flat.add(self.vectors)

        def search(text: str) -> list[str]:
            _, rows = flat.search(self.embedder.encode_query(text).reshape(1, -1), _DEPTH)
            return [self.ids[row] for row in rows[0] if row >= 0]

        return search

    def _ensemble(self) -> Search:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # langchain-community says at every import that it is no longer kept
            from langchain_classic.retrievers import EnsembleRetriever
            from langchain_community.retrievers import BM25Retriever
            from langchain_community.vectorstores import FAISS
        metadatas = [{"id": product_id} for product_id in self.ids]
        words = BM25Retriever.from_texts(self.texts, metadatas, preprocess_func=lambda t: t.lower().split(), k=_DEPTH)
        pairs = list(zip(self.texts, self.vectors.tolist(), strict=True))
        store = FAISS.from_embeddings(pairs, _query_embeddings(self.embedder), metadatas)
        dense = store.as_retriever(search_kwargs={"k": _DEPTH})
        both = EnsembleRetriever(retrievers=[words, dense], weights=[0.5, 0.5], id_key="id")
        return lambda text: [document.metadata["id"] for document in both.invoke(text)]

    def _chroma(self) -> Search:
        import chromadb

        client = chromadb.EphemeralClient(chromadb.Settings(anonymized_telemetry=False))
        collection = client.create_collection(f"products-{len(self.ids)}", metadata={"hnsw:space": "cosine"})
        for start in range(0, len(self.ids), 2000):
            part = slice(start, start + 2000)
            collection.add(ids=self.ids[part], embeddings=self.vectors[part], documents=self.texts[part])

        def search(text: str) -> list[str]:
            found = collection.query(query_embeddings=[self.embedder.encode_query(text)], n_results=_DEPTH, include=[])
            return list(found["ids"][0])

        return search


def _query_embeddings(embedder: Embedder) -> Any:
    from langchain_core.embeddings import Embeddings

    class Queries(Embeddings):
        def embed_query(self, text: str) -> list[float]:
            return [float(value) for value in embedder.encode_query(text)]

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [self.embed_query(text) for text in texts]

    return Queries()


def _rrf(rankings: Sequence[Sequence[str]]) -> list[str]:
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, product_id in enumerate(ranking, 1):
            scores[product_id] = scores.get(product_id, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores, key=lambda product_id: -scores[product_id])


def quality(search: Search, queries: Sequence[SetQuery]) -> dict[str, Any]:
    """nDCG@10 with its interval, over judged products only, and R@100 of what is reachable."""
    rankings = [search(query.text) for query in queries]
    ndcg = [metrics.ndcg(r, q.relevance) for r, q in zip(rankings, queries, strict=True)]
    only = [metrics.ndcg(r, q.relevance, judged_only=True) for r, q in zip(rankings, queries, strict=True)]
    wanted = [{doc for doc, grade in q.relevance.items() if grade > 0} for q in queries]
    recall = [metrics.recall_of_reachable(r, w, 100) for r, w in zip(rankings, wanted, strict=True)]
    return {
        "ndcg10": metrics.mean(ndcg),
        "ndcg10_bootstrap95": metrics.bootstrap(ndcg),
        "judged_only": metrics.mean(only),
        "recall100": metrics.mean(recall),
    }


def latencies(peers: Mapping[str, Search], texts: Sequence[str]) -> dict[str, float]:
    """The median CPU milliseconds of a query for each peer, asked in turns."""
    took: dict[str, list[float]] = {name: [] for name in peers}
    for round_ in range(_ROUNDS + 1):
        for text in texts:
            for name, search in peers.items():
                started = time.process_time()
                search(text)
                if round_:  # the first round warms up, and encodes every query
                    took[name].append((time.process_time() - started) * 1000)
    return {name: statistics.median(values) for name, values in took.items()}


def main() -> int:
    """Print a table for people, and one JSON line last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public data sets")
    parser.add_argument("--indexes", type=Path, default=Path(".data"))
    parser.add_argument("--sizes", default="1000,5000,0", help="products a size; 0 is all (default 1000,5000,0)")
    args = parser.parse_args()
    sets, _ = read_sets(args.data)
    found = next((one for one in sets if one.name == ELECTRONICS), None)
    if found is None:
        print(f"{ELECTRONICS} is not in {args.data}")
        return 1
    folder = found.write_shop(args.indexes / "public_sets")
    whole = open_index(folder, args.indexes)
    judged = [query for query in found.queries if query.group == "judged"]
    results: dict[str, Any] = {"benchmark": "retrieval_peers", "commit": report.commit(), "n": len(judged)}
    rows: list[tuple[object, ...]] = []
    for size in map(int, args.sizes.split(",")):
        products = list(whole.products.values())[: size or None]
        index = whole if not size else build_index(open_shop(folder), products, (), whole.embedder, cache=_cache(args))
        peers = Peers(replace(index, reranker=None)).all()
        ms = latencies(peers, [query.text for query in judged])
        measured = {name: quality(search, judged) for name, search in peers.items()} if not size else {}
        results[str(len(products))] = {"median_cpu_ms": ms, "quality": measured}
        for name, took in ms.items():
            q = measured.get(name, {})
            figures = [q.get(key, "") for key in ("ndcg10", "judged_only", "recall100")]
            rows.append((len(products), name, took, took / ms["this"], *figures))
    header = ("products", "search", "median CPU ms", "times this", "nDCG@10", "judged only", "R@100")
    print(report.table(header, rows) + "\n")
    print(report.json_line(results))
    return 0


def _cache(args: argparse.Namespace) -> Path:
    return Path(args.indexes) / "embeddings.sqlite3"


if __name__ == "__main__":
    raise SystemExit(main())
