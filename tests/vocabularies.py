"""What a vocabulary knows, as a value that can be compared."""

from __future__ import annotations

from typing import Any

from knowledge_base.vocabulary import Vocabulary


def known_of(vocabulary: Vocabulary) -> dict[str, Any]:
    """Names, values, and the words that a look-up finds. Numbers of values count those that can be said."""
    values = [value for name in vocabulary.names for value in vocabulary.values_of(name)]
    stems = {word for value in values for word in value.value.casefold().split()}
    return {
        "n": vocabulary.n_products,
        "names": {n.key: (n.name, n.n_products, n.boolean, n.numeric, n.unit) for n in vocabulary.names.values()},
        "values": {(v.name, v.value, v.n_products) for v in values},
        "looked up": {(word, v.name, v.value, v.n_products) for word in stems for v in vocabulary.values(word)},
        "generic": set(vocabulary.generic),
        "knows": {word for word in stems if vocabulary.knows(word)},
        "titles": dict(vocabulary.title_counts),
        "chinese": (vocabulary.chinese_names, {v.value for v in values if vocabulary.is_chinese_value(v.value)}),
    }
