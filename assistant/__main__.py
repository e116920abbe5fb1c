"""`python -m assistant`: put questions to a shop's assistant, and look after what is kept of them."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.as_json import plain
from assistant.config import Settings
from assistant.errors import AssistantError
from assistant.keeping import Console, add_commands
from assistant.privacy import logs
from assistant.types import Message, Reply, Turn
from knowledge_base.errors import KnowledgeBaseError


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 0, or what the command says; 2 when the shop, a setting or the input cannot be used."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logs.install()
    try:
        if arguments.command == "ask":
            return asyncio.run(_ask(arguments))
        settings = Settings.from_environment(os.environ, data=arguments.data, shop=getattr(arguments, "shop", None))
        console = Console(sys.stdout, sys.stderr, sys.stdin if sys.stdin.isatty() else None)
        return int(arguments.run(arguments, settings, console))
    except (AssistantError, KnowledgeBaseError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m assistant", description="Ask a shop's assistant.")
    commands = parser.add_subparsers(dest="command", required=True)
    ask = commands.add_parser("ask", help="answer one question, or a file of them")
    ask.add_argument("shop", type=Path, help="the shop folder")
    ask.add_argument("question", nargs="?", help="the question; leave it out with --batch")
    ask.add_argument("--batch", metavar="FILE", help='lines of {"id", "text", "conversation"?, "shopper"?}; - is stdin')
    ask.add_argument("--model", metavar="SPEC", help=Settings.__dataclass_fields__["model"].metadata["help"])
    ask.add_argument("--embedder", metavar="NAME", help=Settings.__dataclass_fields__["embedder"].metadata["help"])
    ask.add_argument("--vectors", metavar="SPEC", help=Settings.__dataclass_fields__["vectors"].metadata["help"])
    ask.add_argument("--data", type=Path, help=Settings.__dataclass_fields__["data"].metadata["help"])
    ask.add_argument("--shopper", metavar="ID", help="the verified customer whose orders may be shown")
    ask.add_argument("--json", action="store_true", help="one JSON line a reply")
    add_commands(commands)
    return parser


async def _ask(arguments: argparse.Namespace) -> int:
    from assistant.bootstrap import bootstrap

    if (arguments.question is None) == (arguments.batch is None):
        raise ValueError("give one QUESTION, or --batch FILE")
    settings = Settings.from_environment(
        os.environ,
        shop=arguments.shop,
        model=arguments.model,
        embedder=arguments.embedder,
        vectors=arguments.vectors,
        data=arguments.data,
    )
    assistant = bootstrap(settings, progress=sys.stderr.isatty())
    histories: dict[str, tuple[Message, ...]] = {}
    for line in _lines(arguments):
        conversation = str(line.get("conversation") or line["id"])
        history = histories.get(conversation, ())
        shopper = line.get("shopper") or arguments.shopper
        turn = Turn(conversation, line["text"], history, shopper, locale=line.get("locale"))
        reply = await assistant.answer(turn)
        histories[conversation] = (*history, Message("shopper", turn.text), reply.as_message())
        if arguments.json or arguments.batch:
            print(json.dumps({"id": line["id"], "reply": reply_to_json(reply)}, ensure_ascii=False), flush=True)
        else:
            print(_for_people(reply))
    if assistant.drafter is not None:
        await assistant.drafter.close()
    return 0


def _lines(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    if arguments.question is not None:
        yield {"id": "1", "text": arguments.question}
        return
    with open(0 if arguments.batch == "-" else arguments.batch, encoding="utf-8") as file:  # noqa: PTH123
        for number, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                line = json.loads(text)
            except json.JSONDecodeError as error:
                raise ValueError(f"line {number} is not JSON ({error}); write {{'id': …, 'text': …}}") from error
            if not isinstance(line, dict) or not isinstance(line.get("text"), str):
                raise ValueError(f'line {number} has no "text"; write {{"id": "1", "text": "…"}}')
            yield {"id": number, **line}


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """A reply as design.md's JSON: figures as strings, exactly as the records have them."""
    return {
        "text": reply.text,
        "products": [plain(card) for card in reply.products],
        "citations": [plain(citation) for citation in reply.citations],
        "suggestions": list(reply.suggestions),
        "proposals": [plain(proposal) for proposal in reply.proposals],
        "intents": list(reply.query.intents),
        "filters": {k: v for k, v in plain(reply.query.filters).items() if v not in (None, [])},
        "sort": reply.query.sort,
        "language": reply.query.language,
        "findings": [plain(finding) for finding in reply.findings],
        "handoff": reply.handoff,
        "answered": reply.answered,
        "model": reply.model,
        "fallback": reply.fallback,
        "timings_ms": dict(reply.timings_ms),
    }


def _for_people(reply: Reply) -> str:
    lines = [reply.text]
    for card in reply.products:
        price = "" if card.price is None else f"  {card.price} {card.currency or ''}".rstrip()
        lines.append(f"  · {card.title}{price}  {card.reason}".rstrip())
    lines.extend(f"  [{c.n}] {c.title}" for c in reply.citations)
    lines.extend(f"  ( {proposal.label} )" for proposal in reply.proposals)
    if reply.handoff:
        lines.append(f"  → {reply.handoff}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
