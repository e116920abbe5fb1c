"""Agents who claim and send at the same moment, and shoppers who write while an agent sends: who gets what?

    python -m benchmarks.desk_races [--races 1000] [--racers 4] [--only sqlite|postgresql]

Every racer is a process of its own with its own connections; a barrier lets them off together. Prints a line a kind of
race and one JSON line a database.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.databases import postgresql
from tests.desk_races import claim_races, send_races, stale_races


def main() -> int:
    """0: nobody got what another had, and nothing stale was sent."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk_races", description=__doc__.split("\n")[0])
    parser.add_argument("--races", type=int, default=1000)
    parser.add_argument("--racers", type=int, default=4)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    arguments = parser.parse_args()
    n, racers = arguments.races, arguments.racers
    sound = True
    for kind in ("sqlite", "postgresql") if arguments.only is None else (arguments.only,):
        figures: dict[str, object] = {"benchmark": "desk_races", "database": kind, "races": n, "racers": racers}
        with _databases(kind) as new_database:
            for name, run in (
                ("claim", lambda url: claim_races(url, n, racers, processes=True)),
                ("send", lambda url: send_races(url, n, racers, processes=True)),
                ("stale", lambda url: stale_races(url, n, processes=True)),
            ):
                started = time.monotonic()
                races = run(next(new_database))
                seconds = time.monotonic() - started
                ends = ", ".join(f"{end} {count}" for end, count in sorted(races.ends.items()))
                print(f"{kind:10} {name:5} {n} races, {len(races.faults)} faults: {ends} ({seconds:.1f} s)", flush=True)
                for fault in races.faults[:10]:
                    print(f"  {fault}")
                figures[name] = {"faults": len(races.faults), "ends": dict(races.ends), "seconds": round(seconds, 1)}
                sound &= not races.faults
        print(json.dumps(figures), flush=True)
    return 0 if sound else 1


@contextlib.contextmanager
def _databases(kind: str) -> Iterator[Iterator[str]]:
    """URLs of empty databases, one after the other."""
    with contextlib.ExitStack() as stack:
        if kind == "sqlite":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            yield (f"sqlite:///{folder / f'races{i}.db'}" for i in range(3))
        else:
            server = stack.enter_context(postgresql())
            yield (server.new_database() for _ in range(3))


if __name__ == "__main__":
    sys.exit(main())
