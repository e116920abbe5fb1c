"""What can go wrong in the knowledge base. Every message names what was found and what to do about it.

KnowledgeBaseError
├── ShopError          the shop folder cannot be used: missing, no products, a broken shop.toml
├── EmbedderError      the embedder cannot be loaded, or is not the one an index was built with
├── VectorStoreError   vectors cannot be kept where the settings say: an unknown place, no client, no collection
│   └── VectorStoreAway    their server does not answer
├── SnapshotError      a saved index cannot be served
│   ├── SnapshotMissing    there is none yet
│   ├── SnapshotDamaged    a file is missing, truncated or does not match its sha256
│   └── SnapshotForeign    another format version, another embedder, or not ours at all
├── ChangeRefused      a change or an import is not taken: bad rows, an unknown id, too many products gone
└── JournalError       the journal of changes cannot be read or written
    ├── JournalBusy        another process is writing
    └── JournalDamaged     rows are missing or not as they were written
"""


class KnowledgeBaseError(Exception):
    """Any expected failure of this package; the message is fit for a merchant's eyes."""


class ShopError(KnowledgeBaseError):
    """The shop folder cannot be used."""


class EmbedderError(KnowledgeBaseError):
    """The embedder cannot be loaded or does not fit the index."""


class VectorStoreError(KnowledgeBaseError):
    """Vectors cannot be kept, or found, where the settings say."""


class VectorStoreAway(VectorStoreError):
    """The server that keeps the vectors does not answer."""


class SnapshotError(KnowledgeBaseError):
    """A saved index cannot be served."""


class SnapshotMissing(SnapshotError):
    """There is no snapshot where one was expected."""


class SnapshotDamaged(SnapshotError):
    """A file of the snapshot is missing, truncated or altered."""


class SnapshotForeign(SnapshotError):
    """The snapshot was written by another format version or another embedder."""


class ChangeRefused(KnowledgeBaseError):
    """A change, or an import that takes too much away, is not taken."""


class JournalError(KnowledgeBaseError):
    """The journal of changes cannot be read or written."""


class JournalBusy(JournalError):
    """Another process writes and did not finish in time."""


class JournalDamaged(JournalError):
    """The journal lost rows, or one is not as it was written."""
