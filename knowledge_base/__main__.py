"""`python -m knowledge_base`: check a shop folder, embed its texts, build its index, search it, keep it true.

Each command's module is imported only when it runs, so that `--help` and `check` need no embedder and no index.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from knowledge_base.errors import KnowledgeBaseError


def parser() -> argparse.ArgumentParser:
    """The command line; every option is documented in README and docs/."""
    top = argparse.ArgumentParser(prog="python -m knowledge_base", description="What a shop may state as fact.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="dry run: what would be taken, every problem with its row")
    check.add_argument("shop", type=Path, metavar="SHOP", help="the shop folder")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.add_argument("--all", action="store_true", help="show every problem, not a few of each kind")

    build = commands.add_parser("build", help="build the search index of a shop")
    build.add_argument("shop", type=Path, metavar="SHOP", help="the shop folder")
    build.add_argument("--out", type=Path, metavar="DIR", help="folder to write the index to, instead of one in --data")
    build.add_argument("--if-changed", action="store_true", help="only if files or program changed since the last")
    build.add_argument("--yes", action="store_true", help="also when more than 30 %% of the products are gone")
    build.add_argument("--discard-changes", action="store_true", help="forget all changes made by upsert and delete")
    build.add_argument("--quiet", action="store_true", help="print only what changed")
    _where(build)

    embed = commands.add_parser("embed", help="embed the texts of a large shop on many cores, GPUs or machines")
    embed.add_argument("shop", type=Path, metavar="SHOP", help="the shop folder")
    embed.add_argument("--address", metavar="A", help="a Ray cluster (host:port, or auto); without: this machine")
    embed.add_argument("--gpus", type=int, default=0, metavar="N", help="GPUs to use, one worker each (default: none)")
    embed.add_argument("--workers", type=int, metavar="N", help="worker processes (default: one a GPU, or one a core)")
    embed.add_argument("--batch-size", type=int, default=512, metavar="N", help="texts a worker gets at a time")
    _where(embed)

    search = commands.add_parser("search", help="search a shop")
    search.add_argument("shop", type=Path, metavar="SHOP", help="the shop folder")
    search.add_argument("query", nargs="?", metavar="QUERY", help="what to search for")
    search.add_argument("-k", type=int, default=10, help="how many hits (default: 10)")
    search.add_argument("--json", action="store_true", help="print one JSON object a query")
    search.add_argument("--batch", metavar="FILE", help='queries, one {"id", "text"} a line; - reads standard input')
    _where(search)

    upsert = commands.add_parser("upsert", help="add or replace single products and questions while serving")
    upsert.add_argument("shop", type=Path, metavar="SHOP", help="the shop folder")
    upsert.add_argument("file", metavar="FILE", help="rows of the canonical form, one a line; - reads standard input")
    _where(upsert, embedder=False)

    delete = commands.add_parser("delete", help="delete single products and questions while serving")
    delete.add_argument("shop", type=Path, metavar="SHOP", help="the shop folder")
    delete.add_argument("ids", nargs="+", metavar="ID", help="ids of products or questions (product:ID, faq:ID)")
    _where(delete, embedder=False)

    watch = commands.add_parser("watch", help="import the shop's files whenever they change")
    watch.add_argument("shop", type=Path, metavar="SHOP", help="the shop folder")
    _where(watch)

    compact = commands.add_parser("compact", help="build all changes into the index, as serving does by itself")
    compact.add_argument("shop", type=Path, metavar="SHOP", help="the shop folder")
    _where(compact)

    for name, help_text in (
        ("similar", "products like one"),
        ("cheaper", "products like one that cost less"),
        ("compatible", "products of other kinds that fit one"),
        ("goes-with", "what is made for one, a product of every kind"),
    ):
        related = commands.add_parser(name, help=help_text)
        related.add_argument("shop", type=Path, metavar="SHOP", help="the shop folder")
        related.add_argument("id", metavar="ID", help="the product's id")
        related.add_argument("-k", type=int, default=10, help="how many hits (default: 10)")
        related.add_argument("--json", action="store_true", help="print one JSON object")
        _where(related)
    return top


def _where(command: argparse.ArgumentParser, embedder: bool = True) -> None:
    """Where indexes are kept, and what made them."""
    command.add_argument("--data", type=Path, default=Path(".data"), metavar="DIR", help="where indexes are kept")
    if embedder:
        text = "model name or path, none, or auto (default)"
        command.add_argument("--embedder", default="auto", metavar="SPEC", help=text)
        text = "faiss (default), or milvus:URI to keep the products' vectors on a server"
        command.add_argument(
            "--vectors", default=os.environ.get("SHOPKEEPER_VECTORS", "faiss"), metavar="SPEC", help=text
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0, 1 where rows were refused, 2 where the shop cannot be used."""
    arguments = parser()
    args = arguments.parse_args(argv)
    if args.command == "search" and (args.query is None) == (args.batch is None):
        arguments.error("search needs either a QUERY or --batch FILE")
    try:
        if hasattr(args, "vectors"):
            from knowledge_base.vectors import VectorPlace

            args.vectors = VectorPlace(args.vectors, os.environ.get("SHOPKEEPER_MILVUS_TOKEN", ""))
        if args.command == "check":
            from knowledge_base.check import run_check

            return run_check(args)
        if args.command == "embed":
            from knowledge_base.bulk_embedding import run_embed

            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # this program reports to nobody
            return run_embed(args)
        if args.command not in ("upsert", "delete", "compact", "watch"):
            from knowledge_base.commands import run_build, run_related, run_search

            return {"build": run_build, "search": run_search}.get(args.command, run_related)(args)
        from knowledge_base.updating import run_compact, run_delete, run_upsert, run_watch

        runs = {"upsert": run_upsert, "delete": run_delete, "compact": run_compact, "watch": run_watch}
        return runs[args.command](args)
    except KnowledgeBaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone; a traceback at shutdown would help nobody
        return 1


if __name__ == "__main__":
    sys.exit(main())
