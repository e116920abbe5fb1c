"""Kill clients of the store, and PostgreSQL itself, at random moments under load: what is lost, doubled or damaged?

    python -m benchmarks.kill_store [--kills 200] [--clients 4] [--only sqlite|postgresql]

Each client posts messages with keys, answers them with events and an end, and appends messages as the page does. A look
holds the database against what was acknowledged. Prints a line a look and one JSON line a database.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.databases import PostgreSQL, postgresql
from tests.killing_store import Seen, kill_at_random


def main() -> int:
    """0: nothing was lost, doubled or damaged."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill_store", description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    arguments = parser.parse_args()
    sound = True
    for kind in ("sqlite", "postgresql") if arguments.only is None else (arguments.only,):
        with tempfile.TemporaryDirectory() as folder, _database(kind, Path(folder)) as (url, server):
            started = time.monotonic()
            seen = Seen(0)
            for seen in kill_at_random(url, Path(folder) / "told", arguments.kills, arguments.clients, server=server):
                print(f"{kind}: {time.monotonic() - started:6.1f} s, {seen.n_acknowledged} acknowledged", flush=True)
            sound &= seen.is_sound
            for fault in (*seen.lost, *seen.doubled, *seen.damaged)[:20]:
                print(f"  {fault}")
            figures = {
                "benchmark": "kill_store",
                "database": kind,
                "version": sqlite3.sqlite_version if server is None else "18",
                "kills": arguments.kills,
                "server_kills": 0 if server is None else len(range(5, arguments.kills + 1, 20)),
                "clients": arguments.clients,
                "acknowledged": seen.n_acknowledged,
                "lost": len(seen.lost),
                "doubled": len(seen.doubled),
                "damaged": len(seen.damaged),
                "seconds": round(time.monotonic() - started, 1),
            }
            print(json.dumps(figures), flush=True)
    return 0 if sound else 1


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, PostgreSQL | None]]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'conversations.db'}", None
        return
    with postgresql(durable=True) as server:
        yield server.new_database(), server


if __name__ == "__main__":
    sys.exit(main())
