"""`python -m ui`: the shop's chat page in a browser; `python -m ui agents`: who may work at its desk.

In: command-line options and SHOPKEEPER_ settings. Out: a running server, what it serves in a few lines on the
terminal, and exit code 2 with one line when it cannot start.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assistant.config import DEMO_SHOP, Settings
from assistant.errors import AssistantError
from assistant.store import Store
from assistant.store.upkeep import Upkeep
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.shop import open_shop
from ui.logs import configure_logs
from ui.operations import make_traces
from ui.serving import CannotListen, listen, make_server

if TYPE_CHECKING:
    import uvicorn

    from assistant.observing import TurnObserver
    from assistant.pipeline import Assistant
    from knowledge_base.watching import FolderWatch, Watcher

# Gradio and the model libraries read these when they are imported: without them they report home, or draw up figures
# about every event that nobody sees.
QUIET: Final = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
    "GRADIO_ANALYTICS_MAX_EVENTS": "100",
    "GRADIO_RUN_HISTORY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped. 0: stopped by the user, 2: it could not start."""
    started = time.monotonic()
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["agents"]:
        from ui.desk.accounts import agents_command

        return agents_command(arguments[1:], os.environ)
    options = vars(_parser().parse_args(arguments))
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    try:
        settings = Settings.from_environment(os.environ, **options)
        configure_logs(settings.log)
        settings = dataclasses.replace(settings, shop=settings.shop or DEMO_SHOP)
        return _serve(settings, started)
    except (AssistantError, KnowledgeBaseError, CannotListen) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    help_of = {field.name: field.metadata["help"] for field in dataclasses.fields(Settings)}
    parser = argparse.ArgumentParser(
        prog="python -m ui",
        description="Open the chat page of a shop. `python -m ui agents --help`: who may work at its desk.",
    )
    parser.add_argument("--shop", type=Path, metavar="DIR", help=help_of["shop"])
    parser.add_argument("--model", metavar="SPEC", help=help_of["model"])
    parser.add_argument("--embedder", metavar="NAME", help=help_of["embedder"])
    parser.add_argument("--vectors", metavar="SPEC", help=help_of["vectors"])
    parser.add_argument("--data", type=Path, metavar="DIR", help=help_of["data"])
    parser.add_argument("--watch", action=argparse.BooleanOptionalAction, help=help_of["watch"])
    parser.add_argument("--host", metavar="H", help=help_of["host"])
    parser.add_argument("--port", type=int, metavar="P", help=help_of["port"])
    return parser


def _serve(settings: Settings, started: float) -> int:
    """Listen at once, load in the background, serve until stopped."""
    assert settings.shop is not None
    shop = open_shop(settings.shop)
    traces = make_traces(settings.otlp_endpoint)
    listening = listen(settings.host, settings.port)
    port = listening.getsockname()[1]
    settings = dataclasses.replace(settings, port=port)
    store = Store.open(settings.data, settings.database_url)
    print(f"{shop.info.name}: opening {settings.shop}", flush=True)
    if fault := store.database.known_fault:
        print(f"  warning   {fault}", flush=True)

    if shop.desk.asks_for_people and not store.has_agents():
        print("  warning   [desk] leaves answers to agents, but there is none: the assistant answers alone until "
              "`python -m ui agents add NAME`", flush=True)  # fmt: skip

    upkeep = Upkeep(store, settings.retention_days)
    upkeep.start()

    # Heavy imports, one after the other in this thread: two threads importing the same packages can deadlock.
    from ui.app import create_app

    opening: Future[Assistant] = Future()
    app = create_app(shop, opening, store, settings)
    server = make_server(app)
    watchers: list[Watcher] = []
    observers = (*app.state.observers, *([traces] if traces is not None else []))
    arguments = (settings, opening, server, watchers, observers, store, started)
    loader = threading.Thread(target=_load, args=arguments, name="opening", daemon=True)
    loader.start()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn passes it on when it has shut down
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # uvicorn has shut down in good order and passes the signal on
    finally:
        listening.close()
        upkeep.stop()
        upkeep.join()
        store.close()
        for watcher in watchers:
            watcher.stop()
            watcher.join()
        if traces is not None:
            traces.close()
    failure = opening.exception() if opening.done() else None
    if failure is not None:
        raise failure
    return 0


def _load(
    settings: Settings,
    opening: Future[Assistant],
    server: uvicorn.Server,
    watchers: list[Watcher],
    observers: tuple[TurnObserver, ...],
    store: Store,
    started: float,
) -> None:
    """Build the assistant into `opening`, and what keeps it true; when that fails, end the server."""
    from assistant.bootstrap import bootstrap
    from knowledge_base.watching import FolderWatch

    assert settings.shop is not None
    watch = FolderWatch(settings.shop) if settings.watch else None  # now: a build may take minutes
    try:
        assistant = dataclasses.replace(bootstrap(settings), observers=observers, attempts=store)
    except Exception as error:  # noqa: BLE001 - the edge of a thread: handed to the main thread, which reports it
        opening.set_exception(error)
        server.should_exit = True
        return
    _finish_corrections(assistant, store)
    _settle()
    opening.set_result(assistant)
    watchers.append(_watcher(assistant, settings, watch))
    watchers[-1].start()
    for line in _about(assistant, settings, store, time.monotonic() - started):
        print(line, flush=True)


def _finish_corrections(assistant: Assistant, store: Store) -> None:
    """Carry out what was decided at the desk when the last server ended."""
    from assistant.desk.learning import Learning
    from knowledge_base.live import LiveIndex

    assert isinstance(assistant.catalogue, LiveIndex)
    try:
        Learning(assistant.catalogue, store).heal()
    except (AssistantError, KnowledgeBaseError) as error:
        print(f"  warning   corrections that were approved could not be carried out: {error}", flush=True)


def _settle() -> None:
    """A catalogue just loaded stays: no later collection need look through it while shoppers wait."""
    gc.collect()
    gc.freeze()


def _watcher(assistant: Assistant, settings: Settings, watch: FolderWatch | None) -> Watcher:
    """What takes in the shop's changes while it is served."""
    from knowledge_base.live import LiveIndex
    from knowledge_base.watching import Watcher

    assert isinstance(assistant.catalogue, LiveIndex)
    tell = functools.partial(print, flush=True)
    return Watcher(assistant.catalogue, watch, settings.data, settings.embedder, settings.vectors, _settle, tell)


def _about(assistant: Assistant, settings: Settings, store: Store, seconds: float) -> list[str]:
    """What is running, and where."""
    index = assistant.index
    n_variants, n_passages = index.facets.n_skus, len(index.passages.entries)
    embedder = index.embedder.name if index.embedder is not None else "none (words only)"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return [
        f"  shop      {assistant.info.name} ({assistant.info.language}, {settings.shop})",
        f"  holds     {len(index.products):,} products, {n_variants:,} variants, {n_passages:,} answers and passages",
        f"  embedder  {embedder}",
        f"  model     {assistant.model}",
        f"  data      {settings.data.resolve()}",
        f"  desk      {'/desk' if store.has_agents() else 'closed until there is: python -m ui agents add NAME'}",
        f"Ready in {seconds:.1f} s: http://{host}:{settings.port}",
    ]


if __name__ == "__main__":
    sys.exit(main())
