"""`python -m knowledge_base`: check a shop folder, build its index, search it.

Each command's module is imported only when it runs, so that `--help` and `check` need no embedder and no index.
"""

from __future__ import annotations

import argparse
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
    build.add_argument("--out", type=Path, metavar="DIR", help="folder to write the index to (default: .data)")
    build.add_argument("--embedder", default="auto", metavar="SPEC", help="model name or path, none, or auto (default)")

    search = commands.add_parser("search", help="search a shop")
    search.add_argument("shop", type=Path, metavar="SHOP", help="the shop folder")
    search.add_argument("query", nargs="?", metavar="QUERY", help="what to search for")
    search.add_argument("-k", type=int, default=10, help="how many hits (default: 10)")
    search.add_argument("--json", action="store_true", help="print one JSON object a query")
    search.add_argument("--batch", metavar="FILE", help='queries, one {"id", "text"} a line; - reads standard input')
    search.add_argument("--data", type=Path, default=Path(".data"), metavar="DIR", help="where indexes are kept")
    search.add_argument(
        "--embedder", default="auto", metavar="SPEC", help="model name or path, none, or auto (default)"
    )
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0, 1 where rows were refused, 2 where the shop cannot be used."""
    arguments = parser()
    args = arguments.parse_args(argv)
    if args.command == "search" and (args.query is None) == (args.batch is None):
        arguments.error("search needs either a QUERY or --batch FILE")
    try:
        if args.command == "check":
            from knowledge_base.check import run_check

            return run_check(args)
        from knowledge_base.commands import run_build, run_search

        return int((run_build if args.command == "build" else run_search)(args) or 0)
    except KnowledgeBaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone; a traceback at shutdown would help nobody
        return 1


if __name__ == "__main__":
    sys.exit(main())
