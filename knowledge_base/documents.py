"""FAQ and policies to entries that can be found and cited.

In: an opened shop. Out: a `faq` entry a question, a `policy` entry a passage, and the problems. It knows no index.
"""

from __future__ import annotations

import json
import re

from knowledge_base.shop import Shop
from knowledge_base.types import Entry, Problem


def read_documents(shop: Shop) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Every FAQ entry and policy passage of the shop, and what was wrong or guessed."""
    entries = []
    for path in shop.faq:
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.strip():
                row = json.loads(line)
                entries.append(
                    Entry(
                        f"faq:{row['id']}", "faq", row["question"], row["answer"], shop.name_of(path),
                        row.get("language"), row.get("url"), row.get("product_id"),
                    )
                )  # fmt: skip
    for path in shop.policies:
        parts = re.split(r"^#+ +(.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for n, (title, text) in enumerate(zip(parts[1::2], parts[2::2], strict=True), 1):
            if text.strip():
                name = shop.name_of(path)
                entries.append(Entry(f"policy:{name}#{n}", "policy", title.strip(), text.strip(), name))
    return tuple(entries), ()
