"""Vectors in a Milvus collection, for catalogues and shop servers that have outgrown one machine.

In: normalised vectors. Out: positions and cosines, the same as `faiss_store` finds. A collection is filled once, under
a name of its own, and never changed: the snapshot that names it is what switches to it, so a swap is as atomic as with
files, and whoever still serves the snapshot before finds its collection as it was. What changed since is held beside
it by `vectors`, as with FAISS. The snapshot keeps no vector. `pymilvus` is imported here and nowhere else.

Filters apply inside the query. A narrow one goes along as the list of what it keeps. Of a wide one there is no list
that a server could be sent with every query, so the nearest of all are fetched, more of them until enough are kept:
the nearest that are kept among those are the nearest that are kept at all. Where that leads nowhere, what is kept is
listed in parts.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from knowledge_base.errors import VectorStoreAway, VectorStoreError
from knowledge_base.lexical import Mask, Rows, Scores
from knowledge_base.vectors import MILVUS, VectorPlace

_log = logging.getLogger(__name__)

_LEDGER = "milvus-collections.txt"  # all collections a shop's index ever made and did not drop, a name a line
_INSERT = 2000  # vectors a request; 3 MB at 384 dimensions, of the 64 MB that a request may have
_LISTED = 10_000  # positions that a request may list
_MOST = 16_384  # hits that Milvus returns at most
_LINKS, _BUILD_DEPTH, _DEPTH = 32, 80, 192  # of HNSW: links, candidates for them, and for a query
_QUERY_S = 3.0  # how long a shopper waits for the server; the words alone are searched then
_BUILD_S = 600.0
_AWAY_S = 10.0  # how long a server that did not answer is not asked again
_RECONNECT = {"grpc.use_local_subchannel_pool": 1, "grpc.max_reconnect_backoff_ms": 2000}  # else up to two minutes
Answer = TypeVar("Answer")


class MilvusStore:
    """A `VectorStore` over one Milvus collection of `n` vectors. Connects when it is first asked."""

    def __init__(self, server: Server, collection: str, dimension: int, n: int, graph: bool) -> None:
        self._server = server
        self.collection = collection
        self.dimension = dimension
        self._n = n
        self._graph = graph
        self._loaded_by: Any = None  # the connection by which the collection was last made searchable

    @classmethod
    def build(cls, parts: Iterator[Scores], dimension: int, place: VectorPlace, graph: bool) -> MilvusStore:
        """A new collection of the vectors in `parts`. It is noted in the home of `place` until it is dropped, so that
        a build that was killed leaves nothing for good.

        Raises:
            VectorStoreError: the server does not answer, or does not take them; pymilvus is not installed.
        """
        server, collection = Server(place), _name(place)
        if place.home is not None:
            with (place.home / _LEDGER).open("a", encoding="utf-8") as file:
                file.write(f"{collection}\n")
        server.create(collection, dimension, graph)
        n = 0
        for part in parts:
            for start in range(0, len(part), _INSERT):
                vectors = part[start : start + _INSERT].astype(np.float16).astype(np.float32)  # as FAISS has them
                server.insert(collection, n, vectors)
                n += len(vectors)
        server.ask(lambda client: client.flush(collection, timeout=_BUILD_S))
        store = cls(server, collection, dimension, n, graph)
        store.check()
        return store

    def __len__(self) -> int:
        return self._n

    def nearest(self, query: Scores, n: int, allowed: Mask | None) -> tuple[Rows, Scores]:
        """The `n` nearest positions with their cosines, best first; of the `allowed` only, None: of all."""
        kept = self._n if allowed is None else int(np.count_nonzero(allowed))
        if allowed is None or kept == self._n:
            positions, cosines = self._search(query, min(n, _MOST))
            return positions, cosines
        listed = np.flatnonzero(allowed) if kept <= _LISTED else None
        if listed is None:
            limit = int(1.5 * n * self._n / kept) + 16
            while True:
                limit = min(limit, _MOST, self._n)
                positions, cosines = self._search(query, limit)
                fit = allowed[positions]
                if np.count_nonzero(fit) >= n or len(positions) == self._n:
                    return positions[fit][:n], cosines[fit][:n]
                if limit == min(_MOST, self._n):
                    break
                limit *= 4
            listed = np.flatnonzero(allowed)
        return self._among(query, min(n, _MOST), listed)

    def _among(self, query: Scores, n: int, listed: Rows) -> tuple[Rows, Scores]:
        found = [self._of_list(query, n, listed[at : at + _LISTED]) for at in range(0, len(listed), _LISTED)]
        positions, cosines = (np.concatenate(parts) for parts in zip(*found, strict=True))
        best = np.argsort(-cosines, kind="stable")[:n]
        return positions[best], cosines[best]

    def _of_list(self, query: Scores, n: int, listed: Rows) -> tuple[Rows, Scores]:
        """The `n` nearest of what is listed; all of it is fetched where a graph loses some of it."""
        positions, cosines = self._search(query, n, listed)
        if len(positions) >= min(n, len(listed)):
            return positions, cosines
        cosines = self.vectors(listed) @ query
        best = np.argsort(-cosines, kind="stable")[:n]
        return listed[best], cosines[best]

    def _search(self, query: Scores, n: int, among: Rows | None = None) -> tuple[Rows, Scores]:
        parameters = {"ef": max(n, _DEPTH)} if self._graph else {}
        hits = self._ask(
            lambda client: client.search(
                self.collection,
                data=[query],
                anns_field="vector",
                limit=n if among is None else min(n, len(among)),
                filter="" if among is None else f"position in {among.tolist()}",
                output_fields=["position"],
                search_params={"metric_type": "IP", "params": parameters},
                timeout=_QUERY_S,
            )
        )[0]
        positions = np.array([hit["position"] for hit in hits], dtype=np.int64)
        return positions, np.array([hit["distance"] for hit in hits], dtype=np.float32)

    def cosines(self, query: Scores, positions: Rows) -> Scores:
        """The cosine of `query` with the vector at each of `positions`."""
        wanted, places = np.unique(positions, return_inverse=True)
        found = np.empty(len(wanted), dtype=np.float32)
        for start in range(0, len(wanted), _LISTED):
            listed = wanted[start : start + _LISTED]
            at, cosines = self._search(query, len(listed), listed)
            if len(at) < len(listed):  # a graph may lose some of what is listed
                at, cosines = listed, self.vectors(listed) @ query
            found[start + np.searchsorted(listed, at)] = cosines
        return found[places]

    def vectors(self, positions: Rows) -> Scores:
        """The vectors at `positions`, (n, d)."""
        rows = self._ask(
            lambda client: client.get(
                self.collection, ids=positions.tolist(), output_fields=["position", "vector"], timeout=_QUERY_S
            )
        )
        known = {row["position"]: row["vector"] for row in rows}
        found = [known[position] for position in positions.tolist()]
        return np.array(found, dtype=np.float32).reshape(len(found), self.dimension)

    def check(self) -> None:
        """Raise `VectorStoreError` where the collection is not there, or not with all its vectors."""
        server, remedy = self._server, "build the index anew (python -m knowledge_base build SHOP)"
        if not server.ask(lambda client: client.has_collection(self.collection, timeout=_QUERY_S)):
            raise VectorStoreError(f"{server} has no collection {self.collection}: {remedy}")
        counted = self._ask(
            lambda client: client.query(self.collection, filter="", output_fields=["count(*)"], timeout=_BUILD_S)
        )
        if (found := int(counted[0]["count(*)"])) != self._n:
            raise VectorStoreError(
                f"the collection {self.collection} of {server} has {found:,} vectors, the index {self._n:,}: {remedy}"
            )

    def _ask(self, what: Callable[[Any], Answer]) -> Answer:
        """`Server.ask`; a server that was started anew has its collections on disk, and must be told to load them."""

        def loaded(client: Any) -> Answer:
            if self._loaded_by is not client:
                client.load_collection(self.collection, timeout=_BUILD_S)
                self._loaded_by = client
            return what(client)

        return self._server.ask(loaded)

    def save(self, folder: Path) -> None:
        """Write which collection it is into `folder`; not where, and nothing secret."""
        said = {"collection": self.collection, "dimension": self.dimension, "vectors": self._n, "graph": self._graph}
        (folder / MILVUS).write_text(json.dumps(said), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, place: VectorPlace) -> MilvusStore:
        """The collection that `save` named. While the server does not answer, that is logged and no error.

        Raises:
            VectorStoreError: the server has no such collection, or it is not complete; `place` is no server.
        """
        said = json.loads((folder / MILVUS).read_text(encoding="utf-8"))
        if not place.uri:
            raise VectorStoreError(
                f"the vectors of this index are in Milvus (collection {said['collection']}): set SHOPKEEPER_VECTORS or "
                "--vectors to milvus:URI, or build the index anew without"
            )
        store = cls(Server(place), said["collection"], said["dimension"], said["vectors"], said["graph"])
        try:
            store.check()
        except VectorStoreAway:
            _log.warning("the index is opened all the same")
        return store


class Server:
    """The Milvus server at a place. Safe between threads; whether it answers is said when that changes."""

    def __init__(self, place: VectorPlace) -> None:
        self._place = place
        self._client: Any = None
        self._lock = threading.Lock()
        self._error: VectorStoreError | None = None  # of what was asked last
        self._asked_again_at = 0.0

    def ask(self, what: Callable[[Any], Answer]) -> Answer:
        """What the server answers.

        Raises:
            VectorStoreAway: it does not, or did not a few seconds ago.
            VectorStoreError: it refuses, or did a few seconds ago.
        """
        if self._error is not None and time.monotonic() < self._asked_again_at:
            raise self._error
        exceptions, grpc = _pymilvus().exceptions, _grpc()
        try:
            found = what(self._connected())
        except (exceptions.MilvusException, grpc.RpcError, OSError) as error:
            failed = self._failed(error)
            if self._error is None:
                _log.warning("%s; until then only words are searched", failed)
            self._error, self._asked_again_at = failed, time.monotonic() + _AWAY_S
            if isinstance(failed, VectorStoreAway):
                self._disconnect()
            raise failed from error
        if self._error is not None:
            self._error = None
            _log.warning("%s answers again", self)
        return found

    def __str__(self) -> str:
        return f"Milvus at {self._place.uri}"

    def _failed(self, error: Exception) -> VectorStoreError:
        """What an error of the client means."""
        said = str(getattr(error, "message", error))[:200]
        if _is_refusal(error):
            return VectorStoreError(f"{self} refuses: {said}")
        return VectorStoreAway(
            f"{self} does not answer ({said}): start it, or keep the vectors in the snapshot (SHOPKEEPER_VECTORS=faiss)"
        )

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                library = _pymilvus()
                self._client = library.MilvusClient(
                    self._place.uri, token=self._place.token, timeout=_QUERY_S, grpc_options=_RECONNECT
                )
            return self._client

    def _disconnect(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def create(self, collection: str, dimension: int, graph: bool) -> None:
        """An empty collection for vectors of this `dimension`."""
        library = _pymilvus()
        schema = library.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("position", library.DataType.INT64, is_primary=True)
        schema.add_field("vector", library.DataType.FLOAT_VECTOR, dim=dimension)
        index = library.MilvusClient.prepare_index_params()
        links = {"M": _LINKS, "efConstruction": _BUILD_DEPTH} if graph else {}
        index.add_index("vector", index_type="HNSW" if graph else "FLAT", metric_type="IP", params=links)
        self.ask(
            lambda client: client.create_collection(
                collection, schema=schema, index_params=index, consistency_level="Strong", timeout=_BUILD_S
            )
        )

    def insert(self, collection: str, first: int, vectors: Scores) -> None:
        """Add `vectors` at the positions from `first` on."""
        rows = [{"position": at, "vector": vector} for at, vector in enumerate(vectors, first)]
        self.ask(lambda client: client.insert(collection, rows, timeout=_BUILD_S))

    def drop(self, collection: str) -> None:
        """Remove a collection with all that is in it; none is fine."""
        self.ask(lambda client: client.drop_collection(collection, timeout=_BUILD_S))


def drop_others(place: VectorPlace, kept: Collection[str]) -> None:
    """Drop all collections noted in the home of `place` but `kept`: the one of the snapshot, and of that before, which
    others may still be serving. What cannot be dropped now is the next time."""
    if place.home is None or not (ledger := place.home / _LEDGER).exists():
        return
    server, left = Server(place), []
    for name in dict.fromkeys(ledger.read_text(encoding="utf-8").split()):
        if name in kept:
            left.append(name)
            continue
        try:
            server.drop(name)
        except VectorStoreError as error:
            _log.warning("the collection %s was not dropped: %s", name, error)
            left.append(name)
    ledger.write_text("".join(f"{name}\n" for name in left), encoding="utf-8")


def _name(place: VectorPlace) -> str:
    """A name that no collection has: whose it is, what it was made of, and which build made it."""
    shop = re.sub(r"\W+", "_", place.home.name if place.home is not None else "", flags=re.ASCII)
    return "_".join(part for part in ("shopkeeper", shop, place.version[:12], uuid.uuid4().hex[:8]) if part)


def _is_refusal(error: Exception) -> bool:
    """Whether a server is there and says no: there is no such collection, or it does not take the request."""
    code, message = getattr(error, "code", None), str(error)
    away = ("onnect", "unavailable", "UNAVAILABLE", "DEADLINE", "imeout", "imed out", "not ready", "closed")
    return isinstance(code, int) and not any(sign in message for sign in away)


def _pymilvus() -> Any:
    """The client library, imported when it is first needed; its own log is silenced: what matters is raised."""
    try:
        import pymilvus
    except ImportError as error:
        raise VectorStoreError("Milvus needs its client: `pip install -r requirements.txt`") from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    return pymilvus


def _grpc() -> Any:
    import grpc

    return grpc
