"""`python -m knowledge_base upsert`, `delete`, `compact` and `watch`: a shop kept true while it is served.

In: a shop folder and what changed. Out: changes in the shop's journal, which whoever serves the shop takes in within a
second, or a new snapshot. Expected failures are raised as `KnowledgeBaseError` for `__main__` to print.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Container, Sequence
from pathlib import Path
from typing import TextIO

from filelock import Timeout

from knowledge_base.canonical import read_entries
from knowledge_base.commands import import_asking
from knowledge_base.embedding import Embedder, make_embedder
from knowledge_base.errors import ChangeRefused, KnowledgeBaseError
from knowledge_base.index import fingerprint
from knowledge_base.journal import Journal
from knowledge_base.opening import Place, compact, is_current, known_ids
from knowledge_base.shop import open_shop
from knowledge_base.types import Problem
from knowledge_base.watching import LOOK_S, FolderWatch


def run_upsert(args: Namespace, output: TextIO | None = None) -> int:
    """Add or replace the products and questions of `args.file` ("-": standard input); 1 where rows were refused."""
    output = output or sys.stdout
    shop, place = open_shop(args.shop), Place.of(args.shop, args.data)
    if args.file == "-":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "input.jsonl"
            path.write_bytes(sys.stdin.buffer.read())
            entries, problems = read_entries(path, "standard input", shop.info.currency)
    else:
        entries, problems = read_entries(Path(args.file), Path(args.file).name, shop.info.currency)
    _complain(problems)
    if entries:
        seq = Journal(place.root).append(dict(entries))
        n_faq = sum(entry_id.startswith("faq:") for entry_id in entries)
        output.write(f"{len(entries) - n_faq:,} products, {n_faq:,} questions kept (change {seq:,})\n")
    return 1 if problems else 0


def run_delete(args: Namespace, output: TextIO | None = None) -> int:
    """Delete the products and questions of `args.ids`, all or none.

    Raises:
        ChangeRefused: there is no entry of an id.
    """
    output = output or sys.stdout
    open_shop(args.shop)
    place = Place.of(args.shop, args.data)
    ids = _entry_ids(args.ids, known_ids(place))
    seq = Journal(place.root).append(dict.fromkeys(ids))
    output.write(f"{len(ids):,} deleted: {', '.join(ids)} (change {seq:,})\n")
    return 0


def _entry_ids(given: Sequence[str], known: Container[str]) -> list[str]:
    """Entry ids for what a merchant calls them: "product:ID", "faq:ID", or the bare id of a product or question."""
    found: dict[str, None] = {}
    for name in given:
        fits = [entry_id for entry_id in (name, f"product:{name}", f"faq:{name}") if entry_id in known]
        if not fits:
            raise ChangeRefused(f"there is no product and no question {name!r}: nothing was deleted")
        if fits[0].startswith("policy:"):
            raise ChangeRefused(f"{name} is a passage of a policy: change its file instead; nothing was deleted")
        found[fits[0]] = None
    return list(found)


def run_compact(args: Namespace, output: TextIO | None = None) -> int:
    """Build the snapshot anew with all changes, beside serving."""
    output = output or sys.stdout
    if hasattr(os, "nice"):
        os.nice(10)  # shoppers first
    place, embedder = Place.of(args.shop, args.data, args.vectors), make_embedder(args.embedder)
    started = time.monotonic()
    try:
        with place.lock(timeout_s=0):
            n_changes = compact(place, embedder)
    except Timeout:
        output.write("another process is building this index\n")
        return 0
    output.write(f"{n_changes:,} changes built into the index in {time.monotonic() - started:.1f} s\n")
    return 0


def run_watch(args: Namespace, output: TextIO | None = None) -> int:
    """Import the shop's files whenever they change, until interrupted; what each import changed is told."""
    output = output or sys.stdout
    place, embedder = Place.of(args.shop, args.data, args.vectors), make_embedder(args.embedder)
    shop, watch = open_shop(args.shop), FolderWatch(args.shop)
    due = not is_current(place.root, fingerprint(shop, embedder, place.vectors))
    output.write(f"watching {args.shop}; Ctrl+C ends\n")
    output.flush()
    try:
        while True:
            if due or watch.settled():
                due = False
                output.write(_import_watched(args.shop, place, embedder) + "\n")
                output.flush()
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        return 0


def _import_watched(folder: Path, place: Place, embedder: Embedder | None) -> str:
    """Import once and say what changed; a folder that cannot be read now may be readable later."""
    try:
        with place.lock():
            shop = open_shop(folder)
            if is_current(place.root, fingerprint(shop, embedder, place.vectors)):
                return f"{time.strftime('%H:%M:%S')} the files say nothing new"
            return f"{time.strftime('%H:%M:%S')} imported: {import_asking(shop, place, embedder, False)}"
    except KnowledgeBaseError as error:
        return f"{time.strftime('%H:%M:%S')} not imported: {error}"


def _complain(problems: Sequence[Problem]) -> None:
    for problem in problems:
        where = ", ".join(
            str(part) for part in (problem.file, problem.row and f"row {problem.row}", problem.column) if part
        )
        value = "" if problem.value is None else f" {problem.value!r}"
        sys.stderr.write(f"refused: {where}:{value} {problem.message}; {problem.remedy}\n")
